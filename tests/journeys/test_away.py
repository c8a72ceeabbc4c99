"""Journey 3 in a real browser: a provider is ill, or a location closes; visits are proposed anew, held, and called."""

import time
from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from clinic.actions.places import save_closure
from patients.models import Patient, PatientLocation
from scheduling.models import Appointment, Call, Reservation, Status
from tests.browser import assert_accessible, sign_in, taps
from tests.rows import at, visit
from tests.scheduling.invariants import broken

pytestmark = pytest.mark.browser
COUNT = 12
SIZES = [(1366, 900), (375, 812)]
WITHOUT_ASKING = "Brandt, Paula"


def people(cast):
    """Twelve patients of Uptown; one of them said that anyone is fine."""
    known = [cast.maria, cast.marta, cast.sunny, cast.iris, cast.tunde, cast.rita]
    more = [
        Patient.objects.create(given_name=given, family_name=family, phone=f"+1919555016{number}")
        for number, (given, family) in enumerate(
            [
                ("Paula", "Brandt"),
                ("Ida", "Bell"),
                ("Dev", "Shah"),
                ("Linh", "Nguyen"),
                ("Jo", "Ruiz"),
                ("Ann", "Reed"),
            ]
        )
    ]
    PatientLocation.objects.bulk_create(PatientLocation(patient=one, location=cast.uptown) for one in more)
    more[0].anyone_is_fine = True
    more[0].save()
    return known + more


def full_day(cast):
    """Mei's day from 10:50: always two in 70 minutes, the second while the first rests with needles in."""
    first = at("10:50", cast.uptown)
    return [
        visit(
            patient,
            cast.service("acupuncture_follow_up"),
            cast.uptown,
            first + timedelta(minutes=70 * (number // 2) + 20 * (number % 2)),
            practitioners={"acupuncture": cast.mei.practitioner},
            rooms={"treatment": (cast.room_1, cast.room_2)[number % 2]},
        )
        for number, patient in enumerate(people(cast))
    ]


def press(page, name, who):
    page.get_by_role("button", name=f"{name} {who}", exact=True).click()


def record(page, cast, size):
    """From the calendar at the desk, from the provider's page on a phone."""
    if size[0] > 1000:
        page.goto("/calendar/?date=2026-11-24&view=day")
        page.get_by_role("link", name="Away… Mei Tan").or_(page.locator("a.cal-away").first).first.click()
    else:
        page.goto(reverse("practitioners:detail", args=[cast.mei.practitioner.pk]))
        page.get_by_role("link", name="Away…").click()
    page.get_by_role("button", name="Record and prepare the calls").click()
    page.get_by_role("heading", name="To call").wait_for()


@pytest.mark.parametrize("size", SIZES)
def test_mei_is_ill_and_everybody_is_reached(cast, open_page, size):
    full_day(cast)
    page = open_page(*size)
    sign_in(page, cast.ana)
    page.goto("/today/")
    before, began = taps(page), time.monotonic()
    record(page, cast, size)
    # Two actions and some seconds, on a busy machine and with the pages in between; two minutes are allowed.
    assert taps(page) - before == 2
    assert time.monotonic() - began < 30
    assert Call.objects.filter(proposal__isnull=False).count() == COUNT
    assert Appointment.objects.filter(status=Status.HELD).count() == COUNT - 1
    assert broken() == []
    page.get_by_text("11 to call").wait_for()
    done = page.locator("li", has_text=WITHOUT_ASKING)
    assert "Done without asking: anyone is fine" in done.inner_text()
    assert_accessible(page)

    before = taps(page)
    for who in ["Garcia, Maria", "Garcia, Marta", "Cole, Iris", "Okafor, Tunde", "Lopez, Rita"]:
        press(page, "Agreed", who)
        page.get_by_role("button", name=f"Agreed {who}", exact=True).wait_for(state="detached")
    assert taps(page) - before == 5  # one action per answer
    press(page, "Left message", "Bell, Ida")
    page.get_by_text("1 message left").wait_for()
    press(page, "Cancel", "Shah, Dev")
    page.get_by_role("button", name="Cancel Shah, Dev", exact=True).wait_for(state="detached")
    assert taps(page) - before == 7
    page.get_by_text("4 to call").or_(page.get_by_text("5 to call")).first.wait_for()
    assert Call.objects.filter(answer="agreed", without_asking=False).count() == 5
    assert Appointment.objects.get(patient__given_name="Dev", status=Status.CANCELLED, calls__isnull=False)
    assert broken() == []


@pytest.mark.parametrize("size", SIZES)
def test_another_time_is_chosen_beside_the_list(cast, open_page, size):
    row = full_day(cast)[0]
    page = open_page(*size)
    sign_in(page, cast.ana)
    record(page, cast, size)
    before = taps(page)
    press(page, "Another time", "Garcia, Maria")
    page.get_by_role("heading", name="Move Garcia, Maria").wait_for()
    assert Reservation.objects.filter(appointment__proposed_by__appointment=row).count() == 0
    page.get_by_role("heading", name="Another time is wanted").wait_for(state="attached")
    page.get_by_role("button", name="Move Enter").or_(
        page.get_by_role("button", name="Move", exact=True)
    ).click()
    page.locator("#calls").get_by_text("Settled elsewhere").wait_for(state="attached")
    assert taps(page) - before == 2
    row.refresh_from_db()
    assert row.starts_at > at("18:00", cast.uptown)
    assert broken() == []


def test_undo_from_the_toast(cast, desktop):
    row = full_day(cast)[0]
    sign_in(desktop, cast.ana)
    record(desktop, cast, (1366, 900))
    press(desktop, "Agreed", "Garcia, Maria")
    desktop.locator(".toast-note").get_by_text("Maria agreed. The visit is moved.").wait_for()
    desktop.locator(".toast-note").get_by_role("button", name="Undo").click()
    desktop.get_by_role("button", name="Agreed Garcia, Maria", exact=True).wait_for()
    assert Call.objects.get(appointment=row).answer == "open"
    assert broken() == []


def test_the_keyboard_goes_on_with_the_list(cast, desktop):
    full_day(cast)
    sign_in(desktop, cast.ana)
    record(desktop, cast, (1366, 900))
    desktop.get_by_role("button", name="Agreed Garcia, Maria", exact=True).focus()
    desktop.keyboard.press("Enter")
    desktop.get_by_role("button", name="Agreed Garcia, Maria", exact=True).wait_for(state="detached")
    expect(desktop.get_by_role("heading", name="To call")).to_be_focused()


@pytest.mark.parametrize("size", [*SIZES, (320, 700)])
def test_every_state_is_accessible(cast, open_page, size):
    full_day(cast)
    page = open_page(*size)
    sign_in(page, cast.ana)
    page.goto(reverse("scheduling:away", args=[cast.mei.practitioner.pk]))
    assert_accessible(page)
    page.get_by_role("button", name="Record and prepare the calls").click()
    page.get_by_role("heading", name="To call").wait_for()
    held = Appointment.objects.filter(status=Status.HELD).order_by("starts_at").first()
    held.held_until = held.created_at
    held.save()
    press(page, "Left message", "Garcia, Marta")
    page.get_by_role("button", name="Propose again for all").wait_for()
    assert_accessible(page)


def water_is_off(cast):
    """Uptown closes from noon to four over three of Mei's visits; one of them is a child's."""
    for patient, clock in ((cast.maria, "12:10"), (cast.leo, "13:10"), (cast.tunde, "14:10")):
        visit(
            patient,
            cast.service("acupuncture_follow_up"),
            cast.uptown,
            at(clock, cast.uptown),
            practitioners={"acupuncture": cast.mei.practitioner},
            rooms={"treatment": cast.room_1},
        )
    fields = {
        "starts_at": at("12:00", cast.uptown),
        "ends_at": at("16:00", cast.uptown),
        "reason": "No water",
    }
    return save_closure(by=cast.olive, location_id=cast.uptown.pk, fields=fields)


@pytest.mark.parametrize("size", SIZES)
def test_uptown_closes_for_the_afternoon(cast, open_page, size):
    closure = water_is_off(cast)
    page = open_page(*size)
    sign_in(page, cast.olive)
    page.goto(reverse("clinic:location", args=[cast.uptown.pk]))
    before = taps(page)
    page.get_by_role("link", name="3 visits inside: call list").click()
    page.get_by_text("3 visits are inside.").wait_for()
    assert_accessible(page)
    page.get_by_role("button", name="Prepare the calls").click()
    page.get_by_role("heading", name="To call").wait_for()
    assert taps(page) - before == 2
    assert Call.objects.filter(closure=closure, proposal__isnull=False).count() == 3
    page.get_by_text("Ask for Iris Cole (mother)").wait_for()
    assert_accessible(page)
    before = taps(page)
    for who in ("Garcia, Maria", "Cole, Leo"):
        press(page, "Agreed", who)
        page.get_by_role("button", name=f"Agreed {who}", exact=True).wait_for(state="detached")
    assert taps(page) - before == 2
    page.get_by_text("1 to call").wait_for()
    assert broken() == []

    page.goto(reverse("clinic:edit_closure", args=[cast.uptown.pk, closure.pk]))
    page.get_by_role("link", name="1 visit inside: call list").wait_for()
    page.get_by_role("button", name="Open again").click()
    page.goto(reverse("scheduling:closure_calls", args=[closure.pk]))
    page.get_by_text("Stays as booked: nothing is in the way any more").wait_for()
    assert_accessible(page)


def test_from_the_opening_list_to_the_calls_of_a_closure(cast, desktop):
    water_is_off(cast)
    sign_in(desktop, cast.ana)
    desktop.goto(reverse("frontdesk:opening"))
    assert_accessible(desktop)
    before = taps(desktop)
    desktop.get_by_role("link", name="Call list Tue Nov 24, 12:00 pm to 4:00 pm").click()
    desktop.get_by_role("button", name="Prepare the calls").click()
    desktop.get_by_role("heading", name="To call").wait_for()
    assert taps(desktop) - before == 2
