"""A patient's account: packages, insurance visits, who pays, and a history that names the visits."""

from collections import defaultdict
from typing import Any, NamedTuple

from packages.models import CreditEntry, EntryKind
from packages.queries import accounts, balances
from packages.queries.refunds import due_of
from packages.rules.coverages import DAYS
from packages.rules.history import is_step_of, second_halves, words
from packages.rules.ledger import PURCHASE
from patients.queries import ids_of
from scheduling.models import VisitPart, VisitPhase
from services.models import KindOfCare


class Line(NamedTuple):
    """Visits of one kind. `of` is how many were bought or approved."""

    name: str
    left: int
    reserved: int
    used: int
    of: int


class Holding(NamedTuple):
    """A purchase or an approval. `state` is good, soon, later, over, refunded or withdrawn.

    `more`: money owed for visits that came back after it was refunded.
    """

    row: Any
    lines: list
    first: Any
    last: Any
    state: str
    request: Any = None
    more: Any = 0

    @property
    def owed(self):
        return sum(line.left + line.reserved for line in self.lines)


class Happened(NamedTuple):
    """One entry in words. `visit` is (date, provider's name or "") of the visit it was for, or None."""

    at: Any
    words: str
    source: str
    visit: Any
    by: str
    reason: str


def account_of(patient, today):
    """Everything the tab Account shows; a fixed number of statements, three more where a package was refunded."""
    found, ids = balances.of_patient(patient, on=today), ids_of(patient)
    kinds = dict(KindOfCare.objects.values_list("pk", "name"))
    requests = accounts.requests_of(ids)
    entries = accounts.entries_of(ids)
    refunded = [one.source.pk for one in found.purchases if getattr(one.source, "refund", None)]
    more = due_of(refunded)
    return {
        "purchases": [
            holding(one, kinds, today)._replace(more=more.get(one.source.pk, 0)) for one in found.purchases
        ],
        "approvals": [
            holding(one, kinds, today, requests.get(one.source.pk)) for one in found.authorizations
        ],
        "coverages": accounts.coverages_of(ids, today),
        "history": history_of(entries),
    }


def holding(balance, kinds, today, request=None):
    lines = [
        Line(
            kinds[one.kind_of_care] if balance.type == PURCHASE else balance.source.discipline.name,
            one.left,
            one.reserved,
            one.used,
            one.granted if balance.type == PURCHASE else one.granted - one.expired,
        )
        for one in balance.counts
    ]
    return Holding(balance.source, lines, balance.first, balance.last, state_of(balance, today), request)


def state_of(balance, today):
    """One word for where it stands; what has ended for good comes first."""
    if getattr(balance.source, "refund", None):
        return "refunded"
    if getattr(balance.source, "withdrawn_at", None):
        return "withdrawn"
    if balance.last < today:
        return "over"
    if balance.first > today:
        return "later"
    owed = any(one.owed for one in balance.counts)
    if not owed:
        return "used"
    return "soon" if (balance.last - today).days <= DAYS else "good"


def history_of(entries):
    """Entries as sentences, newest first, with the visits they were for; two statements.

    What was written about one source in one step for no visit (a purchase, what expired) is one sentence.
    """
    halves = second_halves(entries)
    shown = [row for row in entries if not is_step_of(row, halves)]
    visits = visits_of({row.visitpart for row in shown if row.visitpart})
    together = defaultdict(list)
    for row in shown:
        together[row.at, row.kind, source_of(row).pk, row.visitpart, row.reason].append(row)
    return [happened(rows, visits.get(rows[0].visitpart)) for rows in together.values()]


def source_of(row):
    return row.purchase if isinstance(row, CreditEntry) else row.authorization


def happened(rows, visit):
    row, bought = rows[0], isinstance(rows[0], CreditEntry)
    visits = [
        (one.quantity, one.kind_of_care.name if one.kind_of_care_id else one.authorization.discipline.name)
        for one in sorted(rows, key=lambda one: (-abs(one.quantity), one.kind_of_care_id or 0))
    ]
    return Happened(
        at=row.at,
        words=words(
            kind=row.kind,
            taken_back=row.reverses.kind if row.reverses_id else None,
            visits=visits,
            approved=not bought,
        ),
        source=row.purchase.name if bought else str(row.authorization.coverage),
        visit=visit,
        by=row.by.name if row.by_id else "",
        reason=row.reason,
    )


def visits_of(parts):
    """{part: (date of its visit, who gives it)}."""
    rows = VisitPart.objects.filter(pk__in=parts).values_list("pk", "appointment__wall_date")
    phases = VisitPhase.objects.filter(visitpart__in=parts, practitioner__isnull=False)
    people = dict(phases.order_by("-position").values_list("visitpart", "practitioner__name"))
    return {pk: (day, people.get(pk, "")) for pk, day in rows}


def reserved_for(purchase):
    """[(date, provider's name, kind of care)] of the booked visits that draw on a purchase, soonest first."""
    rows = accounts.standing(CreditEntry, EntryKind.RESERVED, purchase=purchase).select_related(
        "kind_of_care"
    )
    visits = visits_of({row.visitpart for row in rows})
    return sorted((*visits[row.visitpart], row.kind_of_care.name) for row in rows if row.visitpart in visits)
