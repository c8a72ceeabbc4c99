"""What is given back of a package, line by line, and what may become of one: refunded, or made to last longer."""

from datetime import timedelta
from decimal import Decimal
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

LONGEST_EXTENSION = 366  # days from today: the clinic's default


class UsedLine(NamedTuple):
    """Visits of one kind that were used, at the price of one."""

    name: str
    used: int
    single: Decimal

    @property
    def cost(self):
        return self.single * self.used


class RefundSum(NamedTuple):
    price: Decimal
    lines: tuple[UsedLine, ...]

    @property
    def amount(self):
        return max(Decimal(0), self.price - sum((line.cost for line in self.lines), Decimal(0)))


def reasons_not_to_refund(*, refunded, owed, reason):
    """`owed` are the visits that can still be had, booked ones among them."""
    reasons = []
    if refunded:
        reasons.append(_("This package was refunded already. Reload the page."))
    elif not owed:
        reasons.append(_("No visit of this package is left, so there is nothing to refund."))
    if not reason.strip():
        reasons.append(_("Write why it is refunded."))
    return reasons


def reasons_not_to_extend(*, refunded, valid_until, until, today, reason):
    reasons = []
    latest = today + timedelta(days=LONGEST_EXTENSION)
    if refunded:
        reasons.append(_("This package was refunded. Sell a new one instead."))
    if until <= valid_until:
        reasons.append(
            _("It lasts until %(date)s already. Choose a later day.")
            % {"date": date_format(valid_until, "M j, Y")}
        )
    elif until < today:
        reasons.append(_("That day has passed. Choose today or a later day."))
    elif until > latest:
        reasons.append(_("Choose a day until %(date)s.") % {"date": date_format(latest, "M j, Y")})
    if not reason.strip():
        reasons.append(_("Write why it lasts longer."))
    return reasons
