"""Repairing a course in a real browser: what happened, the ways on, one taken, all of it taken back."""

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from messaging.models import OutboxMessage
from plans.actions.course import book_course
from plans.models import PlanVisit
from tests.browser import assert_accessible, assert_fits, sign_in, taps
from tests.plans.courses import NOW, a_plan, proposed
from tests.plans.test_course_moved import chosen_of

pytestmark = pytest.mark.browser


@pytest.fixture
def plan(cast, committed):
    """Four visits on Mondays from Dec 7, where the plan has them over ten days."""
    plan = a_plan(cast, spacing=(1, 14))
    found = proposed(plan, weekdays=frozenset({0}), starts=date(2026, 12, 7))
    book_course(by=cast.ana, plan=plan, chosen=chosen_of(found.offers.items()))
    OutboxMessage.objects.update(sent_at=NOW)
    return plan


def days_of(plan):
    rows = PlanVisit.objects.filter(plan=plan).order_by("number").select_related("appointment")
    return [row.appointment.wall_date.isoformat() for row in rows]


def test_catching_up_and_taking_all_of_it_back(cast, desktop, plan):
    before = days_of(plan)
    sign_in(desktop, cast.ana)
    desktop.goto(reverse("plans:schedule", args=[plan.pk]))
    began = taps(desktop)
    desktop.get_by_role("link", name="Repair the course").click()
    desktop.get_by_label("What happened").select_option("pace")
    expect(desktop.get_by_label("Until and including")).to_be_hidden()
    desktop.get_by_role("button", name="Show the ways on").click()
    titles = desktop.locator(".course-way h3")
    expect(titles).to_have_text(
        [
            "End later: no visit moves",
            "Closer together: 2 visits move",
            "Closer together: 3 visits move",
        ]
    )
    desktop.get_by_role("button", name="Move 2 visits").click()
    desktop.wait_for_url("**/course/booked/")
    assert taps(desktop) - began <= 4
    assert days_of(plan)[-1] == "2026-12-17"
    assert OutboxMessage.objects.filter(kind="moved", withdrawn_at=None).count() == 1
    desktop.get_by_role("button", name="Undo all").click()
    expect(desktop.get_by_role("region", name="Messages")).to_contain_text("2 visits are back.")
    assert days_of(plan) == before
    assert OutboxMessage.objects.filter(kind="moved", withdrawn_at=None).count() == 0


@pytest.mark.parametrize("width, height", [(1366, 900), (375, 812), (320, 640)])
def test_the_page_can_be_read_by_everybody(cast, open_page, plan, width, height):
    page = open_page(width=width, height=height)
    sign_in(page, cast.mei)
    for asked in ("", "?reason=ill", "?reason=pace", "?reason=ill&until=2026-12-10"):
        page.goto(f"{reverse('plans:course_repair', args=[plan.pk])}{asked}")
        assert_accessible(page)
        assert_fits(page)


def test_what_is_printed_is_for_the_patient(cast, desktop, plan):
    sign_in(desktop, cast.ana)
    desktop.goto(reverse("plans:schedule", args=[plan.pk]))
    expect(desktop.locator(".chart-tabs")).to_be_visible()
    desktop.emulate_media(media="print")
    for seen in ("h2", ".course-schedule"):
        expect(desktop.locator(seen)).to_be_visible()
    for hidden in (".chart-head", ".chart-tabs", "[data-print]"):
        expect(desktop.locator(hidden).first).to_be_hidden()
