"""One score check on the tablet: no account, all questions on one page."""

from datetime import timedelta

from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from clinic.refusal import Refused
from clinic.roles import public
from clinic.submissions import request_key
from outcomes.actions.handing import answer_by_link, hashed
from outcomes.queries.links import door, texts_after
from outcomes.rules.sheet import Answered
from outcomes.views.pages import is_sent, posted_answers, sheet_of, text_shown

REASON = "Patients answer on the clinic's tablet without an account; the 256-bit token in the address lets them in."
READ_WITHIN = timedelta(minutes=5)


@public(REASON, methods=("GET", "POST"))
def fill(request, token):
    opened = door(hashed(token), timezone.now())
    if opened is None:
        raise Http404
    if opened.reasons:
        return over(request, opened)
    measures = opened.check.measures
    sent = request.method == "POST"
    answered = posted_answers(request, measures, opened.activities) if sent else Answered()
    sheet = sheet_of(request, measures, opened.activities, answered)
    if not sent or not is_sent(request, sheet):
        return questions(request, opened, sheet)
    return keep(request, opened, token, sheet, answered)


def keep(request, opened, token, sheet, answered):
    shown = reverse("outcomes:fill", args=[token])
    try:
        answer_by_link(
            link=opened.link.pk,
            answered=answered,
            today=opened.today,
            now=timezone.now(),
            request_key=request_key(request),
            location=shown,
        )
    except Refused as refusal:
        return questions(request, opened, sheet, refusal)
    return redirect(shown)


def questions(request, opened, sheet, refusal=None):
    context = {"door": opened, **sheet, "reasons": refusal.reasons if refusal else None}
    status = refusal.status if refusal else 422 if sheet["left"] else 200
    return render(request, "outcomes/fill.html", context, status=status)


def over(request, opened):
    """Done (200) or shut (410). Hard answers get a word to the patient, until it was read or minutes have passed."""
    ended, texts = opened.link.ended_at, []
    if opened.answered and ended and timezone.now() - ended < READ_WITHIN and "read" not in request.GET:
        texts = [text_shown(key) for key in texts_after(opened.link.assessment)]
    context = {"door": opened, "texts": texts}
    return render(request, "outcomes/fill_over.html", context, status=200 if opened.answered else 410)
