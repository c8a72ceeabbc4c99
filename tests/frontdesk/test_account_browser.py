"""Selling a package in a real browser: the terms first, today's visit covered after, nothing in the way of anybody."""

import pytest
from django.urls import reverse

from packages.actions.authorizations import ask_for_more
from packages.models import AuthorizationEntry, Purchase
from tests.browser import assert_accessible, sign_in
from tests.cast import NOW
from tests.packages.rows import acupuncture, approved, covered, prices, use, with_price

pytestmark = pytest.mark.browser


@pytest.fixture
def account(cast, committed):
    """Maria has a visit today, approved visits that are almost used up, and may buy two packages."""
    prices(cast.uptown)
    with_price("pkg_neck", cast.uptown)
    with_price("pkg_low_back", cast.uptown)
    covered(cast, cast.maria, kind="auto", insurer="Harbor Mutual", claim_number="CL-77")
    row = approved(cast, cast.maria, visits=3, key="chiropractic")
    for day in ("2026-11-10", "2026-11-17"):
        use(row, acupuncture(cast, cast.maria, day=day).parts.get(), model=AuthorizationEntry)
    ask_for_more(authorizations=[row.pk], now=NOW)
    acupuncture(cast, cast.maria)
    return reverse("frontdesk:account", args=[cast.maria.pk])


@pytest.mark.parametrize("width", [1366, 375])
def test_a_package_is_sold_beside_the_account(cast, open_page, account, width):
    page = open_page(width=width, height=900 if width > 400 else 812)
    sign_in(page, cast.ana)
    page.goto(account)
    assert_accessible(page)
    page.get_by_role("link", name="Sell a package").click()
    choose = page.get_by_role("link", name="Choose Chiropractic and acupuncture for neck relief")
    choose.wait_for()
    assert_accessible(page)
    choose.click()
    sell = page.get_by_role("button", name="Sell it")
    sell.wait_for()
    assert page.get_by_text("$1,170.00").is_visible()
    assert_accessible(page)
    sell.click()
    first_row = page.locator("[aria-labelledby=packages-title] article tbody tr").first
    first_row.wait_for()
    assert first_row.locator("td").all_inner_texts() == ["7", "1", "0", "8"]
    assert Purchase.objects.count() == 1
    assert_accessible(page)


def test_the_owners_pages_are_accessible(cast, open_page, account):
    page = open_page()
    sign_in(page, cast.olive)
    for name, args in (("packages:list", []), ("packages:package", ["pkg_neck"]), ("packages:policy", [])):
        page.goto(reverse(name, args=args))
        assert_accessible(page)
