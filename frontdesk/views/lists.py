from django.shortcuts import render
from django.utils import timezone

from clinic.places import here
from clinic.roles import needs
from frontdesk import queries


@needs("see_the_day")
def opening(request):
    """Before the doors open: what can still be settled."""
    location = here(request)
    if location is None:
        return render(request, "frontdesk/today_nowhere.html")
    context = queries.opening(user=request.user, location=location, now=timezone.now())
    return render(request, "frontdesk/today_opening.html", context)


@needs("see_the_day")
def closing(request):
    """Before the doors close: what the day has left open, down to zero."""
    location = here(request)
    if location is None:
        return render(request, "frontdesk/today_nowhere.html")
    context = queries.closing(user=request.user, location=location, now=timezone.now())
    return render(request, "frontdesk/today_closing.html", context)
