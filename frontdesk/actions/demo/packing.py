"""Fast filling of many days: hours that repeat every week, one bit for each 5 minutes, no statements.

The same rules as booking, without its wishes: working hours, disciplines, kinds of rooms, nothing twice.
"""

from dataclasses import dataclass
from datetime import time

from clinic import walltime
from clinic.timespan import DAY
from practitioners.models import WorkingHours
from scheduling.queries.offers import Placed
from scheduling.rules.grid import QUANTUM, free_runs

MIDNIGHT = time(0)
STEP = 3  # quanta: visits begin on the quarter hour


@dataclass(frozen=True, slots=True)
class Shape:
    """A service's layout as bits from its start. Groups: [(mask, ids of those who can)]."""

    key: str
    people: list
    rooms: list
    phases: list
    hands: int


class Packer:
    """One location's week. `shapes`: {discipline key: {service key: Shape}}."""

    def __init__(self, catalog, location, disciplines):
        self.location = location
        self.rooms = {}
        for room in location.rooms.all():
            self.rooms.setdefault(room.kind_id, []).append(room.pk)
        self.disciplines = disciplines
        self.shapes = {key: self.shape(key, layout) for key, layout in catalog.layouts.items()}
        self.working = self.hours()

    def shape(self, key, layout):
        people = [(bits(group), self.able(group)) for group in layout.practitioner_groups]
        rooms = [
            (bits(group), [room for kind in group.wants for room in self.rooms.get(kind, [])])
            for group in layout.room_groups
        ]
        phases = list(zip(layout.phases, layout.intervals, strict=True))
        return Shape(key, people, rooms, phases, layout.practitioner_groups[0].intervals[0][1])

    def able(self, group):
        return [
            practitioner for practitioner, practiced in self.disciplines.items() if group.wants <= practiced
        ]

    def hours(self):
        """{weekday: {practitioner: bits from local midnight}}."""
        found = {}
        for row in WorkingHours.objects.filter(location=self.location):
            first, last = quantum_of(row.starts), quantum_of(row.ends)
            of_day = found.setdefault(row.weekday, {})
            of_day[row.practitioner_id] = of_day.get(row.practitioner_id, 0) | (1 << last) - (1 << first)
        return found


class PackedDay:
    """What is free on one date. The two days of 23 and 25 hours stay empty: their bits stand elsewhere."""

    def __init__(self, packer, date):
        self.packer, self.date = packer, date
        whole = walltime.day_span(date, packer.location.tz).length == DAY
        self.people = dict(packer.working.get(date.weekday(), {})) if whole else {}
        self.rooms = {room: -1 for rooms in packer.rooms.values() for room in rooms}
        start = walltime.instant(date, MIDNIGHT, packer.location.tz)
        self.instants = [start + number * QUANTUM for number in range(24 * 12 + 1)]

    def place(self, key, quantum, practitioner):
        """Phases with this practitioner in the first group they can take, or None; what is placed is taken."""
        shape = self.packer.shapes[key]
        people = choose(shape.people, quantum, self.people, practitioner)
        rooms = choose(shape.rooms, quantum, self.rooms, None) if people else None
        if rooms is None or practitioner not in people:
            return None
        take(shape.people, quantum, self.people, people)
        take(shape.rooms, quantum, self.rooms, rooms)
        return tuple(self.phase(need, interval, quantum, people, rooms) for need, interval in shape.phases)

    def phase(self, need, interval, quantum, people, rooms):
        first = quantum + interval[0]
        return Placed(
            need.part,
            need.key,
            need.kind,
            need.minutes,
            need.patient_present,
            None if need.practitioner_group is None else people[need.practitioner_group],
            None if need.room_group is None else rooms[need.room_group],
            self.instants[first],
            self.instants[first + interval[1]],
        )

    def next_free(self, practitioner, quantum, length):
        """The next quarter hour at which so many quanta are free, or None."""
        starts = free_runs(self.people[practitioner] >> quantum, length)
        while starts:
            found = quantum + (starts & -starts).bit_length() - 1
            if found % STEP == 0:
                return found
            starts &= starts - 1
        return None


def bits(group):
    found = 0
    for offset, length in group.intervals:
        found |= ((1 << length) - 1) << offset
    return found


def choose(groups, quantum, free, wished):
    """One for each group, the wished one first; None if somebody is missing. Nobody twice."""
    chosen = []
    for mask, candidates in groups:
        needed = mask << quantum
        if wished in candidates and wished not in chosen:
            candidates = [wished]
        found = next(
            (one for one in candidates if one not in chosen and free.get(one, 0) & needed == needed), None
        )
        if found is None:
            return None
        chosen.append(found)
    return chosen


def take(groups, quantum, free, chosen):
    for (mask, _candidates), one in zip(groups, chosen, strict=True):
        free[one] &= ~(mask << quantum)


def quantum_of(clock):
    return (clock.hour * 60 + clock.minute) // 5
