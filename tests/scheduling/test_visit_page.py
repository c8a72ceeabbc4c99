"""The panel of one visit, what can be done from it, and who must not see it."""

import re
from datetime import datetime, timedelta
from html import unescape

import pytest
import time_machine
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.submissions import new_key
from patients.models import CareTeam
from scheduling.actions.booking import Wanted, book
from scheduling.actions.moving import move as move_visit
from scheduling.models import Appointment, Change, PartStatus, Reservation, Status
from tests.scheduling.test_book_page import PANEL, offered, plain, sentences

pytestmark = pytest.mark.django_db


def at(cast, hour, minute=0, day=25):
    return datetime(2026, 11, day, hour, minute, tzinfo=cast.uptown.tz)


def booked(cast, *, key="acupuncture_adjustment", patient=None, hour=9, minute=0, held=False, day=25, **more):
    wanted = Wanted(
        patient or cast.maria,
        cast.service(key),
        cast.uptown,
        at(cast, hour, minute, day),
        walk_in=True,
        **more,
    )
    (visit,) = book(by=cast.ana, wanted=[wanted], held=held)
    return visit


def url(name, visit, *more):
    return reverse(f"scheduling:{name}", args=[visit.pk, *more])


def send(client, address, row, **values):
    return client.post(address, {"version": row.version, "request_key": new_key(), **values}, headers=PANEL)


def text(answer):
    return plain(unescape(answer.content.decode()))


# Looking


def test_a_visit_is_told_in_words(cast, client_of):
    visit = booked(cast, note="brings a film")
    story = client_of(cast.ana).get(url("visit", visit), headers=PANEL).context["story"]
    assert story.when == "Wed Nov 25, 9:00 to 10:10 am"
    assert story.who_and_where == "Room 1, then Room 4 · Mei 9:00, then Dr. Lee 9:55"
    assert [(one.at, one.kind, one.minutes, one.who, one.where) for one in story.parts[1].phases] == [
        ("9:55 am", "adjustment", 15, "Dr. Lee", "Room 4"),
        ("10:10 am", "turnover", 5, "", "Room 4"),
    ]
    assert [(one.what, one.by) for one in story.changes] == [("Booked", "Ana Desk")]
    assert story.may == {"move", "confirm", "cancel"}


def test_looking_is_written_down_once(cast, client_of):
    visit = booked(cast)
    client_of(cast.mei).get(url("visit", visit))
    reads = AuditEvent.objects.filter(verb="read").values_list("by", "object", "patient")
    assert list(reads) == [(cast.mei.pk, f"scheduling.appointment:{visit.pk}", cast.maria.pk)]


def test_as_a_page_and_as_a_panel(cast, client_of):
    visit = booked(cast)
    client = client_of(cast.ana)
    assert client.get(url("visit", visit)).content.decode().count("<html") == 1
    assert client.get(url("visit", visit), headers=PANEL).content.decode().count("<html") == 0


@pytest.mark.parametrize("changes", [0, 3])
def test_statements_of_the_panel(cast, client_of, django_assert_num_queries, changes):
    visit = booked(cast)
    for hour in range(changes):
        move_visit(by=cast.ana, pk=visit.pk, starts_at=at(cast, 10 + hour))
    client = client_of(cast.ana)
    with django_assert_num_queries(13):
        client.get(url("visit", visit), headers=PANEL)


@pytest.mark.parametrize("person", ["hana", "theo"])
def test_staff_of_another_place_do_not_find_it(cast, client_of, person):
    visit = booked(cast)
    client, change = client_of(getattr(cast, person)), Change.objects.get()
    part = visit.parts.first()
    for name in ("visit", "move", "cancel"):
        assert client.get(url(name, visit)).status_code == 404
    for name in ("move", "cancel", "no_show", "confirm", "confirm_hold"):
        assert send(client, url(name, visit), visit).status_code == 404
    assert send(client, url("part_not_done", visit, part.pk), visit).status_code == 404
    assert send(client, url("undo", change), visit).status_code == 404
    assert client.get(reverse("scheduling:of_patient", args=[cast.maria.pk])).status_code == 404
    visit.refresh_from_db()
    assert (visit.status, visit.version) == (Status.BOOKED, 1)


@pytest.mark.parametrize("person", ["rita", "dana"])
def test_patients_and_former_staff_are_kept_out(cast, client_of, person):
    visit = booked(cast, patient=cast.rita)
    client = client_of(getattr(cast, person))
    for name in ("visit", "move", "cancel"):
        assert client.get(url(name, visit)).status_code == 403
    for name in ("move", "cancel", "no_show", "confirm", "confirm_hold"):
        assert send(client, url(name, visit), visit).status_code == 403
    assert send(client, url("undo", Change.objects.get()), visit).status_code == 403
    assert client.get(reverse("scheduling:of_patient", args=[cast.rita.pk])).status_code == 403


def test_somebody_elsewhere_reads_which_clock_is_meant(cast, client_of, now):
    """Theo works in Harbor and treats Sunny, who is booked in Uptown."""
    visit = booked(cast, patient=cast.sunny)
    CareTeam.objects.create(patient=cast.sunny, user=cast.theo, since=now, why="treating")
    story = client_of(cast.theo).get(url("visit", visit)).context["story"]
    assert story.when == "Wed Nov 25, 9:00 to 10:10 am (EST)"


def test_what_only_changes_is_not_shown(cast, client_of):
    visit = booked(cast)
    for name in ("no_show", "confirm", "confirm_hold"):
        assert client_of(cast.ana).get(url(name, visit)).status_code == 405


# Verbs


def test_confirming_marks_the_visit_and_can_be_undone(cast, client_of, now):
    visit, client = booked(cast), client_of(cast.ana)
    answer = send(client, url("confirm", visit), visit)
    assert (answer.status_code, answer.headers["Location"]) == (303, url("visit", visit))
    visit.refresh_from_db()
    rows = Reservation.objects.filter(appointment=visit).count()
    assert (visit.confirmed_at, rows) == (now, 6)
    change = Change.objects.get(verb="confirm")
    send(client, url("undo", change), visit)
    visit.refresh_from_db()
    assert (visit.confirmed_at, visit.status) == (None, Status.BOOKED)
    assert Reservation.objects.filter(appointment=visit).count() == rows


def test_a_confirmation_is_given_once_and_only_to_a_booking(cast, client_of):
    visit, client = booked(cast), client_of(cast.ana)
    send(client, url("confirm", visit), visit)
    visit.refresh_from_db()
    answer = send(client, url("confirm", visit), visit)
    assert (answer.status_code, sentences(answer)) == (422, ["This visit is confirmed already."])
    hold = booked(cast, patient=cast.tunde, hour=14, held=True)
    answer = send(client, url("confirm", hold), hold)
    assert (answer.status_code, sentences(answer)) == (
        422,
        ["This visit is held, so there is nothing to confirm. Reload the page to see where it stands."],
    )


def test_a_move_that_is_undone_keeps_the_confirmation(cast, client_of, now):
    visit, client = booked(cast), client_of(cast.ana)
    send(client, url("confirm", visit), visit)
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        change = move_visit(by=cast.ana, pk=visit.pk, starts_at=at(cast, 14))
    with time_machine.travel(now + timedelta(minutes=2), tick=False):
        send(client, url("undo", change), visit)
    visit.refresh_from_db()
    assert (visit.starts_at, visit.confirmed_at) == (at(cast, 9), now)


@pytest.mark.parametrize(
    "values, reason", [({"tapped": "ill"}, "ill"), ({"reason": "snow", "tapped": "ill"}, "snow")]
)
def test_canceling_takes_one_tap_or_a_few_words(cast, client_of, values, reason):
    visit = booked(cast)
    assert send(client_of(cast.ana), url("cancel", visit), visit, **values).status_code == 303
    visit.refresh_from_db()
    assert (visit.status, visit.ended_reason) == (Status.CANCELLED, reason)
    assert Reservation.objects.count() == 0


def test_canceling_without_a_reason_changes_nothing(cast, client_of):
    visit = booked(cast)
    answer = send(client_of(cast.ana), url("cancel", visit), visit)
    assert (answer.status_code, sentences(answer)) == (
        422,
        ["Say why, in a word or two: it helps whoever looks at this later."],
    )
    answer = send(client_of(cast.ana), url("cancel", visit), visit, reason="x" * 300)
    assert (answer.status_code, sentences(answer)) == (422, ["Keep this under 200 characters; it has 300."])
    assert answer.content.decode().count("x" * 300) == 1
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_somebody_who_did_not_come(cast, client_of, now):
    visit, client = booked(cast, day=24, hour=11), client_of(cast.ana)
    answer = send(client, url("no_show", visit), visit)
    assert (answer.status_code, sentences(answer)) == (
        422,
        ["This visit has not begun yet. Cancel it instead."],
    )
    with time_machine.travel(now + timedelta(minutes=40), tick=False):
        assert "no_show" in client.get(url("visit", visit)).context["story"].may
        assert send(client, url("no_show", visit), visit).status_code == 303
    visit.refresh_from_db()
    assert visit.status == Status.NO_SHOW


def test_a_hold_becomes_a_booking(cast, client_of):
    visit = booked(cast, held=True)
    client = client_of(cast.ana)
    assert text(client.get(url("visit", visit), headers=PANEL)).count("held until 10:52 am") == 1
    assert send(client, url("confirm_hold", visit), visit).status_code == 303
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_a_part_is_closed_with_a_tapped_reason(cast, client_of):
    visit, client = booked(cast), client_of(cast.ana)
    part = visit.parts.get(discipline__key="chiropractic")
    address = url("part_not_done", visit, part.pk)
    assert send(client, address, visit, tapped="unwell").status_code == 303
    part.refresh_from_db()
    assert (part.status, part.reason) == (PartStatus.NOT_DONE, "unwell")
    assert text(client.get(url("visit", visit), headers=PANEL)).count("not done: unwell") == 1


def test_the_part_of_another_visit_is_not_here(cast, client_of):
    visit, other = booked(cast), booked(cast, patient=cast.tunde, hour=13)
    address = url("part_not_done", visit, other.parts.first().pk)
    assert send(client_of(cast.ana), address, visit, tapped="unwell").status_code == 404


@pytest.mark.parametrize("name", ["confirm", "cancel", "no_show", "confirm_hold", "move"])
def test_a_form_of_an_older_state_shows_how_it_stands_now(cast, client_of, name):
    visit = booked(cast)
    move_visit(by=cast.mei, pk=visit.pk, starts_at=at(cast, 14))
    body = {"reason": "ill", "date": "2026-11-26", "time": "10:00", "who": "same"}
    answer = send(client_of(cast.ana), url(name, visit), visit, **body)
    assert (answer.status_code, sentences(answer)) == (
        409,
        ["Somebody else changed this visit meanwhile. See how it stands now, then do it again."],
    )
    assert answer.content.decode().count("Wed Nov 25, 2:00 to 3:10 pm") >= 1
    versions = set(re.findall(r'name="version" value="(\d+)"', answer.content.decode()))
    assert versions == {"2"}
    assert Appointment.objects.get().version == 2


@pytest.mark.parametrize("name", ["confirm", "cancel", "no_show", "confirm_hold", "move"])
def test_without_a_version_nothing_is_done(cast, client_of, name):
    visit = booked(cast)
    body = {"request_key": new_key(), "reason": "ill", "date": "2026-11-26", "time": "10:00"}
    assert client_of(cast.ana).post(url(name, visit), body).status_code == 428


def test_sending_twice_does_it_once(cast, client_of):
    visit, client = booked(cast), client_of(cast.ana)
    body = {"version": 1, "request_key": new_key(), "reason": "ill"}
    first, second = (client.post(url("cancel", visit), body) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert (first.headers["Location"], Change.objects.filter(verb="cancel").count()) == (
        second.headers["Location"],
        1,
    )


# Moving


def test_moving_offers_times_with_the_same_people(cast, client_of):
    visit = booked(cast, key="acupuncture_follow_up", practitioners=(cast.sam.practitioner.pk,))
    answer = client_of(cast.ana).get(url("move", visit), {"date": "2026-11-25"}, headers=PANEL)
    assert [row[1:] for row in offered(answer)] == [
        ("Wed Nov 25, 8:00 to 8:55 am", ["Room 1 · Sam"]),
        ("Wed Nov 25, 9:30 to 10:25 am", ["Room 1 · Sam"]),
        ("Thu Nov 26, 8:00 to 8:55 am", ["Room 1 · Sam"]),
    ]
    answer = client_of(cast.ana).get(url("move", visit), {"date": "2026-12-01"}, headers=PANEL)
    assert answer.context["remarks"] == [
        "The same people have nothing that fits. These are with somebody else."
    ]
    assert offered(answer)[0][1:] == ("Tue Dec 1, 8:00 to 8:55 am", ["Room 1 · Mei"])


def test_moving_to_an_offered_time(cast, client_of):
    visit, client = booked(cast), client_of(cast.ana)
    offer = offered(client.get(url("move", visit), {"date": "2026-11-26"}, headers=PANEL))[0]
    answer = send(client, url("move", visit), visit, offer=offer[0], who="same")
    assert answer.status_code == 303
    visit.refresh_from_db()
    assert visit.starts_at == at(cast, 8, day=26)
    shown = client.get(answer.headers["Location"], headers=PANEL)
    assert shown.headers["HX-Trigger"] == '{"calendar-changed": {}}'
    assert text(shown).count("Moved: Maria, Thu Nov 26, 8:00 to 9:10 am.") == 1


def test_moving_to_a_typed_time_keeps_the_people(cast, client_of):
    visit = booked(cast, key="acupuncture_follow_up", practitioners=(cast.sam.practitioner.pk,))
    body = {"date": "2026-11-25", "time": "14:05", "who": "same"}
    assert send(client_of(cast.ana), url("move", visit), visit, **body).status_code == 303
    visit.refresh_from_db()
    people = Reservation.objects.exclude(practitioner=None).values_list("practitioner", flat=True)
    assert (visit.starts_at, set(people)) == (at(cast, 14, 5), {cast.sam.practitioner.pk})


def test_a_lost_move_shows_the_nearest_times_and_changes_nothing(cast, client_of):
    mei = (cast.mei.practitioner.pk,)
    visit = booked(cast, key="acupuncture_follow_up", hour=13, practitioners=mei)
    booked(cast, key="acupuncture_follow_up", patient=cast.tunde, practitioners=mei)
    body = {"date": "2026-11-25", "time": "09:00", "who": "same"}
    answer = send(client_of(cast.ana), url("move", visit), visit, **body)
    assert (answer.status_code, sentences(answer)) == (
        409,
        ["Mei Tan, L.Ac. is taken from 9:00 am.", "Room 1 is taken from 9:00 am. Room 2 is free."],
    )
    assert [row[1] for row in offered(answer)] == [
        "Wed Nov 25, 8:45 to 9:40 am",
        "Wed Nov 25, 9:15 to 10:10 am",
        "Wed Nov 25, 8:30 to 9:25 am",
        "Wed Nov 25, 9:00 to 9:55 am taken: double-book on purpose",
    ]
    assert answer.context["form"]["time"].value() == "09:00"
    visit.refresh_from_db()
    assert (visit.starts_at, visit.version) == (at(cast, 13), 1)


def test_a_visit_is_moved_without_the_part_that_was_closed(cast, client_of):
    visit, client = booked(cast), client_of(cast.ana)
    part = visit.parts.get(discipline__key="chiropractic")
    send(client, url("part_not_done", visit, part.pk), visit, tapped="unwell")
    answer = client.get(url("move", visit), {"date": "2026-11-26"}, headers=PANEL)
    assert offered(answer)[0][1:] == ("Thu Nov 26, 8:00 to 8:55 am", ["Room 1 · Mei"])


# Undoing


def test_undo_by_htmx_answers_with_a_toast_and_tells_the_page(cast, client_of):
    visit, client = booked(cast), client_of(cast.ana)
    answer = send(client, url("undo", Change.objects.get()), visit)
    assert (answer.status_code, text(answer)) == (200, "Undone.")
    assert answer.headers["HX-Trigger"] == '{"calendar-changed": {}, "visit-undone": {}}'
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED


@pytest.mark.parametrize(
    "asked, led",
    [
        ("/today/", "/today/"),
        ("", None),
        ("https://elsewhere.example/", None),
        ("//elsewhere.example/", None),
        ("/\\elsewhere.example/", None),
        ("/" + "x" * 400, None),
    ],
)
def test_undo_leads_back_only_inside(cast, client_of, asked, led):
    visit = booked(cast)
    body = {"request_key": new_key(), "next": asked}
    answer = client_of(cast.ana).post(url("undo", Change.objects.get()), body)
    assert (answer.status_code, answer.headers["Location"]) == (303, led or url("visit", visit))


def test_an_undo_that_comes_too_late_for_the_place_names_the_nearest(cast, client_of):
    mei = (cast.mei.practitioner.pk,)
    visit, client = booked(cast, key="acupuncture_follow_up", practitioners=mei), client_of(cast.ana)
    send(client, url("cancel", visit), visit, reason="ill")
    booked(cast, key="acupuncture_follow_up", patient=cast.tunde, practitioners=mei)
    answer = send(client, url("undo", Change.objects.get(verb="cancel")), visit)
    assert (answer.status_code, sentences(answer)) == (
        409,
        ["The time has been taken meanwhile. Book one of the nearest free times."],
    )
    assert (answer.headers["HX-Retarget"], answer.headers["HX-Reswap"]) == ("#panel", "innerHTML")
    service = cast.service("acupuncture_follow_up").pk
    assert len(answer.context["times"]) == 3
    assert answer.context["times"][0] == (
        "Wed Nov 25, 9:00 to 9:55 am",
        f"/calendar/book/?patient={cast.maria.pk}&service={service}&date=2026-11-25&time=09%3A00",
    )


def test_undo_is_offered_for_the_clinics_minutes(cast, client_of, now):
    visit, client = booked(cast), client_of(cast.ana)
    assert client.get(url("visit", visit)).context["story"].undo == Change.objects.get()
    with time_machine.travel(now + timedelta(minutes=11), tick=False):
        assert client.get(url("visit", visit)).context["story"].undo is None


# In the chart


def test_visits_of_a_patient_upcoming_and_before(cast, client_of):
    first, later = booked(cast), booked(cast, key="massage", hour=15, day=27)
    gone = booked(cast, key="massage", hour=12, day=26)
    client = client_of(cast.ana)
    send(client, url("cancel", gone), gone, reason="ill")
    answer = client.get(reverse("scheduling:of_patient", args=[cast.maria.pk]), headers=PANEL)
    lines = answer.context["visits"]
    assert [line.visit.pk for line in lines.upcoming] == [first.pk, later.pk]
    assert [(line.visit.pk, line.when) for line in lines.past] == [(gone.pk, "Thu Nov 26, 12:00 to 12:50 pm")]


def test_visits_under_a_merged_record_are_listed_too(cast, client_of):
    visit = booked(cast, patient=cast.marta)
    cast.marta.merged_into = cast.maria
    cast.marta.save()
    answer = client_of(cast.ana).get(reverse("scheduling:of_patient", args=[cast.maria.pk]))
    assert [line.visit.pk for line in answer.context["visits"].upcoming] == [visit.pk]


@pytest.mark.parametrize("visits", [1, 3])
def test_statements_of_the_visits_of_a_patient(cast, client_of, django_assert_num_queries, visits):
    for number in range(visits):
        booked(cast, hour=9 + 2 * number)
    client = client_of(cast.ana)
    # Session, account, roles, workplaces, location; then the record, that it was read, and two for the visits.
    with django_assert_num_queries(9):
        client.get(reverse("scheduling:of_patient", args=[cast.maria.pk]), headers=PANEL)
