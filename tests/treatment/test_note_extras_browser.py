"""In the note: blood pressure, neck screen, codes, boxes, the emergency exit, and a foot that stays small."""

from datetime import date

import pytest
from playwright.sync_api import expect

from intake.models import Screening
from tests.browser import assert_accessible, sign_in
from tests.treatment.notes import consented, integrated_visit
from tests.treatment.rows import a_note, part_of, stored
from treatment.actions.drafts import open_note
from treatment.models import NeedleBox, Note, Vitals

pytestmark = pytest.mark.browser


def saved_now(page):
    expect(page.locator("#saving")).to_contain_text("Saved", timeout=8000)


@pytest.fixture
def adjusting(cast, committed):
    consented(cast.maria, "adjustment", by=cast.ana)
    booked = integrated_visit(cast, cast.maria)
    return open_note(by=cast.daniel, part=part_of(booked, "chiropractic").pk)


@pytest.fixture
def needling(cast, committed):
    consented(cast.maria, "acupuncture", by=cast.ana)
    for lot in ("LOT1", "LOT2"):
        NeedleBox.objects.create(
            location=cast.uptown, size="N2030", lot=lot, expires_on=date(2027, 3, 1), opened_at="2026-11-20T10:00Z",
            opened_by=cast.mei,
        )  # fmt: skip
    return a_note(cast)


def test_a_neck_thrust_asks_for_the_screen_and_the_pressure(cast, desktop, adjusting):
    sign_in(desktop, cast.daniel)
    desktop.goto(f"/notes/{adjusting.pk}/")
    desktop.locator('[data-segment="C5"]').click()
    desktop.locator("#adjustments select").first.select_option("diversified")
    rules = desktop.locator("#rules")
    expect(rules).to_contain_text("No neck screen today.")
    expect(rules).to_contain_text("Blood pressure not measured: first visit.")
    desktop.locator("#neck-screen").get_by_role("button", name="None new").click()
    expect(rules).not_to_contain_text("No neck screen today.")
    desktop.locator("#systolic").fill("128")
    desktop.locator("#found_palpation").focus()
    expect(desktop.locator("#pressure-wrong")).to_have_text(
        "Write both numbers of the blood pressure, or take it out."
    )
    saved_now(desktop)
    desktop.locator("#diastolic").fill("8")
    desktop.locator("#found_palpation").fill("firm")
    expect(desktop.locator("#pressure-wrong")).to_contain_text("two whole numbers")
    saved_now(desktop)
    desktop.locator("#diastolic").fill("82")
    expect(rules).not_to_contain_text("Blood pressure", timeout=8000)
    expect(desktop.locator("#pressure-wrong")).to_be_empty()
    saved_now(desktop)
    assert Vitals.objects.filter(note=adjusting).values_list("systolic", "diastolic").get() == (128, 82)
    assert stored(adjusting)["found_palpation"] == "firm"
    assert Screening.objects.get(patient=cast.maria).asked_when == "neck_screen"
    assert_accessible(desktop)


def test_a_code_is_found_by_a_word_and_taken_away(cast, desktop, needling):
    sign_in(desktop, cast.mei)
    desktop.goto(f"/notes/{needling.pk}/")
    desktop.get_by_text("Assessment", exact=True).click()
    search = desktop.locator("#code-search")
    search.fill("neck pain")
    expect(desktop.locator("#codes [data-offers] button").first).to_contain_text("M54.2")
    search.press("Enter")
    expect(desktop.locator("#codes [data-chosen] li")).to_have_count(1)
    expect(search).to_be_focused()
    saved_now(desktop)
    assert stored(needling)["codes"] == ["ICD-10-CM M54.2"]
    search.fill("no such thing")
    expect(desktop.locator("#code-found")).to_have_text("No such code. Look for another word of it.")
    desktop.locator("#codes [data-chosen] button").click()
    expect(desktop.locator("#saving")).to_contain_text("Saving")
    saved_now(desktop)
    assert stored(needling)["codes"] == []


def test_another_box_is_picked_and_what_is_typed_is_no_box(cast, desktop, needling):
    sign_in(desktop, cast.mei)
    desktop.goto(f"/notes/{needling.pk}/")
    desktop.locator("#line").fill("LI4")
    desktop.keyboard.press("Enter")
    box = desktop.locator("#sets").get_by_label("Box", exact=True)
    second = NeedleBox.objects.get(lot="LOT2")
    box.select_option(str(second.pk))
    desktop.locator("#sets").scroll_into_view_if_needed()
    expect(desktop.locator("#sets").get_by_label("Lot")).to_be_hidden()
    expect(desktop.locator("#saving")).to_contain_text("Saving")
    saved_now(desktop)
    (row,) = stored(needling)["sets"]
    assert (row["lot"], row["box"], row["expires_on"]) == ("LOT2", str(second.pk), "2027-03-01")
    box.select_option("")
    desktop.locator("#sets").get_by_label("Lot").fill("typed9")
    expect(desktop.locator("#saving")).to_contain_text("Saving")
    saved_now(desktop)
    (row,) = stored(needling)["sets"]
    assert (row["lot"], row["box"]) == ("TYPED9", None)


def test_the_way_out_is_offered_where_needles_do_not_add_up(cast, open_page, needling):
    tablet = open_page(width=768, height=1024, touch=True)
    sign_in(tablet, cast.mei)
    tablet.goto(f"/notes/{needling.pk}/")
    tablet.locator("#line").fill("LI4, GBB20, XX99")
    tablet.keyboard.press("Enter")
    expect(tablet.locator("#line-problems p")).to_have_count(2)
    foot = tablet.locator(".note-foot")
    assert foot.bounding_box()["height"] <= 1024 / 4
    tablet.locator("#line").fill("")
    tablet.locator("#line").press("Enter")
    tablet.get_by_role("button", name="Needles in").click()
    tablet.get_by_role("button", name="Needles out").click()
    expect(tablet.locator("[data-stamp=needles_out]")).to_contain_text("10:4")
    tablet.get_by_role("button", name="What I did").click()
    tablet.get_by_role("button", name="Needles do not add up?").click()
    expect(tablet.locator("#emergency_reason")).to_be_focused()
    assert foot.bounding_box()["height"] <= 1024 / 4
    tablet.locator("#emergency_reason").fill("one fell behind the couch")
    tablet.get_by_role("button", name="Sign", exact=True).click()
    expect(tablet.locator("#missing li").first).to_be_visible()
    expect(tablet.locator("#emergency_reason")).to_have_value("one fell behind the couch")
    assert Note.objects.get(pk=needling.pk).signed_at is None
