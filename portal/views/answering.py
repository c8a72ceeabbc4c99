"""A few questions about how somebody is, answered on the Plan page."""

from datetime import timedelta

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from clinic.panels import render_here
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from intake.queries.forms import emergency_texts
from outcomes.actions.answering import Source
from outcomes.actions.answering import answer as keep_answers
from outcomes.models import Given, Status
from outcomes.queries.due import activities_of, check_of
from outcomes.queries.links import texts_after
from outcomes.queries.measures import answerable
from outcomes.rules.asking import reasons_not_to_answer
from outcomes.rules.sheet import Answered, answers_from, blocks_of, open_words, still_open
from portal.queries.page import check_row, today_in
from portal.queries.visits import place_of
from portal.views.people import found

# For how long the word after hard answers stands on the page that thanks.
READ_WITHIN = timedelta(hours=1)


@needs("see_own_plan", methods=("GET", "POST"))
def answer(request, pk, check):
    """The questions by themselves, what was left open marked; once answered, a word of thanks."""
    _people, person = found(request, pk)
    row = check_row(person, check)
    if row is None:
        raise Http404
    place = place_of(person)
    asked = check_of(row, answerable(), today_in(place, timezone.now()), proxy=not person.rights.own)
    if not asked.measures:
        raise Http404
    reasons = reasons_not_to_answer(asked.state)
    if reasons and request.method == "GET":
        return over(request, person, row, reasons, place)
    sheet = sheet_of(request, person, asked)
    if request.method == "GET" or (sheet["left"] and "without" not in request.POST):
        return questions(request, person, asked, sheet, place)
    return keep(request, person, asked, sheet, place)


def sheet_of(request, person, asked):
    """{blocks, left, open_words, answered} of what was posted, or of a blank page."""
    sent, activities = request.method == "POST", activities_of(person.patient)
    answered = answers_from(asked.measures, activities, request.POST.dict()) if sent else Answered()
    blocks = blocks_of(asked.measures, activities, answered, asked_again=sent)
    left = still_open(blocks) if sent else 0
    return {
        "blocks": blocks,
        "left": left,
        "open_words": open_words(left) if left else "",
        "answered": answered,
    }


def keep(request, person, asked, sheet, place):
    shown = reverse("portal:answer", args=[person.pk, asked.pk])
    source = Source(by=request.user, how=Given.PORTAL, location=place, proxy=not person.rights.own)
    now = timezone.now()
    try:
        keep_answers(
            source=source, assessment=asked.pk, answered=sheet["answered"], today=today_in(place, now), now=now,
            request_key=request_key(request), location=shown,
        )  # fmt: skip
    except Refused as refusal:
        return questions(request, person, asked, sheet, place, refusal)
    return redirect(shown)


def questions(request, person, asked, sheet, place, refusal=None):
    context = {"person": person, "check": asked, **sheet, "reasons": refusal.reasons if refusal else None}
    status = refusal.status if refusal else 422 if sheet["left"] else 200
    return render_here(request, "portal/questions.html", context, status=status, place=place)


def over(request, person, row, reasons, place):
    """Thanks; after hard answers of one's own, a word about them for a while."""
    answered = row.status == Status.ANSWERED
    fresh = answered and person.rights.own and timezone.now() - row.answered_at < READ_WITHIN
    context = {
        "person": person,
        "answered": answered,
        "reasons": reasons,
        "texts": emergency_texts(texts_after(row)) if fresh else [],
    }
    return render_here(request, "portal/thanks.html", context, place=place)
