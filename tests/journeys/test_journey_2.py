"""Journey 2: a whole plan of eight visits of two disciplines, wished for the afternoon, booked and taken back."""

import time

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from plans.models import PlanVisit
from scheduling.models import Appointment, Status
from tests.browser import assert_accessible, assert_fits, sign_in, taps
from tests.plans.checker import broken
from tests.plans.courses import a_plan

pytestmark = pytest.mark.browser

TWO_DISCIPLINES = (("acupuncture_adjustment", 4), ("acupuncture_follow_up", 4))
# Seconds, of the keystroke-level model (Card, Moran and Newell 1980): to think, to point and click, a key.
THINK, POINT, KEY = 1.35, 1.3, 0.28


@pytest.fixture
def plan(cast, committed):
    return a_plan(cast, phases=TWO_DISCIPLINES)


def booked(plan):
    rows = PlanVisit.objects.filter(plan=plan, appointment__status=Status.BOOKED)
    return [row.appointment for row in rows.select_related("appointment__location").order_by("number")]


def in_the_afternoon(visit):
    return 12 <= visit.starts_at.astimezone(visit.location.tz).hour < 17


def test_a_whole_course_by_mouse_in_six_actions_and_a_minute(cast, desktop, plan):
    sign_in(desktop, cast.ana)
    desktop.goto(reverse("plans:of_patient", args=[cast.maria.pk]))
    before = taps(desktop)
    began = time.monotonic()
    desktop.get_by_role("link", name="Book the course").first.click()
    expect(desktop.locator("#course-said")).to_contain_text("All 8 visits fit.")
    desktop.get_by_label("Morning", exact=True).click()
    desktop.get_by_label("Evening", exact=True).click()
    desktop.get_by_role("button", name="Find times").click()
    expect(desktop.locator(".course-when").first).to_contain_text("pm")
    desktop.get_by_role("button", name="Book 8 visits").click()
    desktop.wait_for_url("**/course/booked/")
    waited = time.monotonic() - began
    actions = taps(desktop) - before
    seconds = actions * (THINK + POINT) + waited
    print(f"{actions} actions, {seconds:.0f} s of which {waited:.1f} s of waiting")
    assert actions <= 6
    assert seconds <= 60
    visits = booked(plan)
    assert len(visits) == 8
    assert all(map(in_the_afternoon, visits))
    assert broken(plan) == []
    desktop.get_by_role("button", name="Undo all").click()
    desktop.wait_for_url("**/course/")
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 0


def test_a_whole_course_by_keyboard(cast, desktop, plan):
    sign_in(desktop, cast.ana)
    desktop.goto(reverse("plans:course", args=[plan.pk]))
    for name in ("Morning", "Evening"):
        desktop.get_by_label(name, exact=True).focus()
        desktop.keyboard.press("Space")
    desktop.get_by_role("button", name="Find times").focus()
    desktop.keyboard.press("Enter")
    expect(desktop.locator(".course-when").first).to_contain_text("pm")
    desktop.get_by_role("button", name="Book 8 visits").focus()
    desktop.keyboard.press("Enter")
    desktop.wait_for_url("**/course/booked/")
    assert len(booked(plan)) == 8
    assert all(map(in_the_afternoon, booked(plan)))


@pytest.mark.parametrize("width, height", [(1366, 900), (375, 812)])
def test_the_pages_can_be_read_by_everybody(cast, open_page, plan, width, height):
    page = open_page(width=width, height=height)
    sign_in(page, cast.ana)
    page.goto(reverse("plans:course", args=[plan.pk]))
    expect(page.locator("#course-said")).to_contain_text("All 8 visits fit.")
    page.get_by_role("button", name="Another time for visit 3").click()
    expect(page.locator(".course-others button").first).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    page.locator(".course-others button").first.click()
    expect(page.locator("#pin-3")).to_be_checked()
    page.get_by_role("button", name="Book 8 visits").click()
    page.wait_for_url("**/course/booked/")
    assert_accessible(page)
    assert_fits(page)


def test_what_does_not_fit_offers_one_button(cast, open_page, committed):
    plan = a_plan(cast, phases=TWO_DISCIPLINES, spacing=(3, 4))
    page = open_page(width=1366, height=900)
    sign_in(page, cast.ana)
    page.goto(reverse("plans:course", args=[plan.pk]))
    for day in ("Wed", "Thu", "Fri", "Sat", "Sun"):
        page.get_by_label(day, exact=True).click()
    page.get_by_role("button", name="Find times").click()
    expect(page.locator("#relax")).to_be_visible()
    page.locator("#relax").click()
    expect(page.locator("#wishes")).to_contain_text("allowed in addition")
