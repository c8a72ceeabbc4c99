"""The pages that show notes in a real browser: what a clinician does with them, and that everybody can use them."""

import pytest
from django.urls import reverse

from tests.browser import assert_accessible, sign_in
from tests.treatment.reading_rows import needles_left, told_note, told_signed
from tests.treatment.rows import a_note
from treatment.actions.after import hand_over, mark_entered_in_error, write_contact_note
from treatment.actions.reactions import record_reaction
from treatment.models import Addendum, ContactNote, Reaction

pytestmark = pytest.mark.browser
PANEL = "#panel"


def lived(cast):
    note = told_signed(cast, day="2026-11-17")
    needles_left(cast, clock="15:00")
    told_note(cast, clock="16:00")
    write_contact_note(by=cast.mei, patient=cast.maria, kind="call", words="Sore since Tuesday.")
    hand_over(by=cast.daniel, patient=cast.maria, to_user=cast.mei, words="Go light left.")
    row = record_reaction(by=cast.mei, patient=cast.maria, note=note, kind="PNEUMO", grade=3, serious=True)
    return note, row


def walk(page, pages):
    for name, args in pages:
        page.goto(reverse(name, args=args))
        page.wait_for_load_state("networkidle")
        assert_accessible(page)


@pytest.mark.parametrize("width", [1366, 375])
def test_a_clinicians_pages_are_accessible(cast, committed, open_page, width):
    note, row = lived(cast)
    patient, page = cast.maria.pk, open_page(width=width)
    sign_in(page, cast.mei)
    walk(
        page,
        [
            ("treatment:note", [note.pk]),
            ("treatment:add", [note.pk, "addendum"]),
            ("treatment:earlier", [note.pk]),
            ("treatment:earlier_save", [note.pk, 2]),
            ("treatment:record", [note.appointment_id]),
            ("treatment:notes", [patient]),
            ("treatment:new_contact", [patient]),
            ("treatment:new_handover", [patient]),
            ("treatment:handovers", []),
            ("treatment:reactions", [patient]),
            ("treatment:new_reaction", [patient]),
            ("treatment:follow_up", [patient, row.pk]),
            ("treatment:needles_missing", []),
            ("treatment:unsigned", []),
            ("treatment:needle_boxes", []),
            ("treatment:new_box", []),
            ("patients:chart", [patient]),
        ],
    )
    page.goto(reverse("treatment:new_reaction", args=[patient]) + "?kind=PNEUMO")
    assert_accessible(page)


@pytest.mark.parametrize("width", [1366, 375])
def test_the_owners_pages_are_accessible(cast, committed, open_page, width):
    wrong = lived(cast)[0]
    mark_entered_in_error(by=cast.mei, pk=wrong.pk, words="wrong chart")
    page = open_page(width=width)
    sign_in(page, cast.olive)
    walk(
        page,
        [
            ("treatment:rates", []),
            ("treatment:against", []),
            ("treatment:settings", []),
            ("treatment:errors", []),
        ],
    )
    page.goto(reverse("treatment:lot") + "?lot=2409A")
    assert_accessible(page)
    page.goto(reverse("treatment:error", args=[wrong.pk]))
    page.get_by_label("Why you open it").fill("complaint")
    page.get_by_role("button", name="Open the note").click()
    page.get_by_text("still stiff left when reversing").wait_for()
    assert_accessible(page)


def test_an_addendum_is_written_beside_the_note(cast, desktop):
    note = told_signed(cast)
    sign_in(desktop, cast.daniel).goto(reverse("treatment:note", args=[note.pk]))
    desktop.get_by_role("link", name="Addendum").click()
    desktop.locator(PANEL).get_by_label("What is to be added").fill("Film of October seen.")
    desktop.get_by_role("button", name="Sign the addendum").click()
    desktop.locator(".reading-addendum", has_text="Film of October seen.").wait_for()
    assert Addendum.objects.get().by == cast.daniel


def test_a_call_note_leaves_the_summary_where_it_is(cast, desktop):
    a_note(cast)
    chart = reverse("patients:chart", args=[cast.maria.pk])
    sign_in(desktop, cast.mei).goto(chart)
    desktop.get_by_role("link", name="Call note").click()
    desktop.locator(PANEL).get_by_label("What was said or done").fill("Sore since Tuesday.")
    desktop.get_by_role("button", name="Sign it").click()
    desktop.locator(PANEL).get_by_role("link", name="Show it").wait_for()
    assert (desktop.url.endswith(chart), ContactNote.objects.count()) == (True, 1)
    desktop.get_by_role("navigation", name="What to show").get_by_role("link", name="Messages").click()
    desktop.locator("#timeline li", has_text="Sore since Tuesday.").wait_for()


def test_a_reaction_says_first_what_to_do_and_is_recorded(cast, desktop):
    sign_in(desktop, cast.mei).goto(reverse("treatment:reactions", args=[cast.maria.pk]))
    desktop.get_by_role("link", name="Record a reaction").first.click()
    desktop.locator(PANEL).get_by_role("link", name="Fainting").click()
    desktop.locator(PANEL).get_by_text("Stop the session. First:").wait_for()
    desktop.locator(PANEL).get_by_label("2:").check()
    desktop.get_by_role("button", name="Save").click()
    desktop.locator(PANEL).get_by_text("Recorded: Fainting").wait_for()
    assert (Reaction.objects.get().kind, Reaction.objects.get().grade) == ("FAINT", 2)
