"""What PostgreSQL keeps of purchases, entries and approvals, whoever writes."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from packages.models import (
    Coverage,
    CreditEntry,
    Extension,
    MoreVisits,
    Package,
    PurchasedVisits,
    Refund,
)
from tests.cast import NOW
from tests.packages.rows import acupuncture, approved, covered, kind, reserve, sold

pytestmark = pytest.mark.django_db


def refused(make, name):
    with pytest.raises(IntegrityError) as fault, transaction.atomic():
        checked_now(make)
    assert name in str(fault.value)


def checked_now(make):
    """With what PostgreSQL would look at only at the end of the transaction."""
    make()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def entry(bought, **values):
    return CreditEntry.objects.create(
        **{"purchase": bought, "kind_of_care": kind("acupuncture_visit"), "at": NOW, "quantity": -1, **values}
    )


@pytest.mark.parametrize(
    "values, name",
    [
        ({"kind": "made_up"}, "creditentry_"),
        ({"kind": "granted"}, "creditentry_sign_goes_with_its_kind"),
        ({"kind": "refunded", "quantity": 2}, "creditentry_sign_goes_with_its_kind"),
        ({"kind": "expired", "quantity": 0}, "creditentry_sign_goes_with_its_kind"),
        ({"kind": "reserved"}, "creditentry_of_a_part_is_one_visit"),
        ({"kind": "released", "quantity": 1}, "creditentry_released_takes_back_one_row"),
    ],
)
def test_entries_that_cannot_be(cast, values, name):
    bought = sold(cast, cast.maria)
    refused(lambda: entry(bought, **values), name)


def test_an_entry_is_taken_back_once(cast):
    bought = sold(cast, cast.maria)
    part = acupuncture(cast, cast.maria).parts.get()
    row = reserve(bought, part)

    def take_back():
        entry(bought, kind="released", quantity=1, visitpart=part.pk, reverses=row)

    take_back()
    refused(take_back, "reverses_id")


def test_a_part_that_is_no_part_takes_no_visit(cast):
    bought = sold(cast, cast.maria)
    refused(lambda: entry(bought, kind="reserved", visitpart=bought.pk), "visitpart")


def test_a_package_is_refunded_once_and_not_below_nothing(cast):
    bought = sold(cast, cast.maria)
    made = {"purchase": bought, "reason": "x", "at": NOW, "by": cast.ana}
    refused(lambda: Refund.objects.create(amount=Decimal(-1), **made), "refund_is_not_negative")
    Refund.objects.create(amount=1, **made)
    refused(lambda: Refund.objects.create(amount=1, **made), "purchase_id")


def test_an_extension_lasts_longer_and_has_a_reason(cast):
    bought = sold(cast, cast.maria)
    last = bought.valid_until
    made = {"purchase": bought, "was_until": last, "at": NOW, "by": cast.ana}
    refused(lambda: Extension.objects.create(until=last, reason="ill", **made), "an_extension_lasts_longer")
    longer = last + timedelta(days=1)
    refused(lambda: Extension.objects.create(until=longer, reason="", **made), "an_extension_has_a_reason")


def test_a_purchase_names_a_kind_once(cast):
    bought = sold(cast, cast.maria)
    values = {"purchase": bought, "kind_of_care": kind("acupuncture_visit"), "visits": 1, "single_price": 1}
    refused(lambda: PurchasedVisits.objects.create(**values), "purchase_names_a_kind_once")


def test_a_package_costs_no_less_than_nothing_and_is_valid_for_a_day(cast):
    values = {"name": "X", "valid_days": 1, "origin": "clinic"}
    refused(lambda: Package.objects.create(key="a", price=-1, **values), "package_price_is_not_negative")
    refused(
        lambda: Package.objects.create(key="b", **{**values, "valid_days": 0}),
        "package_is_valid_for_a_day_at_least",
    )


def test_more_visits_are_asked_for_once_at_a_time(cast):
    row = approved(cast, cast.maria)
    values = {"authorization": row, "patient": cast.maria, "opened_at": NOW}
    MoreVisits.objects.create(status="refused", **values)
    MoreVisits.objects.create(status="sent", **values)
    refused(lambda: MoreVisits.objects.create(**values), "more_visits_are_asked_for_once")


@pytest.mark.parametrize(
    "values, name",
    [
        ({"kind": "friend"}, "coverage_kind_is_known"),
        ({"verified_at": NOW}, "coverage_is_verified_by_somebody"),
        (
            {"starts_on": date(2026, 11, 2), "ends_on": date(2026, 11, 1)},
            "coverage_ends_after_it_begins",
        ),
    ],
)
def test_coverages_that_cannot_be(cast, values, name):
    row = covered(cast, cast.maria)

    def change():
        Coverage.objects.filter(pk=row.pk).update(version=2, **values)

    refused(change, name)
