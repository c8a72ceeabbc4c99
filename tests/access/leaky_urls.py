"""Pages with one guard missing each, for the controls: a harness that passes on these is worth nothing."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import include, path

from clinic.roles import needs, public
from patients.models import Patient


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


urlpatterns = [
    path("leaky/undeclared/", undeclared, name="undeclared"),
    path("leaky/public/", made_public, name="made_public"),
    path("leaky/patients/<uuid:pk>/", unscoped, name="unscoped"),
    path("leaky/scoped/<uuid:pk>/", scoped, name="scoped"),
    path("leaky/head/<uuid:pk>/", head_acts, name="head_acts"),
    path("leaky/mine/", notes_for_staff, name="notes_for_staff"),
    path("", include("clinic.urls")),
]
