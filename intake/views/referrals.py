"""Referrals step by step, and letters."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import walltime
from clinic.pages import posted_version
from clinic.panels import EITHER, Words, panel, render_here, see_other, today_at
from clinic.places import here
from clinic.roles import needs
from clinic.submissions import request_key
from intake.actions import referrals as actions
from intake.forms.care import (
    ClearanceForm,
    CloseForm,
    LetterForm,
    ReferralForm,
    ReplyForm,
    SentForm,
)
from intake.models import Referral
from intake.queries import care
from intake.views.pages import note_form, page_of, patient_read, patient_written, writes_in
from patients.actions import note_read
from patients.queries import ids_of

NOON = walltime.time(12)


@needs("treat")
def referral_list(request):
    """What waits in open charts: letters to write and send, replies to read, clearances that ran out."""
    rows = care.open_referrals(request.user, today_at(request))
    return render_here(request, "intake/referral_list.html", {"referrals": rows})


def referral_seen(request, patient, pk):
    return get_object_or_404(care.every_referral_of(patient), pk=pk)


@needs("read_chart")
def referral(request, pk, row):
    """One referral: where it stands, and its next step."""
    patient = patient_read(request, pk)
    stored = referral_seen(request, patient, row)
    note_read(by=request.user, patient=patient)
    context = {
        "patient": patient,
        "referral": care.with_state(stored, today_at(request)),
        "flags": list(stored.flags.order_by("raised_at", "pk")),
        "letters": list(stored.letters.defer("pdf", "data").order_by("-made_at", "pk")),
        "writes": writes_in(patient),
    }
    return render_here(request, "intake/referral.html", context)


@needs("write_chart", methods=EITHER)
def new_referral(request, pk):
    patient = patient_written(request, pk)
    note_form(request, patient)
    row = Referral(patient=patient, to=next(iter(care.physicians_of(patient)), ""), urgency="within_1_week")
    words = Words(_("New referral"), _("Open it"), _("Opened. The letter comes next."))

    def act(form, version, key):
        actions.open_by_hand(
            by=request.user,
            patient=patient,
            values=form.values,
            now=timezone.now(),
            request_key=key,
            location=page_of(patient),
        )

    return panel(request, make=referral_form, row=row, act=act, words=words, shown=page_of(patient))


def referral_form(data, row):
    return ReferralForm(data, instance=row)


@needs("write_chart", methods=EITHER)
def step(request, pk, row, step):
    """One step of a referral: change, letter, sent, reply, clearance, close."""
    if step not in STEPS:
        raise Http404
    patient = patient_written(request, pk)
    stored = referral_seen(request, patient, row)
    note_form(request, patient)
    make, do, title, button, saved = STEPS[step]
    words = Words(title(), button(), saved(), str(stored.to))
    shown = page_of(patient)

    def act(form, version, key):
        sent = {"by": request.user, "pk": stored.pk, "version": version, "request_key": key}
        do(request, form, {**sent, "location": shown})

    def made(data, row):
        return make(request, data, row)

    return panel(request, make=made, row=stored, act=act, words=words, shown=shown)


def change_form(request, data, row):
    return ReferralForm(data, instance=row)


def letter_form(request, data, row):
    return LetterForm(data)


def sent_form(request, data, row):
    return SentForm(data, initial={"sent_on": today_at(request)})


def reply_form(request, data, row):
    return ReplyForm(data, initial={"reply_on": today_at(request)})


def clearance_form(request, data, row):
    return ClearanceForm(data)


def close_form(request, data, row):
    return CloseForm(data)


def do_change(request, form, sent):
    actions.change(values=form.values, **sent)


def do_letter(request, form, sent):
    place, today = here(request), today_at(request)
    actions.write_letter(
        found=form.cleaned_data["found"], place=place, now=timezone.now(), today=today, **sent
    )


def do_sent(request, form, sent):
    """Of today it is sent now; of an earlier day at noon, since only the day is known."""
    today, on = today_at(request), form.cleaned_data["sent_on"]
    place = here(request)
    at = timezone.now() if on >= today or place is None else walltime.instant(on, NOON, place.tz)
    actions.mark_sent(sent_at=at, sent_on=on, how=form.cleaned_data["how"], today=today, **sent)


def do_reply(request, form, sent):
    actions.file_reply(**form.cleaned_data, today=today_at(request), **sent)


def do_clearance(request, form, sent):
    actions.clear_until(**form.cleaned_data, today=today_at(request), **sent)


def do_close(request, form, sent):
    actions.close(**form.cleaned_data, now=timezone.now(), **sent)


# form, action, title, button, toast
STEPS = {
    "change": (
        change_form,
        do_change,
        lambda: _("Change the referral"),
        lambda: _("Save"),
        lambda: _("Saved."),
    ),
    "letter": (
        letter_form,
        do_letter,
        lambda: _("Write the letter"),
        lambda: _("Make the PDF"),
        lambda: _("The letter is made. Send it, then mark it as sent."),
    ),
    "sent": (
        sent_form,
        do_sent,
        lambda: _("Mark as sent"),
        lambda: _("It is sent"),
        lambda: _("Marked as sent."),
    ),
    "reply": (
        reply_form,
        do_reply,
        lambda: _("File a reply"),
        lambda: _("File it"),
        lambda: _("The reply is filed."),
    ),
    "clearance": (
        clearance_form,
        do_clearance,
        lambda: _("Clearance"),
        lambda: _("Save"),
        lambda: _("Saved. Clear each red flag with a reason to open treatment."),
    ),
    "close": (
        close_form,
        do_close,
        lambda: _("Close the referral"),
        lambda: _("Close it"),
        lambda: _("The referral is closed."),
    ),
}


@needs("write_chart", methods=("POST",))
def reply_seen(request, pk, row):
    patient = patient_written(request, pk)
    stored = referral_seen(request, patient, row)
    actions.see_reply(
        by=request.user,
        pk=stored.pk,
        version=posted_version(request),
        now=timezone.now(),
        request_key=request_key(request),
        location=page_of(patient),
    )
    messages.success(request, _("Marked as read by you."))
    return see_other(page_of(patient))


@needs("read_chart")
def letter(request, pk, row):
    """The PDF as it left."""
    patient = patient_read(request, pk)
    found = get_object_or_404(
        care.letters_visible_to(request.user).filter(patient__in=ids_of(patient)), pk=row
    )
    note_read(by=request.user, patient=patient)
    answer = HttpResponse(bytes(found.pdf), content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="letter-{found.made_at:%Y-%m-%d}.pdf"'
    return answer
