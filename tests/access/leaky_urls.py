"""Pages with one guard missing each, for the controls: a harness that passes on these is worth nothing."""

import logging

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path

from clinic.roles import needs, public
from intake.models import Condition, Letter
from messaging.actions import queue
from patients.actions import note_read
from patients.models import Patient
from patients.queries import charts


def undeclared(request):
    return HttpResponse("Anybody who is signed in reads this.")


@public("Somebody thought it was harmless.")
def made_public(request):
    return HttpResponse("ok")


@needs("find_patients")
def unscoped(request, pk):
    return HttpResponse(get_object_or_404(Patient, pk=pk).family_name)


@needs("find_patients", methods=("GET", "POST"))
def scoped(request, pk):
    return HttpResponse(get_object_or_404(Patient.objects.visible_to(request.user), pk=pk).family_name)


@needs("see_own_visits")
def notes_for_staff(request):
    return HttpResponse(
        "; ".join(Patient.objects.visible_to(request.user).values_list("staff_notes", flat=True))
    )


@needs("find_patients", methods=("GET", "POST"))
def head_acts(request, pk):
    get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)
    return HttpResponse(status=422 if request.META["REQUEST_METHOD"] == "HEAD" else 200)


@needs("read_chart")
def ungated(request, pk):
    """A chart for everybody who finds the patient, and nobody notes who read it."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)
    return HttpResponse("; ".join(row.words for row in Condition.objects.filter(patient=patient)))


@needs("read_chart")
def gated(request, pk):
    patient = charts.read(request.user, pk)
    note_read(by=request.user, patient=patient)
    return HttpResponse("; ".join(row.words for row in Condition.objects.filter(patient=patient)))


@needs("read_chart")
def gated_with_404(request, pk):
    patient = get_object_or_404(Patient.objects.charts_read_by(request.user), pk=pk)
    note_read(by=request.user, patient=patient)
    return HttpResponse("Here it is.")


@needs("write_chart", methods=("POST",))
def written_by_readers(request, pk):
    charts.read(request.user, pk)
    return HttpResponse("Written.")


@needs("find_patients")
def as_pdf(request, pk):
    """A letter of everybody who is found, whose words no search of bytes would see."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)
    return HttpResponse(bytes(Letter.objects.get(patient=patient).pdf), content_type="application/pdf")


@needs("find_patients", methods=("POST",))
def mails(request, pk):
    """Tells the patient what is written in their chart."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)
    words = "; ".join(row.words for row in Condition.objects.filter(patient=patient))
    queue(kind="booked", to=patient.email, subject="Your visit", body=f"You come for {words}.")
    return HttpResponse("Sent.")


@needs("find_patients", methods=("POST",))
def logs(request, pk):
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=pk)
    logging.getLogger("leaky").warning("A form of %s came: %s", patient, request.POST.dict())
    return HttpResponse("Logged.")


urlpatterns = [
    path("leaky/undeclared/", undeclared, name="undeclared"),
    path("leaky/public/", made_public, name="made_public"),
    path("leaky/patients/<uuid:pk>/", unscoped, name="unscoped"),
    path("leaky/scoped/<uuid:pk>/", scoped, name="scoped"),
    path("leaky/head/<uuid:pk>/", head_acts, name="head_acts"),
    path("leaky/mine/", notes_for_staff, name="notes_for_staff"),
    path("leaky/ungated/<uuid:pk>/", ungated, name="ungated"),
    path("leaky/gated/<uuid:pk>/", gated, name="gated"),
    path("leaky/hidden/<uuid:pk>/", gated_with_404, name="gated_with_404"),
    path("leaky/written/<uuid:pk>/", written_by_readers, name="written_by_readers"),
    path("leaky/pdf/<uuid:pk>/", as_pdf, name="as_pdf"),
    path("leaky/mails/<uuid:pk>/", mails, name="mails"),
    path("leaky/logs/<uuid:pk>/", logs, name="logs"),
    path("", include("clinic.urls")),
]
