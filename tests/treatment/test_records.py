"""The tab Notes and the record of one visit."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.submissions import new_key
from tests.rows import at, visit
from tests.treatment.reading_rows import adjusting_note, needles_left, signed_now, told_note, told_signed
from tests.treatment.rows import a_note, acupuncture_visit, part_of
from treatment.actions.after import hand_over, mark_entered_in_error, write_contact_note
from treatment.actions.drafts import open_note
from treatment.models import Note

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def notes_page(patient):
    return reverse("treatment:notes", args=[patient.pk])


def record_page(booked):
    return reverse("treatment:record", args=[booked.pk])


def both(cast):
    return visit(
        cast.maria,
        cast.service("acupuncture_adjustment"),
        cast.uptown,
        at("10:00", cast.uptown),
        practitioners={"acupuncture": cast.mei.practitioner, "chiropractic": cast.daniel.practitioner},
        rooms={"treatment": cast.room_1, "adjusting": cast.room_4},
    )


# ---- the tab


def test_notes_are_listed_newest_first_in_a_line_each(cast, client_of):
    old = told_signed(cast, day="2026-11-20")
    new = a_note(cast, clock="13:00")
    lines = client_of(cast.daniel).get(notes_page(cast.maria)).context["lines"]
    assert [line.note for line in lines] == [new, old]
    assert lines[0].words == ""
    assert lines[1].words == (
        "pain 4, better · still stiff left when reversing · tongue pale, teeth marks · pulse wiry"
        " · tight band at the left trapezius · GB20 b, 20 mm; LI4 b, 20 mm, e-stim 2 Hz;"
        " ashi left trapezius L x3 · 30 minutes in · cupping dry · very relaxed · next: look at the film"
    )


def test_the_list_takes_the_same_statements_for_one_note_and_for_five(
    cast, client_of, django_assert_num_queries
):
    client = client_of(cast.daniel)
    told_signed(cast)
    client.get(notes_page(cast.maria))
    with django_assert_num_queries(36):
        client.get(notes_page(cast.maria))
    for clock in ("12:00", "13:00", "14:00", "15:00"):
        told_note(cast, clock=clock)
    with django_assert_num_queries(36):
        client.get(notes_page(cast.maria))


def test_a_page_holds_25_notes(cast, client_of):
    acupuncture_visit(cast)
    first = a_note(cast, clock="13:00")
    Note.objects.bulk_create(
        Note(
            patient=cast.maria, author=cast.mei, discipline=first.discipline, location=cast.uptown,
            number=number, opened_at=first.opened_at, signed_at=first.opened_at, signed_by=cast.mei,
        )
        for number in range(2, 28)
    )  # fmt: skip
    client = client_of(cast.mei)
    pages = [client.get(f"{notes_page(cast.maria)}?page={page}").context for page in ("1", "2", "x")]
    assert [(len(page["lines"]), page["earlier"]) for page in pages] == [(25, 2), (2, None), (25, 2)]


def test_a_note_entered_in_error_is_struck_out_for_its_author_and_gone_for_others(cast, client_of):
    note = told_signed(cast)
    mark_entered_in_error(by=cast.mei, pk=note.pk, words="wrong chart")
    seen = {
        name: [
            line.wrong for line in client_of(getattr(cast, name)).get(notes_page(cast.maria)).context["lines"]
        ]
        for name in ("mei", "daniel")
    }
    assert seen == {"mei": [True], "daniel": []}


def test_todays_parts_without_a_note_of_mine_are_offered(cast, client_of):
    booked = both(cast)
    offered = {
        name: [
            part.name for part in client_of(getattr(cast, name)).get(notes_page(cast.maria)).context["parts"]
        ]
        for name in ("mei", "daniel", "jo")
    }
    assert offered == {"mei": ["Acupuncture"], "daniel": ["Adjustment"], "jo": []}
    open_note(by=cast.mei, part=part_of(booked).pk)
    assert client_of(cast.mei).get(notes_page(cast.maria)).context["parts"] == []


def test_yesterdays_parts_are_not_offered(cast, client_of):
    acupuncture_visit(cast, day="2026-11-23")
    assert client_of(cast.mei).get(notes_page(cast.maria)).context["parts"] == []


def test_a_note_without_a_visit_begins_in_ones_own_disciplines(cast, client_of):
    client = client_of(cast.jo)
    answer = client.get(notes_page(cast.maria))
    assert sorted(one.key for one in answer.context["disciplines"]) == ["massage", "stretching"]
    url = reverse("treatment:open_without_visit", args=[cast.maria.pk])
    answer = client.post(url, {"request_key": new_key(), "discipline": "massage"})
    note = Note.objects.get()
    assert (answer.url, note.appointment, note.discipline.key) == (
        reverse("treatment:note", args=[note.pk]), None, "massage",
    )  # fmt: skip


def test_calls_and_handovers_stand_beside(cast, client_of):
    write_contact_note(by=cast.mei, patient=cast.maria, kind="call", words="Sore.")
    hand_over(by=cast.mei, patient=cast.maria, to_user=cast.daniel, words="Go light.")
    found = client_of(cast.daniel).get(notes_page(cast.maria)).context
    assert [one.words for one in found["contacts"]] == ["Sore."]
    assert [(one.words, one.seen_at) for one in found["handovers"]] == [("Go light.", None)]


def test_the_list_is_a_read_that_is_written_down_and_loads_whole_after_a_panel(cast, client_of):
    client = client_of(cast.daniel)
    assert client.get(notes_page(cast.maria), headers=HTMX)["HX-Redirect"] == notes_page(cast.maria)
    client.get(notes_page(cast.maria))
    assert AuditEvent.objects.filter(verb="read", by=cast.daniel, patient=cast.maria.pk).count() == 1


def test_my_drafts_wait_to_be_signed(cast, client_of, django_assert_num_queries):
    client, page = client_of(cast.mei), reverse("treatment:unsigned")
    first = told_note(cast, clock="12:00")
    client.get(page)
    with django_assert_num_queries(7):
        assert client.get(page).context["notes"] == [first]
    second, third = a_note(cast, clock="13:00"), a_note(cast, clock="14:00", patient=cast.rita)
    told_signed(cast, clock="15:00")
    with django_assert_num_queries(7):
        assert set(client.get(page).context["notes"]) == {first, second, third}
    assert client_of(cast.daniel).get(page).context["notes"] == []
    assert client_of(cast.ana).get(page).status_code == 403


# ---- the record


def test_the_record_holds_both_disciplines_in_the_order_of_the_visit(cast, client_of):
    booked = both(cast)
    adjusted = adjusting_note(cast, booked)
    needled = open_note(by=cast.mei, part=part_of(booked).pk)
    signed_now(adjusted)
    notes = client_of(cast.mei).get(record_page(booked)).context["notes"]
    assert [one.note for one in notes] == [needled, adjusted]
    assert notes[1].found == [("C5", "left, PL, tender"), ("Neck", "turn right 60°")]
    assert notes[1].adjustments == [("C5, left", "Diversified", "moves freely")]


def test_the_record_says_what_happened_when(cast, client_of, now):
    booked = acupuncture_visit(cast)
    booked.actual_times.create(what="arrived", at=now, by=cast.ana, entered_at=now)
    booked.actual_times.create(what="left", at=now, by=cast.ana, entered_at=now)
    later = now + timedelta(minutes=1)
    booked.actual_times.create(what="left", at=now, by=cast.ana, entered_at=later, withdrawn=True)
    assert client_of(cast.mei).get(record_page(booked)).context["facts"] == [("arrived", now)]


def test_the_record_takes_the_same_statements_for_one_note_and_for_two(
    cast, client_of, django_assert_num_queries
):
    booked = both(cast)
    adjusting_note(cast, booked)
    client = client_of(cast.mei)
    client.get(record_page(booked))
    with django_assert_num_queries(33):
        client.get(record_page(booked))
    open_note(by=cast.mei, part=part_of(booked).pk)
    with django_assert_num_queries(33):
        client.get(record_page(booked))


def test_a_note_entered_in_error_leaves_the_record_of_others(cast, client_of):
    note = told_signed(cast)
    mark_entered_in_error(by=cast.mei, pk=note.pk, words="wrong chart")
    counts = [
        len(client_of(person).get(record_page(note.appointment)).context["notes"])
        for person in (cast.mei, cast.daniel)
    ]
    assert counts == [1, 0]


@pytest.mark.parametrize("name, status", [("ana", 403), ("olive", 403), ("theo", 404), ("rita", 403)])
def test_who_must_not_see_them(cast, client_of, name, status):
    note = needles_left(cast)
    client = client_of(getattr(cast, name))
    pages = [notes_page(cast.maria), record_page(note.appointment)]
    assert [client.get(page).status_code for page in pages] == [status] * 2
