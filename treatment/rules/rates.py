"""Rates with their exact counts. No database, no clock."""

from decimal import ROUND_HALF_UP, Decimal


def per_thousand(count, visits):
    """`count` per 1,000 visits with one decimal; None where there were no visits."""
    if not visits:
        return None
    return (Decimal(count * 1000) / visits).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
