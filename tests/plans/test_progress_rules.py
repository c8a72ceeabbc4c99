"""How far a plan has come, by table: numbers, pace, owed parts, look-backs, payers' limits."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from plans.models import PlanStatus, RuleKind
from plans.rules.progress import (
    COMING,
    DONE,
    MISSED,
    OPEN,
    Part,
    Phase,
    Visit,
    counts_for,
    progress,
    reasons_to_stop,
)

START = date(2026, 10, 5)
OFFSETS = (0, 3, 7, 10, 14, 21, 28, 35)
ACU, ADJ = 1, 2
REVIEW = SimpleNamespace(kind=RuleKind.REVIEW, at_visit=6, at_day=28, text="Re-evaluate")
LIMITS = [
    SimpleNamespace(kind=RuleKind.LIMIT, visits=12, within_days=90, needs_improvement=False, text="12 in 90"),
    SimpleNamespace(
        kind=RuleKind.LIMIT, visits=20, within_days=365, needs_improvement=True, text="20 a year"
    ),
]


def a_visit(day, outcome=DONE, kinds=(ACU,), not_done=(), plan=None):
    on = START + timedelta(days=day)
    happened = {DONE: True, COMING: None, MISSED: False}[outcome]
    return Visit(
        appointment=uuid4(),
        on=on,
        starts_at=datetime(on.year, on.month, on.day, 15, tzinfo=UTC),
        outcome=outcome,
        parts=tuple(Part(kind, False if kind in not_done else happened) for kind in kinds),
        service=1,
        plan=plan,
    )


def read(visits, on, *, status=PlanStatus.ACTIVE, pauses=(), rules=(), kinds=(ACU,), reviewed_at=None):
    plan = SimpleNamespace(status=status, starts_on=START, reviewed_at=reviewed_at)
    phase = Phase("active", 1, "Acupuncture", len(OFFSETS), OFFSETS, kinds)
    return progress(
        plan,
        phases=[phase],
        visits=visits,
        pauses=list(pauses),
        rules=list(rules),
        today=START + timedelta(days=on),
    )


@pytest.mark.parametrize(
    "given, today, said",
    [
        ((), 0, "0 of 8, on track"),
        ((), 3, "0 of 8, on track"),  # a few days' grace
        ((), 4, "0 of 8, 1 behind"),
        ((0,), 4, "1 of 8, on track"),
        ((0, 3), 14, "2 of 8, 2 behind"),  # days 7 and 10 are over, 14 is not
        ((0, 3, 7, 10), 14, "4 of 8, on track"),
        ((0, 2, 4, 6, 8), 9, "5 of 8, on track"),  # faster than agreed is not behind
        ((0, 3, 7, 10, 14, 21, 28, 35), 90, "8 of 8, all visits done"),
    ],
)
def test_pace(given, today, said):
    assert read([a_visit(day) for day in given], today).said == said


def test_the_first_treatment_is_day_zero():
    late_start = read([a_visit(10), a_visit(13)], 18)
    assert (late_start.day_zero, late_start.said) == (START + timedelta(days=10), "2 of 8, on track")
    assert [visit.on for visit in late_start.visits][2] == START + timedelta(days=17)


def test_a_visit_to_come_is_booked_and_not_done():
    found = read([a_visit(0), a_visit(5, COMING)], 2)
    assert [visit.state for visit in found.visits] == [DONE, COMING, *[OPEN] * 6]
    assert (found.done, found.booked, found.owed, found.next.number, found.next_open.number) == (
        1,
        1,
        6,
        2,
        3,
    )


def test_a_missed_visit_is_owed_again():
    found = read([a_visit(0), a_visit(3, MISSED)], 4)
    assert (found.done, found.missed, found.owed) == (1, 1, 7)


def test_parts_that_were_not_done_are_owed():
    found = read(
        [a_visit(0, kinds=(ACU, ADJ), not_done=(ADJ,)), a_visit(3, COMING, (ACU, ADJ))], 1, kinds=(ACU, ADJ)
    )
    assert [(one.kind, one.total, one.done, one.booked, one.owed) for one in found.kinds] == [
        (ACU, 8, 1, 1, 6),
        (ADJ, 8, 0, 1, 7),
    ]


def test_more_visits_than_agreed_are_said():
    found = read([a_visit(day) for day in (*OFFSETS, 40, 42)], 50)
    assert (found.total, found.done, found.extra) == (8, 8, 2)


@pytest.mark.parametrize(
    "pauses, today, behind",
    [
        ([], 30, 4),
        ([(8, 22)], 30, 2),  # days 10, 14, 21 and on move by fourteen
        ([(8, None)], 30, 1),  # still resting: they move with every day
        ([(29, 40)], 45, 3),  # only what lay after the pause's beginning moves
    ],
)
def test_a_pause_moves_what_lay_after_it(pauses, today, behind):
    days = [
        (START + timedelta(days=first), None if last is None else START + timedelta(days=last))
        for first, last in pauses
    ]
    given = {30: (0, 3), 45: (0, 3, 7, 10)}[today]
    assert read([a_visit(day) for day in given], today, pauses=days).behind == behind


def test_a_paused_or_ended_plan_is_never_behind():
    assert read([], 90, status=PlanStatus.PAUSED).said == "0 of 8, paused"
    assert read([], 90, status=PlanStatus.DISCHARGED).said == "0 of 8, discharged"


@pytest.mark.parametrize(
    "given, today, due",
    [
        ((), 40, False),  # nothing was given yet: nothing to look back at
        ((0, 3, 7), 27, False),
        ((0, 3, 7), 28, True),  # day 28 comes first
        ((0, 3, 7, 10, 14), 20, False),
        ((0, 3, 7, 10, 14, 17), 20, True),  # visit 6 comes first
    ],
)
def test_a_look_back_is_due_by_visit_six_or_day_28(given, today, due):
    found = read([a_visit(day) for day in given], today, rules=[REVIEW]).review
    assert (found.due, found.on, found.at_visit) == (due, START + timedelta(days=28), 6)


def test_after_a_look_back_the_next_is_counted_from_it():
    reviewed = datetime(2026, 10, 20, 15, tzinfo=UTC)  # day 15
    given = [a_visit(day) for day in (0, 3, 7, 10, 14)]
    found = read(given, 20, rules=[REVIEW], reviewed_at=reviewed).review
    # Six visits more would be visit 11, but the plan has eight and is never carried on by itself.
    assert (found.due, found.on, found.at_visit) == (False, date(2026, 11, 17), 8)
    assert read(given, 44, rules=[REVIEW], reviewed_at=reviewed).review.due


def test_an_ended_plan_has_no_look_back():
    assert read([a_visit(0)], 60, rules=[REVIEW], status=PlanStatus.DISCHARGED).review is None


def test_payers_limits_count_the_last_days():
    given = [a_visit(day) for day in range(0, 48, 4)]
    found = read(given, 60, rules=LIMITS).limits
    assert [(one.used, one.visits, one.reached) for one in found] == [(12, 12, True), (12, 20, False)]
    later = read(given, 95, rules=LIMITS).limits
    assert [one.used for one in later] == [10, 12]  # days 0 and 4 lie more than 90 days back


@pytest.mark.parametrize(
    "done, better, speaks",
    [
        (7, {"NRS": 0}, False),
        (8, {"NRS": 0, "RMDQ": 10}, True),
        (8, {"NRS": 0, "RMDQ": 30}, False),  # one of them is enough
        (8, {}, False),  # nobody was asked: nothing can be said
        (8, {"NRS": None}, False),
    ],
)
def test_stop_or_refer_without_improvement(done, better, speaks):
    rule = SimpleNamespace(
        kind=RuleKind.STOP, at_visit=8, percent=30, measures=["NRS", "RMDQ"], text="Stop or refer"
    )
    assert list(reasons_to_stop([rule], done, better)) == (["Stop or refer"] if speaks else [])


def test_which_visits_belong_to_a_plan():
    mine, other = uuid4(), uuid4()
    week = START + timedelta(days=7)
    assert counts_for(a_visit(0), mine, {ACU}, START, None)
    assert not counts_for(a_visit(-1), mine, {ACU}, START, None)
    assert not counts_for(a_visit(8), mine, {ACU}, START, week)
    assert not counts_for(a_visit(0), mine, {ADJ}, START, None)
    assert counts_for(a_visit(-30, plan=mine), mine, {ADJ}, START, None)  # booked for it: whatever it is
    assert not counts_for(a_visit(0, plan=other), mine, {ACU}, START, None)
