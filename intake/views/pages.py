"""What the chart pages of this app share: whose chart, and where its panels lead."""

from django.shortcuts import get_object_or_404
from django.urls import reverse

from patients.models import Patient


def patient_seen(request, pk):
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)


def page_of(patient):
    return reverse("intake:history", args=[patient.pk])
