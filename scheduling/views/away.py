"""Somebody is away, or a location is closed: recording it, and the list of people to call about it."""

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
from clinic.models import Closure
from clinic.pages import posted_version, refuse
from clinic.places import places_of
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from practitioners.models import WorkingHours
from practitioners.queries import absences_visible_to, practitioners_visible_to
from scheduling.actions.absences import propose, record_absence
from scheduling.actions.calls import answer as write_answer
from scheduling.actions.calls import page_of, take_back
from scheduling.forms.away import PROPOSE, UNDO, AnswerForm, AwayForm
from scheduling.models import Answer, Appointment, Call
from scheduling.queries.repairs import absences_to_come, away_of, call_list, count_touched, default_end
from scheduling.rules.proposals import heading, in_words
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
    count = len(propose(by=request.user, cause=absence))
    said = ngettext("Recorded. %(count)s visit is touched.", "Recorded. %(count)s visits are touched.", count)
    messages.success(request, said % {"count": count})
    return page_of(absence)


@needs("record_absences", methods=("GET", "POST"))
def calls(request, absence):
    """The call list of an absence."""
    rows = absences_visible_to(request.user).filter(practitioner__in=of_here(request))
    return list_of(request, get_object_or_404(rows, pk=absence))


@needs("record_absences", methods=("GET", "POST"))
def closure_calls(request, closure):
    """The call list of a closure: the visits inside are put on it by the first POST."""
    return list_of(request, closure_or_404(request, closure))


@needs("record_absences")
def closure_visits(request, closure):
    """How many visits a closure is in the way of: a piece of the page where closures are recorded."""
    row = closure_or_404(request, closure)
    count = count_touched(away_of(row), request.user, now=timezone.now())
    return render(request, "scheduling/closure_visits.html", {"closure": row, "count": count})


def closure_or_404(request, pk):
    rows = Closure.objects.filter(location__in=places_of(request)).select_related("location")
    return get_object_or_404(rows, pk=pk)


def list_of(request, cause):
    """Show it; a POST works proposals out where they are missing or ran out."""
    if request.method == "POST":
        request_key(request)
        propose(by=request.user, cause=cause)
        return see_other(page_of(cause))
    return listed(request, cause)


def listed(request, cause, *, reasons=(), status=200):
    place = cause.location if isinstance(cause, Closure) else place_or_404(request)
    context = {
        "calls": call_list(cause, request.user, now=timezone.now()),
        **about(cause, place, timezone.now()),
        "own_url": page_of(cause),
        "place": place,
        "calendar_day": walltime.local(cause.starts_at, place.tz).date().isoformat(),
        "reasons": reasons,
        "take_focus": "answered" in request.GET,
    }
    template = "scheduling/calls_list.html" if request.htmx else "scheduling/calls.html"
    return render(request, template, context, status=status)


def about(cause, place, now):
    """What the list is about, in words: who is away or what is closed, when, and why."""
    closed, when = isinstance(cause, Closure), in_words(cause.starts_at, cause.ends_at, place.tz)
    is_over = cause.ends_at <= now or (not closed and cause.withdrawn_at is not None)
    name = place.name if closed else cause.practitioner.name
    return {
        "heading": heading(name, closed=closed, over=is_over),
        "when": "" if is_over else when,
        "why": cause.reason if closed else "",
    }


@needs("record_absences", methods=("POST",))
def answer(request, pk):
    """One tap: what the person said, or undo, or a new proposal."""
    visible = Appointment.objects.visible_to(request.user)
    call = get_object_or_404(
        Call.objects.filter(appointment__in=visible).select_related(
            "appointment__patient", "absence__practitioner", "closure__location"
        ),
        pk=pk,
    )
    form = AnswerForm(request.POST)
    try:
        if not form.is_valid():
            raise Refused(form.errors["answer"])
        return see_other(answered(request, call, form.cleaned_data["answer"]))
    except Refused as refusal:
        page = listed(request, call.cause, reasons=refusal.reasons, status=refusal.status)
        return retarget(page, "#calls") if request.htmx else page


def answered(request, call, wanted):
    """Carry it out; the address of what comes next."""
    shown = page_of(call.cause) + "?answered=1"
    if wanted == Answer.ANOTHER_TIME:
        shown = reverse("scheduling:move", args=[call.appointment_id])
    sent = {"by": request.user, "pk": call.pk, "version": posted_version(request)}
    sent |= {"request_key": request_key(request), "location_shown": shown}
    if wanted == UNDO:
        take_back(**sent)
        messages.success(request, _("Undone."))
    if wanted in {UNDO, PROPOSE}:
        propose(by=request.user, cause=call.cause, only=[call.appointment_id])
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
