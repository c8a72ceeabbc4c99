"""What would have to give way: the smallest thing, in the order of how much it asks of the person."""

import pytest

from plans.rules.course import values
from plans.rules.course.relax import most, smallest
from plans.rules.course.solve import solve
from plans.rules.course.values import Wishes
from tests.plans.test_course_search import (
    ALL,
    COVERS,
    DAYS,
    HORIZON,
    ROW,
    WIDTH,
    WORK,
    ask,
    days,
    only_on,
    plain,
)


@pytest.mark.parametrize(
    "wishes, people, patient, what, detail",
    [
        (Wishes(people={"acupuncture": frozenset({1})}), {1: only_on(0, 2)}, ALL, "people", "acupuncture"),
        (Wishes(), {}, only_on(0, 4, 7), "spacing", 1),
        (Wishes(away=frozenset({2, 3, 4})), {}, only_on(0, 1, 2, 3, 4), "week", 0),
    ],
)
def test_the_smallest_thing_that_would_have_to_give_way(wishes, people, patient, what, detail):
    tables = plain(patient=patient, people={**dict.fromkeys(COVERS, WORK), 4: 0, **people})
    found = smallest(ROW, tables, wishes, HORIZON)
    assert (found.what, found.detail, found.fits) == (what, detail, 3)
    assert solve(list(found.asks), tables, found.wishes, HORIZON).whole


def test_one_more_part_of_the_week_on_a_day_that_is_wished_comes_first():
    mornings = sum(0xF << day * WIDTH for day in (0, 2))
    tables = plain(patient=mornings | 0xF0 << 4 * WIDTH)  # Monday and Wednesday mornings, Friday afternoons
    wishes = Wishes(weekdays=frozenset({0, 2, 4}), times=frozenset({0}))
    assert most(ROW, tables, wishes, HORIZON) == 2
    found = smallest(ROW, tables, wishes, HORIZON)
    assert (found.what, found.detail, found.fits) == ("hours", (4, 1), 3)
    course = solve(list(found.asks), tables, found.wishes, HORIZON)
    assert (days(course), course.cost) == ([0, 2, 4], values.ALLOWED_TOO + values.LOOSE)


def test_a_later_end_and_a_visit_the_package_does_not_reach():
    early = [ask(number, gaps=(1, 1, 1), days=(0, 1)) for number in (1, 2, 3)]
    found = smallest(early, plain(), Wishes(), HORIZON)
    assert (found.what, found.detail, found.fits) == ("end", DAYS - 1, 3)
    paid = [ask(1), ask(2), ask(3, days=(0, 1))]
    found = smallest(paid, plain(), Wishes(), HORIZON, paid_until={3: 1})
    assert (found.what, found.detail, found.fits) == ("paid", 1, 3)


def test_what_helps_most_is_said_where_nothing_makes_all_of_them_fit():
    asks = [*ROW, ask(4)]
    tables = plain(patient=only_on(0, 2) | 0xF << 4 * WIDTH)
    wishes = Wishes(times=frozenset({1}))
    assert most(asks, tables, wishes, HORIZON) == 2
    found = smallest(asks, tables, wishes, HORIZON)
    assert (found.what, found.detail, found.fits) == ("hours", (4, 0), 3)


def test_nothing_is_said_where_nothing_helps():
    assert smallest(ROW, plain(patient=only_on(0)), Wishes(), HORIZON) is None
