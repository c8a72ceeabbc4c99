"""Questions about notes, in a fixed number of statements whatever there is."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from clinic.refusal import Refused
from messaging.models import StaffTask
from scheduling.models import Status
from services.models import Discipline
from tests.treatment.rows import a_note, acupuncture_visit, child, full_note, saved
from tests.treatment.test_signed import signed_note
from treatment.actions.after import hand_over, write_contact_note
from treatment.actions.reactions import follow_up_reaction, record_reaction
from treatment.models import Note, ReactionKind
from treatment.queries import (
    against_rules,
    last_notes,
    note_state,
    patients_of_lot,
    reaction_rates,
    saves_of,
    timeline,
    visit_record,
)

pytestmark = pytest.mark.django_db
OPENED = datetime(2026, 1, 1, 15, tzinfo=UTC)


@pytest.fixture
def kinds():
    """Three kinds of reaction as the list has them, whether it is loaded or not."""
    rows = {
        "BRUISE": {"event": "Bruising", "external_report": "none", "follow_up_within_hours": 72},
        "PNEUMO": {
            "event": "Collapsed lung", "external_report": "grade_3_or_more", "report_to": "The carrier, the board"
        },
        "NEEDLESTICK": {"event": "Needlestick", "subject": "staff"},
    }  # fmt: skip
    for key, columns in rows.items():
        ReactionKind.objects.update_or_create(
            key=f"T_{key}", origin="clinic", defaults={"first_action": "Press.", **columns}
        )


def many_notes(cast, count):
    acupuncture = Discipline.objects.get(key="acupuncture")
    Note.objects.bulk_create(
        Note(
            patient=cast.maria, author=cast.mei, discipline=acupuncture, location=cast.uptown, number=number,
            opened_at=OPENED + timedelta(days=number), signed_at=OPENED + timedelta(days=number), signed_by=cast.mei,
        )
        for number in range(1, count + 1)
    )  # fmt: skip


def test_the_timeline_of_300_notes_takes_five_statements(cast, django_assert_num_queries):
    many_notes(cast, 300)
    write_contact_note(by=cast.mei, patient=cast.maria, kind="call", words="Sore.")
    hand_over(by=cast.mei, patient=cast.maria, to_user=cast.daniel, words="Go light.")
    assert (cast.mei.roles, cast.mei.location_ids) == ({"practitioner"}, {cast.uptown.pk})
    with django_assert_num_queries(5):
        found = timeline(cast.maria, cast.mei)
    assert [entry.kind for entry in found[:3]] == ["contact", "handover", "note"]
    assert (len(found), found[-1].at) == (52, OPENED + timedelta(days=251))


def test_the_last_notes_of_300_take_twelve_statements(cast, django_assert_num_queries):
    many_notes(cast, 300)
    acupuncture = Discipline.objects.get(key="acupuncture")
    with django_assert_num_queries(12):
        found = last_notes(cast.maria, acupuncture, limit=3)
    assert [one.note.number for one in found] == [300, 299, 298]


def test_drafts_and_other_disciplines_are_not_last_notes(cast):
    signed = signed_note(cast)
    a_note(cast, clock="13:00")
    assert [one.note.pk for one in last_notes(cast.maria, signed.discipline)] == [signed.pk]
    assert last_notes(cast.maria, Discipline.objects.get(key="chiropractic")) == []
    assert last_notes(cast.marta, signed.discipline) == []


def test_a_visit_record_holds_every_note_of_the_visit(cast, django_assert_num_queries):
    note = a_note(cast)
    full_note(note)
    assert (cast.daniel.roles, cast.daniel.location_ids) == ({"practitioner"}, {cast.uptown.pk})
    with django_assert_num_queries(11):
        (found,) = visit_record(note.appointment, cast.daniel)
    assert (found.note, found.state, found.addenda) == (note, note_state(Note.objects.get(pk=note.pk)), [])


def test_a_visit_record_is_empty_for_who_may_not_see_the_patient(cast):
    assert visit_record(a_note(cast).appointment, cast.theo) == []


def test_saves_are_listed_newest_first(cast, now):
    note = a_note(cast)
    saved(note, said_words="one")
    assert saves_of(note) == [(2, now, "Mei Tan"), (1, now, "Mei Tan")]


def test_one_statement_leads_from_a_lot_to_every_patient(cast, django_assert_num_queries):
    first, second, other = (
        a_note(cast),
        a_note(cast, patient=cast.rita, clock="12:00"),
        a_note(cast, clock="14:00"),
    )
    for note, lot in ((first, "2409a"), (second, "2409A"), (other, "2510")):
        saved(note, sets=[child("sets", lot=lot), child("sets", lot=lot)])
    assert (cast.mei.roles, cast.mei.location_ids) == ({"practitioner"}, {cast.uptown.pk})
    with django_assert_num_queries(1):
        found = patients_of_lot(" 2409a ", cast.mei)
        names = {note.patient.name for note in found}
    assert (len(found), names) == (2, {"Garcia, Maria", "Lopez, Rita"})


def test_what_went_against_a_rule_is_on_the_owners_list(cast, now, django_assert_num_queries):
    note = a_note(cast)
    saved(note, against=[child("against"), child("against", rule="CI028", how="done", severity="absolute")])
    assert (cast.olive.roles, cast.olive.location_ids) == ({"owner"}, set())
    with django_assert_num_queries(1):
        found = {
            (row.rule, row.how, row.reason, row.note.patient.name, row.by.name)
            for row in against_rules(now, cast.olive)
        }
    assert found == {
        ("CI004", "chosen", "shallow", "Garcia, Maria", "Mei Tan"),
        ("CI028", "done", "shallow", "Garcia, Maria", "Mei Tan"),
    }
    assert against_rules(now + timedelta(seconds=1), cast.olive) == []


def test_a_reaction_is_recorded_with_when_to_look_again(cast, kinds, now):
    note = a_note(cast)
    row = record_reaction(
        by=cast.mei, patient=cast.maria, note=note, kind="T_BRUISE", grade=1, onset="at once"
    )
    assert (row.appointment, row.onset, row.follow_up_at) == (
        note.appointment,
        "at once",
        now + timedelta(hours=72),
    )
    assert StaffTask.objects.filter(kind="report_reaction").count() == 0


@pytest.mark.parametrize("grade, reported", [(2, 0), (3, 1), (5, 1)])
def test_a_reportable_reaction_opens_a_to_do_that_names_where(cast, kinds, grade, reported):
    row = record_reaction(by=cast.mei, patient=cast.maria, kind="T_PNEUMO", grade=grade)
    tasks = StaffTask.objects.filter(
        kind="report_reaction", title="Report to: The carrier, the board", for_role="practitioner",
        about=f"treatment.reaction:{row.pk}",
    )  # fmt: skip
    assert tasks.count() == reported


def test_a_reaction_that_grows_worse_is_reported_then_and_once(cast, kinds, now):
    row = record_reaction(by=cast.mei, patient=cast.maria, kind="T_PNEUMO", grade=2)
    row = follow_up_reaction(by=cast.mei, pk=row.pk, version=1, grade=4, told="Dr. Amos")
    row = follow_up_reaction(by=cast.mei, pk=row.pk, version=2, closed=True, outcome="recovered")
    assert (row.version, row.grade, row.told, row.outcome, row.closed_at) == (
        3,
        4,
        "Dr. Amos",
        "recovered",
        now,
    )
    assert StaffTask.objects.filter(kind="report_reaction").count() == 1
    with pytest.raises(Refused, match="closed"):
        follow_up_reaction(by=cast.mei, pk=row.pk, version=3, words="more")


@pytest.mark.parametrize(
    "kind, grade, says",
    [("NOTHING", 1, "from the list"), ("T_NEEDLESTICK", 1, "sharps log"), ("T_BRUISE", 0, "from 1 to 5"),
     ("T_BRUISE", 6, "from 1 to 5")],
)  # fmt: skip
def test_what_cannot_be_recorded_is_said(cast, kinds, kind, grade, says):
    with pytest.raises(Refused, match=says):
        record_reaction(by=cast.mei, patient=cast.maria, kind=kind, grade=grade)


def test_rates_carry_their_exact_counts(cast, kinds, django_assert_num_queries):
    clocks = ["08:00", "09:00", "10:00", "11:00"]
    notes = [a_note(cast, clock=clock, day="2026-11-20") for clock in clocks]
    for note, lots in zip(notes, (["A1"], ["A1", "B2"], ["B2"], []), strict=True):
        note.appointment.status = Status.COMPLETED
        note.appointment.save()
        saved(note, sets=[child("sets", lot=lot) for lot in lots])
    record_reaction(by=cast.mei, patient=cast.maria, note=notes[1], kind="T_BRUISE", grade=1)
    record_reaction(by=cast.mei, patient=cast.maria, note=notes[2], kind="T_BRUISE", grade=2)
    record_reaction(by=cast.mei, patient=cast.maria, kind="T_PNEUMO", grade=1)
    since, until = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
    with django_assert_num_queries(6):
        rates = reaction_rates(since, until)
    assert rates.visits == 4
    by_kind = [(rate.name, rate.reactions, rate.visits, rate.per_thousand) for rate in rates.kinds]
    assert by_kind == [("Bruising", 2, 4, Decimal("500.0")), ("Collapsed lung", 1, 4, Decimal("250.0"))]
    by_lot = [(rate.key, rate.reactions, rate.visits, rate.per_thousand) for rate in rates.lots]
    assert by_lot == [("B2", 2, 2, Decimal("1000.0")), ("A1", 1, 2, Decimal("500.0"))]


def test_without_visits_there_is_no_rate(cast, kinds):
    acupuncture_visit(cast)
    record_reaction(by=cast.mei, patient=cast.maria, kind="T_BRUISE", grade=1)
    rates = reaction_rates(datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
    assert [(rate.reactions, rate.visits, rate.per_thousand) for rate in rates.kinds] == [(1, 0, None)]
