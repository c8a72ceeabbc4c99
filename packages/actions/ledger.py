"""The one way entries come and go for parts of visits."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from clinic import walltime
from packages.actions.owing import owe_more
from packages.models import Authorization, AuthorizationEntry, CreditEntry, Purchase
from packages.queries.balances import current, records_of, sources_of, standing_of
from packages.rules.ledger import AUTHORIZATION, EXPIRED, PURCHASE, REFUNDED, Covered, plan, way_out

TABLES = {PURCHASE: CreditEntry, AUTHORIZATION: AuthorizationEntry}
# Kinds of entries by which a visit leaves a package that is over.
LEAVES = {EXPIRED, REFUNDED}


@dataclass(frozen=True, slots=True)
class Settled:
    """What each part draws on now: `covered` by the id of the part, those of other visits left out.

    `approvals`: those something was taken from. `gained`: parts of other visits that took what became free.
    `ended`: {part: "expired" or "refunded"} whose visit came back to a package that is over, and left it again.
    """

    covered: dict[uuid.UUID, Covered]
    approvals: frozenset[uuid.UUID] = frozenset()
    gained: frozenset[uuid.UUID] = frozenset()
    ended: dict[uuid.UUID, str] = field(default_factory=dict)

    @property
    def beyond(self):
        """Parts that nothing covers although an insurer had approved visits of their discipline."""
        return {part: one.beyond for part, one in self.covered.items() if one.source is None and one.beyond}

    @property
    def drawn(self):
        """Parts that draw on something now."""
        return [part for part, one in self.covered.items() if one.source is not None]

    @property
    def lost(self):
        """Parts that had a source before and have none now."""
        return [part for part, one in self.covered.items() if one.lost]


def settle(*, patient, parts, by, now):
    """Make the entries of these parts (rules.ledger.PartState) what they should be; see settle_each."""
    return settle_each([(patient, parts)], by=by, now=now)


def settle_each(asked, *, by, now, undone=None):
    """Settle [(patient, [PartState])]; twice the same writes nothing the second time. Within a transaction.

    Purchases and authorizations of all these people are locked, in the order of their ids, before anything is
    read. Three statements for people who have none, six otherwise, however many parts and rows there are; where a
    visit comes back to a refunded package seven more, and two for each such package. `undone`: see rules.ledger.plan.
    """
    people = {current(patient).pk for patient, _parts in asked}
    locked = lock_sources(people)
    standing = standing_of([part.visitpart for _patient, parts in asked for part in parts], expired=True)
    found = sources_of(people) if locked else {}
    lent = lent_of({one.source for one in standing} - locked)
    covered, writes = {}, []
    for patient, parts in together(asked):
        own = [one for one in found.get(patient, []) if one.id in locked]
        ids = {part.visitpart for part in parts}
        stands = [one for one in standing if one.visitpart in ids]
        made = plan(own, stands, parts, over=over_by([*own, *lent], now), undone=undone, lent=lent)
        covered |= made.covered
        writes += made.writes
    write(writes, by=by, now=now)
    return settled_by(writes, covered, asked)


def lent_of(ids):
    """Purchases (of these sources) of somebody else that parts draw on: their records were one when they took it,
    and are apart again. Locked; no statement where there is none, as nearly always.
    """
    rows = Purchase.objects.filter(pk__in=ids).values_list("patient", "patient__merged_into") if ids else []
    people = {kept or own for own, kept in rows}
    if not people:
        return []
    lock_sources(people)
    return [one for some in sources_of(people).values() for one in some if one.id in ids]


def over_by(sources, now):
    """{id: how what is left of it goes} of the purchases that have ended, each on the wall of its location."""
    bought = [one for one in sources if one.type == PURCHASE]
    ways = {one.id: way_out(one, walltime.local(now, ZoneInfo(one.zone)).date()) for one in bought}
    return {pk: way for pk, way in ways.items() if way}


def settled_by(writes, covered, asked):
    others = {part.visitpart for _patient, parts in asked for part in parts if part.other}
    taken = [one for one in writes if one.reverses is None]
    return Settled(
        {part: one for part, one in covered.items() if part not in others},
        frozenset(one.source for one in taken if one.type == AUTHORIZATION),
        frozenset(one.visitpart for one in taken if one.visitpart in others and one.kind not in LEAVES),
        {one.visitpart: one.kind for one in taken if one.kind in LEAVES},
    )


def together(asked):
    """[(person, parts)]: the parts of one person's records in one list, as they share what they have."""
    of_person = defaultdict(list)
    for patient, parts in asked:
        of_person[current(patient).pk] += parts
    return of_person.items()


def lock_sources(people):
    """Ids of all purchases and authorizations of current records (ids), and of those merged into them. Two statements.

    Everybody who counts locks all of a person's sources, purchases first and each in the order of their ids, so that
    no two wait for each other. Read what stands for them afterwards: only then is it what the others wrote.
    """
    locked = set()
    for model in (Purchase, Authorization):
        rows = model.objects.filter(patient__in=records_of(people)).order_by("pk")
        locked |= set(rows.select_for_update(of=("self",)).values_list("pk", flat=True))
    return locked


def write(writes, *, by, now):
    """One statement for each of the two tables that gets rows; where money is owed, what it takes to say so."""
    rows = {PURCHASE: [], AUTHORIZATION: []}
    for one in writes:
        rows[one.type].append(entry(one, by=by, now=now))
    for type_, made in rows.items():
        if made:
            TABLES[type_].objects.bulk_create(made)
    owe_more([one for one in writes if one.kind == REFUNDED], now=now)


def entry(one, *, by, now):
    return TABLES[one.type](
        **{f"{one.type}_id": one.source},
        kind=one.kind,
        quantity=1 if one.reverses else -1,
        kind_of_care_id=one.kind_of_care,
        visitpart=one.visitpart,
        reverses_id=one.reverses,
        at=now,
        by=by,
        reason=said_of(one.kind),
    )


def said_of(kind):
    """Why a visit that came back left again; the other entries need no words."""
    return {
        EXPIRED: _("came back after the last day"),
        REFUNDED: _("came back after the refund"),
    }.get(kind, "")
