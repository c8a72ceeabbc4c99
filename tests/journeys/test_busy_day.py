"""A busy day at the desk and in the room: what is in the way of a hand, an eye or a keyboard."""

from datetime import timedelta

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from scheduling.actions.booking import Wanted, book
from scheduling.actions.steps import check_in, take_step
from tests.browser import assert_accessible, assert_fits, sign_in
from tests.rows import at, visit
from tests.treatment.rows import a_note

pytestmark = pytest.mark.browser


def adjustment(cast, patient, clock, room=None):
    return visit(
        patient,
        cast.service("adjustment"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"chiropractic": cast.daniel.practitioner},
        rooms={"adjusting": room or cast.room_4},
    )


def acupuncture(cast, patient, clock, room=None):
    return visit(
        patient,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"acupuncture": cast.mei.practitioner},
        rooms={"treatment": room or cast.room_1},
    )


def full_day(cast, clock="11:00"):
    """Fourteen visits, one every half hour; the last one is returned."""
    people = [cast.maria, cast.marta, cast.rita, cast.sunny, cast.tunde]
    start = at(clock, cast.uptown)
    rows = [
        visit(
            people[number % len(people)],
            cast.service("adjustment"),
            cast.uptown,
            start + timedelta(minutes=30 * number),
            practitioners={"chiropractic": cast.daniel.practitioner},
            rooms={"adjusting": cast.room_4},
        )
        for number in range(14)
    ]
    return rows[-1]


def renew(page):
    """The board asks for itself, as it does every 20 seconds; another element stands there afterwards."""
    page.evaluate("() => { document.querySelector('.board-updated').dataset.old = '1'; }")
    page.evaluate("() => document.getElementById('board').dispatchEvent(new CustomEvent('wake'))")
    expect(page.locator(".board-updated:not([data-old])")).to_be_attached()


# Today


def test_a_list_that_was_opened_or_closed_stays_so_when_the_board_refreshes(cast, desktop):
    last = full_day(cast)
    sign_in(desktop, cast.ana)
    desktop.goto("/today/")
    row = desktop.locator(f"#visit-{last.pk}")
    expect(row).to_be_hidden()
    desktop.locator("#later summary").click()
    expect(row).to_be_visible()
    for shown in (True, False):
        renew(desktop)
        expect(row).to_be_visible(visible=shown)
        desktop.locator("#later summary").click()
        expect(row).to_be_visible(visible=not shown)


def test_a_board_that_renews_itself_leaves_the_focus_where_it_was(cast, desktop):
    needled = acupuncture(cast, cast.maria, "10:10")
    check_in(by=cast.ana, pk=needled.pk, checked_another_way=True)
    for what in ("in_room", "needles_in"):
        take_step(by=cast.ana, pk=needled.pk, what=what)
    adjustment(cast, cast.marta, "10:30")
    sign_in(desktop, cast.ana)
    desktop.goto("/today/")
    for role, name in [
        ("button", "Unwell Garcia, Maria"),
        ("button", "+10 minutes longer: Garcia, Maria"),
        ("link", "Garcia, Marta"),
        ("link", "1 late"),
    ]:
        control = desktop.locator("#board").get_by_role(role, name=name, exact=True).last
        control.focus()
        renew(desktop)
        expect(control).to_be_focused()


def test_a_list_that_the_board_opens_by_itself_can_be_closed(cast, desktop):
    last = full_day(cast, "13:00")
    sign_in(desktop, cast.ana)
    desktop.goto("/today/")
    row = desktop.locator(f"#visit-{last.pk}")
    expect(row).to_be_visible()
    desktop.locator("#later summary").click()
    renew(desktop)
    expect(row).to_be_hidden()


def test_what_needs_you_is_found_in_a_list_that_is_folded_away(cast, desktop):
    last = full_day(cast)
    sign_in(desktop, cast.ana)
    desktop.goto("/today/")
    desktop.evaluate(
        f"""() => document.querySelector(".needs-you").insertAdjacentHTML(
            "beforeend", '<a id="lead" href="#visit-{last.pk}">1 clinician first</a>')"""
    )
    desktop.locator("#lead").click()
    expect(desktop.locator(f"#visit-{last.pk}")).to_be_in_viewport()


def test_what_was_found_stands_over_the_board_on_a_phone(cast, phone):
    acupuncture(cast, cast.maria, "11:00")
    sign_in(phone, cast.ana)
    phone.goto("/today/")
    phone.locator("#search").fill("garcia")
    last = phone.locator("#search-results .search-hit").last
    last.wait_for()
    # Where the list reaches into the rooms, a finger still meets the list.
    covered = phone.evaluate(
        """() => {
            const box = document.getElementById("search-results"), tile = document.querySelector(".tile");
            box.style.height = tile.getBoundingClientRect().bottom - box.getBoundingClientRect().top + "px";
            const { left, top } = tile.getBoundingClientRect();
            return Boolean(document.elementFromPoint(left + 40, top + 10).closest("#search-results"));
        }"""
    )
    assert covered


def test_checking_in_begins_in_the_field_and_who_has_nearly_this_name_is_read_with_it(cast, desktop):
    adjustment(cast, cast.marta, "11:30")
    adjustment(cast, cast.maria, "11:00", cast.room_5)
    sign_in(desktop, cast.ana)
    desktop.goto("/today/")
    desktop.get_by_role("link", name="Check in Garcia, Maria", exact=True).first.click()
    field = desktop.get_by_label("Birth date they say")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(
        "Garcia, Marta comes today too, at 11:30 am. Make sure who this is."
    )
    desktop.keyboard.type("1/1/1901")
    desktop.keyboard.press("Enter")
    refusal = desktop.locator("#panel .refusal")
    expect(refusal).to_be_focused()
    expect(field).to_have_value("1/1/1901")


# Finding somebody


def test_arrows_lead_from_the_name_to_whom_it_found_and_back(cast, desktop):
    sign_in(desktop, cast.ana)
    desktop.goto("/patients/")
    desktop.keyboard.press("b")
    field = desktop.locator("#find-patient")
    expect(field).to_be_focused()
    desktop.keyboard.type("garcia")
    hits = desktop.locator("#found-patients .search-hit")
    expect(hits).to_have_count(2)
    desktop.keyboard.press("ArrowDown")
    expect(hits.first).to_be_focused()
    desktop.keyboard.press("ArrowDown")
    desktop.keyboard.press("ArrowDown")
    expect(hits.last).to_be_focused()
    for _back in range(3):
        desktop.keyboard.press("ArrowUp")
    expect(field).to_be_focused()


def test_enter_leads_to_the_first_one_found_whom_a_second_enter_takes(cast, desktop):
    sign_in(desktop, cast.ana)
    desktop.goto("/patients/")
    desktop.keyboard.press("b")
    expect(desktop.locator("#find-patient")).to_be_focused()
    desktop.keyboard.type("okafor")
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#found-patients .search-hit").first).to_be_focused()
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#panel h2")).to_have_text("Tunde Okafor")


# A page that came back with a refusal


def test_a_likely_duplicate_has_the_focus_of_the_page_that_says_so(cast, desktop):
    sign_in(desktop, cast.ana)
    desktop.goto("/patients/new/")
    desktop.get_by_label("First name").fill("Maria")
    desktop.get_by_label("Last name").fill("Garcia")
    desktop.get_by_label("Phone").fill("(919) 555-0199")
    desktop.get_by_label("Birth date").fill(cast.maria.birth_date.strftime("%m/%d/%Y"))
    desktop.get_by_role("button", name="Register").click()
    expect(desktop.get_by_role("alert").filter(has_text="Is it one of these?")).to_be_focused()
    expect(desktop.get_by_label("Phone")).to_have_value("(919) 555-0199")


def test_what_is_missing_is_said_in_our_words_and_what_was_typed_is_not_left_unasked(cast, desktop):
    sign_in(desktop, cast.ana)
    desktop.goto("/patients/new/")
    desktop.get_by_label("Phone").fill("(919) 555-0199")
    desktop.get_by_role("button", name="Register").click()
    refusal = desktop.locator(".refusal")
    expect(refusal).to_be_focused()
    expect(refusal).to_contain_text("First name: Write a name. The first name is enough to begin with.")
    asked = []
    desktop.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    desktop.get_by_label("Phone").click()
    desktop.get_by_role("link", name="Today").click()
    desktop.wait_for_url("**/today/")
    assert asked == ["beforeunload"]


def test_a_panel_that_a_key_opened_gives_the_focus_to_what_the_key_stands_for(cast, desktop):
    sign_in(desktop, cast.ana)
    desktop.goto("/today/")
    desktop.keyboard.press("w")
    expect(desktop.locator("#known")).to_be_focused()
    # Another service looks for times again; whoever chose it goes on from there.
    desktop.get_by_label("First name").fill("Nora")
    service = desktop.locator("#id_service")
    service.focus()
    with desktop.expect_response("**/walk-in/"):
        service.select_option(label="Massage")
    expect(desktop.get_by_text("First times today")).to_be_visible()
    expect(service).to_be_focused()
    expect(desktop.get_by_label("First name")).to_have_value("Nora")
    desktop.keyboard.press("Escape")
    expect(desktop.locator("#walk-in")).to_be_focused()


# The calendar


def test_a_weekly_rule_shows_its_visits_where_the_eye_is(cast, open_page):
    desktop = open_page(height=768)
    taken = at("09:00", cast.uptown, "2026-11-30")
    book(by=cast.ana, wanted=[Wanted(cast.tunde, cast.service("massage"), cast.uptown, taken)])
    sign_in(desktop, cast.ana)
    asked = f"?patient={cast.maria.pk}&service={cast.service('massage').pk}&date=2026-11-30&time=09:00"
    desktop.goto("/calendar/")
    desktop.evaluate(f"htmx.ajax('GET', '{reverse('scheduling:repeat')}{asked}', '#panel')")
    days = desktop.locator("#panel .checks-inline input")
    expect(days).to_have_count(7)
    # Monday and Tuesday beside one another: the rule is read in one look.
    assert days.nth(0).bounding_box()["y"] == days.nth(1).bounding_box()["y"]
    with desktop.expect_request(lambda request: "look=1" in request.url) as asking:
        desktop.get_by_role("button", name="Show the visits").click()
    assert "csrfmiddlewaretoken" not in asking.value.url
    heading = desktop.locator("#panel h3", has_text="8 visits")
    expect(heading).to_be_focused()
    # The clash itself is to be read, and does not lie behind the foot.
    clash = desktop.locator("#panel fieldset legend", has_text="Nov 30, 9:00 am").bounding_box()
    foot = desktop.locator("#panel .panel-foot").bounding_box()
    assert clash["y"] + clash["height"] < foot["y"]
    assert_accessible(desktop)


def test_a_click_on_a_narrow_visit_opens_the_visit(cast, open_page):
    """Where "Move…" would cover the name, the pointer meets the name."""
    page = open_page(width=768)
    acupuncture(cast, cast.sunny, "13:00")
    acupuncture(cast, cast.maria, "13:15", cast.room_2)
    sign_in(page, cast.ana)
    page.goto("/calendar/")
    expect(page.locator("#calendar.is-live")).to_be_attached()
    piece = page.locator(".cal-piece", has_text="Garcia, Maria").first
    piece.scroll_into_view_if_needed()
    box = piece.bounding_box()
    assert box["width"] < 120
    page.mouse.move(box["x"] + box["width"] - 12, box["y"] + 10)
    page.mouse.click(box["x"] + box["width"] - 12, box["y"] + 10)
    expect(page.locator("#panel h2")).to_have_text("Maria Garcia")
    # The keyboard reaches it there all the same.
    page.keyboard.press("Escape")
    page.locator(".cal-open[data-head]", has_text="Garcia, Maria").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_have_text("Move Garcia, Maria")


# The chart, the forms, the note


def test_of_a_chart_only_who_it_is_stays_on_top_of_a_phone(cast, phone):
    sign_in(phone, cast.mei)
    phone.goto(f"/patients/{cast.maria.pk}/")
    phone.get_by_role("link", name="Account").wait_for()
    phone.evaluate("() => document.getElementById('main').style.setProperty('min-height', '200vh')")
    phone.evaluate("() => scrollTo(0, 600)")
    expect(phone.get_by_role("heading", name="Garcia, Maria", exact=True)).to_be_in_viewport()
    expect(phone.get_by_role("link", name="Call note")).not_to_be_in_viewport()
    assert_fits(phone)


def test_handing_out_forms_is_a_tab_of_the_chart(cast, desktop):
    sign_in(desktop, cast.ana)
    desktop.goto(f"/patients/{cast.maria.pk}/")
    desktop.get_by_role("link", name="Hand out forms").click()
    expect(desktop.get_by_role("heading", name="Garcia, Maria", exact=True)).to_be_visible()
    expect(desktop.get_by_role("link", name="Hand out forms")).to_have_attribute("aria-current", "page")
    assert_accessible(desktop)


def test_a_note_on_a_tablet_begins_with_the_body_and_not_with_a_keyboard(cast, open_page, committed):
    draft = a_note(cast)
    for width, height in [(768, 1024), (375, 812)]:
        page = open_page(width=width, height=height, touch=True)
        sign_in(page, cast.mei)
        page.goto(f"/notes/{draft.pk}/")
        expect(page.locator("#saving")).not_to_be_empty()
        assert page.evaluate("() => [document.activeElement.tagName, scrollY]") == ["BODY", 0]
        expect(page.locator(".note-body svg.body-chart:visible")).to_be_in_viewport()


def test_what_a_note_lacks_is_a_list_for_everybody(cast, desktop, committed):
    draft = a_note(cast)
    sign_in(desktop, cast.mei)
    desktop.goto(f"/notes/{draft.pk}/")
    expect(desktop.locator("#line")).to_be_focused()
    desktop.keyboard.type("LI4")
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#needlings > li")).to_have_count(1)
    desktop.get_by_role("button", name="Sign", exact=True).click()
    expect(desktop.locator("#missing li").first).to_be_visible()
    assert_accessible(desktop)
