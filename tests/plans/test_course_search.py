"""The search for a course against a model that shares no code with it, and against booking visit by visit."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plans.rules.course import values
from plans.rules.course.days import Day, table
from plans.rules.course.relax import most
from plans.rules.course.solve import common, solve
from plans.rules.course.spacing import furthest
from plans.rules.course.values import ANY_DAY, ANY_TIME, Ask, Horizon, Spot, Wishes
from scheduling.rules.layout import arrange
from scheduling.rules.search import Supply
from tests.plans.course_model import Kind, Model, apart, strangers
from tests.scheduling.phases import phase

WIDTH, DAYS = 12, 8  # quanta of a day, days of the horizon
MONDAY = date(2026, 11, 30)
HORIZON = Horizon(MONDAY, DAYS)
ALL = (1 << WIDTH * DAYS) - 1
WORK = sum(
    ((1 << WIDTH - 1) - 1) << WIDTH * day for day in range(DAYS)
)  # everything but the last quantum of a day
SINGLE = [phase(0, "hands_on", 10), phase(1, "turnover", 5, by=None, where=0, patient=False)]
DOUBLE = [
    phase(0, "hands_on", 10),
    phase(1, "retention", 5, by=None, where=0),
    phase(2, "adjustment", 10, by="chiropractic", room="table", part=1),
]
KINDS = {"single": SINGLE, "double": DOUBLE}
COVERS = {
    1: {"acupuncture"}, 2: {"acupuncture"}, 3: {"chiropractic"}, 4: {"acupuncture", "chiropractic"}
}  # fmt: skip
ROOMS = {1: {"treatment"}, 2: {"table"}, 3: {"treatment", "table"}}


def day_of(number):
    begin = number * WIDTH
    thirds = [((1 << 4) - 1) << (begin + 4 * time) for time in range(3)]
    return Day(begin, begin + WIDTH, tuple(thirds))


def quanta_of(bits):
    return {quantum for quantum in range(WIDTH * DAYS) if bits >> quantum & 1}


def tables_of(people, rooms, patient, duty):
    made = {}
    for name, specs in KINDS.items():
        visit = arrange(specs)
        supply = Supply(
            [
                {w: free for w, free in people.items() if g.wants <= COVERS[w]}
                for g in visit.practitioner_groups
            ],
            [{r: free for r, free in rooms.items() if g.wants <= ROOMS[r]} for g in visit.room_groups],
            patient,
            duty,
        )
        made[name] = table(visit, supply, [day_of(number) for number in range(DAYS)], allowed=ALL)
    return made


def model_of(people, rooms, patient, duty, wishes):
    kinds = {
        name: Kind(
            specs,
            {who: (COVERS[who], quanta_of(free)) for who, free in people.items()},
            {room: (ROOMS[room], quanta_of(free)) for room, free in rooms.items()},
            quanta_of(patient),
            quanta_of(duty),
        )
        for name, specs in KINDS.items()
    }

    def hours(day, start):
        if day in wishes.away:
            return None
        cell = ((MONDAY.weekday() + day) % 7, start % WIDTH // 4)
        if cell[0] in wishes.weekdays and cell[1] in wishes.times:
            return 0
        return 40 if cell in wishes.also else None

    def allowed(_kind, staff):
        return all(who in wishes.people.get(discipline, {who}) for discipline, who in staff)

    return Model(
        kinds,
        [list(range(n * WIDTH, (n + 1) * WIDTH)) for n in range(DAYS)],
        hours,
        allowed,
        wishes.away,
    )


def ask(number, kind="single", gaps=(1, 2, 3), days=(0, DAYS - 1), **more):
    return Ask(number, kind, *gaps, *days, **more)


def cost_of(course, asks, tables, wishes):
    """The cost of a course added up visit by visit, from the spots alone."""
    total, before = 0, None
    for one, spot in zip(asks, course.spots, strict=False):
        staff = tuple(
            (next(iter(w)), who) for w, who in zip(tables[one.table].treating, spot.people, strict=True)
        )
        total += tables[one.table].cost_at(spot.start, spot.people)
        total += 40 if not inside(spot, wishes) else 0
        if before is None:
            total += 40 * (spot.day - one.first_day)
        else:
            home = at_home(before[0], spot.day, wishes)
            total += apart(spot.day - before[0], home, one.ideal_gap) + 30 * strangers(before[1], staff)
        total += 100_000 if one.was is not None and one.was != spot else 0
        before = (spot.day, staff)
    return total


def at_home(before, day, wishes):
    return sum(one not in wishes.away for one in range(before + 1, day + 1))


def inside(spot, wishes):
    return (MONDAY.weekday() + spot.day) % 7 in wishes.weekdays and spot.start % WIDTH // 4 in wishes.times


def greedy(asks, tables, wishes):
    """Next times: each visit as near to its ideal day as the one before leaves it, cheapest first; no look ahead."""
    spots, before = [], None
    for one in asks:
        lone = solve_near(one, tables, wishes, before)
        if lone is None:
            break
        spots.append(lone)
        before = lone.day
    return values.Course(tuple(spots), 0, len(asks))


def solve_near(one, tables, wishes, before):
    first, last = (one.first_day, one.last_day) if before is None else (before + one.least_gap, DAYS - 1)
    target = first if before is None else before + one.ideal_gap
    days_open = [
        d
        for d in range(first, last + 1)
        if before is None or furthest(d, one.most_gap, wishes.away) <= before
    ]
    for day in sorted(days_open, key=lambda d: (abs(d - target), d)):
        found = solve([Ask(1, one.table, 1, 1, 1, day, day)], tables, wishes, HORIZON)
        if found.spots:
            return found.spots[0]
    return None


mostly_free = st.lists(st.integers(0, WIDTH * DAYS - 1), max_size=30).map(
    lambda busy: ALL & ~sum(1 << quantum for quantum in set(busy))
)
half_free = st.integers(0, ALL)
free = st.one_of(mostly_free, half_free)
worlds = st.fixed_dictionaries(
    {
        "people": st.fixed_dictionaries({1: free, 2: free, 3: free, 4: free}),
        "rooms": st.fixed_dictionaries({1: mostly_free, 2: mostly_free, 3: free}),
        "patient": mostly_free,
        "duty": mostly_free,
    }
)
gaps = st.tuples(st.integers(1, 2), st.integers(0, 2), st.integers(0, 2)).map(
    lambda g: (g[0], g[0] + min(g[1], g[1] + g[2]), g[0] + g[1] + g[2])
)
wished = st.builds(
    Wishes,
    weekdays=st.one_of(st.just(ANY_DAY), st.frozensets(st.integers(0, 6), min_size=2)),
    times=st.one_of(st.just(ANY_TIME), st.frozensets(st.integers(0, 2), min_size=1)),
    also=st.frozensets(st.tuples(st.integers(0, 6), st.integers(0, 2)), max_size=2),
    people=st.one_of(
        st.just({}), st.sampled_from([{"acupuncture": frozenset({1})}, {"acupuncture": frozenset({1, 4})}])
    ),
    away=st.frozensets(st.integers(0, DAYS - 1), max_size=2),
)
courses = st.lists(st.tuples(st.sampled_from(sorted(KINDS)), gaps), min_size=1, max_size=4).map(
    lambda rows: [ask(number, kind, gap) for number, (kind, gap) in enumerate(rows, 1)]
)
EXAMPLES = settings(derandomize=True, deadline=None, max_examples=120)


@EXAMPLES
@given(world=worlds, wishes=wished, asks=courses)
def test_as_many_visits_at_the_same_cost_as_the_model(world, wishes, asks):
    tables = tables_of(**world)
    found = solve(asks, tables, wishes, HORIZON)
    model = model_of(**world, wishes=wishes)
    wanted = [(a.table, a.least_gap, a.ideal_gap, a.most_gap, a.first_day, a.last_day, None) for a in asks]
    assert (len(found.spots), found.cost) == model.best(wanted)
    assert found.cost == cost_of(found, asks, tables, wishes)
    assert most(asks, tables, wishes, HORIZON) == len(found.spots)
    assert found.optimal


@EXAMPLES
@given(world=worlds, wishes=wished, asks=courses)
def test_every_spot_can_be_had_and_the_spacing_is_kept(world, wishes, asks):
    found = solve(asks, tables_of(**world), wishes, HORIZON)
    model = model_of(**world, wishes=wishes)
    for one, spot in zip(asks, found.spots, strict=False):
        staff = {
            tuple(who for _d, who in ways)
            for start, ways, _cost in model.places(one.table, spot.day)
            if start == spot.start
        }
        assert spot.people in staff
    for one, before, after in zip(asks[1:], found.spots, found.spots[1:], strict=False):
        assert after.day - before.day >= one.least_gap
        assert at_home(before.day, after.day, wishes) <= one.most_gap


@EXAMPLES
@given(world=worlds, wishes=wished, asks=courses)
def test_never_worse_than_taking_the_next_times(world, wishes, asks):
    tables = tables_of(**world)
    best, next_times = solve(asks, tables, wishes, HORIZON), greedy(asks, tables, wishes)
    assert len(best.spots) >= len(next_times.spots)
    if len(best.spots) == len(next_times.spots):
        assert best.cost <= cost_of(next_times, asks, tables, wishes)


@EXAMPLES
@given(world=worlds, other=worlds, wishes=wished, asks=courses)
def test_repairing_changes_no_more_visits_than_the_model_does(world, other, wishes, asks):
    """A course found in one world is asked for again in another one, where some of its times are gone."""
    was = solve(asks, tables_of(**world), wishes, HORIZON).spots
    again = [
        Ask(a.number, a.table, a.least_gap, a.ideal_gap, a.most_gap, a.first_day, a.last_day, was=spot)
        for a, spot in zip(asks, was, strict=False)
    ]
    found = solve(again, tables_of(**other), wishes, HORIZON)
    wanted = []
    for a in again:
        staff = tuple(
            (next(iter(w)), who)
            for w, who in zip((g.wants for g in arrange(KINDS[a.table]).practitioner_groups), a.was.people, strict=True)
        )  # fmt: skip
        wanted.append(
            (a.table, a.least_gap, a.ideal_gap, a.most_gap, 0, DAYS - 1, (a.was.day, a.was.start, staff))
        )
    # The model does not know that a visit may stay in hours that are not wished for any more.
    if all(inside(spot, wishes) and spot.day not in wishes.away for spot in was):
        assert (len(found.spots), found.cost) == model_of(**other, wishes=wishes).best(wanted)


def plain(**more):
    world = {
        "people": dict.fromkeys(COVERS, WORK),
        "rooms": dict.fromkeys(ROOMS, ALL),
        "patient": ALL,
        "duty": ALL,
    }
    return tables_of(**{**world, **more})


def days(course):
    return [spot.day for spot in course.spots]


def only_on(*numbers):
    """Bits of whole days."""
    return sum(((1 << WIDTH) - 1) << number * WIDTH for number in numbers)


ROW = [ask(1), ask(2), ask(3)]


def test_free_throughout_the_ideal_days_are_taken_at_once():
    found = solve(ROW, plain(), Wishes(), HORIZON)
    assert (days(found), found.cost, found.whole) == ([0, 2, 4], 0, True)


def test_two_visits_a_day_off_are_better_than_one_two_days_off():
    tables = plain(patient=only_on(0, 3, 6, 7))
    found = solve(ROW, tables, Wishes(), HORIZON)
    assert (days(found), found.cost) == ([0, 3, 6], 2 * 20)


def test_a_first_visit_waits_where_the_course_is_better_for_it():
    tables = plain(patient=only_on(0, 3, 5, 7))
    found = solve([ask(1), ask(2), ask(3)], tables, Wishes(), HORIZON)
    assert (days(found), found.cost) == ([0, 3, 5], 20)
    steady = [ask(1, gaps=(2, 2, 2)), ask(2, gaps=(2, 2, 2)), ask(3, gaps=(2, 2, 2))]
    assert days(solve(steady, tables, Wishes(), HORIZON)) == [3, 5, 7]


def test_the_same_person_treats_throughout():
    people = {1: only_on(0, 2), 2: only_on(0, 2, 4), 3: ALL, 4: 0}
    found = solve(ROW, plain(people=people), Wishes(), HORIZON)
    assert [spot.people for spot in found.spots] == [(2,), (2,), (2,)]


def test_one_day_later_costs_less_than_somebody_else():
    people = {1: only_on(0, 2, 5), 2: only_on(4), 3: ALL, 4: 0}
    found = solve(ROW, plain(people=people), Wishes(), HORIZON)
    assert (days(found), [spot.people for spot in found.spots]) == ([0, 2, 5], [(1,), (1,), (1,)])
    assert found.cost == 20


def test_what_does_not_fit_is_left_out_at_the_end():
    found = solve(ROW, plain(patient=only_on(0, 2)), Wishes(), HORIZON)
    assert (days(found), found.asked, found.whole) == ([0, 2], 3, False)


def test_nothing_fits_where_nobody_is_there():
    found = solve(ROW, plain(people=dict.fromkeys(COVERS, 0)), Wishes(), HORIZON)
    assert (found.spots, found.cost, found.asked) == ((), 0, 3)


def test_a_pinned_visit_stays_and_the_others_go_around_it():
    pin = Spot(3, 3 * WIDTH + 6, (2,))
    found = solve([ask(1), ask(2, pinned=pin), ask(3)], plain(), Wishes(times=frozenset({0})), HORIZON)
    assert found.spots[1] == pin
    assert days(found) == [0, 3, 5]


def test_a_pin_that_is_taken_ends_the_course_before_it():
    pin = Spot(3, 3 * WIDTH + 6, (2,))
    tables = plain(people={1: ALL, 2: ALL & ~(1 << pin.start), 3: ALL, 4: ALL})
    found = solve([ask(1), ask(2, pinned=pin), ask(3)], tables, Wishes(), HORIZON)
    assert len(found.spots) == 1
    assert most([ask(1), ask(2, pinned=pin), ask(3)], tables, Wishes(), HORIZON) == 1


def test_a_visit_that_is_over_keeps_the_next_at_a_distance_and_is_not_counted():
    asks = [ask(1, settled=Spot(-2, -20, (1,))), ask(2, gaps=(4, 5, 6)), ask(3)]
    found = solve(asks, plain(), Wishes(), HORIZON)
    assert (days(found), found.asked) == ([3, 5], 2)
    assert found.spots[0].people == (1,)
    assert most(asks, plain(), Wishes(), HORIZON) == 2


def test_only_those_that_must_change_do():
    was = [Spot(0, 0, (1,)), Spot(2, 2 * WIDTH, (1,)), Spot(4, 4 * WIDTH, (1,))]
    asks = [ask(n, was=spot) for n, spot in enumerate(was, 1)]
    people = {1: ALL & ~only_on(2), 2: ALL & ~only_on(2), 3: ALL, 4: 0}
    found = solve(asks, plain(people=people), Wishes(), HORIZON)
    assert (found.spots[0], found.spots[2]) == (was[0], was[2])
    assert found.spots[1].day in {1, 3}
    assert found.cost // values.CHANGED == 1


def test_groups_of_the_same_discipline_are_compared_once():
    a, c = frozenset({"acupuncture"}), frozenset({"chiropractic"})
    assert common((a, c), (c, a)) == [(1, 0), (0, 1)]
    assert common((a,), (a, a)) == [(0, 0)]
    assert common((a,), (c,)) == []


@pytest.mark.parametrize(
    "day, most_gap, away, first",
    [
        (10, 3, {}, 7),
        (10, 1, {}, 9),
        (10, 3, {8}, 6),
        (10, 3, {5, 6, 7, 8}, 3),  # 9, then 4, then 3 at home
        (10, 3, {6, 7}, 5),
        (10, 2, {9}, 7),
    ],
)
def test_days_away_do_not_count_against_the_longest_distance(day, most_gap, away, first):
    assert furthest(day, most_gap, away) == first


def test_two_weeks_away_do_not_end_a_course():
    away = frozenset({1, 2, 3, 4})
    found = solve([ask(1, gaps=(1, 2, 2)), ask(2, gaps=(1, 2, 2))], plain(), Wishes(away=away), HORIZON)
    assert (days(found), found.cost) == ([0, 5], 0)
    assert most([ask(1), ask(2), ask(3)], plain(), Wishes(away=away), HORIZON) == 3


def test_the_horizon_counts_days_and_weekdays():
    assert (HORIZON.number(date(2026, 12, 3)), HORIZON.date(3), HORIZON.weekday(3)) == (
        3,
        date(2026, 12, 3),
        3,
    )
    assert HORIZON.weekday(-1) == 6
