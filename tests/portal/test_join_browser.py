"""The desk invites, the patient accepts on the phone and sees the visits; and the same for a grandmother."""

import re

import pytest

from clinic.models import Invitation
from tests.browser import assert_accessible, sign_in
from tests.cast import PASSWORD
from tests.portal.links import link_of
from tests.rows import at, visit

pytestmark = pytest.mark.browser
GOOD = "seven quiet rivers run"


def adjustment(cast, patient, clock="11:00"):
    return visit(
        patient,
        cast.service("adjustment"),
        cast.uptown,
        at(clock, cast.uptown, "2026-11-26"),
        practitioners={"chiropractic": cast.daniel.practitioner},
        rooms={"adjusting": cast.room_4},
    )


def choose_password(page, button):
    page.get_by_label(re.compile(r"^\s*Password")).fill(GOOD)
    page.get_by_label("The same password once more").fill(GOOD)
    page.get_by_role("button", name=button).click()


def test_a_patient_is_invited_and_sees_their_visits_on_the_phone(cast, desktop, phone):
    adjustment(cast, cast.maria)
    sign_in(desktop, cast.ana)
    desktop.goto(f"/patients/{cast.maria.pk}/")
    desktop.get_by_role("button", name="Invite to sign in").click()
    desktop.get_by_text(f"Invited at {cast.maria.email}.").wait_for()
    assert_accessible(desktop)
    phone.goto(link_of(Invitation.objects.get()))
    assert_accessible(phone)
    choose_password(phone, "See your plan")
    phone.get_by_role("heading", name="Hi Maria").wait_for()
    phone.get_by_text("Thu Nov 26, 11:00 am").wait_for()
    assert_accessible(phone)
    desktop.reload()
    desktop.get_by_text(f"Signs in as {cast.maria.email}.").wait_for()
    assert_accessible(desktop)
    desktop.get_by_role("button", name="Deactivate the account").click()
    desktop.get_by_role("button", name="Activate the account again").wait_for()
    phone.reload()
    phone.get_by_role("heading", name="Sign in").wait_for()


def test_a_grandmother_with_the_desks_machine_signed_in_as_somebody_else(cast, desktop, phone):
    adjustment(cast, cast.leo)
    nora = cast.leos_grandmother
    nora.email, nora.appointments = "nora@mail.example", True
    nora.save()
    page = sign_in(phone, cast.ana)
    page.goto(f"/patients/{cast.leo.pk}/people/{nora.pk}/")
    page.get_by_role("button", name="Invite to sign in").click()
    page.get_by_role("button", name="Send again").wait_for()
    assert_accessible(page)
    link = link_of(Invitation.objects.get())
    page.goto(link)
    page.get_by_role("link", name="Sign out").wait_for()
    assert_accessible(page)
    desktop.goto(link)
    choose_password(desktop, "See your plan")
    desktop.get_by_role("heading", name="Leo", exact=True).wait_for()
    desktop.get_by_role("link", name="Visits").click()
    desktop.get_by_text("For Leo:").wait_for()


def test_an_account_of_the_same_address_signs_in_and_accepts(cast, phone):
    row = cast.mias_mother
    row.email, row.appointments = cast.iris.user.email, True
    row.save()
    adjustment(cast, cast.mia)
    page = sign_in(phone, cast.ana)
    page.goto(f"/patients/{cast.mia.pk}/people/{row.pk}/")
    page.get_by_role("button", name="Invite to sign in").click()
    page.get_by_role("button", name="Send again").wait_for()
    page.context.clear_cookies()
    page.goto(link_of(Invitation.objects.get()))
    assert_accessible(page)
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("E-mail").or_(page.get_by_label("Email")).fill(cast.iris.user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Accept").wait_for()
    assert_accessible(page)
    page.get_by_role("button", name="Accept").click()
    page.get_by_role("heading", name="Hi Iris").wait_for()
    page.get_by_role("link", name="Mia").click()
    page.get_by_text("Thu Nov 26, 11:00 am").wait_for()
