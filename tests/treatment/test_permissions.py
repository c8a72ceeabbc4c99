"""Who may choose against absolute rules, and notes of merged records."""

import pytest
from django.db import DatabaseError, transaction

from clinic.refusal import Refused
from patients.models import Patient
from tests.treatment.rows import a_note, child, saved
from tests.treatment.test_signed import signed_note
from treatment.actions.drafts import copy_forward
from treatment.actions.stock import end_absolute, permit_absolute
from treatment.models import AbsolutePermission, ChartSettings
from treatment.queries import last_notes, timeline
from treatment.queries.stock import chart_settings, may_override_absolute

pytestmark = pytest.mark.django_db


def chosen(cast, note):
    row = child("against", rule="CI001", subject="ST17", severity="absolute", how="chosen")
    return saved(note, against=[row]).state["against"]


def test_the_owner_gives_and_ends_the_permission_by_name(cast):
    assert chosen(cast, a_note(cast)) == []
    permit_absolute(by=cast.olive, user=cast.mei)
    permit_absolute(by=cast.olive, user=cast.mei)
    assert AbsolutePermission.objects.count() == 1
    assert (may_override_absolute(cast.mei), may_override_absolute(cast.sam)) == (True, False)
    assert len(chosen(cast, a_note(cast, clock="13:00"))) == 1
    end_absolute(by=cast.olive, user=cast.mei)
    assert may_override_absolute(cast.mei) is False
    assert chosen(cast, a_note(cast, clock="15:00")) == []


def test_what_was_chosen_with_the_permission_stays_when_it_ends(cast):
    note = a_note(cast)
    permit_absolute(by=cast.olive, user=cast.mei)
    rows = chosen(cast, note)
    end_absolute(by=cast.olive, user=cast.mei)
    assert saved(note, said_words="more").state["against"] == rows


@pytest.mark.parametrize(
    "by, user, says", [("mei", "mei", "Only an owner"), ("olive", "ana", "Only a provider")]
)
def test_nobody_else_gives_it_and_nobody_else_has_it(cast, by, user, says):
    with pytest.raises(Refused, match=says):
        permit_absolute(by=getattr(cast, by), user=getattr(cast, user))
    assert AbsolutePermission.objects.count() == 0


def test_a_permission_that_is_not_there_is_not_ended(cast):
    with pytest.raises(Refused, match="no such permission"):
        end_absolute(by=cast.olive, user=cast.mei)


def test_notes_of_a_merged_record_belong_to_the_one_that_was_kept(cast):
    note = signed_note(cast, patient=cast.marta, day="2026-11-17")
    Patient.objects.filter(pk=cast.marta.pk).update(merged_into=cast.maria, version=9)
    assert [one.note.pk for one in last_notes(cast.maria, note.discipline)] == [note.pk]
    assert [entry.id for entry in timeline(cast.maria, cast.mei)] == [note.pk]
    assert len(copy_forward(by=cast.mei, pk=a_note(cast).pk, version=1).state["needlings"]) == 1


def test_tongue_and_pulse_are_asked_until_the_clinic_says_otherwise():
    assert chart_settings().tongue_and_pulse is True
    ChartSettings.objects.create(tongue_and_pulse=False)
    assert chart_settings().tongue_and_pulse is False
    with pytest.raises(DatabaseError), transaction.atomic():
        ChartSettings.objects.create(id=2)
