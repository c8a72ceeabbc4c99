"""A patient's account: what was bought and approved, who pays, and the entries that nothing reverses."""

from django.db.models import Exists, OuterRef

from packages.models import (
    Authorization,
    AuthorizationEntry,
    Coverage,
    CreditEntry,
    EntryKind,
    MoreVisits,
    Policy,
    Purchase,
)
from packages.rules.coverages import missing
from patients.queries import ids_of

ORDER = {kind: place for place, kind in enumerate(EntryKind.values)}


def standing(model, kind, **of):
    """Entries of a kind that no other entry reverses."""
    reversed_since = model.objects.filter(reverses=OuterRef("pk"))
    return model.objects.filter(kind=kind, **of).exclude(Exists(reversed_since)).order_by("at", "pk")


def every_purchase_of(patient):
    return Purchase.objects.filter(patient__in=ids_of(patient))


def every_authorization_of(patient):
    return Authorization.objects.filter(patient__in=ids_of(patient))


def every_coverage_of(patient):
    return Coverage.objects.filter(patient__in=ids_of(patient))


def coverages_of(ids, today):
    """Coverages of these records, those in force first, each with whether it is over and what is still to be asked."""
    rows = Coverage.objects.filter(patient__in=ids).select_related("verified_by__profile")
    rows = list(rows.order_by("-created_at", "pk"))
    for row in rows:
        row.over = bool(row.ends_on and row.ends_on < today)
        row.missing = missing(
            kind=row.kind,
            member_number=row.member_number,
            claim_number=row.claim_number,
            injured_on=row.injured_on,
        )
    return sorted(rows, key=lambda row: row.over)


def requests_of(ids):
    """{authorization: the latest request for more visits}."""
    rows = MoreVisits.objects.filter(patient__in=ids).order_by("opened_at", "pk")
    return {row.authorization_id: row for row in rows}


def entries_of(ids):
    """All entries of purchases and authorizations of these records, newest first; two statements.

    What was written in one instant stands in the order in which it can only have happened: bought, booked, used.
    """
    names = ["by__profile", "kind_of_care", "reverses"]
    bought = CreditEntry.objects.filter(purchase__patient__in=ids).select_related(*names, "purchase")
    approved = AuthorizationEntry.objects.filter(authorization__patient__in=ids)
    approved = approved.select_related(*names, "authorization__discipline", "authorization__coverage")
    bought = bought.defer("purchase__pdf", "purchase__agreement")
    return sorted([*bought, *approved], key=lambda row: (row.at, ORDER[row.kind], str(row.pk)), reverse=True)


def policy_in_force():
    """The newest cancellation policy, or None before the owner has set one."""
    return Policy.objects.order_by("-at", "-pk").first()


def policies():
    return Policy.objects.select_related("by__profile").order_by("-at", "-pk")
