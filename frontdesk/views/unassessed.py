from django.shortcuts import render

from clinic.places import here
from clinic.roles import may, needs
from frontdesk.queries.unassessed import unassessed


@needs("see_unassessed")
def page(request):
    """Who is treated here without any medical assessment, so that somebody asks them.

    What they said stays in the chart: where that is closed to the reader, who and how many visits.
    """
    rows = unassessed(request.user)
    context = {
        "rows": rows,
        "location": here(request),
        "treats": may(request.user, "treat"),
        "some_closed": not all(row.open for row in rows),
    }
    return render(request, "frontdesk/unassessed.html", context)
