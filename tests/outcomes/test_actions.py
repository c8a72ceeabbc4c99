"""Score checks are set, asked for, answered once, corrected beside the old row; hard answers become a task."""

from datetime import date, timedelta
from decimal import Decimal as D
from uuid import uuid4

import pytest

from clinic.models import AuditEvent, Role, RoleGrant
from clinic.refusal import Refused
from messaging.models import StaffTask
from outcomes.actions import answering, planning
from outcomes.actions.answering import Source
from outcomes.models import Activity, Assessment, Given, Measure, Score
from outcomes.rules.sheet import Answered
from practitioners.models import Absence
from tests.cast import NOW
from tests.outcomes.rows import PEG, TODAY, a_check, answered, nrs, treated
from tests.outcomes.test_rules import SCHEDULE

pytestmark = pytest.mark.django_db
ALL = ["NRS", "PEG", "ACT3", "PHQ2", "PGIC", "NDI"]


def planned(cast, plan, **changed):
    values = {
        "baseline_on": TODAY,
        "schedule": SCHEDULE,
        "measures": ALL,
        "now": NOW,
        "lead": cast.mei,
    } | changed
    return planning.plan_assessments(by=cast.mei, patient=cast.maria, plan=plan, **values)


def refused(act, *args, **values):
    with pytest.raises(Refused) as refusal:
        act(*args, **values)
    return refusal.value


def give(cast, check, answered, how=Given.TABLET, **more):
    source = Source(by=None, how=how, location=cast.uptown)
    return answering.answer(
        source=source, assessment=check.pk, answered=answered, today=TODAY, now=NOW, **more
    )


# Set by a plan


def test_a_plan_sets_its_checks(cast):
    rows = planned(cast, uuid4())
    assert [(row.occasion, row.due_on, row.measures) for row in rows] == [
        ("baseline", TODAY, ["NRS", "PEG", "ACT3", "PHQ2"]),
        ("mid_course", TODAY + timedelta(days=28), ["NRS", "PEG", "ACT3", "PHQ2", "PGIC"]),
        ("12_months", TODAY + timedelta(days=365), ["NRS", "PEG", "ACT3", "PHQ2", "PGIC"]),
    ]
    event = AuditEvent.objects.get(verb="plan score checks")
    assert (event.by, event.patient, event.detail) == (cast.mei, cast.maria.pk, {"count": 3})


def test_a_hidden_measure_is_not_asked(cast):
    Measure.objects.filter(key="PHQ2").update(hidden=True, version=9)
    assert planned(cast, uuid4())[0].measures == ["NRS", "PEG", "ACT3"]


def test_setting_again_changes_nothing(cast):
    plan = uuid4()
    before = [row.pk for row in planned(cast, plan)]
    assert [row.pk for row in planned(cast, plan)] == before


def test_a_revised_plan_moves_what_is_open_and_keeps_what_is_answered(cast):
    plan = uuid4()
    baseline = planned(cast, plan)[0]
    give(cast, baseline, Answered(nrs(7)))
    rows = planned(cast, plan, baseline_on=TODAY + timedelta(days=3), schedule=SCHEDULE[:2], measures=["PEG"])
    assert [(row.occasion, row.status, row.due_on, row.measures) for row in rows] == [
        ("baseline", "answered", TODAY, ["NRS", "PEG", "ACT3", "PHQ2"]),
        ("mid_course", "open", TODAY + timedelta(days=31), ["PEG"]),
    ]
    assert Assessment.objects.get(plan=plan, occasion="12_months").status == "cancelled"


def test_a_baseline_answered_before_the_plan_becomes_the_plans(cast):
    answered(cast, nrs(7), days=1, occasion="baseline", named={1: ("Driving", 3)})
    plan = uuid4()
    rows = planned(cast, plan)
    assert [row.occasion for row in rows] == ["baseline", "mid_course", "12_months"]
    assert (rows[0].status, Assessment.objects.filter(occasion="baseline").count()) == ("answered", 1)
    assert Activity.objects.get().ended_at is None


def test_an_old_baseline_is_not_taken_over_and_activities_are_named_anew(cast):
    answered(cast, nrs(7), days=60, occasion="baseline", named={1: ("Driving", 3)})
    rows = planned(cast, uuid4())
    assert (rows[0].status, rows[0].due_on) == ("open", TODAY)
    assert Activity.objects.get().ended_at == NOW


def test_a_plan_that_is_over_asks_only_how_it_went_on(cast):
    plan = uuid4()
    give(cast, planned(cast, plan)[0], Answered(nrs(7)))
    assert planning.cancel_open(by=cast.mei, plan=plan, now=NOW) == 1
    found = dict(Assessment.objects.values_list("occasion", "status"))
    assert found == {"baseline": "answered", "mid_course": "cancelled", "12_months": "open"}
    assert planning.cancel_open(by=cast.mei, plan=plan, now=NOW) == 0
    assert AuditEvent.objects.get(verb="cancel score checks").detail == {"count": 1}
    assert planning.cancel_open(by=cast.mei, plan=plan, now=NOW, follow_ups=True) == 1
    assert Assessment.objects.get(occasion="12_months").status == "cancelled"


# Asked for now


def ask(cast, *measures, **more):
    values = {"today": TODAY, "now": NOW} | more
    return planning.ask_now(by=cast.mei, patient=cast.maria, measures=measures, **values)


def test_the_first_is_the_start_and_later_ones_are_during(cast):
    first = ask(cast, "NRS")
    assert (first.occasion, first.due_on, first.lead) == ("baseline", TODAY, cast.mei)
    give(cast, first, Answered(nrs(5)))
    assert ask(cast, "NRS", "PEG").occasion == "during"


def test_only_one_is_open_at_a_time(cast):
    ask(cast, "NRS")
    assert refused(ask, cast, "PEG").reasons == [
        "A score check is open already. Hand that one over, or cancel it first."
    ]


def test_one_that_is_not_needed_is_cancelled_once(cast):
    row = ask(cast, "NRS")
    done = {"by": cast.mei, "patient": cast.maria, "pk": row.pk}
    planning.cancel(version=row.version, **done)
    assert ask(cast, "PEG").status == "open"
    assert refused(planning.cancel, version=row.version, **done).conflict
    assert refused(planning.cancel, version=row.version + 1, **done).conflict


def test_another_patients_check_is_not_found(cast):
    row = ask(cast, "NRS")
    with pytest.raises(Assessment.DoesNotExist):
        planning.cancel(by=cast.mei, patient=cast.rita, pk=row.pk, version=1)


# Answered


def test_answers_become_scores(cast):
    check = a_check(cast, "NRS", "PEG", "RMDQ")
    given = {"NRS": {"nrs_avg": 4}, "PEG": PEG, "RMDQ": {"rmdq_01": 1, "rmdq_05": 1}}
    give(cast, check, Answered(given))
    rows = {row.measure: row for row in Score.objects.all()}
    assert {key: row.score for key, row in rows.items()} == {"NRS": 4, "PEG": 5, "RMDQ": 2}
    assert rows["PEG"].answers == PEG
    sha = Measure.objects.get(key="PEG").definition
    assert rows["PEG"].definition_sha256 == answering.known()["PEG"].sha256
    assert sha["id"] == "PEG"
    check.refresh_from_db()
    assert (check.status, check.answered_at) == ("answered", NOW)
    event = AuditEvent.objects.get(verb="answer score check")
    # Who answered how, and how much: never what.
    assert (event.by, event.patient, event.detail) == (None, cast.maria.pk, {"how": "tablet", "count": 3})


def test_what_is_left_open_has_no_score_or_no_row(cast):
    give(cast, a_check(cast, "NRS", "PEG"), Answered({"NRS": {}, "PEG": {"peg_p": 6}}))
    assert list(Score.objects.values_list("measure", "score")) == [("PEG", None)]


def test_it_is_answered_once(cast):
    check = a_check(cast, "NRS")
    give(cast, check, Answered(nrs(4)))
    refusal = refused(give, cast, check, Answered(nrs(1)))
    assert refusal.conflict
    assert refusal.reasons == ["This is answered already. Thank you, there is nothing left to do."]
    assert [row.score for row in Score.objects.all()] == [4]


@pytest.mark.parametrize(("days", "window"), [(-9, 7), (9, 7), (1, 0)])
def test_outside_its_days_nothing_is_taken(cast, days, window):
    check = a_check(cast, "NRS", due_on=TODAY + timedelta(days=days), window_days=window)
    assert refused(give, cast, check, Answered(nrs(4))).conflict
    assert not Score.objects.exists()


@pytest.mark.parametrize(
    "given", [{"NRS": {"nrs_avg": 11}}, {"NRS": {"made_up": 1}}, {"ACT3": {"made_up": 1}}]
)
def test_what_no_page_sends_is_refused(cast, given):
    refusal = refused(give, cast, a_check(cast, "NRS", "ACT3"), Answered(given))
    assert refusal.reasons == ["These questions changed meanwhile. Reload the page and answer again."]


def test_a_measure_that_was_not_asked_is_left_out(cast):
    give(cast, a_check(cast, "NRS"), Answered({**nrs(4), "PEG": PEG}))
    assert list(Score.objects.values_list("measure", flat=True)) == ["NRS"]


def test_a_proxy_answers_without_mood_and_own_words(cast):
    check = a_check(cast, "NRS", "PHQ2", "ACT3")
    source = Source(by=cast.rita.user, how=Given.PORTAL, proxy=True)
    everything = Answered({**nrs(4), "PHQ2": {"phq_1": 3, "phq_2": 3}}, {1: ("Driving", 3)})
    answering.answer(source=source, assessment=check.pk, answered=everything, today=TODAY, now=NOW)
    assert list(Score.objects.values_list("measure", flat=True)) == ["NRS"]
    assert not Activity.objects.exists()
    assert not StaffTask.objects.exists()


def test_own_activities_are_named_once_and_rated_by_name(cast):
    answered(cast, {}, days=20, named={1: ("Driving to work", 3), 2: ("Digging", None)})
    first, second = Activity.objects.order_by("position")
    assert Score.objects.get().answers == {str(first.pk): 3}
    refusal = refused(give, cast, a_check(cast, "ACT3"), Answered({}, {3: ("Sleeping", 2)}))
    assert refusal.reasons == ["These questions changed meanwhile. Reload the page and answer again."]
    give(cast, a_check(cast, "ACT3"), Answered({"ACT3": {str(first.pk): 6, str(second.pk): 5}}))
    assert Score.objects.latest("at").score == D("5.5")


def test_a_number_beyond_the_scale_is_refused_for_own_activities(cast):
    answered(cast, {}, days=20, named={1: ("Driving", 3)})
    own = {str(Activity.objects.get().pk): 11}
    assert not refused(give, cast, a_check(cast, "ACT3"), Answered({"ACT3": own})).conflict


# Typed in and corrected


def type_in(cast, measure, total):
    return answering.type_in(
        by=cast.mei, patient=cast.maria, measure=measure, total=D(total), today=TODAY, now=NOW
    )


def test_a_total_of_a_paper_form_is_typed_in(cast):
    row = type_in(cast, "NDI", 24)
    assert (row.score, row.how, row.by, row.answers) == (24, "typed", cast.mei, {})
    assert row.assessment.status == "answered"
    assert not refused(type_in, cast, "NDI", 51).conflict


def test_a_correction_stands_beside_the_wrong_row(cast):
    wrong = type_in(cast, "NDI", 42)
    made = answering.correct(by=cast.mei, patient=cast.maria, score=wrong.pk, total=D(24), now=NOW)
    assert (made.score, made.replaces, made.at) == (24, wrong, wrong.at)
    again = refused(answering.correct, by=cast.mei, patient=cast.maria, score=wrong.pk, total=D(1), now=NOW)
    assert again.conflict
    assert sorted(Score.objects.values_list("score", flat=True)) == [24, 42]


def test_answers_are_corrected_by_answering_again(cast):
    (wrong,) = answered(cast, {"PEG": PEG}, days=3)
    made = answering.correct(
        by=cast.mei, patient=cast.maria, score=wrong.pk, answers={**PEG, "peg_p": 9}, now=NOW
    )
    assert (made.score, made.at, made.by) == (6, NOW - timedelta(days=3), cast.mei)
    for answers in ({}, {"peg_p": 11}):
        refused(answering.correct, by=cast.mei, patient=cast.maria, score=made.pk, answers=answers, now=NOW)


# Hard answers

HARD = {"PHQ2": {"phq_1": 2, "phq_2": 1}}


def hard(cast, **more):
    check = a_check(cast, "PHQ2", "GAD2", **more)
    give(cast, check, Answered({**HARD, "GAD2": {"gad_1": 3, "gad_2": 3}}))
    return StaffTask.objects.get()


def test_a_positive_screen_becomes_the_leads_task_for_the_same_day(cast):
    task = hard(cast, lead=cast.mei)
    assert (task.for_user, task.for_role, task.patient) == (cast.mei, "", cast.maria.pk)
    assert task.title == "Talk with the patient in private today"
    assert task.due_at.date() == date(2026, 11, 24)
    assert task.due_at > NOW


def test_a_negative_one_is_nobodys_task(cast):
    give(cast, a_check(cast, "PHQ2"), Answered({"PHQ2": {"phq_1": 1, "phq_2": 1}}))
    assert not StaffTask.objects.exists()


def test_without_a_lead_it_goes_to_whoever_treated_last(cast):
    treated(cast, cast.maria, "2026-11-17", by=cast.daniel)
    treated(cast, cast.maria, "2026-11-10", by=cast.mei)
    assert hard(cast).for_user == cast.daniel


def test_without_both_it_goes_to_a_clinician_on_duty(cast):
    task = hard(cast)
    assert Role.PRACTITIONER in task.for_user.roles
    assert (task.for_role, task.due_at.date()) == ("", date(2026, 11, 24))


def test_a_lead_who_is_away_is_passed_over(cast):
    Absence.objects.create(
        practitioner=cast.mei.practitioner,
        starts_at=NOW - timedelta(days=1),
        ends_at=NOW + timedelta(days=3),
        kind="ill",
    )
    task = hard(cast, lead=cast.mei)
    assert task.for_user != cast.mei
    assert Role.PRACTITIONER in task.for_user.roles


def test_a_lead_who_is_no_clinician_any_more_is_passed_over(cast):
    RoleGrant.objects.filter(user=cast.mei).update(until=NOW - timedelta(days=1))
    assert hard(cast, lead=cast.mei).for_user != cast.mei


def test_at_night_it_is_the_next_working_day(cast):
    check = a_check(cast, "PHQ2", lead=cast.mei)
    night = NOW + timedelta(hours=14)
    source = Source(by=None, how=Given.PORTAL, location=cast.uptown)
    answering.answer(
        source=source,
        assessment=check.pk,
        answered=Answered(HARD),
        today=TODAY + timedelta(days=1),
        now=night,
    )
    task = StaffTask.objects.get()
    assert task.due_at > night
    assert task.due_at.date() == date(2026, 11, 25)


def test_two_screens_of_one_check_are_one_task(cast):
    hard(cast, lead=cast.mei)
    assert StaffTask.objects.count() == 1
