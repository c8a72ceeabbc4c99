"""The calendar's page, its drop and blocked time: what they answer, and to whom."""

import uuid
from datetime import date

import pytest
from django.urls import reverse

from clinic.models import Workplace
from clinic.submissions import new_key
from clinic.walltime import local
from scheduling.models import Block, Change, Reservation, Status, VisitPhase
from tests.rows import at, visit

pytestmark = pytest.mark.django_db
CALENDAR = reverse("scheduling:calendar")
FEED = reverse("scheduling:feed")


def acupuncture(cast, patient, clock="13:00", *, who=None, room=None, **more):
    return visit(
        patient,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"acupuncture": (who or cast.mei).practitioner},
        rooms={"treatment": room or cast.room_1},
        **more,
    )


def integrated(cast, patient, clock="13:00"):
    return visit(
        patient,
        cast.service("acupuncture_adjustment"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"acupuncture": cast.mei.practitioner, "chiropractic": cast.daniel.practitioner},
        rooms={"treatment": cast.room_1, "adjusting": cast.room_4},
    )


def where(booked):
    """[(clock, practitioner, room)] of the phases as they are agreed now."""
    phases = VisitPhase.objects.filter(visitpart__appointment=booked).order_by("position")
    zone = booked.location.tz
    return [(f"{local(p.starts_at, zone):%H:%M}", p.practitioner_id, p.room_id) for p in phases]


# The page


def test_the_page_opens_at_today_and_carries_its_data(cast, client_of):
    acupuncture(cast, cast.maria)
    answer = client_of(cast.ana).get(CALENDAR)
    assert answer.status_code == 200
    assert answer.context["feed"]["date"] == "2026-11-24"
    assert answer.context["feed"]["heading"] == "Tue Nov 24, 2026"
    assert [v["name"] for v in answer.context["feed"]["visits"].values()] == ["Garcia, Maria"]
    assert '<script id="calendar-feed" type="application/json">' in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("query", ["", "?by=room", "?view=list"])
def test_the_page_takes_as_many_statements_with_one_visit_as_with_three(
    cast, client_of, django_assert_num_queries, count, query
):
    for hour in range(11, 11 + count):
        acupuncture(cast, cast.maria, f"{hour}:00")
    client = client_of(cast.ana)
    client.get(CALENDAR)
    # Session, account, roles, workplaces, places, the clinic's name, and four for the calendar.
    with django_assert_num_queries(10):
        client.get(CALENDAR + query)


@pytest.mark.parametrize("count", [1, 3])
def test_the_feed_takes_four_statements_after_those_of_signing_in(
    cast, client_of, django_assert_num_queries, count
):
    for hour in range(11, 11 + count):
        acupuncture(cast, cast.maria, f"{hour}:00")
    client = client_of(cast.ana)
    # Session, account, roles, workplaces, places.
    with django_assert_num_queries(9):
        found = client.get(FEED + "?date=2026-11-24&by=provider").json()
    assert len(found["visits"]) == count


def test_links_lead_to_the_days_around_and_keep_the_rest(cast, client_of):
    links = client_of(cast.ana).get(CALENDAR + "?date=2026-11-30&view=list&by=room").context["feed"]["links"]
    assert (links["earlier"], links["later"]) == (
        "date=2026-11-29&by=room&view=list",
        "date=2026-12-01&by=room&view=list",
    )
    assert (links["today"], links["day"]) == (
        "date=2026-11-24&by=room&view=list",
        "date=2026-11-30&by=room&view=day",
    )
    assert links["provider"] == "date=2026-11-30&by=provider&view=list"


def test_a_week_begins_on_monday_and_is_of_somebody(cast, client_of):
    client = client_of(cast.ana)
    feed = client.get(FEED + "?view=week&date=2026-11-24").json()
    assert (feed["date"], feed["days"], feed["who"]) == ("2026-11-23", 7, cast.mei.practitioner.pk)
    assert feed["links"]["later"] == f"date=2026-12-01&by=provider&view=week&who={cast.mei.practitioner.pk}"
    assert client_of(cast.jo).get(FEED + "?view=week").json()["who"] == cast.jo.practitioner.pk


@pytest.mark.parametrize("said", ["2026-02-30", "tomorrow", "0001-01-01", "9999-12-31", "%00"])
def test_a_date_that_does_not_exist_is_today_and_says_so(cast, client_of, said):
    answer = client_of(cast.ana).get(f"{CALENDAR}?date={said}")
    assert answer.status_code == 200
    assert answer.context["feed"]["date"] == "2026-11-24"
    assert "There is no such date." in answer.content.decode()


@pytest.mark.parametrize(
    "query", ["view=month", "by=patient", "view=week&who=99999999", "view=week&who=x", "view=week&who=32000"]
)
def test_what_makes_no_sense_is_left_out(cast, client_of, query):
    for address in (CALENDAR, FEED):
        assert client_of(cast.ana).get(f"{address}?{query}").status_code == 200


def test_the_booking_panel_is_asked_for_at_once(cast, client_of):
    address = f"{CALENDAR}?panel=book&patient={cast.maria.pk}&next=/elsewhere"
    panel = reverse("scheduling:book") + f"?patient={cast.maria.pk}"
    client = client_of(cast.ana)
    assert f'hx-get="{panel}"' in client.get(address).content.decode()
    by_htmx = client.get(address, headers={"HX-Request": "true"})
    assert (by_htmx.status_code, by_htmx.url) == (302, panel)


def test_somebody_who_works_nowhere_reads_why(cast, client_of):
    Workplace.objects.filter(user=cast.ana).delete()
    answer = client_of(cast.ana).get(CALENDAR)
    assert (answer.status_code, "You work at no location yet" in answer.content.decode()) == (200, True)
    assert client_of(cast.ana).get(FEED).status_code == 404


def test_a_patient_sees_no_calendar(cast, client_of):
    booked, client = acupuncture(cast, cast.rita), client_of(cast.rita)
    drop = reverse("scheduling:drop", args=[booked.pk])
    assert [client.get(address).status_code for address in (CALENDAR, FEED, reverse("scheduling:block"))] == [
        403
    ] * 3
    assert client.post(drop).status_code == 403


def test_nobody_sees_it_without_signing_in(cast, client):
    assert client.get(CALENDAR).status_code == 302
    assert client.get(FEED).status_code == 302


def test_another_locations_staff_see_their_own_day(cast, client_of):
    acupuncture(cast, cast.maria)
    found = client_of(cast.hana).get(FEED).json()
    assert (found["visits"], [column["title"] for column in found["columns"]]) == ({}, ["Theo Vance"])


# Dropping


def dropped(client, booked, clock, *, day="2026-11-24", by="provider", position=1, column=None, **more):
    values = {"date": day, "time": clock, "by": by, "position": position, "version": booked.version}
    values |= {"column": column} if column else {}
    return client.post(
        reverse("scheduling:drop", args=[booked.pk]), {"request_key": new_key(), **values, **more}
    )


def test_a_drop_moves_the_whole_visit_by_as_much(cast, client_of):
    booked = integrated(cast, cast.maria)
    answer = dropped(client_of(cast.ana), booked, "14:55", position=6)
    change = Change.objects.get(appointment=booked)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "ok": True,
            "reasons": [],
            "says": "Garcia, Maria is moved to Tue Nov 24, 2:00 to 3:10 pm.",
            "undo": reverse("scheduling:undo", args=[change.pk]),
        },
    )
    booked.refresh_from_db()
    mei, lee = cast.mei.practitioner.pk, cast.daniel.practitioner.pk
    assert where(booked) == [
        ("14:00", mei, cast.room_1.pk),
        ("14:15", None, cast.room_1.pk),
        ("14:45", mei, cast.room_1.pk),
        ("14:50", None, cast.room_1.pk),
        ("14:50", None, None),
        ("14:55", lee, cast.room_4.pk),
        ("15:10", None, cast.room_4.pk),
    ]


@pytest.mark.parametrize("position", [1, 2, 4])
def test_another_providers_column_changes_the_provider_of_that_group(cast, client_of, position):
    """Needles in and turnover are in the column of whoever put the needles in."""
    booked = acupuncture(cast, cast.maria)
    starts = where(booked)[position - 1][0]
    assert dropped(
        client_of(cast.ana), booked, starts, position=position, column=cast.sam.practitioner.pk
    ).json()["ok"]
    sam, room = cast.sam.practitioner.pk, cast.room_1.pk
    assert [(who, there) for _clock, who, there in where(booked)] == [
        (sam, room), (None, room), (sam, room), (None, room), (None, room)
    ]  # fmt: skip


def test_the_room_is_kept_where_it_is_free_and_chosen_again_where_not(cast, client_of):
    booked = acupuncture(cast, cast.maria)
    acupuncture(cast, cast.tunde, "15:00", who=cast.sam)
    assert dropped(client_of(cast.ana), booked, "15:00").json()["ok"]
    assert {there for _clock, _who, there in where(booked)} == {cast.room_2.pk}


def test_in_rooms_a_drop_takes_that_room_and_no_other(cast, client_of):
    booked = acupuncture(cast, cast.maria)
    assert dropped(client_of(cast.ana), booked, "13:00", by="room", column=cast.room_3.pk).json()["ok"]
    assert {there for _clock, _who, there in where(booked)} == {cast.room_3.pk}
    acupuncture(cast, cast.tunde, "15:00", who=cast.sam, room=cast.room_2)
    booked.refresh_from_db()
    answer = dropped(client_of(cast.ana), booked, "15:00", by="room", column=cast.room_2.pk)
    assert (answer.status_code, answer.json()["ok"]) == (409, False)
    assert answer.json()["reasons"][0] == "Room 2 is taken from 3:00 pm. Room 1 is free."
    assert {there for _clock, _who, there in where(booked)} == {cast.room_3.pk}


def test_a_refusal_says_why_and_what_is_free_and_changes_nothing(cast, client_of):
    booked = acupuncture(cast, cast.maria)
    acupuncture(cast, cast.tunde, "15:00", room=cast.room_2)
    before = where(booked), Reservation.objects.count()
    answer = dropped(client_of(cast.ana), booked, "15:00")
    reasons = answer.json()["reasons"]
    assert (answer.status_code, reasons[0]) == (409, "Mei Tan, L.Ac. is taken from 3:00 pm.")
    assert reasons[1].startswith("Nearest free times: Tue Nov 24 ")
    assert (where(booked), Reservation.objects.count()) == before
    assert Change.objects.count() == 0


def test_a_provider_without_a_license_for_it_is_refused(cast, client_of):
    answer = dropped(
        client_of(cast.ana), acupuncture(cast, cast.maria), "13:00", column=cast.ken.practitioner.pk
    )
    assert answer.status_code == 422
    assert answer.json()["reasons"] == [
        "Ken Moss, L.Ac. has no valid license for this on that day. Choose another provider."
    ]


BAD = [
    ({"date": "2026-02-30"}, "Enter a valid date."),
    ({"time": "25:00"}, "Enter a valid time."),
    ({"time": "13:02"}, "Visits start on the full five minutes. Choose a time such as 1:05 pm."),
    (
        {"time": "08:00"},
        "This time is over. Choose a later one, or use “It happened” for a visit that took place.",
    ),
    ({"position": "77"}, "This visit has changed meanwhile. Look where it is now, then move it again."),
    ({"position": "x"}, "Enter a whole number."),
    ({"by": "patient"}, "Select a valid choice. patient is not one of the available choices."),
    ({"column": "9999999"}, "Ensure this value is less than or equal to 32767."),
    ({"request_key": ""}, "This page is out of date. Reload it and send the form again."),
]


@pytest.mark.parametrize("wrong, reason", BAD, ids=[str(wrong) for wrong, _reason in BAD])
def test_bad_drops_get_a_sentence_and_change_nothing(cast, client_of, wrong, reason):
    booked = acupuncture(cast, cast.maria)
    before = where(booked)
    values = {
        "date": "2026-11-24",
        "time": "14:00",
        "by": "provider",
        "position": 1,
        "version": booked.version,
    }
    answer = client_of(cast.ana).post(
        reverse("scheduling:drop", args=[booked.pk]), {"request_key": new_key(), **values, **wrong}
    )
    assert answer.status_code in (409, 422)
    assert answer.json()["reasons"] == [reason]
    assert where(booked) == before


def test_an_hour_that_clocks_skip_is_refused(cast, client_of):
    booked = acupuncture(cast, cast.maria)
    answer = dropped(client_of(cast.ana), booked, "02:30", day="2027-03-14")
    assert (answer.status_code, answer.json()["reasons"]) == (
        422,
        ["Clocks go forward that day and skip this time. Choose another one."],
    )


def test_ten_is_ten_on_the_other_side_of_a_clock_change(cast, client_of):
    booked = acupuncture(cast, cast.maria)
    assert dropped(client_of(cast.ana), booked, "10:15", day="2027-03-14", position=2).json()["ok"]
    booked.refresh_from_db()
    assert (booked.wall_date, f"{booked.wall_time:%H:%M}") == (date(2027, 3, 14), "10:00")
    assert [clock for clock, _who, _there in where(booked)] == ["10:00", "10:15", "10:45", "10:50", "10:55"]


def test_the_same_drop_twice_moves_once(cast, client_of):
    booked, key, client = acupuncture(cast, cast.maria), new_key(), client_of(cast.ana)
    first = dropped(client, booked, "14:00", request_key=key)
    again = dropped(client, booked, "14:00", request_key=key)
    assert (again.status_code, again.json()) == (200, first.json())
    assert Change.objects.count() == 1
    other = dropped(client, booked, "15:00", request_key=key)
    assert (other.status_code, other.json()["ok"]) == (422, False)


def test_a_drop_from_a_stale_page_is_refused(cast, client_of):
    booked, client = acupuncture(cast, cast.maria), client_of(cast.ana)
    assert dropped(client, booked, "14:00").json()["ok"]
    answer = dropped(client, booked, "15:00")
    assert answer.status_code == 409
    assert answer.json()["reasons"] == [
        "Somebody else changed this visit meanwhile. See how it stands now, then do it again."
    ]
    values = {
        "date": "2026-11-24",
        "time": "14:00",
        "by": "provider",
        "position": 1,
        "request_key": new_key(),
    }
    without = client.post(reverse("scheduling:drop", args=[booked.pk]), values)
    assert (without.status_code, without.json()["ok"]) == (428, False)


def test_what_cannot_move_stays(cast, client_of):
    booked = acupuncture(cast, cast.maria, "10:30", status=Status.IN_TREATMENT)
    answer = dropped(client_of(cast.ana), booked, "14:00")
    assert answer.json()["reasons"] == [
        "This visit is in treatment, so it cannot be moved. Book a new one instead."
    ]


def test_a_visit_of_somebody_elses_patient_is_not_there(cast, client_of):
    booked = acupuncture(cast, cast.maria)
    assert dropped(client_of(cast.hana), booked, "14:00").status_code == 404
    assert client_of(cast.ana).post(reverse("scheduling:drop", args=[uuid.uuid4()])).status_code == 404
    assert client_of(cast.ana).get(reverse("scheduling:drop", args=[booked.pk])).status_code == 405


# What fits


def fits(client, cast, **more):
    values = {"service": cast.service("adjustment").pk, "date": "2026-11-24", "by": "provider", **more}
    return client.get(reverse("scheduling:fits"), values)


def test_the_free_places_of_a_service_in_wall_clock_time(cast, client_of):
    found = fits(client_of(cast.ana), cast).json()["columns"]
    assert list(found) == [str(cast.daniel.practitioner.pk)]
    only = found[str(cast.daniel.practitioner.pk)]
    assert only["free"] == [{"start": "2026-11-24T10:45", "end": "2026-11-24T18:00"}]
    assert (only["starts"][0], only["starts"][-1]) == ("2026-11-24T10:45", "2026-11-24T17:45")


@pytest.mark.parametrize(
    "wrong", [{"service": ""}, {"service": 999}, {"date": "x"}, {"patient": "x"}, {"by": "x"}]
)
def test_what_fits_of_nothing_is_not_there(cast, client_of, wrong):
    assert fits(client_of(cast.ana), cast, **wrong).status_code == 404


def test_what_fits_somebody_who_may_not_be_seen_is_not_there(cast, client_of):
    assert fits(client_of(cast.ana), cast, patient=cast.priya.pk).status_code == 404
    assert fits(client_of(cast.ana), cast, patient=cast.maria.pk).status_code == 200


# Blocked time


def block(client, cast, **more):
    values = {
        "kind": "meeting",
        "date": "2026-11-24",
        "starts": "12:00",
        "ends": "12:30",
        "request_key": new_key(),
    }
    return client.post(
        reverse("scheduling:block"),
        {**values, "practitioner": cast.mei.practitioner.pk, "note": "Team", **more},
    )


def test_blocking_and_freeing_time(cast, client_of):
    client = client_of(cast.ana)
    answer = block(client, cast)
    made = Block.objects.get()
    shown = reverse("scheduling:remove_block", args=[made.pk])
    assert (answer.status_code, answer.url) == (302, shown + "?changed=1")
    assert (made.starts_at, made.ends_at) == (at("12:00", cast.uptown), at("12:30", cast.uptown))
    panel = client.get(answer.url, headers={"HX-Request": "true"})
    assert panel.headers["HX-Trigger"] == '{"calendar-changed": {}}'
    assert "HX-Trigger" not in client.get(shown).headers
    key = new_key()
    for _twice in range(2):
        freed = client.post(shown, {"request_key": key, "version": made.version})
        assert (freed.status_code, freed.url) == (freed.status_code, shown + "?changed=1")
    assert "This time is free again." in client.get(freed.url).content.decode()
    assert Reservation.objects.count() == 0


def test_the_form_begins_with_the_place_that_was_clicked(cast, client_of):
    room = cast.room_2.pk
    form = (
        client_of(cast.ana)
        .get(reverse("scheduling:block") + f"?date=2026-11-25&time=14:20&room={room}")
        .context["form"]
    )
    assert (form["date"].value(), form["starts"].value(), form["room"].value()) == (
        "2026-11-25",
        "14:20",
        str(room),
    )
    assert [next(iter(form.fields[name].choices)) for name in ("practitioner", "room")] == [
        ("", "Nobody"),
        ("", "No room"),
    ]
    today = client_of(cast.ana).get(reverse("scheduling:block")).context["form"]
    assert (str(today["date"].value()), f"{today['starts'].value():%H:%M}") == ("2026-11-24", "11:00")


def test_the_same_block_sent_twice_is_one(cast, client_of):
    client, key = client_of(cast.ana), new_key()
    first, again = block(client, cast, request_key=key), block(client, cast, request_key=key)
    assert (again.status_code, again.url) == (303, first.url)
    assert Block.objects.count() == 1


BAD_BLOCKS = [
    ({"ends": "11:00"}, "This is not after the start. Choose a later time."),
    ({"starts": "12:02"}, "Blocked time starts and ends on the full five minutes."),
    ({"date": "2026-11-23"}, "This time is over. Choose a later one."),
    ({"practitioner": ""}, "Choose a provider, a room or both."),
    ({"practitioner": "x"}, "Select a valid choice. That choice is not one of the available choices."),
    ({"date": "2026-02-30"}, "Enter a valid date."),
    ({"note": "n" * 201}, "Ensure this value has at most 200 characters (it has 201)."),
    (
        {"starts": "13:00", "ends": "13:30"},
        "There is a visit or another block at that time. Move it first, or choose another time.",
    ),
]


@pytest.mark.parametrize("wrong, reason", BAD_BLOCKS, ids=[str(list(wrong)) for wrong, _reason in BAD_BLOCKS])
def test_bad_blocks_get_a_sentence_and_keep_what_was_typed(cast, client_of, wrong, reason):
    acupuncture(cast, cast.maria)
    answer = block(client_of(cast.ana), cast, **wrong)
    assert answer.status_code in (409, 422)
    form = answer.context["form"]
    said = [error for errors in form.errors.values() for error in errors]
    assert [*said, *answer.context["reasons"]] == [reason]
    assert form["note"].value() == wrong.get("note", "Team")
    assert Block.objects.count() == 0


def test_a_block_ends_with_the_day(cast, client_of):
    block(client_of(cast.ana), cast, starts="21:00", ends="00:00")
    assert Block.objects.get().ends_at == at("00:00", cast.uptown, "2026-11-25")


def test_a_room_or_provider_of_another_location_cannot_be_blocked(cast, client_of):
    for wrong in ({"room": cast.harbor_1.pk}, {"practitioner": cast.theo.practitioner.pk}):
        assert block(client_of(cast.ana), cast, **wrong).status_code == 422


def test_a_block_of_another_location_is_not_there(cast, client_of):
    block(client_of(cast.ana), cast)
    shown = reverse("scheduling:remove_block", args=[Block.objects.get().pk])
    assert client_of(cast.hana).get(shown).status_code == 404
    assert client_of(cast.hana).post(shown, {"request_key": new_key()}).status_code == 404
    assert client_of(cast.rita).get(shown).status_code == 403


def test_freeing_what_is_free_already_is_refused(cast, client_of):
    client = client_of(cast.ana)
    block(client, cast)
    shown = reverse("scheduling:remove_block", args=[Block.objects.get().pk])
    assert client.post(shown, {"request_key": new_key()}).status_code == 302
    assert client.post(shown, {"request_key": new_key()}).status_code == 409
