"""Boxes of needles: remembered, and refused when they have run out."""

from datetime import date

import pytest

from clinic.refusal import Refused
from tests.treatment.rows import a_note, child, saved
from treatment.actions.stock import end_box, open_box
from treatment.models import NeedleBox
from treatment.queries.stock import boxes_in_use

pytestmark = pytest.mark.django_db


def a_box(cast, **more):
    asked = {"size": "N2030", "lot": "2409a", "expires_on": date(2027, 3, 1), **more}
    return open_box(by=cast.mei, location=cast.uptown, **asked)


def test_a_box_gives_its_lot_and_expiry_to_the_set(cast):
    box = a_box(cast)
    (one,) = saved(a_note(cast), sets=[child("sets", box=str(box.pk), lot="", expires_on=None)]).state["sets"]
    assert (one["lot"], one["expires_on"], one["size"]) == ("2409A", "2027-03-01", "N2030")


def test_an_expired_box_is_not_opened(cast):
    with pytest.raises(Refused, match=r"This lot expired on Nov 23, 2026\. Open another box"):
        a_box(cast, expires_on=date(2026, 11, 23))
    assert a_box(cast, expires_on=date(2026, 11, 24)).ended_at is None


def test_an_expired_lot_is_put_back_when_it_is_picked(cast):
    row = child("sets", expires_on="2026-11-23")
    answer = saved(a_note(cast), sets=[row])
    (one,) = answer.state["sets"]
    assert (one["lot"], one["expires_on"]) == ("", None)
    assert [problem._asdict() for problem in answer.problems] == [
        {"where": f"sets/{row['id']}/lot", "says": "This lot expired on Nov 23, 2026. Open another box."}
    ]


def test_an_expired_lot_that_is_in_already_is_recorded_and_said(cast):
    row = child("sets", expires_on="2026-11-23", started_at="2026-11-24T15:00:00+00:00")
    answer = saved(a_note(cast), sets=[row])
    assert (answer.state["sets"][0]["lot"], len(answer.problems)) == ("2409A", 1)


def test_a_box_of_another_location_is_not_picked(cast):
    box = open_box(by=cast.theo, location=cast.harbor, size="N2030", lot="X", expires_on=date(2027, 3, 1))
    answer = saved(a_note(cast), sets=[child("sets", box=str(box.pk))])
    assert (answer.state["sets"][0]["box"], len(answer.problems)) == (None, 1)


def test_a_retention_outside_15_to_60_minutes_is_a_warning_until_somebody_says_why(cast):
    note, row = a_note(cast), child("sets", retention_minutes=70)
    answer = saved(note, sets=[row])
    assert [problem.where for problem in answer.problems] == [f"sets/{row['id']}/retention_minutes"]
    assert answer.state["sets"][0]["retention_minutes"] == 70
    assert saved(note, sets=[{**row, "retention_reason": "chronic pain"}]).problems == []


def test_a_new_box_takes_the_place_of_the_old_one(cast, now):
    old = a_box(cast)
    new = a_box(cast, lot="2511", instead_of=old.pk)
    assert boxes_in_use(cast.uptown.pk) == [new]
    assert NeedleBox.objects.get(pk=old.pk).ended_at == now


def test_a_box_is_put_away(cast):
    box = a_box(cast)
    end_box(by=cast.mei, pk=box.pk, version=1)
    assert boxes_in_use(cast.uptown.pk) == []


def test_a_box_needs_a_lot(cast):
    with pytest.raises(Refused, match="Write the size and the lot"):
        a_box(cast, lot=" ")
