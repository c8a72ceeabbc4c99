"""Signing, and what PostgreSQL refuses afterwards, whoever asks."""

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from psycopg2 import DatabaseError as DatabaseErrorOfDriver

from clinic.models import AuditEvent
from clinic.refusal import Refused
from messaging.models import StaffTask
from tests.database import connect
from tests.treatment.rows import CHILD, a_note, child, full_note, saved, stored
from treatment.actions.after import add_addendum
from treatment.actions.drafts import save_draft
from treatment.actions.keeping import Stale
from treatment.actions.signing import NotReady, sign
from treatment.models import Note, NoteSave
from treatment.queries.states import MODELS
from treatment.rules.state import empty_state

CHILDREN = [model._meta.db_table for model in MODELS.values()]


def signed_note(cast, **visit_of):
    note = a_note(cast, **visit_of)
    full_note(note)
    recorded = [
        child("against", rule=f"consent:{kind}") for kind in ("acupuncture", "adjustment", "neck_adjustment")
    ]
    saved(note, against=[*stored(note)["against"], *recorded], counts=[
        child("counts", side="left", out=1), child("counts", side="right", out=1),
    ])  # fmt: skip
    return sign(by=note.author, pk=note.pk, version=Note.objects.get(pk=note.pk).version)


def refuses(sql, *values):
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return str(refused.value)


@pytest.mark.django_db
def test_signing_keeps_who_and_when(cast, now):
    note = signed_note(cast)
    row = Note.objects.get(pk=note.pk)
    assert (row.signed_at, row.signed_by, row.needles_missing) == (now, cast.mei, 0)
    assert AuditEvent.objects.filter(verb="sign note", patient=cast.maria.pk).count() == 1


@pytest.mark.django_db
def test_an_empty_note_is_not_signed_and_a_word_is_enough(cast):
    note = a_note(cast)
    with pytest.raises(NotReady) as refused:
        sign(by=cast.mei, pk=note.pk, version=1)
    assert refused.value.reasons == [
        "Nothing is written in this note. Write what was done, or why nothing was."
    ]
    saved(note, progress="Left before anything was done.")
    assert sign(by=cast.mei, pk=note.pk, version=2).signed_by == cast.mei


@pytest.mark.django_db
def test_what_is_missing_is_said(cast):
    note = a_note(cast)
    saved(note, needlings=[child("needlings", region="hand")], adjustments=[child("adjustments")])
    with pytest.raises(NotReady) as refused:
        sign(by=cast.mei, pk=note.pk, version=2)
    assert refused.value.reasons == [
        "1 needle is missing: hand, left.",
        "1 needle is missing: hand, right.",
        "Count the needles again, or use the emergency exit and say why.",
        "Confirm clean technique.",
        "Confirm that the needles are in the sharps box.",
        "Ask “How do you feel?” and tap the answer.",
        "No signed consent: acupuncture. Have it signed, or record that it was missing.",
        "No signed consent: adjustment. Have it signed, or record that it was missing.",
        "No signed consent: neck adjustment. Have it signed, or record that it was missing.",
    ]
    assert refused.value.may_exit is False
    assert Note.objects.get(pk=note.pk).signed_at is None


def ready_but_for_needles(cast):
    note = a_note(cast)
    saved(
        note,
        needlings=[child("needlings", region="hand")],
        counts=[child("counts", side="left", out=1)],
        against=[child("against", rule="consent:acupuncture")],
        clean_technique=True,
        sharps_box=True,
        felt="nothing",
    )
    return note


@pytest.mark.django_db
def test_the_emergency_exit_needs_a_reason_and_records_it(cast):
    note = ready_but_for_needles(cast)
    with pytest.raises(NotReady) as refused:
        sign(by=cast.mei, pk=note.pk, version=2)
    assert refused.value.may_exit is True
    row = sign(by=cast.mei, pk=note.pk, version=2, exit_reason="fire alarm")
    assert (row.emergency_reason, row.needles_missing) == ("fire alarm", 1)


@pytest.mark.django_db
def test_a_stale_page_does_not_sign(cast):
    note = a_note(cast)
    saved(note, said_words="more")
    with pytest.raises(Stale):
        sign(by=cast.mei, pk=note.pk, version=1)


@pytest.mark.django_db
def test_somebody_else_does_not_sign(cast):
    note = a_note(cast)
    with pytest.raises(Refused, match="Only its author"):
        sign(by=cast.sam, pk=note.pk, version=1)


@pytest.mark.django_db
def test_a_signed_note_is_not_saved_any_more(cast):
    note = signed_note(cast)
    with pytest.raises(Refused, match=r"This note is signed\. Write an addendum"):
        save_draft(by=cast.mei, pk=note.pk, version=note.version, state=empty_state())


@pytest.mark.django_db
def test_press_needles_open_a_to_do_for_the_day_they_come_off(cast):
    note = a_note(cast)
    saved(
        note,
        needlings=[child("needlings", kind="ear", code="shenmen", side="left", needles_in=1, press_until="2026-11-27")],
        against=[child("against", rule="consent:acupuncture")],
        clean_technique=True,
        sharps_box=True,
        felt="nothing",
    )  # fmt: skip
    sign(by=cast.mei, pk=note.pk, version=2)
    task = StaffTask.objects.get(kind="press_needles")
    assert (task.for_user, task.patient, task.about) == (cast.mei, cast.maria.pk, f"treatment.note:{note.pk}")
    assert task.due_at.astimezone(cast.uptown.tz).isoformat() == "2026-11-27T09:00:00-05:00"


@pytest.mark.django_db
def test_a_signed_note_refuses_update_and_delete(cast):
    note = signed_note(cast)
    assert "Cannot update" in refuses(
        "UPDATE treatment_note SET said_words = 'other', version = version + 1 WHERE id = %s", note.pk
    )
    assert "Cannot update" in refuses(
        "UPDATE treatment_note SET signed_at = NULL, signed_by_id = NULL, version = version + 1 WHERE id = %s",
        note.pk,
    )
    assert "permission denied" in refuses("DELETE FROM treatment_note WHERE id = %s", note.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("table", CHILDREN)
def test_the_children_of_a_signed_note_refuse_everything(cast, table):
    signed, draft = signed_note(cast), a_note(cast, clock="13:00")
    full_note(draft)
    said = "this note is signed"
    assert said in refuses(f"UPDATE {table} SET position = 9 WHERE note_id = %s", signed.pk)
    assert said in refuses(f"UPDATE {table} SET note_id = %s WHERE note_id = %s", draft.pk, signed.pk)
    assert said in refuses(f"UPDATE {table} SET note_id = %s WHERE note_id = %s", signed.pk, draft.pk)
    assert said in refuses(f"DELETE FROM {table} WHERE note_id = %s", signed.pk)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET position = 9 WHERE note_id = %s", [draft.pk])
        assert cursor.rowcount == 1


@pytest.mark.django_db
@pytest.mark.parametrize("kind", CHILD)
def test_nothing_is_added_to_a_signed_note(cast, kind):
    signed, draft = signed_note(cast), a_note(cast, clock="13:00")
    full_note(draft)
    row = MODELS[kind].objects.get(note=draft)
    row.pk, row.note, row._state.adding = child(kind)["id"], signed, True
    with pytest.raises(DatabaseError, match="this note is signed"), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.django_db
def test_no_save_is_added_to_a_signed_note(cast, now):
    note = signed_note(cast)
    with pytest.raises(DatabaseError, match="this note is signed"), transaction.atomic():
        NoteSave.objects.create(note=note, of_version=99, state={}, at=now, by=cast.mei)


@pytest.mark.django_db
def test_an_addendum_may_be_added_and_never_changed(cast):
    row = add_addendum(by=cast.mei, pk=signed_note(cast).pk, words="She called: fine.")
    assert "permission denied" in refuses("UPDATE treatment_addendum SET words = '' WHERE id = %s", row.pk)


def test_the_owner_role_is_refused_as_well(cast, committed):
    note = signed_note(cast)
    opened = connect(settings.OWNER_URL, committed)
    statements = [
        ("Cannot update", f"UPDATE treatment_note SET version = version + 1 WHERE id = '{note.pk}'"),
        ("Cannot update or delete", f"DELETE FROM treatment_note WHERE id = '{note.pk}'"),
        ("never emptied", "TRUNCATE treatment_note CASCADE"),
        ("kept for ever", "TRUNCATE treatment_notesave"),
        ("Cannot update", "UPDATE treatment_notesave SET state = '{}'"),
    ]
    for table in CHILDREN:
        statements += [
            ("this note is signed", f"UPDATE {table} SET position = 9 WHERE note_id = '{note.pk}'"),
            ("this note is signed", f"DELETE FROM {table} WHERE note_id = '{note.pk}'"),
            ("never emptied", f"TRUNCATE {table} CASCADE"),
        ]
    answers = {}
    with opened.cursor() as cursor:
        for said, sql in statements:
            try:
                cursor.execute(sql)
                answers[sql] = "done"
            except DatabaseErrorOfDriver as fault:
                answers[sql] = said if said in str(fault) else str(fault)
    opened.close()
    assert answers == {sql: said for said, sql in statements}


def test_a_child_written_while_the_note_is_being_signed_waits_and_is_refused(cast, committed):
    note = signed_later(cast)
    first, second = connect(settings.OWNER_URL, committed), connect(settings.OWNER_URL, committed)
    first.autocommit = False
    with first.cursor() as signing, second.cursor() as writing:
        signing.execute(
            "UPDATE treatment_note SET signed_at = now(), signed_by_id = author_id, version = version + 1"
            " WHERE id = %s", [str(note.pk)],
        )  # fmt: skip
        writing.execute("SET lock_timeout = '200ms'")
        with pytest.raises(DatabaseErrorOfDriver, match="lock timeout"):
            writing.execute("DELETE FROM treatment_adjunct WHERE note_id = %s", [str(note.pk)])
        first.commit()
        with pytest.raises(DatabaseErrorOfDriver, match="this note is signed"):
            writing.execute("DELETE FROM treatment_adjunct WHERE note_id = %s", [str(note.pk)])
    first.close()
    second.close()


def signed_later(cast):
    note = a_note(cast)
    saved(note, adjuncts=[child("adjuncts")])
    return note
