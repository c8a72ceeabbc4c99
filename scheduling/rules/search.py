"""When a visit fits, and with whom and where: no database, no clock, only bits.

The way through:

    visit = layout.arrange(specs)           what the visit occupies, counted from its start
    found = search(visit, supply, allowed=...)
    found.starts                            bitset of starts, fast, perhaps a few too many
    found.options(limit=8, step_quanta=3)   starts that hold, with practitioners and rooms
    placed(visit, option)                   the phases of one option, ready to be written

Starts are indexes into the quanta of one Grid (see scheduling.rules.grid), and all bits of
one question belong to that grid. Free bits are what is worked and not busy.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import islice
from operator import or_

from scheduling.rules.choice import EVERY_START, Pool, fit, pool
from scheduling.rules.grid import every, free_runs, set_bits
from scheduling.rules.layout import PhaseNeed, Visit


@dataclass(frozen=True, slots=True)
class Supply:
    """What is free.

    practitioners, rooms: for each group of the visit, in its order, {id: free bits} of
    those who cover what the group wants. patient_free: when the patient has no other
    appointment. duty: when somebody who may remove needles is on duty.
    """

    practitioners: Sequence[Mapping[int, int]]
    rooms: Sequence[Mapping[int, int]]
    patient_free: int
    duty: int = 0


@dataclass(frozen=True, slots=True)
class Preference:
    """Whom to take where several are free; all by id, 0 for whoever is not named.

    practitioner_cost: less is better, counted once for each group. The versatilities say
    how many disciplines or room kinds somebody or something covers: spare the versatile.
    """

    practitioner_cost: Mapping[int, int] = field(default_factory=dict)
    practitioner_versatility: Mapping[int, int] = field(default_factory=dict)
    room_versatility: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One start, with the practitioner and the room of each group, by id."""

    start: int
    practitioners: tuple[int, ...]
    rooms: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlacedPhase:
    """A phase at its time, the quanta [first, last) of the grid, with what it occupies."""

    phase: PhaseNeed
    first: int
    last: int
    practitioner: int | None
    room: int | None


@dataclass(frozen=True, slots=True)
class Search:
    """The answer for one visit; made by search().

    starts: where everything fits, except that one room or practitioner may have been
    counted for two groups at the same minutes; options() leaves those out.
    """

    practitioners: Pool
    rooms: Pool
    starts: int

    def assign(self, start: int) -> Assignment | None:
        """Who and where at this start; None if and only if no choice avoids a clash.

        Looks at practitioners and rooms alone: the patient, the duty and the allowed starts
        are in starts. Pool.choose says which choice it is.
        """
        practitioners = self.practitioners.choose(start)
        rooms = self.rooms.choose(start)
        if practitioners is None or rooms is None:
            return None
        return Assignment(start, practitioners, rooms)

    def options(
        self, *, limit: int | None = None, step_quanta: int = 1, among: int = EVERY_START
    ) -> Iterator[Assignment]:
        """Starts that hold, ascending: at most limit, on multiples of the step counted from
        the start of the grid, and only those in the bitset among."""
        bits = self.starts & among
        bits &= every(step_quanta, bits.bit_length())
        tried = (self.assign(start) for start in set_bits(bits))
        return islice((option for option in tried if option is not None), limit)


def search(
    visit: Visit,
    supply: Supply,
    *,
    allowed: int,
    require_duty: bool = False,
    preference: Preference | None = None,
) -> Search:
    """Look for the visit in the supply.

    allowed: the bits at which it may start (notice, horizon, wishes). require_duty leaves
    out the starts with an unattended retention.
    """
    wish = preference or Preference()
    practitioners = pool(
        visit.practitioner_groups,
        supply.practitioners,
        cost=wish.practitioner_cost,
        versatility=wish.practitioner_versatility,
    )
    rooms = pool(visit.room_groups, supply.rooms, cost={}, versatility=wish.room_versatility)
    bits = allowed
    if visit.patient_quanta:
        bits &= free_runs(supply.patient_free, visit.patient_quanta)
    if require_duty:
        bits &= fit(visit.retentions, supply.duty)
    for fits in (*practitioners.fits, *rooms.fits):
        bits &= reduce(or_, fits.values(), 0)
    return Search(practitioners, rooms, bits)


def starts(visit: Visit, supply: Supply, *, allowed: int, require_duty: bool = False) -> int:
    """The starts of search() alone: never too few, perhaps a few too many."""
    return search(visit, supply, allowed=allowed, require_duty=require_duty).starts


def unattended_retention(visit: Visit, start: int, duty: int) -> bool:
    """Whether, at some minute of a retention, nobody who may remove needles is on duty."""
    return not fit(visit.retentions, duty) >> start & 1


def placed(visit: Visit, chosen: Assignment) -> list[PlacedPhase]:
    """Every phase of the visit at its time, with the practitioner and room it occupies."""
    return [
        PlacedPhase(
            phase=phase,
            first=chosen.start + offset,
            last=chosen.start + offset + length,
            practitioner=_of_group(chosen.practitioners, phase.practitioner_group),
            room=_of_group(chosen.rooms, phase.room_group),
        )
        for phase, (offset, length) in zip(visit.phases, visit.intervals, strict=True)
    ]


def _of_group(ids: Sequence[int], group: int | None) -> int | None:
    return None if group is None else ids[group]
