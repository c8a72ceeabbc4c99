"""Pages that trust what they are sent, for the controls of the hostile requests."""

from django.http import HttpResponse
from django.urls import include, path

from clinic.models import Clinic
from clinic.roles import needs


@needs("find_patients", methods=("GET",))
def trusting(request):
    return HttpResponse(str(int(request.GET.get("page", "1"))))


@needs("find_patients", methods=("POST",))
def writes_first(request):
    """Refuses, but only after it has written."""
    clinic = Clinic.objects.get()
    clinic.name = "Somebody else's"
    clinic.save()
    return HttpResponse(status=422)


urlpatterns = [
    path("careless/trusting/", trusting, name="trusting"),
    path("careless/writes/", writes_first, name="writes_first"),
    path("", include("clinic.urls")),
]
