"""The best course, found without the product's search: sets of minutes, every start, every way to staff it.

Asks backwards (what is the best way on from here?) where the product builds forwards, and knows neither bitsets
nor groups: who treats and where is tried phase by phase. The costs are written out again, so that a change of
theirs is noticed.
"""

from dataclasses import replace
from functools import cache
from itertools import product

OFF_SPACING, LATER, OTHER_PERSON, ALLOWED_TOO, LOOSE, CHANGED = 20, 40, 30, 40, 2, 100_000


class Kind:
    """One kind of visit: who can take it where and when. `people`, `rooms`: {id: (what it covers, free quanta)}."""

    def __init__(self, specs, people, rooms, patient, duty):
        self.specs, self.people, self.rooms = counted_from_zero(specs), people, rooms
        self.patient, self.duty = patient, duty
        self.walked = list(self.walk())

    def walk(self):
        """The quanta of each phase after the start, walking the patient through."""
        patient_at = before_ends = 0
        for spec in self.specs:
            begins = patient_at if spec.patient_present else before_ends
            before_ends = begins + spec.minutes // 5
            if spec.patient_present:
                patient_at = before_ends
            yield range(begins, before_ends)

    def at(self, start):
        """{who treats, by (discipline, phase): cost} of every way to staff this start."""
        here = [{start + quantum for quantum in walked} for walked in self.walked]
        for spec, when in zip(self.specs, here, strict=True):
            if spec.patient_present and not when <= self.patient:
                return {}
            if spec.kind == "retention" and not when <= self.duty:
                return {}
        if not self.roomed(here):
            return {}
        found = {}
        for pick in self.picks(here, self.people, lambda s: s.discipline if s.practitioner_needed else None,
                               lambda s: s.same_practitioner_as):  # fmt: skip
            staff = self.staff(pick)
            found[staff] = min(found.get(staff, 10**9), self.loose(pick, here))
        return found

    def roomed(self, here):
        return any(
            True for _ in self.picks(here, self.rooms, lambda s: s.room_kind, lambda s: s.same_room_as)
        )

    def picks(self, here, having, wants, same_as):
        able = []
        for spec, when in zip(self.specs, here, strict=True):
            if wants(spec) is None and same_as(spec) is None:
                able.append([None])
            else:
                want = wants(spec)
                able.append(
                    [
                        who
                        for who, (covers, free) in having.items()
                        if (want is None or want in covers) and when <= free
                    ]
                )
        for pick in product(*able):
            if self.holds(pick, here, same_as):
                yield pick

    def holds(self, pick, here, same_as):
        taken = set()
        for spec, who, when in zip(self.specs, pick, here, strict=True):
            if same_as(spec) is not None and pick[same_as(spec)] != who:
                return False
            for quantum in when if who is not None else ():
                if (who, quantum) in taken:
                    return False
                taken.add((who, quantum))
        return True

    def leaders(self):
        """The phases that bring somebody new."""
        return [s.position for s in self.specs if s.practitioner_needed and s.same_practitioner_as is None]

    def follows(self, position, leader):
        spec = self.specs[position]
        if not spec.practitioner_needed:
            return False
        while spec.same_practitioner_as is not None:
            spec = self.specs[spec.same_practitioner_as]
        return spec.position == leader

    def staff(self, pick):
        return tuple((self.specs[leader].discipline, pick[leader]) for leader in self.leaders())

    def loose(self, pick, here):
        cost = 0
        for leader in self.leaders():
            whole = set().union(*(here[s.position] for s in self.specs if self.follows(s.position, leader)))
            free = self.people[pick[leader]][1]
            if min(whole) - 1 in free and max(whole) + 1 in free:
                cost += LOOSE
        return cost


def counted_from_zero(specs):
    """The same phases with positions 0, 1, 2, … and what they share named so."""
    at = {spec.position: number for number, spec in enumerate(specs)} | {None: None}
    return [
        replace(
            spec,
            position=at[spec.position],
            same_practitioner_as=at[spec.same_practitioner_as],
            same_room_as=at[spec.same_room_as],
        )
        for spec in specs
    ]


class Model:
    """`kinds`: {name: Kind}; `days`: for each day its quanta in order; `hours(day, start)`: what the wishes make a
    start there cost, None where they do not allow it; `allowed(kind, staff)`: whether these people may be taken."""

    def __init__(self, kinds, days, hours, allowed=lambda kind, staff: True, away=frozenset()):
        self.kinds, self.days, self.hours, self.allowed, self.away = kinds, days, hours, allowed, away

    @cache  # noqa: B019 - lives as long as one test
    def places(self, kind, day):
        """[(start, staff, cost)] of one day."""
        found = []
        for start in self.days[day]:
            extra = self.hours(day, start)
            if start % 3 == 0 and extra is not None:
                found += [
                    (start, staff, cost + extra)
                    for staff, cost in self.kinds[kind].at(start).items()
                    if self.allowed(kind, staff)
                ]
        return found

    def best(self, visits):
        """(how many visits fit, the least cost) of `visits`: (kind, least gap, ideal gap, most gap, first day, last
        day, where it was or None)."""

        @cache
        def onward(number, day, staff):
            if number == len(visits):
                return 0, 0
            kind, least, ideal, most, first, last, was = visits[number]
            ways = []
            for other in range(max(first, 0), min(last + 1, len(self.days))):
                gap = None if day is None else other - day
                at_home = gap and len([one for one in range(day + 1, other + 1) if one not in self.away])
                if gap is not None and (gap < least or at_home > most):
                    continue
                for start, who, cost in self.places(kind, other):
                    fit, more = onward(number + 1, other, who)
                    spacing = LATER * (other - first) if gap is None else apart(gap, at_home, ideal)
                    moved = CHANGED if was is not None and was != (other, start, who) else 0
                    persons = OTHER_PERSON * strangers(staff, who)
                    ways.append((-1 - fit, cost + spacing + moved + persons + more))
            most_fit, least_cost = min(ways, default=(0, 0))  # more visits first, then the least cost
            return -most_fit, least_cost

        return onward(0, None, ())


def strangers(before, now):
    """In how many disciplines somebody else treats than before."""
    changes, left = 0, list(before)
    for discipline, who in now:
        same = next((one for one in left if one[0] == discipline), None)
        if same is not None:
            left.remove(same)
            changes += same[1] != who
    return changes


def apart(gap, at_home, ideal):
    """What the distance costs: days away between two visits may be counted or not, as suits better."""
    return min(OFF_SPACING * (counted - ideal) ** 2 for counted in range(at_home, gap + 1))
