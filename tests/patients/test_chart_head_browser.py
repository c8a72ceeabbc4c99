"""The head of a chart: its alerts and its plan come a moment later, and nothing below may move then."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser import sign_in
from tests.portal.rows import a_page

pytestmark = pytest.mark.browser
LATE = "**/{alerts,strip,pieces}/"
BELOW = """() => {
    const head = document.querySelector(".chart-head");
    return head.nextElementSibling.getBoundingClientRect().top + scrollY;
}"""


@pytest.mark.parametrize("width", [1366, 375])
@pytest.mark.parametrize("who", ["maria", "rita"])
def test_what_comes_later_moves_nothing(cast, open_page, width, who):
    """Maria has a plan, and Rita none."""
    a_page(cast, cast.maria)
    page = sign_in(open_page(width=width), cast.mei)
    patient = getattr(cast, who)
    waiting = []

    def keep(request):
        waiting.append(request)

    for route in ("patients:chart", "treatment:notes", "plans:of_patient"):
        waiting.clear()
        page.route(LATE, keep)
        page.goto(reverse(route, args=[patient.pk]), wait_until="load")
        page.wait_for_timeout(300)
        before = page.evaluate(BELOW)
        assert waiting, f"{route} fetches nothing of its head"
        for request in waiting:
            request.continue_()
        expect(page.locator(".chart-plan")).to_contain_text(
            "Plan 4 of 8" if who == "maria" else "No plan yet"
        )
        page.wait_for_load_state("networkidle")
        assert page.evaluate(BELOW) == before, route
        page.unroute(LATE)
