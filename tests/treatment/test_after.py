"""Addenda, notes entered in error, contact notes, handovers."""

import pytest

from clinic.models import AuditEvent
from clinic.refusal import Refused
from patients.models import CareTeam
from tests.intake.closed import opens
from tests.treatment.rows import a_note, acupuncture_visit, part_of, saved
from tests.treatment.test_signed import ready_but_for_needles, signed_note
from treatment.actions.after import (
    add_addendum,
    hand_over,
    mark_entered_in_error,
    resolve_needles,
    see_handover,
    write_contact_note,
)
from treatment.actions.drafts import open_note, save_draft
from treatment.actions.signing import sign
from treatment.models import Addendum, ContactNote, Handover, Note
from treatment.queries import handovers_to, last_notes, needles_unaccounted, timeline, unsigned_notes
from treatment.rules.state import empty_state

pytestmark = pytest.mark.django_db


def test_a_colleague_adds_to_a_signed_note(cast, now):
    note = signed_note(cast)
    row = add_addendum(by=cast.daniel, pk=note.pk, words=" Film of October seen. ")
    assert (row.words, row.by, row.at, row.kind) == ("Film of October seen.", cast.daniel, now, "addendum")
    assert AuditEvent.objects.get(verb="add addendum").patient == cast.maria.pk


def test_a_draft_has_no_addenda_and_an_empty_one_says_nothing(cast):
    with pytest.raises(Refused, match="not signed yet"):
        add_addendum(by=cast.mei, pk=a_note(cast).pk, words="more")
    with pytest.raises(Refused, match="Write a few words first"):
        add_addendum(by=cast.mei, pk=signed_note(cast, clock="13:00").pk, words="  ")


def test_entered_in_error_is_for_the_author_only(cast):
    note = signed_note(cast)
    with pytest.raises(Refused, match="Only its author"):
        mark_entered_in_error(by=cast.daniel, pk=note.pk, words="not mine")
    assert Addendum.objects.count() == 0


def test_a_note_entered_in_error_is_read_by_its_author_and_the_owner_alone(cast):
    note = signed_note(cast)
    mark_entered_in_error(by=cast.mei, pk=note.pk, words="wrong chart")
    opens(cast.olive, cast.maria)
    seen = {name: Note.objects.visible_to(getattr(cast, name)).filter(pk=note.pk).exists()
            for name in ("mei", "olive", "daniel", "sam", "theo")}  # fmt: skip
    assert seen == {"mei": True, "olive": True, "daniel": False, "sam": False, "theo": False}


def test_a_note_entered_in_error_leaves_lists_and_counts(cast):
    note = ready_but_for_needles(cast)
    signed = sign(by=cast.mei, pk=note.pk, version=2, exit_reason="fire alarm")
    assert len(last_notes(cast.maria, signed.discipline)) == len(needles_unaccounted(cast.uptown)) == 1
    mark_entered_in_error(by=cast.mei, pk=note.pk, words="wrong chart")
    assert last_notes(cast.maria, signed.discipline) == needles_unaccounted(cast.uptown) == []
    assert timeline(cast.maria, cast.daniel) == []
    assert [(one.id, one.entered_in_error) for one in timeline(cast.maria, cast.mei)] == [(note.pk, True)]


def test_after_an_error_the_part_gets_a_new_note(cast):
    booked = acupuncture_visit(cast)
    wrong = open_note(by=cast.mei, part=part_of(booked).pk)
    mark_entered_in_error(by=cast.mei, pk=wrong.pk, words="wrong chart")
    right = open_note(by=cast.mei, part=part_of(booked).pk)
    assert (right.number, right.pk == wrong.pk) == (2, False)
    with pytest.raises(Refused, match="entered in error"):
        save_draft(by=cast.mei, pk=wrong.pk, version=1, state=empty_state())
    assert unsigned_notes(cast.mei) == [right]


def test_a_note_is_entered_in_error_once(cast):
    note = signed_note(cast)
    mark_entered_in_error(by=cast.mei, pk=note.pk, words="wrong chart")
    with pytest.raises(Refused, match="entered in error"):
        mark_entered_in_error(by=cast.mei, pk=note.pk, words="again")


def test_needles_stay_on_the_board_until_somebody_says_where_they_were(cast):
    note = ready_but_for_needles(cast)
    assert needles_unaccounted(cast.uptown) == [note]
    sign(by=cast.mei, pk=note.pk, version=2, exit_reason="fire alarm")
    assert needles_unaccounted(cast.uptown) == [note]
    assert needles_unaccounted(cast.harbor) == []
    resolve_needles(by=cast.sam, pk=note.pk, words="Found in the sheet.")
    assert needles_unaccounted(cast.uptown) == []


def test_a_draft_without_a_count_is_not_on_the_board(cast):
    note = ready_but_for_needles(cast)
    saved(note, counts=[])
    assert needles_unaccounted(cast.uptown) == []


def test_needles_that_are_not_missing_are_not_resolved(cast):
    with pytest.raises(Refused, match="No needles are missing"):
        resolve_needles(by=cast.mei, pk=signed_note(cast).pk, words="?")


def test_a_contact_note_is_written_at_once(cast, now):
    row = write_contact_note(by=cast.mei, patient=cast.maria, kind="call", words="Sore since Tuesday.")
    assert ContactNote.objects.get() == row
    assert (row.at, row.by, row.patient) == (now, cast.mei, cast.maria)
    with pytest.raises(Refused, match="Choose call, message or event"):
        write_contact_note(by=cast.mei, patient=cast.maria, kind="smoke", words="x")


def test_a_handover_lets_its_reader_see_the_patient_and_goes_away_when_seen(cast, now):
    booked = acupuncture_visit(cast)
    row = hand_over(
        by=cast.mei, patient=cast.maria, to_user=cast.theo, words="Go light left.", appointment=booked
    )
    assert CareTeam.objects.of(cast.theo, now).filter(patient=cast.maria, why="handover").count() == 1
    assert handovers_to(cast.theo) == [row]
    see_handover(by=cast.theo, pk=row.pk)
    see_handover(by=cast.theo, pk=row.pk)
    assert (handovers_to(cast.theo), Handover.objects.get().seen_at) == ([], now)
    assert AuditEvent.objects.filter(verb="see handover").count() == 1


@pytest.mark.parametrize("name", ["mei", "ana"])
def test_a_handover_goes_to_another_clinician(cast, name):
    with pytest.raises(Refused, match="Choose a colleague who treats patients"):
        hand_over(by=cast.mei, patient=cast.maria, to_user=getattr(cast, name), words="x")


def test_only_its_reader_sees_a_handover(cast):
    row = hand_over(by=cast.mei, patient=cast.maria, to_user=cast.daniel, words="x")
    with pytest.raises(Refused, match="for somebody else"):
        see_handover(by=cast.sam, pk=row.pk)
