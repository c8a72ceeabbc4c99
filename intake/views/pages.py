"""What the chart pages of this app share: whose chart, and where its panels lead."""

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from patients.models import Patient


def patient_seen(request, pk):
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)


def page_of(patient):
    return reverse("intake:history", args=[patient.pk])


def sent(request, patient, key):
    """What every action of a panel is sent: who, when, the form's key, and the page that shows what it did."""
    return {"by": request.user, "now": timezone.now(), "request_key": key, "location": page_of(patient)}
