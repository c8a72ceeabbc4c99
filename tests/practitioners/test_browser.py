"""The pages about providers as people use them: a keyboard or a thumb, both color themes, 320 px."""

from datetime import date

import pytest

from clinic.timespan import TimeSpan
from practitioners.actions import create_absence
from practitioners.models import Certification, License, WorkingHours
from tests.browser import assert_accessible, sign_in
from tests.rows import at

pytestmark = pytest.mark.browser
LIST = "/clinic/providers/"


@pytest.fixture
def mei(cast, committed):
    """Mei with one of everything: a checked license, a certification, leave."""
    row = cast.mei.practitioner
    License.objects.filter(practitioner=row).update(
        verified_by=cast.olive, verified_on=date(2026, 1, 5), version=2
    )
    Certification.objects.create(
        practitioner=row, name="NCCAOM Diplomate", number="A-3391", issued_on=date(2019, 3, 1)
    )
    away = TimeSpan(at("12:00", cast.uptown), at("18:00", cast.uptown, "2026-11-26"))
    create_absence(practitioner=row, span=away, kind="leave", note="Family")
    return row


def pages(mei):
    hours = WorkingHours.objects.filter(practitioner=mei).first()
    license = License.objects.get(practitioner=mei)
    detail = f"{LIST}{mei.pk}/"
    return [
        LIST,
        detail,
        f"{detail}edit/",
        f"{detail}licenses/new/",
        f"{LIST}licenses/{license.pk}/",
        f"{detail}certifications/new/",
        f"{detail}hours/new/",
        f"{LIST}hours/{hours.pk}/",
        f"{LIST}absences/{mei.absences.get().pk}/end/",
    ]


@pytest.mark.parametrize("width", [1366, 375, 320])
def test_every_page_is_accessible(cast, mei, open_page, width):
    page = sign_in(open_page(width=width, touch=width < 1000), cast.olive)
    for address in pages(mei):
        page.goto(address)
        assert_accessible(page)


def test_a_refused_form_is_accessible_and_keeps_what_was_typed(cast, mei, desktop):
    sign_in(desktop, cast.olive).goto(f"{LIST}{mei.pk}/hours/new/")
    desktop.get_by_label("Tuesday").check()
    desktop.get_by_label("From").fill("17:00")
    desktop.get_by_label("Until").fill("20:00")
    desktop.get_by_role("button", name="Save").click()
    refusal = "This overlaps Tuesday 8:00 am–6:00 pm at Uptown. Change those hours or end them first."
    assert desktop.get_by_role("alert").get_by_text(refusal).is_visible()
    assert desktop.get_by_label("From").input_value() == "17:00"
    assert_accessible(desktop)


def test_the_owner_renews_a_license_on_a_phone(cast, mei, phone):
    sam = cast.sam.practitioner
    sign_in(phone, cast.olive).goto(LIST)
    phone.get_by_role("link", name="Sam Park, L.Ac.").click()
    phone.get_by_role("link", name="Change LAC").click()
    phone.get_by_label("Expires").fill("2028-12-01")
    phone.get_by_label("I checked this with the issuer today").check()
    phone.get_by_role("button", name="Save").click()
    phone.wait_for_url(f"**{LIST}{sam.pk}/")
    assert phone.get_by_text("until Dec 1, 2028").is_visible()
    assert phone.get_by_text("checked by Olive Owner, Nov 24, 2026").is_visible()
