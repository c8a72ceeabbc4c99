"""The history that lives on: lines, doses, lists gone through, and what a form's answers become."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from clinic.models import AuditEvent
from clinic.refusal import Refused
from intake.actions import history as actions
from intake.models import Allergy, CareElsewhere, Condition, ListCheck, Medication, MedicationDose
from intake.queries.history import history_of
from intake.rules import history as rules
from tests.cast import NOW
from tests.intake.rows import TODAY, allergy, condition, medicine, response

DAY = timedelta(days=1)
ANSWERS = {
    "problem": "stiff neck",
    "assessed": True,
    "assessed_by": "Dr. Amos",
    "assessed_on": "2026-09-30",
    "primary_treatment": "exercises",
    "referring_physician": "Dr. Amos",
    "conditions": [
        {"code": "osteoporosis", "since": "2019"},
        {"code": "varicose_veins", "region": "lower leg", "side": "left"},
        {"code": "other", "name": "migraine", "since": "2020-05-01"},
    ],
    "medication": [
        {
            "name": "Xarelto",
            "class": "other",
            "effect": "anticoagulant",
            "dose": "20 mg",
            "since": "2026-05-03",
        },
        {"name": "Tylenol", "class": "other", "effect": "none"},
    ],
    "allergies": [{"code": "metal_allergy", "reaction": "itches"}, {"code": "other", "substance": "bees"}],
    "surgery": [
        {"what": "new knee", "region": "knee", "side": "right", "when": "2018"},
        {"what": "carpal tunnel", "region": "wrist", "side": "left", "when": "2026-11-01"},
    ],
    "implants": [{"code": "joint_replacement", "region": "knee", "side": "right"}],
    "no_bleeding": True,
    "pregnant": "no",
}


# ---- rules


@pytest.mark.parametrize(
    "started,ended,current",
    [
        (None, None, True),
        (TODAY, TODAY, True),
        (TODAY - DAY, TODAY - DAY, False),
        (TODAY + DAY, None, False),
        (None, TODAY + DAY, True),
    ],
)
def test_which_lines_count_today(started, ended, current):
    assert rules.is_current(started=started, ended=ended, today=TODAY) is current


@pytest.mark.parametrize("last,due", [(None, True), (TODAY - 30 * DAY, False), (TODAY - 31 * DAY, True)])
def test_a_list_is_due_after_thirty_days(last, due):
    assert rules.is_due(last, TODAY) is due


@pytest.mark.parametrize(
    "age,answer,day,asked",
    [
        (None, "", None, True),
        (9, "", None, False),
        (10, "", None, True),
        (55, "", None, True),
        (56, "", None, False),
        (30, "never", TODAY - 900 * DAY, False),
        (30, "no", TODAY, False),
        (30, "no", TODAY - DAY, True),
        (30, "yes", TODAY - DAY, False),
        (30, "unsure", TODAY, True),
    ],
)
def test_pregnancy_is_asked_at_each_visit_where_it_may_apply(age, answer, day, asked):
    known = {"age": age, "answer": answer, "answered_on": day, "due_on": None, "today": TODAY}
    assert rules.pregnancy_is_asked(**known) is asked


def test_a_line_of_dose_goes_level_then_up_or_down():
    doses = [(TODAY - 100 * DAY, Decimal(10)), (TODAY - 50 * DAY, Decimal(20))]
    steps = rules.dose_steps(doses, until=TODAY)
    assert steps == [rules.Step(0, 100, 20), rules.Step(100, 200, 2)]
    assert rules.path_of(steps) == "M0 20L100 20L100 2L200 2"


@pytest.mark.parametrize("doses", [[], [(TODAY, 5)], [(TODAY - DAY, 5), (TODAY, None)]])
def test_there_is_no_line_without_two_amounts(doses):
    assert rules.dose_steps(doses, until=TODAY) == []


def test_what_a_health_history_becomes():
    found = rules.taken(ANSWERS, {"osteoporosis": "Osteoporosis", "varicose_veins": "Varicose veins"})
    assert [(line.code, line.name, line.region, line.side, line.started) for line in found.conditions] == [
        ("osteoporosis", "Osteoporosis", "", "", None),
        ("varicose_veins", "Varicose veins", "lower leg", "left", None),
        ("", "migraine", "", "", date(2020, 5, 1)),
        ("joint_replacement", "joint replacement", "knee", "right", None),
        ("", "new knee", "knee", "right", None),
        ("recent_surgery", "carpal tunnel", "wrist", "left", date(2026, 11, 1)),
    ]
    assert found.conditions[0].words == "since 2019"
    assert [(line.code, line.name, line.dose) for line in found.medication] == [
        ("anticoagulant", "Xarelto", "20 mg"),
        ("", "Tylenol", ""),
    ]
    assert [(line.code, line.name, line.reaction) for line in found.allergies] == [
        ("metal_allergy", "metal allergy", "itches"),
        ("", "bees", ""),
    ]
    assert found.checks == (
        ("devices", "changed", None),
        ("bleeding", "unchanged", None),
        ("pregnancy", "no", None),
    )
    assert found.care == rules.Care(
        "stiff neck", True, "Dr. Amos", date(2026, 9, 30), "exercises", "Dr. Amos"
    )


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"conditions": None, "medication": "x", "implants": {"code": 5}, "bleeding": [None, 3]},
        {"surgery": [{"what": ["a"], "when": {}}], "assessed": "maybe", "pregnant": ["yes"]},
        {"medication": [{"name": "", "dose": "5"}], "assessed_on": "2026-02-31", "bleeding": "none"},
    ],
)
def test_answers_of_any_shape_break_nothing(answers):
    found = rules.taken(answers, {})
    assert (found.conditions, found.medication, found.allergies, found.care) == ((), (), (), None)


# ---- a form taken over


@pytest.mark.django_db
def test_a_health_history_becomes_lines_with_their_source(cast):
    filled = response(cast.maria, ANSWERS)
    assert actions.take_over(response=filled, by=None, now=NOW) == 11
    assert {(row.code, row.source, row.response) for row in Condition.objects.all()} >= {
        ("osteoporosis", "form", filled),
        ("joint_replacement", "form", filled),
    }
    assert {row.name for row in Medication.objects.all()} == {"Xarelto", "Tylenol"}
    assert {(row.dose, row.from_day) for row in MedicationDose.objects.all()} == {("20 mg", date(2026, 5, 3))}
    assert {row.substance for row in Allergy.objects.all()} == {"Nickel or chromium allergy", "bees"}
    assert {(row.what, row.answer, row.day) for row in ListCheck.objects.all()} == {
        ("devices", "changed", TODAY),
        ("bleeding", "unchanged", TODAY),
        ("pregnancy", "no", TODAY),
    }
    care = CareElsewhere.objects.get()
    assert (care.problem, care.assessed, care.assessed_by) == ("stiff neck", True, "Dr. Amos")


@pytest.mark.django_db
def test_the_same_form_again_adds_no_line_twice_and_ends_none(cast):
    actions.take_over(response=response(cast.maria, ANSWERS), by=None, now=NOW)
    counted = [model.objects.filter(ended=None).count() for model in (Condition, Medication, Allergy)]
    shorter = {**ANSWERS, "conditions": [{"code": "osteoporosis"}]}
    actions.take_over(response=response(cast.maria, shorter), by=None, now=NOW + DAY)
    assert [model.objects.filter(ended=None).count() for model in (Condition, Medication, Allergy)] == counted
    assert CareElsewhere.objects.filter(ended_at=None).count() == 1


@pytest.mark.django_db
def test_another_form_gives_no_lines(cast):
    filled = response(cast.maria, ANSWERS, key="practice_policies")
    assert actions.take_over(response=filled, by=None, now=NOW) == 0
    assert Condition.objects.count() == 0


@pytest.mark.django_db
def test_taking_over_costs_the_same_for_any_number_of_lines(cast, django_assert_num_queries):
    one = {**ANSWERS, "conditions": ANSWERS["conditions"][:1]}
    filled = response(cast.maria, one)
    # savepoint and its release, names, the day; 3 conditions, 4 medicines with doses, 3 allergies (each with
    # the merged records and what stands already); 1 lists; 3 care elsewhere
    with django_assert_num_queries(18):
        actions.take_over(response=filled, by=None, now=NOW)
    filled = response(cast.tunde, ANSWERS)
    with django_assert_num_queries(18):
        actions.take_over(response=filled, by=None, now=NOW)


# ---- lines by hand


def kept(cast, **more):
    values = {"name": "Eliquis", "medication_class": "other", "effect": "anticoagulant", "source": "said"}
    return actions.keep(
        by=cast.mei,
        model=Medication,
        patient=cast.maria,
        values={**values, **more.pop("values", {})},
        now=NOW,
        today=TODAY,
        **more,
    )


@pytest.mark.django_db
def test_a_line_is_written_down_with_one_event_that_names_columns_only(cast):
    row = kept(cast, dose="5 mg twice a day")
    event = AuditEvent.objects.get(verb="add_history")
    assert event.detail == {"fields": ["effect", "medication_class", "name", "source"]}
    assert (row.entered_by, row.doses.get().dose) == (cast.mei, "5 mg twice a day")


@pytest.mark.django_db
def test_a_line_does_not_begin_in_the_future(cast):
    with pytest.raises(Refused) as refused:
        kept(cast, values={"started": TODAY + DAY})
    assert refused.value.reasons == ["“Since” is in the future. Choose a day that has been."]


@pytest.mark.django_db
def test_a_line_of_an_old_record_is_not_written(cast):
    cast.maria.merged_into = cast.marta
    cast.maria.save()
    with pytest.raises(Refused):
        kept(cast)
    assert Medication.objects.count() == 0


@pytest.mark.django_db
def test_two_who_change_a_line_do_not_overwrite_each_other(cast):
    row = kept(cast)
    kept(cast, pk=row.pk, version=1, values={"name": "Xarelto"})
    with pytest.raises(Refused) as refused:
        kept(cast, pk=row.pk, version=1, values={"name": "Pradaxa"})
    assert (refused.value.conflict, Medication.objects.get().name) == (True, "Xarelto")


@pytest.mark.django_db
def test_a_line_that_ended_stays_below(cast):
    row = condition(cast.maria, name="migraine")
    actions.end(
        by=cast.mei, model=Condition, pk=row.pk, version=1, ended=TODAY - DAY, why="healed", today=TODAY
    )
    history = history_of(cast.maria, TODAY, 40)
    assert (history.conditions, [(one.name, one.ended_why) for one in history.ended]) == (
        [],
        [("migraine", "healed")],
    )


@pytest.mark.django_db
@pytest.mark.parametrize("ended", [TODAY + DAY, date(2020, 1, 1)])
def test_a_line_ends_between_its_start_and_today(cast, ended):
    row = condition(cast.maria, name="migraine", started=date(2021, 1, 1))
    with pytest.raises(Refused):
        actions.end(by=cast.mei, model=Condition, pk=row.pk, version=1, ended=ended, why="", today=TODAY)


@pytest.mark.django_db
def test_a_new_dose_is_a_new_point_of_the_line(cast):
    row = medicine(cast.maria, "Oxycodone", kind="opioid")
    for version, days, amount in ((1, 60, 20), (2, 30, 10)):
        actions.add_dose(
            by=cast.mei,
            medication=row,
            version=version,
            from_day=TODAY - days * DAY,
            dose=f"{amount} mg",
            mg_per_day=amount,
            now=NOW,
            today=TODAY,
        )
    opioids = dict(history_of(cast.maria, TODAY, 40).medication)["opioid"]
    assert [(one.row.name, one.dose, one.path) for one in opioids] == [
        ("Oxycodone", "10 mg", "M0 2L100 2L100 20L200 20")
    ]


@pytest.mark.django_db
def test_lists_are_confirmed_for_thirty_days(cast):
    assert history_of(cast.maria, TODAY, 40).devices.due is True
    actions.check_list(
        by=cast.mei, patient=cast.maria, what="devices", answer="unchanged", now=NOW, today=TODAY
    )
    later = [history_of(cast.maria, TODAY + days * DAY, 40).devices.due for days in (0, 30, 31)]
    assert later == [False, False, True]


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_the_history_takes_the_same_statements_for_any_number_of_lines(
    cast, django_assert_num_queries, number
):
    for index in range(number):
        condition(cast.maria, name=f"condition {index}")
        medicine(cast.maria, f"medicine {index}")
        allergy(cast.maria, f"allergy {index}")
        response(cast.maria, {})
    # merged records, 3 kinds of lines, doses, lists, care elsewhere, forms
    with django_assert_num_queries(8):
        history_of(cast.maria, TODAY, 40)
