"""Codes offered in a note, and boxes of needles to pick from."""

from datetime import timedelta

import pytest
from django.urls import reverse

from tests.cast import NOW
from tests.treatment.rows import a_note, child, saved, stored
from treatment.models import NeedleBox
from treatment.queries.diagnoses import LATELY, codes_for

pytestmark = pytest.mark.django_db
NECK, BACK, HEADACHE = "ICD-10-CM M54.2", "ICD-10-CM M54.59", "ICD-10-CM G44.209"


def with_codes(cast, codes, **visit_of):
    note = a_note(cast, **visit_of)
    saved(note, codes=codes)
    return note


def recent(note, user):
    return [row["key"] for row in codes_for(note, user) if row["recent"]]


def test_the_patients_codes_come_first_then_the_persons_own(cast):
    with_codes(cast, [BACK], patient=cast.rita, clock="08:00")
    with_codes(cast, [NECK], clock="09:00")
    note = a_note(cast, clock="13:00")
    rows = codes_for(note, cast.mei)
    assert [row["key"] for row in rows[:2]] == [NECK, BACK]
    assert recent(note, cast.mei) == [NECK, BACK]
    # Sam did not write the note about Rita, whom this note is not about.
    assert recent(note, cast.sam) == [NECK]


def test_the_rest_stands_by_code_and_each_code_once(cast):
    with_codes(cast, [NECK, BACK], clock="08:00")
    with_codes(cast, [NECK], clock="09:00")
    rows = codes_for(a_note(cast, clock="13:00"), cast.mei)
    keys = [row["key"] for row in rows]
    assert len(keys) == len(set(keys))
    rest = [row["code"] for row in rows[2:]]
    assert rest == sorted(rest)


def test_this_notes_own_codes_are_not_lately(cast):
    note = with_codes(cast, [NECK])
    assert recent(note, cast.mei) == []


def test_at_most_six_are_called_lately(cast):
    every = [row["key"] for row in codes_for(a_note(cast), cast.mei)]
    with_codes(cast, every[:9], clock="13:00")
    assert len(recent(a_note(cast, clock="15:00"), cast.mei)) == LATELY


def test_another_disciplines_codes_are_not_offered(cast):
    codes = {row["key"] for row in codes_for(a_note(cast), cast.mei)}
    assert NECK in codes
    assert "ICD-10-CM M99.01" not in codes


def box(cast, lot, size="N2030", days=90, **more):
    """One box after the other, a minute apart."""
    opened = NOW + timedelta(minutes=NeedleBox.objects.count())
    return NeedleBox.objects.create(
        location=cast.uptown,
        size=size,
        brand="Acme",
        lot=lot,
        expires_on=(NOW + timedelta(days=days)).date(),
        opened_at=opened,
        opened_by=cast.mei,
        **more,
    )


def test_boxes_of_one_size_are_told_apart_and_an_expired_one_cannot_be_picked(cast, client_of):
    box(cast, "OLD1", days=-1)
    first, second = box(cast, "LOT1"), box(cast, "LOT2", days=400)
    note = a_note(cast)
    page = client_of(cast.mei).get(reverse("treatment:note", args=[note.pk]))
    labels = [one["label"] for one in page.context["boxes"]]
    assert [label.split(", ")[1:] for label in labels] == [
        ["lot OLD1", "expired Nov 2026"],
        ["lot LOT1", "to Feb 2027"],
        ["lot LOT2", "to Dec 2027"],
    ]
    assert page.context["words"]["box"]["lot"] == "LOT1"
    assert page.content.count(b" disabled>") == 1
    row = child("sets", box=str(second.pk), lot="", expires_on=None)
    saved(note, sets=[row])
    assert stored(note)["sets"][0]["lot"] == "LOT2"
    assert first.lot == "LOT1"


def test_an_expired_box_that_is_sent_all_the_same_is_put_back(cast):
    old = box(cast, "OLD1", days=-1)
    note, row = a_note(cast), child("sets", box=str(old.pk), started_at=None)
    kept = saved(note, sets=[row])
    assert [one.says.split(".")[0] for one in kept.problems] == ["This lot expired on Nov 23, 2026"]
    assert (stored(note)["sets"][0]["box"], stored(note)["sets"][0]["lot"]) == (None, "")
