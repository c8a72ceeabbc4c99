"""Journeys 6 and 7: a routine acupuncture note with ten points, and an adjustment in the same visit."""

import pytest
from playwright.sync_api import expect

from tests.browser import assert_accessible, sign_in, taps
from tests.treatment.notes import consented, integrated_visit
from tests.treatment.rows import a_note, child, part_of, saved
from treatment.actions.drafts import open_note
from treatment.models import Adjustment, Needling, Note

pytestmark = pytest.mark.browser

TEN = "GB20 b 20mm, LI4, LV3, ST36 L e-stim 2Hz, SI3 L, GB21 15mm, BL10, DU20, HT7 R, ashi L trap x3"
NEEDLES = 2 + 2 + 2 + 1 + 1 + 2 + 2 + 1 + 1 + 3
# Seconds, of the keystroke-level model (Card, Moran and Newell 1980): a key, and a pointing and clicking.
KEY, POINT = 0.28, 1.3


def saved_now(page):
    expect(page.locator("#saving")).to_contain_text("Saved", timeout=8000)


def tap(page, words):
    page.locator(".note-did").get_by_label(words, exact=True).click()


@pytest.fixture
def draft(cast, committed):
    consented(cast.maria, "acupuncture", by=cast.ana)
    return a_note(cast)


def test_a_routine_note_with_ten_points_by_mouse_and_line(cast, desktop, draft):
    sign_in(desktop, cast.mei)
    desktop.goto(f"/notes/{draft.pk}/")
    before = taps(desktop)
    desktop.locator("#line").fill(TEN)
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#needlings > li")).to_have_count(10)
    tap(desktop, "4")
    tap(desktop, "Better")
    desktop.get_by_role("button", name="Needles in").click()
    desktop.get_by_role("button", name="Needles out").click()
    desktop.get_by_role("button", name="All out").click()
    tap(desktop, "Clean technique")
    tap(desktop, "Needles in the sharps box")
    tap(desktop, "Nothing unwanted")
    desktop.get_by_role("button", name="Sign", exact=True).click()
    desktop.wait_for_url("**/notes/*/")
    expect(desktop.locator("#note")).to_have_count(0)
    actions = taps(desktop) - before
    seconds = len(TEN) * KEY + actions * POINT
    print(f"{actions} actions, {seconds:.0f} s of input")
    assert actions <= 12
    assert seconds <= 60
    row = Note.objects.get(pk=draft.pk)
    assert row.signed_by == cast.mei
    assert (row.said_pain_now, row.said_change, row.felt) == (4, "better", "nothing")
    assert sum(Needling.objects.filter(note=row).values_list("needles_in", flat=True)) == NEEDLES


def test_a_routine_note_by_keyboard(cast, desktop, draft):
    """The line has the focus when the page opens; every other answer is reached with Tab and Space."""
    sign_in(desktop, cast.mei)
    desktop.goto(f"/notes/{draft.pk}/")
    expect(desktop.locator("#line")).to_be_focused()
    desktop.keyboard.type("LI4 LV3")
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#needlings > li")).to_have_count(2)
    for name in ("Needles in", "Needles out", "All out"):
        desktop.get_by_role("button", name=name).focus()
        desktop.keyboard.press("Enter")
    for field in ("clean_technique", "sharps_box"):
        desktop.locator(f"[data-field={field}]").focus()
        desktop.keyboard.press("Space")
    desktop.locator("[data-field=felt][value=nothing]").focus()
    desktop.keyboard.press("Space")
    desktop.get_by_role("button", name="Sign", exact=True).focus()
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#note")).to_have_count(0)
    assert Note.objects.get(pk=draft.pk).signed_by == cast.mei


def test_a_tap_on_the_picture_adds_a_point_on_both_sides_and_takes_it_away(cast, open_page, draft):
    """On a tablet held upright the chart stands first."""
    tablet = open_page(width=768, height=1024, touch=True)
    sign_in(tablet, cast.mei)
    tablet.goto(f"/notes/{draft.pk}/")
    dot = tablet.locator('[data-picture="back"] .note-dot', has=tablet.locator("text", has_text="GB20")).first
    dot.locator("circle").dispatch_event("click", dot.evaluate(MIDDLE))
    expect(tablet.locator('[data-picture="back"] .note-mark')).to_have_count(2)
    tablet.get_by_role("button", name="What I did").click()
    expect(tablet.locator("#needlings > li")).to_have_count(1)
    expect(tablet.locator("#needlings")).to_contain_text("GB20")
    saved_now(tablet)
    assert list(Needling.objects.filter(note=draft).values_list("code", "side", "needles_in")) == [
        ("GB20", "both", 2)
    ]
    tablet.get_by_role("button", name="Body").click()
    dot.locator("circle").dispatch_event("click", dot.evaluate(MIDDLE))
    expect(tablet.locator('[data-picture="back"] .note-mark')).to_have_count(0)
    expect(tablet.locator("#saving")).to_contain_text("Saving")
    saved_now(tablet)
    assert not Needling.objects.filter(note=draft).exists()


MIDDLE = """(dot) => {
    const box = dot.querySelector("circle").getBoundingClientRect();
    return { bubbles: true, clientX: box.x + box.width / 2, clientY: box.y + box.height / 2 };
}"""


def test_what_is_not_understood_stays_in_the_line_with_an_offer(cast, desktop, draft):
    sign_in(desktop, cast.mei)
    desktop.goto(f"/notes/{draft.pk}/")
    desktop.locator("#line").fill("LI4, GBB20")
    desktop.keyboard.press("Enter")
    expect(desktop.locator("#needlings > li")).to_have_count(1)
    expect(desktop.locator("#line")).to_have_value("GBB20")
    expect(desktop.locator("#line-problems p")).to_have_count(1)


def test_an_adjustment_in_the_same_visit_takes_at_most_eight_taps(cast, committed, open_page):
    consented(cast.maria, "adjustment", by=cast.ana)
    consented(cast.maria, "neck_adjustment", by=cast.ana)
    booked = integrated_visit(cast, cast.maria)
    before = open_note(by=cast.daniel, part=part_of(booked, "chiropractic").pk)
    saved(before, adjustments=[child("adjustments", segment="T6", modality="thoracic_hvla")])
    tablet = open_page(width=768, height=1024, touch=True)
    sign_in(tablet, cast.daniel)
    tablet.goto(f"/notes/{before.pk}/")
    counted = taps(tablet)
    for segment in ("T3", "T4"):
        tablet.get_by_role("button", name=segment, exact=True).click()
    tablet.get_by_role("button", name="What I did").click()
    tap(tablet, "Nothing unwanted")
    tablet.get_by_role("button", name="Sign", exact=True).click()
    expect(tablet.locator("#note")).to_have_count(0)
    actions = taps(tablet) - counted
    print(f"{actions} taps")
    assert actions <= 8
    done = Adjustment.objects.filter(note=before).order_by("position")
    assert list(done.values_list("segment", "technique", "modality")) == [
        ("T6", "diversified", "thoracic_hvla"),
        ("T3", "diversified", "thoracic_hvla"),
        ("T4", "diversified", "thoracic_hvla"),
    ]


def test_two_browsers_on_one_draft_compare_and_neither_writes_over_the_other(cast, open_page, draft):
    first, second = open_page(), open_page()
    for page in (first, second):
        sign_in(page, cast.mei)
        page.goto(f"/notes/{draft.pk}/")
    first.locator("#said_words").fill("said here first")
    saved_now(first)
    expect(first.locator("#conflict")).to_be_hidden()
    second.locator("#said_words").fill("and said there")
    expect(second.locator("#conflict")).to_be_visible(timeout=8000)
    expect(second.locator("#conflict")).to_contain_text("said here first")
    assert Note.objects.get(pk=draft.pk).said_words == "said here first"
    second.get_by_role("button", name="Keep what is here").click()
    saved_now(second)
    assert Note.objects.get(pk=draft.pk).said_words == "and said there"


@pytest.mark.parametrize("width, height", [(1366, 900), (768, 1024), (375, 812), (320, 700)])
def test_the_note_is_accessible_at_every_width(cast, open_page, draft, width, height):
    saved(draft, needlings=[child("needlings", region="hand")], sets=[child("sets")])
    page = open_page(width=width, height=height)
    sign_in(page, cast.mei)
    page.goto(f"/notes/{draft.pk}/")
    expect(page.locator("#saving")).to_contain_text("Saved")
    for column in ("know", "did", "body") if width < 1200 else ("body",):
        if width < 1200:
            page.locator(f"[data-column={column}]").click()
        assert_accessible(page)
