"""A course of visits on many days, of one person at one location: booked, moved and put back all or none, inside the
caller's transaction. What is done at once is a bundle (rules.bundles): one mail, one undo.

Locks are taken visit by visit, each with its own people on its own days. Everybody of the course on every day of it
would be more than one step may lock.
"""

import uuid
from datetime import timedelta

from django.utils import timezone

from clinic.models import Room
from clinic.refusal import Refused
from clinic.timespan import TimeSpan
from scheduling.actions.booking import new_appointment, settle, write
from scheduling.actions.bundles import new_bundle, tell_of
from scheduling.actions.locking import AT_MOST, TooBusy, keys_for, lock
from scheduling.actions.moving import move_now
from scheduling.actions.occupying import expire_in_the_way
from scheduling.actions.undoing import PlaceGone, instant, resources_of, undo_now
from scheduling.emails import take_back
from scheduling.models import Appointment, VisitPhase
from scheduling.queries.offers import visit_of
from scheduling.queries.world import load_world
from scheduling.rules.bundles import in_turn
from scheduling.rules.placing import service_has_changed

AFTERWARDS_MINUTES = 60  # turnover and charting go on after the patient has left; only the dates count here


class VisitLost(Refused):
    """One visit cannot be booked as it was proposed; `index` says which of those that were wanted."""

    def __init__(self, index, refusal):
        super().__init__(refusal.reasons, conflict=refusal.conflict)
        self.index = index


def book_visits(*, by, wanted):
    """The appointments of a list of Wanted with named practitioners, in its order. One mail tells of all of them.

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
    bundle = new_bundle()
    booked = write(planned, by=by, now=now, bundle=bundle)
    tell_of(bundle, patient=wanted[0].patient.pk, by=by, now=now)
    return booked


def move_visits(*, by, moves):
    """Move visits of one person: [(visit, Wanted with named practitioners)]. Returns the Changes, in the same order.

    Within a transaction that has locked nothing yet. Raises VisitLost for the first that cannot be moved.
    """
    spans = [TimeSpan.of(one.starts_at, minutes=minutes_of(visit)) for visit, one in moves]
    own = keys_of_visits([visit.pk for visit, _one in moves])
    lock_each([one for _visit, one in moves], spans, own)
    bundle, changes = new_bundle(), {}
    for index in in_turn(
        [(visit.starts_at, one.starts_at, number) for number, (visit, one) in enumerate(moves)]
    ):
        visit, one = moves[index]
        try:
            changes[index] = move_now(
                by=by,
                pk=visit.pk,
                wanted=one,
                version=visit.version,
                request_key=None,
                shown="",
                bundle=bundle,
            )
        except TooBusy:
            raise
        except Refused as refusal:
            raise VisitLost(index, refusal) from refusal
    tell_of(bundle, patient=moves[0][0].patient_id, by=by, now=max(one.at for one in changes.values()))
    return [changes[index] for index in range(len(moves))]


def undo_bundle(*, by, changes):
    """Put back all visits that were changed at once, even with people who are away by now, as they were before.

    `changes`: of one bundle (queries.bundles). Within a transaction that has locked nothing yet. Refused where the
    time to undo is over, one was changed since, or its place is gone.
    """
    keys = keys_of_visits([one.appointment_id for one in changes])
    for one in changes:
        spans, people, rooms = resources_of(one.before)
        keys |= keys_for(spans=spans, practitioners=people, rooms=rooms)
    lock(keys)
    take_back(changes[0], now=timezone.now())  # once for all: otherwise each of them writes it again
    for change in in_turn([(one.appointment.starts_at, was_at(one), one) for one in changes]):
        try:
            undo_now(by=by, change_pk=change.pk, request_key=None, shown="", though_away=True)
        except PlaceGone as gone:
            raise Refused(gone.reasons, conflict=True) from gone


def was_at(change):
    """When the visit was before; of a booking, when it is."""
    before = change.before.get("starts_at")
    return instant(before) if before else change.appointment.starts_at


def minutes_of(visit):
    return (visit.ends_at - visit.starts_at) // timedelta(minutes=1) + AFTERWARDS_MINUTES


def keys_of_visits(pks):
    """The locks of what visits occupy, each visit's own on its own days, and of whose they are."""
    keys = keys_for(
        spans=[], patients=Appointment.objects.filter(pk__in=pks).values_list("patient_id", flat=True)
    )
    for phase in VisitPhase.objects.filter(visitpart__appointment__in=pks):
        keys |= keys_for(
            spans=[TimeSpan(phase.starts_at, phase.ends_at)],
            practitioners=[phase.practitioner_id] if phase.practitioner_id else [],
            rooms=[phase.room_id] if phase.room_id else [],
        )
    return keys


def lock_each(wanted, spans, more=frozenset()):
    """Every room of the location, so that another one may be taken; where that is too much, those proposed.

    `more`: keys to lock with them.
    """
    rooms = list(Room.objects.filter(location=wanted[0].location, active=True).values_list("pk", flat=True))
    keys = keys_of(wanted, spans, lambda one: rooms) | more
    lock(keys if len(keys) <= AT_MOST else keys_of(wanted, spans, lambda one: one.rooms or rooms) | more)


def keys_of(wanted, spans, rooms_of):
    keys = keys_for(spans=[], patients=[wanted[0].patient.pk])
    for one, span in zip(wanted, spans, strict=True):
        keys |= keys_for(spans=[span], practitioners=one.practitioners, rooms=rooms_of(one))
    return keys
