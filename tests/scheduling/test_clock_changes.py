"""The days on which clocks change, in three zones: hours and offers stay at the wall time people were told."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from clinic import walltime
from clinic.models import Location, OpeningHours, Room, RoomKind
from practitioners.models import WorkingHours
from scheduling.actions.booking import Wanted, book
from scheduling.models import Appointment
from scheduling.queries.offers import availability
from scheduling.queries.world import load_world

pytestmark = pytest.mark.django_db

# zone, the day, how long it is, and how long a night shift from midnight to 6 is; worked by hand.
CHANGES = [
    ("America/New_York", date(2027, 3, 14), 23, 5),
    ("America/New_York", date(2027, 11, 7), 25, 7),
    ("Europe/London", date(2027, 3, 28), 23, 5),
    ("Europe/London", date(2027, 10, 31), 25, 7),
    ("Australia/Sydney", date(2027, 4, 4), 25, 7),
    ("Australia/Sydney", date(2027, 10, 3), 23, 5),
]


@pytest.fixture
def place(cast):
    """A clinic in any zone, open day and night, where Jo works from midnight to 6 and from 9 to 12."""

    def place(zone):
        made = Location.objects.create(name=f"Night {zone}", state="NC", zone=zone, horizon_days=400)
        Room.objects.create(location=made, name="1", kind=RoomKind.objects.get(key="massage"))
        for weekday in range(7):
            OpeningHours.objects.create(location=made, weekday=weekday, opens=time(0), closes=time(0))
            for starts, ends in ((time(0), time(6)), (time(9), time(12))):
                WorkingHours.objects.create(
                    practitioner=cast.jo.practitioner,
                    location=made,
                    weekday=weekday,
                    starts=starts,
                    ends=ends,
                    valid_from=date(2026, 1, 1),
                )
        return made

    return place


@pytest.mark.parametrize(("zone", "day", "hours_of_day", "hours_of_night"), CHANGES)
def test_working_time_has_the_length_that_the_clock_gives_it(
    cast, now, place, zone, day, hours_of_day, hours_of_night
):
    made = place(zone)
    span = walltime.day_span(day, ZoneInfo(zone))
    assert span.minutes == hours_of_day * 60
    world = load_world(made, span, now=now)
    quanta = bin(world.working[cast.jo.practitioner.pk]).count("1")
    assert quanta * 5 == (hours_of_night + 3) * 60


@pytest.mark.parametrize(("zone", "day", "hours_of_day", "hours_of_night"), CHANGES)
def test_the_morning_is_offered_at_nine_on_the_wall(
    cast, now, place, zone, day, hours_of_day, hours_of_night
):
    made = place(zone)
    for number in (-1, 0, 1):
        on = day + timedelta(days=number)
        window = walltime.hours_span(on, time(8), time(13), ZoneInfo(zone))
        found = availability(
            service=cast.service("massage"), location=made, window=window, now=now, patient=cast.maria
        )
        assert found[0].starts_at.astimezone(ZoneInfo(zone)).isoformat()[:16] == f"{on}T09:00"


@pytest.mark.parametrize(("zone", "day", "hours_of_day", "hours_of_night"), CHANGES)
def test_a_visit_across_the_change_lasts_as_long_as_it_lasts(
    cast, now, place, zone, day, hours_of_day, hours_of_night
):
    made = place(zone)
    wall = (
        time(0, 30) if zone == "Europe/London" else time(1, 30)
    )  # half an hour before clocks change in spring
    starts_at = walltime.instant(day, wall, ZoneInfo(zone))
    (visit,) = book(by=cast.ana, wanted=[Wanted(cast.maria, cast.service("massage"), made, starts_at)])
    visit = Appointment.objects.get(pk=visit.pk)
    assert visit.ends_at - visit.starts_at == timedelta(minutes=50)
    assert (visit.wall_date, visit.wall_time) == (day, wall)


def test_the_hour_that_does_not_exist_moves_forward(cast, now, place):
    zone = ZoneInfo("America/New_York")
    assert walltime.instant(date(2027, 3, 14), time(2, 30), zone) == datetime(2027, 3, 14, 3, 30, tzinfo=zone)
