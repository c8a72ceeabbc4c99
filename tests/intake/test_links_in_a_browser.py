"""A phone with a link and no account; the clinic's tablet, handed over."""

import re

import pytest
from django.urls import reverse

from intake.models import Consent, Medication, Response
from tests.browser import assert_accessible, sign_in
from tests.intake.handed import handed

pytestmark = pytest.mark.browser


def go_on(page, heading):
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_role("heading", name=heading, exact=True).wait_for()


def tick(page, label):
    page.get_by_label(label, exact=True).check()


def test_a_history_and_a_consent_on_a_phone(cast, phone, live_server_url):
    _link, token = handed(cast, cast.maria, "health_history", "consent_acupuncture")
    phone.goto(f"/forms/{token}/")
    assert_accessible(phone)
    phone.get_by_role("link", name=re.compile("Start.*Your health")).click()
    phone.get_by_label(re.compile("What is the problem")).fill("Stiff neck")
    assert phone.get_by_label(re.compile("Who looked at it")).is_hidden()
    phone.get_by_role("group", name="Has a doctor looked").get_by_label("Yes").check()
    # What the answer opens appears by itself, once it is saved.
    phone.get_by_label(re.compile("Who looked at it")).fill("Dr. Amos")
    phone.locator("[data-fill-status]", has_text="Saved").wait_for()
    assert_accessible(phone)
    go_on(phone, "Conditions")
    # Left here, opened again: everything is still there.
    phone.goto(f"/forms/{token}/health_history/")
    phone.get_by_role("heading", name="Conditions", exact=True).wait_for()
    tick(phone, "Diabetes")
    phone.get_by_label(re.compile("Since when")).locator("visible=true").fill("2019")
    assert_accessible(phone)
    go_on(phone, "Medication")
    phone.get_by_label("Name of the medicine").fill("Warfarin")
    phone.get_by_label("Something else").check()
    phone.get_by_label(re.compile("How much")).fill("5 mg a day")
    phone.get_by_label(re.compile("It thins the blood")).check()
    assert_accessible(phone)
    go_on(phone, "Allergies")
    tick(phone, "No allergy that I know of")
    go_on(phone, "Surgery and implants")
    tick(phone, "No operation")
    tick(phone, "Nothing implanted")
    go_on(phone, "Bleeding and pregnancy")
    tick(phone, "None of these")
    tick(phone, "No, or does not apply")
    go_on(phone, "Earlier treatment")
    tick(phone, "Nothing so far")
    go_on(phone, "Send your form")
    assert_accessible(phone)
    tick(phone, "I am the patient")
    phone.get_by_label("Your name").fill("Maria Garcia")
    phone.get_by_role("button", name="Send", exact=True).click()
    phone.get_by_role("link", name=re.compile("Start.*Consent to acupuncture")).click()
    assert phone.get_by_text("Rare but serious: a punctured lung").is_visible()
    assert_accessible(phone)
    tick(phone, "I am the patient")
    phone.get_by_label("Your full name, as your signature").fill("Maria Garcia")
    phone.get_by_role("button", name="Sign and send").click()
    phone.get_by_text("Everything is filled in. Thank you").wait_for()
    assert_accessible(phone)
    assert list(Medication.objects.values_list("name", "effect")) == [("Warfarin", "anticoagulant")]
    assert [(each.kind, each.signature.name) for each in Consent.objects.select_related("signature")] == [
        ("acupuncture", "Maria Garcia")
    ]


def test_an_answer_is_saved_within_two_seconds(cast, phone, live_server_url):
    _link, token = handed(cast, cast.maria, "symptoms")
    phone.goto(f"/forms/{token}/symptoms/course/")
    phone.get_by_label(re.compile("How did it start")).fill("While lifting a box")
    phone.wait_for_timeout(2000)
    assert Response.objects.get().answers == {"started": "While lifting a box"}


def test_a_tap_on_the_body_marks_the_place_in_the_list(cast, phone, live_server_url):
    _link, token = handed(cast, cast.maria, "symptoms")
    phone.goto(f"/forms/{token}/symptoms/where/")
    back = phone.locator('[data-drawing] svg[data-view="back"]')
    back.scroll_into_view_if_needed()
    box = back.bounding_box()
    height = box["width"] * 2 if box["height"] > box["width"] * 2 else box["height"]
    left = box["x"] + box["width"] / 2 - height / 4
    # The low back on the patient's left, which is on the left of the back view.
    # The list gives way to the picture, and comes back on demand.
    assert phone.get_by_label("Knee, left", exact=True).is_hidden()
    phone.mouse.click(left + 0.43 * height / 2, box["y"] + 830 / 2000 * height)
    assert phone.get_by_label("Low back, left", exact=True).is_checked()
    assert back.locator(".fill-mark").count() == 1
    phone.get_by_role("button", name="Show all places as a list").click()
    assert phone.get_by_label("Knee, left", exact=True).is_visible()
    phone.get_by_role("group", name="How strong").locator("visible=true").get_by_label(
        "6", exact=True
    ).check()
    phone.locator("[data-fill-status]", has_text="Saved").wait_for()
    assert_accessible(phone)
    assert Response.objects.get().answers["pain"] == [{"code": "low_back_left", "intensity": 6}]


def test_an_emergency_answer_is_answered_without_the_server(cast, phone, live_server_url):
    _link, token = handed(cast, cast.maria, "red_flags_back")
    phone.goto(f"/forms/{token}/red_flags_back/emergency_back/")
    alert = phone.get_by_role("alert").filter(has_text="911")
    assert alert.count() == 0
    phone.route("**/save/", lambda route: None)  # asked, and never answered
    phone.get_by_label(re.compile("numbness or tingling between")).check()
    assert alert.locator("visible=true").count() == 1
    assert_accessible(phone)


def test_a_form_works_without_script(cast, chromium, live_server_url):
    _link, token = handed(cast, cast.maria, "red_flags_back")
    context = chromium.new_context(base_url=live_server_url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/forms/{token}/red_flags_back/")
    page.get_by_label("None of these").check()
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_role("heading", name="The rest of your body, right now").wait_for()
    page.get_by_role("button", name="Next", exact=True).click()
    page.get_by_text("Something is still open").wait_for()
    context.close()


def test_the_tablet_shows_nothing_of_the_staff(cast, open_page, live_server_url):
    handed(cast, cast.maria, "symptoms")
    tablet = sign_in(open_page(width=820, height=1180, touch=True), cast.ana)
    tablet.goto(f"/patients/{cast.maria.pk}/")
    tablet.goto(reverse("intake:forms", args=[cast.maria.pk]))
    assert_accessible(tablet)
    tablet.get_by_label("Consent to acupuncture").check()
    tablet.get_by_label(re.compile("On this tablet")).check()
    tablet.get_by_role("button", name="Hand out").click()
    tablet.get_by_role("heading", name="Forms for Maria").wait_for()
    for _ in range(2):
        tablet.go_back()
        assert "Garcia" not in tablet.content()
        assert tablet.get_by_label("Password").is_visible()
    tablet.go_forward()
    tablet.go_forward()
    tablet.get_by_role("link", name=re.compile("Start.*Consent to acupuncture")).click()
    tablet.get_by_label("I am the patient").check()
    tablet.get_by_label("Your full name, as your signature").fill("Maria Garcia")
    tablet.get_by_role("button", name="Sign and send").click()
    tablet.get_by_text("Please give the tablet back to us.").wait_for()
    assert_accessible(tablet)
    tablet.get_by_role("link", name="sign in").click()
    assert tablet.get_by_label("Password").is_visible()


@pytest.mark.parametrize("width", [375, 1366])
def test_signing_here_and_now_and_the_owners_pages(cast, open_page, width, live_server_url):
    mei = sign_in(open_page(width=width), cast.mei)
    mei.goto(reverse("intake:consents", args=[cast.maria.pk]))
    assert_accessible(mei)
    mei.get_by_role("link", name=re.compile("Sign here and now.*acupuncture")).click()
    assert_accessible(mei)
    mei.get_by_label("I am the patient").check()
    mei.get_by_label("Your full name, as your signature").fill("Maria Garcia")
    mei.get_by_label(re.compile("I talked it through")).check()
    mei.get_by_role("button", name="Sign", exact=True).click()
    mei.get_by_text("Signed: Consent to acupuncture.").first.wait_for()
    assert_accessible(mei)
    olive = sign_in(open_page(width=width), cast.olive)
    for address in ("/clinic/forms/", "/clinic/forms/privacy_notice/", "/clinic/forms/symptoms/1/"):
        olive.goto(address)
        assert_accessible(olive)
