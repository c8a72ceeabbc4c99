"""Needles in, out and missing: sums hold in every order, and nothing goes below zero unsaid."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from treatment.rules.counting import Balance, Placed, Removed, Spot, balance, counts, press_counts, sentences

NECK_L, NECK_R = Spot("neck", "left"), Spot("neck", "right")


def test_needles_are_counted_by_region_and_side():
    placed = [
        Placed("neck", "both", 2),
        Placed("neck", "left", 3),
        Placed("head", "none", 1),
        Placed("", "", 2),
        Placed("neck", "both", 4),
    ]
    assert counts(placed) == {
        NECK_L: 6,
        NECK_R: 3,
        Spot("head", "none"): 1,
        Spot("", "none"): 2,
    }
    assert list(counts(placed)) == [NECK_L, NECK_R, Spot("head", "none"), Spot("", "none")]


def test_an_odd_number_on_both_sides_is_not_shared_out():
    assert counts([Placed("neck", "both", 3)]) == {Spot("neck", "none"): 3}


def test_press_needles_are_counted_apart():
    placed = [Placed("neck", "left", 2), Placed("hand", "both", 4, press=True)]
    assert counts(placed) == {NECK_L: 2}
    assert press_counts(placed) == {Spot("hand", "left"): 2, Spot("hand", "right"): 2}
    assert balance(placed, [Removed("neck", "left", 2)]) == Balance(2, 2, {}, {}, press=4)


def test_what_was_not_placed_is_not_listed():
    assert counts([Placed("neck", "left", 0)]) == {}
    assert balance([], []) == Balance(0, 0, {}, {})
    assert balance([], []).is_even


def test_a_missing_needle_is_said_with_its_place():
    found = balance([Placed("neck", "both", 8)], [Removed("neck", "left", 4), Removed("neck", "right", 3)])
    assert found == Balance(8, 7, {NECK_R: 1}, {})
    assert sentences(found) == ["1 needle is missing: neck, right."]


def test_nothing_counted_means_all_are_missing():
    found = balance([Placed("neck", "both", 8), Placed("", "none", 2)], [])
    assert sentences(found) == [
        "4 needles are missing: neck, left.",
        "4 needles are missing: neck, right.",
        "2 needles are missing: region not said.",
    ]


def test_one_more_here_does_not_make_up_for_one_less_there():
    found = balance([Placed("neck", "both", 4)], [Removed("neck", "left", 3), Removed("neck", "right", 1)])
    assert found == Balance(4, 4, {NECK_R: 1}, {NECK_L: 1})
    assert not found.is_even
    assert sentences(found) == [
        "1 needle is missing: neck, right.",
        "1 more out than in: neck, left. Count again, or add what went in.",
    ]


def test_needles_come_out_where_none_went_in():
    found = balance([], [Removed("knee", "left", 2)])
    assert found == Balance(0, 2, {}, {Spot("knee", "left"): 2})


def test_counts_of_a_spot_add_up():
    removed = [Removed("neck", "left", 1), Removed("neck", "left", 2)]
    assert balance([Placed("neck", "left", 3)], removed).is_even


@pytest.mark.parametrize("wrong", [Placed("neck", "left", -1), Placed("neck", "both", -2)])
def test_a_number_of_needles_is_never_negative(wrong):
    with pytest.raises(ValueError, match="never negative"):
        counts([wrong])


REGIONS = st.sampled_from(["neck", "knee", "head", ""])
PLACED = st.builds(
    Placed, REGIONS, st.sampled_from(["left", "right", "both", "none", ""]), st.integers(0, 9), st.booleans()
)
REMOVED = st.builds(Removed, REGIONS, st.sampled_from(["left", "right", "none"]), st.integers(0, 9))


@settings(derandomize=True, deadline=None)
@given(st.lists(PLACED, max_size=12), st.lists(REMOVED, max_size=12), st.randoms(use_true_random=False))
def test_any_order_gives_the_same_balance(placed, removed, random):
    before = balance(placed, removed)
    random.shuffle(placed)
    random.shuffle(removed)
    assert balance(placed, removed) == before


@settings(derandomize=True, deadline=None)
@given(st.lists(PLACED, max_size=12), st.lists(REMOVED, max_size=12))
def test_what_is_in_is_the_sum_and_what_is_missing_the_difference(placed, removed):
    found = balance(placed, removed)
    assert found.needles_in == sum(each.needles for each in placed if not each.press)
    assert found.press == sum(each.needles for each in placed if each.press)
    assert found.out == sum(each.needles for each in removed)
    assert found.needles_in - found.out == sum(found.missing.values()) - sum(found.over.values())
    assert all(number > 0 for number in [*found.missing.values(), *found.over.values()])
    assert not found.missing.keys() & found.over.keys()
    assert len(sentences(found)) == len(found.missing) + len(found.over)
    assert found.is_even == (sentences(found) == [])


STEPS = st.lists(st.tuples(st.sampled_from(["add", "take back", "count"]), PLACED, REMOVED), max_size=30)


@settings(derandomize=True, deadline=None)
@given(STEPS)
def test_adding_taking_back_and_counting_in_any_order(steps):
    """As a note is written: needlings come and go, counts come in, and the balance holds after each step."""
    placed, removed = [], []
    expected_in, expected_out = 0, Counter()
    for step, needling, count in steps:
        if step == "add":
            placed.append(needling)
            expected_in += 0 if needling.press else needling.needles
        elif step == "take back" and placed:
            gone = placed.pop(0)
            expected_in -= 0 if gone.press else gone.needles
        elif step == "count":
            removed.append(count)
            expected_out[count.region, count.side] += count.needles
        found = balance(placed, removed)
        assert (found.needles_in, found.out) == (expected_in, expected_out.total())
        inside = counts(placed)
        for spot in {*inside, *(Spot(*each) for each in expected_out)}:
            missing = inside.get(spot, 0) - expected_out[spot]
            assert found.missing.get(spot, 0) == max(missing, 0)
            assert found.over.get(spot, 0) == max(-missing, 0)
