"""Moving, cancelling, closing a part, holding, undoing: what an existing visit can go through."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db.models import Q

from clinic.refusal import Refused
from clinic.timespan import TimeSpan
from messaging.models import OutboxMessage
from scheduling.actions.blocking import block, remove_block
from scheduling.actions.booking import Wanted, book
from scheduling.actions.ending import cancel, no_show, part_not_done
from scheduling.actions.holding import confirm_hold, expire_holds
from scheduling.actions.moving import move
from scheduling.actions.past import it_happened
from scheduling.actions.undoing import undo
from scheduling.models import ActualTime, Appointment, Change, Reservation, Status, VisitPhase
from scheduling.rules.life import HOLD_RAN_OUT
from tests.scheduling.invariants import broken

pytestmark = pytest.mark.django_db


def at(cast, hour, minute=0, day=25):
    return datetime(2026, 11, day, hour, minute, tzinfo=cast.uptown.tz)


def booked(cast, key="acupuncture_follow_up", patient=None, hour=9, minute=0, **more):
    wanted = Wanted(
        patient=patient or cast.maria,
        service=cast.service(key),
        location=cast.uptown,
        starts_at=at(cast, hour, minute),
        **more,
    )
    (visit,) = book(by=cast.ana, wanted=[wanted])
    return visit


def rows(visit):
    return sorted(
        Reservation.objects.filter(appointment=visit).values_list(
            "practitioner", "room", "starts_at", "ends_at"
        ),
        key=str,
    )


def test_moving_keeps_the_visit_and_takes_other_minutes(cast, now):
    visit = booked(cast, practitioners=(cast.mei.practitioner.pk,))
    move(by=cast.ana, pk=visit.pk, starts_at=at(cast, 11))
    visit.refresh_from_db()
    assert (visit.starts_at, visit.ends_at) == (at(cast, 11), at(cast, 11, 55))
    assert (visit.wall_date.isoformat(), visit.wall_time.isoformat()) == ("2026-11-25", "11:00:00")
    assert {row[0] for row in rows(visit)} == {cast.mei.practitioner.pk, None}
    assert min(row[2] for row in rows(visit)) == at(cast, 11)


def test_moving_into_a_taken_time_is_refused_and_changes_nothing(cast, now):
    mei = (cast.mei.practitioner.pk,)
    first, second = (
        booked(cast, practitioners=mei),
        booked(cast, patient=cast.tunde, hour=13, practitioners=mei),
    )
    before = rows(second)
    with pytest.raises(Refused) as refusal:
        move(by=cast.ana, pk=second.pk, starts_at=first.starts_at, rooms=(cast.room_3.pk,))
    assert refusal.value.reasons == ["Mei Tan, L.Ac. is taken from 9:00 am."]
    assert rows(second) == before


def test_undoing_a_move_puts_everything_back(cast, now):
    visit = booked(cast)
    before, starts_at = rows(visit), visit.starts_at
    change = move(by=cast.ana, pk=visit.pk, starts_at=at(cast, 15))
    undo(by=cast.ana, change_pk=change.pk)
    visit.refresh_from_db()
    assert (visit.starts_at, rows(visit)) == (starts_at, before)


def test_cancelling_frees_the_time_and_undoing_takes_it_again(cast, now):
    visit = booked(cast)
    before = rows(visit)
    change = cancel(by=cast.ana, pk=visit.pk, reason="ill")
    assert rows(visit) == []
    assert VisitPhase.objects.filter(visitpart__appointment=visit).count() == 5
    undo(by=cast.ana, change_pk=change.pk)
    visit.refresh_from_db()
    assert (visit.status, rows(visit)) == (Status.BOOKED, before)
    assert OutboxMessage.objects.filter(kind="cancelled", withdrawn_at=None).count() == 0


def test_an_undo_is_refused_when_the_place_is_gone(cast, now):
    mei = (cast.mei.practitioner.pk,)
    visit = booked(cast, practitioners=mei)
    change = cancel(by=cast.ana, pk=visit.pk, reason="ill")
    booked(cast, patient=cast.tunde, practitioners=mei)
    with pytest.raises(Refused) as refusal:
        undo(by=cast.ana, change_pk=change.pk)
    assert refusal.value.reasons == ["The time has been taken meanwhile. Book one of the nearest free times."]
    assert len(refusal.value.offers) == 3
    assert Appointment.objects.get(pk=visit.pk).status == Status.CANCELLED


def test_undoing_a_booking_cancels_it_and_its_message(cast, now):
    visit = booked(cast)
    undo(by=cast.ana, change_pk=Change.objects.get(appointment=visit).pk)
    visit.refresh_from_db()
    assert (visit.status, rows(visit)) == (Status.CANCELLED, [])
    assert list(OutboxMessage.objects.values_list("kind", "withdrawn_at")) == [("booked", now)]


def test_undo_is_for_the_latest_change_and_for_ten_minutes(cast, now):
    visit = booked(cast)
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        first = move(by=cast.ana, pk=visit.pk, starts_at=at(cast, 11))
    with time_machine.travel(now + timedelta(minutes=2), tick=False):
        second = move(by=cast.ana, pk=visit.pk, starts_at=at(cast, 13))
        with pytest.raises(Refused) as refusal:
            undo(by=cast.ana, change_pk=first.pk)
    assert refusal.value.reasons == [
        "Something newer happened to this visit. Undo that first, or change the visit by hand."
    ]
    with time_machine.travel(now + timedelta(minutes=13), tick=False), pytest.raises(Refused) as refusal:
        undo(by=cast.ana, change_pk=second.pk)
    assert refusal.value.reasons == [
        "This can be undone for 10 minutes only. Open the visit and change it by hand."
    ]


def test_a_part_not_done_frees_its_people_and_room_and_the_rest_goes_on(cast, now):
    visit = booked(cast, key="acupuncture_adjustment")
    daniel = cast.daniel.practitioner.pk
    assert daniel in {row[0] for row in rows(visit)}
    part = visit.parts.get(discipline__key="chiropractic")
    change = part_not_done(by=cast.ana, pk=visit.pk, part=part.pk, reason="unwell")
    assert {row[0] for row in rows(visit)} == {cast.mei.practitioner.pk, None} or len(rows(visit)) == 4
    assert daniel not in {row[0] for row in rows(visit)}
    undo(by=cast.ana, change_pk=change.pk)
    assert daniel in {row[0] for row in rows(visit)}


def test_a_hold_keeps_the_time_until_it_runs_out(cast, now):
    wanted = Wanted(cast.maria, cast.service("massage"), cast.uptown, at(cast, 9))
    (hold,) = book(by=cast.ana, wanted=[wanted], held=True)
    assert hold.held_until == now + timedelta(minutes=10)
    with pytest.raises(Refused):
        book(by=cast.ana, wanted=[Wanted(cast.tunde, cast.service("massage"), cast.uptown, at(cast, 9))])
    with time_machine.travel(now + timedelta(minutes=11), tick=False):
        (other,) = book(
            by=cast.ana, wanted=[Wanted(cast.tunde, cast.service("massage"), cast.uptown, at(cast, 9))]
        )
    hold.refresh_from_db()
    assert (hold.status, other.status, rows(hold)) == (Status.EXPIRED, Status.BOOKED, [])


def test_a_hold_is_confirmed_or_swept(cast, now):
    wanted = Wanted(cast.maria, cast.service("massage"), cast.uptown, at(cast, 9))
    (first,) = book(by=cast.ana, wanted=[wanted], held=True)
    confirm_hold(by=cast.ana, pk=first.pk)
    (second,) = book(
        by=cast.ana,
        wanted=[Wanted(cast.tunde, cast.service("massage"), cast.uptown, at(cast, 12))],
        held=True,
    )
    with time_machine.travel(now + timedelta(minutes=11), tick=False):
        assert expire_holds() == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == (Status.BOOKED, Status.EXPIRED)
    assert {row.expires_at for row in Reservation.objects.all()} == {None}


def test_a_hold_that_ran_out_is_neither_moved_nor_confirmed_even_before_it_is_swept(cast, now):
    """Also to a time that its own hold still keeps: moving would have written over its own end."""
    wanted = Wanted(cast.maria, cast.service("massage"), cast.uptown, at(cast, 9))
    (hold,) = book(by=cast.ana, wanted=[wanted], held=True)
    with time_machine.travel(now + timedelta(minutes=11), tick=False):
        for verb in (
            lambda: move(by=cast.ana, pk=hold.pk, starts_at=at(cast, 9, 15), anyone=True),
            lambda: confirm_hold(by=cast.ana, pk=hold.pk),
        ):
            with pytest.raises(Refused) as refusal:
                verb()
            assert [str(reason) for reason in refusal.value.reasons] == [str(HOLD_RAN_OUT)]
    hold.refresh_from_db()
    assert (hold.status, hold.starts_at) == (Status.HELD, at(cast, 9))


def test_a_no_show_needs_a_visit_that_has_begun(cast, now):
    visit = booked(cast)
    with pytest.raises(Refused):
        no_show(by=cast.ana, pk=visit.pk)
    with time_machine.travel(visit.starts_at + timedelta(minutes=20), tick=False):
        no_show(by=cast.ana, pk=visit.pk)
    visit.refresh_from_db()
    assert (visit.status, visit.ended_reason, rows(visit)) == (Status.NO_SHOW, "did not come", [])


def test_a_block_takes_free_time_only(cast, now):
    mei = cast.mei.practitioner
    visit = booked(cast, practitioners=(mei.pk,))
    span = TimeSpan.of(visit.starts_at, minutes=30)
    with pytest.raises(Refused):
        block(by=cast.ana, location=cast.uptown, span=span, kind="meeting", practitioner=mei)
    later = TimeSpan.of(at(cast, 14), minutes=30)
    made = block(by=cast.ana, location=cast.uptown, span=later, kind="meeting", practitioner=mei)
    with pytest.raises(Refused):
        booked(cast, patient=cast.tunde, hour=14, practitioners=(mei.pk,))
    remove_block(by=cast.ana, pk=made.pk)
    assert booked(cast, patient=cast.tunde, hour=14, practitioners=(mei.pk,)).status == Status.BOOKED


def test_when_what_lies_beneath_goes_the_flag_goes(cast, now):
    mei = (cast.mei.practitioner.pk,)
    first = booked(cast, practitioners=mei, rooms=(cast.room_1.pk,))
    second = booked(
        cast,
        patient=cast.tunde,
        practitioners=mei,
        rooms=(cast.room_1.pk,),
        pin_rooms=True,
        overbook_reason="pain",
    )
    assert Reservation.objects.filter(appointment=second, practitioner_overbooked=True).count() == 2
    cancel(by=cast.ana, pk=first.pk, reason="ill")
    flags = Reservation.objects.filter(appointment=second).values_list(
        "practitioner_overbooked", "room_overbooked"
    )
    assert set(flags) == {(False, False)}


@pytest.mark.parametrize("swept_by", ["the worker", "a booking"])
def test_when_a_hold_beneath_runs_out_the_flag_goes(cast, now, swept_by):
    there = {"practitioners": (cast.mei.practitioner.pk,), "rooms": (cast.room_1.pk,), "pin_rooms": True}
    wanted = Wanted(cast.maria, cast.service("acupuncture_follow_up"), cast.uptown, at(cast, 9), **there)
    book(by=cast.ana, wanted=[wanted], held=True)
    booked(cast, patient=cast.tunde, overbook_reason="pain", **there)
    flagged = Q(practitioner_overbooked=True) | Q(room_overbooked=True)
    assert Reservation.objects.filter(flagged).exists()
    with time_machine.travel(now + timedelta(minutes=11), tick=False):
        if swept_by == "the worker":
            expire_holds()
        else:
            booked(cast, "massage", patient=cast.iris, minute=15)
    assert not Reservation.objects.filter(flagged).exists()
    assert broken() == []


def test_it_happened_enters_a_past_visit_without_asking_for_a_free_place(cast, now):
    wanted = Wanted(
        cast.maria,
        cast.service("adjustment"),
        cast.uptown,
        at(cast, 9, day=24),
        practitioners=(cast.daniel.practitioner.pk,),
        rooms=(cast.room_4.pk,),
    )
    visit = it_happened(by=cast.ana, wanted=wanted, reason="computer was down")
    assert (visit.status, visit.entered_later_reason) == (Status.COMPLETED, "computer was down")
    assert rows(visit) == []
    assert list(ActualTime.objects.order_by("at").values_list("what", flat=True)) == ["arrived", "left"]


def test_a_stale_version_is_refused(cast, now):
    visit = booked(cast)
    move(by=cast.ana, pk=visit.pk, starts_at=at(cast, 11), version=1)
    with pytest.raises(Refused) as refusal:
        cancel(by=cast.ana, pk=visit.pk, reason="ill", version=1)
    assert refusal.value.conflict
