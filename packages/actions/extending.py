"""A package lasts longer, with a reason; visits that had expired come back."""

from django.db import transaction

from clinic import audit
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from packages.actions.ledger import lock_sources
from packages.actions.refunding import reverse_rows
from packages.models import CreditEntry, EntryKind, Extension, Purchase, Refund
from packages.queries.accounts import standing
from packages.queries.balances import current
from packages.rules.refunding import reasons_not_to_extend


@transaction.atomic
def extend(*, by, purchase, version, until, reason, today, now, request_key=None, shown=""):
    """Returns the Extension."""
    claim(request_key, location=shown)
    lock_sources({current(purchase.patient).pk})
    row = lock_version(Purchase.objects.defer("pdf"), purchase.pk, version)
    reasons = reasons_not_to_extend(
        refunded=Refund.objects.filter(purchase=row).exists(),
        valid_until=row.valid_until,
        until=until,
        today=today,
        reason=reason,
    )
    if reasons:
        raise Refused(reasons)
    made = Extension.objects.create(
        purchase=row, was_until=row.valid_until, until=until, reason=reason, at=now, by=by
    )
    reverse_rows(standing(CreditEntry, EntryKind.EXPIRED, purchase=row), by=by, now=now, reason=reason)
    row.valid_until = until
    row.save(update_fields=["valid_until"])
    audit.record(by=by, verb="extend package", about=row, patient=row.patient_id, until=until.isoformat())
    return made
