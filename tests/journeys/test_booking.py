"""Journey 1, on the telephone: a name, a service, a time. Actions are counted, by mouse and by keyboard."""

from datetime import datetime

import pytest

from scheduling.actions.booking import Wanted, book
from scheduling.models import Appointment, Status
from tests.browser import assert_accessible, assert_fits, sign_in, taps

pytestmark = pytest.mark.browser
INTEGRATED = "Acupuncture + adjustment"


def at(cast, hour, minute=0, day=25):
    return datetime(2026, 11, day, hour, minute, tzinfo=cast.uptown.tz)


def booked(cast, patient, *, key="acupuncture_adjustment", hour=9, **more):
    wanted = Wanted(patient, cast.service(key), cast.uptown, at(cast, hour), walk_in=True, **more)
    (visit,) = book(by=cast.ana, wanted=[wanted])
    return visit


def begin(page, cast, address="/patients/"):
    sign_in(page, cast.ana)
    page.goto(address)
    page.evaluate("() => sessionStorage.clear()")
    return page.locator("#panel")


def find(page, typed, name):
    page.locator("#find-patient").wait_for()
    page.keyboard.type(typed)
    hit = page.locator("#found-patients a", has_text=name)
    hit.wait_for()
    return hit


def open_all(page):
    """What is folded away is part of the page, too."""
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def test_by_mouse_a_known_patient_takes_five_actions(cast, desktop):
    panel = begin(desktop, cast)
    desktop.get_by_role("link", name="Book", exact=False).first.click()
    find(desktop, "okaf", "Okafor, Tunde").click()
    panel.get_by_label("What").select_option(label=INTEGRATED)
    panel.get_by_text("To say on the phone").wait_for()
    panel.get_by_role("button", name="Book", exact=False).click()
    panel.get_by_text("History").wait_for()
    assert taps(desktop) == 5
    assert panel.get_by_text("Tue Nov 24, 10:45 to 11:55 am").count() == 1
    assert list(Appointment.objects.values_list("patient", "status")) == [(cast.tunde.pk, Status.BOOKED)]


def test_by_keyboard_five_actions_and_no_mouse(cast, desktop):
    panel = begin(desktop, cast)
    desktop.locator("h1").first.wait_for()
    desktop.keyboard.press("b")
    find(desktop, "okaf", "Okafor, Tunde")
    desktop.keyboard.press("Tab")
    desktop.keyboard.press("Enter")
    panel.get_by_label("What").wait_for()
    desktop.keyboard.type("Acupuncture +")
    panel.get_by_text("Tuesday, November 24, at 10:45 am with Mei, then Dr. Lee").wait_for()
    for _wish in range(5):  # past day, time of day, provider and what is folded away, to the times
        if desktop.evaluate("() => document.activeElement.name") != "offer":
            desktop.keyboard.press("Tab")
    desktop.keyboard.press("Enter")
    panel.get_by_text("History").wait_for()
    assert taps(desktop) + 1 == 5  # the key b is not among the taps
    assert list(Appointment.objects.values_list("patient", "status")) == [(cast.tunde.pk, Status.BOOKED)]


def test_who_comes_for_the_usual_chooses_a_time_in_five(cast, desktop):
    booked(cast, cast.tunde)
    panel = begin(desktop, cast)
    desktop.get_by_role("link", name="Book", exact=False).first.click()
    find(desktop, "okaf", "Okafor, Tunde").click()
    panel.locator(".offer").nth(1).click()
    panel.get_by_text("Tuesday, November 24, at 12:15 pm").wait_for()
    panel.get_by_role("button", name="Book", exact=False).click()
    panel.get_by_text("History").wait_for()
    assert taps(desktop) == 5
    assert Appointment.objects.filter(starts_at=at(cast, 12, 15, day=24)).count() == 1


def test_a_booking_is_undone_from_its_toast_and_the_panel_follows(cast, desktop):
    panel = begin(desktop, cast)
    service = cast.service("massage").pk
    desktop.evaluate(
        f"htmx.ajax('GET', '/calendar/book/?patient={cast.maria.pk}&service={service}', '#panel')"
    )
    panel.get_by_role("button", name="Book", exact=False).click()
    desktop.locator("#toasts").get_by_role("button", name="Undo").click()
    panel.get_by_text("canceled").wait_for()
    assert Appointment.objects.get().status == Status.CANCELLED


def test_two_people_after_one_slot(cast, desktop, open_page):
    address = f"/calendar/book/?patient={{}}&service={cast.service('massage').pk}"
    other = open_page()
    sign_in(desktop, cast.ana).goto(address.format(cast.maria.pk))
    sign_in(other, cast.mei).goto(address.format(cast.tunde.pk))
    other.get_by_text("Note for the visit").first.click()
    other.get_by_label("Note for the visit").fill("asked for the quiet room")
    for page in (desktop, other):
        page.locator(".panel-foot .btn-primary").click()
    desktop.get_by_text("History").wait_for()
    other.get_by_text("Nearest free times").wait_for()
    assert other.locator(".refusal li").all_inner_texts() == [
        "Jo Ruiz, LMT is taken from 10:45 am.",
        "Room 6 is taken from 10:45 am.",
    ]
    assert other.locator(".offer input:checked").count() == 0
    assert other.get_by_label("Note for the visit").input_value() == "asked for the quiet room"
    other.locator(".offer").first.click()
    other.locator(".panel-foot .btn-primary").click()
    other.get_by_text("History").wait_for()
    assert set(Appointment.objects.values_list("patient", flat=True)) == {cast.maria.pk, cast.tunde.pk}


def test_a_double_click_books_once(cast, desktop):
    panel = begin(desktop, cast)
    service = cast.service("massage").pk
    desktop.evaluate(
        f"htmx.ajax('GET', '/calendar/book/?patient={cast.maria.pk}&service={service}', '#panel')"
    )
    panel.locator(".panel-foot .btn-primary").dblclick()
    panel.get_by_text("History").wait_for()
    assert Appointment.objects.count() == 1


def test_moving_without_a_mouse(cast, desktop):
    visit = booked(cast, cast.maria)
    panel = begin(desktop, cast)
    desktop.evaluate(f"htmx.ajax('GET', '/calendar/visits/{visit.pk}/', '#panel')")
    panel.get_by_role("link", name="Move…").focus()
    desktop.keyboard.press("Enter")
    panel.get_by_text("Next free times").wait_for()
    panel.locator(".offer input").first.focus()
    desktop.keyboard.press("ArrowDown")
    panel.get_by_text("at 12:15 pm").wait_for()
    desktop.keyboard.press("Enter")
    desktop.get_by_text("Moved: Maria, Tue Nov 24, 12:15 to 1:25 pm.").first.wait_for()
    visit.refresh_from_db()
    assert visit.starts_at == at(cast, 12, 15, day=24)


def test_a_family_side_by_side(cast, desktop):
    sign_in(desktop, cast.ana).goto(f"/calendar/book/?patient={cast.iris.pk}")
    desktop.get_by_label("What").select_option(label="Adjustment")
    desktop.get_by_text("To say on the phone").wait_for()
    desktop.locator("summary", has_text="Also for Leo").click()
    desktop.get_by_label("Leo", exact=True).check()
    desktop.get_by_text("Leo at 11:00 am").wait_for()
    desktop.locator(".panel-foot .btn-primary").click()
    desktop.get_by_text("Booked: Iris and Leo").first.wait_for()
    assert set(Appointment.objects.values_list("patient", flat=True)) == {cast.iris.pk, cast.leo.pk}


def test_every_panel_is_accessible_beside_a_page(cast, desktop):
    visit = booked(cast, cast.iris)
    panel = begin(desktop, cast)
    integrated = cast.service("acupuncture_adjustment").pk
    panels = {
        "/calendar/book/": "#find-patient",
        f"/calendar/book/?patient={cast.iris.pk}&service={integrated}&also={cast.leo.pk}&time=10:00": ".refusal",
        f"/calendar/book/?patient={cast.iris.pk}&service={integrated}&time=09:30&date=2026-11-25": ".offer",
        f"/calendar/happened/?patient={cast.iris.pk}&service={integrated}": "#happened-groups",
        f"/calendar/visits/{visit.pk}/": ".facts",
        f"/calendar/visits/{visit.pk}/cancel/": "#cancel-reason",
        f"/calendar/visits/{visit.pk}/move/": ".offer",
    }
    for address, sign in panels.items():
        desktop.evaluate(f"htmx.ajax('GET', '{address}', '#panel')")
        panel.locator(sign).first.wait_for()
        open_all(desktop)
        assert_accessible(desktop)


@pytest.mark.parametrize("width", [375, 320])
def test_every_panel_is_a_page_on_a_phone(cast, open_page, width):
    visit, phone = booked(cast, cast.iris), open_page(width=width, height=700, touch=True)
    sign_in(phone, cast.ana)
    integrated = cast.service("acupuncture_adjustment").pk
    for address in (
        "/calendar/book/?q=cole",
        f"/calendar/book/?patient={cast.iris.pk}&service={integrated}&date=2026-11-26&time=10:00",
        f"/calendar/happened/?patient={cast.iris.pk}&service={integrated}",
        f"/calendar/visits/{visit.pk}/cancel/",
        f"/calendar/visits/{visit.pk}/move/",
        f"/calendar/patients/{cast.iris.pk}/",
    ):
        phone.goto(address)
        open_all(phone)
        assert_fits(phone)
        assert_accessible(phone)
