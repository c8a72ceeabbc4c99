"""Selling a package: what was agreed is copied and kept as PDF, and its visits are granted."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit, documents
from clinic.models import Clinic
from clinic.refusal import Refused
from clinic.submissions import claim
from packages.models import CreditEntry, EntryKind, Purchase, PurchasedVisits
from packages.queries import accounts, catalog
from packages.rules import agreement as agreements
from packages.rules.selling import last_day, reasons_not_to_sell

TEMPLATE = Path(__file__).resolve().parent.parent / "data" / "agreement.typ"


@cache
def template():
    return TEMPLATE.read_bytes()


class Drawn(NamedTuple):
    """An agreement drawn up, not yet sold."""

    offer: catalog.Offer
    data: dict
    pdf: bytes


def draw_up(*, patient, package_key, location, starts_on, today, now, payer=""):
    """The agreement about the package in force with this key at a location's prices, refused if it cannot be sold.

    The PDF takes some 30 ms: this is done before anybody waits for a lock.
    """
    offer = offer_of(package_key, location)
    refuse_to_sell(offer, patient, location, starts_on, today)
    data = agreement_of(offer, patient, payer, location, starts_on, today)
    return Drawn(offer, data, documents.pdf_of(template(), data, now=now))


def sell(
    *,
    by,
    patient,
    package_key,
    location,
    starts_on,
    today,
    now,
    payer="",
    drawn=None,
    request_key=None,
    shown="",
):
    """Sell a package; its visits can be booked from `starts_on`. `payer` is a name, empty when the patient pays.

    `drawn` is what draw_up made of the same values; without it the agreement is drawn up here.
    """
    agreed = {"patient": patient, "package_key": package_key, "location": location, "payer": payer}
    drawn = drawn or draw_up(starts_on=starts_on, today=today, now=now, **agreed)
    package = drawn.offer.package
    with transaction.atomic():
        claim(request_key, location=shown)
        sold = Purchase.objects.create(
            name=package.name,
            price=package.price,
            valid_from=starts_on,
            valid_until=last_day(starts_on, package.valid_days),
            agreement=drawn.data,
            pdf=drawn.pdf,
            sold_at=now,
            sold_by=by,
            **agreed,
        )
        grant(sold, drawn.offer.lines, by=by, now=now)
        audit.record(by=by, verb="sell package", about=sold, patient=patient, package=package_key)
    return sold


def offer_of(key, location):
    found = catalog.offers(location, keys=[key])
    if not found:
        raise Refused(_("This package is not sold any more. Choose another one."))
    return found[0]


def refuse_to_sell(offer, patient, location, starts_on, today):
    reasons = reasons_not_to_sell(
        name=offer.package.name,
        price=offer.package.price,
        lines=offer.lines,
        place=location.name,
        starts_on=starts_on,
        today=today,
        merged=patient.merged_into_id is not None,
    )
    if reasons:
        raise Refused(reasons)


def grant(sold, lines, *, by, now):
    PurchasedVisits.objects.bulk_create(
        PurchasedVisits(
            purchase=sold, kind_of_care_id=line.kind, visits=line.visits, single_price=line.single
        )
        for line in lines
    )
    CreditEntry.objects.bulk_create(
        CreditEntry(
            purchase=sold,
            kind_of_care_id=line.kind,
            kind=EntryKind.GRANTED,
            quantity=line.visits,
            at=now,
            by=by,
        )
        for line in lines
    )


def agreement_of(offer, patient, payer, location, starts_on, today):
    """What the PDF says."""
    clinic, policy, package = Clinic.objects.first(), accounts.policy_in_force(), offer.package
    parties = agreements.Parties(
        clinic=clinic.name if clinic else location.name,
        clinic_lines=(location.name, location.address, location.phone),
        patient=f"{patient.given_name} {patient.family_name}".strip(),
        payer=payer,
    )
    terms = agreements.Terms(
        name=package.name,
        price=package.price,
        lines=offer.lines,
        valid_from=starts_on,
        valid_until=last_day(starts_on, package.valid_days),
        note=package.note,
        first_visits=package.first_visits,
        policy=policy.text if policy else "",
    )
    return agreements.agreement(parties, terms, on=today)
