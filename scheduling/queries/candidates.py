"""Who and which rooms could take a visit at one start, free or not: for selects, and for double bookings."""

from dataclasses import dataclass
from datetime import datetime

from scheduling.rules import sentences
from scheduling.rules.placing import bits_of
from services.models import PhaseKind


@dataclass(frozen=True, slots=True)
class Candidate:
    id: int
    name: str
    free: bool


def candidates(world, visit, start: datetime):
    """([people], [rooms]) group by group: everybody licensed and at work then, every room of the kind."""
    index, names = world.grid.index(start), names_in(world)
    people, rooms = [], []
    for group in visit.practitioner_groups:
        needed = bits_of(group, index)
        able = [pid for pid in world.cover.people if able_then(world, group, pid, needed)]
        people.append(
            [Candidate(p, names.practitioners[p], not needed & world.busy_practitioners[p]) for p in able]
        )
    for group in visit.room_groups:
        needed = bits_of(group, index)
        suited = [room for room in world.rooms.values() if group.wants <= {room.kind}]
        rooms.append(
            [Candidate(r.id, names.rooms[r.id], not needed & world.busy_rooms[r.id]) for r in suited]
        )
    return people, rooms


def able_then(world, group, pid, needed):
    licensed = all(not needed & ~world.may_treat(pid, discipline) for discipline in group.wants)
    return licensed and not needed & ~world.working.get(pid, 0)


def preferred(group, wished):
    """Whoever was asked for, else somebody free, else the first."""
    ids = {one.id for one in group}
    if wished in ids:
        return wished
    return next((one.id for one in group if one.free), group[0].id)


def names_in(world):
    """What the desk calls everybody and every room of a world."""
    people = [(person.id, person.name, person.credentials) for person in world.cover.people.values()]
    return sentences.Names(
        sentences.short_names(people),
        sentences.room_names((room.id, room.name) for room in world.rooms.values()),
    )


def group_labels(visit, part_names):
    """([label of each practitioner group], [label of each room group]): the part it is of, and the step where
    one part has several. `part_names`: {position: name}."""
    return (
        [label(visit, part_names, "practitioner_group", n) for n in range(len(visit.practitioner_groups))],
        [label(visit, part_names, "room_group", n) for n in range(len(visit.room_groups))],
    )


def label(visit, part_names, sort, number):
    phases = [phase for phase in visit.phases if getattr(phase, sort) == number]
    part = phases[0].part
    groups = {getattr(phase, sort) for phase in visit.phases if phase.part == part} - {None}
    name = part_names.get(part, "")
    return name if len(groups) == 1 else f"{name}: {PhaseKind(phases[0].kind).label}"
