import pytest

from tests.browser import assert_accessible, sign_in, sign_in_by_form


@pytest.mark.browser
def test_signing_in_by_the_form(cast, desktop):
    sign_in_by_form(desktop, cast.rita)
    desktop.wait_for_url("**/my/**")


@pytest.mark.browser
def test_the_sign_in_page_is_accessible_on_a_phone(phone):
    phone.goto("/account/login/")
    assert_accessible(phone)
    assert phone.evaluate("() => new Date().toISOString().slice(0, 16)") == "2026-11-24T15:42"


@pytest.mark.browser
def test_a_session_cookie_signs_in(cast, desktop):
    sign_in(desktop, cast.olive).goto("/health/live")
    assert desktop.locator("body").inner_text() == "ok"
