"""What one kind of visit can have on each day: of each choice of people the best start of each time of day.

Within a day and a time of day nothing but the cost tells two starts with the same people apart, so the search
needs no more than the best of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import product
from operator import or_

from plans.rules.course.values import LOOSE, People, Spot
from scheduling.rules.choice import Pool, fit, pool
from scheduling.rules.grid import every, free_runs, set_bits
from scheduling.rules.layout import Group, Visit
from scheduling.rules.search import Supply

STEP_QUANTA = 3  # visits of a course begin on the quarter hour
Best = tuple[int, int]  # cost and start


@dataclass(frozen=True, slots=True)
class Day:
    """The quanta [first, last) of a local day, and the starts of each time of day as bits of the whole grid."""

    first: int
    last: int
    times: tuple[int, int, int]


@dataclass(slots=True)
class Table:
    """options[day][time of day][people] is (cost, start); days and times of day with nothing are left out.

    `treating` is which discipline each group of people stands for; `starts` has every start that rooms, patient
    and duty allow.
    """

    visit: Visit
    treating: tuple[frozenset, ...]
    fits: Sequence[Mapping[int, int]]
    tight: Sequence[Mapping[int, int]]
    rooms: Pool
    starts: int
    options: dict[int, dict[int, dict[People, Best]]] = field(default_factory=dict)

    def cost_at(self, start: int, people: People) -> int | None:
        """What a start with these people adds to the cost; None where it cannot be."""
        if start < 0 or not self.starts >> start & 1 or len(people) != len(self.fits):
            return None
        free = all(fits.get(who, 0) >> start & 1 for fits, who in zip(self.fits, people, strict=True))
        if not free or clashing(self.visit.practitioner_groups, people):
            return None
        touching = sum(tight[who] >> start & 1 for tight, who in zip(self.tight, people, strict=True))
        return LOOSE * (len(people) - touching)

    def spots_on(self, number: int, day: Day, allowed) -> Iterator[tuple[int, Spot]]:
        """Every start of a day with the cheapest people for it, as (cost, spot); `allowed(people)` chooses."""
        mask = (1 << day.last) - (1 << day.first)
        for start in set_bits(self.starts & mask):
            able = [[who for who, bits in fits.items() if bits >> start & 1] for fits in self.fits]
            costs = [(self.cost_at(start, people), people) for people in product(*able) if allowed(people)]
            found = min((one for one in costs if one[0] is not None), default=None)
            if found is not None:
                yield found[0], Spot(number, start, found[1])


def table(visit: Visit, supply: Supply, days: Sequence[Day], *, allowed: int) -> Table:
    """Everything this kind of visit can have. `allowed`: the starts between notice and horizon, as bits."""
    rooms = pool(visit.room_groups, supply.rooms, cost={}, versatility={})
    fits = [
        {who: can for who, bits in able.items() if (can := fit(group.intervals, bits))}
        for group, able in zip(visit.practitioner_groups, supply.practitioners, strict=True)
    ]
    made = Table(
        visit=visit,
        treating=tuple(group.wants for group in visit.practitioner_groups),
        fits=fits,
        tight=[
            {who: touching(group, able[who]) for who in fit_of}
            for group, able, fit_of in zip(visit.practitioner_groups, supply.practitioners, fits, strict=True)
        ],
        rooms=rooms,
        starts=all_starts(visit, supply, rooms, fits, allowed),
    )
    for number, day in enumerate(days):
        of_day = options_of(made, day)
        if of_day:
            made.options[number] = of_day
    return made


def all_starts(visit, supply, rooms, fits, allowed):
    """Where rooms, patient, duty and at least one of each group of people allow a start; rooms exactly."""
    bits = allowed & every(STEP_QUANTA, allowed.bit_length())
    bits &= free_runs(supply.patient_free, visit.patient_quanta) if visit.patient_quanta else -1
    bits &= fit(visit.retentions, supply.duty) if visit.retentions else -1
    for able in (*fits, *rooms.fits):
        bits &= reduce(or_, able.values(), 0)
    if all(apart(cluster, rooms.fits) for cluster in rooms.clusters):
        return bits
    return sum(1 << start for start in set_bits(bits) if rooms.choose(start) is not None)


def apart(cluster, fits):
    """Whether no room can be wanted twice: each group of the cluster has rooms of its own."""
    ids = [room for number in cluster for room in fits[number]]
    return len(ids) == len(set(ids))


def touching(group: Group, free: int) -> int:
    """The starts at which something else, or the end of work, lies right before or right after the group."""
    begins = group.intervals[0][0]
    ends = sum(group.intervals[-1])
    return (~(free << 1) >> begins) | (~free >> ends)


def options_of(table: Table, day: Day) -> dict[int, dict[People, Best]]:
    """{time of day: {people: (cost, start)}} of one day, worked out on the bits of that day alone."""
    first, width = day.first, (1 << (day.last - day.first)) - 1
    base = table.starts >> first & width
    if not base:
        return {}
    times = [base & bits >> first & width for bits in day.times]
    fits = [cut(able, first, base) for able in table.fits]
    tight = [cut(able, first, width) for able in table.tight]
    found: dict[int, dict[People, Best]] = {}
    for people in product(*fits):
        if clashing(table.visit.practitioner_groups, people):
            continue
        ranked = by_looseness(people, fits, tight, base)
        for time, mask in enumerate(times):
            best = cheapest(ranked, mask)
            if best is not None:
                found.setdefault(time, {})[people] = (best[0], best[1] + first)
    return found


def cut(able, first, mask):
    """{id: bits of one day}, without whoever has none."""
    return {who: bits for who, of_all in able.items() if (bits := of_all >> first & mask)}


def by_looseness(people, fits, tight, base):
    """[starts at which nobody is loose, starts at which one is, …] as bits of one day."""
    for who, able in zip(people, fits, strict=True):
        base &= able[who]
    ranked = [base]
    for who, touches in zip(people, tight, strict=True):
        bits = touches.get(who, 0)
        kept = [level & bits for level in ranked] + [0]
        moved = [0] + [level & ~bits for level in ranked]
        ranked = [one | other for one, other in zip(kept, moved, strict=True)]
    return ranked


def cheapest(ranked, mask):
    for loose, bits in enumerate(ranked):
        inside = bits & mask
        if inside:
            return LOOSE * loose, (inside & -inside).bit_length() - 1
    return None


def clashing(groups: Sequence[Group], people: People) -> bool:
    """Whether somebody would be wanted twice at the same minutes."""
    return any(
        people[number] == people[other] for number, group in enumerate(groups) for other in group.clashes
    )
