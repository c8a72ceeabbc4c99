"""When score checks are due, what their page asks, what a trend says and where its lines run."""

import json
from datetime import date, timedelta
from decimal import Decimal as D
from types import SimpleNamespace

import pytest

from outcomes.actions.reference import DATA
from outcomes.rules import asking, drawing, sheet
from outcomes.rules.change import sentence_of
from outcomes.rules.definitions import measure_from
from outcomes.rules.sheet import Answered

MEASURES = {
    entry["id"]: measure_from(entry)
    for entry in json.loads((DATA / "outcome_measures.json").read_text())["measures"]
}
START = date(2026, 10, 20)
SCHEDULE = [
    {"at": "baseline", "day": 0, "window_days": 7},
    {"at": "mid_course", "day": 28, "window_days": 7},
    {"at": "12_months", "day": 365, "window_days": 30},
]
DRIVING = SimpleNamespace(pk="d1", words="Driving to work")
DIGGING = SimpleNamespace(pk="d2", words="Digging")


def test_a_schedule_becomes_days():
    found = asking.wanted(SCHEDULE, START, ["NRS", "PGIC"])
    assert [(each.occasion, each.due_on, each.window_days) for each in found] == [
        ("baseline", START, 7),
        ("mid_course", date(2026, 11, 17), 7),
        ("12_months", date(2027, 10, 20), 30),
    ]
    # Nothing about change since treatment began, on the day it begins.
    assert [each.measures for each in found] == [("NRS",), ("NRS", "PGIC"), ("NRS", "PGIC")]


@pytest.mark.parametrize(
    ("status", "days", "state"),
    [
        ("open", -8, "later"),
        ("open", -7, "due"),
        ("open", 0, "due"),
        ("open", 7, "due"),
        ("open", 8, "missed"),
        ("answered", 100, "answered"),
        ("cancelled", 0, "cancelled"),
    ],
)
def test_states_follow_from_the_day(status, days, state):
    today = START + timedelta(days=days)
    assert asking.state_of(status=status, due_on=START, window_days=7, today=today) == state
    assert bool(asking.reasons_not_to_answer(state)) is (state != "due")


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({}, None),
        ({"measures": []}, "Choose at least one measure."),
        (
            {"measures": ["NDI"]},
            "One of these measures is not offered any more. Reload the page and choose again.",
        ),
        ({"merged": True}, "This is an old record. Open the one it was merged into."),
        ({"open_now": True}, "A score check is open already. Hand that one over, or cancel it first."),
    ],
)
def test_reasons_not_to_ask(changed, reason):
    asked = {"measures": ["NRS"], "known": {"NRS", "PEG"}, "merged": False, "open_now": False} | changed
    assert asking.reasons_not_to_ask(**asked) == ([reason] if reason else [])


@pytest.mark.parametrize(("total", "good"), [("0", True), ("50", True), ("51", False), ("-1", False)])
def test_a_typed_total_lies_within_the_measure(total, good):
    found = asking.reasons_not_to_type_in(MEASURES["NDI"], D(total))
    said = "The total of Neck Disability Index lies between 0 and 50. Look at the form again."
    assert found == ([] if good else [said])


def test_a_measure_that_is_gone_takes_no_total():
    said = "This measure is not offered any more. Reload the page and choose again."
    assert asking.reasons_not_to_type_in(None, D(1)) == [said]


# What is posted


def read(keys, posted, activities=()):
    return sheet.answers_from([MEASURES[key] for key in keys], list(activities), posted)


def test_answers_are_read_by_name_and_what_is_no_number_is_left_open():
    posted = {"PEG-peg_p": "7", "PEG-peg_e": "", "PEG-peg_g": "seven", "NRS-nrs_avg": "٤", "other": "1"}
    assert read(["NRS", "PEG"], posted) == Answered({"NRS": {}, "PEG": {"peg_p": 7}}, {})


def test_ticks_and_none_of_these():
    assert read(["RMDQ"], {"RMDQ-rmdq_01": "1", "RMDQ-rmdq_24": "1"}).given == {
        "RMDQ": {"rmdq_01": 1, "rmdq_24": 1}
    }
    assert read(["RMDQ"], {"RMDQ-none": "1"}).given == {"RMDQ": {"none": 1}}


def test_activities_are_named_first_and_rated_afterwards():
    posted = {"ACT3-words-1": " Driving ", "ACT3-new-1": "3", "ACT3-new-2": "4", "ACT3-words-3": ""}
    assert read(["ACT3"], posted) == Answered({}, {1: ("Driving", 3), 2: ("", 4)})
    assert read(["ACT3"], {"ACT3-d1": "6", "ACT3-words-1": "x"}, [DRIVING]).given == {"ACT3": {"d1": 6}}


@pytest.mark.parametrize(
    ("answered", "reason"),
    [
        (Answered({"NRS": {"nrs_avg": 0}}), None),
        (Answered({"NRS": {}, "PEG": {}}), "Nothing is answered yet. Answer at least one question."),
        (Answered({}, {1: ("Driving", None)}), None),
        (Answered({}, {1: ("", 4)}), "Write down which activity you mean, or take the number away."),
        (Answered({}, {1: ("x" * 101, 4)}), "Keep each activity to 100 letters."),
    ],
)
def test_reasons_not_to_keep(answered, reason):
    assert sheet.reasons_not_to_keep(answered) == ([reason] if reason else [])


# What is asked


def asked(keys, answered=None, activities=(), again=True):
    return sheet.blocks_of(
        [MEASURES[key] for key in keys], list(activities), answered or Answered(), asked_again=again
    )


@pytest.mark.parametrize(
    ("keys", "given", "left"),
    [
        (["PEG"], {}, 3),
        (["PEG"], {"PEG": {"peg_p": 1, "peg_e": 0}}, 1),
        (["PEG"], {"PEG": {"peg_p": 1, "peg_e": 0, "peg_g": 0}}, 0),
        (["RMDQ"], {}, 1),  # one list is one thing to do
        (["RMDQ"], {"RMDQ": {"none": 1}}, 0),
        (["RMDQ"], {"RMDQ": {"rmdq_09": 1}}, 0),
        (["NRS", "GAD2"], {"NRS": {"nrs_avg": 4}}, 4),
    ],
)
def test_what_is_still_open(keys, given, left):
    assert sheet.still_open(asked(keys, Answered(given))) == left


def test_nothing_is_marked_before_it_was_sent():
    assert sheet.still_open(asked(["PEG", "RMDQ", "ACT3"], again=False)) == 0


@pytest.mark.parametrize(
    ("named", "left"),
    [({}, 1), ({1: ("Driving", 3)}, 0), ({1: ("Driving", None)}, 1), ({1: ("Driving", 3), 2: ("", 5)}, 1)],
)
def test_one_activity_is_enough_and_a_begun_one_wants_both(named, left):
    assert sheet.still_open(asked(["ACT3"], Answered({}, named))) == left


def test_named_activities_are_asked_in_the_patients_words():
    (block,) = asked(["ACT3"], Answered({"ACT3": {"d2": 6}}), [DRIVING, DIGGING])
    assert [(q.name, q.text, q.open, q.words) for q in block.questions] == [
        ("ACT3-d1", "Driving to work", True, ""),
        ("ACT3-d2", "Digging", False, ""),
    ]
    assert [choice.value for choice in block.questions[1].choices if choice.chosen] == [6]
    assert (block.questions[0].low, block.questions[0].high) == (
        "I cannot do it",
        "As well as before the problem",
    )


def test_a_scale_offers_0_to_10_and_a_choice_its_words():
    (scale,), (choice,) = asked(["BOTHER"])[0].questions, asked(["PGIC"])[0].questions
    assert [each.value for each in scale.choices] == list(range(11))
    assert [each.label for each in choice.choices][:2] == ["very much better", "much better"]


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "One question is still open. Answer it, or send without it."),
        (3, "3 questions are still open. Answer them, or send without them."),
    ],
)
def test_open_questions_are_counted_in_words(count, words):
    assert sheet.open_words(count) == words


# What a trend says

LATER = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("key", "first", "now", "says"),
    [
        ("NRS", 7, 4, "Down 3 since Oct 20; a drop of 2 is one people notice."),
        ("NRS", 7, 6, "Down 1 since Oct 20; a drop of 2 is one people notice."),
        ("NRS", 3, 2, "Down 1 since Oct 20; a drop of 30 percent is one people notice."),
        ("NRS", 4, 6, "Up 2 since Oct 20; a drop of 2 is one people notice."),
        ("NRS", 4, 4, "The same as on Oct 20."),
        ("PEG", "6.3", "5.0", "Down 1.3 since Oct 20; a drop of 1 is one people notice."),
        ("ACT3", "3.3", "5.8", "Up 2.5 since Oct 20; a rise of 2 is one people notice."),
        ("ACT3", 5, 4, "Down 1 since Oct 20; a rise of 2 is one people notice."),
        ("GAD2", 5, 3, "Down 2 since Oct 20."),
        ("PGIC", 4, 2, "Much better, on Nov 24."),
    ],
)
def test_the_sentence_above_a_trend(key, first, now, says):
    assert sentence_of(MEASURES[key], D(first), START, D(now), LATER) == says


def test_one_score_is_only_a_first_one():
    assert sentence_of(MEASURES["NRS"], D(7), START, D(7), START) == "7 on Oct 20, the first score."


# Where its lines run


def test_the_axis_is_the_whole_range_of_the_measure():
    assert drawing.up(MEASURES["NRS"], D(0)) == drawing.BOTTOM
    assert drawing.up(MEASURES["NRS"], D(10)) == drawing.TOP
    assert drawing.up(MEASURES["RMDQ"], D(12)) == (drawing.TOP + drawing.BOTTOM) / 2
    assert [value for _y, value in drawing.picture_of(MEASURES["NRS"], [(START, D(5))]).grid] == [0, 5, 10]
    assert [value for _y, value in drawing.picture_of(MEASURES["PGIC"], [(START, D(5))]).grid] == [1, 4, 7]


def test_points_run_from_the_first_day_to_the_last():
    days = [START, START + timedelta(days=14), START + timedelta(days=56)]
    picture = drawing.picture_of(MEASURES["NRS"], list(zip(days, [D(7), D(5), D(2)], strict=True)))
    assert [dot.x for dot in picture.dots] == [34, 112, 346]
    assert picture.line == "34.0,42.0 112.0,62.0 346.0,92.0"
    assert (picture.first, picture.last) == (days[0], days[-1])


def test_a_short_time_does_not_fill_the_picture():
    picture = drawing.picture_of(MEASURES["NRS"], [(START, D(7)), (START + timedelta(days=7), D(5))])
    assert [dot.x for dot in picture.dots] == [34, 112]
    assert picture.last == START + timedelta(days=28)


@pytest.mark.parametrize(
    ("key", "first", "high", "low"),
    [("NRS", 7, 9, 5), ("NRS", 1, 3, 0), ("NRS", 10, 10, 8), ("RMDQ", 14, 19, 9)],
)
def test_the_band_is_the_smallest_change_around_the_first_score(key, first, high, low):
    measure = MEASURES[key]
    top, height = drawing.band_around(measure, D(first))
    assert top == drawing.up(measure, D(high))
    assert round(top + height, 1) == drawing.up(measure, D(low))


def test_a_measure_without_a_figure_has_no_band():
    assert drawing.band_around(MEASURES["PHQ2"], D(3)) is None


def test_visits_are_ticks_on_their_days():
    visits = [START - timedelta(days=1), START, START, START + timedelta(days=14), START + timedelta(days=99)]
    picture = drawing.picture_of(MEASURES["NRS"], [(START, D(7)), (START + timedelta(days=28), D(5))], visits)
    assert picture.ticks == (34.0, 190.0)
