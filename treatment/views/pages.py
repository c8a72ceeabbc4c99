"""What the pages of this app share: whose chart, and its head."""

from django.shortcuts import get_object_or_404

from clinic.panels import today_at
from intake.queries.facts import alerts_of
from patients.models import Patient
from patients.rules import strip_of


def patient_seen(request, pk):
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)


def head_of(request, patient):
    """What patients/chart_base.html wants on a page of the tab Notes."""
    today = today_at(request)
    return {
        "patient": patient,
        "tab": "notes",
        "chart_alerts": alerts_of(patient, today),
        "strip": strip_of(patient, today),
    }
