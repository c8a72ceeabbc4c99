"""What each patient of the matrix bought and had approved, with words that only staff may read."""

from datetime import date, timedelta

from packages.models import (
    Authorization,
    AuthorizationEntry,
    Coverage,
    CreditEntry,
    MoreVisits,
    Package,
    Purchase,
    PurchasedVisits,
)
from services.models import Discipline, KindOfCare, Price
from tests.access.histories import pdf_saying
from tests.cast import NOW, canary

FIRST, LAST = date(2026, 11, 1), date(2027, 1, 31)


def accounts_of_everybody(world, names):
    """`purchases`, `coverages`, `approvals` and `requests` of the world; one package has a price."""
    ours = Package.objects.get(key="pkg_neck")
    world.rows["package"] = Package.objects.create(
        key=ours.key, origin="clinic", name="Neck relief", contents=[{"kind": "adjustment_visit", "visits": 4}],
        price=200, valid_days=90,
    )  # fmt: skip
    for name in names:
        account_of(world, name)


def account_of(world, name):
    cast = world.cast
    patient, place = getattr(cast, name), cast.harbor if name == "priya" else cast.uptown
    adjusting, acupuncture = (
        KindOfCare.objects.get(key="adjustment_visit"),
        Discipline.objects.get(key="acupuncture"),
    )
    Price.objects.get_or_create(
        part=cast.service("adjustment").parts.get(), location=place, defaults={"amount": 65}
    )
    bought = world.purchases[name] = Purchase.objects.create(
        patient=patient, payer=canary(name, "payer"), location=place, package_key="pkg_neck", name="Neck relief",
        price=200, valid_from=FIRST, valid_until=LAST, sold_at=NOW, sold_by=cast.olive,
        pdf=pdf_saying(canary(name, "payer")),
    )  # fmt: skip
    PurchasedVisits.objects.create(purchase=bought, kind_of_care=adjusting, visits=4, single_price=65)
    CreditEntry.objects.create(
        purchase=bought, kind_of_care=adjusting, kind="granted", quantity=4, at=NOW, reason=canary(name, "entry_reason")
    )  # fmt: skip
    made = {"patient": patient, "created_at": NOW, "created_by": cast.olive}
    coverage = world.coverages[name] = Coverage.objects.create(
        kind="health_plan", insurer="Blue Ridge Health", member_number=canary(name, "member_number"),
        note=canary(name, "coverage_note"), **made,
    )  # fmt: skip
    approval = world.approvals[name] = Authorization.objects.create(
        coverage=coverage, number=canary(name, "approval_number"), discipline=acupuncture, starts_on=FIRST,
        ends_on=LAST + timedelta(days=30), note=canary(name, "approval_note"), **made,
    )  # fmt: skip
    AuthorizationEntry.objects.create(authorization=approval, kind="granted", quantity=6, at=NOW)
    world.requests[name] = MoreVisits.objects.create(
        authorization=approval, patient=patient, opened_at=NOW, note=canary(name, "request_note")
    )
