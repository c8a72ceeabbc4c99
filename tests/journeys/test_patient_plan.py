"""A patient is invited by mail, signs in on the phone, sees the plan, ticks what was done, answers, and prints."""

import re

import pytest
from playwright.sync_api import expect

from messaging.models import StaffTask
from outcomes.models import Score
from patients.actions import accounts
from patients.models import RelatedPerson
from plans.models import HomeTick
from tests.browser import assert_accessible, assert_fits, sign_in, sign_in_by_form, taps
from tests.cast import NOW
from tests.outcomes.rows import a_check
from tests.portal.links import link_of
from tests.portal.rows import GOAL, HOW, a_page, released, ticked

pytestmark = pytest.mark.browser
PASSWORD = "seven quiet rivers run"
TEXTS = (
    *("aftercare_acupuncture", "aftercare_adjustment", "aftercare_water_movement"),
    *("studies_neck", "studies_combined", "not_instead_of_medical_care"),
)


def pressed(page, name, is_pressed):
    expect(page.get_by_role("button", name=name)).to_have_attribute("aria-pressed", is_pressed)


def unfold(page):
    for one in page.locator("details").all():
        one.evaluate("one => { one.open = true; }")


def test_from_the_invitation_to_the_first_tick(cast, phone):
    a_page(cast, cast.maria)
    link = link_of(accounts.invite(by=cast.ana, request_key=None, pk=cast.maria.pk, person=None, now=NOW))
    phone.goto(link)
    phone.get_by_label(re.compile(r"^\s*Password")).fill(PASSWORD)
    phone.get_by_label("The same password once more").fill(PASSWORD)
    phone.get_by_role("button", name="See your plan").click()
    phone.get_by_role("heading", name="Hi Maria").wait_for()
    expect(phone.get_by_text("Thu Nov 26, 9:30 am")).to_be_visible()
    expect(phone.get_by_text("4 of 8 visits done")).to_be_visible()
    expect(phone.get_by_text(f"“{GOAL}”")).to_be_visible()
    expect(phone.get_by_text("7 at the start, 4 now.")).to_be_visible()
    phone.get_by_role("button", name="Chin tucks").click()
    pressed(phone, "Chin tucks", "true")
    assert taps(phone) == 4
    assert HomeTick.objects.get().done is True


def test_signed_in_again_one_tap_ticks_and_the_next_takes_it_back(cast, phone):
    plan = a_page(cast, cast.rita)
    ticked(plan.home_activities.get(name="Chin tucks"), cast.rita, days=1)
    sign_in_by_form(phone, cast.rita)
    phone.get_by_role("heading", name="Hi Rita").wait_for()
    assert taps(phone) == 3
    button = phone.get_by_role("button", name="Chin tucks")
    expect(button).to_have_accessible_description("5 times a week · 1 of 5 this week")
    button.click()
    pressed(phone, "Chin tucks", "true")
    expect(button).to_have_accessible_description("5 times a week · 2 of 5 this week")
    expect(button).to_be_focused()
    assert taps(phone) == 4
    button.click()
    pressed(phone, "Chin tucks", "false")
    assert list(HomeTick.objects.order_by("at").values_list("done", flat=True)) == [True, True, False]
    assert button.bounding_box()["height"] >= 44


def test_a_tick_that_is_refused_says_so_and_leaves_the_list(cast, phone):
    plan = a_page(cast, cast.rita)
    sign_in(phone, cast.rita).goto("/my/")
    # As a page has it that was left open over night.
    for field in phone.locator("#home input[name=on]").all():
        field.evaluate("field => { field.value = '2026-11-23'; }")
    phone.get_by_role("button", name="Chin tucks").click()
    expect(phone.locator("#home").get_by_text("A new day has begun")).to_be_visible()
    phone.get_by_role("button", name="Chin tucks").click()
    pressed(phone, "Chin tucks", "true")
    expect(phone.get_by_text("A new day has begun")).to_have_count(0)
    # An answer that has no list in it.
    phone.route(
        "**/home/**", lambda route: route.fulfill(status=429, content_type="text/html", body="<p>Later</p>")
    )
    phone.get_by_role("button", name="Chin tucks").click()
    expect(phone.locator("#toasts").get_by_text("nothing was changed")).to_be_visible()
    pressed(phone, "Chin tucks", "true")
    assert HomeTick.objects.filter(activity__plan=plan).count() == 1


def test_quick_questions_are_answered_on_the_page(cast, phone):
    a_page(cast, cast.rita)
    sign_in(phone, cast.rita).goto("/my/")
    before = taps(phone)
    phone.get_by_text("6 quick questions").click()
    # A radio button is as large as its number, which lies above it.
    for name in ("NRS-nrs_now", "NRS-nrs_avg", "NRS-nrs_worst", "PEG-peg_p", "PEG-peg_e", "PEG-peg_g"):
        phone.locator(f"label:has([name={name}][value='3'])").click()
    assert_accessible(phone)
    phone.get_by_role("button", name="Send").click()
    phone.get_by_role("heading", name="Thank you").wait_for()
    assert taps(phone) - before == 8
    assert_accessible(phone)
    phone.get_by_role("link", name="Back to the plan").click()
    phone.get_by_text("7 at the start, 3 now.").wait_for()
    assert set(Score.objects.filter(how="portal").values_list("measure", "score")) == {("NRS", 3), ("PEG", 3)}


def test_hard_answers_are_met_with_a_word(cast, phone):
    check = a_check(cast, "PHQ2", patient=cast.rita, lead=cast.mei)
    sign_in(phone, cast.rita).goto(f"/my/{cast.rita.pk}/questions/{check.pk}/")
    assert_accessible(phone)
    for name in ("PHQ2-phq_1", "PHQ2-phq_2"):
        phone.locator(f"[name={name}][value='2']").check()
    phone.get_by_role("button", name="Send").click()
    phone.get_by_role("heading", name="Thank you for telling us").wait_for()
    expect(phone.get_by_text("call or text 988")).to_be_visible()
    assert_accessible(phone)
    assert StaffTask.objects.get(kind="mood_answer").for_user == cast.mei


def test_what_is_left_open_is_said_and_nothing_is_lost(cast, phone):
    a_page(cast, cast.rita)
    sign_in(phone, cast.rita).goto("/my/")
    phone.get_by_text("6 quick questions").click()
    phone.locator("label:has([name=NRS-nrs_avg][value='2'])").click()
    phone.get_by_role("button", name="Send", exact=True).click()
    phone.get_by_text("5 questions are still open").wait_for()
    assert phone.locator("[name=NRS-nrs_avg][value='2']").is_checked()
    assert_accessible(phone)
    phone.get_by_role("button", name="Send without them").click()
    phone.get_by_role("heading", name="Thank you").wait_for()
    assert list(Score.objects.filter(how="portal").values_list("measure", "score")) == [("NRS", 2)]


@pytest.mark.parametrize(("width", "height"), [(375, 812), (320, 640), (1366, 900)])
def test_it_is_accessible_folded_and_unfolded(cast, open_page, width, height):
    a_page(cast, cast.rita)
    released(*TEXTS)
    page = sign_in(open_page(width=width, height=height), cast.rita)
    page.goto("/my/")
    assert_accessible(page)
    unfold(page)
    assert_accessible(page)
    assert_fits(page)


def test_it_prints_whole_and_without_what_is_for_fingers(cast, open_page):
    a_page(cast, cast.rita)
    released(*TEXTS)
    page = sign_in(open_page(), cast.rita)
    page.goto("/my/")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.evaluate("() => dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    for hidden in (".frame-bar", ".quick", "[data-print]"):
        expect(page.locator(hidden)).to_be_hidden()
    for shown in (HOW, "Nov 13, 2026", "Not found: in a trial of 177 people", "Call 911."):
        expect(page.get_by_text(shown).first).to_be_visible()
    page.emulate_media(media="screen")
    page.evaluate("() => dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0


def test_a_mother_looks_at_her_own_page_and_at_her_sons(cast, phone):
    a_page(cast, cast.leo)
    RelatedPerson.objects.filter(pk=cast.leos_mother.pk).update(health_details=True, version=2)
    sign_in(phone, cast.iris).goto("/my/")
    phone.get_by_role("heading", name="Hi Iris").wait_for()
    phone.get_by_role("link", name="Leo").click()
    phone.get_by_role("heading", name="Leo", exact=True).wait_for()
    assert_accessible(phone)
    phone.get_by_role("button", name="10 minute walk").click()
    pressed(phone, "10 minute walk", "true")
    expect(phone.get_by_role("link", name="Leo")).to_have_attribute("aria-current", "page")
    expect(phone.get_by_text(GOAL)).to_have_count(0)
    expect(phone.get_by_text("Visits left")).to_have_count(0)
