from django.shortcuts import render

from clinic.places import here
from clinic.roles import needs
from frontdesk.queries.unassessed import unassessed


@needs("read_chart")
def page(request):
    """Who is treated here without any medical assessment, so that somebody asks them."""
    context = {"rows": unassessed(request.user), "location": here(request)}
    return render(request, "frontdesk/unassessed.html", context)
