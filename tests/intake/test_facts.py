"""What the safety rules and the chart's head are told of a record, as the rows stand at that moment."""

from datetime import date, timedelta

import pytest

from acupoints.rules.safety import Condition as Fact
from acupoints.rules.safety import Facts
from intake.actions import history as actions
from intake.models import Condition, ListCheck
from intake.queries.facts import alerts_of, facts_of
from tests.cast import NOW
from tests.intake.rows import TODAY, allergy, condition, flag, medicine

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def asked(patient, answer, day=TODAY, due_on=None):
    return ListCheck.objects.create(
        patient=patient,
        what="pregnancy",
        answer=answer,
        due_on=due_on,
        day=day,
        at=NOW - (TODAY - day),
    )


def test_an_empty_record_tells_the_age_only(cast):
    assert facts_of(cast.maria, TODAY) == Facts(age=cast.maria.age_on(TODAY))


def test_conditions_medicines_and_allergies_are_told(cast):
    condition(cast.maria, "joint_replacement", region="knee", side="left")
    condition(cast.maria, name="migraine")
    medicine(cast.maria, "Xarelto", "anticoagulant")
    medicine(cast.maria, "Prednisone", "corticosteroids")
    medicine(cast.maria, "Vitamin D")
    allergy(cast.maria, "nickel", "metal_allergy")
    allergy(cast.maria, "peanuts")
    assert set(facts_of(cast.maria, TODAY).conditions) == {
        Fact("joint_replacement", "knee", "left"),
        Fact("anticoagulant"),
        Fact("corticosteroids"),
        Fact("fragile_skin"),
        Fact("metal_allergy"),
    }


@pytest.mark.parametrize("number", [1, 3])
def test_the_facts_take_the_same_statements_for_any_number_of_lines(cast, django_assert_num_queries, number):
    for index in range(number):
        condition(cast.maria, "epilepsy", name=f"epilepsy {index}")
        medicine(cast.maria, f"Xarelto {index}", "anticoagulant")
        allergy(cast.maria, f"nickel {index}", "metal_allergy")
        asked(cast.maria, "no")
    # 1 merged records, 4 conditions, medicines, allergies, pregnancy
    with django_assert_num_queries(5):
        facts_of(cast.maria, TODAY)


def test_a_change_is_told_at_once(cast):
    row = actions.keep(
        by=cast.mei,
        model=Condition,
        patient=cast.maria,
        values={"code": "epilepsy", "name": "seizures", "source": "said"},
        now=NOW,
        today=TODAY,
    )
    assert facts_of(cast.maria, TODAY).conditions == (Fact("epilepsy"),)
    actions.end(
        by=cast.mei, model=Condition, pk=row.pk, version=1, ended=TODAY - DAY, why="wrong chart", today=TODAY
    )
    assert facts_of(cast.maria, TODAY).conditions == ()


@pytest.mark.parametrize(
    "code,days,holds",
    [
        ("recent_surgery", 84, True),
        ("recent_surgery", 85, False),
        ("whiplash_acute", 3, True),
        ("whiplash_acute", 4, False),
        ("recent_botox_filler", 14, True),
        ("recent_botox_filler", 15, False),
        ("epilepsy", 4000, True),
    ],
)
def test_what_holds_for_a_time_runs_out_by_itself(cast, code, days, holds):
    condition(cast.maria, code, started=TODAY - days * DAY)
    assert facts_of(cast.maria, TODAY).conditions == ((Fact(code),) if holds else ())


@pytest.mark.parametrize(
    "answer,day,due_on,known",
    [
        ("yes", TODAY - 30 * DAY, TODAY + 100 * DAY, True),
        ("yes", TODAY - 30 * DAY, TODAY - 22 * DAY, None),
        ("yes", TODAY - 294 * DAY, None, True),
        ("yes", TODAY - 295 * DAY, None, None),
        ("no", TODAY, None, False),
        ("no", TODAY - DAY, None, None),
        ("unsure", TODAY, None, None),
        ("never", TODAY - 900 * DAY, None, False),
    ],
)
def test_how_long_an_answer_about_pregnancy_is_good(cast, answer, day, due_on, known):
    asked(cast.maria, answer, day, due_on)
    assert facts_of(cast.maria, TODAY).pregnant is known


def test_the_latest_answer_about_pregnancy_counts(cast):
    asked(cast.maria, "yes", TODAY - 10 * DAY)
    asked(cast.maria, "no", TODAY)
    assert facts_of(cast.maria, TODAY).pregnant is False


def test_lines_of_a_merged_record_are_told(cast):
    condition(cast.marta, "epilepsy")
    cast.marta.merged_into = cast.maria
    cast.marta.save()
    assert facts_of(cast.maria, TODAY).conditions == (Fact("epilepsy"),)


def test_the_head_of_the_chart_names_what_must_not_be_overlooked(cast, django_assert_num_queries):
    flag(cast.maria, cast.mei)
    flag(cast.maria, cast.mei, key="RF020", action="caution")
    condition(cast.maria, "pacemaker", name="pacemaker")
    condition(cast.maria, "osteoporosis", name="weak bones")
    medicine(cast.maria, "Xarelto", "anticoagulant", started=date(2026, 5, 3))
    medicine(cast.maria, "Vitamin D")
    allergy(cast.maria, "nickel", "metal_allergy")
    asked(cast.maria, "yes", TODAY, date(2027, 3, 1))
    # 1 merged records, 4 the lines, 1 flags
    with django_assert_num_queries(6):
        found = alerts_of(cast.maria, TODAY)
    assert [(alert.kind, str(alert.words)) for alert in found] == [
        ("danger", "red flag: refer now"),
        ("warn", "red flag: caution"),
        ("danger", "pregnant, due Mar 1, 2027"),
        ("danger", "pacemaker"),
        ("warn", "blood thinner (Xarelto, since May 2026)"),
        ("warn", "allergy: nickel"),
    ]
