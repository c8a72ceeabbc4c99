"""The Summary of a chart: pain over time, the last visit, and what happened when."""

from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import capfirst

from clinic import audit
from clinic.panels import clock_of, today_at
from clinic.places import here
from clinic.roles import needs
from frontdesk.queries.timeline import KINDS, lines_of
from intake.queries.facts import alerts_of
from intake.queries.flags import clinician_first
from patients.queries import charts
from plans.queries.page import visits_left
from plans.queries.progress import running_of
from scheduling.queries.of_visit import visits_of_patient
from treatment.queries.notes import handovers_to
from treatment.queries.trend import last_visit_of, movement_of, pain_of
from treatment.rules.pickers import MOTION_WORDS
from treatment.rules.trend import movement_words, trend


@needs("find_patients")
def pieces(request, pk):
    """All that the Summary fetches, in one request: who asks, and from where, is looked up once."""
    patient = charts.found(request.user, pk)
    if not request.htmx:
        return redirect("patients:chart", pk)
    reads, place, today = patient.chart_read, here(request), today_at(request)
    audit.record(
        by=request.user, verb="read summary" if reads else "read visits", about=patient, patient=patient
    )
    with clock_of(place):
        zone = place.tz if place else None
        context = {
            "reads": reads,
            **(clinical(patient, request.user) if reads else {}),
            **alerts(request, patient),
            "progress": running_of(patient, today),
            "left": visits_left(patient, today),
            "visits": visits_of_patient(patient, now=timezone.now(), reader=zone),
            **happened(patient, request.user, "all"),
        }
        return render(request, "frontdesk/chart_pieces.html", context)


@needs("read_chart")
def summary(request, pk):
    """What who reads the chart sees first; its own event, since the record around it is one already."""
    patient = charts.read(request.user, pk)
    audit.record(by=request.user, verb="read summary", about=patient, patient=patient)
    with clock_of(here(request)):
        return render(request, "frontdesk/chart_summary.html", clinical(patient, request.user))


@needs("find_patients")
def timeline(request, pk):
    """Visits, messages and changes in one line of time; clinical words where the chart is open, and then an event."""
    patient = charts.found(request.user, pk)
    asked = request.GET.get("show", "all")
    if patient.chart_read or not request.htmx:
        audit.record(by=request.user, verb="read", about=patient, patient=patient)
    with clock_of(here(request)):
        context = happened(patient, request.user, asked if asked in KINDS else "all")
        return render(request, "frontdesk/chart_timeline.html", context)


# What the pages above share.


def clinical(patient, user):
    """What only who reads the chart sees."""
    pain = [(timezone.localtime(at).date(), value) for at, value in pain_of(patient, user)]
    return {
        "patient": patient,
        "trend": trend(pain),
        "last": last_visit_of(patient, user),
        "moved": movement_lines(patient, user),
        "handovers": [one for one in handovers_to(user) if one.patient_id == patient.pk],
    }


def movement_lines(patient, user):
    """[(what moved, how far)] over time."""
    return [
        (
            f"{capfirst(one.region)}, {MOTION_WORDS.get(one.motion, one.motion)}",
            movement_words(one.first, one.last, timezone.localtime(one.first_at).date()),
        )
        for one in movement_of(patient, user)
    ]


def alerts(request, patient):
    """The clinical part of the head: words for who reads the chart, the action alone for others."""
    today = today_at(request)
    if patient.chart_read:
        return {"chart_alerts": alerts_of(patient, today), "clinician_first": False}
    return {"chart_alerts": [], "clinician_first": bool(clinician_first([patient.pk], today))}


def happened(patient, user, show):
    return {"patient": patient, "lines": lines_of(patient, user, show), "show": show, "kinds": KINDS}
