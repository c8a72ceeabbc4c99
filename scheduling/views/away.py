"""Somebody is away: recording it, and the list of people to call about it."""

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_htmx.http import retarget

from clinic import walltime
from clinic.pages import posted_version, refuse
from clinic.places import places_of
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from practitioners.models import WorkingHours
from practitioners.queries import absences_visible_to, practitioners_visible_to
from scheduling.actions.absences import propose, record_absence
from scheduling.actions.calls import answer as write_answer
from scheduling.actions.calls import take_back
from scheduling.forms.away import PROPOSE, UNDO, AnswerForm, AwayForm
from scheduling.models import Answer, Appointment, Call
from scheduling.queries.repairs import absences_to_come, call_list, default_end
from scheduling.rules.proposals import in_words
from scheduling.views.panels import place_or_404, see_other

SAID = {
    Answer.AGREED: gettext_lazy("%(name)s agreed. The visit is moved."),
    Answer.LEFT_MESSAGE: gettext_lazy("Message left for %(name)s. The proposal is kept."),
    Answer.ANOTHER_TIME: gettext_lazy("%(name)s wants another time. Choose it now."),
    Answer.CANCELLED: gettext_lazy("Canceled for %(name)s."),
}


@needs("record_absences", methods=("GET", "POST"))
def away(request, practitioner):
    """From when until when, and why; then everybody to call about it."""
    place = place_or_404(request)
    person = get_object_or_404(of_here(request), pk=practitioner)
    now, status = timezone.now(), 200
    initial = {"kind": "ill", **AwayForm.filled(now, default_end(person, place, now), place.tz)}
    form = AwayForm(request.POST or None, location=place, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            return see_other(recorded(request, person, form.cleaned_data))
        except Refused as refusal:
            status = refuse(form, refusal)
    status = 422 if request.method == "POST" and status == 200 else status
    context = {"form": form, "person": person, "place": place, "absences": absences_to_come(person, now)}
    return render(request, "scheduling/away.html", context, status=status)


def of_here(request):
    """Who works at one of the places where this person works: only they are recorded as away from here."""
    at_work = WorkingHours.objects.filter(practitioner=OuterRef("pk"), location__in=places_of(request))
    return practitioners_visible_to(request.user).filter(Exists(at_work))


def recorded(request, person, values):
    """Record it and prepare the calls; the address of the list."""
    absence = record_absence(
        by=request.user,
        practitioner=person,
        span=values["span"],
        kind=values["kind"],
        note=values["note"],
        request_key=request_key(request),
    )
    count = len(propose(by=request.user, absence=absence))
    said = ngettext("Recorded. %(count)s visit is touched.", "Recorded. %(count)s visits are touched.", count)
    messages.success(request, said % {"count": count})
    return reverse("scheduling:calls", args=[absence.pk])


@needs("record_absences", methods=("GET", "POST"))
def calls(request, absence):
    """The call list; a POST works proposals out anew where they ran out or are missing."""
    rows = absences_visible_to(request.user).filter(practitioner__in=of_here(request))
    row = get_object_or_404(rows, pk=absence)
    if request.method == "POST":
        request_key(request)
        propose(by=request.user, absence=row)
        return see_other(reverse("scheduling:calls", args=[row.pk]))
    return listed(request, row)


def listed(request, absence, *, reasons=(), status=200):
    place = place_or_404(request)
    found = call_list(absence, request.user, now=timezone.now())
    context = {
        "calls": found,
        "absence": absence,
        "place": place,
        "when": in_words(absence.starts_at, absence.ends_at, place.tz),
        "calendar_day": walltime.local(absence.starts_at, place.tz).date().isoformat(),
        "reasons": reasons,
        "take_focus": "answered" in request.GET,
    }
    template = "scheduling/calls_list.html" if request.htmx else "scheduling/calls.html"
    return render(request, template, context, status=status)


@needs("record_absences", methods=("POST",))
def answer(request, pk):
    """One tap: what the person said, or undo, or a new proposal."""
    visible = Appointment.objects.visible_to(request.user)
    call = get_object_or_404(
        Call.objects.filter(appointment__in=visible).select_related(
            "appointment__patient", "absence__practitioner"
        ),
        pk=pk,
    )
    form = AnswerForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(form.errors["answer"])
        return see_other(answered(request, call, form.cleaned_data["answer"]))
    except Refused as refusal:
        page = listed(request, call.absence, reasons=refusal.reasons, status=refusal.status)
        return retarget(page, "#calls") if request.htmx else page


def answered(request, call, wanted):
    """Carry it out; the address of what comes next."""
    shown = reverse("scheduling:calls", args=[call.absence_id]) + "?answered=1"
    if wanted == Answer.ANOTHER_TIME:
        shown = reverse("scheduling:move", args=[call.appointment_id])
    sent = {"by": request.user, "pk": call.pk, "version": posted_version(request)}
    sent |= {"request_key": request_key(request), "location_shown": shown}
    if wanted == UNDO:
        take_back(**sent)
        messages.success(request, _("Undone."))
    if wanted in {UNDO, PROPOSE}:
        propose(by=request.user, absence=call.absence, only=[call.appointment_id])
    else:
        say_with_undo(
            request,
            write_answer(wanted=wanted, **sent),
            SAID[wanted] % {"name": call.appointment.patient.called},
        )
    return shown


def say_with_undo(request, call, text):
    """A toast whose button sends the answer “undo” for the line as it stands now."""
    words = {"text": text, "call": call, "url": reverse("scheduling:answer", args=[call.pk])}
    messages.success(
        request, render_to_string("scheduling/calls_undo.html", words, request), extra_tags="undo"
    )
