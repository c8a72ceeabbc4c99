"""The booking panel as its pages answer: opened by a name or a place, offers, booking once, losing well."""

import re
from datetime import datetime
from html import unescape

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.submissions import new_key
from scheduling.actions.booking import Wanted, book
from scheduling.models import Appointment, Change, Reservation, Status

pytestmark = pytest.mark.django_db
BOOK, OFFERS, HAPPENED = "/calendar/book/", "/calendar/book/offers/", "/calendar/happened/"
PANEL = {"HX-Request": "true"}


def tomorrow(cast, hour, minute=0):
    return datetime(2026, 11, 25, hour, minute, tzinfo=cast.uptown.tz)


def offered(answer):
    """[(value, time, people and rooms)] of the radio buttons."""
    text = unescape(answer.content.decode())
    rows = re.findall(r'<label class="offer">.*?</label>', text, re.S)
    return [
        (
            re.search(r'value="([^"]*)"', row)[1],
            plain(
                re.search(
                    r'<span class="offer-when">(.*?)</span>\s*(?:<span class="offer-who|</span>)', row, re.S
                )[1]
            ),
            [plain(line) for line in re.findall(r'<span class="offer-who">(.*?)</span>', row, re.S)],
        )
        for row in rows
    ]


def plain(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def sentences(answer):
    """What the page says at the top: refusals and notices."""
    text = unescape(answer.content.decode())
    found = re.findall(r'class="refusal".*?<ul>(.*?)</ul>', text, re.S)
    lines = [line for block in found for line in re.findall(r"<li>(.*?)</li>", block, re.S)]
    remarks = re.findall(r'notice-warn" role="status">(.*?)</div></div>', text, re.S)
    assert len(remarks) <= 1  # several remarks stand in one notice
    return [plain(line) for line in lines + re.findall(r"<p.*?>(.*?)</p>", "".join(remarks), re.S)]


def form(cast, **changes):
    patient = changes.pop("who", cast.maria)
    service = cast.service(changes.pop("what", "acupuncture_follow_up"))
    return {"patient": patient.pk, "service": service.pk, "request_key": new_key(), **changes}


def value(cast, hour, minute=0, what="acupuncture_follow_up", choice=None):
    """An offer of tomorrow as the form carries it; local time is five hours behind UTC."""
    choice = choice or f"{cast.mei.practitioner.pk};{cast.room_1.pk}"
    return f"{cast.service(what).pk}|2026-11-25T{hour + 5:02}:{minute:02}Z|{choice}"


def taken(cast, hour=9, minute=0, **more):
    wanted = Wanted(
        cast.tunde,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        tomorrow(cast, hour, minute),
        practitioners=(cast.mei.practitioner.pk,),
        rooms=(cast.room_1.pk,),
        **more,
    )
    (visit,) = book(by=cast.ana, wanted=[wanted])
    return visit


# Opening


def test_without_a_name_the_panel_asks_for_whom_and_keeps_the_place(cast, client_of):
    asked = {"date": "2026-11-25", "time": "10:15", "provider": cast.mei.practitioner.pk}
    answer = client_of(cast.ana).get(BOOK, asked, headers=PANEL)
    assert answer.status_code == 200
    assert (
        answer.context["next"] == f"{BOOK}?date=2026-11-25&time=10%3A15&provider={cast.mei.practitioner.pk}"
    )
    assert plain(answer.content.decode()).count("For Wed Nov 25, 10:15 am.") == 1
    assert answer.content.decode().count("<html") == 0


def test_a_place_that_is_none_is_not_said(cast, client_of):
    asked = {"date": "2026-02-30", "time": "²"}
    answer = client_of(cast.ana).get(BOOK, asked, headers=PANEL)
    assert (answer.status_code, answer.context["asked_for"]) == (200, "")


def test_without_a_script_the_name_is_looked_for_on_the_page(cast, client_of):
    answer = client_of(cast.ana).get(BOOK, {"q": "okafor", "date": "2026-11-25"})
    assert answer.content.decode().count("<html") == 1
    assert [url for _hit, url in answer.context["hits"]] == [
        f"{BOOK}?date=2026-11-25&patient={cast.tunde.pk}"
    ]


def test_a_free_place_is_the_first_offer(cast, client_of):
    asked = {
        "patient": cast.maria.pk,
        "service": cast.service("massage").pk,
        "date": "2026-11-25",
        "time": "10:10",
        "provider": cast.jo.practitioner.pk,
    }
    answer = client_of(cast.ana).get(BOOK, asked, headers=PANEL)
    assert offered(answer)[0][1:] == ("Wed Nov 25, 10:10 to 11:00 am", ["Room 6 · Jo"])
    assert answer.headers["HX-Trigger"] == (
        f'{{"service-chosen": {{"service": {cast.service("massage").pk}, "patient": "{cast.maria.pk}",'
        f' "provider": {cast.jo.practitioner.pk}}}}}'
    )


def test_a_free_place_of_a_room_offers_that_room(cast, client_of):
    asked = {
        "patient": cast.maria.pk,
        "service": cast.service("acupuncture_follow_up").pk,
        "date": "2026-11-25",
        "time": "10:00",
        "room": cast.room_3.pk,
    }
    answer = client_of(cast.ana).get(BOOK, asked, headers=PANEL)
    assert offered(answer)[0][1:] == ("Wed Nov 25, 10:00 to 10:55 am", ["Room 3 · Mei"])


def test_the_panel_starts_from_what_a_patient_usually_comes_for(cast, client_of):
    taken(cast)
    cast.tunde.prefers_time = "afternoon"
    cast.tunde.save()
    answer = client_of(cast.ana).get(BOOK, {"patient": cast.tunde.pk}, headers=PANEL)
    filled = {name: answer.context["form"][name].value() for name in ("service", "time_of_day", "provider")}
    assert filled == {
        "service": str(cast.service("acupuncture_follow_up").pk),
        "time_of_day": "afternoon",
        "provider": str(cast.mei.practitioner.pk),
    }
    assert answer.context["about"] == ["54 years", "prefers afternoons", "usually with Mei"]
    assert offered(answer)[0][1:] == ("Tue Nov 24, 12:00 to 12:55 pm", ["Room 1 · Mei"])


def test_looking_a_patient_up_for_booking_is_written_down_once(cast, client_of):
    client_of(cast.ana).get(BOOK, {"patient": cast.maria.pk}, headers=PANEL)
    events = AuditEvent.objects.filter(patient=cast.maria.pk).values_list("by", "verb", "object")
    assert list(events) == [(cast.ana.pk, "read", f"patients.patient:{cast.maria.pk}")]


def test_a_patient_of_another_place_is_not_here(cast, client_of):
    for url in (BOOK, OFFERS, HAPPENED):
        assert client_of(cast.ana).get(url, {"patient": cast.priya.pk}).status_code == 404
        assert client_of(cast.ana).get(url, {"patient": "not-an-id"}).status_code == 404


@pytest.mark.parametrize("person", ["rita", "dana"])
def test_patients_and_former_staff_do_not_book_here(cast, client_of, person):
    for url in (BOOK, OFFERS, HAPPENED):
        assert client_of(getattr(cast, person)).get(url, {"patient": cast.rita.pk}).status_code == 403
        assert client_of(getattr(cast, person)).post(url, {"patient": cast.rita.pk}).status_code in (403, 405)


# Offers


def test_offers_are_sentences_and_the_first_is_chosen(cast, client_of):
    asked = {
        "patient": cast.maria.pk,
        "service": cast.service("acupuncture_adjustment").pk,
        "date": "2026-11-26",
    }
    answer = client_of(cast.ana).get(OFFERS, asked, headers=PANEL)
    assert [row[1:] for row in offered(answer)] == [
        ("Thu Nov 26, 8:00 to 9:10 am", ["Room 1, then Room 4 · Mei 8:00, then Dr. Lee 8:55"]),
        ("Thu Nov 26, 9:30 to 10:40 am", ["Room 1, then Room 4 · Mei 9:30, then Dr. Lee 10:25"]),
        ("Fri Nov 27, 8:00 to 9:10 am", ["Room 1, then Room 4 · Mei 8:00, then Dr. Lee 8:55"]),
    ]
    assert answer.context["chosen"]["sentence"] == (
        "Thursday, November 26, at 8:00 am with Mei, then Dr. Lee, done by 9:10."
    )
    assert [(group["label"], len(group["choices"])) for group in answer.context["chosen"]["groups"]] == [
        ("Acupuncture with", 2),
        ("Adjustment with", 1),
        ("Acupuncture in", 3),
        ("Adjustment in", 2),
    ]


def test_more_times(cast, client_of):
    asked = {"patient": cast.maria.pk, "service": cast.service("massage").pk, "more": 1}
    assert len(offered(client_of(cast.ana).get(OFFERS, asked, headers=PANEL))) == 12


def test_wishes_are_obeyed(cast, client_of):
    asked = {
        "patient": cast.maria.pk,
        "service": cast.service("acupuncture_follow_up").pk,
        "day": "0",
        "time_of_day": "afternoon",
        "provider": cast.sam.practitioner.pk,
    }
    answer = client_of(cast.ana).get(OFFERS, asked, headers=PANEL)
    assert [row[1:] for row in offered(answer)] == [
        ("Mon Nov 30, 12:00 to 12:55 pm", ["Room 1 · Sam"]),
        ("Mon Nov 30, 1:30 to 2:25 pm", ["Room 1 · Sam"]),
    ]


def test_choosing_another_time_asks_for_what_belongs_to_it(cast, client_of):
    asked = {
        "patient": cast.maria.pk,
        "service": cast.service("acupuncture_follow_up").pk,
        "offer": value(cast, 14),
    }
    headers = {**PANEL, "HX-Target": "chosen"}
    answer = client_of(cast.ana).get(OFFERS, asked, headers=headers)
    assert answer.context["chosen"]["sentence"] == (
        "Wednesday, November 25, at 2:00 pm with Mei, done by 2:55."
    )
    assert offered(answer) == []


def test_without_a_service_nothing_is_asked_of_the_database_for_times(cast, client_of):
    answer = client_of(cast.ana).get(OFFERS, {"patient": cast.maria.pk, "service": ""}, headers=PANEL)
    assert (answer.status_code, offered(answer)) == (200, [])


@pytest.mark.parametrize("visits", [0, 3])
def test_statements_of_the_panel_and_of_the_offers(cast, client_of, django_assert_num_queries, visits):
    for number in range(visits):
        taken(cast, hour=9 + number * 2)
    client = client_of(cast.ana)
    asked = {"patient": cast.tunde.pk, "service": cast.service("acupuncture_adjustment").pk}
    with django_assert_num_queries(26 if visits else 25):
        client.get(BOOK, asked, headers=PANEL)
    with django_assert_num_queries(21):
        client.get(OFFERS, asked, headers=PANEL)


# Booking


def test_booking_leads_to_the_visit_whose_panel_tells_the_calendar(cast, client_of):
    client = client_of(cast.ana)
    answer = client.post(BOOK, form(cast, offer=value(cast, 9), note="brings a film"))
    visit = Appointment.objects.get()
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        reverse("scheduling:visit", args=[visit.pk]),
    )
    assert (visit.starts_at, visit.note, visit.status) == (tomorrow(cast, 9), "brings a film", Status.BOOKED)
    shown = client.get(answer.headers["Location"], headers=PANEL)
    assert shown.headers["HX-Trigger"] == '{"calendar-changed": {}}'
    change = Change.objects.get(appointment=visit)
    assert shown.content.decode().count(f'action="/calendar/undo/{change.pk}/" data-undo="20"') == 1
    assert plain(re.search(r'class="toast-text">(.*?)<form', shown.content.decode(), re.S)[1]) == (
        "Booked: Maria, Wed Nov 25, 9:00 to 9:55 am."
    )
    assert "HX-Trigger" not in client.get(answer.headers["Location"], headers=PANEL).headers


def test_a_hold_runs_out_by_itself(cast, client_of):
    client_of(cast.ana).post(BOOK, form(cast, offer=value(cast, 9), do="hold"))
    assert list(Appointment.objects.values_list("status", "held_until")) == [
        (Status.HELD, datetime(2026, 11, 24, 10, 52, tzinfo=cast.uptown.tz))
    ]


def test_the_same_form_twice_books_once_and_leads_to_the_same_place(cast, client_of):
    client, body = client_of(cast.ana), form(cast, offer=value(cast, 9))
    first, second = client.post(BOOK, body), client.post(BOOK, body)
    assert Appointment.objects.count() == 1
    assert (second.status_code, second.headers["Location"]) == (303, first.headers["Location"])


def test_the_same_key_with_another_body_is_refused(cast, client_of):
    client, body = client_of(cast.ana), form(cast, offer=value(cast, 9))
    client.post(BOOK, body)
    answer = client.post(BOOK, {**body, "offer": value(cast, 14)})
    assert (answer.status_code, Appointment.objects.count()) == (422, 1)
    assert sentences(answer) == [
        "This form was already sent with other values. Reload the page to start again."
    ]


def test_who_was_faster_leaves_the_nearest_times_and_what_was_typed(cast, client_of):
    taken(cast)
    asked = form(
        cast, offer=value(cast, 9), note="brings a film", time_of_day="morning", where_0=cast.room_2.pk
    )
    answer = client_of(cast.ana).post(BOOK, asked)
    assert (answer.status_code, sentences(answer)) == (409, ["Mei Tan, L.Ac. is taken from 9:00 am."])
    assert [row[1:] for row in offered(answer)] == [
        ("Wed Nov 25, 8:45 to 9:40 am", ["Room 2 · Mei"]),
        ("Wed Nov 25, 9:15 to 10:10 am", ["Room 2 · Mei"]),
        ("Wed Nov 25, 8:30 to 9:25 am", ["Room 2 · Mei"]),
        ("Wed Nov 25, 9:00 to 9:55 am taken: double-book on purpose", ["Room 1 · Mei"]),
    ]
    assert answer.content.decode().count(" checked") == 0
    filled = {name: answer.context["form"][name].value() for name in ("note", "time_of_day")}
    assert filled == {"note": "brings a film", "time_of_day": "morning"}
    assert Appointment.objects.count() == 1


def test_after_a_refusal_the_form_can_be_sent_again(cast, client_of):
    taken(cast)
    client, body = client_of(cast.ana), form(cast, offer=value(cast, 9), where_0=cast.room_2.pk)
    assert client.post(BOOK, body).status_code == 409
    assert client.post(BOOK, {**body, "offer": value(cast, 11)}).status_code == 303


def test_a_suggested_room_gives_way_and_a_chosen_one_does_not(cast, client_of):
    taken(cast)
    sam = f"{cast.sam.practitioner.pk};{cast.room_1.pk}"
    client = client_of(cast.ana)
    suggested = form(cast, offer=value(cast, 9, choice=sam))
    client.post(BOOK, suggested)
    assert Reservation.objects.filter(appointment__patient=cast.maria, room=cast.room_2).exists()
    by_hand = form(
        cast, who=cast.marta, offer=value(cast, 9, 15, choice=f"{cast.sam.practitioner.pk};{cast.room_3.pk}")
    )
    answer = client.post(BOOK, {**by_hand, "where_0": cast.room_1.pk})
    assert (answer.status_code, sentences(answer)) == (409, ["Room 1 is taken from 9:15 am. Room 3 is free."])


def test_another_provider_can_be_chosen_by_hand(cast, client_of):
    body = form(cast, offer=value(cast, 9), who_0=cast.sam.practitioner.pk, where_0=cast.room_1.pk)
    client_of(cast.ana).post(BOOK, body)
    people = Reservation.objects.exclude(practitioner=None).values_list("practitioner", flat=True)
    assert set(people) == {cast.sam.practitioner.pk}


def test_double_booking_takes_a_reason_and_stays_visible(cast, client_of):
    taken(cast)
    client = client_of(cast.ana)
    body = form(cast, offer=value(cast, 9, 10), overbook_reason="car crash, in pain", where_0=cast.room_2.pk)
    answer = client.post(BOOK, body)
    assert answer.status_code == 303
    visit = Appointment.objects.get(patient=cast.maria)
    assert (visit.overbooked_reason, visit.overbooked_by) == ("car crash, in pain", cast.ana)
    shown = client.get(answer.headers["Location"]).content.decode()
    assert shown.count("double-booked on purpose") == 1


def test_an_exact_time_can_be_typed_without_choosing(cast, client_of):
    body = form(cast, date="2026-11-25", time="10:05", provider=cast.sam.practitioner.pk)
    assert client_of(cast.ana).post(BOOK, body).status_code == 303
    visit = Appointment.objects.get()
    assert visit.starts_at == tomorrow(cast, 10, 5)
    people = Reservation.objects.exclude(practitioner=None).values_list("practitioner", flat=True)
    assert set(people) == {cast.sam.practitioner.pk}


def test_a_time_found_for_another_service_is_not_booked(cast, client_of):
    body = form(cast, what="massage", offer=value(cast, 9))
    answer = client_of(cast.ana).post(BOOK, body)
    assert (answer.status_code, Appointment.objects.count()) == (422, 0)
    assert sentences(answer)[0] == "Time : The service or the people have changed. Choose a time again."


def test_a_family_is_booked_in_one_go(cast, client_of):
    client = client_of(cast.ana)
    asked = {
        "patient": cast.iris.pk,
        "service": cast.service("adjustment").pk,
        "also": [cast.leo.pk, cast.mia.pk],
        "how": "back",
        "date": "2026-11-25",
    }
    offer = offered(client.get(OFFERS, asked, headers=PANEL))[0]
    assert offer[1:] == (
        "Wed Nov 25, 8:00 to 8:45 am",
        [
            "Iris 8:00 to 8:15 am · Room 4 · Dr. Lee",
            "Leo 8:15 to 8:30 am · Room 5 · Dr. Lee",
            "Mia 8:30 to 8:45 am · Room 4 · Dr. Lee",
        ],
    )
    answer = client.post(BOOK, {**asked, "offer": offer[0], "request_key": new_key()})
    assert answer.status_code == 303
    booked = Appointment.objects.order_by("starts_at").values_list("patient", "starts_at")
    assert list(booked) == [
        (cast.iris.pk, tomorrow(cast, 8)),
        (cast.leo.pk, tomorrow(cast, 8, 15)),
        (cast.mia.pk, tomorrow(cast, 8, 30)),
    ]
    shown = client.get(answer["Location"], headers=PANEL).content.decode()
    assert plain(re.search(r'class="toast-text">(.*?)</div>', shown, re.S)[1]) == (
        "Booked: Iris, Leo and Mia, Wed Nov 25, 8:00 to 8:45 am. Each visit has its own Undo."
    )


def test_a_family_loses_as_a_whole(cast, client_of):
    client = client_of(cast.ana)
    daniel = f"{cast.daniel.practitioner.pk};{cast.room_4.pk}"
    wanted = Wanted(cast.tunde, cast.service("adjustment"), cast.uptown, tomorrow(cast, 8, 15))
    book(by=cast.ana, wanted=[wanted])
    service = cast.service("adjustment").pk
    body = form(cast, who=cast.iris, what="adjustment", also=[cast.leo.pk], how="back")
    answer = client.post(
        BOOK, {**body, "offer": f"{service}|2026-11-25T13:00Z|{daniel} 2026-11-25T13:15Z|{daniel}"}
    )
    assert (answer.status_code, Appointment.objects.count()) == (409, 1)
    assert sentences(answer)[0] == "Daniel Lee, D.C. is taken from 8:15 am."


# It happened


def test_what_happened_is_entered_with_its_reason(cast, client_of):
    client = client_of(cast.ana)
    body = {
        "patient": cast.maria.pk,
        "service": cast.service("acupuncture_follow_up").pk,
        "date": "2026-11-23",
        "time": "09:00",
        "reason": "computer was down",
        "who_0": cast.mei.practitioner.pk,
        "where_0": cast.room_1.pk,
        "request_key": new_key(),
    }
    answer = client.post(HAPPENED, body)
    visit = Appointment.objects.get()
    assert (answer.status_code, visit.status) == (303, Status.COMPLETED)
    assert visit.entered_later_reason == "computer was down"
    assert client.get(answer.headers["Location"]).content.decode().count("entered later") == 1


def test_what_happened_names_whom_the_service_needs(cast, client_of):
    asked = {"patient": cast.maria.pk, "service": cast.service("acupuncture_adjustment").pk}
    answer = client_of(cast.ana).get(HAPPENED, asked, headers=PANEL)
    assert [field.label for field in answer.context["groups"]] == [
        "Acupuncture with",
        "Adjustment with",
        "Acupuncture in",
        "Adjustment in",
    ]


def test_what_happened_needs_a_reason_and_must_be_over(cast, client_of):
    client = client_of(cast.ana)
    body = {
        "patient": cast.maria.pk,
        "service": cast.service("massage").pk,
        "date": "2026-11-24",
        "time": "10:30",
    }
    answer = client.post(HAPPENED, {**body, "request_key": new_key()})
    assert (answer.status_code, sentences(answer)) == (
        422,
        ["Say why it is entered later, for example “walk-in” or “computer was down”."],
    )
    answer = client.post(HAPPENED, {**body, "reason": "walk-in", "request_key": new_key()})
    assert (answer.status_code, sentences(answer)) == (
        422,
        ["This visit is not over yet. Book it, or enter it when it is over."],
    )
    assert Appointment.objects.count() == 0
