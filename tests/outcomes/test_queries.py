"""Trends, checks and tasks as values: what counts, for whom, in how many statements."""

from datetime import date, timedelta

import pytest

from messaging.queries import open_tasks
from outcomes.actions import answering
from outcomes.models import Activity, Measure
from outcomes.queries import care, due, talks, trends
from outcomes.queries.measures import answerable, known, offered
from patients.models import Patient
from tests.cast import NOW
from tests.outcomes.rows import PEG, TODAY, a_check, answered, nrs, treated

pytestmark = pytest.mark.django_db


def hide(key):
    Measure.objects.filter(key=key).update(hidden=True, version=9)


def trend(cast, key, **more):
    found = {each.key: each for each in trends.of_patient(cast.maria, **more)}
    return found.get(key)


def test_measures_stand_in_the_order_of_the_file():
    assert list(offered()) == ["NRS", "PEG", "RMDQ", "GAD2", "PHQ2", "PGIC", "BOTHER", "ACT3", "NDI", "ODI"]
    assert list(answerable()) == list(offered())[:8]


def test_a_hidden_measure_is_not_offered_and_its_scores_stay(cast):
    answered(cast, nrs(4))
    hide("NRS")
    assert "NRS" not in offered()
    assert "NRS" in known()
    assert trend(cast, "NRS").latest.score == 4


# Trends


def test_a_trend_from_the_baseline_to_now(cast):
    answered(cast, nrs(7), days=35, occasion="baseline")
    answered(cast, nrs(5), days=21)
    answered(cast, nrs(4), days=1)
    found = trend(cast, "NRS")
    assert [(point.on, point.score, point.words) for point in found.points] == [
        (date(2026, 10, 20), 7, "7, severe"),
        (date(2026, 11, 3), 5, "5, moderate"),
        (date(2026, 11, 23), 4, "4, moderate"),
    ]
    assert (found.change, found.better, found.best, found.improved, found.worse) == (-3, 3, 4, True, False)
    assert (found.returned, found.review, found.positive, found.band) == (False, False, False, "moderate")
    assert found.sentence == "Down 3 since Oct 20; a drop of 2 is one people notice."
    assert found.points[0].occasion_words == "at the start"
    assert found.points[0].how == "on the tablet"


def test_the_latest_start_counts_as_the_first(cast):
    answered(cast, nrs(8), days=300, occasion="baseline")
    answered(cast, nrs(2), days=250)
    answered(cast, nrs(6), days=30, occasion="baseline")
    answered(cast, nrs(5), days=1)
    found = trend(cast, "NRS")
    assert (found.baseline.score, found.best, len(found.points)) == (6, 5, 4)
    assert len(found.picture.dots) == 2


def test_without_a_start_the_first_score_is_the_first(cast):
    answered(cast, nrs(6), days=9)
    answered(cast, nrs(6), days=1)
    assert trend(cast, "NRS").baseline.score == 6


def test_since_a_day_and_some_measures_only(cast):
    answered(cast, {**nrs(8), "PEG": PEG}, days=30)
    answered(cast, nrs(6), days=9)
    assert [point.score for point in trend(cast, "NRS", since=TODAY - timedelta(days=10)).points] == [6]
    assert [each.key for each in trends.of_patient(cast.maria, measures=["PEG"])] == ["PEG"]
    assert [each.key for each in trends.of_patient(cast.maria)] == ["NRS", "PEG"]


def test_pain_that_returned_and_an_alert(cast):
    for days, number in [(30, 7), (20, 3), (10, 3), (1, 5)]:
        answered(cast, nrs(number), days=days)
    found = trend(cast, "NRS")
    assert (found.returned, found.review, found.improved) == (True, True, True)


def test_a_correction_counts_in_the_place_of_the_wrong_one(cast):
    (wrong,) = answered(cast, nrs(1), days=3)
    answering.correct(by=cast.mei, patient=cast.maria, score=wrong.pk, answers={"nrs_avg": 7}, now=NOW)
    assert [(point.on, point.score) for point in trend(cast, "NRS").points] == [(date(2026, 11, 21), 7)]


def test_a_score_that_could_not_be_made_is_no_point(cast):
    answered(cast, {"PEG": {"peg_p": 4}})
    assert trends.of_patient(cast.maria) == []


def test_days_are_those_of_the_wall(cast):
    answered(cast, nrs(4), days=0.5)  # 3:42 in the morning in UTC, the evening before in Uptown
    assert trend(cast, "NRS").latest.on == date(2026, 11, 24)
    assert trend(cast, "NRS", zone=cast.uptown.tz).latest.on == date(2026, 11, 23)


def test_scores_of_a_merged_record_belong_to_the_one_that_is_kept(cast):
    answered(cast, nrs(7), patient=cast.marta)
    Patient.objects.filter(pk=cast.marta.pk).update(merged_into=cast.maria, version=cast.marta.version + 1)
    assert trend(cast, "NRS").latest.score == 7


def test_visits_are_ticks(cast):
    answered(cast, nrs(7), days=28)
    treated(cast, cast.maria, "2026-11-10")
    answered(cast, nrs(5))
    assert trend(cast, "NRS").picture.ticks == (190.0,)


def test_own_activities_are_compared_by_name(cast):
    answered(cast, {}, days=30, occasion="baseline", named={1: ("Driving", 2), 2: ("Digging", 4)})
    driving, digging = (str(row.pk) for row in Activity.objects.order_by("position"))
    answered(cast, {"ACT3": {driving: 6}}, days=1)
    found = trend(cast, "ACT3")
    # The mean of those rated both times, and each by itself.
    assert [point.score for point in found.points] == [3, 6]
    assert [(line.words, line.first, line.latest, line.matters) for line in found.own] == [
        ("Driving", 2, 6, True)
    ]
    assert (found.better, found.improved) == (3, True)
    assert digging not in found.latest.answers


def test_a_new_course_starts_a_line_of_its_own(cast):
    answered(cast, {}, days=200, named={1: ("Driving", 2)})
    Activity.objects.update(ended_at=NOW, version=2)
    assert trend(cast, "ACT3") is None
    answered(cast, {}, days=1, named={1: ("Sleeping", 5)})
    assert [point.score for point in trend(cast, "ACT3").points] == [5]


def test_global_change_is_read_by_itself(cast):
    answered(cast, {"PGIC": {"pgic_1": 2}})
    found = trend(cast, "PGIC")
    assert (found.improved, found.latest.words, found.sentence) == (
        True,
        "Much better",
        "Much better, on Nov 24.",
    )


def test_a_proxy_sees_neither_mood_nor_own_words(cast):
    given = {**nrs(4), "PHQ2": {"phq_1": 3, "phq_2": 3}, "GAD2": {"gad_1": 0, "gad_2": 0}}
    answered(cast, given, named={1: ("Driving", 3)})
    assert [each.key for each in trends.of_patient(cast.maria)] == ["NRS", "GAD2", "PHQ2", "ACT3"]
    assert [each.key for each in trends.of_patient(cast.maria, proxy=True)] == ["NRS"]
    assert trend(cast, "PHQ2").positive


@pytest.mark.parametrize("times", [1, 3])
def test_trends_take_five_statements(cast, django_assert_num_queries, times):
    for days in range(times):
        treated(cast, cast.maria, f"2026-11-{10 + days}")
        answered(cast, {**nrs(4), "PEG": PEG}, days=days + 1)
    with django_assert_num_queries(5):
        assert len(trends.of_patient(cast.maria)) == 2


# Checks


def test_checks_have_their_states(cast, django_assert_num_queries):
    answered(cast, nrs(7), days=40)
    a_check(cast, "NRS", due_on=TODAY - timedelta(days=30))
    a_check(cast, "NRS", "PHQ2", due_on=TODAY + timedelta(days=3))
    a_check(cast, "PEG", due_on=TODAY + timedelta(days=60))
    a_check(cast, "PEG", status="cancelled")
    with django_assert_num_queries(3):
        checks = due.checks_of(cast.maria, TODAY)
    assert [check.state for check in checks] == ["answered", "missed", "due", "later"]
    is_due, is_later, missed = due.upcoming(checks)
    assert [[check.due_on for check in each] for each in (is_due, is_later, missed)] == [
        [TODAY + timedelta(days=3)],
        [TODAY + timedelta(days=60)],
        [TODAY - timedelta(days=30)],
    ]
    (check,) = due.due(cast.maria, TODAY)
    assert (check.questions, check.opens_on, check.until) == (
        5,
        TODAY - timedelta(days=4),
        TODAY + timedelta(days=10),
    )
    assert [measure.key for measure in due.due(cast.maria, TODAY, proxy=True)[0].measures] == ["NRS"]


def test_a_missed_one_is_over_once_something_newer_was_answered(cast):
    a_check(cast, "NRS", due_on=TODAY - timedelta(days=30))
    answered(cast, nrs(4), days=1)
    assert due.upcoming(due.checks_of(cast.maria, TODAY)) == ([], [], [])


def test_a_check_with_nothing_left_to_ask_is_not_due(cast):
    a_check(cast, "PHQ2")
    hide("PHQ2")
    assert due.due(cast.maria, TODAY) == []
    a_check(cast, "GAD2")
    assert due.due(cast.maria, TODAY, proxy=True) == []


# Hard answers


def hard(cast, **more):
    return answered(cast, {"PHQ2": {"phq_1": 2, "phq_2": 2}, "GAD2": {"gad_1": 0, "gad_2": 1}}, **more)


def test_the_task_says_why_and_what_to_do(cast):
    hard(cast, lead=cast.mei)
    (task,) = open_tasks(cast.mei)
    (said,) = talks.reasons_and_steps(task)
    assert (task.patient, said.name) == (cast.maria.pk, "PHQ-2")
    assert said.words == "4, positive"
    assert said.answers == (
        ("Little interest or pleasure in doing things", "More than half the days"),
        ("Feeling down, depressed, or hopeless", "More than half the days"),
    )
    assert said.steps[0] == "talk with the patient in private"


def test_only_the_named_one_is_asked(cast):
    hard(cast, lead=cast.mei)
    assert [len(open_tasks(who)) for who in (cast.mei, cast.daniel, cast.ana)] == [1, 0, 0]
    assert [task.kind for task in care.talks_about(cast.maria)] == ["mood_answer"]
    assert care.talks_about(cast.rita) == []


def test_without_a_location_the_records_own_is_taken(cast):
    assert care.location_of(cast.maria) == cast.uptown
    assert care.location_of(cast.priya) == cast.harbor
    treated(cast, cast.priya, "2026-11-10")
    assert care.location_of(cast.priya) == cast.uptown


def test_nobody_who_may_not_see_the_patient_is_asked(cast):
    taker = care.taker_of(patient=cast.maria, lead=cast.theo, location=cast.uptown, now=NOW)
    assert taker.user != cast.theo
    assert Patient.objects.visible_to(taker.user).filter(pk=cast.maria.pk).exists()
