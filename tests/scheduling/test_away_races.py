"""Real threads on one call list: one answer counts, and a held place goes to nobody else."""

from datetime import datetime, timedelta
from unittest import mock

import pytest
from django.db import connection

from clinic.database import as_owner
from clinic.refusal import Refused
from clinic.timespan import TimeSpan
from patients.models import Patient, PatientLocation
from scheduling.actions import booking, changing
from scheduling.actions.absences import propose, record_absence
from scheduling.actions.booking import Wanted, book
from scheduling.actions.calls import answer
from scheduling.models import Appointment, Call, Change, Reservation, Status
from tests.scheduling.invariants import broken, overlaps
from tests.scheduling.test_races import deadlocks
from tests.threads import in_threads

pytestmark = pytest.mark.alone
ROUNDS = 4


def at(cast, hour, minute=0):
    return datetime(2026, 11, 25, hour, minute, tzinfo=cast.uptown.tz)


def crowd(cast, count):
    people = [
        Patient.objects.create(given_name=f"Caller{number}", phone=f"+1919555{number:04d}")
        for number in range(count)
    ]
    PatientLocation.objects.bulk_create(PatientLocation(patient=one, location=cast.uptown) for one in people)
    return people


def mei_is_ill(cast, count):
    """(absence, calls): visits of Mei's on Wednesday, each with a held proposal.

    Two in 70 minutes: the second comes while the first rests with needles in.
    """
    patients = crowd(cast, count)
    starts = [
        at(cast, 8) + timedelta(minutes=70 * (number // 2) + 20 * (number % 2)) for number in range(count)
    ]
    mei, service = cast.mei.practitioner, cast.service("acupuncture_follow_up")
    for patient, start in zip(patients, starts, strict=True):
        book(by=cast.ana, wanted=[Wanted(patient, service, cast.uptown, start, practitioners=(mei.pk,))])
    span = TimeSpan(at(cast, 7), at(cast, 22))
    absence = record_absence(by=cast.ana, practitioner=mei, span=span, kind="ill")
    return absence, propose(by=cast.ana, cause=absence)


def faults(results):
    return [one for one in results if isinstance(one, Exception) and not isinstance(one, Refused)]


def test_two_answers_at_once_are_one_answer(cast, committed):
    before = deadlocks()
    _absence, calls = mei_is_ill(cast, ROUNDS)
    by = cast.ana
    for call in calls:
        attempts = [
            lambda call=call, wanted=wanted: answer(by=by, pk=call.pk, wanted=wanted, version=call.version)
            for wanted in ["agreed", "cancelled"] * 4
        ]
        results = in_threads(attempts)
        assert faults(results) == []
        assert sum(isinstance(one, Call) for one in results) == 1
        assert (
            Change.objects.filter(appointment=call.appointment_id, verb__in=["move", "cancel"]).count() == 1
        )
    assert broken() == []
    assert deadlocks() == before


def race_for_the_place(cast, call):
    """What happens to somebody who agrees, and to eight others who want exactly what is proposed."""
    by, service, place = cast.ana, cast.service("acupuncture_follow_up"), cast.uptown
    start, sam = call.proposal.starts_at, (cast.sam.practitioner.pk,)
    rivals = [
        lambda patient=patient: book(
            by=by, wanted=[Wanted(patient, service, place, start, practitioners=sam)]
        )
        for patient in crowd(cast, 8)
    ]
    return in_threads([lambda: answer(by=by, pk=call.pk, wanted="agreed", version=call.version), *rivals])


def test_a_held_place_goes_to_the_one_it_is_held_for(cast, committed):
    before = deadlocks()
    _absence, (call,) = mei_is_ill(cast, 1)
    results = race_for_the_place(cast, call)
    assert faults(results) == []
    assert isinstance(results[0], Call)
    assert [one for one in results[1:] if not isinstance(one, Refused)] == []
    visit = Appointment.objects.get(pk=call.appointment_id)
    assert visit.starts_at == call.proposal.starts_at
    assert broken() == []
    assert deadlocks() == before


def test_without_locks_and_constraints_the_same_race_double_books(cast, committed):
    """The control: the same check must find overlaps when the guards and the hold's rows are gone."""
    _absence, (call,) = mei_is_ill(cast, 1)
    with as_owner(), connection.cursor() as cursor:
        for name in ("practitioner_is_in_one_place_at_a_time", "room_holds_one_patient_at_a_time"):
            cursor.execute(f"ALTER TABLE scheduling_reservation DROP CONSTRAINT {name}")
    Reservation.objects.filter(appointment=call.proposal).delete()
    with mock.patch.object(booking, "lock"), mock.patch.object(changing, "lock"):
        race_for_the_place(cast, call)
    assert len(overlaps()) > 0


def test_a_third_booking_between_hold_and_answer_loses(cast, committed):
    _absence, (call,) = mei_is_ill(cast, 1)
    wanted = Wanted(
        crowd(cast, 1)[0],
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        call.proposal.starts_at,
        practitioners=(cast.sam.practitioner.pk,),
    )
    with pytest.raises(Refused):
        book(by=cast.ana, wanted=[wanted])
    answer(by=cast.ana, pk=call.pk, wanted="agreed", version=call.version)
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 1
    assert broken() == []


def test_twelve_answers_at_once_all_count(cast, committed):
    before = deadlocks()
    _absence, calls = mei_is_ill(cast, 12)
    assert len(calls) == 12
    assert all(call.proposal for call in calls)
    by = cast.ana
    results = in_threads(
        [lambda call=call: answer(by=by, pk=call.pk, wanted="agreed", version=call.version) for call in calls]
    )
    assert [one for one in results if isinstance(one, Exception)] == []
    assert Reservation.objects.filter(expires_at__isnull=False).count() == 0
    assert broken() == []
    assert deadlocks() == before


def test_two_desks_propose_at_once(cast, committed):
    """The absence is recorded and both press “Propose again”: every visit has one line and one proposal."""
    before = deadlocks()
    absence, calls = mei_is_ill(cast, 6)
    assert len(calls) == 6
    for held in Appointment.objects.filter(status=Status.HELD):
        held.held_until = held.created_at
        held.save()
        Reservation.objects.filter(appointment=held).update(expires_at=held.created_at)
    by = cast.ana
    results = in_threads([lambda: propose(by=by, cause=absence)] * 2)
    assert [one for one in results if isinstance(one, Exception)] == []
    assert Call.objects.count() == 6
    assert Appointment.objects.filter(status=Status.HELD).count() == 6
    assert broken() == []
    assert deadlocks() == before
