"""A course of visits on many days, for one person at one location: booked all or none, inside the caller's transaction.

Locks are taken visit by visit, each with its own people on its own days. Everybody of the course on every day of it
would be more than one step may lock.
"""

import uuid

from django.utils import timezone

from clinic.models import Room
from clinic.refusal import Refused
from clinic.timespan import TimeSpan
from scheduling.actions.booking import new_appointment, settle, write
from scheduling.actions.locking import AT_MOST, keys_for, lock
from scheduling.actions.occupying import expire_in_the_way
from scheduling.queries.offers import visit_of
from scheduling.queries.world import load_world
from scheduling.rules.placing import service_has_changed


class VisitLost(Refused):
    """One visit cannot be booked as it was proposed; `index` says which of those that were wanted."""

    def __init__(self, index, refusal):
        super().__init__(refusal.reasons, conflict=refusal.conflict)
        self.index = index


def book_visits(*, by, wanted):
    """The appointments of a list of Wanted with named practitioners, in its order. No mail is queued for them.

    Within a transaction that has locked nothing yet. Raises VisitLost for the first that is not free any more.
    """
    visits = {one.service.pk: one.service for one in wanted}
    visits = {pk: visit_of(service) for pk, service in visits.items()}
    for index, one in enumerate(wanted):
        if len(one.practitioners) != len(visits[one.service.pk].practitioner_groups):
            raise VisitLost(index, Refused(service_has_changed()))
    spans = [TimeSpan.of(one.starts_at, minutes=visits[one.service.pk].quanta * 5) for one in wanted]
    lock_each(wanted, spans)
    now = timezone.now()
    hull = TimeSpan(min(span.start for span in spans), max(span.end for span in spans))
    expire_in_the_way(span=hull, now=now)
    start = hull.start.replace(minute=0, second=0, microsecond=0)
    world = load_world(
        wanted[0].location, TimeSpan(start, hull.end), now=now, patients=[wanted[0].patient.pk]
    )
    planned = []
    for index, one in enumerate(wanted):
        try:
            chosen = settle(world, visits[one.service.pk], one, now=now)
        except Refused as refusal:
            raise VisitLost(index, refusal) from refusal
        appointment = new_appointment(uuid.uuid4(), one, by=by, now=now, held_until=None, series=None)
        planned.append((appointment, one, chosen))
        world.take(chosen.placed, one.patient.pk)
    return write(planned, by=by, now=now, told=False)


def lock_each(wanted, spans):
    """Every room of the location, so that another one may be taken; where that is too much, those proposed."""
    rooms = list(Room.objects.filter(location=wanted[0].location, active=True).values_list("pk", flat=True))
    keys = keys_of(wanted, spans, lambda one: rooms)
    lock(keys if len(keys) <= AT_MOST else keys_of(wanted, spans, lambda one: one.rooms or rooms))


def keys_of(wanted, spans, rooms_of):
    keys = keys_for(spans=[], patients=[wanted[0].patient.pk])
    for one, span in zip(wanted, spans, strict=True):
        keys |= keys_for(spans=[span], practitioners=one.practitioners, rooms=rooms_of(one))
    return keys
