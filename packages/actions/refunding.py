"""Refunding the rest of a package: booked visits are given back first, then what is left, by the agreement's rule."""

from django.db import transaction

from clinic import audit
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from packages.actions.ledger import lock_sources
from packages.models import CreditEntry, EntryKind, Purchase, Refund
from packages.queries.accounts import standing
from packages.queries.balances import counts_of, current
from packages.rules.refunding import RefundSum, UsedLine, reasons_not_to_refund


def refund_sum(purchase):
    """(what would be given back, visits that can still be had); two statements."""
    counts = counts_of(purchases=[purchase.pk]).get(purchase.pk, {})
    lines = tuple(
        UsedLine(line.kind_of_care.name, counts[line.kind_of_care_id].used, line.single_price)
        for line in purchase.lines.select_related("kind_of_care").order_by("pk")
    )
    return RefundSum(purchase.price, lines), sum(count.owed for count in counts.values())


@transaction.atomic
def refund(*, by, purchase, version, reason, now, request_key=None, shown=""):
    """Give the rest back. Returns (Refund, ids of the visit parts whose booked visits were given back)."""
    claim(request_key, location=shown)
    lock_sources({current(purchase.patient).pk})
    row = lock_version(Purchase.objects.defer("pdf"), purchase.pk, version)
    total, owed = refund_sum(row)
    refunded = Refund.objects.filter(purchase=row).exists()
    reasons = reasons_not_to_refund(refunded=refunded, owed=owed, reason=reason)
    if reasons:
        raise Refused(reasons)
    freed = release_reserved(row, by=by, now=now, reason=reason)
    CreditEntry.objects.bulk_create(
        CreditEntry(
            purchase=row, kind_of_care_id=kind, kind=EntryKind.REFUNDED, quantity=-count.left, at=now, by=by,
            reason=reason,
        )
        for kind, count in counts_of(purchases=[row.pk])[row.pk].items()
        if count.left
    )  # fmt: skip
    made = Refund.objects.create(purchase=row, amount=total.amount, reason=reason, at=now, by=by)
    row.save(update_fields=[])
    audit.record(by=by, verb="refund package", about=row, patient=row.patient_id, amount=str(made.amount))
    return made, freed


def release_reserved(purchase, *, by, now, reason):
    """Give back every booked visit of a purchase; the ids of the parts they were booked for."""
    return reverse_rows(
        standing(CreditEntry, EntryKind.RESERVED, purchase=purchase), by=by, now=now, reason=reason
    )


def reverse_rows(rows, *, by, now, reason):
    """Take entries of a purchase back, whole; the ids of their visit parts."""
    rows = list(rows)
    CreditEntry.objects.bulk_create(
        CreditEntry(
            purchase_id=row.purchase_id, kind_of_care_id=row.kind_of_care_id, kind=EntryKind.RELEASED,
            quantity=-row.quantity, visitpart=row.visitpart, reverses=row, at=now, by=by, reason=reason,
        )
        for row in rows
    )  # fmt: skip
    return [row.visitpart for row in rows if row.visitpart]
