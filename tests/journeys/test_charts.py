"""A chart that is closed is opened with a reason, read, and not written in; the owner and the patient see it."""

from itertools import count

import pytest
from django.db.models import F
from playwright.sync_api import expect

from clinic.models import AuditEvent, ChartsOpenTo, Clinic
from patients.models import CareTeam, Why
from patients.queries.charts import OPENED
from tests.browser import assert_accessible, assert_fits, sign_in, taps
from tests.portal.rows import a_page, sign
from tests.treatment.rows import acupuncture_visit, part_of, saved
from treatment.actions.drafts import open_note

pytestmark = pytest.mark.browser
WORDS = "woke up stiff after the long drive"
REASON = "Covers for Mei today"
OFFERED = """() => [...document.querySelectorAll("main [href^='/'], main [hx-get]")]
    .filter((one) => one.checkVisibility())
    .map((one) => one.getAttribute("hx-get") ?? one.getAttribute("href"))"""


STATUSES = "offered => Promise.all(offered.map(one => fetch(one).then(answer => answer.status)))"


def a_closed_chart(cast):
    """Rita's, whom Mei treats: with a signed note, a plan, scores. Jo works where she comes."""
    a_page(cast, cast.rita)
    visit = acupuncture_visit(cast, cast.rita, clock="08:30")
    note = open_note(by=cast.mei, part=part_of(visit).pk)
    saved(note, said_words=WORDS)
    sign(note, cast.mei)
    Clinic.objects.update(charts_open_to=ChartsOpenTo.TEAM, version=F("version") + 1)
    return (
        f"/patients/{cast.rita.pk}/",
        f"/notes/patients/{cast.rita.pk}/",
        f"/plans/patients/{cast.rita.pk}/",
    )


def tab_to(page, place):
    for pressed in count(1):
        page.keyboard.press("Tab")
        if place.evaluate("one => one === document.activeElement"):
            return
        assert pressed < 60, "never reached"


def show_the_refusal(page):
    """A page that was refused, without Chromium's word about it on the console."""
    page.route("**/notes/patients/*/", lambda route: route.fulfill(response=route.fetch(), status=200))


def the_head_has_come(page):
    """Alerts and plan of the chart’s head come a moment later, and what is below them moves."""
    page.get_by_label("Why you open it").wait_for()
    page.wait_for_load_state("networkidle")


def test_opened_with_the_mouse_and_read(cast, open_page):
    chart, notes, _plans = a_closed_chart(cast)
    page = sign_in(open_page(), cast.jo)
    page.goto(chart)
    expect(page.get_by_text("This chart is not open to you")).to_be_visible()
    before = taps(page)
    page.get_by_role("link", name="Open with a reason").click()
    the_head_has_come(page)
    page.get_by_label("Why you open it").fill(REASON)
    page.get_by_role("button", name="Open to read").click()
    expect(page.get_by_text("Opened with a reason: yours to read until")).to_be_visible()
    assert taps(page) - before == 3
    page.get_by_role("link", name="Notes", exact=True).click()
    expect(page.get_by_text(WORDS)).to_be_visible()
    assert page.url.endswith(notes)
    assert AuditEvent.objects.get(verb=OPENED).detail == {"reason": REASON}


def test_opened_by_keyboard_alone_from_the_page_that_refuses(cast, open_page):
    _chart, notes, _plans = a_closed_chart(cast)
    page = sign_in(open_page(), cast.jo)
    show_the_refusal(page)
    page.goto(notes)
    expect(page.get_by_role("heading", level=1)).to_have_text("This chart is closed to you")
    expect(page.get_by_text(WORDS)).to_have_count(0)
    before = taps(page)
    tab_to(page, page.get_by_role("link", name="Open with a reason"))
    page.keyboard.press("Enter")
    reason = page.get_by_label("Why you open it")
    reason.wait_for()
    tab_to(page, reason)
    page.keyboard.press("Enter")
    expect(page.locator("main").get_by_text("Say why you open it.").first).to_be_visible()
    tab_to(page, reason)
    page.keyboard.type(REASON)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Opened with a reason: yours to read until")).to_be_visible()
    assert taps(page) - before == 4
    assert CareTeam.objects.get(why=Why.REASON).user == cast.jo


def test_who_reads_with_a_reason_is_offered_nothing_that_is_refused(cast, open_page):
    pages = a_closed_chart(cast)
    page = sign_in(open_page(), cast.jo)
    page.goto(f"{pages[0]}open/")
    the_head_has_come(page)
    page.get_by_label("Why you open it").fill(REASON)
    page.get_by_role("button", name="Open to read").click()
    for address in pages:
        page.goto(address)
        page.wait_for_load_state("networkidle")
        offered = [one for one in set(page.evaluate(OFFERED)) if "/static/" not in one]
        assert len(offered) > 5
        # Asked by the page itself: Playwright's own requests do not try again on a connection just closed.
        statuses = page.evaluate(STATUSES, offered)
        assert [one for one, status in zip(offered, statuses, strict=True) if status in (403, 404)] == []
    for address in pages[1:]:
        page.goto(address)
        assert page.locator("main form[method=post]").count() == 0


def test_the_owner_and_the_patient_see_it(cast, open_page):
    chart, _notes, _plans = a_closed_chart(cast)
    page = sign_in(open_page(), cast.jo)
    page.goto(f"{chart}open/")
    the_head_has_come(page)
    page.get_by_label("Why you open it").fill(REASON)
    page.get_by_role("button", name="Open to read").click()
    page.get_by_text("yours to read until").wait_for()
    owner = sign_in(open_page(), cast.olive)
    owner.goto("/today/to-dos/")
    owner.get_by_role("link", name="Jo Ruiz opened a chart with a reason", exact=True).click()
    expect(owner.get_by_role("listitem").filter(has_text="Jo Ruiz").filter(has_text=REASON)).to_be_visible()
    owner.get_by_role("link", name="Lopez, Rita").click()
    owner.get_by_text("Who looked").click()
    expect(
        owner.get_by_role("listitem").filter(has_text="Jo Ruiz").filter(has_text="with a reason")
    ).to_be_visible()
    patient = sign_in(open_page(width=375, height=812, touch=True), cast.rita)
    patient.goto("/my/")
    before = taps(patient)
    patient.get_by_role("link", name="Who opened your record").click()
    seen = patient.get_by_role("listitem").filter(has_text="Jo Ruiz")
    expect(seen).to_contain_text("provider with a reason")
    assert taps(patient) - before == 1
    expect(patient.get_by_text(REASON)).to_have_count(0)


@pytest.mark.parametrize("width", [1366, 320])
def test_every_page_of_it_reads_in_both_themes(cast, open_page, width):
    chart, notes, _plans = a_closed_chart(cast)
    page = sign_in(open_page(width=width), cast.jo)
    show_the_refusal(page)
    for address in (chart, notes, f"{chart}open/", f"{chart}restrict/"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert_accessible(page)
    page.goto(f"{chart}open/")
    the_head_has_come(page)
    page.get_by_label("Why you open it").fill(f"{REASON}: {'a' * 200}")
    page.get_by_role("button", name="Open to read").click()
    page.get_by_text("yours to read until").wait_for()
    page.wait_for_load_state("networkidle")
    assert_accessible(page)
    sign_in(page, cast.olive)
    for address in ("/patients/opened/", "/clinic/settings/", chart):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert_accessible(page)
    page.get_by_text("Who looked").click()
    assert_fits(page)
    sign_in(page, cast.rita).goto(f"/my/{cast.rita.pk}/opened/")
    assert_accessible(page)
