"""Rows of packages that a test needs before it begins: prices, packages with a price, something sold or approved."""

from datetime import date, timedelta
from decimal import Decimal

from packages.actions import authorizations, coverages, selling
from packages.models import (
    AuthorizationEntry,
    CreditEntry,
    Extension,
    Package,
    Policy,
    PolicyUse,
    Refund,
    Waiver,
)
from services.models import Discipline, KindOfCare, Part, Price
from tests.cast import NOW
from tests.rows import at, visit

TODAY = date(2026, 11, 24)
# service, price of its only part in Uptown
SINGLE = {
    "acupuncture_follow_up": 90,
    "adjustment": 65,
    "massage": 80,
    "stretching": 40,
    "re_evaluation_acupuncture": 75,
    "re_evaluation_chiropractic": 60,
}
PRICES = {"pkg_neck": 1000, "pkg_low_back": 1500, "pkg_holistic": 1600, "pkg_integrative": 2000}


def kind(key):
    return KindOfCare.objects.get(key=key)


def discipline(key):
    return Discipline.objects.get(key=key)


def prices(location):
    """What visits cost one by one at a location."""
    for service, amount in SINGLE.items():
        part = Part.objects.get(service__key=service)
        Price.objects.get_or_create(part=part, location=location, defaults={"amount": amount})


def with_price(key, location, price=None, contents=None):
    """A package that can be sold: the clinic's own row of one of ours."""
    prices(location)
    row = Package.objects.get(key=key, origin="shipped")
    row.pk, row.origin, row.price = None, "clinic", Decimal(PRICES[key] if price is None else price)
    row.contents = row.contents if contents is None else contents
    row._state.adding = True
    row.save()
    return row


def sold(
    cast, patient, *, key="pkg_neck", by=None, starts_on=TODAY, today=TODAY, now=NOW, location=None, **package
):
    """A purchase of a package, with its visits granted. `contents` of one's own as in Package.contents."""
    place = location or cast.uptown
    if not Package.objects.filter(key=key, origin="clinic").exists():
        with_price(key, place, **package)
    return selling.sell(
        by=by or cast.ana, patient=patient, package_key=key, location=place, starts_on=starts_on, today=today, now=now
    )  # fmt: skip


COVERAGE = {
    "kind": "health_plan", "insurer": "Blue Ridge Health", "member_number": "BR-1", "claim_number": "",
    "injured_on": None, "contact": "", "starts_on": None, "ends_on": None, "note": "",
}  # fmt: skip


def covered(cast, patient, **values):
    """A coverage of a health plan, not verified."""
    return coverages.save_coverage(
        by=cast.ana,
        patient=patient,
        pk=None,
        version=None,
        values={**COVERAGE, **values},
        today=TODAY,
        now=NOW,
    )


def approved(cast, patient, *, visits=12, key="acupuncture", coverage=None, now=NOW, **values):
    """An approval of so many visits, from November 1 until February 28."""
    row = {
        "number": "A-100",
        "discipline": discipline(key),
        "codes": [],
        "starts_on": date(2026, 11, 1),
        "ends_on": date(2027, 2, 28),
        "note": "",
        **values,
    }
    coverage = coverage or covered(cast, patient)
    return authorizations.approve(
        by=cast.ana, patient=patient, coverage=coverage, values=row, visits=visits, now=now
    )


def acupuncture(cast, patient, day="2026-11-24", clock="14:00", **more):
    """A booked acupuncture visit with Mei that draws on nothing yet."""
    return visit(
        patient,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at(clock, cast.uptown, day),
        practitioners={"acupuncture": cast.mei.practitioner},
        rooms={"treatment": cast.room_1},
        **more,
    )


def reserve(source, part, *, model=CreditEntry, now=NOW, by=None):
    """One visit set aside for a part, as booking leaves it."""
    name = "purchase" if model is CreditEntry else "authorization"
    return model.objects.create(
        **{name: source}, kind_of_care=part.kind_of_care, kind="reserved", quantity=-1, visitpart=part.pk, at=now, by=by
    )  # fmt: skip


def use(source, part, *, model=CreditEntry, now=NOW, by=None):
    """One visit used up by a part."""
    name = "purchase" if model is CreditEntry else "authorization"
    return model.objects.create(
        **{name: source}, kind_of_care=part.kind_of_care, kind="consumed", quantity=-1, visitpart=part.pk, at=now, by=by
    )  # fmt: skip


def rows_of_packages(cast, now):
    """A row in each append-only table of packages."""
    bought = sold(cast, cast.maria)
    booked = acupuncture(cast, cast.maria, day="2026-12-01")
    reserve(bought, booked.parts.get(), now=now)
    insured = approved(cast, cast.maria)
    reserve(insured, booked.parts.get(), model=AuthorizationEntry, now=now)
    Extension.objects.create(
        purchase=bought, was_until=bought.valid_until, until=bought.valid_until + timedelta(days=1),
        reason="ill", at=now, by=cast.ana,
    )  # fmt: skip
    Refund.objects.create(purchase=bought, amount=1, reason="moves away", at=now, by=cast.ana)
    policy = Policy.objects.create(at=now, by=cast.olive)
    use = PolicyUse.objects.create(
        appointment=booked.pk, patient=cast.maria, policy=policy, takes_visit=True, at=now, by=cast.ana
    )
    Waiver.objects.create(use=use, reason="snow", at=now, by=cast.ana)
