"""Words for times, people and rooms: no database, no clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduling.rules import sentences
from scheduling.rules.sentences import Names

UPTOWN, HARBOR = ZoneInfo("America/New_York"), ZoneInfo("America/Chicago")
NAMES = Names({1: "Mei", 2: "Dr. Lee"}, {1: "Room 1", 2: "Room 2", 4: "Room 4"})


@dataclass
class Phase:
    starts_at: datetime
    ends_at: datetime
    practitioner: int | None
    room: int | None
    patient_present: bool = True


def at(hour, minute=0):
    return datetime(2026, 11, 26, hour, minute, tzinfo=UPTOWN).astimezone(UTC)


def phases(*rows, start=(9, 30)):
    """Rows of (minutes, practitioner, room), one after another; a fourth value False: without the patient."""
    made, moment = [], at(*start)
    for minutes, practitioner, room, *present in rows:
        end = moment + timedelta(minutes=minutes)
        made.append(Phase(moment, end, practitioner, room, *present))
        moment = end if not present else moment
    return made


FOLLOW_UP = phases((15, 1, 2), (30, None, 2), (5, 1, 2), (5, None, 2), (5, None, 2, False))
INTEGRATED = phases((15, 1, 2), (30, None, 2), (5, 1, 2), (5, None, None), (15, 2, 4), (5, None, 4, False))
IN_ONE_ROOM = phases((15, 1, 2), (30, None, 2), (15, 2, 2))


def test_a_time_is_said_as_people_say_it():
    assert sentences.when(at(9, 30), at(10, 25), UPTOWN) == "Thu Nov 26, 9:30 to 10:25 am"
    assert sentences.when(at(11, 30), at(12, 25), UPTOWN) == "Thu Nov 26, 11:30 am to 12:25 pm"


@pytest.mark.parametrize(
    "reader, said",
    [
        (None, "Thu Nov 26, 9:30 to 10:25 am"),
        (UPTOWN, "Thu Nov 26, 9:30 to 10:25 am"),
        (ZoneInfo("America/Toronto"), "Thu Nov 26, 9:30 to 10:25 am"),
        (HARBOR, "Thu Nov 26, 9:30 to 10:25 am (EST)"),
    ],
)
def test_the_zone_is_named_only_where_the_readers_clock_differs(reader, said):
    assert sentences.when(at(9, 30), at(10, 25), UPTOWN, reader) == said


def test_a_zone_without_letters_is_named_after_its_city():
    dubai = ZoneInfo("Asia/Dubai")
    said = sentences.when(at(9, 30), at(10, 25), dubai, UPTOWN)
    assert said == "Thu Nov 26, 6:30 to 7:25 pm (Dubai time)"


def test_the_zone_differs_by_the_day_and_not_by_its_name():
    phoenix, denver = ZoneInfo("America/Phoenix"), ZoneInfo("America/Denver")
    winter, summer = datetime(2026, 1, 5, 17, tzinfo=UTC), datetime(2026, 7, 6, 17, tzinfo=UTC)
    assert sentences.other_zone(winter, denver, phoenix) == ""
    assert sentences.other_zone(summer, denver, phoenix) == "MDT"


@pytest.mark.parametrize(
    "visit, said",
    [
        (FOLLOW_UP, "Room 2 · Mei"),
        (INTEGRATED, "Room 2, then Room 4 · Mei 9:30, then Dr. Lee 10:25"),
        (IN_ONE_ROOM, "Room 2 · Mei 9:30, then Dr. Lee 10:15"),
        (phases((30, 1, None)), "Mei"),
        (phases((30, None, 2)), "Room 2"),
        ([], ""),
    ],
)
def test_who_and_where(visit, said):
    assert sentences.who_and_where(visit, NAMES, UPTOWN) == said


def test_what_is_read_into_the_phone():
    said = sentences.to_read(at(9, 30), at(10, 40), INTEGRATED, NAMES, UPTOWN)
    assert said == "Thursday, November 26, at 9:30 am with Mei, then Dr. Lee, done by 10:40."
    assert sentences.to_read(at(9, 30), at(10), [], NAMES, UPTOWN) == (
        "Thursday, November 26, at 9:30 am, done by 10:00."
    )


@pytest.mark.parametrize(
    "name, credentials, said",
    [
        ("Mei Tan", "L.Ac.", "Mei"),
        ("Daniel Lee", "D.C.", "Dr. Lee"),
        ("Ana Maria Ruiz", "L.Ac., DACM", "Dr. Ruiz"),
        ("Jo", "D.C.", "Jo"),
        ("", "", ""),
    ],
)
def test_what_a_provider_is_called(name, credentials, said):
    assert sentences.called(name, credentials) == said


def test_two_of_one_short_name_keep_their_full_ones():
    people = [(1, "Mei Tan", "L.Ac."), (2, "Mei Wong", "LMT"), (3, "Daniel Lee", "D.C.")]
    assert sentences.short_names(people) == {1: "Mei Tan", 2: "Mei Wong", 3: "Dr. Lee"}


def test_a_bare_number_is_a_room():
    assert sentences.room_names([(1, "2"), (2, "Open floor")]) == {1: "Room 2", 2: "Open floor"}


def test_people_are_listed_as_they_are_spoken_of():
    assert [sentences.listed(n) for n in ([], ["Iris"], ["Iris", "Leo"], ["Iris", "Leo", "Mia"])] == [
        "",
        "Iris",
        "Iris and Leo",
        "Iris, Leo and Mia",
    ]


def test_what_the_desk_knows_of_a_patient():
    said = sentences.about_patient(
        age=54, pronouns="she/her", prefers_time="mornings", usually_with="Mei", step_free=True, anyone=True
    )
    assert said == [
        "54 years",
        "she/her",
        "prefers mornings",
        "usually with Mei",
        "anyone is fine",
        "no stairs",
    ]
    nothing = sentences.about_patient(
        age=None, pronouns="", prefers_time="", usually_with="", step_free=False, anyone=False
    )
    assert nothing == []


def test_a_verb_that_has_no_words_yet_is_said_all_the_same():
    assert sentences.change_in_words("no_show") == "Did not come"
    assert sentences.change_in_words("moved_to_bay") == "Moved to bay"
