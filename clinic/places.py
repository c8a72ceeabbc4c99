"""Which location a member of staff is working at now: their choice, kept in the session."""

from clinic.models import Location, Role

SESSION_KEY = "location"


def places_of(request):
    """Active locations this person works at, in order; an owner's are all. One statement per request."""
    if not hasattr(request, "_places"):
        rows = Location.objects.filter(active=True)
        if Role.OWNER not in request.user.roles:
            rows = rows.filter(pk__in=request.user.location_ids)
        request._places = list(rows)
    return request._places


def here(request):
    """The location chosen, else the person's first; None for somebody who works nowhere."""
    places = places_of(request)
    chosen = request.session.get(SESSION_KEY)
    return next((place for place in places if place.pk == chosen), places[0] if places else None)


def choose(request, location_id):
    """Remember a location; one that is not theirs changes nothing."""
    if any(place.pk == location_id for place in places_of(request)):
        request.session[SESSION_KEY] = location_id
