"""Several patients who want visits with one provider in the same weeks: taken one after the other, and together.

Taken one after the other, the first in order of priority chooses by the product's search, the next from what is left.
Together, exactly: every course that each of them could have, and of all ways to combine them that share no time the
one with the most visits, then the least cost. That model shares no code with the search.
"""

import random
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import permutations

from plans.rules.course.days import Day, table
from plans.rules.course.solve import solve
from plans.rules.course.values import Ask, Horizon, Wishes
from scheduling.rules.layout import arrange
from scheduling.rules.search import Supply
from tests.scheduling.phases import phase

WEEKS, WORKING_DAYS = 3, 6
DAYS = 7 * WEEKS
WIDTH = 12  # quanta of a day: four times of three quanta, each just long enough for one visit
TIMES_OF_DAY = (0, 1, 2, 2)  # morning, afternoon, twice evening
MONDAY = date(2026, 11, 30)
HORIZON = Horizon(MONDAY, DAYS)
VISIT = arrange([phase(0, "hands_on", 10), phase(1, "turnover", 5, by=None, where=0, patient=False)])
VISITS, LEAST, IDEAL, MOST = 4, 2, 3, 5
A_VISIT = 10**6  # above what a course can cost: more visits first
PROVIDER, ROOM = 1, 1


@dataclass(frozen=True)
class Patient:
    weekdays: frozenset[int]
    times: frozenset[int]
    first_day: int

    def may(self, slot):
        day, number = divmod(slot, 4)
        return day >= self.first_day and day % 7 in self.weekdays and TIMES_OF_DAY[number] in self.times


@dataclass(frozen=True)
class Instance:
    """`free`: the provider's open times, as 4 × day + which of the day's four. `patients`: in order of priority."""

    free: frozenset[int]
    patients: tuple[Patient, ...]

    @cached_property
    def courses(self):
        """For each patient [(value, slots)] of every course they could have if nobody else came, the best first."""
        return [sorted(every_course(patient, self.free)) for patient in self.patients]


def instance(seed, full):
    """Three or four patients with three to five days and one or two times of day each; the calendar is `full` %."""
    rng = random.Random(seed)
    slots = [4 * day + number for day in range(DAYS) if day % 7 < WORKING_DAYS for number in range(4)]
    free = frozenset(rng.sample(slots, round(len(slots) * (100 - full) / 100)))
    patients = tuple(
        Patient(
            weekdays=frozenset(rng.sample(range(WORKING_DAYS), rng.randint(3, 5))),
            times=frozenset(rng.sample(range(3), rng.randint(1, 2))),
            first_day=rng.randint(0, 3),
        )
        for _one in range(rng.randint(3, 4))
    )
    return Instance(free, patients)


# One after the other, by the product's search


def in_order(one, order=None):
    """The value of each patient's course, where they are taken in this order; without one in that of priority."""
    free, values = set(one.free), {}
    for number in order or range(len(one.patients)):
        course = by_search(one.patients[number], free)
        values[number] = value(len(course.spots), course.cost)
        free -= {4 * spot.day + (spot.start - spot.day * WIDTH) // 3 for spot in course.spots}
    return tuple(values[number] for number in sorted(values))


def in_best_order(one):
    return min(sum(in_order(one, order)) for order in permutations(range(len(one.patients))))


def by_search(patient, free):
    asks = [
        Ask(number, "visit", LEAST, IDEAL, MOST, patient.first_day, DAYS - 1)
        for number in range(1, VISITS + 1)
    ]
    wishes = Wishes(weekdays=patient.weekdays, times=patient.times)
    return solve(asks, {"visit": table_of(free)}, wishes, HORIZON)


def table_of(free):
    """Each free time is two quanta of the provider with nothing beside it, so that none is looser than another."""
    everything = (1 << WIDTH * DAYS) - 1
    provider = sum(0b11 << quantum_of(slot) for slot in free)
    supply = Supply([{PROVIDER: provider}], [{ROOM: everything}], everything, everything)
    return table(VISIT, supply, [day_of(number) for number in range(DAYS)], allowed=everything)


def quantum_of(slot):
    day, number = divmod(slot, 4)
    return day * WIDTH + 3 * number


def day_of(number):
    begin = number * WIDTH
    masks = [0, 0, 0]
    for which, time in enumerate(TIMES_OF_DAY):
        masks[time] |= 0b111 << (begin + 3 * which)
    return Day(begin, begin + WIDTH, tuple(masks))


# Together, exactly


def value(visits, cost):
    return cost - A_VISIT * visits


def every_course(patient, free):
    """(value, slots as bits) of every course, the empty one too."""
    may = sorted(slot for slot in free if patient.may(slot))
    yield 0, 0

    def onward(number, slot, cost, bits):
        yield value(number, cost), bits
        if number < VISITS:
            for other in may:
                gap = other // 4 - slot // 4
                if LEAST <= gap <= MOST:
                    yield from onward(number + 1, other, cost + 20 * (gap - IDEAL) ** 2, bits | 1 << other)

    for slot in may:
        yield from onward(1, slot, 40 * (slot // 4 - patient.first_day), 1 << slot)


def together(one):
    """The least value of all courses in sum: depth first, cut where even the best left for each is no better."""
    least = [sum(in_order(one))]

    def onward(number, total, taken):
        if number == len(one.courses):
            least[0] = min(least[0], total)
            return
        for worth, bits in one.courses[number]:
            if total + worth + bound(number + 1, taken) >= least[0]:
                return
            if not bits & taken:
                onward(number + 1, total + worth, taken | bits)

    def bound(number, taken):
        return sum(
            next(worth for worth, bits in courses if not bits & taken) for courses in one.courses[number:]
        )

    onward(0, 0, 0)
    return least[0]


def by_priority(one):
    """The best values where nobody gives anything up for those after them: of equal courses, whichever leaves more."""
    best = [in_order(one)]

    def onward(number, values, taken):
        if number == len(one.courses):
            best[0] = min(best[0], values)
            return
        found = None
        for worth, bits in one.courses[number]:
            if found not in (None, worth) or (*values, worth) > best[0][: number + 1]:
                return
            if not bits & taken:
                found = worth
                onward(number + 1, (*values, worth), taken | bits)

    onward(0, (), 0)
    return best[0]


def visits(total):
    """How many visits a value stands for; what is over is the cost."""
    return -(total // A_VISIT)
