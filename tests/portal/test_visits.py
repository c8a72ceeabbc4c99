from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.models import Role, RoleGrant
from patients.models import Patient, RelatedPerson
from portal.queries import upcoming
from scheduling.models import Status
from tests.rows import at, visit

pytestmark = pytest.mark.django_db
DAY = "2026-11-26"


def integrated(cast, patient, clock="9:30", day=DAY, **more):
    return visit(
        patient,
        cast.service("acupuncture_adjustment"),
        cast.uptown,
        at(clock.rjust(5, "0"), cast.uptown, day),
        practitioners={"acupuncture": cast.mei.practitioner, "chiropractic": cast.daniel.practitioner},
        rooms={"treatment": cast.room_1, "adjusting": cast.room_4},
        **more,
    )


def adjustment(cast, patient, location=None, room=None, clock="11:00", **more):
    return visit(
        patient,
        cast.service("adjustment"),
        location or cast.uptown,
        at(clock, location or cast.uptown, DAY),
        practitioners={"chiropractic": cast.daniel.practitioner},
        rooms={"adjusting": room or cast.room_4},
        **more,
    )


def test_a_visit_is_said_in_the_patients_words(cast, now):
    integrated(cast, cast.rita)
    assert [
        (v.whose, v.service, v.location.name, v.minutes, v.people, v.zone)
        for v in upcoming(cast.rita.user, now)
    ] == [
        (
            "",
            "Acupuncture + adjustment",
            "Uptown",
            70,
            ["Mei Tan, acupuncturist", "Daniel Lee, chiropractor"],
            "",
        )
    ]


def test_the_page_shows_the_time_of_the_location(cast, client_of):
    integrated(cast, cast.rita)
    page = client_of(cast.rita).get(reverse("portal:visits"))
    assert page.status_code == 200
    assert page.content.decode().count("Thu Nov 26, 9:30 am") == 1
    assert page.templates[0].name == "portal/visits.html"


def test_the_zone_is_named_where_locations_differ(cast, now):
    adjustment(cast, cast.rita)
    adjustment(cast, cast.rita, location=cast.harbor, room=cast.harbor_2, clock="14:00")
    assert [v.zone for v in upcoming(cast.rita.user, now)] == ["EST", "CST"]


def test_a_mother_sees_the_child_she_may_act_for_and_no_other(cast, now):
    adjustment(cast, cast.leo, clock="09:00")
    adjustment(cast, cast.mia, clock="10:00")
    adjustment(cast, cast.iris, clock="11:00")
    assert [v.whose for v in upcoming(cast.iris.user, now)] == ["Leo", ""]


def test_a_right_that_ended_shows_nothing(cast, now):
    adjustment(cast, cast.leo)
    row = RelatedPerson.objects.get(patient=cast.leo, user=cast.iris.user)
    row.until = now
    row.save()
    assert upcoming(cast.iris.user, now) == []


def test_being_staff_adds_nobody(cast, now):
    adjustment(cast, cast.maria)
    for role in (Role.OWNER, Role.FRONT_DESK):
        RoleGrant.objects.create(user=cast.rita.user, role=role, since=now - timedelta(days=1))
    assert upcoming(cast.rita.user, now) == []


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.BOOKED, Status.ARRIVED)])
def test_only_expected_visits_are_listed(cast, now, status):
    held = {"held_until": now + timedelta(minutes=10)} if status == Status.HELD else {}
    adjustment(cast, cast.rita, status=status, **held)
    assert upcoming(cast.rita.user, now) == []


def test_past_visits_are_not_listed(cast, now):
    integrated(cast, cast.rita, clock="08:00", day="2026-11-24")
    assert upcoming(cast.rita.user, now) == []


def test_a_part_that_was_called_off_names_nobody(cast, now):
    booked = integrated(cast, cast.rita)
    part = booked.parts.get(position=2)
    part.status, part.reason = "not_done", "practitioner away"
    part.save()
    assert [v.people for v in upcoming(cast.rita.user, now)] == [["Mei Tan, acupuncturist"]]


def test_nothing_for_staff_is_on_the_page(cast, client_of):
    patient = Patient.objects.get(pk=cast.rita.pk)
    integrated(cast, patient, note="qnoteforstaff")
    page = client_of(cast.rita).get(reverse("portal:visits")).content.decode()
    assert [word for word in ("qnoteforstaff", "qritazstaffnotes", "Room 1") if word in page] == []


@pytest.mark.parametrize("visits", [1, 3])
def test_the_number_of_statements_does_not_grow(cast, now, visits, django_assert_num_queries):
    for number in range(visits):
        adjustment(cast, cast.rita, clock=f"{9 + number:02}:00")
    user = cast.rita.user
    user.roles, user.location_ids  # noqa: B018 - read once per request
    with django_assert_num_queries(3):
        assert len(upcoming(user, now)) == visits


@pytest.mark.parametrize("name", ["ana", "mei", "olive", "dana"])
def test_who_is_no_patient_does_not_get_in(cast, client_of, name):
    assert client_of(getattr(cast, name)).get(reverse("portal:visits")).status_code == 403


def test_nobody_posts(cast, client_of):
    assert client_of(cast.rita).post(reverse("portal:visits")).status_code == 405
