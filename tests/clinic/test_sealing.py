"""The chain over the audit log, and what somebody with the owner role's powers cannot do to it unnoticed."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings as project_settings
from django.core.management import CommandError, call_command

from clinic import audit, sealing
from clinic.models import AuditEvent, AuditSeal
from clinic.sealing import BEFORE_THE_FIRST, link, seal_new_events, verify_chain
from tests.database import connect
from tests.threads import in_threads

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def head_file(settings, tmp_path):
    settings.AUDIT_HEAD_FILE = tmp_path / "elsewhere" / "audit-head.jsonl"
    return settings.AUDIT_HEAD_FILE


def happened(count, by=None, **detail):
    return [audit.record(by=by, verb="book", about=f"thing:{number}", **detail) for number in range(count)]


def faults():
    return verify_chain().faults


@pytest.mark.django_db
def test_each_event_gets_one_link_in_the_order_of_time(now):
    already = AuditEvent.objects.count()
    happened(3)
    assert seal_new_events(now) == already + 3
    events = [seal.event_id for seal in AuditSeal.objects.order_by("number")]
    assert events == list(AuditEvent.objects.order_by("at", "id").values_list("id", flat=True))
    assert list(AuditSeal.objects.order_by("number").values_list("number", flat=True)) == list(
        range(1, already + 4)
    )
    assert faults() == []


@pytest.mark.django_db
def test_a_link_is_the_hash_of_number_previous_and_event():
    event = happened(1, note="é")[0]
    values = AuditEvent.objects.filter(pk=event.pk).values(*sealing.FIELDS).get()
    assert sealing.canonical(values) == (
        f'{{"at":"2026-11-24T15:42:00.000000+00:00","by":null,"detail":{{"note":"é"}},"id":"{event.pk}",'
        '"object":"thing:0","patient":null,"verb":"book"}'
    )
    assert len(link(1, BEFORE_THE_FIRST, values)) == 64
    assert link(1, BEFORE_THE_FIRST, values) != link(2, BEFORE_THE_FIRST, values)


@pytest.mark.django_db
def test_an_event_that_commits_late_is_sealed_later_and_the_chain_still_fits(now):
    late = AuditEvent(at=now - 60 * MINUTE, verb="book", object="thing:late")
    happened(1)
    seal_new_events(now)
    late.save()
    assert seal_new_events(now + MINUTE) == 1
    assert AuditSeal.objects.order_by("-number").first().event == late
    assert faults() == []


@pytest.mark.django_db
def test_with_nothing_new_nothing_is_written(now, head_file):
    happened(1)
    seal_new_events(now)
    before = head_file.read_text()
    assert seal_new_events(now + MINUTE) == 0
    assert head_file.read_text() == before


@pytest.mark.django_db
def test_the_head_is_copied_each_time(now, head_file):
    for minute in range(3):
        happened(1)
        seal_new_events(now + minute * MINUTE)
    lines = [json.loads(line) for line in head_file.read_text().splitlines()]
    last = AuditSeal.objects.order_by("-number").first()
    assert [line["number"] for line in lines] == [last.number - 2, last.number - 1, last.number]
    assert (lines[-1]["hash"], lines[-1]["at"]) == (last.hash, (now + 2 * MINUTE).isoformat())


@pytest.mark.django_db
def test_a_head_that_a_dying_worker_did_not_copy_is_copied_by_the_next(now, head_file):
    happened(1)
    sealing.seal_batch(now)
    assert head_file.exists() is False
    assert seal_new_events(now) == 0
    assert len(head_file.read_text().splitlines()) == 1


@pytest.mark.django_db
def test_more_events_than_fit_into_one_transaction(now, monkeypatch):
    monkeypatch.setattr(sealing, "BATCH", 2)
    happened(5)
    count = seal_new_events(now)
    assert count == AuditEvent.objects.count()
    assert verify_chain() == sealing.Verdict(sealed=count, faults=[])


@pytest.mark.django_db
def test_the_command_says_how_many_agree(now):
    happened(2)
    count, said = seal_new_events(now), StringIO()
    call_command("verify_audit", stdout=said)
    assert said.getvalue() == f"{count} sealed events, chain and copied head agree.\n"


@pytest.mark.django_db
def test_a_lost_or_damaged_copy_of_the_head_is_a_fault(now, head_file):
    happened(1)
    seal_new_events(now)
    head_file.write_text("not ours\n")
    assert len(faults()) == 2
    head_file.unlink()
    assert faults() == [f"No head was copied to {head_file}, so a chain that was cut off would not show."]


@pytest.mark.alone
def test_two_workers_seal_each_event_once(committed, now):
    happened(50)
    expected = AuditEvent.objects.count()
    assert sum(in_threads([lambda: seal_new_events(now)] * 4)) == expected
    assert verify_chain() == sealing.Verdict(sealed=expected, faults=[])


# What the owner role can do when it switches the triggers off


@pytest.fixture
def owner(committed, now):
    """A sealed chain of at least six links, and a function that runs SQL as the owner, triggers off."""
    for minute in range(3):
        happened(2)
        seal_new_events(now + minute * MINUTE)
    connection = connect(project_settings.OWNER_URL, committed)

    def run(sql, *values):
        with connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            assert cursor.rowcount != 0

    for table in ("clinic_auditevent", "clinic_auditseal"):
        run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield run
    connection.close()


@pytest.fixture
def last(owner):
    return AuditSeal.objects.order_by("-number").first()


def command_fails():
    with pytest.raises(CommandError) as failure:
        call_command("verify_audit")
    return failure.value.returncode == 1


@pytest.mark.alone
def test_control_an_untouched_chain_passes(owner, last):
    assert verify_chain() == sealing.Verdict(sealed=last.number, faults=[])


@pytest.mark.alone
@pytest.mark.parametrize(
    "edit",
    [
        "verb = 'read'",
        "detail = '{\"changed\": []}'",
        "at = at + interval '1 microsecond'",
        "by_id = (SELECT min(id) FROM clinic_user)",
        "patient = gen_random_uuid()",
        "object = 'thing:9'",
    ],
)
def test_an_edited_event_shows(owner, last, edit):
    owner(f"UPDATE clinic_auditevent SET {edit} WHERE id = %s", str(last.event_id))
    assert faults() == [
        f"Link {last.number} does not fit: event {last.event_id} or a link before it was edited."
    ]
    assert command_fails()


@pytest.mark.alone
def test_a_removed_event_shows(owner, last):
    constraint = (
        "SELECT conname FROM pg_constraint WHERE conrelid = 'clinic_auditseal'::regclass AND contype = 'f'"
    )
    owner(f"DO $$ BEGIN EXECUTE 'ALTER TABLE clinic_auditseal DROP CONSTRAINT ' || ({constraint}); END $$")
    owner("DELETE FROM clinic_auditevent WHERE id = %s", str(last.event_id))
    assert faults() == [f"The event of link {last.number} ({last.event_id}) was removed."]
    assert command_fails()


@pytest.mark.alone
def test_a_link_removed_with_its_event_shows(owner, last):
    gone = AuditSeal.objects.get(number=last.number - 1)
    owner("DELETE FROM clinic_auditseal WHERE number = %s", gone.number)
    owner("DELETE FROM clinic_auditevent WHERE id = %s", str(gone.event_id))
    assert faults()[0] == f"Links {gone.number} to {gone.number} are missing."
    assert command_fails()


@pytest.mark.alone
def test_a_chain_cut_off_at_its_end_shows(owner, last):
    owner("DELETE FROM clinic_auditseal WHERE number > %s", last.number - 2)
    assert faults() == [
        f"The chain was cut off: it ends at link {last.number - 2}, link {last.number} was copied."
    ]
    assert command_fails()


@pytest.mark.alone
def test_a_chain_cut_off_altogether_shows(owner, last):
    owner("DELETE FROM clinic_auditseal")
    assert faults() == [f"The chain was cut off: it ends at link 0, link {last.number} was copied."]


@pytest.mark.alone
def test_an_edit_with_every_link_made_anew_shows_by_the_copied_heads(owner, last, now):
    """The hashes alone would agree: this is what the copy is for."""
    owner("UPDATE clinic_auditevent SET verb = 'read' WHERE id = %s", str(last.event_id))
    owner("DELETE FROM clinic_auditseal")
    seal_new_events(now)
    assert faults() == [f"Link {last.number} is not the one that was copied: the chain was made anew."]
    assert command_fails()


@pytest.mark.alone
def test_a_chain_that_grew_on_after_it_was_cut_off_shows(owner, last, now):
    gone = AuditSeal.objects.filter(number__gt=last.number - 2).values_list("event_id", flat=True)
    gone = [str(event) for event in gone]
    owner("DELETE FROM clinic_auditseal WHERE number > %s", last.number - 2)
    owner("DELETE FROM clinic_auditevent WHERE id = ANY(%s::uuid[])", gone)
    happened(5)
    seal_new_events(now)
    assert faults() == [f"Link {last.number} is not the one that was copied: the chain was made anew."]


@pytest.mark.alone
def test_a_forged_link_shows(owner, last):
    owner("UPDATE clinic_auditseal SET hash = %s WHERE number = %s", "f" * 64, last.number)
    assert faults() == [
        f"Link {last.number} does not fit: event {last.event_id} or a link before it was edited.",
        f"Link {last.number} is not the one that was copied: the chain was made anew.",
    ]
