"""May this visit be here, with these people and in these rooms, and if not, why: sentences to act on.

`world` is a scheduling.queries.world.World: plain values, already read.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from scheduling.rules.grid import QUANTUM, QUANTUM_MINUTES
from scheduling.rules.sentences import clock, room_name


@dataclass(slots=True)
class Verdict:
    """`reasons` empty means yes. `taken`: everything that stands in the way is somebody else's booking."""

    reasons: list[str] = field(default_factory=list)
    taken: bool = False


def reasons_not_to_start(starts_at, *, now, location, notice_minutes=0, walk_in=False):
    """Grid, past and horizon: what a start alone can be wrong about."""
    if starts_at.minute % QUANTUM_MINUTES or starts_at.second or starts_at.microsecond:
        return [
            _("Visits start on the full five minutes. Choose a time such as %(time)s.")
            % {"time": clock(rounded(starts_at), location.tz)}
        ]
    if starts_at < now - QUANTUM:
        return [_("This time is over. Choose a later one, or use “It happened” for a visit that took place.")]
    if (starts_at - now).days >= location.horizon_days:
        return [
            _("%(location)s books %(days)s days ahead. Choose an earlier day.")
            % {"location": location.name, "days": location.horizon_days}
        ]
    if not walk_in and (starts_at - now).total_seconds() < notice_minutes * 60:
        return [
            _("This service needs %(minutes)s minutes' notice. Choose a later time.")
            % {"minutes": notice_minutes}
        ]
    return []


def rounded(instant):
    down = instant.replace(minute=instant.minute - instant.minute % QUANTUM_MINUTES, second=0, microsecond=0)
    return down if down == instant else down + QUANTUM


def verdict(world, visit, start, *, practitioners, rooms, patient_id=None, overbook=False):
    """Why these people and rooms cannot take the visit at quantum `start` of the world's grid.

    With `overbook` other bookings of people and rooms are no reason; license, hours, kinds of room and the
    patient's own visits still are.
    """
    found = Verdict(taken=True)
    if len(practitioners) != len(visit.practitioner_groups) or len(rooms) != len(visit.room_groups):
        return Verdict([service_has_changed()])
    for group, pid in zip(visit.practitioner_groups, practitioners, strict=True):
        check_practitioner(world, found, group, pid, start, overbook)
    for group, rid in zip(visit.room_groups, rooms, strict=True):
        check_room(world, found, group, rid, start, overbook)
    check_clashes(found, visit, practitioners, rooms, world)
    if patient_id is not None:
        check_patient(world, found, visit, patient_id, start)
    found.taken = found.taken and bool(found.reasons)
    return found


def service_has_changed():
    """A choice of people and rooms that does not go with the parts of the service."""
    return _("This service has changed. Choose the time again.")


def bits_of(group, start):
    bits = 0
    for offset, length in group.intervals:
        bits |= ((1 << length) - 1) << (start + offset)
    return bits


def first_of(world, bits):
    """The wall-clock time at which a set of bits begins."""
    return clock(world.grid.instant((bits & -bits).bit_length() - 1), world.location.tz)


def say(found, reason, *, taken=False):
    found.reasons.append(reason)
    found.taken = found.taken and taken


def check_practitioner(world, found, group, pid, start, overbook):
    person = world.cover.people.get(pid)
    needed = bits_of(group, start)
    if person is None:
        return say(found, _("This provider does not work here. Choose another one."))
    for discipline in group.wants:
        if needed & ~world.may_treat(pid, discipline):
            return say(
                found,
                _("%(name)s has no valid license for this on that day. Choose another provider.")
                % {"name": person.full},
            )
    missing = needed & ~world.working.get(pid, 0)
    if missing:
        return say(
            found,
            _("%(name)s is not at work at %(time)s. Choose another time or provider.")
            % {"name": person.full, "time": first_of(world, missing)},
        )
    taken = needed & world.busy_practitioners[pid]
    if taken and not overbook:
        say(
            found,
            _("%(name)s is taken from %(time)s.") % {"name": person.full, "time": first_of(world, taken)},
            taken=True,
        )
    return None


def check_room(world, found, group, rid, start, overbook):
    room = world.rooms.get(rid)
    if room is None:
        return say(
            found,
            _("This room is not at %(location)s. Choose another one.") % {"location": world.location.name},
        )
    if not group.wants <= {room.kind}:
        return say(
            found, _("%(room)s is not fitted for this. Choose another room.") % {"room": room_name(room)}
        )
    needed = bits_of(group, start)
    taken = needed & world.busy_rooms[rid]
    if taken and not overbook:
        free = [
            room_name(other)
            for other in world.rooms.values()
            if other.kind == room.kind and not needed & world.busy_rooms[other.id]
        ]
        reason = _("%(room)s is taken from %(time)s.") % {
            "room": room_name(room),
            "time": first_of(world, taken),
        }
        if free:
            reason += " " + _("%(room)s is free.") % {"room": free[0]}
        say(found, reason, taken=True)
    return None


def check_clashes(found, visit, practitioners, rooms, world):
    for groups, ids in ((visit.practitioner_groups, practitioners), (visit.room_groups, rooms)):
        if any(ids[number] == ids[other] for number, group in enumerate(groups) for other in group.clashes):
            return say(found, _("One room or provider is needed twice at the same time. Choose another one."))
    return None


def check_patient(world, found, visit, patient_id, start):
    needed = ((1 << visit.patient_quanta) - 1) << start
    taken = needed & world.busy_patients[patient_id]
    if taken:
        say(
            found,
            _("The patient has another visit at %(time)s. Move that one, or choose another time.")
            % {"time": first_of(world, taken)},
            taken=True,
        )


def reasons_not_to_block(span, *, now, practitioner, room, location):
    if practitioner is None and room is None:
        return [_("Choose a provider, a room or both.")]
    if any(edge.minute % QUANTUM_MINUTES or edge.second for edge in (span.start, span.end)):
        return [_("Blocked time starts and ends on the full five minutes.")]
    if span.end <= now:
        return [_("This time is over. Choose a later one.")]
    if room is not None and room.location_id != location.pk:
        return [_("This room is not at %(location)s. Choose another one.") % {"location": location.name}]
    return []
