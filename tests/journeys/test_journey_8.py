"""Journey 8: first visit. History, red flags, the first scores, and a plan from a template within three minutes."""

from datetime import date

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from outcomes.models import Score
from plans.models import Plan
from tests.browser import assert_accessible, sign_in, taps
from tests.plans.rows import a_plan
from tests.treatment.notes import consented
from tests.treatment.rows import a_note, saved

pytestmark = pytest.mark.browser
# Seconds, of the keystroke-level model (Card, Moran and Newell 1980): a key, pointing and clicking, getting ready.
KEY, POINT, READY = 0.28, 1.3, 1.35
GOAL = "Drive to work without turning round"
MINUTES = 3


@pytest.fixture
def note(cast, committed):
    """Mei has examined Maria: the code and her words stand in the note."""
    consented(cast.maria, "acupuncture", by=cast.ana)
    draft = a_note(cast)
    saved(draft, codes=["ICD-10-CM M54.2"], said_words="Stiff in the morning, worse at the screen.")
    return draft


def ask_red_flags(page, patient):
    page.goto(reverse("intake:history", args=[patient.pk]))
    page.get_by_role("link", name="Yes, ask").click()
    expect(page.locator("#panel .flag-group")).not_to_have_count(0)
    for box in page.locator("#panel input[name^=none-]").all():
        box.check()
    for question in page.locator("#panel .flag-group:not(:has(input[name^=none-]))").all():
        question.get_by_label("no", exact=True).check()
    page.locator("#panel").get_by_role("button", name="Save").click()
    expect(page.locator("#panel form")).to_have_count(0)


def ask_first_scores(page, patient):
    page.goto(f"/scores/patients/{patient.pk}/")
    page.get_by_role("link", name="Ask now").click()
    page.locator("#panel .panel-foot button").click()
    page.get_by_role("link", name="Ask yourself").click()
    for scale, number in zip(page.locator(".ask-scale").all(), (5, 6, 8, 6, 5, 7), strict=False):
        scale.locator(f"input[value='{number}']").check()
    page.get_by_role("button", name="Keep the answers").click()
    expect(page.locator(".score").first).to_be_visible()


def test_from_history_to_a_plan(cast, desktop, note):
    sign_in(desktop, cast.mei)
    ask_red_flags(desktop, cast.maria)
    ask_first_scores(desktop, cast.maria)
    assert Score.objects.filter(measure="PEG").exists()
    desktop.goto(f"/notes/{note.pk}/")
    before = taps(desktop)
    desktop.get_by_role("link", name="Make plan").click()
    expect(desktop.get_by_role("heading", name="Make plan")).to_be_visible()
    expect(desktop.get_by_label("Diagnosis code")).to_have_value("M54.2")
    expect(desktop.get_by_label("Measure", exact=True)).to_have_value("PEG")
    assert_accessible(desktop)
    desktop.get_by_label("Goal in the patient’s words 1").fill(GOAL)
    desktop.get_by_role("checkbox", name="At home 1").check()
    desktop.get_by_role("button", name="Make this plan").click()
    expect(desktop.get_by_role("heading", name="Neck pain")).to_be_visible()
    actions = taps(desktop) - before
    seconds = actions * (POINT + READY) + len(GOAL) * KEY
    print(f"{actions} actions, {seconds:.0f} s of input")
    assert actions == 4
    assert seconds <= MINUTES * 60
    assert_accessible(desktop)
    plan = Plan.objects.get()
    assert (plan.condition, plan.template_key, plan.diagnosis_codes, plan.symptoms) == (
        "Neck pain",
        "neck_6_8",
        ["M54.2"],
        "Stiff in the morning, worse at the screen.",
    )
    goals = [(goal.words, goal.measure, goal.target) for goal in plan.goals.order_by("position")]
    peg = Score.objects.get(measure="PEG").score
    assert goals == [("", "PEG", peg - 1), (GOAL, "", None)]


def test_another_template_by_keyboard(cast, desktop, note):
    """Choosing another template fills the page anew and keeps what was typed; Enter makes the plan."""
    sign_in(desktop, cast.mei)
    desktop.goto(f"/plans/patients/{cast.maria.pk}/new/")
    desktop.get_by_label("Goal in the patient’s words 1").fill(GOAL)
    desktop.get_by_label("Diagnosis code").fill("M54.2 Neck pain")
    first = desktop.get_by_role("radio", name="Neck pain, short course of 6 to 8")
    first.focus()
    desktop.keyboard.press("ArrowDown")
    expect(desktop.get_by_label("Visits of phase 1")).to_have_value("5")
    expect(desktop.get_by_label("Goal in the patient’s words 1")).to_have_value(GOAL)
    expect(desktop.get_by_label("Diagnosis code")).to_have_value("M54.2 Neck pain")
    desktop.get_by_role("button", name="Make this plan").focus()
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("heading", name="Neck pain")).to_be_visible()
    assert Plan.objects.get().template_key == "neck_irnich"


def test_phases_by_keyboard(cast, desktop, note):
    """Added, moved and taken out where the keyboard is, nothing typed lost, and Enter keeps the plan."""
    sign_in(desktop, cast.mei)
    desktop.goto(f"/plans/patients/{cast.maria.pk}/new/")
    desktop.get_by_label("Goal in the patient’s words 1").fill(GOAL)
    desktop.get_by_role("button", name="Add maintenance").press("Enter")
    expect(desktop.get_by_label("Visits of phase 2")).to_be_focused()
    desktop.get_by_role("button", name="Add a phase").press("Enter")
    expect(desktop.get_by_label("Visits of phase 2")).to_be_focused()
    desktop.get_by_label("Visits of phase 2").fill("2")
    desktop.get_by_role("button", name="Move up: Phase 2").press("Enter")
    expect(desktop.get_by_role("button", name="Move down: Phase 1")).to_be_focused()
    assert_accessible(desktop)
    desktop.get_by_role("button", name="Take out: Phase 3").press("Enter")
    expect(desktop.locator(".plan-phase")).to_have_count(2)
    expect(desktop.locator(".plan-phase").nth(1)).to_be_focused()
    assert desktop.locator("form[data-dirty]").count() == 1  # leaving now would lose what was typed
    assert Plan.objects.count() == 0
    desktop.get_by_label("Diagnosis code").fill("M54.2")
    desktop.keyboard.press("Enter")
    expect(desktop.get_by_role("heading", name="Neck pain")).to_be_visible()
    plan = Plan.objects.get()
    assert list(plan.phases.values_list("kind", "visits")) == [("active", 2), ("active", 8)]
    assert plan.goals.filter(words=GOAL).exists()


def test_the_owner_changes_a_template(cast, desktop, committed):
    sign_in(desktop, cast.olive)
    desktop.goto("/plans/templates/neck_6_8/")
    before = taps(desktop)
    desktop.get_by_role("link", name="Change for this clinic").click()
    expect(desktop.get_by_role("heading", name="Change template")).to_be_visible()
    assert_accessible(desktop)
    desktop.get_by_label("Days of the visits").fill("0, 7, 14, 21, 28, 35")
    desktop.get_by_role("button", name="Save for this clinic").click()
    expect(desktop.get_by_text("This clinic’s own, version 2.")).to_be_visible()
    assert taps(desktop) - before == 3
    assert_accessible(desktop)
    desktop.get_by_role("button", name="Use ours again").click()
    expect(desktop.get_by_text("This clinic’s own")).to_have_count(0)


def test_the_pages_on_a_phone(cast, phone, note):
    plan = a_plan(cast, patient=cast.rita, starts_on=date(2026, 11, 2))
    sign_in(phone, cast.mei)
    for url in (
        "/plans/evidence/",
        "/plans/templates/neck_6_8/",
        f"/plans/patients/{cast.maria.pk}/new/",
        "/plans/",
        f"/plans/patients/{cast.rita.pk}/",
        f"/plans/{plan.pk}/revise/",
    ):
        if url.endswith("/revise/"):
            phone.goto(url)
            phone.get_by_role("button", name="Add a phase").click()
            expect(phone.get_by_label("Visits of phase 2")).to_be_focused()
            assert_accessible(phone)
        phone.goto(url)
        assert_accessible(phone)
        wide = phone.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide == 0, url
