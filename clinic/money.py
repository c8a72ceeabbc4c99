"""How sums of money are written: here alone. A clinic has one currency."""

from decimal import Decimal

SYMBOL = "$"
CENT = Decimal("0.01")


def money(amount):
    """$1,110.00."""
    return f"{SYMBOL}{Decimal(amount).quantize(CENT):,}"


def about(amount):
    """$50 for a round sum: where somebody compares rather than pays. $49.50 otherwise."""
    return money(amount).removesuffix(".00")
