from django.shortcuts import render
from django.utils import timezone

from clinic.roles import needs
from portal import queries


@needs("see_own_visits")
def visits(request):
    return render(request, "portal/visits.html", {"visits": queries.upcoming(request.user, timezone.now())})
