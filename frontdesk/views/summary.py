"""The Summary of a chart: pain over time, the last visit, and what happened when."""

from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import capfirst

from clinic import audit
from clinic.places import here
from clinic.roles import needs
from frontdesk.queries.timeline import KINDS, lines_of
from patients.models import Patient
from treatment.queries.notes import handovers_to
from treatment.queries.trend import last_visit_of, movement_of, pain_of
from treatment.rules.pickers import MOTION_WORDS
from treatment.rules.trend import movement_words, trend


@needs("read_chart")
def summary(request, pk):
    """What a clinician sees first; its own event, since the chart around it is one already."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)
    audit.record(by=request.user, verb="read summary", about=patient, patient=patient)
    place = here(request)
    with timezone.override(place.tz if place else None):
        pain = [(timezone.localtime(at).date(), value) for at, value in pain_of(patient, request.user)]
        handovers = [one for one in handovers_to(request.user) if one.patient_id == patient.pk]
        last, moved = last_visit_of(patient, request.user), movement_lines(patient, request.user)
        context = {
            "patient": patient,
            "trend": trend(pain),
            "last": last,
            "moved": moved,
            "handovers": handovers,
        }
        return render(request, "frontdesk/chart_summary.html", context)


def movement_lines(patient, user):
    """[(what moved, how far)] over time."""
    return [
        (
            f"{capfirst(one.region)}, {MOTION_WORDS.get(one.motion, one.motion)}",
            movement_words(one.first, one.last, timezone.localtime(one.first_at).date()),
        )
        for one in movement_of(patient, user)
    ]


@needs("find_patients")
def timeline(request, pk):
    """Visits, messages and changes in one line of time; clinical words for clinicians alone."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)
    asked = request.GET.get("show", "all")
    show, place = asked if asked in KINDS else "all", here(request)
    if not request.htmx:
        audit.record(by=request.user, verb="read", about=patient, patient=patient)
    with timezone.override(place.tz if place else None):
        context = {
            "patient": patient,
            "lines": lines_of(patient, request.user, show),
            "show": show,
            "kinds": KINDS,
        }
        return render(request, "frontdesk/chart_timeline.html", context)
