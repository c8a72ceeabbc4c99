"""What the pages of this app share: whose chart, its head, and the questions."""

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from clinic.panels import today_at
from clinic.places import here
from intake.queries.facts import alerts_of
from messaging.queries import text
from outcomes.models import Assessment
from outcomes.rules.sheet import answers_from, blocks_of, open_words, still_open
from patients.models import Patient
from patients.queries import ids_of
from patients.rules import strip_of


def patient_seen(request, pk):
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)


def page_of(patient):
    return reverse("outcomes:scores", args=[patient.pk])


def assessment_of(request, patient, pk):
    """A score check of this patient's, or 404."""
    rows = Assessment.objects.visible_to(request.user).filter(patient__in=ids_of(patient), pk=pk)
    found = rows.first()
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
