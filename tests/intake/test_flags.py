"""Red flags: which are asked, what a yes leads to, who closes them again."""

from datetime import timedelta

import pytest

from clinic.models import AuditEvent
from clinic.refusal import Refused
from intake.actions import flags as actions
from intake.models import RaisedFlag, RedFlag, Referral, Screening, SignOff
from intake.queries import flags as queries
from intake.rules import flags as rules
from messaging.models import StaffTask
from tests.cast import NOW
from tests.intake.rows import TODAY, answered, flag, questions, response

SET = questions()
BY_KEY = {row.key: row for row in SET}


def keys(rows):
    return [row.key for row in rows]


# ---- rules, without a database


@pytest.mark.parametrize("row", SET, ids=keys(SET))
def test_a_yes_raises_what_its_row_says_and_a_no_raises_nothing(row):
    (found,) = rules.raised(SET, {row.key: "yes"})
    assert (found.question.key, found.action, found.urgency) == (row.key, row.action, row.referral_urgency)
    assert (found.stop_booking, found.create_referral, found.blocked) == (
        row.stop_booking,
        row.create_referral,
        row.blocked_modalities,
    )
    assert rules.raised(SET, {row.key: "no"}) == []


def test_the_set_has_its_counts():
    found = [row.action for row in SET]
    assert (len(SET), found.count("refer_now"), found.count("refer_routine"), found.count("caution")) == (
        43,
        27,
        10,
        6,
    )


@pytest.mark.parametrize("answer", ["", None, "no", "No ", False, "maybe"])
def test_only_a_yes_is_positive(answer):
    assert rules.raised(SET, {"RF001": answer}) == []


@pytest.mark.parametrize("answer", ["yes", " YES ", True, "true"])
def test_a_yes_is_one_however_it_was_kept(answer):
    assert [one.question.key for one in rules.raised(SET, {"RF001": answer})] == ["RF001"]


def test_the_back_is_asked_with_what_concerns_everybody():
    asked = rules.asked(SET, ["back"], "intake")
    assert {row.region for row in asked} == {"back", "both"}
    assert "RF042" not in keys(asked)  # progress belongs to the re-evaluation


def test_a_headache_is_asked_about_the_neck_too():
    assert {row.region for row in rules.asked(SET, ["headache"], "intake")} == {"headache", "neck", "both"}


@pytest.mark.parametrize(
    "regions", [["back"], ["neck"], ["headache"], ["neck", "back"], ["back", "headache"]]
)
def test_groups_at_intake_have_three_to_six_questions_but_the_one_in_private(regions):
    sizes = {group.key: len(group.questions) for group in rules.groups(rules.asked(SET, regions, "intake"))}
    assert sizes.pop("mood") == 1
    assert [key for key, size in sizes.items() if not 3 <= size <= 6] == []


def test_emergencies_are_asked_first():
    found = [group.key for group in rules.groups(rules.asked(SET, ["headache"], "intake"))]
    assert found[:2] == ["emergency_any", "emergency_neck"]
    assert [key for key in found[2:] if key.startswith("emergency")] == []


@pytest.mark.parametrize(
    "regions,count", [(["back"], 7), (["neck"], 8), (["headache"], 9), (["neck", "back"], 12)]
)
def test_the_short_set_before_booking_online(regions, count):
    assert len(rules.asked_online(SET, regions)) == count


@pytest.mark.parametrize("other", ["RF024", "RF025"])
def test_cancer_with_another_sign_is_sent_to_a_physician_the_same_day(other):
    found = {one.question.key: one for one in rules.raised(SET, {"RF023": "yes", other: "yes"})}
    graver = found["RF023"]
    assert (graver.action, graver.urgency, graver.blocked) == ("refer_now", "same_day", ("all",))
    assert (graver.stop_booking, graver.create_referral, graver.text_key) == (True, True, "see_doctor_today")
    assert found[other].action == "refer_routine"


@pytest.mark.parametrize("other", ["RF027", "RF008"])
def test_cancer_with_something_else_stays_a_caution(other):
    found = {one.question.key: one.action for one in rules.raised(SET, {"RF023": "yes", other: "yes"})}
    assert found["RF023"] == "caution"


def test_the_texts_for_the_patient_put_the_emergency_first():
    found = rules.raised(SET, {"RF027": "yes", "RF043": "yes", "RF001": "yes", "RF002": "yes"})
    assert rules.texts_to_show(found) == ["emergency_911", "emergency_988", "see_doctor_today"]


def test_the_gravest_stands_first():
    found = rules.raised(SET, {"RF020": "yes", "RF024": "yes", "RF027": "yes", "RF001": "yes"})
    assert [one.question.key for one in found] == ["RF001", "RF027", "RF024", "RF020"]


@pytest.mark.parametrize(
    "action,blocked,closes",
    [
        ("refer_now", ["all"], True),
        ("refer_routine", ["all"], True),
        ("refer_routine", ["cervical_hvla"], False),
        ("caution", ["cervical_hvla"], False),
        ("caution", [], False),
    ],
)
def test_what_closes_treatment(action, blocked, closes):
    row = RaisedFlag(action=action, blocked_modalities=blocked, question="Fever?", action_text="Look first")
    assert rules.reasons_not_to_treat([row]) == (["Red flag: Fever? — Look first"] if closes else [])


def test_clearing_needs_a_reason_once():
    assert rules.reasons_not_to_clear(why="examined, reflexes equal", is_open=True) == []
    assert rules.reasons_not_to_clear(why="  ", is_open=False) == [
        "This red flag is cleared already. Reload the page.",
        "Write why it is cleared: what was examined or who assessed it.",
    ]


# ---- the set in the database


@pytest.mark.django_db
def test_the_set_that_counts_is_the_file():
    assert queries.questions() == SET


@pytest.mark.django_db
def test_the_clinics_wording_counts_over_ours(cast):
    before = queries.set_sha256()
    ours = RedFlag.objects.get(key="RF001")
    values = {
        field.name: getattr(ours, field.name)
        for field in RedFlag._meta.concrete_fields
        if field.name not in {"id", "origin", "version"}
    }
    RedFlag.objects.create(origin="clinic", **{**values, "question": "Any trouble passing urine?"})
    (asked,) = [row for row in queries.questions() if row.key == "RF001"]
    assert asked.question == "Any trouble passing urine?"
    assert queries.set_sha256() != before


# ---- raising


@pytest.mark.django_db
def test_a_yes_is_kept_in_the_words_it_had_and_opens_a_referral(cast):
    (row,) = answered(cast.maria, cast.mei, {"RF001": True, "RF005": False, "nonsense": "yes"})
    assert (row.question, row.action, row.urgency, row.emergency, row.blocked_modalities) == (
        BY_KEY["RF001"].question,
        "refer_now",
        "emergency",
        True,
        ["all"],
    )
    assert Screening.objects.get().answers == {"RF001": True, "RF005": False}
    referral = Referral.objects.get()
    assert (referral.urgency, referral.why, list(referral.flags.all())) == (
        "emergency",
        row.question,
        [row],
    )


@pytest.mark.django_db
def test_a_caution_opens_no_referral(cast):
    answered(cast.maria, cast.mei, {"RF020": "yes"}, regions=["neck"])
    assert (RaisedFlag.objects.count(), Referral.objects.count()) == (1, 0)


@pytest.mark.django_db
def test_several_answers_open_one_referral_with_the_gravest_urgency(cast):
    answered(cast.maria, cast.mei, {"RF024": "yes", "RF027": "yes", "RF020": "yes"}, regions=["neck"])
    referral = Referral.objects.get()
    assert (referral.urgency, {row.flag for row in referral.flags.all()}) == ("same_day", {"RF024", "RF027"})


@pytest.mark.django_db
def test_the_same_answer_again_raises_nothing_twice(cast):
    answered(cast.maria, cast.mei, {"RF001": "yes"})
    assert answered(cast.maria, cast.mei, {"RF001": "yes"}, when="recheck") == []
    assert (RaisedFlag.objects.count(), Referral.objects.count(), Screening.objects.count()) == (1, 1, 2)


@pytest.mark.django_db
def test_an_open_flag_makes_a_later_answer_graver(cast):
    answered(cast.maria, cast.mei, {"RF023": "yes"})
    later = answered(cast.maria, cast.mei, {"RF024": "yes"}, when="re_evaluation")
    assert [(row.flag, row.action) for row in later] == [("RF023", "refer_now"), ("RF024", "refer_routine")]
    assert [(row.flag, row.action) for row in queries.open_flags(cast.maria)] == [
        ("RF023", "refer_now"),
        ("RF024", "refer_routine"),
    ]


@pytest.mark.django_db
def test_a_screen_needs_every_answer(cast):
    with pytest.raises(Refused) as refused:
        actions.screen(
            by=cast.mei, patient=cast.maria, answers={}, asked_when="recheck", regions=["back"], now=NOW
        )
    assert refused.value.reasons[0] == f"Still open: {BY_KEY['RF001'].question} Choose yes or no."
    assert Screening.objects.count() == 0


@pytest.mark.django_db
def test_a_screen_is_one_event_without_what_was_answered(cast):
    answers = {row.key: "no" for row in rules.asked(SET, ["back"], "recheck")} | {"RF001": "yes"}
    actions.screen(
        by=cast.mei, patient=cast.maria, answers=answers, asked_when="recheck", regions=["back"], now=NOW
    )
    event = AuditEvent.objects.get(verb="screen")
    assert (event.patient, event.detail) == (cast.maria.pk, {"when": "recheck", "raised": 1})


@pytest.mark.django_db
def test_nothing_new_is_a_recheck_of_the_regions_asked_before(cast):
    answered(cast.maria, cast.mei, {"RF015": "no"}, regions=["neck"])
    made = actions.nothing_new(by=cast.mei, patient=cast.maria, now=NOW + timedelta(days=7))
    assert (made.regions, set(made.answers.values())) == (["neck"], {"no"})
    assert set(made.answers) == set(keys(rules.asked(SET, ["neck"], "recheck")))


@pytest.mark.django_db
def test_a_form_that_says_so_opens_a_to_do_that_closes_with_the_last_flag(cast):
    form = response(cast.maria, {}, key="red_flags_back")
    rows = actions.raise_from_answers(
        patient=cast.maria,
        answers={"RF001": True, "RF027": True},
        asked_when="intake",
        regions=["back"],
        response=form,
        by=None,
        now=NOW,
    )
    task = StaffTask.objects.get()
    assert (task.for_role, task.title, task.closed_at) == (
        "practitioner",
        "Clinician first: look at the history before the visit",
        None,
    )
    for row, closed_at in zip(rows, [None, NOW], strict=True):
        actions.clear(by=cast.mei, pk=row.pk, version=1, why="examined", now=NOW)
        task.refresh_from_db()
        assert task.closed_at == closed_at


# ---- open, closed, cleared


@pytest.mark.django_db
def test_treatment_is_closed_until_somebody_clears_it(cast):
    row = flag(cast.maria, cast.mei, question="Numb?", action_text="Send on")
    assert queries.treatment_is_closed(cast.maria) == ["Red flag: Numb? — Send on"]
    assert queries.blocked_modalities(cast.maria) == {"all"}
    actions.clear(by=cast.daniel, pk=row.pk, version=row.version, why="Seen by Dr. Amos", now=NOW)
    assert (queries.treatment_is_closed(cast.maria), queries.blocked_modalities(cast.maria)) == ([], set())
    (cleared,) = queries.cleared_flags(cast.maria)
    assert (cleared.cleared_by, cleared.cleared_why) == (cast.daniel, "Seen by Dr. Amos")


@pytest.mark.django_db
def test_earlier_rows_of_the_same_question_are_cleared_with_it(cast):
    answered(cast.maria, cast.mei, {"RF023": "yes"})
    graver = answered(cast.maria, cast.mei, {"RF024": "yes"})[0]
    actions.clear(by=cast.mei, pk=graver.pk, version=graver.version, why="Oncologist agrees", now=NOW)
    assert [row.flag for row in queries.open_flags(cast.maria)] == ["RF024"]


@pytest.mark.django_db
def test_a_flag_is_not_cleared_without_a_reason_or_twice(cast):
    row = flag(cast.maria, cast.mei)
    with pytest.raises(Refused):
        actions.clear(by=cast.mei, pk=row.pk, version=row.version, why=" ", now=NOW)
    actions.clear(by=cast.mei, pk=row.pk, version=row.version, why="examined", now=NOW)
    with pytest.raises(Refused) as stale:
        actions.clear(by=cast.mei, pk=row.pk, version=row.version, why="examined", now=NOW)
    assert stale.value.conflict is True


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_clinician_first_is_one_statement(cast, django_assert_num_queries, number):
    people = [cast.maria, cast.sunny, cast.rita][:number]
    for patient in people:
        flag(patient, cast.mei)
    flag(cast.tunde, cast.mei, action="refer_routine")
    ids = [cast.maria.pk, cast.sunny.pk, cast.rita.pk, cast.tunde.pk]
    with django_assert_num_queries(1):
        found = queries.clinician_first(ids)
    assert found == {patient.pk for patient in people}


@pytest.mark.django_db
def test_a_flag_of_a_merged_record_counts_for_the_one_that_is_kept(cast):
    flag(cast.marta, cast.mei)
    cast.marta.merged_into = cast.maria
    cast.marta.save()
    assert queries.clinician_first([cast.maria.pk]) == {cast.maria.pk}
    assert [row.flag for row in queries.open_flags(cast.maria)] == ["RF001"]


# ---- a clinician's signature under the set


def sign(cast, **more):
    values = {
        "clinician": "Dr. Lee",
        "signed_on": TODAY,
        "sha256": queries.set_sha256(),
        "today": TODAY,
        "now": NOW,
    }
    return actions.sign_off(by=cast.olive, **{**values, **more})


@pytest.mark.django_db
def test_the_owner_records_a_signature_under_the_present_set(cast):
    made = sign(cast)
    assert (made.content_sha256, made.clinician, made.by) == (queries.set_sha256(), "Dr. Lee", cast.olive)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong", [{"sha256": "0" * 64}, {"clinician": " "}, {"signed_on": TODAY + timedelta(days=1)}]
)
def test_a_signature_under_something_else_is_refused(cast, wrong):
    with pytest.raises(Refused):
        sign(cast, **wrong)
    assert not SignOff.objects.filter(what="red_flags").exists()
