"""Three quick questions on the tablet: handed over by the desk, answered in four taps, read by the clinician."""

import pytest
from playwright.sync_api import expect

from outcomes.models import Activity, Score
from tests.browser import assert_accessible, sign_in, taps
from tests.cast import NOW
from tests.outcomes.rows import TODAY, a_check, answered, nrs, treated

pytestmark = pytest.mark.browser
# Seconds, of the keystroke-level model (Card, Moran and Newell 1980): pointing and tapping, getting ready to;
# and a word read silently at 238 a minute (Brysbaert 2019, adults and plain prose).
POINT, READY, WORD = 1.3, 1.35, 60 / 238


WORDS_SEEN = """() => {
    const main = document.querySelector("main").cloneNode(true);
    main.querySelectorAll(".visually-hidden, .ask-number").forEach((each) => each.remove());
    return main.textContent.trim().split(/\\s+/).length;
}"""


def smallest_target(page, selector):
    return min(
        min(box["width"], box["height"])
        for box in (each.bounding_box() for each in page.locator(selector).all())
    )


def test_peg_on_the_tablet_takes_at_most_45_seconds(cast, committed, open_page):
    a_check(cast, "PEG")
    tablet = open_page(width=768, height=1024, touch=True)
    sign_in(tablet, cast.ana)
    tablet.goto(f"/scores/patients/{cast.maria.pk}/due/")
    tablet.get_by_role("button", name="Hand over the tablet").click()
    expect(tablet.get_by_role("heading", level=1)).to_contain_text("How are you")
    assert_accessible(tablet)
    assert smallest_target(tablet, ".ask-number") >= 44
    read, before = tablet.evaluate(WORDS_SEEN), taps(tablet)
    for question, number in enumerate((6, 5, 4)):
        tablet.locator(".ask-scale").nth(question).locator(f"input[value='{number}']").check()
    tablet.get_by_role("button", name="Send").click()
    expect(tablet.get_by_role("heading", level=1)).to_have_text("Thank you")
    actions = taps(tablet) - before
    seconds = actions * (POINT + READY) + read * WORD  # the numbers of the scales are found, not read
    print(f"{read} words, {actions} taps, {seconds:.0f} s")
    assert actions == 4
    assert seconds <= 45
    assert Score.objects.get().score == 5
    # Nobody is signed in any more, and going back shows nothing.
    tablet.goto(f"/scores/patients/{cast.maria.pk}/due/")
    expect(tablet).not_to_have_url(f"/scores/patients/{cast.maria.pk}/due/")


def test_by_keyboard_and_what_is_open_is_said(cast, committed, open_page):
    check = a_check(cast, "PEG")
    page = open_page(width=320, height=700)
    sign_in(page, cast.mei)
    page.goto(f"/scores/patients/{cast.maria.pk}/checks/{check.pk}/answer/")
    page.locator("input[type=radio]").first.focus()
    for _step in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("input[type=radio]:checked")).to_have_value("3")
    page.get_by_role("button", name="Keep the answers").press("Enter")
    expect(page.locator(".refusal-title")).to_have_text(
        "2 questions are still open. Answer them, or send without them."
    )
    expect(page.locator("input[type=radio]:checked")).to_have_value("3")
    assert smallest_target(page, ".ask-number") >= 44
    assert_accessible(page)
    page.get_by_role("button", name="Send without them").press("Enter")
    expect(page.locator("h2").first).to_have_text("Scores")
    assert list(Score.objects.values_list("measure", "score")) == [("PEG", None)]


@pytest.mark.parametrize("width, height", [(1366, 900), (320, 700)])
def test_the_scores_are_accessible_and_print(cast, committed, open_page, width, height):
    hard = {"PHQ2": {"phq_1": 2, "phq_2": 2}}
    answered(cast, {**nrs(7), **hard}, days=35, occasion="baseline", named={1: ("Driving", 3)}, lead=cast.mei)
    treated(cast, cast.maria, "2026-11-10")
    own = str(Activity.objects.get().pk)
    answered(cast, {**nrs(4), "ACT3": {own: 6}}, days=2)
    a_check(cast, "NRS", due_on=TODAY, asked_at=NOW)
    page = open_page(width=width, height=height)
    sign_in(page, cast.mei)
    page.goto(f"/scores/patients/{cast.maria.pk}/")
    expect(page.locator(".score-says").first).to_have_text(
        "Down 3 since Oct 20; a drop of 2 is one people notice."
    )
    for each in page.locator("summary").all():
        each.click()
    assert_accessible(page)
    page.emulate_media(media="print")
    expect(page.locator(".score-picture").first).to_be_visible()
    expect(page.get_by_role("button", name="Hand over")).to_be_hidden()
