"""The shape of a draft, whatever a page sends."""

from uuid import uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.treatment.rows import CHILD, child
from treatment.rules.carrying import confirmed, merged, taken_over, template_of
from treatment.rules.picking import needles_missing, needles_of
from treatment.rules.rates import per_thousand
from treatment.rules.state import CHILDREN, FIELDS, cleaned, empty_state

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
NAMES = st.sampled_from([*empty_state()])
ROWS = st.lists(
    st.dictionaries(st.sampled_from(["id", *{n for kind in CHILDREN.values() for n in kind}]), ANYTHING)
)


@settings(deadline=None)
@given(st.dictionaries(NAMES, ANYTHING | ROWS) | ANYTHING)
def test_nothing_that_is_sent_breaks_the_cleaning(raw):
    state, problems = cleaned(raw)
    assert set(state) == set(empty_state())
    assert all(problem.says for problem in problems)


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(CHILD)), max_size=12))
def test_what_was_cleaned_once_stays_as_it_is(kinds):
    raw = empty_state()
    for kind in kinds:
        raw[kind] = [*raw[kind], child(kind)]
    first, problems = cleaned(raw)
    assert problems == []
    kept = merged(empty_state(), first, by=1, now="2026-11-24T15:42:00+00:00")
    again, problems = cleaned(kept)
    assert problems == []
    assert merged(kept, again, by=2, now="2026-11-25T15:42:00+00:00") == kept


def test_every_field_has_an_empty_value_that_is_clean():
    assert cleaned(empty_state()) == (empty_state(), [])
    assert all(asked.clean(asked.empty) == asked.empty for asked in FIELDS.values())


def draft(*points):
    return {**empty_state(), "needlings": [full(child("needlings", **point)) for point in points]}


def full(row):
    return {**{name: asked.empty for name, asked in CHILDREN["needlings"].items()}, **row}


@settings(deadline=None)
@given(st.lists(st.sampled_from(["LI4", "LR3", "GB20", "ST36"]), unique=True), st.data())
def test_taken_over_twice_is_taken_over_once_and_confirmed_piece_by_piece(codes, data):
    last = draft(*({"code": code} for code in codes))
    state, added = taken_over(empty_state(), last, boxes={}, new_id=lambda: str(uuid4()))
    assert [one["code"] for one in state["needlings"]] == codes
    assert taken_over(state, last, boxes={}, new_id=lambda: str(uuid4())) == (state, [])
    state["carried"] = added
    some = data.draw(st.lists(st.sampled_from(added), unique=True)) if added else []
    left = confirmed(state, some)["carried"]
    assert (set(left), confirmed(state, "all")["carried"]) == (set(added) - set(some), [])


def test_what_is_not_confirmed_is_not_in_yet():
    state = draft({"region": "hand", "needles_in": 2}, {"region": "foot", "needles_in": 3, "side": "left"})
    state["counts"] = [{"region": "hand", "side": side, "out": 1} for side in ("left", "right")]
    assert needles_missing(state) == 3
    state["carried"] = [state["needlings"][1]["id"]]
    assert (needles_missing(state), needles_of(state).needles_in) == (0, 2)


def test_press_needles_are_not_missing():
    state = draft({"region": "head", "needles_in": 1, "side": "left", "press_until": "2026-11-27"})
    state["counts"] = [{"region": "hand", "side": "left", "out": 0}]
    assert (needles_missing(state), needles_of(state).press) == (0, 1)


def test_a_template_keeps_nothing_of_one_day():
    state = draft({"sensations": ["heavy"], "unusual": "twitch", "press_until": "2026-11-27"})
    state |= {"said_words": "stiff", "felt": "nothing"}
    kept = template_of(state)
    assert set(kept) == {"sets", "needlings", "adjuncts", "adjustments", "advice", "next_time"}
    row = kept["needlings"][0]
    assert (row["code"], row["sensations"], row["unusual"], row["press_until"]) == ("LI4", [], "", None)


def test_rates_are_rounded_half_up():
    assert [str(per_thousand(*pair)) for pair in ((1, 3), (1, 16), (0, 5), (3, 0))] == [
        "333.3",
        "62.5",
        "0.0",
        "None",
    ]
