"""Times for a household: found together, booked together, all or none."""

from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from clinic.refusal import Refused
from scheduling.actions.booking import Wanted, book
from scheduling.models import Appointment
from scheduling.queries.asked import Ask, answer
from scheduling.queries.together import How, at_least

pytestmark = pytest.mark.django_db
TOMORROW = datetime(2026, 11, 25)
# Uptown has one chiropractor and one massage room.
NEVER = {("acupuncture_adjustment", "same"), ("massage", "same"), ("massage", "side")}


def tomorrow(cast, hour, minute=0):
    return TOMORROW.replace(hour=hour, minute=minute, tzinfo=cast.uptown.tz)


def ask(cast, service, patients, how, **more):
    return Ask(
        service=cast.service(service),
        location=cast.uptown,
        patients=tuple(patients),
        how=how,
        first_day=TOMORROW.date(),
        **more,
    )


def starts(option, zone):
    return [f"{one.starts_at.astimezone(zone):%H:%M}" for one in option]


def book_option(cast, asked, option):
    return book(
        by=cast.ana,
        wanted=[
            Wanted(
                patient=patient,
                service=asked.service,
                location=asked.location,
                starts_at=one.starts_at,
                practitioners=one.practitioners,
                rooms=one.rooms,
                pin_rooms=True,
            )
            for patient, one in zip(asked.patients, option, strict=True)
        ],
    )


def test_back_to_back_a_mother_and_two_children_with_one_adjuster(cast, now):
    asked = ask(cast, "adjustment", [cast.iris, cast.leo, cast.mia], How.BACK)
    option = answer(asked, now=timezone.now()).options[0]
    assert starts(option, cast.uptown.tz) == ["08:00", "08:15", "08:30"]
    assert {one.practitioners for one in option} == {(cast.daniel.practitioner.pk,)}
    # A room is made ready after each: the next one goes into the other.
    assert [one.rooms for one in option] == [(cast.room_4.pk,), (cast.room_5.pk,), (cast.room_4.pk,)]


def test_at_the_same_time_with_two_people_in_two_rooms(cast, now):
    asked = ask(cast, "acupuncture_follow_up", [cast.iris, cast.leo], How.SAME)
    option = answer(asked, now=timezone.now()).options[0]
    assert starts(option, cast.uptown.tz) == ["08:00", "08:00"]
    assert {one.practitioners[0] for one in option} == {cast.mei.practitioner.pk, cast.sam.practitioner.pk}
    assert len({one.rooms for one in option}) == 2


def test_side_by_side_one_acupuncturist_goes_from_one_to_the_other(cast, now):
    asked = ask(
        cast, "acupuncture_follow_up", [cast.iris, cast.leo], How.SIDE, provider=cast.mei.practitioner.pk
    )
    option = answer(asked, now=timezone.now()).options[0]
    assert {one.practitioners for one in option} == {(cast.mei.practitioner.pk,)}
    assert starts(option, cast.uptown.tz) == ["08:00", "08:15"]


def test_one_adjuster_cannot_see_two_at_the_same_time(cast, now):
    found = answer(ask(cast, "adjustment", [cast.iris, cast.leo], How.SAME), now=timezone.now())
    assert found.options == []
    (remark,) = found.remarks
    assert remark == (
        "Nothing is free for Adjustment in the next 9 weeks. Ask for another day or provider, "
        "or check providers’ hours and licenses."
    )


@pytest.mark.parametrize("how", How.values)
@pytest.mark.parametrize("service", ["acupuncture_follow_up", "acupuncture_adjustment", "massage"])
def test_every_joint_offer_can_be_booked(cast, now, service, how):
    asked = ask(cast, service, [cast.iris, cast.leo], how, limit=3)
    options = answer(asked, now=timezone.now()).options
    assert len(options) == (0 if (service, how) in NEVER else 3)
    for option in options:
        with transaction.atomic():
            visits = book_option(cast, asked, option)
            transaction.set_rollback(True)
        assert [visit.starts_at for visit in visits] == [one.starts_at for one in option]


def test_what_others_have_is_left_to_them(cast, now):
    book(
        by=cast.ana,
        wanted=[Wanted(cast.tunde, cast.service("adjustment"), cast.uptown, tomorrow(cast, 8, 15))],
    )
    asked = ask(cast, "adjustment", [cast.iris, cast.leo], How.BACK)
    option = answer(asked, now=timezone.now()).options[0]
    assert starts(option, cast.uptown.tz) == ["08:30", "08:45"]


def test_the_second_is_lost_and_the_first_is_not_booked_either(cast, now):
    asked = ask(cast, "adjustment", [cast.iris, cast.leo], How.BACK)
    option = answer(asked, now=timezone.now()).options[0]
    book(
        by=cast.ana,
        wanted=[Wanted(cast.tunde, cast.service("adjustment"), cast.uptown, option[1].starts_at)],
    )
    with pytest.raises(Refused) as refusal:
        book_option(cast, asked, option)
    assert refusal.value.conflict
    assert list(Appointment.objects.values_list("patient", flat=True)) == [cast.tunde.pk]


def test_statements_do_not_depend_on_how_many_come(cast, now, django_assert_num_queries):
    for family in ([cast.iris], [cast.iris, cast.leo], [cast.iris, cast.leo, cast.mia]):
        asked = ask(cast, "adjustment", family, How.BACK)
        with django_assert_num_queries(8):
            answer(asked, now=timezone.now())


def test_an_exact_time_comes_first_and_the_nearest_after_it(cast, now):
    asked = ask(cast, "massage", [cast.maria], How.SAME, at=time(10, 10))
    found = answer(asked, now=timezone.now())
    assert [starts(option, cast.uptown.tz) for option in found.options] == [
        ["10:10"],
        ["10:15"],
        ["10:00"],
        ["10:30"],
    ]
    assert (found.taken, found.remarks) == (None, [])


def test_an_exact_time_that_is_taken_says_why_and_can_be_double_booked(cast, now):
    book(by=cast.ana, wanted=[Wanted(cast.tunde, cast.service("massage"), cast.uptown, tomorrow(cast, 10))])
    found = answer(ask(cast, "massage", [cast.maria], How.SAME, at=time(10, 10)), now=timezone.now())
    assert found.remarks == ["Jo Ruiz, LMT is taken from 10:10 am.", "Room 6 is taken from 10:10 am."]
    assert found.taken.starts_at == tomorrow(cast, 10, 10)
    assert starts(found.options[0], cast.uptown.tz) == ["11:00"]


def test_ones_own_other_visit_cannot_be_double_booked(cast, now):
    book(
        by=cast.ana, wanted=[Wanted(cast.maria, cast.service("adjustment"), cast.uptown, tomorrow(cast, 10))]
    )
    found = answer(ask(cast, "massage", [cast.maria], How.SAME, at=time(10)), now=timezone.now())
    assert found.taken is None
    assert found.remarks == [
        "The patient has another visit at 10:00 am. Move that one, or choose another time."
    ]


def test_an_hour_before_work_is_nobodys(cast, now):
    found = answer(ask(cast, "massage", [cast.maria], How.SAME, at=time(3)), now=timezone.now())
    assert found.taken is None
    assert found.remarks == [
        "Nobody who may do this is at work at 3:00 am, or no such room is there. Choose another time."
    ]


def test_a_wish_that_nobody_can_meet_gives_way_and_says_so(cast, now):
    asked = ask(cast, "acupuncture_follow_up", [cast.maria], How.SAME, provider=cast.ken.practitioner.pk)
    found = answer(asked, now=timezone.now())
    assert found.remarks == ["Ken has nothing that fits. These are with somebody else."]
    assert {option[0].practitioners[0] for option in found.options} <= {
        cast.mei.practitioner.pk,
        cast.sam.practitioner.pk,
    }
    evening = ask(cast, "acupuncture_adjustment", [cast.maria], How.SAME, time_of_day="evening")
    assert answer(evening, now=timezone.now()).remarks == [
        "Nothing at that time of day. These are at other times."
    ]


def test_nobody_with_a_license_is_said_as_it_is(cast, now):
    found = answer(ask(cast, "nutrition", [cast.maria], How.SAME), now=timezone.now())
    assert found.remarks == [
        "Nobody at Uptown may give Nutrition consultation now. Ask the owner to look at licenses and hours."
    ]


def test_a_lapsing_license_ends_the_offers(cast, now):
    """Sam's license counts until November 30."""
    sam = cast.sam.practitioner.pk
    asked = ask(cast, "acupuncture_follow_up", [cast.maria], How.SAME, provider=sam, limit=100)
    days = {option[0].starts_at.date().isoformat() for option in answer(asked, now=timezone.now()).options}
    assert max(days) == "2026-11-30"


def test_a_time_in_the_past_is_answered_with_times_to_come(cast, now):
    asked = replace(ask(cast, "massage", [cast.maria], How.SAME), first_day=now.date() - timedelta(days=300))
    assert answer(asked, now=timezone.now()).options[0][0].starts_at > now


def test_counting_who_is_free_at_once():
    assert at_least(2, [0b1110, 0b0111, 0b1100]) == 0b1110
    assert at_least(3, [0b1110, 0b0111, 0b1100]) == 0b0100
    assert at_least(1, []) == 0
