"""Between a note and the plan: what was found goes into the plan, and the plan stands beside the next note."""

from dataclasses import replace
from datetime import date

import pytest
from django.urls import reverse

from plans.queries.treating import code_keys, for_note
from plans.rules.prefill import SESSION_KEY
from tests.plans.rows import TODAY, WORDS, a_draft, a_plan, given
from tests.treatment.rows import a_note, acupuncture_visit, saved
from treatment.queries.diagnoses import codes_for

pytestmark = pytest.mark.django_db


def made_from(client, note):
    """The plan's form as “Make plan” opens it."""
    answer = client.get(reverse("treatment:make_plan", args=[note.pk]))
    assert answer.status_code == 303
    assert "?" not in answer["Location"]  # nothing clinical in an address
    return client.get(answer["Location"]).context["form"]


def test_what_the_note_says_is_typed_once(cast, client_of, now):
    note = a_note(cast)
    saved(note, codes=["ICD-10-CM M54.59", "ICD-10-CM M54.2"], said_words="Aches after standing.")
    form = made_from(client_of(cast.mei), note)
    assert [form[name].value() for name in ("code", "code_2", "region", "symptoms", "template")] == [
        "M54.59",
        "M54.2",
        "back",
        "Aches after standing.",
        "back_6_8",
    ]
    assert form["phase_1_service"].value() == cast.service("acupuncture_follow_up").pk


def test_a_note_without_codes_says_nothing_of_the_region(cast, client_of, now):
    form = made_from(client_of(cast.mei), a_note(cast))
    assert (form["code"].value(), form["region"].value()) == (None, "neck")


def test_only_clinicians_make_a_plan_from_a_note(cast, client_of, now):
    note = a_note(cast)
    url = reverse("treatment:make_plan", args=[note.pk])
    assert client_of(cast.ana).get(url).status_code == 403
    assert client_of(cast.theo).get(url).status_code == 404
    assert SESSION_KEY not in client_of(cast.ana).session


def test_the_note_leads_to_the_plan(cast, client_of, now):
    note = a_note(cast)
    page = client_of(cast.mei).get(reverse("treatment:note", args=[note.pk])).content.decode()
    assert reverse("treatment:make_plan", args=[note.pk]) in page


def test_the_plan_stands_beside_the_next_note(cast, client_of, now):
    a_plan(cast, starts_on=date(2026, 11, 2))
    given(cast, "2026-11-20")
    page = (
        client_of(cast.mei)
        .get(reverse("treatment:note", args=[a_note(cast, clock="14:00").pk]))
        .content.decode()
    )
    assert "1 of 8, on track" in page
    assert WORDS in page


def test_what_a_note_wants_of_the_plan(cast, now):
    assert for_note(cast.maria, TODAY) is None
    phase = replace(
        a_draft(cast, service="acupuncture_adjustment").phases[0], order_rule="Acupuncture, then adjustment"
    )
    a_plan(cast, phases=(phase,), starts_on=date(2026, 10, 20))
    given(cast, "2026-10-20", service="acupuncture_adjustment")
    found = for_note(cast.maria, TODAY)
    assert (found.said, found.goals, found.order) == (
        "1 of 8, 6 behind",
        [WORDS],
        "Acupuncture, then adjustment",
    )
    assert found.review == "Look-back due: Re-evaluate by visit 6 or day 28, whichever comes first."


def test_the_plans_codes_come_first(cast, now):
    a_plan(cast, diagnosis_codes=("M54.2", "M47.812"))
    assert code_keys(cast.maria) == ["ICD-10-CM M54.2", "ICD-10-CM M47.812"]
    note = a_note(cast)
    rows = codes_for(note, cast.mei)
    assert [row["key"] for row in rows if row["recent"]] == ["ICD-10-CM M54.2", "ICD-10-CM M47.812"]
    other = acupuncture_visit(cast, patient=cast.rita, clock="13:00")
    assert code_keys(other.patient) == []
