"""The calendar in a real browser: dragging and its verdict, the keyboard, free places, blocks, and phones."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from clinic.walltime import local
from practitioners.models import WorkingHours
from scheduling.models import Block, Change, Reservation, VisitPhase
from tests.browser import assert_accessible, assert_fits, sign_in
from tests.rows import at, visit

pytestmark = pytest.mark.browser
CALENDAR = "/calendar/"
FIVE_MINUTES = 28 / 3  # pixels
PROVIDERS = ["Mei Tan", "Daniel Lee", "Jo Ruiz", "Sam Park", "Ken Moss"]
ROOMS = ["Room 1", "Room 2", "Room 3", "Room 4", "Room 5", "Room 6", "Open floor"]


def acupuncture(cast, patient, clock, *, who=None, room=None, day="2026-11-24"):
    return visit(
        patient,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at(clock, cast.uptown, day),
        practitioners={"acupuncture": (who or cast.mei).practitioner},
        rooms={"treatment": room or cast.room_1},
    )


def where(booked):
    """(start, practitioner, room) of the first phase, as stored."""
    phase = VisitPhase.objects.filter(visitpart__appointment=booked).order_by("position")[0]
    return f"{local(phase.starts_at, booked.location.tz):%H:%M}", phase.practitioner_id, phase.room_id


def opened(page, person, query=""):
    sign_in(page, person)
    page.goto(CALENDAR + query)
    expect(page.locator("#calendar.is-live")).to_be_attached()
    return page


def piece(page, name):
    """The piece of a visit that carries its name."""
    return page.locator(".ec-event", has=page.locator("a.cal-open[data-head]", has_text=name))


def grab(page, name):
    """The mouse is down on a piece of the visit; where."""
    found = piece(page, name)
    found.scroll_into_view_if_needed()
    box = found.bounding_box()
    x, y = box["x"] + 30, box["y"] + 8
    page.mouse.move(x, y)
    page.mouse.down()
    return x, y


def drag(page, name, *, minutes=0, columns=0):
    """With the button still down, so many minutes later and so many columns to the right."""
    x, y = grab(page, name)
    width = page.locator(".ec-body .ec-day").first.bounding_box()["width"]
    page.mouse.move(x + 5, y + 5)
    page.mouse.move(x + columns * width, y + minutes / 5 * FIVE_MINUTES, steps=8)


def toast(page, text):
    return page.locator("#toasts [data-toast]", has_text=text)


def column_of(page, name, titles):
    """Which column a visit's piece stands in."""
    box = piece(page, name).bounding_box()
    days = page.locator(".ec-body .ec-day")
    edges = [days.nth(number).bounding_box() for number in range(len(titles))]
    return next(
        title
        for title, edge in zip(titles, edges, strict=True)
        if edge["x"] <= box["x"] < edge["x"] + edge["width"]
    )


# Dragging


def test_dragging_to_another_time_and_provider_and_taking_it_back(cast, desktop):
    booked = acupuncture(cast, cast.maria, "13:00")
    before = where(booked)
    opened(desktop, cast.ana)
    drag(desktop, "Garcia, Maria", minutes=60, columns=3)
    desktop.mouse.up()
    expect(toast(desktop, "Garcia, Maria is moved to Tue Nov 24, 2:00 to 2:55 pm.")).to_be_visible()
    assert where(booked) == ("14:00", cast.sam.practitioner.pk, cast.room_1.pk)
    expect(desktop.locator('a.cal-open[data-head][data-start="2026-11-24T14:00"]')).to_be_visible()
    assert column_of(desktop, "Garcia, Maria", PROVIDERS) == "Sam Park"
    desktop.keyboard.press("Control+z")
    expect(toast(desktop, "Undone.")).to_be_visible()
    expect(desktop.locator('a.cal-open[data-head][data-start="2026-11-24T13:00"]')).to_be_visible()
    assert where(booked) == before


def test_dragging_to_another_room(cast, desktop):
    booked = acupuncture(cast, cast.maria, "13:00")
    opened(desktop, cast.ana, "?by=room")
    drag(desktop, "Garcia, Maria", columns=2)
    desktop.mouse.up()
    expect(toast(desktop, "Garcia, Maria is moved to Tue Nov 24, 1:00 to 1:55 pm.")).to_be_visible()
    assert where(booked) == ("13:00", cast.mei.practitioner.pk, cast.room_3.pk)


def test_a_refused_drop_goes_back_and_says_why(cast, desktop):
    booked = acupuncture(cast, cast.maria, "13:00")
    acupuncture(cast, cast.tunde, "14:00", room=cast.room_2)
    before = where(booked)
    opened(desktop, cast.ana)
    drag(desktop, "Garcia, Maria", minutes=60)
    desktop.mouse.up()
    expect(toast(desktop, "Mei Tan, L.Ac. is taken from 2:00 pm. Nearest free times:")).to_be_visible()
    expect(desktop.locator('a.cal-open[data-head][data-start="2026-11-24T13:00"]')).to_be_visible()
    assert where(booked) == before
    assert Change.objects.count() == 0


def test_a_page_that_lost_its_connection_puts_the_visit_back(cast, desktop):
    booked = acupuncture(cast, cast.maria, "13:00")
    opened(desktop, cast.ana)
    desktop.route("**/drop/", lambda route: route.fulfill(status=429, body="busy"))
    drag(desktop, "Garcia, Maria", minutes=60)
    desktop.mouse.up()
    expect(toast(desktop, "That did not work and nothing was changed.")).to_be_visible()
    assert piece(desktop, "Garcia, Maria").count() == 1
    assert where(booked)[0] == "13:00"


def test_escape_stops_a_drag_and_leaves_the_panel_alone(cast, desktop):
    booked = acupuncture(cast, cast.maria, "13:00")
    opened(desktop, cast.ana)
    desktop.get_by_role("link", name="Block time").click()
    expect(desktop.locator("#panel h2")).to_have_text("Block time")
    drag(desktop, "Garcia, Maria", minutes=60)
    expect(desktop.locator(".ec-preview")).to_be_visible()
    desktop.keyboard.press("Escape")
    expect(desktop.locator(".ec-preview")).to_have_count(0)
    desktop.mouse.up()
    expect(desktop.locator("#panel h2")).to_have_text("Block time")
    assert where(booked)[0] == "13:00"
    assert Change.objects.count() == 0
    desktop.keyboard.press("Escape")
    expect(desktop.locator("#panel h2")).to_have_count(0)


def test_what_cannot_move_cannot_be_dragged(cast, desktop):
    acupuncture(cast, cast.priya, "13:00")
    opened(desktop, cast.ana)
    expect(desktop.locator(".ec-event.is-block .cal-name", has_text="Busy").first).to_be_visible()
    assert desktop.locator(".ec-draggable").count() == 0
    assert "Shah" not in desktop.content()


# The keyboard


def test_the_keyboard_reaches_every_visit_and_its_move_form(cast, desktop):
    first = acupuncture(cast, cast.maria, "13:00")
    acupuncture(cast, cast.tunde, "14:00", room=cast.room_2)
    acupuncture(cast, cast.iris, "13:30", who=cast.sam, room=cast.room_3)
    opened(desktop, cast.ana)
    focused = desktop.locator("a:focus")
    desktop.locator('.cal-open[tabindex="0"]').focus()
    expect(focused).to_contain_text("Garcia, Maria")
    desktop.keyboard.press("ArrowDown")
    expect(focused).to_contain_text("Okafor, Tunde")
    desktop.keyboard.press("ArrowRight")
    expect(focused).to_contain_text("Cole, Iris")
    desktop.keyboard.press("ArrowLeft")
    expect(focused).to_contain_text("Garcia, Maria")
    assert desktop.locator('.ec-event [tabindex="0"]').count() == 2
    desktop.keyboard.press("Tab")
    expect(focused).to_have_accessible_name("Move… Garcia, Maria")
    with desktop.expect_request(f"**/calendar/visits/{first.pk}/move/"):
        desktop.keyboard.press("Enter")
    expect(desktop.locator("#panel h2")).to_be_visible()


def test_enter_opens_a_visit_beside_the_calendar_and_closing_comes_back(cast, desktop):
    booked = acupuncture(cast, cast.maria, "13:00")
    opened(desktop, cast.ana)
    desktop.locator('.cal-open[tabindex="0"]').focus()
    with desktop.expect_request(f"**/calendar/visits/{booked.pk}/"):
        desktop.keyboard.press("Enter")
    expect(desktop.locator("#panel h2")).to_be_visible()
    expect(desktop.locator(".cal-grid")).to_be_visible()
    desktop.keyboard.press("Escape")
    expect(desktop.locator("a:focus")).to_contain_text("Garcia, Maria")


# Going to other days


def test_another_day_comes_without_loading_the_page(cast, desktop):
    acupuncture(cast, cast.maria, "13:00")
    acupuncture(cast, cast.tunde, "13:00", day="2026-11-25")
    opened(desktop, cast.ana)
    desktop.evaluate("() => { window.stayed = true; }")
    desktop.get_by_role("link", name="Day after").click()
    expect(desktop.locator("#calendar-when")).to_have_text("Wed Nov 25, 2026")
    expect(piece(desktop, "Okafor, Tunde")).to_be_visible()
    expect(piece(desktop, "Garcia, Maria")).to_have_count(0)
    assert "date=2026-11-25" in desktop.url
    desktop.go_back()
    expect(piece(desktop, "Garcia, Maria")).to_be_visible()
    expect(desktop.locator("#calendar-when")).to_have_text("Tue Nov 24, 2026")
    desktop.locator("#calendar-date").fill("2026-11-25")
    expect(piece(desktop, "Okafor, Tunde")).to_be_visible()
    assert desktop.evaluate("() => window.stayed")


def test_the_calendar_follows_what_others_change(cast, desktop):
    opened(desktop, cast.ana)
    acupuncture(cast, cast.maria, "13:00")
    desktop.evaluate("() => document.body.dispatchEvent(new CustomEvent('calendar-changed'))")
    expect(piece(desktop, "Garcia, Maria")).to_be_visible()


def test_the_line_stands_at_the_clinics_time_wherever_the_browser_is(cast, open_page):
    acupuncture(cast, cast.maria, "10:30")
    page = opened(open_page(zone="Asia/Tokyo"), cast.ana)
    line = page.locator(".ec-now-indicator").bounding_box()["y"]
    minutes = (line - piece(page, "Garcia, Maria").bounding_box()["y"]) / FIVE_MINUTES * 5
    assert 10 <= minutes <= 14


# Free places


def test_a_free_place_opens_the_booking_panel_with_its_time_and_provider(cast, desktop):
    acupuncture(cast, cast.maria, "13:00")
    opened(desktop, cast.ana)
    box = piece(desktop, "Garcia, Maria").bounding_box()
    width = desktop.locator(".ec-body .ec-day").first.bounding_box()["width"]
    with desktop.expect_request("**/calendar/book/?*") as asked:
        desktop.mouse.click(box["x"] + 40 + width, box["y"] + 2)
    said = parse_qs(urlsplit(asked.value.url).query)
    assert said == {"date": ["2026-11-24"], "time": ["13:00"], "provider": [str(cast.daniel.practitioner.pk)]}


def test_while_needles_are_in_the_place_beside_is_free(cast, desktop):
    acupuncture(cast, cast.maria, "13:00")
    opened(desktop, cast.ana)
    box = piece(desktop, "Garcia, Maria").bounding_box()
    with desktop.expect_request("**/calendar/book/?*") as asked:
        desktop.mouse.click(box["x"] + box["width"] / 2, box["y"] + 4 * FIVE_MINUTES + 2)
    assert parse_qs(urlsplit(asked.value.url).query)["time"] == ["13:20"]


def test_free_places_light_up_for_the_service_in_the_panel(cast, desktop):
    acupuncture(cast, cast.maria, "13:00")
    opened(desktop, cast.ana)
    service = cast.service("acupuncture_follow_up").pk
    tell = "document.body.dispatchEvent(new CustomEvent('service-chosen', { detail: { service, patient: null } }))"
    desktop.evaluate(f"(service) => {tell}", service)
    expect(desktop.locator(".free-gap").first).to_be_visible()
    lit = {round(each.bounding_box()["x"]) for each in desktop.locator(".free-gap").all()}
    columns = [round(each.bounding_box()["x"]) for each in desktop.locator(".ec-body .ec-day").all()]
    assert lit == {columns[0], columns[3]}  # Mei and Sam; Ken's license has ended
    desktop.evaluate("() => document.dispatchEvent(new CustomEvent('meridian:panel-closed'))")
    expect(desktop.locator(".free-gap")).to_have_count(0)


def test_lights_are_of_the_provider_who_was_asked_for(cast, desktop):
    opened(desktop, cast.ana)
    detail = {"service": cast.service("acupuncture_follow_up").pk, "provider": cast.sam.practitioner.pk}
    desktop.evaluate(
        "(detail) => document.body.dispatchEvent(new CustomEvent('service-chosen', { detail }))", detail
    )
    expect(desktop.locator(".free-gap")).to_have_count(1)
    desktop.evaluate(
        "() => document.body.dispatchEvent(new CustomEvent('service-chosen', { detail: { service: null } }))"
    )
    expect(desktop.locator(".free-gap")).to_have_count(0)


def test_away_opens_from_the_head_of_a_column(cast, desktop):
    opened(desktop, cast.ana)
    with desktop.expect_request(f"**/calendar/away/{cast.mei.practitioner.pk}/"):
        desktop.get_by_role("link", name="Away… Mei Tan").click()
    expect(desktop.locator("#panel h2")).to_be_visible()
    expect(desktop.locator(".cal-grid")).to_be_visible()


def test_a_day_on_which_nobody_works_says_so(cast, desktop):
    WorkingHours.objects.filter(location=cast.uptown).delete()
    opened(desktop, cast.ana)
    expect(desktop.get_by_text("Nobody works here on this day, and nothing is booked.")).to_be_visible()
    assert_accessible(desktop)


def test_blocking_time_and_freeing_it_again(cast, desktop):
    opened(desktop, cast.ana)
    desktop.get_by_role("link", name="Block time").click()
    panel = desktop.locator("#panel")
    expect(panel.get_by_label("Day")).to_have_value("2026-11-24")
    panel.get_by_label("From").fill("12:00")
    panel.get_by_label("Until").fill("12:30")
    panel.get_by_role("button", name="Block").click()
    expect(panel.get_by_text("Choose a provider, a room or both.")).to_be_visible()
    panel.get_by_label("Provider").select_option(label="Mei Tan, L.Ac.")
    panel.get_by_role("button", name="Block").click()
    expect(panel.locator("h2")).to_have_text("Meeting")
    drawn = desktop.locator(".ec-event.is-block", has_text="Meeting")
    expect(drawn).to_be_visible()
    assert_accessible(desktop)
    desktop.keyboard.press("Escape")
    drawn.click()
    panel.get_by_role("button", name="Free this time").click()
    expect(panel.get_by_text("This time is free again.")).to_be_visible()
    expect(drawn).to_have_count(0)
    assert Block.objects.get().removed_at is not None
    assert Reservation.objects.count() == 0


# Everybody can use it


@pytest.mark.parametrize("query", ["", "?by=room", "?view=week"])
def test_the_grid_is_accessible_in_both_themes(cast, desktop, query):
    acupuncture(cast, cast.maria, "11:00")
    acupuncture(cast, cast.priya, "13:00")
    opened(desktop, cast.ana, query)
    assert_accessible(desktop)


@pytest.mark.parametrize("width", [320, 375, 1366])
def test_the_list_is_accessible_at_every_width(cast, open_page, width):
    acupuncture(cast, cast.maria, "11:00")
    acupuncture(cast, cast.priya, "13:00")
    page = sign_in(open_page(width=width, height=800), cast.ana)
    page.goto(CALENDAR + "?view=list")
    expect(page.get_by_role("link", name="Garcia, Maria", exact=True)).to_be_visible()
    assert_accessible(page)


def test_a_phone_shows_the_list_first_and_the_grid_when_asked(cast, phone):
    booked = acupuncture(cast, cast.maria, "11:00")
    sign_in(phone, cast.ana)
    phone.goto(CALENDAR)
    expect(phone.get_by_role("link", name="Garcia, Maria", exact=True)).to_be_visible()
    expect(phone.locator(".cal-grid")).to_be_hidden()
    expect(phone.get_by_role("link", name="List")).to_have_attribute("aria-current", "page")
    assert_accessible(phone)
    with phone.expect_request(f"**/calendar/visits/{booked.pk}/move/"):
        phone.get_by_role("link", name="Move… Garcia, Maria, 11:00 to 11:55 am").click()
    phone.goto(CALENDAR + "?view=day")
    expect(phone.locator("#calendar.is-live .ec")).to_be_visible()
    assert_fits(phone)


def test_the_list_follows_what_others_change(cast, phone):
    sign_in(phone, cast.ana)
    phone.goto(CALENDAR)
    expect(phone.get_by_text("Nothing on this day")).to_be_visible()
    acupuncture(cast, cast.maria, "13:00")
    phone.evaluate("() => document.body.dispatchEvent(new CustomEvent('calendar-changed'))")
    expect(phone.get_by_role("link", name="Garcia, Maria", exact=True)).to_be_visible()


def test_without_script_the_day_is_a_list(cast, chromium, live_server_url):
    acupuncture(cast, cast.maria, "11:00")
    context = chromium.new_context(base_url=live_server_url, java_script_enabled=False)
    page = sign_in(context.new_page(), cast.ana)
    page.goto(CALENDAR)
    expect(page.get_by_role("link", name="Garcia, Maria", exact=True)).to_be_visible()
    page.get_by_role("link", name="Day after").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wed Nov 25, 2026")
    context.close()
