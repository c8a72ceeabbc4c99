"""What is left of a package after its last day expires; looked at each hour, done when due."""

from django.db import transaction

from clinic import audit, walltime
from clinic.models import Location
from packages.actions.ledger import lock_sources
from packages.models import CreditEntry, EntryKind, Purchase
from packages.queries.balances import counts_of, current


def expire_due(*, now):
    """Expire what is left of every package whose last day is over where it was sold; how many packages."""
    return sum(expire(purchase=row, now=now) for row in purchases_over(now))


def purchases_over(now):
    """Packages with visits left after their last day, on the wall of their location."""
    found = []
    for place in Location.objects.all():
        today = walltime.local(now, place.tz).date()
        rows = Purchase.objects.filter(location=place, valid_until__lt=today, refund=None)
        rows = list(rows.select_related("patient").defer("pdf", "agreement").order_by("pk"))
        counts = counts_of(purchases=[row.pk for row in rows])
        found += [row for row in rows if any(one.left for one in counts.get(row.pk, {}).values())]
    return found


@transaction.atomic
def expire(*, purchase, now):
    """Whether anything expired. Booked visits stay: they lie within the package's days."""
    lock_sources({current(purchase.patient).pk})
    row = Purchase.objects.defer("pdf", "agreement").get(pk=purchase.pk)
    if row.valid_until != purchase.valid_until:
        return False
    left = {kind: one.left for kind, one in counts_of(purchases=[row.pk])[row.pk].items() if one.left > 0}
    CreditEntry.objects.bulk_create(
        CreditEntry(purchase=row, kind_of_care_id=kind, kind=EntryKind.EXPIRED, quantity=-number, at=now)
        for kind, number in left.items()
    )
    if left:
        audit.record(
            by=None, verb="expire package", about=row, patient=row.patient_id, visits=sum(left.values())
        )
    return bool(left)
