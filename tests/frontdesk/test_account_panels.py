"""Panels beside the account: sent twice, out of date, of somebody else; and what a long account looks like."""

from datetime import timedelta

import pytest
from django.urls import reverse

from clinic.submissions import new_key
from frontdesk.queries.account import account_of
from packages.actions import authorizations, refunding
from packages.models import Authorization, Coverage, Extension, Purchase
from tests.cast import NOW
from tests.frontdesk.test_account import post, text, url
from tests.packages.rows import (
    TODAY,
    acupuncture,
    approved,
    covered,
    discipline,
    prices,
    sold,
    use,
    with_price,
)

pytestmark = pytest.mark.django_db


def test_the_same_form_sent_twice_sells_once_and_shows_the_same(cast, client_of):
    with_price("pkg_neck", cast.uptown)
    client, given = (
        client_of(cast.ana),
        {"request_key": new_key(), "starts_on": "2026-11-24", "who_pays": "patient"},
    )
    answers = [client.post(url("sell_package", cast.maria, "pkg_neck"), given) for _time in range(2)]
    assert [(one.status_code, one.url) for one in answers] == [(303, url("account", cast.maria))] * 2
    assert Purchase.objects.count() == 1


def test_a_form_without_a_key_sells_nothing(cast, client_of):
    with_price("pkg_neck", cast.uptown)
    given = {"starts_on": "2026-11-24", "who_pays": "patient"}
    answer = client_of(cast.ana).post(url("sell_package", cast.maria, "pkg_neck"), given)
    assert (answer.status_code, Purchase.objects.count()) == (422, 0)


def test_a_form_without_a_version_changes_nothing(cast, client_of):
    bought = sold(cast, cast.maria)
    answer = post(client_of(cast.ana), url("extend", cast.maria, bought.pk), until="2027-03-31", reason="ill")
    assert (answer.status_code, Extension.objects.count()) == (428, 0)


def test_a_package_without_a_price_cannot_be_sold_by_its_address_either(cast, client_of):
    prices(cast.uptown)
    answer = post(
        client_of(cast.ana), url("sell_package", cast.maria, "pkg_neck"), starts_on="2026-11-24", who_pays="patient"
    )  # fmt: skip
    assert (answer.status_code, "has no price yet" in text(answer), Purchase.objects.count()) == (
        422,
        True,
        0,
    )


def test_by_htmx_the_panel_is_a_piece_and_a_sale_loads_the_account(cast, client_of):
    with_price("pkg_neck", cast.uptown)
    client = client_of(cast.ana)
    here = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{url('account', cast.maria)}"}
    piece = client.get(url("sell_package", cast.maria, "pkg_neck"), headers=here)
    assert "<html" not in piece.content.decode()
    given = {"request_key": new_key(), "starts_on": "2026-11-24", "who_pays": "patient"}
    done = client.post(url("sell_package", cast.maria, "pkg_neck"), given, headers=here)
    assert (done.status_code, done.headers["HX-Redirect"]) == (200, url("account", cast.maria))


def test_a_refunded_package_says_what_was_given_back_and_offers_no_refund(cast, client_of):
    bought = sold(cast, cast.maria)
    refunding.refund(by=cast.ana, purchase=bought, version=1, reason="moves away", now=NOW)
    words = text(client_of(cast.ana).get(url("account", cast.maria)))
    assert "$1,000.00 given back Nov 24, 2026" in words
    assert url("refund", cast.maria, bought.pk) not in words
    assert url("extend", cast.maria, bought.pk) not in words


def test_a_used_up_package_offers_no_refund(cast, client_of):
    one = sold(cast, cast.maria, price=90, contents=[{"kind": "acupuncture_visit", "visits": 1}])
    use(one, acupuncture(cast, cast.maria, day="2026-11-17").parts.get())
    words = text(client_of(cast.ana).get(url("account", cast.maria)))
    assert ("used up" in words, url("refund", cast.maria, one.pk) in words) == (True, False)


def test_who_paid_stands_in_the_account_if_it_was_not_the_patient(cast, client_of):
    with_price("pkg_neck", cast.uptown)
    post(
        client_of(cast.ana), url("sell_package", cast.leo, "pkg_neck"), starts_on="2026-11-24", who_pays="else",
        payer="Nora Cole",
    )  # fmt: skip
    assert "paid by Nora Cole" in text(client_of(cast.ana).get(url("account", cast.leo)))


def test_a_long_history_keeps_the_earlier_lines_folded(cast, client_of):
    bought = sold(cast, cast.maria, contents=[{"kind": "acupuncture_visit", "visits": 20}], price=100)
    first = NOW - timedelta(days=40)
    for number in range(14):
        day = first + timedelta(days=number)
        part = acupuncture(cast, cast.maria, day=f"{day:%Y-%m-%d}", clock="08:00").parts.get()
        use(bought, part, now=day)
    found = account_of(cast.maria, TODAY)["history"]
    assert len(found) == 15
    assert found[0].words == "20 × Acupuncture visit bought"
    assert [one.at for one in found] == sorted((one.at for one in found), reverse=True)
    words = text(client_of(cast.ana).get(url("account", cast.maria)))
    assert words.count("<summary>Earlier</summary>") == 1


def test_codes_stand_in_the_form_as_they_are_typed(cast, client_of):
    row = approved(cast, cast.maria, codes=["97810", "97811"])
    words = text(client_of(cast.ana).get(url("approval", cast.maria, row.pk)))
    assert 'value="97810, 97811"' in words


def test_an_insurer_of_somebody_else_cannot_be_chosen(cast, client_of):
    covered(cast, cast.maria)
    strange = covered(cast, cast.tunde)
    answer = post(
        client_of(cast.ana), url("approve", cast.maria), coverage=strange.pk, number="A-1", visits=3,
        discipline=discipline("acupuncture").pk, starts_on="2026-11-24", ends_on="2026-12-24",
    )  # fmt: skip
    assert (answer.status_code, Authorization.objects.count()) == (422, 0)


@pytest.mark.parametrize("name", ["approval", "approved_visits"])
def test_an_approval_of_another_patient_is_not_found_here(cast, client_of, name):
    row = approved(cast, cast.tunde)
    assert client_of(cast.ana).get(url(name, cast.maria, row.pk)).status_code == 404
    assert client_of(cast.hana).get(url(name, cast.tunde, row.pk)).status_code == 404


def test_a_request_of_another_patient_is_not_found_here(cast, client_of):
    row = approved(cast, cast.tunde, visits=1, ends_on=TODAY + timedelta(days=2))
    authorizations.ask_for_more(authorizations=[row.pk], now=NOW)
    asked = row.requests.get()
    address = reverse("packages:more_step", args=[cast.maria.pk, asked.pk, "sent"])
    assert client_of(cast.ana).get(address).status_code == 404


@pytest.mark.parametrize(
    "values, said",
    [
        ({"insurer": ""}, "Write the name of the insurer."),
        ({"injured_on": "2026-11-25"}, "The date of injury is in the future."),
        ({"starts_on": "2026-11-24", "ends_on": "2026-11-23"}, "It ends before it begins."),
    ],
)
def test_a_coverage_that_is_refused_says_why(cast, client_of, values, said):
    given = {
        "kind": "auto",
        "insurer": "Harbor Mutual",
        "injured_on": "",
        "starts_on": "",
        "ends_on": "",
        **values,
    }
    answer = post(client_of(cast.ana), reverse("packages:new_coverage", args=[cast.maria.pk]), **given)
    assert (answer.status_code, said in text(answer), Coverage.objects.count()) == (422, True, 0)


def test_what_is_still_to_be_asked_stands_with_the_coverage(cast, client_of):
    covered(cast, cast.maria, kind="workers_comp", insurer="Piedmont Fund", member_number="")
    words = text(client_of(cast.ana).get(url("account", cast.maria)))
    assert "claim number, date of injury" in words
