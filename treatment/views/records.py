"""The tab Notes of a chart, and the record of one visit."""

from django.http import Http404
from django.utils import timezone

from clinic.pages import page_asked
from clinic.panels import render_here, today_at, wants_whole_page, whole_page
from clinic.places import here
from clinic.roles import needs
from clinic.walltime import day_span
from patients.actions import note_read
from patients.queries import charts
from treatment.queries import charts as listed
from treatment.queries.notes import unsigned_notes, visit_record
from treatment.queries.reading import readings
from treatment.views.pages import head_of


@needs("read_chart")
def notes(request, pk):
    """The tab Notes: newest first, with where to begin one. Opening it is written down."""
    patient, page = charts.read(request.user, pk), page_asked(request)
    if wants_whole_page(request):
        return whole_page(request)
    note_read(by=request.user, patient=patient)
    lines, more = listed.notes_of(patient, request.user, page)
    context = {
        **head_of(request, patient),
        "lines": lines,
        "page": page,
        "earlier": page + 1 if more else None,
        "contacts": listed.contacts_of(patient),
        "handovers": listed.handovers_about(patient),
        **to_begin(request, patient),
    }
    return render_here(request, "treatment/notes.html", context)


def to_begin(request, patient):
    """Today's parts without a note of this person, and the disciplines of a note without a visit."""
    place = here(request)
    if place is None or patient.merged_into_id or not patient.chart_written:
        return {"parts": [], "disciplines": []}
    span = day_span(today_at(request), place.tz)
    return {
        "parts": listed.parts_to_note(patient, request.user, span),
        "disciplines": listed.disciplines_of(request.user),
    }


@needs("read_chart")
def record(request, pk):
    """All notes of one visit as one page, which prints."""
    visit = listed.visit_seen(request.user, pk)
    if visit is None:
        raise Http404
    patient = charts.read(request.user, visit.patient_id)
    note_read(by=request.user, patient=patient)
    context = {
        **head_of(request, patient),
        "visit": visit,
        "notes": readings(visit_record(visit, request.user)),
        "facts": listed.facts_of_visit(visit),
        "handovers": listed.handovers_of_visit(visit),
        "now": timezone.now(),
    }
    return render_here(request, "treatment/record.html", context, place=visit.location)


@needs("treat")
def unsigned(request):
    """One’s own drafts, oldest first."""
    return render_here(request, "treatment/unsigned.html", {"notes": unsigned_notes(request.user)})
