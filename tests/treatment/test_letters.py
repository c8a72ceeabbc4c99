"""A progress letter from the record: signed notes, the course of pain, what the history holds."""

import io
from datetime import timedelta

import pytest
from django.urls import reverse
from pypdf import PdfReader

from clinic.submissions import new_key
from intake.models import Condition, Letter
from tests.cast import NOW
from tests.treatment.rows import a_note, saved
from treatment.models import Note
from treatment.queries.letters import course_of

pytestmark = pytest.mark.django_db


def signed(cast, clock, pain, days, **more):
    """As signing leaves it; what signing asks is tested elsewhere."""
    note = saved(a_note(cast, clock=clock), said_pain_now=pain, **more).note
    note.opened_at, note.signed_at, note.signed_by = NOW - timedelta(days=days), NOW, cast.mei
    note.save()
    return note


def text_of(letter):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(bytes(letter.pdf))).pages)


def posted(**fields):
    return {"request_key": new_key(), "to": "Dr. Amos", "problem": "neck pain", "words": "Better.", **fields}


def test_the_letter_carries_the_course_and_the_history(cast, client_of):
    signed(cast, "09:00", 7, days=30, said_words="cannot turn")
    signed(cast, "11:00", 4, days=7, said_words="slept through")
    Condition.objects.create(patient=cast.maria, name="Migraine", source="said", entered_at=NOW)
    answer = client_of(cast.mei).post(reverse("treatment:progress_letter", args=[cast.maria.pk]), posted())
    assert answer.status_code == 303
    text = text_of(Letter.objects.get())
    for words in (
        "Dr. Amos",
        "Pain 7 of 10 on 2026-10-25, 4 on 2026-11-17.",
        "slept through",
        "cannot turn",
        "Migraine",
    ):
        assert words in text


def test_a_draft_and_a_note_in_error_are_not_in_it(cast):
    saved(a_note(cast), said_words="not signed yet")
    assert course_of(cast.maria) == []


def test_the_same_form_twice_makes_one_letter(cast, client_of):
    client, url = client_of(cast.mei), reverse("treatment:progress_letter", args=[cast.maria.pk])
    fields = posted()
    assert [client.post(url, fields).status_code for _time in range(2)] == [303, 303]
    assert Letter.objects.count() == 1


def test_without_an_addressee_it_is_refused_and_the_words_stay(cast, client_of):
    answer = client_of(cast.mei).post(
        reverse("treatment:progress_letter", args=[cast.maria.pk]), posted(to="", words="Much better.")
    )
    assert answer.status_code == 422
    assert b"Much better." in answer.content
    assert not Letter.objects.exists()


def test_the_course_takes_a_fixed_number_of_statements(cast, django_assert_num_queries):
    signed(cast, "09:00", 7, days=30)
    course_of(cast.maria)
    with django_assert_num_queries(15):
        course_of(cast.maria)
    for number, clock in enumerate(("11:00", "13:00", "15:00")):
        signed(cast, clock, 5, days=20 - number)
    with django_assert_num_queries(15):
        course_of(cast.maria)
    assert Note.objects.count() == 4
