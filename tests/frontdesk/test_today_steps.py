"""What the buttons of the Today board do, sent as a browser sends them."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse

from clinic.submissions import new_key
from patients.models import Patient
from scheduling.actions.steps import check_in
from scheduling.models import ActualTime, Appointment, PartStatus, Status
from tests.frontdesk.test_today import acupuncture, adjustment, in_treatment
from tests.outcomes.rows import a_check
from tests.rows import at, visit

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def send(client, name, row, **fields):
    pk = getattr(row, "pk", row)
    url = reverse(f"frontdesk:{name}", args=[pk] if pk else [])
    return client.post(url, {"request_key": new_key(), **fields})


def stands(row):
    row.refresh_from_db()
    return row.status


def stamped(row):
    return sorted(ActualTime.objects.filter(appointment=row).values_list("what", flat=True))


def test_check_in_asks_the_birth_date_and_keeps_what_was_typed(cast, client_of):
    row, client = acupuncture(cast, cast.maria, "10:45", cast.room_1), client_of(cast.ana)
    answer = send(client, "check_in", row, born="3/19/1985")
    assert (answer.status_code, stands(row)) == (422, Status.BOOKED)
    assert answer.context["form"]["born"].value() == "3/19/1985"
    answer = send(client, "check_in", row, born="3/14/1985")
    assert (answer.status_code, stands(row)) == (303, Status.ARRIVED)


def test_an_impossible_birth_date_is_said_beside_the_field(cast, client_of):
    row = acupuncture(cast, cast.maria, "10:45", cast.room_1)
    answer = send(client_of(cast.ana), "check_in", row, born="31/31/31")
    assert answer.status_code == 422
    assert answer.context["form"].errors["born"] == [
        "This is not a date. Write month/day/year, for example 3/14/1987."
    ]


def test_check_in_names_who_can_be_taken_for_this_patient(cast, client_of):
    row = acupuncture(cast, cast.maria, "10:45", cast.room_1)
    adjustment(cast, cast.marta, "11:00")
    page = client_of(cast.ana).get(reverse("frontdesk:check_in", args=[row.pk]))
    assert page.context["twins"] == [("Garcia, Marta", at("11:00", cast.uptown))]


def test_check_in_says_that_a_score_check_is_due_and_nothing_of_it(cast, client_of):
    row, ana = acupuncture(cast, cast.maria, "10:45", cast.room_1), client_of(cast.ana)
    address = reverse("frontdesk:check_in", args=[row.pk])
    assert ana.get(address).context["score_check_due"] is False
    a_check(cast, "PHQ2")
    page = ana.get(address)
    assert page.context["score_check_due"] is True
    assert reverse("outcomes:hand", args=[cast.maria.pk]) in page.content.decode()
    assert "PHQ" not in page.content.decode()


def test_whoever_may_come_along_is_a_button(cast, client_of):
    row, client = adjustment(cast, cast.leo, "10:45"), client_of(cast.ana)
    page = client.get(reverse("frontdesk:check_in", args=[row.pk]))
    assert [one.name for one in page.context["companions"]] == ["Iris Cole", "Nora Cole"]
    send(client, "check_in", row, born="2/8/2017", companion="Nora Cole")
    row.refresh_from_db()
    assert (row.status, row.came_with) == (Status.ARRIVED, "Nora Cole")


def test_a_family_is_checked_in_at_once_with_who_came(cast, client_of):
    iris, leo = adjustment(cast, cast.iris, "11:00"), adjustment(cast, cast.leo, "11:20")
    born = {f"born-{iris.pk}": "5/30/1988", f"born-{leo.pk}": "2/8/2017"}
    household, client = cast.iris.household_id, client_of(cast.ana)
    answer = send(client, "check_in_all", household, **born)
    assert (answer.status_code, stands(iris), stands(leo)) == (422, Status.BOOKED, Status.BOOKED)
    answer = send(client, "check_in_all", household, companion="Iris Cole", **born)
    assert (answer.status_code, stands(iris), stands(leo)) == (303, Status.ARRIVED, Status.ARRIVED)


def test_a_step_is_one_tap_and_says_so_with_undo(cast, client_of):
    row, client = acupuncture(cast, cast.maria, "10:45", cast.room_1), client_of(cast.ana)
    check_in(by=cast.ana, pk=row.pk, checked_another_way=True)
    answer = send(client, "step", row, what="in_room")
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        f"{reverse('frontdesk:today')}?visit={row.pk}",
    )
    (message,) = get_messages(answer.wsgi_request)
    change = row.changes.get(verb="step")
    assert "Garcia, Maria: in room Room 1" in message.message
    assert reverse("scheduling:undo", args=[change.pk]) in message.message


def test_the_same_tap_sent_twice_counts_once(cast, client_of):
    row, client, key = acupuncture(cast, cast.maria, "10:45", cast.room_1), client_of(cast.ana), new_key()
    check_in(by=cast.ana, pk=row.pk, checked_another_way=True)
    url = reverse("frontdesk:step", args=[row.pk])
    answers = [client.post(url, {"request_key": key, "what": "in_room"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert stamped(row) == ["arrived", "in_room"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"what": "dance"},
        {"what": "in_room", "room": "x"},
        {"what": "in_room", "room": "999"},
        {"what": "in_room", "part": "nobody"},
        {"what": "x" * 10_000},
    ],
)
def test_a_tap_that_makes_no_sense_changes_nothing(cast, client_of, fields):
    row, client = acupuncture(cast, cast.maria, "10:45", cast.room_1), client_of(cast.ana)
    check_in(by=cast.ana, pk=row.pk, checked_another_way=True)
    assert send(client, "step", row, **fields).status_code == 422
    assert stamped(row) == ["arrived"]


def test_a_time_is_corrected_on_its_page(cast, client_of, now):
    row, client = acupuncture(cast, cast.maria, "10:45", cast.room_1), client_of(cast.ana)
    check_in(by=cast.ana, pk=row.pk, checked_another_way=True)
    page = client.get(reverse("frontdesk:times", args=[row.pk]))
    ((fact, words, _at),) = page.context["facts"]
    assert words == "arrived"
    assert send(client, "times", row, fact=fact, clock="11:59 pm").status_code == 422
    with time_machine.travel(now + timedelta(seconds=5), tick=False):
        assert send(client, "times", row, fact=fact, clock="10:31").status_code == 303
    page = client.get(reverse("frontdesk:times", args=[row.pk]))
    assert [one[2] for one in page.context["facts"]] == [at("10:31", cast.uptown)]


def test_another_room_keeps_the_clock(cast, client_of):
    row, client = acupuncture(cast, cast.maria, "10:40", cast.room_1), client_of(cast.ana)
    in_treatment(cast, row, "needles_in")
    page = client.get(reverse("frontdesk:room", args=[row.pk]))
    assert [tile.name for tile in page.context["tiles"]] == ["Room 2", "Room 3"]
    assert send(client, "room", row, room=cast.room_2.pk).status_code == 303
    board = client.get(reverse("frontdesk:today")).context["board"]
    (tile,) = [tile for tile in board.tiles if tile.state == "on"]
    assert (tile.name, tile.line.minutes_left) == ("Room 2", 30)


def test_unwell_offers_needles_out_and_closes_what_will_not_happen(cast, client_of):
    row, client = integrated(cast, "10:40"), client_of(cast.ana)
    in_treatment(cast, row, "needles_in")
    answer = send(client, "unwell", row)
    assert answer.headers["Location"] == reverse("frontdesk:unwell", args=[row.pk])
    panel = client.get(answer.headers["Location"])
    assert (panel.context["needles_in"], panel.context["open"]) == (True, [])
    send(client, "step", row, what="needles_out")
    panel = client.get(answer.headers["Location"])
    (part,) = panel.context["open"]
    assert part.name == "Adjustment"
    assert send(client, "untreated", row, part=part.id, reason="unwell").status_code == 303
    assert list(row.parts.order_by("position").values_list("status", "reason")) == [
        (PartStatus.DONE, ""),
        (PartStatus.NOT_DONE, "unwell"),
    ]
    board = client.get(reverse("frontdesk:today")).context["board"]
    assert [(need.kind, need.count) for need in board.needs] == [("unwell", 1)]
    assert send(client, "step", row, what="leave").status_code == 303
    assert stands(row) == Status.COMPLETED


def integrated(cast, clock):
    return visit(
        cast.tunde,
        cast.service("acupuncture_adjustment"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"acupuncture": cast.mei.practitioner, "chiropractic": cast.daniel.practitioner},
        rooms={"treatment": cast.room_2, "adjusting": cast.room_4},
    )


def test_a_part_of_another_visit_is_not_found(cast, client_of):
    row, other = integrated(cast, "10:40"), acupuncture(cast, cast.maria, "12:00", cast.room_1)
    answer = send(client_of(cast.ana), "untreated", row, part=other.parts.get().pk, reason="unwell")
    assert answer.status_code == 404


def test_longer_shows_who_is_touched_and_up_to_three_ways_out(cast, client_of):
    row, client = acupuncture(cast, cast.maria, "10:10", cast.room_1), client_of(cast.ana)
    following = acupuncture(cast, cast.rita, "11:10", cast.room_1, cast.sam)
    in_treatment(cast, row, "needles_in")
    answer = send(client, "longer", row, minutes="10")
    page = client.get(answer.headers["Location"])
    assert [one.pk for one in page.context["touched"]] == [following.pk]
    ways = page.context["ways"]
    assert [way.kind for way in ways] == ["other_room", "later", "other_provider"][: len(ways)]
    assert ways[0].words == "Room 2 instead, at 11:10 am as promised, with Sam Park, L.Ac."
    assert take(client, ways[0]).status_code == 303
    assert set(following.reservations.values_list("room", flat=True)) == {cast.room_2.pk}
    page = client.get(answer.headers["Location"])
    assert page.context["touched"] == []


def take(client, way):
    return send(
        client,
        "late",
        way.visit,
        version=way.version,
        starts_at=way.starts_at.isoformat(),
        practitioners=",".join(map(str, way.practitioners)),
        rooms=",".join(map(str, way.rooms)),
        **({"minutes": way.minutes} if way.minutes else {}),
    )


def test_longer_before_anything_goes_on_says_what_to_do(cast, client_of):
    row = acupuncture(cast, cast.maria, "10:45", cast.room_1)
    assert send(client_of(cast.ana), "longer", row, minutes="5").status_code == 422
    assert send(client_of(cast.ana), "longer", row, minutes="500").status_code == 422


def test_late_offers_fewer_minutes_of_needles_first(cast, client_of):
    row, client = acupuncture(cast, cast.maria, "10:30", cast.room_1), client_of(cast.ana)
    page = client.get(reverse("frontdesk:late", args=[row.pk]))
    ways = page.context["ways"]
    assert [way.kind for way in ways] == ["shorter", "later"]
    assert ways[0].words == "Start at 10:45 am with 15 min of needles, done by 11:25 am as promised"
    assert take(client, ways[0]).status_code == 303
    row.refresh_from_db()
    assert (row.starts_at, row.ends_at) == (at("10:45", cast.uptown), at("11:25", cast.uptown))


def test_late_with_stale_version_shows_how_it_stands(cast, client_of):
    row, client = acupuncture(cast, cast.maria, "10:30", cast.room_1), client_of(cast.ana)
    (way, *_rest) = client.get(reverse("frontdesk:late", args=[row.pk])).context["ways"]
    check_in(by=cast.ana, pk=row.pk, checked_another_way=True)
    answer = take(client, way)
    assert answer.status_code == 409
    assert answer.context["ways"][0].version == way.version + 1


def test_early_starts_now_if_room_and_hands_are_free(cast, client_of):
    row, client = acupuncture(cast, cast.maria, "11:10", cast.room_1), client_of(cast.ana)
    check_in(by=cast.ana, pk=row.pk, checked_another_way=True)
    assert send(client, "early", row).status_code == 303
    row.refresh_from_db()
    assert (row.status, row.starts_at) == (Status.IN_TREATMENT, at("10:40", cast.uptown))
    assert stamped(row) == ["arrived", "in_room"]


def test_early_says_why_not(cast, client_of):
    row, client = acupuncture(cast, cast.maria, "11:10", cast.room_1), client_of(cast.ana)
    acupuncture(cast, cast.rita, "10:40", cast.room_2)
    check_in(by=cast.ana, pk=row.pk, checked_another_way=True)
    answer = send(client, "early", row)
    assert (answer.status_code, answer.context["reasons"]) == (
        409,
        ["Mei Tan, L.Ac. is taken from 10:40 am."],
    )
    assert stands(row) == Status.ARRIVED


def test_early_is_undone_as_a_whole(cast, client_of, now):
    row, client = acupuncture(cast, cast.maria, "11:10", cast.room_1), client_of(cast.ana)
    check_in(by=cast.ana, pk=row.pk, checked_another_way=True)
    with time_machine.travel(now + timedelta(seconds=5), tick=False):
        send(client, "early", row)
    with time_machine.travel(now + timedelta(seconds=9), tick=False):
        change = row.changes.get(verb="move")
        client.post(reverse("scheduling:undo", args=[change.pk]), {"request_key": new_key()})
    row.refresh_from_db()
    assert (row.status, row.starts_at) == (Status.ARRIVED, at("11:10", cast.uptown))


def test_a_walk_in_is_registered_booked_and_waiting_in_one_go(cast, client_of):
    client = client_of(cast.ana)
    said = {
        "given_name": "Walter",
        "family_name": "Inn",
        "phone": "(919) 555-0177",
        "service": cast.service("adjustment").pk,
    }
    page = send(client, "walk_in", None, **said)
    assert page.status_code == 200
    (choice, words), *_more = page.context["times"]
    assert words.startswith("10:45 am with Daniel Lee, D.C., Room ")
    answer = send(client, "walk_in", None, choice=choice, **said)
    assert answer.status_code == 303
    row = Appointment.objects.get(patient__given_name="Walter")
    assert (row.status, row.walk_in, row.starts_at) == (Status.ARRIVED, True, at("10:45", cast.uptown))
    assert stamped(row) == ["arrived"]


def test_a_walk_in_who_may_be_known_is_asked_about_first(cast, client_of):
    client = client_of(cast.ana)
    said = {"given_name": "Maria", "family_name": "Garcia", "phone": "(919) 555-0111"}
    said["service"] = cast.service("adjustment").pk
    (choice, _words), *_more = send(client, "walk_in", None, **said).context["times"]
    people = Patient.objects.count()
    answer = send(client, "walk_in", None, choice=choice, **said)
    assert (answer.status_code, [one.pk for one in answer.context["alike"]]) == (422, [cast.maria.pk])
    assert Patient.objects.count() == people
    answer = send(client, "walk_in", None, choice=choice, patient=cast.maria.pk, **said)
    assert (answer.status_code, Patient.objects.count()) == (303, people)


@pytest.mark.parametrize(
    ("fields", "say"),
    [
        (
            {"given_name": "Walter", "phone": "12"},
            "This is not a phone number. Write the area code and all digits",
        ),
        ({"given_name": "Walter"}, "Write a phone number or an e-mail address. One of them is enough."),
        ({"phone": "(919) 555-0177"}, "Write a name. The first name is enough to begin with."),
        ({"given_name": "W" * 10_000, "phone": "(919) 555-0177"}, "At most 100 characters fit here"),
    ],
)
def test_a_walk_in_that_cannot_be_registered_says_what_to_write(cast, client_of, fields, say):
    client, service = client_of(cast.ana), cast.service("adjustment").pk
    (choice, _words), *_more = send(client, "walk_in", None, service=service).context["times"]
    answer = send(client, "walk_in", None, choice=choice, service=service, **fields)
    assert answer.status_code == 422
    said = [error for errors in answer.context["form"].errors.values() for error in errors]
    assert len(said) == 1
    assert said[0].startswith(say)
    assert Appointment.objects.count() == 0


@pytest.mark.parametrize("choice", ["x", "2026-11-24T99:00|1;2", "2026-11-24T10:45:00|1;2", "|;"])
def test_a_time_that_was_never_offered_is_refused(cast, client_of, choice):
    said = {"given_name": "W", "phone": "(919) 555-0177", "service": cast.service("adjustment").pk}
    answer = send(client_of(cast.ana), "walk_in", None, choice=choice, **said)
    assert (answer.status_code, Appointment.objects.count()) == (422, 0)


def test_a_minor_who_walks_in_needs_somebody(cast, client_of):
    client = client_of(cast.ana)
    said = {"patient": cast.leo.pk, "service": cast.service("adjustment").pk}
    (choice, _words), *_more = send(client, "walk_in", None, **said).context["times"]
    assert send(client, "walk_in", None, choice=choice, **said).status_code == 422
    assert send(client, "walk_in", None, choice=choice, came_with="Nora Cole", **said).status_code == 303


def test_the_opening_list_names_what_can_still_be_settled(cast, client_of):
    row = adjustment(cast, cast.rita, "11:15")
    early = visit(
        cast.sunny,
        cast.service("massage"),
        cast.uptown,
        at("17:30", cast.uptown),
        practitioners={"massage": cast.jo.practitioner},
        rooms={"massage": cast.room_6},
        confirmed_at=at("09:00", cast.uptown),
    )
    page = client_of(cast.ana).get(reverse("frontdesk:opening"))
    assert [item.visit.id for item in page.context["unconfirmed"]] == [row.pk]
    assert [(item.room, item.provider, item.visit.id) for item in page.context["alone"]] == [
        ("Room 6", "Jo Ruiz", early.pk)
    ]
    assert [item.license.practitioner for item in page.context["licenses"]] == ["Ken Moss", "Sam Park"]


def test_the_closing_list_counts_to_zero(cast, client_of, now):
    client, row = client_of(cast.ana), acupuncture(cast, cast.maria, "10:30", cast.room_1)
    missed = adjustment(cast, cast.rita, "10:45")
    in_treatment(cast, row, "needles_in")
    with time_machine.travel(now + timedelta(hours=2), tick=False):
        client = client_of(cast.ana)
        page = client.get(reverse("frontdesk:closing"))
        assert page.context["count"] == 2
        (unsettled,), (gone,) = page.context["unsettled"], page.context["not_checked_in"]
        assert (unsettled.visit.id, gone.visit.id) == (row.pk, missed.pk)
        send(client, "step", row, what="needles_out")
        send(client, "step", row, what="leave")
        client.post(
            reverse("scheduling:no_show", args=[missed.pk]),
            {"request_key": new_key(), "version": missed.version},
        )
        assert client.get(reverse("frontdesk:closing")).context["count"] == 0


def test_a_panel_of_another_page_loads_that_page_again(cast, client_of):
    row, client = acupuncture(cast, cast.maria, "10:30", cast.room_1), client_of(cast.ana)
    in_treatment(cast, row, "needles_in")
    closing = f"http://testserver{reverse('frontdesk:closing')}"
    answer = client.get(reverse("frontdesk:board"), headers={**HTMX, "HX-Current-URL": closing})
    assert answer.headers["HX-Refresh"] == "true"
