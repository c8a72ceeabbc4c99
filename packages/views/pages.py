"""What the pages of this app share."""

from django.shortcuts import get_object_or_404
from django.urls import reverse

from patients.models import Patient


def patient_seen(request, pk):
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)


def account_of(patient):
    return reverse("frontdesk:account", args=[patient.pk])
