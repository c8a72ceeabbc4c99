"""Needles are in: kept beside the patient from the first needle until all are out, whatever is corrected or undone."""

from datetime import timedelta

import pytest
import time_machine

from clinic.models import Clinic
from patients.models import Patient, PatientLocation
from scheduling.actions.ending import part_not_done
from scheduling.actions.slips import unwell
from scheduling.actions.steps import check_in, correct_time, take_step
from scheduling.actions.undoing import undo
from scheduling.queries.progress import progress_of
from tests.rows import at, visit

pytestmark = pytest.mark.django_db
STEP = 14  # statements of a step that enters one fact


@pytest.fixture
def clock(now):
    """Every step a minute after the one before: `clock(action, …)` returns its Change."""
    minutes = iter(range(200))

    def clock(action, **words):
        with time_machine.travel(now + timedelta(minutes=next(minutes)), tick=False):
            return action(**words)

    return clock


def acupuncture(cast, **more):
    return visit(
        cast.maria,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at("10:40", cast.uptown),
        practitioners={"acupuncture": cast.mei.practitioner},
        rooms={"treatment": cast.room_1},
        **more,
    )


def integrated(cast):
    return visit(
        cast.maria,
        cast.service("acupuncture_adjustment"),
        cast.uptown,
        at("10:40", cast.uptown),
        practitioners={"acupuncture": cast.mei.practitioner, "chiropractic": cast.daniel.practitioner},
        rooms={"treatment": cast.room_2, "adjusting": cast.room_4},
    )


def go(cast, clock, row, *steps):
    clock(check_in, by=cast.ana, pk=row.pk, checked_another_way=True)
    return [clock(take_step, by=cast.mei, pk=row.pk, what=what) for what in steps]


def minutes(now, patient=None):
    """{location's name: minutes from now on since which needles are in} of Maria, or of whoever is named."""
    rows = PatientLocation.objects.filter(needles_in_since__isnull=False)
    rows = rows.filter(patient=patient) if patient else rows
    return {row.location.name: (row.needles_in_since - now) / timedelta(minutes=1) for row in rows}


@pytest.mark.parametrize("first", ["first_needle", "needles_in"])
def test_from_the_first_needle_until_they_are_out(cast, clock, now, first):
    row = acupuncture(cast)
    go(cast, clock, row, "in_room")
    assert minutes(now) == {}
    clock(take_step, by=cast.mei, pk=row.pk, what=first)
    assert minutes(now) == {"Uptown": 2}
    if first == "first_needle":
        clock(take_step, by=cast.mei, pk=row.pk, what="needles_in")
        assert minutes(now) == {"Uptown": 2}
    clock(take_step, by=cast.mei, pk=row.pk, what="needles_out")
    assert minutes(now) == {}


def test_needles_out_because_somebody_is_unwell(cast, clock, now):
    row = acupuncture(cast)
    go(cast, clock, row, "in_room", "needles_in")
    clock(unwell, by=cast.mei, pk=row.pk)
    assert minutes(now) == {"Uptown": 2}
    clock(take_step, by=cast.ana, pk=row.pk, what="needles_out")
    assert minutes(now) == {}


@pytest.mark.parametrize("what", ["first_needle", "needles_in"])
def test_undoing_a_needle_takes_it_out_again(cast, clock, now, what):
    row = acupuncture(cast)
    change = go(cast, clock, row, "in_room", what)[-1]
    clock(undo, by=cast.mei, change_pk=change.pk)
    assert minutes(now) == {}


def test_undoing_needles_out_says_since_when_they_were_in(cast, clock, now):
    row = acupuncture(cast)
    change = go(cast, clock, row, "in_room", "first_needle", "needles_in", "needles_out")[-1]
    clock(undo, by=cast.mei, change_pk=change.pk)
    assert minutes(now) == {"Uptown": 2}


def test_a_corrected_time_counts_until_the_correction_is_undone(cast, clock, now):
    row = acupuncture(cast)
    go(cast, clock, row, "in_room", "needles_in")
    fact = next(one for one in progress_of(row).facts if one.what == "last_needle_in")
    change = clock(correct_time, by=cast.mei, pk=row.pk, fact=fact.id, at=now - timedelta(minutes=7))
    assert minutes(now) == {"Uptown": -7}
    clock(undo, by=cast.mei, change_pk=change.pk)
    assert minutes(now) == {"Uptown": 2}


def test_a_part_that_is_not_done_has_no_needles_in(cast, clock, now):
    row = integrated(cast)
    go(cast, clock, row, "in_room", "first_needle")
    part = row.parts.get(position=1)
    change = clock(part_not_done, by=cast.ana, pk=row.pk, part=part.pk, reason="unwell")
    assert minutes(now) == {}
    clock(undo, by=cast.ana, change_pk=change.pk)
    assert minutes(now) == {"Uptown": 2}


def test_the_other_part_changes_nothing(cast, clock, now):
    row = integrated(cast)
    go(cast, clock, row, "in_room", "first_needle")
    part = row.parts.get(position=2)
    clock(part_not_done, by=cast.ana, pk=row.pk, part=part.pk, reason="no time")
    assert minutes(now) == {"Uptown": 2}


def test_needles_are_out_while_the_next_part_goes_on(cast, clock, now):
    row = integrated(cast)
    go(cast, clock, row, "in_room", "needles_in", "needles_out", "start", "done", "leave")
    assert minutes(now) == {}


def test_where_the_patient_is_not_known_yet_the_location_is_added(cast, clock, now):
    row = acupuncture(cast)
    PatientLocation.objects.filter(patient=cast.maria).delete()
    go(cast, clock, row, "in_room", "needles_in")
    assert minutes(now) == {"Uptown": 2}


def test_a_visit_that_nobody_ended_does_not_hide_one_of_today(cast, clock, now):
    forgotten = acupuncture(cast)
    go(cast, clock, forgotten, "in_room", "needles_in")
    later = now + timedelta(days=1)
    today = visit(
        cast.maria,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        later,
        practitioners={"acupuncture": cast.mei.practitioner},
        rooms={"treatment": cast.room_1},
    )
    with time_machine.travel(later, tick=False):
        check_in(by=cast.ana, pk=today.pk, checked_another_way=True)
        take_step(by=cast.mei, pk=today.pk, what="needles_in")
    assert minutes(later) == {"Uptown": 0}


def test_steps_without_a_needle_read_and_write_nothing_for_it(cast, clock, django_assert_num_queries):
    row = acupuncture(cast)
    clock(check_in, by=cast.ana, pk=row.pk, checked_another_way=True)
    with django_assert_num_queries(STEP):
        clock(take_step, by=cast.mei, pk=row.pk, what="in_room")
    with django_assert_num_queries(STEP + 3):  # less one: the visit is in treatment already
        clock(take_step, by=cast.mei, pk=row.pk, what="needles_in")


@pytest.mark.parametrize("person", ["daniel", "sam"])
def test_whoever_is_on_duty_opens_the_chart_while_they_are_in(cast, clock, now, person):
    Clinic.objects.update(charts_open_to="team", version=2)
    row, user = acupuncture(cast), getattr(cast, person)
    go(cast, clock, row, "in_room")
    assert not opens(user)
    clock(take_step, by=cast.mei, pk=row.pk, what="needles_in")
    with time_machine.travel(now + timedelta(minutes=5), tick=False):
        assert (opens(user), opens(cast.theo)) == (True, False)
    clock(take_step, by=cast.mei, pk=row.pk, what="needles_out")
    assert not opens(user)


def opens(user):
    return Patient.objects.charts_written_by(user).filter(given_name="Maria").exists()
