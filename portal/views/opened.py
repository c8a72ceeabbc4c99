"""Who opened one's record."""

from django.http import Http404
from django.utils import timezone

from clinic.pages import page_asked
from clinic.panels import render_here
from clinic.roles import needs
from patients.queries import who_looked
from portal.queries.visits import place_of
from portal.views.people import found


@needs("see_own_plan")
def opened(request, pk):
    """By day, who of the clinic opened the person's own record; whoever acts for somebody has no right to it."""
    _people, person = found(request, pk)
    if not person.rights.own:
        raise Http404
    place, now, page = place_of(person), timezone.now(), page_asked(request)
    zone = place.tz if place else timezone.get_current_timezone()
    looked, more = who_looked(person.patient, zone, now, page)
    context = {"person": person, "looked": looked, "page": page, "earlier": page + 1 if more else None}
    return render_here(request, "portal/opened.html", context, place=place)
