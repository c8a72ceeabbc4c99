"""Selling a package: what is granted, what is kept as PDF, what stands in the way. And what is sold at all."""

import io
from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction
from pypdf import PdfReader

from clinic.models import AuditEvent
from clinic.refusal import AlreadyDone, Refused
from clinic.submissions import RequestKey
from packages.actions import policy as policies
from packages.actions import selling
from packages.actions.packages import save_package
from packages.models import CreditEntry, Package, Policy, Purchase, PurchasedVisits
from packages.queries import accounts, catalog
from packages.queries.balances import counts_of
from services.models import Part, Price, Service
from tests.cast import NOW
from tests.packages.rows import PRICES, TODAY, kind, prices, sold, with_price

pytestmark = pytest.mark.django_db


def text_of(purchase):
    reader = PdfReader(io.BytesIO(bytes(purchase.pdf)))
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


# What is sold


def test_the_four_packages_with_their_contents_and_no_price():
    rows = {row.key: row for row in Package.objects.effective()}
    assert {key: row.price for key, row in rows.items()} == dict.fromkeys(PRICES)
    assert {key: [(one["kind"], one["visits"]) for one in row.contents] for key, row in rows.items()} == {
        "pkg_neck": [("acupuncture_visit", 8), ("adjustment_visit", 6), ("re_evaluation", 1)],
        "pkg_low_back": [("acupuncture_visit", 12), ("adjustment_visit", 8), ("re_evaluation", 2)],
        "pkg_holistic": [
            ("acupuncture_visit", 8), ("adjustment_visit", 6), ("massage_visit", 4), ("stretching_visit", 4),
            ("re_evaluation", 1),
        ],
        "pkg_integrative": [("acupuncture_visit", 15), ("adjustment_visit", 12), ("re_evaluation", 3)],
    }  # fmt: skip
    assert {key: row.plan_template for key, row in rows.items()} == {
        "pkg_neck": "neck_6_8",
        "pkg_low_back": "bia_standard",
        "pkg_holistic": "neck_6_8",
        "pkg_integrative": "bia_standard",
    }


def test_offers_are_priced_at_the_location(cast, django_assert_num_queries):
    prices(cast.uptown)
    with django_assert_num_queries(3):
        found = {offer.package.key: offer for offer in catalog.offers(cast.uptown)}
    assert found["pkg_neck"].singly == 8 * 90 + 6 * 65 + 60
    assert found["pkg_neck"].less is None  # no price to compare with
    assert catalog.offers(cast.harbor, keys=["pkg_neck"])[0].singly is None


def test_the_price_of_a_service_that_is_not_offered_any_more_does_not_count(cast):
    prices(cast.uptown)
    Price.objects.create(
        part=Part.objects.get(service__key="re_evaluation_acupuncture"), location=cast.harbor, amount=10
    )
    reviewing = Service.objects.get(key="re_evaluation_chiropractic")
    reviewing.active = False
    reviewing.save()
    assert catalog.singles_at(cast.uptown)[kind("re_evaluation").pk] == 75


def test_setting_a_price_makes_the_clinics_own_row_and_leaves_ours(cast):
    ours = Package.objects.get(key="pkg_neck")
    values = {"name": "Neck", "price": Decimal("950"), "valid_days": 60, "visits": {"adjustment_visit": 4}}
    row = save_package(by=cast.olive, package=ours, version=ours.version, **values)
    ours.refresh_from_db()
    assert (ours.price, ours.valid_days, ours.name) == (
        None,
        90,
        "Chiropractic and acupuncture for neck relief",
    )
    assert catalog.effective("pkg_neck").get() == row
    assert (row.origin, row.price, row.contents) == (
        "clinic",
        Decimal("950"),
        [{"kind": "adjustment_visit", "visits": 4}],
    )
    again = save_package(by=cast.olive, package=row, version=row.version, **{**values, "price": None})
    assert (again.pk, again.price) == (row.pk, None)


def test_a_package_without_visits_is_not_saved(cast):
    ours = Package.objects.get(key="pkg_neck")
    with pytest.raises(Refused) as refused:
        save_package(
            by=cast.olive,
            package=ours,
            version=ours.version,
            name="Neck",
            price=None,
            valid_days=9,
            visits={},
        )
    assert refused.value.reasons == ["Put at least one visit into the package."]


# Selling it


def test_a_sale_grants_its_visits_and_copies_what_was_agreed(cast):
    bought = sold(cast, cast.maria)
    assert (bought.name, bought.price, bought.valid_from, bought.valid_until) == (
        "Chiropractic and acupuncture for neck relief",
        Decimal(1000),
        TODAY,
        date(2027, 2, 21),
    )
    assert {
        (line.kind_of_care.key, line.visits, line.single_price)
        for line in PurchasedVisits.objects.filter(purchase=bought).select_related("kind_of_care")
    } == {("acupuncture_visit", 8, 90), ("adjustment_visit", 6, 65), ("re_evaluation", 1, 60)}
    counts = counts_of(purchases=[bought.pk])[bought.pk]
    assert {key: (one.granted, one.left, one.used) for key, one in counts.items()} == {
        kind("acupuncture_visit").pk: (8, 8, 0),
        kind("adjustment_visit").pk: (6, 6, 0),
        kind("re_evaluation").pk: (1, 1, 0),
    }
    events = AuditEvent.objects.filter(verb="sell package")
    assert [(event.by, event.patient) for event in events] == [(cast.ana, cast.maria.pk)]


def test_what_was_sold_stays_when_the_package_changes(cast):
    bought = sold(cast, cast.maria)
    row = Package.objects.get(key="pkg_neck", origin="clinic")
    save_package(
        by=cast.olive, package=row, version=row.version, name="New", price=Decimal(1), valid_days=1,
        visits={"massage_visit": 1},
    )  # fmt: skip
    bought.refresh_from_db()
    assert (bought.price, bought.name) == (1000, "Chiropractic and acupuncture for neck relief")


def test_the_agreement_is_read_by_another_program(cast):
    policies.set_policy(
        by=cast.olive, late_hours=24, late_takes_visit=True, no_show_takes_visit=True, now=NOW,
        text="Less than 24 hours before, a canceled visit is used up.",
    )  # fmt: skip
    with_price("pkg_neck", cast.uptown)
    bought = selling.sell(
        by=cast.ana, patient=cast.maria, package_key="pkg_neck", location=cast.uptown, starts_on=TODAY, today=TODAY,
        now=NOW, payer="Luis Garcia",
    )  # fmt: skip
    found = text_of(bought)
    expected = [
        "Meridian Integrative Care",
        "12 Elm Street",
        "November 24, 2026",
        "Agreement: Chiropractic and acupuncture for neck relief",
        "Patient: Maria Garcia",
        "Paid by: Luis Garcia",
        "Acupuncture visit 8 $90.00 $720.00",
        "$1,170.00",
        "$1,000.00",
        "From November 24, 2026 to February 21, 2027",
        "less each visit used at its single price",
        "Less than 24 hours before, a canceled visit is used up.",
        "not a promise of a result",
        "no trial of this combination",
        "Signature of who pays",
    ]
    assert [words for words in expected if words.lower() not in found.lower()] == []


def test_the_agreement_is_tagged_in_its_language_and_titled(cast):
    reader = PdfReader(io.BytesIO(bytes(sold(cast, cast.maria).pdf)))
    root = reader.trailer["/Root"]
    assert (root["/Lang"], bool(root["/MarkInfo"]["/Marked"]), "/StructTreeRoot" in root) == (
        "en",
        True,
        True,
    )
    assert reader.metadata.title == "Agreement: Chiropractic and acupuncture for neck relief"
    assert len(reader.pages) == 1


def test_a_name_is_never_taken_for_markup(cast):
    cast.maria.family_name = '#panic("x") *bold* <label>'
    cast.maria.save()
    assert '#panic("x") *bold* <label>' in text_of(sold(cast, cast.maria))


def test_a_package_without_a_price_is_not_sold(cast):
    prices(cast.uptown)
    with pytest.raises(Refused) as refused:
        selling.sell(
            by=cast.ana, patient=cast.maria, package_key="pkg_neck", location=cast.uptown, starts_on=TODAY,
            today=TODAY, now=NOW,
        )  # fmt: skip
    assert refused.value.reasons == [
        "Chiropractic and acupuncture for neck relief has no price yet. An owner sets it under Clinic, Packages."
    ]
    assert Purchase.objects.count() == CreditEntry.objects.count() == 0


def test_where_single_visits_have_no_price_nothing_is_sold(cast):
    with_price("pkg_neck", cast.uptown)
    with pytest.raises(Refused) as refused:
        selling.sell(
            by=cast.hana, patient=cast.priya, package_key="pkg_neck", location=cast.harbor, starts_on=TODAY,
            today=TODAY, now=NOW,
        )  # fmt: skip
    assert len(refused.value.reasons) == 3


def test_a_hidden_package_is_not_sold(cast):
    row = with_price("pkg_neck", cast.uptown)
    row.hidden = True
    row.save()
    with pytest.raises(Refused) as refused:
        sold(cast, cast.maria)
    assert refused.value.reasons == ["This package is not sold any more. Choose another one."]


def test_sending_the_form_twice_sells_once(cast):
    with_price("pkg_neck", cast.uptown)

    def sell():
        with transaction.atomic():
            return selling.sell(
                by=cast.ana, patient=cast.maria, package_key="pkg_neck", location=cast.uptown, starts_on=TODAY,
                today=TODAY, now=NOW, request_key=RequestKey("k" * 24, "0" * 64, cast.ana.pk), shown="/there/",
            )  # fmt: skip

    sell()
    with pytest.raises(AlreadyDone) as done:
        sell()
    assert (done.value.location, Purchase.objects.count()) == ("/there/", 1)


# The policy


def test_the_newest_policy_holds_and_earlier_ones_stay(cast):
    assert accounts.policy_in_force() is None
    for hours in (24, 12):
        policies.set_policy(
            by=cast.olive, late_hours=hours, late_takes_visit=False, no_show_takes_visit=True, text=" Call us. ",
            now=NOW.replace(hour=23 - hours // 12),
        )  # fmt: skip
    assert (accounts.policy_in_force().late_hours, accounts.policy_in_force().text) == (12, "Call us.")
    assert Policy.objects.count() == 2
