"""What the pages of this app share: whose chart, its head, and the questions."""

from django.http import Http404
from django.urls import reverse

from clinic.panels import today_at
from clinic.places import here
from intake.queries.facts import alerts_of
from messaging.queries import text
from outcomes.queries.due import row_of
from outcomes.rules.sheet import answers_from, blocks_of, open_words, still_open
from patients.actions import note_read
from patients.queries import charts
from patients.rules import strip_of


def patient_written(request, pk):
    """The patient in whose chart a form writes: 404 for one who is not found, 403 where the chart is closed."""
    return charts.written(request.user, pk)


def note_form(request, patient):
    """A form under the chart's head, with its alerts: opening it is a reading, sending it an event of its own."""
    if request.method == "GET":
        note_read(by=request.user, patient=patient)


def page_of(patient):
    return reverse("outcomes:scores", args=[patient.pk])


def assessment_of(patient, pk):
    """A score check of this patient's, or 404. Who may do what with it is asked of the patient."""
    found = row_of(patient, pk)
    if found is None:
        raise Http404
    return found


def zone_of(request):
    place = here(request)
    return place.tz if place else None


def head_of(request, patient):
    """What patients/chart_base.html wants on a page of the tab Plan and progress."""
    today = today_at(request)
    return {
        "patient": patient,
        "tab": "plan",
        "chart_alerts": alerts_of(patient, today),
        "strip": strip_of(patient, today),
        "today": today,
    }


def posted_answers(request, measures, activities):
    return answers_from(measures, activities, request.POST.dict())


def sheet_of(request, measures, activities, answered):
    """{blocks, open_words} of the page. Sent with questions open, they are marked, unless that was meant."""
    asked_again = request.method == "POST"
    blocks = blocks_of(measures, activities, answered, asked_again=asked_again)
    left = still_open(blocks) if asked_again else 0
    return {"blocks": blocks, "left": left, "open_words": open_words(left) if left else ""}


def is_sent(request, sheet):
    """Whether a posted sheet is to be kept: complete, or sent without what is open."""
    return not sheet["left"] or "without" in request.POST


def text_shown(key):
    """(title, paragraphs) of a text for patients."""
    row = text(key)
    return row.title, row.body.split("\n\n")
