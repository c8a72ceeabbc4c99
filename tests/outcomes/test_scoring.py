"""Every measure scored and read against cases worked by hand, from the file as it is shipped."""

import json
from decimal import Decimal as D

import pytest

from outcomes.actions.reference import DATA
from outcomes.rules.change import (
    best_of,
    change_of,
    chosen,
    figure,
    has_returned,
    in_words,
    returned_in_words,
)
from outcomes.rules.definitions import measure_from
from outcomes.rules.scoring import alerts_of, band_of, calls, is_positive, score_of, wrong_in

FILE = json.loads((DATA / "outcome_measures.json").read_text())
MEASURES = {entry["id"]: measure_from(entry) for entry in FILE["measures"]}


def rmdq(*numbers, **more):
    return {f"rmdq_{number:02}": 1 for number in numbers} | more


def gad(first, second):
    return {"gad_1": first, "gad_2": second}


def phq(first, second):
    return {"phq_1": first, "phq_2": second}


def peg(pain, enjoyment, general):
    values = {"peg_p": pain, "peg_e": enjoyment, "peg_g": general}
    return {key: value for key, value in values.items() if value is not None}


# measure, answers, score, words of its band
WORKED = [
    ("NRS", {"nrs_now": 3, "nrs_avg": 5, "nrs_worst": 8}, 5, "moderate"),
    ("NRS", {"nrs_avg": 0}, 0, "none"),
    ("NRS", {"nrs_avg": 1}, 1, "mild"),
    ("NRS", {"nrs_avg": 3}, 3, "mild"),
    ("NRS", {"nrs_avg": 4}, 4, "moderate"),
    ("NRS", {"nrs_avg": 7}, 7, "severe"),
    ("NRS", {"nrs_avg": 10}, 10, "severe"),
    ("NRS", {"nrs_now": 3, "nrs_worst": 8}, None, ""),  # the average is the score
    ("PEG", peg(7, 6, 6), "6.3", ""),  # 19 / 3 = 6.33
    ("PEG", peg(7, 7, 6), "6.7", ""),  # 20 / 3 = 6.67
    ("PEG", peg(0, 0, 0), 0, ""),
    ("PEG", peg(10, 10, 10), 10, ""),
    ("PEG", peg(7, None, 6), None, ""),  # all three needed
    ("PEG", {}, None, ""),
    ("RMDQ", rmdq(1, 4, 9, 24), 4, "low; little room to show gain"),
    ("RMDQ", rmdq(*range(1, 6)), 5, "moderate"),
    ("RMDQ", rmdq(*range(1, 15)), 14, "high"),
    ("RMDQ", rmdq(*range(1, 22)), 21, "very high; little room to show worsening"),
    ("RMDQ", rmdq(*range(1, 25)), 24, "very high; little room to show worsening"),
    ("RMDQ", {"none": 1}, 0, "low; little room to show gain"),
    ("RMDQ", {}, None, ""),  # nobody looked at it
    ("BOTHER", {"bother_1": 6}, 6, ""),
    ("BOTHER", {}, None, ""),
    ("ACT3", {"a": 3, "b": 4, "c": 3}, "3.3", ""),  # 10 / 3
    ("ACT3", {"a": 3, "b": 6}, "4.5", ""),
    ("ACT3", {"a": 2}, 2, ""),
    ("ACT3", {}, None, ""),
    ("GAD2", gad(1, 1), 2, "negative"),
    ("GAD2", gad(0, 3), 3, "positive: a clinician talks with the patient"),
    ("GAD2", gad(3, 3), 6, "positive: a clinician talks with the patient"),
    ("GAD2", {"gad_1": 3}, None, ""),  # both needed
    ("PHQ2", phq(0, 0), 0, "negative"),
    ("PHQ2", phq(2, 1), 3, "positive: a clinician talks with the patient"),
    ("PHQ2", {"phq_2": 2}, None, ""),
    ("PGIC", {"pgic_1": 2}, 2, "responder"),
    ("PGIC", {"pgic_1": 4}, 4, "no clear change"),
    ("PGIC", {"pgic_1": 7}, 7, "worse"),
    ("PGIC", {}, None, ""),
    ("NDI", {"anything": 3}, None, ""),  # its questions are not ours to show
    ("ODI", {}, None, ""),
]  # fmt: skip


@pytest.mark.parametrize(("key", "answers", "score", "band"), WORKED)
def test_scores_worked_by_hand(key, answers, score, band):
    found = score_of(MEASURES[key], answers)
    assert found == (None if score is None else D(score))
    assert band_of(MEASURES[key], found) == band


def test_every_measure_of_the_file_is_worked_by_hand():
    assert {key for key, *_rest in WORKED} == set(MEASURES)


# measure, first, now, points the better way, whether it matters, whether it is worse, by share alone
CHANGES = [
    ("NRS", 7, 5, 2, True, False, False),
    ("NRS", 7, 6, 1, False, False, False),
    ("NRS", 3, 2, 1, True, False, True),  # a third of 3
    ("NRS", 4, 3, 1, False, False, False),  # a quarter of 4
    ("NRS", 5, 7, -2, False, True, False),
    ("NRS", 5, 6, -1, False, False, False),
    ("NRS", 0, 0, 0, False, False, False),  # 30 % of nothing is nothing to reach
    ("PEG", "6.3", "5.3", 1, True, False, False),
    ("PEG", "6.3", "5.4", "0.9", False, False, False),
    ("PEG", "2.0", "1.4", "0.6", True, False, True),
    ("PEG", "5.0", "6.0", -1, False, True, False),
    ("RMDQ", 14, 9, 5, True, False, False),
    ("RMDQ", 14, 10, 4, False, False, False),  # 28.6 %
    ("RMDQ", 10, 7, 3, True, False, True),
    ("RMDQ", 9, 14, -5, False, True, False),
    ("BOTHER", 8, 6, 2, True, False, False),
    ("BOTHER", 8, 7, 1, False, False, False),
    ("ACT3", "3.3", "5.3", 2, True, False, False),  # higher is better
    ("ACT3", "3.3", "5.2", "1.9", False, False, False),  # and no share is given
    ("ACT3", "5.0", "3.0", -2, False, True, False),
    ("NDI", 24, 17, 7, True, False, False),
    ("NDI", 30, 24, 6, False, False, False),
    ("ODI", 40, 30, 10, True, False, False),
    ("ODI", 30, 40, -10, False, True, False),
    ("GAD2", 5, 1, 4, None, None, False),  # no figure is given
    ("PHQ2", 1, 5, -4, None, None, False),
    ("PGIC", 4, 2, 2, None, None, False),  # read by itself, not against the first
]  # fmt: skip


@pytest.mark.parametrize(("key", "first", "now", "better", "matters", "worse", "share"), CHANGES)
def test_changes_worked_by_hand(key, first, now, better, matters, worse, share):
    found = change_of(MEASURES[key], D(first), D(now))
    assert (found.better, found.matters, found.worse, found.by_percent) == (D(better), matters, worse, share)
    assert found.points == D(now) - D(first)


def test_every_measure_has_a_worked_change():
    assert {key for key, *_rest in CHANGES} == set(MEASURES)


@pytest.mark.parametrize(
    ("key", "score", "before", "actions"),
    [
        ("NRS", 6, 4, ["review"]),
        ("NRS", 5, 4, []),
        ("NRS", 4, 6, []),  # better
        ("NRS", 9, None, []),  # nothing to rise from
        ("RMDQ", 21, None, ["review"]),
        ("RMDQ", 20, None, []),
        ("BOTHER", 7, 5, ["review"]),
        ("ACT3", 3, 5, ["review"]),
        ("ACT3", 5, 3, []),
        ("GAD2", 3, None, ["clinician_task"]),
        ("PHQ2", 2, None, []),
        ("PGIC", 6, None, ["review"]),
        ("PGIC", 5, None, []),
        ("PEG", 10, 1, []),
        ("NRS", None, 4, []),
    ],
)
def test_alerts(key, score, before, actions):
    score, before = (None if each is None else D(each) for each in (score, before))
    assert alerts_of(MEASURES[key], score, before) == actions


def test_an_alert_that_nobody_reads_is_an_error():
    with pytest.raises(ValueError, match="nobody reads: at full moon"):
        calls(MEASURES["NRS"], "at full moon", D(1), None)


@pytest.mark.parametrize(("key", "score", "positive"), [
    ("PHQ2", 2, False), ("PHQ2", 3, True), ("GAD2", 6, True), ("GAD2", None, False), ("NRS", 10, False),
])  # fmt: skip
def test_what_becomes_a_task(key, score, positive):
    assert is_positive(MEASURES[key], None if score is None else D(score)) is positive


@pytest.mark.parametrize(("key", "first", "best", "now", "back"), [
    ("NRS", 7, 5, 7, True),  # 2 points, as the measure says
    ("NRS", 7, 5, 6, False),
    ("NRS", 7, 2, 3, False),  # half as much again, and yet nobody notices one point
    ("NRS", 5, 5, 8, False),  # it had never been better: worse, not back
    ("NRS", 7, 0, 2, True),
    ("NRS", 7, 5, 5, False),
    ("PEG", 6, 4, 5, True),  # 1 point here
    ("RMDQ", 12, 4, 8, False),  # 5 points here
    ("RMDQ", 12, 4, 9, True),
    ("ACT3", 4, 8, 6, True),  # higher is better: two lower is back
    ("ACT3", 4, 8, 7, False),
    ("ACT3", 4, 6, 8, False),
    ("GAD2", 4, 1, 6, False),  # no figure to read it by
])  # fmt: skip
def test_pain_that_returned_by_the_measures_own_figure(key, first, best, now, back):
    assert has_returned(MEASURES[key], D(first), D(best), D(now)) is back


def test_what_a_return_shows():
    assert returned_in_words(MEASURES["NRS"], D(5), D(7)) == (
        "7 now, 5 at its best; a rise of 2 is one people notice."
    )
    assert returned_in_words(MEASURES["ACT3"], D(8), D("5.5")) == (
        "5.5 now, 8 at its best; a drop of 2 is one people notice."
    )


def test_the_best_is_the_lowest_or_the_highest():
    scores = [D(5), D(2), D(4)]
    assert best_of(MEASURES["NRS"], scores) == 2
    assert best_of(MEASURES["ACT3"], scores) == 5
    assert best_of(MEASURES["NRS"], []) is None


@pytest.mark.parametrize(
    ("number", "words"), [("5", "5"), ("5.0", "5"), ("4.30", "4.3"), ("10", "10"), ("0", "0")]
)
def test_figures_have_no_more_decimals_than_there_are(number, words):
    assert figure(D(number)) == words


def test_a_score_in_words():
    assert in_words(MEASURES["NRS"], D(5)) == "5, moderate"
    assert in_words(MEASURES["PEG"], D("6.3")) == "6.3"
    assert in_words(MEASURES["PHQ2"], D(3)) == "3, positive"
    assert in_words(MEASURES["RMDQ"], D(22)) == "22, very high"
    assert chosen(MEASURES["PGIC"], D(2)) == in_words(MEASURES["PGIC"], D(2)) == "Much better"


def test_numbers_that_a_question_does_not_offer_are_named():
    assert wrong_in(MEASURES["NRS"], {"nrs_avg": 11, "nrs_now": 0}) == ["nrs_avg"]
    assert wrong_in(MEASURES["GAD2"], {"gad_1": 4, "made_up": 1}) == ["gad_1", "made_up"]
    assert wrong_in(MEASURES["RMDQ"], rmdq(1, none=1)) == []
    assert wrong_in(MEASURES["RMDQ"], {"rmdq_01": 2}) == ["rmdq_01"]


def test_what_is_ours_to_show():
    assert [key for key, measure in MEASURES.items() if not measure.answerable] == ["NDI", "ODI"]
    assert [key for key, measure in MEASURES.items() if measure.is_mood] == ["GAD2", "PHQ2"]
    assert [len(measure.items) for measure in MEASURES.values()] == [3, 3, 24, 2, 2, 1, 1, 3, 0, 0]


def test_steps_of_a_hard_answer_come_from_the_file():
    assert MEASURES["PHQ2"].on_positive.text_key == "mood_answer"
    assert MEASURES["PHQ2"].on_positive.steps[1].endswith("red flag RF043")
