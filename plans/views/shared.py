"""What the pages of this app share: whose plan, the head of the chart, what the library says about a template."""

from django.shortcuts import get_object_or_404

from clinic.panels import today_at
from intake.queries.facts import alerts_of
from patients.queries import charts
from patients.rules import strip_of
from plans.models import Plan


def plan_seen(request, pk):
    """A plan of a patient this person may find. Its patient says whether the chart is open to them."""
    return plan_of(request, pk, charts.found)


def plan_to_write(request, pk):
    """A plan of a patient in whose chart this person writes."""
    return plan_of(request, pk, charts.written)


def plan_of(request, pk, patient_of):
    rows = Plan.objects.visible_to(request.user).select_related("location", "lead__user")
    plan = get_object_or_404(rows, pk=pk)
    plan.patient = patient_of(request.user, plan.patient_id)
    return plan


def head_of(request, patient):
    """What patients/chart_base.html wants on a page of this tab. Who does not read the chart has alerts at their
    own address. `patient` is one of patients.queries.charts."""
    today = today_at(request)
    head = {"patient": patient, "tab": "plan", "strip": strip_of(patient, today), "today": today}
    if patient.chart_read:
        head["chart_alerts"] = alerts_of(patient, today)
    return head
