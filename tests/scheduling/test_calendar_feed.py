"""What the calendar's data say, to whom, and in how many statements."""

from datetime import UTC, date, datetime, timedelta

import pytest

from clinic.models import Closure
from clinic.walltime import instant, local
from patients.models import CareTeam, PatientLocation
from practitioners.models import Absence
from scheduling.actions.ending import part_not_done
from scheduling.models import Appointment, Block, Reservation, Status, VisitPart
from scheduling.queries.calendar import Asked, feed, first_column, fits, listing, shown
from scheduling.rules.drawing import PROVIDER, ROOM
from tests.rows import at, visit

pytestmark = pytest.mark.django_db
TUESDAY = date(2026, 11, 24)
# Both clock changes of a year: the day the clocks go back, the day they go forward, an hour that is skipped.
CLOCK_CHANGES = [
    ("America/New_York", date(2026, 11, 1), date(2027, 3, 14), "02:30"),
    ("Europe/London", date(2026, 10, 25), date(2027, 3, 28), "01:30"),
    ("Australia/Sydney", date(2027, 4, 4), date(2026, 10, 4), "02:30"),
]


def acupuncture(cast, patient, clock, *, who=None, room=None, **more):
    return visit(
        patient,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at(clock, cast.uptown) if isinstance(clock, str) else clock,
        practitioners={"acupuncture": (who or cast.mei).practitioner},
        rooms={"treatment": room or cast.room_1},
        **more,
    )


def integrated(cast, patient, clock):
    return visit(
        patient,
        cast.service("acupuncture_adjustment"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"acupuncture": cast.mei.practitioner, "chiropractic": cast.daniel.practitioner},
        rooms={"treatment": cast.room_1, "adjusting": cast.room_4},
    )


def seen_by(person, now, **asked):
    return shown(person_location(person), Asked(**{"first": TUESDAY, **asked}), user=person, now=now)


def person_location(person):
    return person.workplaces.get().location


def data(person, now, **asked):
    return feed(seen_by(person, now, **asked))


def drawn(found):
    """(column, look, lane, start, end) with the clock times alone."""
    return [
        (e["column"], e["look"], e.get("lane", False), e["start"][11:], e["end"][11:])
        for e in found["events"]
    ]


def test_one_event_for_each_phase_in_the_locations_own_time(cast, now):
    acupuncture(cast, cast.maria, "11:00")
    found, mei = data(cast.ana, now), cast.mei.practitioner.pk
    assert drawn(found) == [
        (mei, "hands", False, "11:00", "11:15"),
        (mei, "retention", True, "11:15", "11:45"),
        (mei, "hands", False, "11:45", "11:50"),
        (mei, "turnover", True, "11:50", "12:00"),
    ]
    assert found["now"] == "2026-11-24T10:42:00"
    assert (found["opens"], found["closes"]) == ("07:00", "22:00")


def test_what_the_pieces_of_a_visit_say(cast, now):
    booked = acupuncture(cast, cast.maria, "11:00", confirmed_at=now)
    found = data(cast.ana, now)
    assert found["visits"] == {
        str(booked.pk): {
            "name": "Garcia, Maria",
            "service": "Acupuncture follow-up",
            "start": "2026-11-24T11:00",
            "end": "2026-11-24T11:55",
            "status": "booked",
            "word": "confirmed",
            "version": booked.version,
            "movable": True,
            "doubled": False,
        }
    }
    first = found["events"][0]
    assert (first["kind"], first["beside"], first["position"]) == ("hands-on", "Room 1", 1)


def test_in_rooms_a_visit_takes_its_rooms_one_after_the_other(cast, now):
    integrated(cast, cast.maria, "11:00")
    treatment, adjusting = cast.room_1.pk, cast.room_4.pk
    found = data(cast.ana, now, by=ROOM)
    assert drawn(found) == [
        (treatment, "hands", False, "11:00", "11:15"),
        (treatment, "retention", False, "11:15", "11:45"),
        (treatment, "hands", False, "11:45", "11:50"),
        (treatment, "turnover", False, "11:50", "11:55"),
        (adjusting, "hands", False, "11:55", "12:10"),
        (adjusting, "turnover", False, "12:10", "12:15"),
    ]
    assert [event["beside"] for event in found["events"]][:1] == ["Mei"]


def test_columns_are_those_at_work_and_those_with_something(cast, now):
    names = [column["title"] for column in data(cast.ana, now)["columns"]]
    assert names == ["Mei Tan", "Daniel Lee", "Jo Ruiz", "Sam Park", "Ken Moss"]
    rooms = [column["title"] for column in data(cast.ana, now, by=ROOM)["columns"]]
    assert rooms == ["Room 1", "Room 2", "Room 3", "Room 4", "Room 5", "Room 6", "Open floor"]


def test_somebody_without_hours_that_day_has_a_column_only_with_a_visit(cast, now):
    cast.sam.practitioner.working_hours.all().delete()
    assert "Sam Park" not in [column["title"] for column in data(cast.ana, now)["columns"]]
    acupuncture(cast, cast.maria, "11:00", who=cast.sam)
    assert "Sam Park" in [column["title"] for column in data(cast.ana, now)["columns"]]


def test_cancelled_and_missed_visits_are_only_in_the_list(cast, now):
    acupuncture(cast, cast.maria, "11:00", status=Status.CANCELLED)
    acupuncture(cast, cast.tunde, "13:00", status=Status.NO_SHOW)
    acupuncture(cast, cast.iris, "14:00", status=Status.EXPIRED)
    found = seen_by(cast.ana, now)
    assert (feed(found)["events"], feed(found)["visits"]) == ([], {})
    (day,) = listing(found)
    assert [(row.title, row.word) for row in day.rows] == [
        ("Garcia, Maria", "canceled"),
        ("Okafor, Tunde", "did not come"),
    ]


def test_a_hold_says_until_when_and_disappears_then(cast, now):
    acupuncture(cast, cast.maria, "11:00", status=Status.HELD, held_until=now + timedelta(minutes=10))
    (about,) = data(cast.ana, now)["visits"].values()
    assert (about["status"], about["word"]) == ("held", "held until 10:52 am")
    assert data(cast.ana, now + timedelta(minutes=10))["visits"] == {}


def test_a_part_that_is_not_done_is_not_drawn_and_the_list_says_so(cast, now):
    booked = integrated(cast, cast.maria, "11:00")
    part = VisitPart.objects.get(appointment=booked, position=2)
    part_not_done(by=cast.ana, pk=booked.pk, part=part.pk, reason="no time", version=booked.version)
    found = seen_by(cast.ana, now)
    assert {event["column"] for event in feed(found)["events"]} == {cast.mei.practitioner.pk}
    assert listing(found)[0].rows[0].left_out == ("Adjustment",)


def test_whoever_may_not_see_the_patient_reads_busy(cast, now):
    acupuncture(cast, cast.priya, "11:00", status=Status.ARRIVED, overbooked_reason="pain", note="secret")
    found = seen_by(cast.ana, now)
    ((key, about),) = feed(found)["visits"].items()
    assert about == {"name": "Busy", "status": "busy", "movable": False}
    assert key.startswith("busy-")
    said = {name for event in feed(found)["events"] for name in event}
    assert said == {"visit", "column", "start", "end", "look", "position", "lane"}
    (row,) = listing(found)[0].rows
    assert (row.title, row.text, row.visit, row.parts, row.doubled) == ("Busy", "", None, (), False)


def test_whoever_is_on_the_care_team_reads_the_name(cast, now):
    acupuncture(cast, cast.priya, "11:00")
    CareTeam.objects.create(patient=cast.priya, user=cast.ana, since=now, why="booking")
    assert [about["name"] for about in data(cast.ana, now)["visits"].values()] == ["Shah, Priya"]


def test_a_provider_at_another_location_is_busy_there(cast, now):
    mei = cast.mei.practitioner
    visit(
        cast.priya,
        cast.service("acupuncture_follow_up"),
        cast.harbor,
        at("13:00", cast.uptown),
        practitioners={"acupuncture": mei},
        rooms={"treatment": cast.harbor_1},
    )
    found = data(cast.ana, now)
    assert found["visits"] == {}
    assert drawn(found) == [
        (mei.pk, "busy", False, "13:00", "13:15"),
        (mei.pk, "busy", False, "13:45", "13:50"),
    ]
    assert {event["title"] for event in found["events"]} == {"Busy"}


def test_blocks_stand_in_the_columns_they_take(cast, now):
    taken = blocked(cast, room=cast.room_2, kind="meeting", note="Team")
    event = {"block": str(taken.pk), "look": "block", "title": "Meeting", "note": "Team"}
    times = {"start": "2026-11-24T12:00", "end": "2026-11-24T12:30"}
    assert data(cast.ana, now)["events"] == [{**event, **times, "column": cast.mei.practitioner.pk}]
    assert data(cast.ana, now, by=ROOM)["events"] == [{**event, **times, "column": cast.room_2.pk}]
    taken.removed_at = now
    taken.save()
    assert data(cast.ana, now)["events"] == []


def blocked(cast, **values):
    return Block.objects.create(
        location=cast.uptown,
        practitioner=cast.mei.practitioner,
        starts_at=at("12:00", cast.uptown),
        ends_at=at("12:30", cast.uptown),
        created_by=cast.ana,
        **values,
    )


def test_absences_and_closures_are_shaded_with_their_reason_and_listed(cast, now):
    day = {"starts_at": at("13:00", cast.uptown), "ends_at": at("15:00", cast.uptown)}
    Absence.objects.create(practitioner=cast.mei.practitioner, kind="ill", note="private", **day)
    Closure.objects.create(
        location=cast.uptown,
        starts_at=at("16:00", cast.uptown),
        ends_at=at("17:00", cast.uptown),
        reason="Fire drill",
    )
    found, mei = seen_by(cast.ana, now), cast.mei.practitioner.pk
    shades = [
        (s["text"], s["start"][11:], s["end"][11:]) for s in feed(found)["shades"] if s["column"] == mei
    ]
    assert shades == [
        ("", "07:00", "08:00"),
        ("", "13:00", "15:00"),
        ("", "16:00", "17:00"),
        ("", "18:00", "22:00"),
        ("Away", "13:00", "15:00"),
        ("Closed: Fire drill", "16:00", "17:00"),
    ]
    assert [(row.title, row.text) for row in listing(found)[0].rows] == [
        ("Mei Tan is away", ""),
        ("Closed", "Fire drill"),
    ]
    assert "private" not in str(feed(found)) + str(listing(found))


def test_the_list_says_every_phase_with_who_and_where_as_they_change(cast, now):
    integrated(cast, cast.sunny, "11:00")
    (row,) = listing(seen_by(cast.ana, now))[0].rows
    assert (row.hours, row.title, row.text) == (
        "11:00 am to 12:10 pm",
        "Park, Sun-hee “Sunny”",
        "Acupuncture + adjustment",
    )
    assert [(part.discipline, [f"{s.at} {s.says}" for s in part.steps]) for part in row.parts] == [
        (
            "acupuncture",
            ["11:00 hands-on, Mei, Room 1", "11:15 needles in", "11:45 needles out", "11:50 rest"],
        ),
        ("chiropractic", ["11:55 adjustment, Dr. Lee, Room 4"]),
    ]


def test_what_is_over_and_settled_today_is_folded_away(cast, now):
    acupuncture(cast, cast.maria, "08:00", status=Status.COMPLETED)
    acupuncture(cast, cast.tunde, "08:30", room=cast.room_2, who=cast.sam)
    (day,) = listing(seen_by(cast.ana, now))
    assert [row.title for row in day.earlier] == ["Garcia, Maria"]
    assert [row.title for row in day.rows] == ["Okafor, Tunde"]


def test_the_week_is_that_of_one_column_alone(cast, now):
    acupuncture(cast, cast.maria, "11:00")
    acupuncture(cast, cast.tunde, "11:00", who=cast.sam, room=cast.room_2)
    acupuncture(cast, cast.iris, at("09:00", cast.uptown, "2026-11-27"))
    week = {"first": date(2026, 11, 23), "days": 7}
    of_mei = data(cast.ana, now, **week, who=cast.mei.practitioner.pk)
    assert [v["name"] for v in of_mei["visits"].values()] == ["Garcia, Maria", "Cole, Iris"]
    of_room = data(cast.ana, now, **week, by=ROOM, who=cast.room_2.pk)
    assert [v["name"] for v in of_room["visits"].values()] == ["Okafor, Tunde"]


def test_a_providers_own_week_is_shown_first(cast):
    assert first_column(cast.uptown, PROVIDER, cast.jo) == cast.jo.practitioner.pk
    assert first_column(cast.uptown, PROVIDER, cast.ana) == cast.mei.practitioner.pk
    assert first_column(cast.uptown, ROOM, cast.ana) == cast.room_1.pk


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    "asked",
    [{}, {"by": ROOM}, {"first": date(2026, 11, 23), "days": 7, "who": True}],
    ids=["day", "rooms", "week"],
)
def test_four_statements_whatever_the_number_of_visits(cast, now, django_assert_num_queries, count, asked):
    for hour in range(11, 11 + count):
        acupuncture(cast, cast.maria, f"{hour}:00")
    location, ana = cast.uptown, cast.ana
    ready = (ana.roles, ana.location_ids)  # read once in a request, before the page's own statements
    asked = {**asked, "who": cast.mei.practitioner.pk} if "who" in asked else asked
    with django_assert_num_queries(4):
        found = shown(location, Asked(**{"first": TUESDAY, **asked}), user=ana, now=now)
        assert len(feed(found)["visits"]) == count
        assert len(listing(found)[0].rows) == count
    assert ready


def moved_to(cast, zone):
    cast.uptown.zone = zone
    cast.uptown.save()


@pytest.mark.parametrize("zone, back, forward, skipped", CLOCK_CHANGES)
def test_nine_is_nine_on_the_days_of_clock_changes(cast, now, zone, back, forward, skipped):
    moved_to(cast, zone)
    for day in (back, forward):
        nine = instant(day, datetime.min.time().replace(hour=9), cast.uptown.tz)
        acupuncture(cast, cast.maria, nine)
        found = data(cast.ana, now, first=day)
        assert (found["events"][0]["start"], found["events"][0]["end"]) == (f"{day}T09:00", f"{day}T09:15")
        assert [s for s in found["shades"] if s["column"] == cast.mei.practitioner.pk] == [
            {"column": cast.mei.practitioner.pk, "text": "", "start": f"{day}T07:00", "end": f"{day}T08:00"},
            {"column": cast.mei.practitioner.pk, "text": "", "start": f"{day}T18:00", "end": f"{day}T22:00"},
        ]


@pytest.mark.parametrize("zone, back, forward, skipped", CLOCK_CHANGES)
def test_a_day_of_a_clock_change_holds_its_first_and_last_minute_and_nothing_of_the_next(
    cast, now, zone, back, forward, skipped
):
    moved_to(cast, zone)
    for day, hours in ((back, 25), (forward, 23)):
        span = Asked(day).span(cast.uptown.tz)
        assert span.length == timedelta(hours=hours)
        acupuncture(cast, cast.maria, span.start)
        acupuncture(cast, cast.tunde, span.end - timedelta(minutes=15))
        acupuncture(cast, cast.iris, span.end, room=cast.room_2)
        found = seen_by(cast.ana, now, first=day)
        assert [row.title for row in listing(found)[0].rows] == ["Garcia, Maria", "Okafor, Tunde"]


@pytest.mark.parametrize("zone, back, forward, skipped", CLOCK_CHANGES)
def test_where_the_clock_goes_back_an_event_still_ends_after_its_start(
    cast, now, zone, back, forward, skipped
):
    moved_to(cast, zone)
    midnight = instant(back, datetime.min.time(), cast.uptown.tz)
    changes = next(
        m for n in range(1, 300) if goes_back(m := midnight + timedelta(minutes=5 * n), cast.uptown.tz)
    )
    acupuncture(cast, cast.maria, changes - timedelta(minutes=5))
    events = data(cast.ana, now, first=back)["events"]
    assert all(event["start"] < event["end"] for event in events)


def goes_back(moment, zone):
    before = moment - timedelta(minutes=5)
    return local(moment, zone).utcoffset() < local(before, zone).utcoffset()


def test_past_years_are_read_by_the_same_four_statements(cast, now):
    acupuncture(cast, cast.maria, datetime(2020, 1, 7, 15, tzinfo=UTC), status=Status.COMPLETED)
    Reservation.objects.all().delete()
    found = data(cast.ana, now, first=date(2020, 1, 7))
    assert [about["word"] for about in found["visits"].values()] == ["done"]


def test_where_a_service_fits_that_day_with_whom(cast, now):
    acupuncture(cast, cast.maria, "13:00")
    found = fits(
        service=cast.service("acupuncture_follow_up"), location=cast.uptown, day=TUESDAY, by=PROVIDER, now=now
    )
    assert set(found) == {cast.mei.practitioner.pk, cast.sam.practitioner.pk}
    free = [
        (local(s.start, cast.uptown.tz).time(), local(s.end, cast.uptown.tz).time())
        for s in found[cast.mei.practitioner.pk].free
    ]
    times = [(f"{start:%H:%M}", f"{end:%H:%M}") for start, end in free]
    # Hands-on at 13:00 and 13:45; a start is also bad whose needles come out at those minutes.
    assert times[0][0] == "10:45"
    assert all(not ("13:00" <= start < "13:15" or "13:00" < end <= "13:15") for start, end in times)


def test_every_start_that_lights_up_can_be_had(cast, now):
    acupuncture(cast, cast.maria, "13:00")
    service = cast.service("acupuncture_follow_up")
    found = fits(service=service, location=cast.uptown, day=TUESDAY, by=ROOM, now=now)
    assert set(found) == {cast.room_1.pk, cast.room_2.pk, cast.room_3.pk}
    taken = at("13:00", cast.uptown)
    lasting = timedelta(minutes=60)
    assert [s for s in found[cast.room_1.pk].starts if taken - lasting < s < taken + lasting] == []


def test_lights_obey_the_patients_lasting_wishes(cast, now):
    cast.maria.prefers_gender = "male"
    cast.maria.save()
    service = cast.service("acupuncture_follow_up")
    asked = {"service": service, "location": cast.uptown, "day": TUESDAY, "by": PROVIDER, "now": now}
    assert set(fits(**asked, patient=cast.maria)) == {cast.sam.practitioner.pk}
    assert fits(**{**asked, "day": date(2026, 11, 23)}) == {}


def test_lights_take_eight_statements(cast, now, django_assert_num_queries):
    service, location = cast.service("acupuncture_adjustment"), cast.uptown
    with django_assert_num_queries(8):
        fits(service=service, location=location, day=TUESDAY, by=PROVIDER, patient=None, now=now)


def test_a_patient_of_this_location_is_named(cast, now):
    acupuncture(cast, cast.priya, "11:00")
    PatientLocation.objects.create(patient=cast.priya, location=cast.uptown)
    assert [about["name"] for about in data(cast.ana, now)["visits"].values()] == ["Shah, Priya"]
    assert Appointment.objects.count() == 1


def test_an_absence_that_was_withdrawn_takes_no_time(cast, now):
    before = data(cast.ana, now)["shades"]
    day = {"starts_at": at("13:00", cast.uptown), "ends_at": at("15:00", cast.uptown)}
    gone = Absence.objects.create(practitioner=cast.mei.practitioner, kind="ill", **day)
    assert data(cast.ana, now)["shades"] != before
    gone.withdrawn_at = now
    gone.save()
    assert data(cast.ana, now)["shades"] == before
    assert listing(seen_by(cast.ana, now)) == []
