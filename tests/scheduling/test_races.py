"""Real threads after the same minutes: exactly those that fit win, and nobody deadlocks.

Each race has a control without the locks and the constraints, in which the same check must find overlaps:
a race test that cannot fail is green on nothing.
"""

from datetime import datetime, timedelta
from unittest import mock

import pytest
from django.db import connection

from clinic import postgres
from clinic.database import as_owner
from clinic.refusal import AlreadyDone, Refused
from clinic.submissions import RequestKey
from patients.models import Patient, PatientLocation
from scheduling.actions import booking
from scheduling.actions.booking import Wanted, book
from scheduling.actions.holding import confirm_hold
from scheduling.actions.moving import move
from scheduling.models import Appointment, Reservation, Status
from tests.scheduling.invariants import broken, overlaps
from tests.threads import in_threads

pytestmark = pytest.mark.alone
CLIENTS = 32


def at(cast, hour, minute=0):
    return datetime(2026, 11, 25, hour, minute, tzinfo=cast.uptown.tz)


def crowd(cast, count=CLIENTS):
    people = [
        Patient.objects.create(given_name=f"Racer{number}", phone=f"+1919555{number:04d}")
        for number in range(count)
    ]
    PatientLocation.objects.bulk_create(PatientLocation(patient=one, location=cast.uptown) for one in people)
    return people


def attempts(cast, people, key, starts):
    """One call for each patient; services and people of the cast are read before the threads start."""
    service, location, by = cast.service(key), cast.uptown, cast.ana
    wanted = [
        Wanted(patient, service, location, starts[number % len(starts)])
        for number, patient in enumerate(people)
    ]
    return [lambda one=one: book(by=by, wanted=[one]) for one in wanted]


def deadlocks():
    path = postgres.log_path()
    return path.read_text(errors="replace").count("deadlock detected") if path else 0


def outcome(results):
    """(booked, refused); anything else a thread raised fails the test."""
    refused = [one for one in results if isinstance(one, Refused)]
    booked = [one for one in results if isinstance(one, list)]
    assert len(booked) + len(refused) == len(results), [one for one in results if isinstance(one, Exception)]
    return booked, refused


def test_one_practitioner_one_hour_one_winner(cast, committed):
    before = deadlocks()
    booked, refused = outcome(in_threads(attempts(cast, crowd(cast), "massage", [at(cast, 9)])))
    assert (len(booked), len(refused)) == (1, CLIENTS - 1)
    assert {reason for one in refused for reason in one.reasons} == {
        "Nobody who may do this is free with a room at 9:00 am. Choose another time."
    }
    assert all(one.offers for one in refused)
    assert broken() == []
    assert deadlocks() == before


def test_overlapping_integrated_visits_fill_what_there_is(cast, committed):
    before = deadlocks()
    people = crowd(cast)
    starts = [at(cast, 9) + timedelta(minutes=5 * number) for number in range(8)]
    calls = attempts(cast, people, "acupuncture_adjustment", starts)
    booked, refused = outcome(in_threads(calls))
    assert len(booked) >= 2
    assert len(refused) >= 2
    assert broken() == []
    assert deadlocks() == before
    winners = {visits[0].patient_id for visits in booked}
    losers = [call for patient, call in zip(people, calls, strict=True) if patient.pk not in winners]
    # Nobody was refused falsely: one after the other, with all the time in the world, they still do not fit.
    again, _ = outcome(in_threads_one_by_one(losers))
    assert again == []


def in_threads_one_by_one(calls):
    results = []
    for call in calls:
        try:
            results.append(call())
        except Refused as refusal:
            results.append(refusal)
    return results


def test_without_locks_and_constraints_the_same_race_double_books(cast, committed):
    with as_owner(), connection.cursor() as cursor:
        for name in ("practitioner_is_in_one_place_at_a_time", "room_holds_one_patient_at_a_time"):
            cursor.execute(f"ALTER TABLE scheduling_reservation DROP CONSTRAINT {name}")
    with mock.patch.object(booking, "lock", return_value=None):
        in_threads(attempts(cast, crowd(cast), "massage", [at(cast, 9)]))
    assert len(overlaps()) > 0


def test_the_same_form_from_many_threads_books_once(cast, committed):
    key = RequestKey(key="r" * 32, body_sha256="a" * 64, user_id=cast.ana.pk)
    wanted = [Wanted(cast.maria, cast.service("adjustment"), cast.uptown, at(cast, 9))]
    by = cast.ana
    results = in_threads([lambda: book(by=by, wanted=wanted, request_key=key)] * 8)
    assert sum(isinstance(one, list) for one in results) == 1
    assert sum(isinstance(one, AlreadyDone) for one in results) == 7
    assert Appointment.objects.count() == 1


def test_one_patient_cannot_be_in_two_visits(cast, committed):
    by, patient, location = cast.ana, cast.maria, cast.uptown
    services = [
        cast.service(key) for key in ("massage", "adjustment", "acupuncture_follow_up", "acupuncture_first")
    ]
    calls = [
        lambda service=service: book(by=by, wanted=[Wanted(patient, service, location, at(cast, 9))])
        for service in services * 4
    ]
    cast.uptown.tz  # noqa: B018 - read before the threads
    booked, _refused = outcome(in_threads(calls))
    assert len(booked) == 1
    assert broken() == []


def test_moves_to_one_place_leave_one_there(cast, committed):
    by, service = cast.ana, cast.service("adjustment")
    people = crowd(cast, 12)
    visits = [
        book(
            by=by,
            wanted=[Wanted(patient, service, cast.uptown, at(cast, 8) + timedelta(minutes=20 * number))],
        )[0]
        for number, patient in enumerate(people)
    ]
    target = at(cast, 16)
    before = deadlocks()
    results = in_threads([lambda visit=visit: move(by=by, pk=visit.pk, starts_at=target) for visit in visits])
    moved = [one for one in results if not isinstance(one, Exception)]
    assert [one for one in results if isinstance(one, Exception) and not isinstance(one, Refused)] == []
    assert len(moved) == 1
    assert Appointment.objects.filter(starts_at=target).count() == 1
    assert broken() == []
    assert deadlocks() == before


def test_holds_and_bookings_compete_for_the_same_minutes(cast, committed):
    by, service, location = cast.ana, cast.service("massage"), cast.uptown
    people = crowd(cast, 16)
    start = at(cast, 9)

    def hold_and_confirm(patient):
        (held,) = book(by=by, wanted=[Wanted(patient, service, location, start)], held=True)
        confirm_hold(by=by, pk=held.pk)
        return [held]

    calls = [lambda patient=patient: hold_and_confirm(patient) for patient in people[:8]]
    calls += attempts(cast, people[8:], "massage", [start])
    booked, _refused = outcome(in_threads(calls))
    assert len(booked) == 1
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 1
    assert Reservation.objects.filter(expires_at__isnull=False).count() == 0
    assert broken() == []
