"""Where a chosen service fits on a day: what lights up in the columns of the calendar."""

from typing import NamedTuple

from clinic import walltime
from clinic.timespan import TimeSpan
from scheduling.queries.offers import Wishes, bookable, look, reach, visit_of
from scheduling.queries.world import load_world
from scheduling.rules.drawing import PROVIDER
from scheduling.rules.grid import set_bits


class Fit(NamedTuple):
    """`starts`: instants at which the visit can begin here; `free`: the minutes that the beginning would take."""

    starts: list
    free: list[TimeSpan]


def fits(*, service, location, day, by, patient=None, now):
    """{column id: Fit} of one local day: where the visit can begin. Columns where it cannot are left out.

    Eight statements.
    """
    window = bookable(walltime.day_span(day, location.tz), service=service, location=location, now=now)
    if window is None:
        return {}
    visit = visit_of(service)
    patients = [patient.pk] if patient else []
    world = load_world(location, reach(window, visit), now=now, patients=patients)
    groups = visit.practitioner_groups if by == PROVIDER else visit.room_groups
    wishes = Wishes.of(patient, time_of_day="")
    patient_id = patients[0] if patients else None
    found = {}
    for column in suitable(world, by, wishes):
        starts, free = 0, 0
        for number, group in enumerate(groups):
            offset, length = group.intervals[0]
            if offset == 0:
                only = fixing(len(groups), number, column, by)
                held = holding(world, visit, window, patient_id, wishes, only)
                starts |= held
                free |= grown(held, length)
        if starts:
            found[column] = Fit(
                [world.grid.instant(bit) for bit in set_bits(starts)], spans(world.grid, free)
            )
    return found


def suitable(world, by, wishes):
    """Columns that the patient's lasting wishes leave."""
    if by == PROVIDER:
        people = world.cover.people.values()
        return [one.id for one in people if not wishes.gender or one.gender == wishes.gender]
    return [room.id for room in world.rooms.values() if room.step_free or not wishes.step_free]


def fixing(count, number, column, by):
    """One group with this column, the others with whoever and wherever."""
    ids = tuple(column if each == number else None for each in range(count))
    return (ids, None) if by == PROVIDER else (None, ids)


def holding(world, visit, window, patient_id, wishes, only):
    """The starts that hold, as bits."""
    found = look(world, visit, window=window, patient_id=patient_id, wishes=wishes, only=only)
    return sum(1 << option.start for option in found.options())


def grown(starts, length):
    """The quanta that something so long takes from each of these starts."""
    bits = 0
    for quantum in range(length):
        bits |= starts << quantum
    return bits


def spans(grid, bits):
    """The runs of set bits as spans."""
    found = []
    while bits:
        first = (bits & -bits).bit_length() - 1
        run = bits >> first
        length = ((run + 1) & -(run + 1)).bit_length() - 1
        found.append(TimeSpan(grid.instant(first), grid.instant(first + length)))
        bits &= -1 << (first + length)
    return found
