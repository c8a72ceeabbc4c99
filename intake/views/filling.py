"""Filling in forms through a link: no account, one section a screen, saved as it goes."""

from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.pages import posted_version
from clinic.refusal import Refused
from clinic.roles import public
from intake.actions import answering
from intake.models import ResponseStatus
from intake.queries.forms import door
from intake.rules.forms import sections
from intake.rules.posted import answers_from, without_row
from intake.rules.signing import Signer
from intake.rules.walking import laid_over, left_at, next_to, shown_in, wrong_in
from intake.views.screens import finish_page, over, section_page, to

REASON = "Patients fill in forms without an account; the 256-bit token in the address lets them in."


@public(REASON)
def fill(request, token):
    """What there is to fill in."""
    opened = entered(token)
    if opened.reasons:
        return over(request, opened)
    return render(request, "intake/fill.html", {"door": opened, "token": token})


@public(REASON)
def fill_form(request, token, key):
    """On to where the form was left."""
    opened, row = found_form(token, key)
    if opened.reasons or row.status == ResponseStatus.DONE:
        return redirect("intake:fill", token)
    return to(token, key, left_at(row.questionnaire.definition, row.answers, row.page))


@public(REASON, methods=("GET", "POST"))
def fill_section(request, token, key, section):
    opened, row, item = found(token, key, section)
    if row.status == ResponseStatus.DONE:
        return redirect("intake:fill", token)
    if opened.reasons:
        return over(request, opened)
    if request.method == "POST":
        return save_and_go_on(request, opened, row, item, token)
    return section_page(request, opened, row, item, token)


@public(REASON, methods=("POST",))
def fill_save(request, token, key, section):
    """What the page sends by itself while somebody is typing."""
    opened, _row, item = found(token, key, section)
    try:
        row = answering.save(
            link_pk=opened.link.pk,
            key=key,
            version=posted_version(request),
            answers=answers_from(item, dict(request.POST.lists())),
            now=timezone.now(),
        )
    except Refused as refusal:
        return JsonResponse({"says": refusal.reasons}, status=refusal.status)
    shown = shown_in(row.questionnaire.definition, row.answers, item)
    return JsonResponse({"version": row.version, "shown": shown})


@public(REASON, methods=("GET", "POST"))
def fill_finish(request, token, key):
    """The last screen of a form: what is missing, the text to sign, a name."""
    opened, row = found_form(token, key)
    if row.status == ResponseStatus.DONE:
        return redirect("intake:fill", token)
    if opened.reasons:
        return over(request, opened)
    if request.method == "GET":
        return finish_page(request, opened, row, token)
    version, signer = posted_version(request), signer_from(request.POST)
    try:
        answering.finish(link_pk=opened.link.pk, key=key, version=version, signer=signer, now=timezone.now())
    except Refused as refusal:
        return finish_page(request, *found_form(token, key), token, refusal)
    return redirect("intake:fill", token)


# What the pages above share.


def entered(token):
    opened = door(token, timezone.now())
    if opened is None:
        raise Http404
    return opened


def found_form(token, key):
    opened = entered(token)
    row = opened.of(key)
    if row is None:
        raise Http404
    return opened, row


def found(token, key, link):
    opened, row = found_form(token, key)
    item = next((each for each in sections(row.questionnaire.definition) if each["linkId"] == link), None)
    if item is None:
        raise Http404
    return opened, row, item


def save_and_go_on(request, opened, row, item, token):
    """Next, Back, “Answer later”, “Add another” and “Remove”: each saves, then leads somewhere."""
    posted = posted_without_removed(dict(request.POST.lists()))
    definition, answers = row.questionnaire.definition, answers_from(item, posted)
    merged = laid_over(row.answers, answers)
    wrong = wrong_in(definition, merged, item, posted)
    at = leads_to(request, definition, merged, item, wrong)
    page = None if at == item["linkId"] else at
    values = {"link_pk": opened.link.pk, "key": row.questionnaire.key, "now": timezone.now(), "page": page}
    try:
        saved = answering.save(version=posted_version(request), answers=answers, **values)
    except Refused as refusal:
        row.answers = merged
        return section_page(request, opened, row, item, token, refusal=refusal, posted=posted)
    if at == item["linkId"] and wrong and not stays(request, definition, merged, item):
        return section_page(request, opened, saved, item, token, wrong=wrong, posted=posted)
    return to(token, row.questionnaire.key, at)


def posted_without_removed(posted):
    link, _dash, number = posted.get("remove", [""])[0].rpartition("-")
    return without_row(link, number, posted) if link else posted


def stays(request, definition, answers, item):
    """Whether the section comes again: a line was added or removed, or an answer opened something new."""
    before = set(request.POST.get("shown", "").split())
    opens = set(shown_in(definition, answers, item)) - before
    return bool({"stay", "remove"} & set(request.POST) or opens)


def leads_to(request, definition, answers, item, wrong):
    link, buttons = item["linkId"], set(request.POST)
    if "back" in buttons:
        return next_to(definition, answers, link, -1)
    if stays(request, definition, answers, item) or (wrong and "later" not in buttons):
        return link
    return next_to(definition, answers, link, 1)


def signer_from(posted):
    """Who says they are: "patient", "helper", or "guardian-<id>" of somebody registered."""
    who, name = posted.get("who", ""), posted.get("name", "")
    role, _dash, number = who.partition("-")
    is_number = number.isascii() and number.isdigit() and len(number) < 10
    guardian = int(number) if role == "guardian" and is_number else None
    return Signer(name, role, guardian, _("helped the patient") if role == "helper" else "")
