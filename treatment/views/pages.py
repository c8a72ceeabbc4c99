"""What the pages of this app share: whose chart, and its head."""

from clinic.panels import today_at
from intake.queries.facts import alerts_of
from patients.rules import strip_of


def head_of(request, patient):
    """What patients/chart_base.html wants on a page of the tab Notes. `patient`: as `with_chart` has it."""
    today = today_at(request)
    return {
        "patient": patient,
        "tab": "notes",
        "chart_alerts": alerts_of(patient, today),
        "strip": strip_of(patient, today),
        "writes": patient.chart_written and patient.merged_into_id is None,
    }
