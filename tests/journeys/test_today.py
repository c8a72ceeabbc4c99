"""The Today board in a real browser: a visit from check-in to the door, at the desk and on a phone."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from scheduling.actions.steps import check_in, take_step
from scheduling.models import Appointment, PartStatus, Status
from tests.browser import assert_accessible, sign_in, taps
from tests.rows import at, visit

pytestmark = pytest.mark.browser

TODAY = "/today/"


def acupuncture(cast, patient, clock, room, by=None):
    return visit(
        patient,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"acupuncture": (by or cast.mei).practitioner},
        rooms={"treatment": room},
    )


def integrated(cast, patient, clock):
    return visit(
        patient,
        cast.service("acupuncture_adjustment"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"acupuncture": cast.mei.practitioner, "chiropractic": cast.daniel.practitioner},
        rooms={"treatment": cast.room_2, "adjusting": cast.room_4},
    )


def adjustment(cast, patient, clock):
    return visit(
        patient,
        cast.service("adjustment"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"chiropractic": cast.daniel.practitioner},
        rooms={"adjusting": cast.room_5},
    )


def busy_day(cast):
    """Needles in, one who waits, one who is late, two of one name, a family."""
    needled = acupuncture(cast, cast.maria, "10:10", cast.room_1)
    check_in(by=cast.ana, pk=needled.pk, checked_another_way=True)
    for what in ("in_room", "needles_in"):
        take_step(by=cast.ana, pk=needled.pk, what=what)
    acupuncture(cast, cast.rita, "10:30", cast.room_3, cast.sam)
    waiting = adjustment(cast, cast.sunny, "10:50")
    check_in(by=cast.ana, pk=waiting.pk, checked_another_way=True)
    for patient, clock in [(cast.iris, "11:30"), (cast.leo, "11:50"), (cast.mia, "12:10")]:
        adjustment(cast, patient, clock)
    adjustment(cast, cast.marta, "11:10")
    return needled


def press(page, name, patient):
    page.get_by_role("button", name=f"{name} {patient}", exact=True).or_(
        page.get_by_role("link", name=f"{name} {patient}", exact=True)
    ).first.click()


@pytest.mark.parametrize("size", [(1366, 900), (375, 812)])
def test_an_integrated_visit_from_check_in_to_the_door(cast, open_page, size):
    page = open_page(*size)
    row = integrated(cast, cast.tunde, "10:45")
    sign_in(page, cast.ana)
    page.goto(TODAY)
    before = taps(page)
    who = "Okafor, Tunde"
    press(page, "Check in", who)
    page.get_by_label("Birth date they say").fill("12/1/1971")
    page.keyboard.press("Enter")
    page.get_by_text("Okafor, Tunde is here.").first.wait_for()
    assert taps(page) - before == 3  # open, the date, Enter
    for name in ["To Room 2", "Needles in", "Needles out", "Adjustment in Room 4", "Done", "Check out"]:
        press(page, name, who)
        page.locator("#board").get_by_role("button", name=f"{name} {who}", exact=True).wait_for(
            state="hidden"
        )
    page.locator("#done summary").wait_for()
    assert taps(page) - before == 9
    row.refresh_from_db()
    assert row.status == Status.COMPLETED
    assert [part.status for part in row.parts.all()] == [PartStatus.DONE, PartStatus.DONE]


@pytest.mark.parametrize("size", [(1366, 900), (375, 812), (320, 700)])
def test_the_board_is_accessible_in_both_themes(cast, open_page, size):
    busy_day(cast)
    page = open_page(*size)
    sign_in(page, cast.ana)
    page.goto(TODAY)
    assert_accessible(page)


@pytest.mark.parametrize("name", ["check_in", "late", "room", "longer", "unwell", "times", "untreated"])
def test_every_panel_is_accessible(cast, desktop, name):
    needled = busy_day(cast)
    late = Appointment.objects.get(patient=cast.rita)
    row = late if name in {"check_in", "late"} else needled
    sign_in(desktop, cast.ana)
    desktop.goto(reverse(f"frontdesk:{name}", args=[row.pk]))
    assert_accessible(desktop)


@pytest.mark.parametrize("name", ["walk_in", "opening", "closing"])
def test_the_lists_and_the_walk_in_are_accessible(cast, desktop, name):
    busy_day(cast)
    sign_in(desktop, cast.ana)
    desktop.goto(reverse(f"frontdesk:{name}"))
    assert_accessible(desktop)


def test_a_step_is_taken_back_from_its_toast(cast, desktop):
    busy_day(cast)
    sign_in(desktop, cast.ana)
    desktop.goto(TODAY)
    press(desktop, "Needles out", "Garcia, Maria")
    desktop.get_by_role("button", name="Undo").click()
    desktop.get_by_role("button", name="Needles out Garcia, Maria", exact=True).wait_for()


def test_by_keyboard_alone(cast, desktop):
    integrated(cast, cast.tunde, "10:45")
    sign_in(desktop, cast.ana)
    desktop.goto(TODAY)
    desktop.get_by_role("link", name="Check in Okafor, Tunde", exact=True).first.focus()
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_label("Birth date they say")).to_be_focused()
    desktop.keyboard.type("12/1/1971")
    desktop.keyboard.press("Enter")
    # The focus goes on to the next step of the same person.
    expect(desktop.get_by_role("button", name="To Room 2 Okafor, Tunde", exact=True)).to_be_focused()
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("button", name="Needles in Okafor, Tunde", exact=True)).to_be_focused()


def test_the_family_comes_with_their_mother(cast, phone):
    busy_day(cast)
    sign_in(phone, cast.ana)
    phone.goto(TODAY)
    phone.get_by_role("link", name="Check in all Cole").click()
    phone.get_by_label("Checked another way").check()
    phone.get_by_role("button", name="Check in with Iris Cole").click()
    phone.get_by_text("Cole, Mia is here.").first.wait_for()
    came = Appointment.objects.filter(patient__household=cast.iris.household_id).order_by("starts_at")
    assert list(came.values_list("status", "came_with")) == [
        ("arrived", ""),
        ("arrived", "Iris Cole"),
        ("arrived", "Iris Cole"),
    ]


def test_dizzy_with_needles_in(cast, desktop):
    """Needles out first; then the adjustment does not happen, and they go."""
    row = integrated(cast, cast.tunde, "10:30")
    check_in(by=cast.ana, pk=row.pk, checked_another_way=True)
    for what in ("in_room", "needles_in"):
        take_step(by=cast.ana, pk=row.pk, what=what)
    sign_in(desktop, cast.mei)
    desktop.goto(TODAY)
    before = taps(desktop)
    press(desktop, "Unwell", "Okafor, Tunde")
    desktop.get_by_role("button", name="Needles out now").click()
    desktop.get_by_role("button", name="Adjustment does not happen today").click()
    press(desktop, "Check out", "Okafor, Tunde")
    desktop.locator("#done summary").wait_for()
    assert taps(desktop) - before == 4
    assert [(part.status, part.reason) for part in row.parts.order_by("position")] == [
        (PartStatus.DONE, ""),
        (PartStatus.NOT_DONE, "unwell"),
    ]


def test_late_and_one_tap_on_what_still_fits(cast, phone):
    busy_day(cast)
    sign_in(phone, cast.ana)
    phone.goto(TODAY)
    before = taps(phone)
    press(phone, "Late", "Lopez, Rita")
    phone.get_by_role(
        "button", name="Start at 10:45 am with 15 min of needles, done by 11:25 am as promised"
    ).click()
    phone.get_by_text("Lopez, Rita starts at 10:45 am.").first.wait_for()
    assert taps(phone) - before == 2


def test_a_walk_in_waits_after_five_actions(cast, desktop):
    sign_in(desktop, cast.ana)
    desktop.goto(TODAY)
    before = taps(desktop)
    desktop.get_by_role("link", name="Walk-in").click()
    desktop.get_by_label("First name").fill("Walter")
    desktop.get_by_label("Phone").fill("(919) 555-0177")
    desktop.get_by_label("What", exact=True).select_option(label="Adjustment")
    desktop.get_by_role("button", name="10:45 am with Daniel Lee").click()
    desktop.get_by_text("Walter is here.").first.wait_for()
    assert taps(desktop) - before <= 6
    assert Appointment.objects.get().status == Status.ARRIVED
