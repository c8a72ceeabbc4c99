"""When the day slips: late, early, longer, unwell, another room, and somebody who walks in."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import Room
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.timespan import TimeSpan
from patients.actions import register
from practitioners.models import Practitioner
from scheduling.actions.booking import Wanted, book, settle
from scheduling.actions.caring import join_care, leave_if_replaced
from scheduling.actions.changing import lock_visit, record_change, snapshot
from scheduling.actions.locking import all_or_nothing
from scheduling.actions.moving import carry_out
from scheduling.actions.occupying import expire_in_the_way, release
from scheduling.actions.rooms import begun, promise_room
from scheduling.actions.settling import settle_visits
from scheduling.actions.steps import arrive, room_here, stamp
from scheduling.models import Appointment, Status, VisitPhase, What
from scheduling.queries.progress import progress_of
from scheduling.queries.visits import agreed_layout, groups_of, specs
from scheduling.queries.world import load_world
from scheduling.rules.layout import arrange
from scheduling.rules.life import reasons_not_to_move
from scheduling.rules.slips import (
    RETENTION,
    reasons_not_to_change_room,
    reasons_not_to_say,
    reasons_not_to_start_early,
    with_needle_minutes,
)
from scheduling.rules.steps import stage


@all_or_nothing
def unwell(*, by, pk, request_key=None, location_shown=None):
    """The patient feels unwell: the time is stamped and the board says so. Returns the Change."""
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[pk]))
    visit, now = lock_visit(pk)
    refuse(reasons_not_to_say(visit.status, visit.patient.called))
    before = snapshot(visit)
    fact = stamp(visit, What.UNWELL, by=by, now=now)
    return record_change(visit, "unwell", by=by, now=now, before=before, facts=[fact])


@all_or_nothing
def longer(*, by, pk, minutes, request_key=None, location_shown=None):
    """What goes on now needs so many minutes more than was said so far. Returns the Change."""
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[pk]))
    visit, now = lock_visit(pk)
    progress = progress_of(visit)
    goes_on = stage(progress)
    refuse(reasons_not_to_say(visit.status, visit.patient.called))
    if goes_on is None or goes_on.phase is None:
        raise Refused(_("Nothing is going on yet that could take longer. Tap the next step first."))
    said = sum(
        fact.minutes for fact in progress.facts if fact.what == What.LONGER and fact.phase == goes_on.phase.id
    )
    before = snapshot(visit)
    fact = stamp(visit, What.LONGER, by=by, now=now, phase=goes_on.phase.id, minutes=said + minutes)
    return record_change(visit, "longer", by=by, now=now, before=before, facts=[fact], minutes=said + minutes)


@all_or_nothing
def change_room(*, by, pk, room, request_key=None, location_shown=None):
    """They move to another room, with the clock running on. Returns the Change.

    The fact is never refused; the rest of the visit is promised the new room if it is free.
    """
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[pk]))
    visit, now = lock_visit(pk, rooms=[room])
    into = room_here(visit, room)
    progress = progress_of(visit)
    refuse(reasons_not_to_change_room(progress, into.pk, visit.patient.called))
    goes_on = stage(progress)
    phase = goes_on.phase if goes_on else None
    before = snapshot(visit)
    old = phase.room if phase and phase.room else progress.room
    moved = promise_room(visit, old=old, new=into.pk, now=now)
    fact = stamp(visit, What.IN_ROOM, by=by, now=now, phase=phase and phase.id, room=into.pk)
    verb = "room" if moved else "room_changed"
    return record_change(visit, verb, by=by, now=now, before=before, facts=[fact], room=into.name)


def refuse(reasons):
    if reasons:
        raise Refused(reasons)


@all_or_nothing
def start_early(*, by, pk, request_key=None, location_shown=None):
    """Somebody who is early goes in now, if the room and the hands are free: the promise moves to now.

    Another room of the kind will do; the people stay. Returns the Change, or Refused with what is in the way.
    """
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[pk]))
    layout, phases = agreed_layout(pk)
    people, rooms = groups_of(layout, phases)
    starts_at = begun(timezone.now())
    visit, now = lock_everything(pk, starts_at, layout)
    refuse(reasons_not_to_start_early(visit.status, visit.patient.called))
    before = snapshot(visit)
    chosen = replace_promise(visit, layout, starts_at, people, rooms, by=by, now=now)
    leave_if_replaced(visit, before, chosen.phases, now=now)
    first = next(phase for phase in chosen.phases if phase.room)
    own = VisitPhase.objects.get(visitpart__appointment=visit, position=first.position)
    fact = stamp(visit, What.IN_ROOM, by=by, now=now, phase=own.pk, room=first.room)
    visit.status = Status.IN_TREATMENT
    visit.save()
    return record_change(
        visit, "move", by=by, now=now, before=before, facts=[fact], starts_at=starts_at.isoformat()
    )


@all_or_nothing
def start_shorter(
    *, by, pk, starts_at, minutes, practitioners, rooms, version=None, request_key=None, location_shown=None
):
    """Start late and end as promised: so many minutes of needles instead of those agreed. Returns the Change."""
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[pk]))
    layout = arrange(with_needle_minutes(specs(agreed_layout(pk)[1]), minutes))
    visit, now = lock_everything(pk, starts_at, layout, version=version)
    refuse(reasons_not_to_move(visit.status))
    before = snapshot(visit)
    chosen = replace_promise(visit, layout, starts_at, practitioners, rooms, by=by, now=now)
    leave_if_replaced(visit, before, chosen.phases, now=now)
    for phase in VisitPhase.objects.filter(visitpart__appointment=visit, kind=RETENTION)[:1]:
        phase.minutes = minutes
        phase.save()
    return record_change(
        visit, "move", by=by, now=now, before=before, starts_at=starts_at.isoformat(), needle_minutes=minutes
    )


def lock_everything(pk, starts_at, layout, version=None):
    """The visit, and whoever and whatever of its location it may be given from a start on."""
    location = Appointment.objects.values_list("location", flat=True).get(pk=pk)
    rooms = Room.objects.filter(location=location, active=True).values_list("pk", flat=True)
    people = Practitioner.objects.filter(active=True).values_list("pk", flat=True)
    span = TimeSpan.of(starts_at, minutes=layout.quanta * 5)
    return lock_visit(pk, version=version, spans=[span], practitioners=people, rooms=rooms)


def replace_promise(visit, layout, starts_at, people, rooms, *, by, now):
    """Take the visit's minutes back and promise it others, or Refused with what is in the way."""
    wanted = Wanted(
        patient=visit.patient,
        service=visit.service,
        location=visit.location,
        starts_at=starts_at,
        practitioners=people,
        rooms=rooms,
        walk_in=True,  # they are here: no notice is needed
    )
    span = TimeSpan.of(starts_at, minutes=layout.quanta * 5)
    expire_in_the_way(span=span, now=now)
    hour = TimeSpan(span.start.replace(minute=0, second=0, microsecond=0), span.end)
    world = load_world(visit.location, hour, now=now, patients=[visit.patient_id], ignoring=[visit.pk])
    chosen = settle(world, layout, wanted, now=now)
    release([visit])
    carry_out(visit, agreed_layout(visit.pk)[1], chosen, wanted, by=by)
    join_care([(visit, wanted, chosen)], by=by, now=now)
    settle_visits([visit], by=by, now=now)
    return chosen


@all_or_nothing
def walk_in(
    *,
    by,
    patient,
    new,
    service,
    location,
    offer,
    today,
    came_with="",
    request_key=None,
    location_shown=None,
):
    """Somebody who came without an appointment: registered if new, booked, and straight to waiting.

    `patient` is a record, or None with `new` = (id, columns of Patient); `offer` has starts_at,
    practitioners and rooms. `came_with` is needed for a minor. Returns the Change of the check-in.
    """
    claim(request_key, location=location_shown or reverse("scheduling:calendar"))
    if patient is None:
        pk, fields = new
        patient = register(by=by, request_key=None, pk=pk, location=location, fields=fields, today=today)
    wanted = Wanted(
        patient=patient,
        service=service,
        location=location,
        starts_at=offer.starts_at,
        practitioners=offer.practitioners,
        rooms=offer.rooms,
        walk_in=True,
    )
    (visit,) = book(by=by, wanted=[wanted])
    return arrive(by=by, pk=visit.pk, checked_another_way=True, came_with=came_with)
