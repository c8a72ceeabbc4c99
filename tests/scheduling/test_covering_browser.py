"""What a visit uses, what canceling it costs and what proves it, as the desk sees it."""

from datetime import datetime

import pytest
from django.urls import reverse

from scheduling.actions.booking import Wanted, book
from scheduling.actions.ending import cancel
from tests.browser import assert_accessible, sign_in
from tests.packages.entries import authorization, policy, purchase

pytestmark = pytest.mark.browser


def booked(cast, **more):
    at = datetime(2026, 11, 25, 9, tzinfo=cast.uptown.tz)
    wanted = Wanted(cast.maria, cast.service("acupuncture_follow_up"), cast.uptown, at, **more)
    (visit,) = book(by=cast.ana, wanted=[wanted])
    return visit


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_the_cost_of_canceling_and_the_proof(cast, committed, request, width):
    page = request.getfixturevalue(width)
    policy(cast)
    purchase(cast, cast.maria, acupuncture_visit=3, adjustment_visit=2)
    visit = booked(cast)
    sign_in(page, cast.ana)
    page.goto(reverse("scheduling:cancel", args=[visit.pk]))
    assert page.get_by_text("this uses up the acupuncture visit").is_visible()
    assert_accessible(page)
    page.get_by_text("Told us earlier…").click()
    page.get_by_label("Time", exact=True).fill("08:00")
    page.get_by_label("Waive it: give the visit back").check()
    page.get_by_label("Why? Type it, or tap one of these.").fill("ill")
    page.get_by_role("button", name="Cancel the visit").click()
    page.get_by_text("Say why it is waived, in a word or two.").wait_for()
    assert page.get_by_label("Time", exact=True).input_value() == "08:00"
    assert page.get_by_label("Waive it: give the visit back").is_checked()
    assert page.get_by_label("Why? Type it, or tap one of these.").input_value() == "ill"
    assert_accessible(page)
    cancel(by=cast.ana, pk=visit.pk, reason="no time")
    page.goto(reverse("scheduling:visit", args=[visit.pk]))
    page.get_by_text("Waive…").click()
    assert page.get_by_label("Why it is waived").is_visible()
    assert_accessible(page)


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_booking_beyond_what_was_approved(cast, committed, request, width):
    page = request.getfixturevalue(width)
    authorization(cast, cast.maria, 1)
    booked(cast)
    sign_in(page, cast.ana)
    service = cast.service("acupuncture_follow_up")
    page.goto(reverse("scheduling:book") + f"?patient={cast.maria.pk}&service={service.pk}")
    assert page.get_by_text("Maria’s insurance visits are used up (0 of 1 left, until Jan 31).").is_visible()
    assert_accessible(page)
    page.get_by_label("Book it all the same: why?").fill("pays herself")
    page.get_by_label("The patient knows").check()
    page.get_by_role("button", name="Book", exact=False).first.click()
    page.wait_for_url("**/visits/**")
