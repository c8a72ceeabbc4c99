"""Before a thrust to the neck: the day's screen and the blood pressure. It asks why, and never stops a record."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.submissions import new_key
from intake.actions import flags as flag_actions
from intake.models import Screening
from intake.queries.flags import neck_screened
from intake.rules import flags as flag_rules
from messaging.models import StaffTask
from tests.cast import NOW
from tests.intake.rows import TODAY, flag, questions
from tests.treatment.notes import integrated_visit
from tests.treatment.rows import a_note, child, part_of, saved, stored
from treatment.actions.drafts import open_note
from treatment.actions.signing import NotReady, sign
from treatment.models import AgainstRule, Note, Vitals
from treatment.queries.safety import spoken_about, verdicts_of
from treatment.rules.missing import signing_of
from treatment.rules.shown import pressure
from treatment.rules.signing import reasons_not_to_sign
from treatment.rules.state import cleaned, empty_state
from treatment.rules.thrusting import Before, half_measured, half_pressures, spoken_before, why_pressure

SCREEN, PRESSURE = "before:neck_screen", "before:blood_pressure"
BOTH = "Write both numbers of the blood pressure, or take it out."


@pytest.mark.parametrize(
    "first, again, positive, why",
    [
        (True, True, True, "first visit"),
        (False, True, True, "re-evaluation"),
        (False, False, True, "a red flag is open"),
        (False, False, False, ""),
    ],
)
def test_when_the_blood_pressure_is_asked_for(first, again, positive, why):
    assert why_pressure(first_visit=first, re_evaluation=again, positive=positive) == why


@pytest.mark.parametrize(
    "before, rules",
    [
        (Before(screened=True, why_pressure="", measured=False), []),
        (Before(screened=False, why_pressure="", measured=False), [SCREEN]),
        (Before(screened=True, why_pressure="first visit", measured=False), [PRESSURE]),
        (Before(screened=True, why_pressure="first visit", measured=True), []),
        (Before(screened=False, why_pressure="first visit", measured=False), [SCREEN, PRESSURE]),
    ],
)
def test_what_speaks_before_a_thrust(before, rules):
    found = spoken_before(before)
    assert [one.rule for one in found] == rules
    assert {(one.severity, one.subject, one.action) for one in found} <= {
        ("relative", "neck", "override_with_reason")
    }


@pytest.mark.parametrize(
    "systolic, diastolic, problems, words",
    [
        (128, 82, [], "128/82 mmHg"),
        (128, None, ["diastolic"], "128/– mmHg"),
        (None, 82, ["systolic"], "–/82 mmHg"),
    ],
)
def test_one_number_is_kept_said_and_shown(systolic, diastolic, problems, words):
    row = child("vitals", systolic=systolic, diastolic=diastolic)
    state, wrong = cleaned({**empty_state(), "vitals": [row]})
    assert (wrong, state["vitals"]) == ([], [row])
    found = half_pressures(state)
    assert [one.where for one in found] == [f"vitals/{row['id']}/{name}" for name in problems]
    assert half_measured(state) == bool(problems)
    assert pressure(row) == words
    about = {"is_author": True, "signed": False, "entered_in_error": False}
    assert (BOTH in reasons_not_to_sign(signing_of(state, **about))) == bool(problems)


def test_the_screen_before_a_thrust_asks_what_a_recheck_asks_of_the_neck():
    asked = flag_rules.asked(questions(), ["neck"], "neck_screen")
    assert asked == flag_rules.asked(questions(), ["neck"], "recheck")
    assert len(asked) >= 10
    assert {row.region for row in asked} == {"neck", "both"}


@pytest.fixture
def note(cast):
    """Daniel's draft about the chiropractic half of a visit."""
    booked = integrated_visit(cast, cast.maria)
    return open_note(by=cast.daniel, part=part_of(booked, "chiropractic").pk)


def neck_thrust(**more):
    return child("adjustments", **more)


def rules_about(note):
    return [one.rule for one in spoken_about(note, stored(note)) if one.rule.startswith("before:")]


@pytest.mark.django_db
def test_half_a_pressure_never_stops_the_save(cast, note):
    row = child("vitals", diastolic=None)
    kept = saved(note, vitals=[row], said_words="stiff")
    assert [(one.where, one.says) for one in kept.problems] == [(f"vitals/{row['id']}/diastolic", BOTH)]
    assert Vitals.objects.filter(note=note).values_list("systolic", "diastolic").get() == (128, None)
    assert stored(note)["said_words"] == "stiff"
    with pytest.raises(NotReady, match="Write both numbers"):
        sign(by=cast.daniel, pk=note.pk, version=Note.objects.get(pk=note.pk).version)


@pytest.mark.django_db
def test_a_neck_thrust_without_screen_and_pressure_says_so(cast, note):
    saved(note, adjustments=[neck_thrust(), neck_thrust(segment="C2")])
    assert rules_about(note) == [SCREEN, PRESSURE]
    asked = [{"id": "x", "modality": "cervical_hvla", "region": "neck", "side": "left"}]
    said = [one for one in verdicts_of(note, cast.daniel, asked) if one["rule"] == SCREEN]
    assert [(one["subject"], one["severity"], one["may_override"]) for one in said] == [
        ("neck", "relative", True)
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("modality", ["lumbar_hvla", "activator", "mobilisation"])
def test_no_other_adjustment_asks_for_it(note, modality):
    saved(note, adjustments=[neck_thrust(modality=modality)])
    assert rules_about(note) == []


@pytest.mark.django_db
def test_the_screen_of_the_day_and_the_pressure_answer_it(cast, note):
    saved(note, adjustments=[neck_thrust()], vitals=[child("vitals")])
    assert rules_about(note) == [SCREEN]
    flag_actions.neck_clear(by=cast.daniel, patient=cast.maria, now=NOW)
    assert rules_about(note) == []


@pytest.mark.django_db
def test_a_recheck_is_no_neck_screen(cast, note):
    flag_actions.nothing_new(by=cast.daniel, patient=cast.maria, now=NOW)
    saved(note, adjustments=[neck_thrust()], vitals=[child("vitals")])
    assert rules_about(note) == [SCREEN]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "when, regions, at, by_staff, counts",
    [
        ("neck_screen", ["neck"], NOW, True, True),
        ("intake", ["neck", "back"], NOW, True, True),
        ("re_evaluation", ["neck"], NOW, True, True),
        ("recheck", ["neck"], NOW, True, False),
        ("intake", ["back"], NOW, True, False),
        ("intake", ["neck"], NOW, False, False),
        ("neck_screen", ["neck"], NOW - timedelta(days=1), True, False),
        # 04:59 UTC is still yesterday in Uptown.
        ("neck_screen", ["neck"], NOW.replace(hour=4, minute=59), True, False),
        ("neck_screen", ["neck"], NOW.replace(hour=5, minute=0), True, True),
    ],
)
def test_which_screening_is_the_days_neck_screen(cast, when, regions, at, by_staff, counts):
    Screening.objects.create(
        patient=cast.maria, asked_when=when, regions=regions, answers={}, at=at, by=cast.daniel if by_staff else None
    )  # fmt: skip
    assert neck_screened(cast.maria, TODAY, cast.uptown.tz) is counts


@pytest.mark.django_db
def test_a_second_visit_asks_for_the_pressure_only_after_a_positive_answer(cast, note):
    earlier = a_note(cast, by=cast.mei, clock="08:00", day="2026-11-17")
    Note.objects.filter(pk=earlier.pk).update(
        discipline=note.discipline, signed_at=NOW, signed_by=cast.mei, version=2, opened_at=NOW - timedelta(days=7)
    )  # fmt: skip
    saved(note, adjustments=[neck_thrust()])
    assert rules_about(note) == [SCREEN]
    flag(cast.maria, cast.daniel, key="RF017", action="caution", blocked=[])
    assert rules_about(note) == [SCREEN, PRESSURE]


@pytest.mark.django_db
def test_what_was_done_without_it_is_signed_and_stands_on_the_owners_list(cast, note):
    row = child(
        "against", rule=SCREEN, subject="neck", severity="caution", reason="asked by phone", how="chosen"
    )
    recorded = [child("against", rule=f"consent:{kind}") for kind in ("adjustment", "neck_adjustment")]
    saved(note, adjustments=[neck_thrust()], felt="nothing", against=[row, *recorded])
    sign(by=cast.daniel, pk=note.pk, version=Note.objects.get(pk=note.pk).version)
    found = AgainstRule.objects.filter(note=note, rule__startswith="before:")
    assert list(found.order_by("rule").values_list("rule", "severity", "how", "reason")) == [
        (PRESSURE, "relative", "done", ""),
        (SCREEN, "relative", "chosen", "asked by phone"),
    ]


@pytest.mark.django_db
def test_one_tap_keeps_the_screen_apart_from_a_recheck(cast, client_of):
    address = reverse("intake:neck_clear", args=[cast.maria.pk])
    answer = client_of(cast.daniel).post(address, {"request_key": new_key()})
    assert answer.status_code == 303
    row = Screening.objects.get(patient=cast.maria)
    assert (row.asked_when, row.regions, row.by, set(row.answers.values())) == (
        "neck_screen",
        ["neck"],
        cast.daniel,
        {"no"},
    )
    assert (
        AuditEvent.objects.filter(verb="screen", patient=cast.maria.pk).get().detail["when"] == "neck_screen"
    )
    assert not StaffTask.objects.exists()
    assert client_of(cast.ana).post(address, {"request_key": new_key()}).status_code == 403


@pytest.mark.django_db
def test_the_page_has_the_row_for_adjusters_alone(cast, note, client_of):
    page = client_of(cast.daniel).get(reverse("treatment:note", args=[note.pk]))
    assert (page.context["neck_screened"], page.context["why_pressure"]) == (False, "first visit")
    assert page.content.count(b"Neck screen before a thrust, today") == 1
    flag_actions.neck_clear(by=cast.daniel, patient=cast.maria, now=NOW)
    page = client_of(cast.daniel).get(reverse("treatment:note", args=[note.pk]))
    assert page.context["neck_screened"] is True
    needles = client_of(cast.mei).get(reverse("treatment:note", args=[a_note(cast, clock="13:00").pk]))
    assert b"Neck screen before a thrust" not in needles.content
