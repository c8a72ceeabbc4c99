from django.shortcuts import render

from clinic.places import here
from clinic.roles import may, needs
from frontdesk.queries.unassessed import unassessed


@needs("see_unassessed")
def page(request):
    """Who is treated here without any medical assessment, so that somebody asks them.

    An owner who reads no charts sees how many and who; what the patients said stays in the chart.
    """
    reads = may(request.user, "read_chart")
    context = {"rows": unassessed(request.user), "location": here(request), "reads": reads}
    return render(request, "frontdesk/unassessed.html", context)
