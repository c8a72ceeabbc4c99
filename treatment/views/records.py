"""The tab Notes of a chart, and the record of one visit."""

from django.http import Http404
from django.utils import timezone

from clinic.panels import render_here, today_at, wants_whole_page, whole_page
from clinic.places import here
from clinic.roles import needs
from clinic.walltime import day_span
from patients.actions import note_read
from treatment.queries import charts
from treatment.queries.notes import unsigned_notes, visit_record
from treatment.queries.reading import readings
from treatment.views.pages import head_of, patient_seen


@needs("read_chart")
def notes(request, pk):
    """The tab Notes: newest first, with where to begin one. Opening it is written down."""
    patient, page = patient_seen(request, pk), page_asked(request)
    if wants_whole_page(request):
        return whole_page(request)
    note_read(by=request.user, patient=patient)
    lines, more = charts.notes_of(patient, request.user, page)
    context = {
        **head_of(request, patient),
        "lines": lines,
        "page": page,
        "earlier": page + 1 if more else None,
        "contacts": charts.contacts_of(patient),
        "handovers": charts.handovers_about(patient),
        **to_begin(request, patient),
    }
    return render_here(request, "treatment/notes.html", context)


def page_asked(request):
    asked = request.GET.get("page", "1")
    return int(asked) if asked.isascii() and asked.isdigit() and 0 < int(asked[:6]) < 10_000 else 1


def to_begin(request, patient):
    """Today's parts without a note of this person, and the disciplines of a note without a visit."""
    place = here(request)
    if place is None or patient.merged_into_id:
        return {"parts": [], "disciplines": []}
    span = day_span(today_at(request), place.tz)
    return {
        "parts": charts.parts_to_note(patient, request.user, span),
        "disciplines": charts.disciplines_of(request.user),
    }


@needs("read_chart")
def record(request, pk):
    """All notes of one visit as one page, which prints."""
    visit = charts.visit_seen(request.user, pk)
    if visit is None:
        raise Http404
    note_read(by=request.user, patient=visit.patient)
    context = {
        **head_of(request, visit.patient),
        "visit": visit,
        "notes": readings(visit_record(visit, request.user)),
        "facts": charts.facts_of_visit(visit),
        "handovers": charts.handovers_of_visit(visit),
        "now": timezone.now(),
    }
    return render_here(request, "treatment/record.html", context, place=visit.location)


@needs("write_chart")
def unsigned(request):
    """One’s own drafts, oldest first."""
    return render_here(request, "treatment/unsigned.html", {"notes": unsigned_notes(request.user)})
