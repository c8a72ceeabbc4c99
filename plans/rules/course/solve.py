"""The best course, exactly: dynamic programming over (visit, day, people).

Visits of a course lie on different days, so what one takes is not in the way of another; only the days between
two neighbors and who treats at both tie them together. The best way to reach a state (this visit, on this day,
with these people) therefore does not depend on how it goes on, and the least of all last states is the least of
all courses: docs/adr/0008-course-search.md.

Where not all visits fit, it is the first ones, as many as can be: treatment builds up, so a hole is no course.
"""

from itertools import combinations

from plans.rules.course.days import Table
from plans.rules.course.spacing import furthest, off
from plans.rules.course.values import (
    CHANGED,
    LATER,
    OFF_SPACING,
    OTHER_PERSON,
    Ask,
    Course,
    Horizon,
    Spot,
    Wishes,
)

State = tuple[int, int | None, object, int]  # cost so far, day and people of the visit before, start


def solve(asks: list[Ask], tables: dict, wishes: Wishes, horizon: Horizon) -> Course:
    """The most visits, and among those courses the least cost; ties go to earlier days and lower ids."""
    layers = []
    for ask in asks:
        options = options_of(ask, tables, wishes, horizon)
        if layers:
            before = asks[len(layers) - 1]
            pairs = common(treating(before, tables), treating(ask, tables))
            layer = step(layers[-1], options, ask, pairs, wishes.away)
        else:
            layer = opening(options, ask)
        if not layer:
            break
        layers.append(layer)
    return read_back(asks, layers)


def opening(options, ask):
    wait = 0 if ask.settled else LATER
    return {
        day: {
            people: (cost + wait * (day - ask.first_day), None, None, start)
            for people, (cost, start) in of_day.items()
        }
        for day, of_day in options.items()
    }


def treating(ask, tables):
    """Who treated at a settled visit is not asked."""
    return () if ask.settled else tables[ask.table].treating


def common(before, now):
    """[(group at the visit before, group now)] of the same discipline, each group once."""
    pairs, left = [], list(range(len(before)))
    for number, wants in enumerate(now):
        same = next((one for one in left if before[one] == wants), None)
        if same is not None:
            left.remove(same)
            pairs.append((same, number))
    return pairs


def step(layer, options, ask, pairs, away):
    """{day: {people: State}} of one visit, from those of the visit before.

    Who stays counts by its subsets: assuming fewer to have stayed than did only costs more, so the least over
    all subsets is exact, and it spares comparing every choice of people with every other.
    """
    kept = [subset for size in range(len(pairs) + 1) for subset in combinations(pairs, size)]
    best_of = {day: [least_by(of_day, subset) for subset in kept] for day, of_day in layer.items()}
    found = {}
    for day, of_day in options.items():
        first = furthest(day, ask.most_gap, away)
        ways = [
            (before, OFF_SPACING * off(before, day, ask.ideal_gap, away) ** 2)
            for before in best_of
            if first <= before <= day - ask.least_gap
        ]
        if not ways:
            continue
        merged = [merge(best_of, ways, number) for number in range(len(kept))]
        found[day] = {
            people: reach(people, option, merged, kept, len(pairs)) for people, option in of_day.items()
        }
    return found


def least_by(of_day, subset):
    """{who stays, in the order of the subset: (cost, people)}."""
    least = {}
    for people, state in of_day.items():
        key = tuple(people[before] for before, _now in subset)
        entry = (state[0], people)
        if key not in least or entry < least[key]:
            least[key] = entry
    return least


def merge(best_of, ways, number):
    """{who stays: (cost with the spacing, day before, people before)} over all days the visit before may have."""
    merged = {}
    for before, spacing in ways:
        for key, (cost, people) in best_of[before][number].items():
            entry = (cost + spacing, before, people)
            if key not in merged or entry < merged[key]:
                merged[key] = entry
    return merged


def reach(people, option, merged, kept, shared):
    ways = []
    for subset, by_key in zip(kept, merged, strict=True):
        entry = by_key.get(tuple(people[now] for _before, now in subset))
        if entry is not None:
            ways.append((entry[0] + OTHER_PERSON * (shared - len(subset)), entry[1], entry[2]))
    cost, before, people_before = min(ways)
    return cost + option[0], before, people_before, option[1]


def read_back(asks, layers):
    """Follow the best last state to the first visit; settled visits are not part of the answer."""
    asked = sum(ask.settled is None for ask in asks)
    if not layers:
        return Course((), 0, asked)
    cost, day, people = min(
        (state[0], day, people) for day, of_day in layers[-1].items() for people, state in of_day.items()
    )
    spots = []
    for layer in reversed(layers):
        state = layer[day][people]
        spots.append(Spot(day, state[3], people))
        day, people = state[1], state[2]
    placed = [spot for ask, spot in zip(asks, reversed(spots), strict=False) if ask.settled is None]
    return Course(tuple(placed), cost, asked)


def options_of(ask: Ask, tables: dict, wishes: Wishes, horizon: Horizon):
    """{day: {people: (cost, start)}} of what this visit may have under the wishes."""
    if ask.settled:
        return {ask.settled.day: {ask.settled.people: (0, ask.settled.start)}}
    table = tables[ask.table]
    if ask.pinned:
        return only(table, ask, ask.pinned)
    found = {}
    for day in table.options:
        if ask.first_day <= day <= ask.last_day and day not in wishes.away:
            of_day = options_on(table, day, wishes, horizon)
            if of_day:
                found[day] = of_day
    return found if ask.was is None else staying(found, table, ask, wishes)


def only(table: Table, ask: Ask, spot: Spot):
    """A pinned visit: there or nowhere. The hours wished for do not matter; free it must be."""
    cost = table.cost_at(spot.start, spot.people)
    if cost is None or not ask.first_day <= spot.day <= ask.last_day:
        return {}
    return {spot.day: {spot.people: (cost + (CHANGED if changed(ask, spot) else 0), spot.start)}}


def changed(ask, spot):
    return ask.was is not None and ask.was != spot


def options_on(table, day, wishes, horizon):
    found = {}
    for time, of_time in table.options[day].items():
        extra = wishes.cost_of_hours(horizon.weekday(day), time)
        if extra is None:
            continue
        for people, (cost, start) in of_time.items():
            entry = (cost + extra, start)
            if may_treat(table, people, wishes) and (people not in found or entry < found[people]):
                found[people] = entry
    return found


def may_treat(table, people, wishes):
    """Whether nobody among the people is against a wish for somebody else."""
    if not wishes.people:
        return True
    for who, wants in zip(people, table.treating, strict=True):
        for discipline in wants:
            if discipline in wishes.people and who not in wishes.people[discipline]:
                return False
    return True


def staying(found, table, ask, wishes):
    """Every option counts as a change, but for where the visit is now, while that can be."""
    moved = {
        day: {people: (cost + CHANGED, start) for people, (cost, start) in of_day.items()}
        for day, of_day in found.items()
    }
    spot = ask.was
    can_stay = ask.first_day <= spot.day <= ask.last_day and spot.day not in wishes.away
    cost = table.cost_at(spot.start, spot.people) if can_stay else None
    if cost is not None:
        moved.setdefault(spot.day, {})[spot.people] = (cost, spot.start)
    return moved
