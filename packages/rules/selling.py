"""What a package holds, what its visits cost one by one, and whether it can be sold."""

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

LATEST_START = 90  # days from today: the clinic's default


class Line(NamedTuple):
    """So many visits of one kind. `kind` is the id of the kind of care; `single` the price of one, None if unknown."""

    kind: int
    name: str
    visits: int
    single: Decimal | None

    @property
    def total(self):
        return None if self.single is None else self.single * self.visits


class PartPrice(NamedTuple):
    """The price of a part at a location, with what tells whether it is a plain visit of its own."""

    kind: int
    amount: Decimal
    parts_of_service: int
    first_visit: bool


def single_prices(prices):
    """{kind of care: what one visit costs by itself}.

    The price where the service is that part alone and no first visit; of several the lowest, so that neither the
    comparison nor a refund is reckoned against the patient.
    """
    found = {}
    for one in prices:
        rank = (one.first_visit, one.parts_of_service > 1, one.amount)
        if one.kind not in found or rank < found[one.kind]:
            found[one.kind] = rank
    return {kind: amount for kind, (_first, _joined, amount) in found.items()}


def singly(lines):
    """What all visits cost bought one by one; None where a price is missing."""
    totals = [line.total for line in lines]
    return None if None in totals else sum(totals, Decimal(0))


def last_day(starts_on, valid_days):
    """The last day on which its visits can be had: the first day counts."""
    return starts_on + timedelta(days=valid_days - 1)


def reasons_not_to_sell(*, name, price, lines, place, starts_on, today, merged):
    """`place` is the name of the location where it is sold, `merged` whether the record is an old one."""
    reasons = []
    if merged:
        reasons.append(_("This is an old record. Open the one it was merged into and sell it there."))
    if price is None:
        reasons.append(
            _("%(name)s has no price yet. An owner sets it under Clinic, Packages.") % {"name": name}
        )
    if not lines:
        reasons.append(
            _("%(name)s holds no visits. An owner sets them under Clinic, Packages.") % {"name": name}
        )
    for line in lines:
        if line.single is None:
            reasons.append(
                _("One %(kind)s has no price at %(place)s, so the rest could not be refunded. Set it under Clinic,"
                  " Services and prices.") % {"kind": line.name.lower(), "place": place}
            )  # fmt: skip
    return reasons + reasons_not_to_start(starts_on, today)


def reasons_not_to_start(starts_on, today):
    latest = today + timedelta(days=LATEST_START)
    if starts_on < today:
        return [_("The first day has passed. Choose today or a later day.")]
    if starts_on > latest:
        return [_("Choose a first day until %(date)s.") % {"date": date_format(latest, "M j, Y")}]
    return []


def refund_rule():
    """How the rest is given back, as the agreement says it and packages.rules.refunding reckons it."""
    return _(
        "You can end this package at any time. You get back the price paid, less each visit used at its single price"
        " above; never less than nothing. Visits that are booked and not used are given back with it."
    )


def reasons_not_to_save_package(*, name, visits, price, valid_days):
    """`visits` is {kind of care: number}."""
    reasons = []
    if not name.strip():
        reasons.append(_("Give the package a name."))
    if not any(visits.values()):
        reasons.append(_("Put at least one visit into the package."))
    if price is not None and price < 0:
        reasons.append(_("A price is not below zero. Leave it empty if it is not to be sold."))
    if not 1 <= valid_days <= 1095:
        reasons.append(_("A package is valid for 1 to 1095 days."))
    return reasons
