"""Booking one visit or several, all or none."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from clinic.models import AuditEvent
from clinic.refusal import AlreadyDone, Refused
from clinic.submissions import RequestKey
from clinic.timespan import TimeSpan
from patients.models import CareTeam
from scheduling.actions.booking import Wanted, book
from scheduling.models import Appointment, Reservation, Status
from scheduling.queries.offers import availability

pytestmark = pytest.mark.django_db


def tomorrow(cast, hour, minute=0):
    return datetime(2026, 11, 25, hour, minute, tzinfo=cast.uptown.tz)


def wanted(cast, **changes):
    fields = {
        "patient": cast.maria,
        "service": cast.service("acupuncture_follow_up"),
        "location": cast.uptown,
        "starts_at": tomorrow(cast, 9),
    }
    return Wanted(**{**fields, **changes})


def test_a_visit_occupies_practitioner_and_room_only_while_they_are_needed(cast, now):
    (visit,) = book(by=cast.ana, wanted=[wanted(cast, practitioners=(cast.mei.practitioner.pk,))])
    rows = list(Reservation.objects.order_by("starts_at").values_list("practitioner", "starts_at", "ends_at"))
    at = visit.starts_at
    mei = cast.mei.practitioner.pk
    assert rows == [
        (mei, at, at + timedelta(minutes=15)),
        (None, at + timedelta(minutes=15), at + timedelta(minutes=45)),
        (mei, at + timedelta(minutes=45), at + timedelta(minutes=50)),
        (None, at + timedelta(minutes=50), at + timedelta(minutes=60)),
    ]
    assert len(set(Reservation.objects.values_list("room", flat=True))) == 1
    assert (visit.status, visit.ends_at) == (Status.BOOKED, at + timedelta(minutes=55))


def test_the_same_practitioner_can_start_another_during_the_retention(cast, now):
    mei = (cast.mei.practitioner.pk,)
    book(by=cast.ana, wanted=[wanted(cast, practitioners=mei)])
    (second,) = book(
        by=cast.ana,
        wanted=[wanted(cast, patient=cast.tunde, practitioners=mei, starts_at=tomorrow(cast, 9, 15))],
    )
    assert second.status == Status.BOOKED


def test_a_taken_time_is_refused_with_the_nearest_free_ones(cast, now):
    mei = (cast.mei.practitioner.pk,)
    book(by=cast.ana, wanted=[wanted(cast, practitioners=mei, rooms=(cast.room_1.pk,))])
    with pytest.raises(Refused) as refusal:
        book(
            by=cast.ana,
            wanted=[
                wanted(cast, patient=cast.tunde, practitioners=mei, rooms=(cast.room_1.pk,), pin_rooms=True)
            ],
        )
    assert refusal.value.reasons == [
        "Mei Tan, L.Ac. is taken from 9:00 am.",
        "Room 1 is taken from 9:00 am. Room 2 is free.",
    ]
    assert refusal.value.conflict
    assert len(refusal.value.offers) == 3


def test_every_offer_can_be_booked(cast, now):
    start = tomorrow(cast, 8)
    for key in ("acupuncture_follow_up", "acupuncture_adjustment", "adjustment_acupuncture", "massage"):
        service = cast.service(key)
        found = availability(
            service=service,
            location=cast.uptown,
            window=TimeSpan(start, start + timedelta(days=3)),
            now=timezone.now(),
            patient=cast.maria,
        )
        assert len(found) == 8
        (visit,) = book(
            by=cast.ana,
            wanted=[
                wanted(
                    cast,
                    service=service,
                    starts_at=found[0].starts_at,
                    practitioners=found[0].practitioners,
                    rooms=found[0].rooms,
                    pin_rooms=True,
                )
            ],
        )
        assert (visit.starts_at, visit.ends_at) == (found[0].starts_at, found[0].ends_at)


def test_availability_takes_eight_statements(cast, now, django_assert_num_queries):
    service, location, patient = cast.service("acupuncture_adjustment"), cast.uptown, cast.maria
    window = TimeSpan(tomorrow(cast, 8), tomorrow(cast, 8) + timedelta(days=14))
    with django_assert_num_queries(8):
        availability(service=service, location=location, window=window, now=timezone.now(), patient=patient)


def test_sending_the_form_twice_books_once(cast, now):
    key = RequestKey(key="k" * 32, body_sha256="a" * 64, user_id=cast.ana.pk)
    (visit,) = book(by=cast.ana, wanted=[wanted(cast)], request_key=key)
    with pytest.raises(AlreadyDone) as again:
        book(by=cast.ana, wanted=[wanted(cast)], request_key=key)
    assert UUID(again.value.location.rstrip("/").split("/")[-1]) == visit.pk
    assert Appointment.objects.count() == 1


def test_a_key_that_comes_back_with_another_body_is_refused(cast, now):
    first = RequestKey(key="k" * 32, body_sha256="a" * 64, user_id=cast.ana.pk)
    second = RequestKey(key="k" * 32, body_sha256="b" * 64, user_id=cast.ana.pk)
    book(by=cast.ana, wanted=[wanted(cast)], request_key=first)
    with pytest.raises(Refused):
        book(by=cast.ana, wanted=[wanted(cast, starts_at=tomorrow(cast, 14))], request_key=second)
    assert Appointment.objects.count() == 1


def test_a_double_booking_on_purpose_flags_only_the_minutes_that_overlap(cast, now):
    mei = (cast.mei.practitioner.pk,)
    book(by=cast.ana, wanted=[wanted(cast, practitioners=mei, rooms=(cast.room_1.pk,))])
    (second,) = book(
        by=cast.ana,
        wanted=[
            wanted(
                cast,
                patient=cast.tunde,
                starts_at=tomorrow(cast, 9, 10),
                practitioners=mei,
                rooms=(cast.room_2.pk,),
                overbook_reason="car crash, in pain",
            )
        ],
    )
    at = second.starts_at
    rows = Reservation.objects.filter(appointment=second, practitioner=mei[0]).order_by("starts_at")
    assert list(rows.values_list("starts_at", "ends_at", "practitioner_overbooked", "room_overbooked")) == [
        (at, at + timedelta(minutes=5), True, False),
        (at + timedelta(minutes=5), at + timedelta(minutes=15), False, False),
        (at + timedelta(minutes=45), at + timedelta(minutes=50), False, False),
    ]
    assert (second.overbooked_reason, second.overbooked_by) == ("car crash, in pain", cast.ana)


def test_booking_lets_the_people_who_treat_see_the_patient_and_leaves_one_event_per_visit(cast, now):
    (visit,) = book(by=cast.ana, wanted=[wanted(cast, practitioners=(cast.mei.practitioner.pk,))])
    assert set(CareTeam.objects.filter(patient=cast.maria).values_list("user", "why")) == {
        (cast.ana.pk, "booking"),
        (cast.mei.pk, "treating"),
    }
    events = AuditEvent.objects.filter(patient=cast.maria.pk)
    assert list(events.values_list("verb", "object")) == [("book", f"scheduling.appointment:{visit.pk}")]


@pytest.mark.parametrize("surplus", ["practitioners", "rooms"])
def test_more_people_or_rooms_than_the_service_has_parts_for_are_refused(cast, now, surplus):
    mei, daniel = cast.mei.practitioner.pk, cast.daniel.practitioner.pk
    choice = {"practitioners": (mei,), "rooms": (cast.room_1.pk,)}
    choice[surplus] += (daniel,) if surplus == "practitioners" else (cast.room_2.pk,)
    with pytest.raises(Refused) as refusal:
        book(by=cast.ana, wanted=[wanted(cast, **choice)])
    assert refusal.value.reasons == ["This service has changed. Choose the time again."]
    assert Appointment.objects.count() == 0
