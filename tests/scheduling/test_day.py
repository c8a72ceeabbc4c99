"""The day as it is read: six statements, whoever and however many."""

import pytest

from scheduling.actions.steps import check_in, take_step
from scheduling.models import Block, Reservation, Status
from scheduling.queries.day import day
from tests.rows import at, visit

pytestmark = pytest.mark.django_db


def adjustment(cast, patient, clock, **more):
    return visit(
        patient,
        cast.service("adjustment"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"chiropractic": cast.daniel.practitioner},
        rooms={"adjusting": cast.room_4},
        **more,
    )


def read(cast, now, user=None):
    return day(user=user or cast.ana, location=cast.uptown, now=now)


@pytest.mark.parametrize("number", [1, 3])
def test_a_day_takes_six_statements(cast, now, django_assert_num_queries, number):
    for patient, clock in [(cast.maria, "10:00"), (cast.rita, "11:00"), (cast.sunny, "12:00")][:number]:
        row = adjustment(cast, patient, clock)
        check_in(by=cast.ana, pk=row.pk, checked_another_way=True)
        take_step(by=cast.ana, pk=row.pk, what="in_room")
    user, location = cast.ana, cast.uptown
    assert user.roles
    assert user.location_ids
    with django_assert_num_queries(6):
        found = day(user=user, location=location, now=now)
    assert len(found.visits) == number


def test_a_day_has_its_own_visits_only(cast, now):
    today = adjustment(cast, cast.maria, "10:00")
    visit(
        cast.rita,
        cast.service("adjustment"),
        cast.uptown,
        at("10:00", cast.uptown, day="2026-11-25"),
        practitioners={"chiropractic": cast.daniel.practitioner},
        rooms={"adjusting": cast.room_4},
    )
    assert [one.id for one in read(cast, now).visits] == [today.pk]


def test_whoever_may_not_see_the_patients_reads_an_empty_day(cast, now):
    adjustment(cast, cast.maria, "10:00")
    assert read(cast, now, user=cast.hana).visits == []
    assert read(cast, now, user=cast.dana).visits == []


def test_holds_that_ran_out_are_not_there(cast, now):
    held = {"status": Status.HELD}
    adjustment(cast, cast.maria, "10:00", held_until=at("10:30", cast.uptown), **held)
    alive = adjustment(cast, cast.rita, "11:00", held_until=at("10:50", cast.uptown), **held)
    found = read(cast, now)
    assert [one.id for one in found.visits] == [alive.pk]
    assert {one.visit for one in found.busy} == {alive.pk}


def test_blocks_take_rooms(cast, now):
    block = Block.objects.create(
        location=cast.uptown,
        room=cast.room_5,
        starts_at=at("10:00", cast.uptown),
        ends_at=at("11:00", cast.uptown),
        kind="cleaning",
        note="Floor polish",
        created_by=cast.ana,
    )
    Reservation.objects.create(
        block=block, room=cast.room_5, starts_at=block.starts_at, ends_at=block.ends_at
    )
    (busy,) = read(cast, now).busy
    assert (busy.room, busy.block, busy.note) == (cast.room_5.pk, "cleaning", "Floor polish")


def test_how_far_each_visit_has_come_is_read_with_it(cast, now):
    row = adjustment(cast, cast.maria, "10:45")
    check_in(by=cast.ana, pk=row.pk, checked_another_way=True)
    take_step(by=cast.ana, pk=row.pk, what="in_room")
    (one,) = read(cast, now).visits
    assert (one.progress.room, [fact.what for fact in one.progress.facts]) == (
        cast.room_4.pk,
        ["arrived", "in_room"],
    )
    (part,) = one.progress.parts
    assert (part.name, part.room, part.phases[0].provider) == ("Adjustment", cast.room_4.pk, "Daniel Lee")
