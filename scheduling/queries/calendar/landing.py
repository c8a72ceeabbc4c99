"""What dropping a piece of a visit somewhere means for the visit as a whole."""

from datetime import datetime
from typing import NamedTuple

from scheduling.queries.visits import agreed_layout
from scheduling.rules.drawing import PROVIDER
from scheduling.rules.grid import QUANTUM


class Landing(NamedTuple):
    """Where a visit is to go: as actions.moving.move takes it. The rooms are pinned where a room was chosen."""

    starts_at: datetime
    practitioners: tuple
    rooms: tuple
    pin_rooms: bool


def landing(pk, *, position, starts_at, by, column=None):
    """The visit moves as far as the piece that begins with the phase at `position`, dropped to begin at `starts_at`.

    In another provider's column that phase's group changes to them; in another room's column the room of its
    group does. None if the visit has no such phase. One statement.
    """
    layout, phases = agreed_layout(pk)
    index = next((number for number, phase in enumerate(phases) if phase.position == position), None)
    if index is None:
        return None
    people, rooms = groups(layout, phases)
    if column is not None and by == PROVIDER:
        change(people, practitioner_group(layout, index), column)
    elif column is not None:
        change(rooms, layout.phases[index].room_group, column)
    return Landing(
        starts_at=starts_at - layout.intervals[index][0] * QUANTUM,
        practitioners=tuple(people),
        rooms=tuple(rooms),
        pin_rooms=by != PROVIDER,
    )


def groups(layout, phases):
    """Practitioners and rooms as agreed, group by group."""
    people, rooms = [None] * len(layout.practitioner_groups), [None] * len(layout.room_groups)
    for need, phase in zip(layout.phases, phases, strict=True):
        if need.practitioner_group is not None:
            people[need.practitioner_group] = phase.practitioner_id
        if need.room_group is not None:
            rooms[need.room_group] = phase.room_id
    return people, rooms


def practitioner_group(layout, index):
    """The group of a phase; of one that needs nobody, that of whoever had the patient before in the part."""
    part = layout.phases[index].part
    before = [need for need in layout.phases[: index + 1] if need.part == part]
    found = [need.practitioner_group for need in before if need.practitioner_group is not None]
    return found[-1] if found else None


def change(ids, group, column):
    if group is not None:
        ids[group] = column
