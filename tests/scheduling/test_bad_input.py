"""What cannot be right is answered with a sentence; what was typed stays, and nothing is changed."""

import random
from datetime import datetime

import pytest
from django.urls import reverse

from clinic.submissions import new_key
from scheduling.actions.booking import Wanted, book
from scheduling.models import Appointment, Change, Reservation
from tests.scheduling.test_book_page import BOOK, HAPPENED, OFFERS, PANEL, form, sentences, value

pytestmark = pytest.mark.django_db


def changes(cast):
    """What a booking would be, as each bad input makes it, and the sentences that answer it."""
    mei, service = cast.mei.practitioner.pk, cast.service("acupuncture_follow_up").pk
    return {
        "an impossible date": (
            {"date": "2026-02-30", "time": "10:00"},
            ["From this date : This is not a date of the calendar. Type it like 2026-11-26."],
        ),
        "a date far away": (
            {"date": "9999-12-31", "time": "10:00"},
            ["From this date : Choose a date between 2000 and 2099."],
        ),
        "an impossible time": (
            {"date": "2026-11-25", "time": "25:99"},
            ["Exact time : This is not a time. Type it like 9:30 or 14:30."],
        ),
        "a time without a date": (
            {"time": "10:00"},
            ["From this date : Which day? An exact time needs a date."],
        ),
        "no time at all": ({}, ["Time : Choose a time."]),
        "off the grid": (
            {"offer": value(cast, 10, 7)},
            ["Visits start on the full five minutes. Choose a time such as 10:10 am."],
        ),
        "off the grid, typed": (
            {"date": "2026-11-25", "time": "10:07"},
            ["Visits start on the full five minutes. Choose a time such as 10:10 am."],
        ),
        "in the past": (
            {"date": "2026-11-20", "time": "10:00"},
            ["This time is over. Choose a later one, or use “It happened” for a visit that took place."],
        ),
        "beyond the horizon": (
            {"date": "2029-11-20", "time": "10:00"},
            ["Uptown books 365 days ahead. Choose an earlier day."],
        ),
        "a room of the wrong kind": (
            {"offer": value(cast, 10), "where_0": cast.room_4.pk},
            ["Room 4 is not fitted for this. Choose another room."],
        ),
        "a room of another place": (
            {"offer": value(cast, 10), "where_0": cast.harbor_1.pk},
            ["This room is not at Uptown. Choose another one."],
        ),
        "a room that is none": (
            {"offer": value(cast, 10), "where_0": 31000},
            ["This room is not at Uptown. Choose another one."],
        ),
        "a provider of another discipline": (
            {"offer": value(cast, 10), "who_0": cast.daniel.practitioner.pk, "where_0": cast.room_1.pk},
            ["Daniel Lee, D.C. has no valid license for this on that day. Choose another provider."],
        ),
        "a provider whose license lapsed": (
            {"offer": value(cast, 10, choice=f"{cast.ken.practitioner.pk};{cast.room_1.pk}")},
            ["Ken Moss, L.Ac. has no valid license for this on that day. Choose another provider."],
        ),
        "a provider of another place": (
            {"offer": value(cast, 10), "who_0": cast.theo.practitioner.pk, "where_0": cast.room_1.pk},
            ["This provider does not work here. Choose another one."],
        ),
        "a provider who is none": (
            {"offer": value(cast, 10, choice=f"31000;{cast.room_1.pk}")},
            ["This provider does not work here. Choose another one."],
        ),
        "before work": (
            {"offer": value(cast, 7, choice=f"{mei};{cast.room_1.pk}")},
            ["Mei Tan, L.Ac. is not at work at 7:00 am. Choose another time or provider."],
        ),
        "an offer that is none": (
            {"offer": "tomorrow at ten"},
            ["Time : This time cannot be read. Choose one of the times below."],
        ),
        "an offer of a day that is none": (
            {"offer": f"{service}|2026-02-30T15:00Z|1;1"},
            ["Time : This is not a date of the calendar. Type it like 2026-11-26."],
        ),
        "10,000 characters": (
            {"offer": value(cast, 10), "note": "n" * 10_000},
            ["Note for the visit : Keep this under 500 characters; it has 10000."],
        ),
        "a reason without end": (
            {"offer": value(cast, 10), "overbook_reason": "r" * 201},
            ["Double-book on purpose: why? : Keep this under 200 characters; it has 201."],
        ),
        "characters that no text has": (
            {"offer": value(cast, 10), "note": "a\x00b"},
            ["Note for the visit : Null characters are not allowed."],
        ),
        "a service that is none": (
            {"service": "999", "date": "2026-11-25", "time": "10:00"},
            ["What : Choose one of the list."],
        ),
        "nobody gives it": (
            {"service": cast.service("nutrition").pk, "date": "2026-11-25", "time": "10:00"},
            ["Nobody who may do this is at work at 10:00 am, or no such room is there. Choose another time."],
        ),
        "somebody of another household": (
            {"offer": value(cast, 10), "also": [str(cast.tunde.pk)]},
            ["Also for : Choose among the members of the household."],
        ),
        "a form from nowhere": (
            {"offer": value(cast, 10), "request_key": ""},
            ["This page is out of date. Reload it and send the form again."],
        ),
    }


def names():
    """The keys above, which need rows of the cast to be written out."""
    return [
        "an impossible date", "a date far away", "an impossible time", "a time without a date", "no time at all",
        "off the grid", "off the grid, typed", "in the past", "beyond the horizon", "a room of the wrong kind",
        "a room of another place", "a room that is none", "a provider of another discipline",
        "a provider whose license lapsed", "a provider of another place", "a provider who is none", "before work",
        "an offer that is none", "an offer of a day that is none",
        "10,000 characters", "a reason without end", "characters that no text has", "a service that is none",
        "nobody gives it", "somebody of another household", "a form from nowhere",
    ]  # fmt: skip


def test_every_case_is_run(cast):
    assert sorted(changes(cast)) == sorted(names())


@pytest.mark.parametrize("name", names())
def test_bad_input_is_answered_with_a_sentence_and_kept(cast, client_of, name):
    bad, said = changes(cast)[name]
    body = {**form(cast), "note": "brings a film", **bad}
    answer = client_of(cast.ana).post(BOOK, body, headers=PANEL)
    assert answer.status_code == 422
    assert sentences(answer) == said
    kept = answer.context["form"]
    assert {field: str(kept[field].value()) for field in ("note", "date", "time") if field in body} == {
        field: body[field] for field in ("note", "date", "time") if field in body
    }
    assert (Appointment.objects.count(), Reservation.objects.count(), Change.objects.count()) == (0, 0, 0)


def test_a_patient_of_another_place_is_not_booked_and_the_form_stays(cast, client_of):
    for patient in (cast.priya.pk, "1", "00000000-0000-4000-8000-000000000000", "\x00"):
        body = {**form(cast), "patient": patient, "offer": value(cast, 10), "note": "brings a film"}
        answer = client_of(cast.ana).post(BOOK, body, headers=PANEL)
        assert (answer.status_code, Appointment.objects.count()) == (422, 0)
        assert sentences(answer)[0] == "This person is not in your clinic's records. Find the patient again."
        assert answer.context["form"]["note"].value() == "brings a film"
        assert "Shah" not in answer.content.decode()


def test_what_happened_with_bad_input(cast, client_of):
    body = {
        "patient": cast.maria.pk,
        "service": cast.service("massage").pk,
        "date": "2026-11-31",
        "time": "9 o'clock",
        "reason": "r" * 300,
        "who_0": "999",
        "where_0": cast.room_1.pk,
        "request_key": new_key(),
    }
    answer = client_of(cast.ana).post(HAPPENED, body, headers=PANEL)
    assert (answer.status_code, Appointment.objects.count()) == (422, 0)
    assert sentences(answer) == [
        "Date : This is not a date of the calendar. Type it like 2026-11-26.",
        "Started at : This is not a time. Type it like 9:30 or 14:30.",
        "Why it is entered later : Keep this under 200 characters; it has 300.",
        "Massage with : Choose one of the list.",
        "Massage in : Choose one of the list.",
    ]
    assert answer.context["form"]["time"].value() == "9 o'clock"


# Anything at all

JUNK = [
    "", " ", "0", "-1", "1", "7", "²", "٣", "99999", "9" * 30, "1e9", "NaN", "null", "\x00", "\ud7ff", "a" * 3000,
    "2026-11-25", "2026-02-30", "0000-00-00", "9999-12-31", "10:00", "24:00", "25:99", "10:07:30",
    "1|2026-11-25T15:00Z|1;1", "1|2026-11-25T15:00Z|;", "2|2026-11-25T15:00Z|1;1 2026-11-25T15:15Z|1;1",
    "2|0001-01-01T00:00Z|1;1", "²|2026-11-25T15:00Z|1;1", "2|2026-11-25T15:00Z|99999;99999", "weekdays", "6", "17",
    "same", "side", "back", "morning", "'; DROP TABLE patients_patient; --", "<script>alert(1)</script>", "../../etc",
    "6d617269-612e-4e2e-ae2e-2e2e2e2e2e2e", "6c656f2e-2e2e-4e2e-ae2e-2e2e2e2e2e2e", "on", "book", "hold", "look",
]  # fmt: skip
FIELDS = [
    "patient", "service", "day", "date", "time", "time_of_day", "provider", "room", "also", "how", "offer", "note",
    "overbook_reason", "who_0", "who_1", "where_0", "where_1", "do", "who", "reason", "tapped", "more", "next", "q",
]  # fmt: skip
SEED = 20261124


def test_no_input_makes_an_error_page(cast, client_of):
    """Two thousand values at random places of every form and address; the seed is fixed, so a failure returns."""
    dice, client = random.Random(SEED), client_of(cast.ana)
    wanted = Wanted(
        cast.iris,
        cast.service("acupuncture_adjustment"),
        cast.uptown,
        datetime(2026, 11, 25, 9, tzinfo=cast.uptown.tz),
    )
    (visit,) = book(by=cast.ana, wanted=[wanted])
    addresses = [BOOK, OFFERS, HAPPENED] + [
        reverse(f"scheduling:{name}", args=[visit.pk])
        for name in ("visit", "move", "cancel", "confirm", "no_show", "confirm_hold")
    ]
    addresses.append(reverse("scheduling:part_not_done", args=[visit.pk, visit.parts.first().pk]))
    service = cast.service("acupuncture_follow_up").pk
    statuses = {}
    for _number in range(400):
        body = {"patient": dice.choice([cast.maria.pk, cast.iris.pk]), "service": service, "version": 1}
        body |= {field: dice.choice(JUNK) for field in dice.sample(FIELDS, 5)} | {"request_key": new_key()}
        address = dice.choice(addresses)
        send = client.post if dice.random() < 0.5 else client.get
        status = send(
            address, body, headers=dice.choice([PANEL, {}, {**PANEL, "HX-Target": "chosen"}])
        ).status_code
        statuses[status] = statuses.get(status, 0) + 1
    print(f"seed {SEED}: {statuses}")
    assert set(statuses) <= {200, 303, 404, 405, 409, 422, 428}
    assert min(statuses[200], statuses[422]) > 20
