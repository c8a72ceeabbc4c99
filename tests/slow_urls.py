"""A page with the fault that the test client watches for."""

from django.http import HttpResponse
from django.urls import path

from clinic.models import Room


def slow(request):
    return HttpResponse(", ".join(room.kind.name for room in Room.objects.all()))


urlpatterns = [path("slow/", slow)]
