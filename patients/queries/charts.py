"""Whose chart is open to whom: the patient of a page, and what the page may show and offer.

What a chart page shows is reached through `read` or `written`; a page that shows everybody something takes
`found` and asks `patient.chart_read`. The rule itself is PatientQuerySet.charts_read_by.
"""

from django.http import Http404
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.refusal import ChartClosed
from clinic.roles import may
from patients.models import Patient, Restriction

OPENED = "open with a reason"
LISTED = 200


def found(user, pk):
    """The patient, with what `with_chart` says; Http404 for one whom this person may not find. One statement."""
    rows = Patient.objects.visible_to(user).with_chart(user)
    patient = rows.select_related("household", "merged_into", "user__profile").filter(pk=pk).first()
    if patient is None:
        raise Http404
    return patient


def read(user, pk):
    """The patient whose chart this person reads; ChartClosed where it is not open to them."""
    patient = found(user, pk)
    if not patient.chart_read:
        raise ChartClosed(reason_page(user, patient.pk))
    return patient


def written(user, pk):
    """The patient in whose chart this person writes; ChartClosed where they may read it at most."""
    patient = read(user, pk)
    if not patient.chart_written:
        raise ChartClosed(to_read=True)
    return patient


def reason_page(user, pk):
    """Where this person opens the chart with a reason; empty for who may not."""
    return reverse("patients:open_with_reason", args=[pk]) if may(user, "read_chart") else ""


def restriction_of(patient):
    rows = Restriction.objects.filter(patient=patient, lifted_at=None)
    return rows.select_related("by__profile").first()


def opened_with_a_reason():
    """[(event, patient)] of what was opened with a reason, newest first, at most 200. Two statements."""
    events = AuditEvent.objects.filter(verb=OPENED).select_related("by__profile").order_by("-at", "-pk")
    latest = list(events[:LISTED])
    people = Patient.objects.in_bulk({one.patient for one in latest})
    return [(one, people.get(one.patient)) for one in latest]
