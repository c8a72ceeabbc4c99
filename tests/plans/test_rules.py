"""Small rules by table: what a plan wants, when pain is back, what was done at home, what the form begins with."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace
from uuid import uuid4

import pytest

from plans.models import PhaseKind, PlanStatus, RuleKind
from plans.rules import making, prefill, returning
from plans.rules.home import adherence, week_of
from plans.rules.listing import counts, in_order, wants
from plans.rules.making import Draft, GoalWish, HomeWish, PhaseWish, difference, snapshot, told

TODAY = date(2026, 11, 24)  # a Tuesday


def a_progress(
    name="Garcia, Maria", *, status=PlanStatus.ACTIVE, review=False, behind=0, done=2, booked=1, total=8
):
    plan = SimpleNamespace(status=status, patient=SimpleNamespace(name=name))
    return SimpleNamespace(
        plan=plan,
        review=SimpleNamespace(due=review),
        behind=behind,
        pace=f"{behind} behind",
        owed=total - done - booked,
        booked=booked,
        done=done,
        finished=done >= total,
    )


@pytest.mark.parametrize(
    "progress, expected",
    [
        (a_progress(), ["more"]),
        (a_progress(booked=6), []),
        (a_progress(booked=0), ["book"]),
        (a_progress(behind=2), ["behind", "more"]),
        (a_progress(review=True, behind=1, booked=0), ["review", "behind", "book"]),
        (a_progress(done=8, booked=0), ["finished"]),
        (a_progress(status=PlanStatus.PAUSED, review=True, behind=3, booked=0), []),
    ],
)
def test_what_a_plan_wants(progress, expected):
    assert [want.key for want in wants(progress)] == expected


def test_the_most_urgent_plan_comes_first_then_by_name():
    rows = in_order(
        [
            a_progress("Zeta", booked=6),
            a_progress("Beta", booked=0),
            a_progress("alpha", booked=6),
            a_progress("Omega", review=True),
            a_progress("Mu", behind=1),
        ]
    )
    assert [progress.plan.patient.name for progress, _wants in rows] == [
        "Omega",
        "Mu",
        "Beta",
        "alpha",
        "Zeta",
    ]
    assert counts(rows) == {"review": 1, "behind": 1, "book": 1, "finished": 0, "more": 2}


def a_trend(key="NRS", first=6, latest=6, *, returned=False, points=2):
    start = SimpleNamespace(pk=uuid4(), score=Decimal(first))
    last = start if points == 1 else SimpleNamespace(pk=uuid4(), score=Decimal(latest))
    return SimpleNamespace(
        key=key, baseline=start, latest=last, better=Decimal(first) - Decimal(latest), returned=returned
    )


@pytest.mark.parametrize(
    "status, finished, trend, back",
    [
        (PlanStatus.DISCHARGED, False, a_trend(returned=True), True),
        (PlanStatus.ACTIVE, True, a_trend("PEG", returned=True), True),
        (PlanStatus.ACTIVE, False, a_trend(returned=True), False),  # visits are still to come
        (PlanStatus.DISCHARGED, False, a_trend(returned=False), False),
        (PlanStatus.DISCHARGED, False, a_trend("GAD2", returned=True), False),  # no measure of pain
    ],
)
def test_when_pain_has_come_back(status, finished, trend, back):
    progress = SimpleNamespace(plan=SimpleNamespace(status=status), finished=finished)
    assert returning.pain_returned(progress, [trend]) == (trend if back else None)


def test_without_a_plan_pain_may_have_come_back_too():
    trend = a_trend(returned=True)
    assert returning.pain_returned(None, [trend]) == trend


@pytest.mark.parametrize(
    "trend, percent",
    [
        (a_trend(first=6, latest=3), 50),
        (a_trend(first=6, latest=7), Decimal(-100) / 6),
        (a_trend(first=0, latest=0), None),  # nothing to be a share of
        (a_trend(points=1), None),  # one score says nothing of change
    ],
)
def test_how_much_better(trend, percent):
    assert returning.percent_better([trend]) == {"NRS": percent}


def test_the_stop_rule_reads_the_scores():
    rule = SimpleNamespace(kind=RuleKind.STOP, at_visit=8, percent=30, measures=["NRS"], text="Stop or refer")
    progress = SimpleNamespace(done=8)
    assert returning.stops([rule], progress, [a_trend(first=6, latest=5)]) == ["Stop or refer"]
    assert returning.stops([rule], progress, [a_trend(first=6, latest=4)]) == []


def an_activity(started=30, per_week=5, ended=None):
    return SimpleNamespace(
        per_week=per_week,
        started_on=TODAY - timedelta(days=started),
        ended_on=None if ended is None else TODAY - timedelta(days=ended),
    )


def ticks(*ago):
    return [(TODAY - timedelta(days=days), True) for days in ago]


@pytest.mark.parametrize(
    "activity, done, this_week, percent",
    [
        (an_activity(), ticks(), 0, 0),
        (an_activity(), ticks(0, 1, 2), 2, 15),  # three of twenty in four weeks; Sunday was last week
        (an_activity(), ticks(*range(28)), 2, 100),  # more than agreed counts as all
        (an_activity(), ticks(29, 30), 0, 0),  # too long ago
        (an_activity(started=3), ticks(0, 1), 2, None),  # its first week is not over
        (an_activity(started=6), ticks(0, 1, 3), 2, 60),
        (an_activity(ended=7), ticks(8, 9, 10), 0, 18),
        (an_activity(), [*ticks(0), (TODAY, False)], 0, 0),  # not after all
    ],
)
def test_what_was_done_at_home(activity, done, this_week, percent):
    found = adherence(activity, done, TODAY)
    assert (found.this_week, found.percent) == (this_week, percent)


@pytest.mark.parametrize(
    "day, monday",
    [
        (TODAY, date(2026, 11, 23)),
        (date(2026, 11, 23), date(2026, 11, 23)),
        (date(2026, 11, 29), date(2026, 11, 23)),
    ],
)
def test_a_week_begins_on_monday(day, monday):
    assert week_of(day) == monday


@pytest.mark.parametrize(
    "baseline, smallest, higher, expected",
    [
        ("6", "2", False, "4"),
        ("1", "2", False, "0"),  # not below the lowest
        ("4", "2", True, "6"),
        ("9", "2", True, "10"),
        (None, "2", False, None),
        ("6", None, False, None),
    ],
)
def test_the_target_proposed(baseline, smallest, higher, expected):
    given = [None if value is None else Decimal(value) for value in (baseline, smallest)]
    found = making.target_of(*given, higher, 0, 10)
    assert found == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    "name, region",
    [("neck", "neck"), ("low back", "back"), ("upper back", "back"), ("headache", "neck"), ("foot", "other")],
)
def test_the_region_of_a_code(name, region):
    assert making.region_of(name) == region


PHASE = PhaseWish(PhaseKind.ACTIVE, "Acupuncture follow-up", 8, (0, 3, 7), 2, 10)


def a_draft(**changes):
    values = {
        "condition": "Neck pain",
        "region": "neck",
        "lead": "Mei Tan",
        "location": None,
        "starts_on": TODAY,
        "phases": (PHASE,),
    }
    return Draft(**values | changes)


def test_what_changed_is_told_in_words():
    before = snapshot(a_draft(goals=(GoalWish(words="Sleep"),)))
    after = snapshot(
        a_draft(
            condition="Neck pain, better",
            goals=(
                GoalWish(measure="NRS", baseline=Decimal("6.00"), target=Decimal("4.50")),
                GoalWish(words="Sleep"),
            ),
            home=(HomeWish("mind", "Body scan", 3, "ten minutes"),),
        )
    )
    assert told(*difference(before, after)) == [
        ("Condition", "Neck pain", "Neck pain, better"),
        ("Goals", "Sleep", "NRS from 6 to 4.5; Sleep"),
        ("At home", "nothing", "Body scan, 3 times a week: ten minutes"),
    ]


def test_another_order_is_no_change():
    goals = (GoalWish(words="Sleep"), GoalWish(words="Drive"))
    one, other = snapshot(a_draft(goals=goals)), snapshot(a_draft(goals=goals[::-1]))
    assert difference(one, other) == ({}, {})


def test_first_values_of_a_template():
    template = SimpleNamespace(
        key="x",
        visits=[{"day": 0}, {"day": 3}, {"day": 10}],
        maintenance={"visits": [{"day": 30}, {"day": 44}], "spacing_days": 14},
        measures=["NRS"],
    )
    treatment = {"phase_1_kind": "active", "phase_1_service": None, "phase_1_row": ""}
    assert prefill.of_template(template) == {
        "template": "x",
        "measures": ["NRS"],
        "phases": 1,
        "phase_1_visits": 3,
        "phase_1_least": 2,
        "phase_1_most": 10,
        "phase_1_gaps": "0,3,7",
        **treatment,
    }
    assert prefill.of_template(None) == {
        "template": "",
        "measures": ["NRS", "PEG"],
        "phases": 1,
        "phase_1_visits": 6,
        "phase_1_least": 2,
        "phase_1_most": 10,
        "phase_1_gaps": "0,3,4,3,4,7",
        **treatment,
    }
    assert (prefill.maintenance_of(template), prefill.maintenance_of(None)) == ((2, 14), (3, 14))


def test_a_goal_is_proposed_only_from_a_score():
    without = SimpleNamespace(measure="PEG", baseline=None, target=None)
    assert prefill.of_goal(None) == prefill.of_goal(without) == {"goal_measure": ""}
    scored = SimpleNamespace(measure="PEG", baseline=Decimal(6), target=Decimal(5))
    assert prefill.of_goal(scored) == {
        "goal_measure": "PEG",
        "goal_baseline": Decimal(6),
        "goal_target": Decimal(5),
    }


def test_what_is_done_at_home_stands_first_and_once():
    values = prefill.of_home([HomeWish("movement", "Yoga or tai chi", 4, "slowly")], rows=7)
    names = [values[f"home_{index}_name"] for index in range(1, 6)]
    assert names[0] == "Yoga or tai chi"
    assert (values["home_1"], values["home_1_per_week"], values["home_2"]) == (True, 4, False)
    assert len(set(names)) == len(names) == 5
