"""A state in words, without a database."""

import pytest

from tests.treatment.rows import child
from treatment.rules import shown
from treatment.rules.state import cleaned, empty_state

NAMES = shown.Names(terms={"segment": {"C5": "C5"}}, codes={}, texts={}, people={7: "Mei Tan"})
SPOTS = {
    "LI4": (True, ("back", 300, 900)),
    "GV20": (False, ("front", 500, 40)),
    "GB8": (True, ("left", 450, 120)),
}


def state_of(**given):
    """A whole state, as a page would send it."""
    state, problems = cleaned(given)
    assert problems == []
    return state


@pytest.mark.parametrize(
    "code, side, places",
    [
        ("LI4", "left", [("back", 300, 900)]),
        ("LI4", "right", [("back", 700, 900)]),
        ("LI4", "both", [("back", 300, 900), ("back", 700, 900)]),
        ("GV20", "both", [("front", 500, 40)]),
        ("GB8", "both", [("left", 450, 120), ("right", 550, 120)]),
        ("GB8", "right", [("right", 550, 120)]),
        ("XX1", "both", []),
    ],
)
def test_a_point_stands_where_its_side_is(code, side, places):
    assert shown.places(child("needlings", code=code, side=side), SPOTS) == places


def test_an_ashi_point_stands_where_it_was_tapped_or_nowhere():
    tapped = child("needlings", kind="ashi", code="", view="back", x=400, y=420)
    typed = child("needlings", kind="ashi", code="", view="", x=None, y=None)
    assert (shown.places(tapped, SPOTS), shown.places(typed, SPOTS)) == ([("back", 400, 420)], [])


def test_an_empty_state_says_nothing():
    state = empty_state()
    parts = [
        shown.said(state),
        shown.found(state, NAMES),
        shown.assessed(state, NAMES),
        shown.after(state, NAMES),
    ]
    lists = [shown.needles(state, NAMES), shown.sets(state, NAMES), shown.confirmed(state, NAMES)]
    assert parts + lists == [[]] * 7


def test_no_pain_is_a_value():
    assert shown.said({**empty_state(), "said_pain_now": 0}) == [("Pain now", "0 of 10")]


@pytest.mark.parametrize("order, says", [(True, "as planned"), (False, "in another order than planned")])
def test_the_order_is_said_only_where_it_was_answered(order, says):
    assert shown.after({**empty_state(), "order_followed": order}, NAMES) == [("Order", says)]


def test_what_the_names_do_not_know_is_shown_as_it_was_written():
    bare = child("segments", segment="T12", tender=False, listings=[], side="")
    state = state_of(codes=["ICD-10-CM X99"], segments=[bare])
    assert shown.assessed(state, NAMES) == [("Diagnosis", "ICD-10-CM X99")]
    assert shown.found(state, NAMES) == [("T12", "noted")]


def test_a_copied_point_says_that_nobody_confirmed_it():
    row = child("needlings")
    (line,) = shown.needles(state_of(needlings=[row], carried=[row["id"]]), NAMES)
    assert (line.name, line.carried, line.against) == ("LI4", True, False)


def test_what_was_recorded_as_done_says_so():
    state = {**empty_state(), "against": [{**child("against"), "how": "done", "reason": "", "by": 7}]}
    (row,) = shown.against(state, NAMES)
    assert (row["done"], row["reason"], row["who"], str(row["severity"])) == (True, "", "Mei Tan", "relative")
