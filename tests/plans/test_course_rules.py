"""From phases to asks, what pays until when, what may not be booked, and what a form carries. No database."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from packages.rules.ledger import AUTHORIZATION, PURCHASE, Source
from plans.forms.course import carried, cells_in, day_in
from plans.queries.course import Wanted
from plans.rules.course.asking import (
    Frame,
    Planned,
    asks_of,
    ideal_days,
    paid_until,
    planned,
    reasons_not_to_book,
)
from plans.rules.course.values import Spot, Wishes

ACUPUNCTURE, CHIROPRACTIC = 1, 2
NEEDLES, ADJUSTMENT = 11, 12
MONDAY = date(2026, 11, 30)


@dataclass
class Phase:
    pk: str
    service_id: int
    visits: int
    offsets: list
    min_days: int = 2
    max_days: int = 5


def visits(*ideals, least=2, most=5):
    return [
        Planned(number, "a", 7, least, ideal, most, ((NEEDLES, ACUPUNCTURE),))
        for number, ideal in enumerate(ideals, 1)
    ]


def frame(**more):
    return Frame(**{"first_day": 1, "last_day": 60, "paid": {}, "pinned": {}, "was": {}, **more})


def package(last, left, number=1):
    return Source(UUID(int=number), PURCHASE, date(2026, 1, 1), last, {NEEDLES: left})


def approval(last, left, first=date(2026, 1, 1)):
    return Source(UUID(int=9), AUTHORIZATION, first, last, {None: left}, ACUPUNCTURE)


def test_the_ideal_distance_lies_between_two_offsets_also_across_phases():
    phases = [Phase("a", 7, 3, [0, 3, 7]), Phase("b", 8, 2, [14, 28], min_days=7, max_days=10)]
    found = planned(phases, {7: [(NEEDLES, ACUPUNCTURE)]})
    assert [(one.number, one.phase, one.service) for one in found] == [
        (1, "a", 7), (2, "a", 7), (3, "a", 7), (4, "b", 8), (5, "b", 8)
    ]  # fmt: skip
    assert [(one.least, one.ideal, one.most) for one in found] == [
        (1, 1, 5), (2, 3, 5), (2, 4, 5), (7, 7, 10), (7, 14, 14)
    ]  # fmt: skip
    assert [one.kinds for one in found[2:4]] == [((NEEDLES, ACUPUNCTURE),), ()]


def test_missing_offsets_go_on_in_weeks_within_the_phases_distances():
    found = planned([Phase("a", 7, 4, [0, 3], max_days=14), Phase("b", 8, 2, [], max_days=4)], {})
    assert [one.ideal for one in found] == [1, 3, 7, 7, 4, 4]


def test_more_offsets_than_visits_are_not_visits():
    assert len(planned([Phase("a", 7, 2, [0, 3, 7, 10])], {})) == 2


def test_ideal_days_count_from_the_first():
    assert [one.day for one in ideal_days(visits(9, 3, 4), MONDAY)] == [30, 3, 7]


@pytest.mark.parametrize(
    "sources, expected",
    [
        ([], {}),
        ([package(date(2026, 12, 31), 10)], {1: 31, 2: 31, 3: 31}),
        ([package(date(2026, 12, 31), 2)], {1: 31, 2: 31}),
        # What ends first is taken first, while the visit's ideal day lies inside.
        ([package(date(2026, 12, 31), 9), package(date(2026, 12, 5), 9, 2)], {1: 5, 2: 5, 3: 31}),
        # An approval before a package; what it does not reach the package pays.
        ([package(date(2026, 12, 31), 9), approval(date(2026, 12, 20), 1)], {1: 20, 2: 31, 3: 31}),
        ([approval(date(2026, 12, 20), 9, first=date(2026, 12, 3))], {2: 20, 3: 20}),
    ],
)
def test_until_when_something_pays(sources, expected):
    found = paid_until(visits(1, 3, 4), MONDAY, sources)
    assert {number: day.day for number, day in found.items()} == expected


def test_the_sooner_of_two_kinds_of_care_counts():
    both = [Planned(1, "a", 7, 1, 1, 5, ((NEEDLES, ACUPUNCTURE), (ADJUSTMENT, CHIROPRACTIC)))]
    sources = [
        package(date(2026, 12, 31), 3),
        Source(UUID(int=2), PURCHASE, date(2026, 1, 1), date(2026, 12, 9), {ADJUSTMENT: 1}),
    ]
    assert paid_until(both, MONDAY, sources) == {1: date(2026, 12, 9)}


def test_asks_carry_pins_changes_and_what_pays():
    pin, was = Spot(5, 60, (1,)), Spot(9, 99, (2,))
    asks = asks_of(visits(1, 3), frame(paid={2: 20}, pinned={1: pin}, was={2: was}))
    assert [(one.number, one.table, one.first_day, one.last_day) for one in asks] == [
        (1, 7, 1, 60),
        (2, 7, 1, 20),
    ]
    assert [(one.pinned, one.was) for one in asks] == [(pin, None), (None, was)]


def test_distances_a_day_off():
    asks = asks_of(visits(1, 3, least=1), frame(wider=True))
    assert [(one.least_gap, one.ideal_gap, one.most_gap) for one in asks] == [(1, 1, 6), (1, 3, 6)]


@pytest.mark.parametrize("before, settled", [(None, 0), (-4, 1), (-5, 0)])
def test_the_visit_before_counts_while_the_next_can_keep_its_distance(before, settled):
    asks = asks_of(visits(1, 3), frame(), before)
    assert sum(one.settled is not None for one in asks) == settled
    assert len(asks) == 2 + settled


@pytest.mark.parametrize(
    "days, away, wrong",
    [
        ([0, 3, 6], [], []),
        ([0, 1, 7], [], []),  # a day nearer and a day further than the plan says
        ([0, 0, 3], [], [2]),
        ([0, 3, 10], [], [3]),
        ([0, 3, 10], [5, 6], []),
        ([3, 0, 6], [], [2]),
    ],
)
def test_days_that_make_no_course(days, away, wrong):
    chosen = [(number, date.fromordinal(MONDAY.toordinal() + day)) for number, day in enumerate(days, 1)]
    away = [date.fromordinal(MONDAY.toordinal() + day) for day in away]
    reasons = reasons_not_to_book(chosen, visits(1, 3, 3), away)
    assert [int(reason.split()[1]) for reason in reasons] == wrong


def test_a_visit_left_out_makes_no_course():
    assert len(reasons_not_to_book([(1, MONDAY), (3, date(2026, 12, 3))], visits(1, 3, 3))) == 1
    assert reasons_not_to_book([(4, MONDAY)], visits(1, 3, 3)) == [
        "This plan has changed. Look for the times again."
    ]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("2026-12-01T14:00Z;1,2;3,4", (datetime(2026, 12, 1, 14, tzinfo=UTC), (1, 2), (3, 4))),
        ("2026-12-01T14:00Z;1;", (datetime(2026, 12, 1, 14, tzinfo=UTC), (1,), ())),
        ("2026-12-01T14:00;1;1", None),
        ("2026-12-01T14:00Z;x;1", None),
        ("2026-12-01T14:00Z;-1;1", None),
        ("2026-12-01T14:00Z;99999999999;1", None),
        ("2026-12-01T14:00Z;" + ",".join(["1"] * 21), None),
        ("", None),
    ],
)
def test_what_a_form_carries(text, expected):
    assert carried(text) == expected


def test_what_was_relaxed_is_read_again():
    assert cells_in("3-0 6-2 7-0 3-9 x 3-0") == {(3, 0), (6, 2)}
    assert (day_in("2026-12-01"), day_in("soon")) == (date(2026, 12, 1), None)


def test_days_away_both_ends_included_and_a_week_given_back():
    wanted = Wanted(away_from=date(2026, 12, 4), away_until=date(2026, 12, 8))
    assert [one.day for one in wanted.away] == [4, 5, 6, 7, 8]
    assert [one.day for one in Wanted(away_from=date(2026, 12, 4)).away] == [4, 5, 6, 7, 8, 9, 10]
    back = Wanted(
        away_from=date(2026, 12, 4), away_until=date(2026, 12, 8), come=frozenset({date(2026, 12, 7)})
    )
    assert [one.day for one in back.away] == [4, 5, 6]
    assert Wanted().away == []


@pytest.mark.parametrize("weekday, time, cost", [(0, 0, 0), (0, 1, None), (3, 0, None), (3, 1, 40)])
def test_hours_outside_the_wishes_cost_or_are_not_to_be_had(weekday, time, cost):
    wishes = Wishes(weekdays=frozenset({0}), times=frozenset({0}), also=frozenset({(3, 1)}))
    assert wishes.cost_of_hours(weekday, time) == cost
