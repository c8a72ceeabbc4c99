"""What the pages of this app share: whose plan, the head of the chart, what the library says about a template."""

from django.shortcuts import get_object_or_404

from clinic.panels import today_at
from clinic.roles import may
from intake.queries.facts import alerts_of
from patients.models import Patient
from patients.rules import strip_of
from plans.models import Plan


def patient_seen(request, pk):
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)


def plan_seen(request, pk):
    rows = Plan.objects.visible_to(request.user).select_related("patient", "location", "lead__user")
    return get_object_or_404(rows, pk=pk)


def head_of(request, patient):
    """What patients/chart_base.html wants on a page of this tab; the desk reads alerts at their own address."""
    today = today_at(request)
    head = {"patient": patient, "tab": "plan", "strip": strip_of(patient, today), "today": today}
    if may(request.user, "read_chart"):
        head["chart_alerts"] = alerts_of(patient, today)
    return head
