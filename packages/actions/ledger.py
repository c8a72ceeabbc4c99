"""The one way entries come and go for parts of visits."""

import uuid
from collections import defaultdict
from dataclasses import dataclass

from packages.models import Authorization, AuthorizationEntry, CreditEntry, Purchase
from packages.queries.balances import current, records_of, sources_of, standing_of
from packages.rules.ledger import AUTHORIZATION, PURCHASE, Covered, plan

TABLES = {PURCHASE: CreditEntry, AUTHORIZATION: AuthorizationEntry}


@dataclass(frozen=True, slots=True)
class Settled:
    """What each part draws on now: `covered` by the id of the part. `approvals`: those something was taken from."""

    covered: dict[uuid.UUID, Covered]
    approvals: frozenset[uuid.UUID] = frozenset()

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


def settle_each(asked, *, by, now):
    """Settle [(patient, [PartState])]; twice the same writes nothing the second time. Within a transaction.

    Purchases and authorizations of all these people are locked, in the order of their ids, before anything is
    read. Three statements for people who have none, six otherwise, however many parts and rows there are.
    """
    people = {current(patient).pk for patient, _parts in asked}
    locked = lock_sources(people)
    standing = standing_of([part.visitpart for _patient, parts in asked for part in parts])
    found = sources_of(people) if locked else {}
    covered, writes = {}, []
    for patient, parts in together(asked):
        own = [one for one in found.get(patient, []) if one.id in locked]
        ids = {part.visitpart for part in parts}
        made = plan(own, [one for one in standing if one.visitpart in ids], parts)
        covered |= made.covered
        writes += made.writes
    write(writes, by=by, now=now)
    return Settled(covered, frozenset(one.source for one in writes if is_taken_from_approval(one)))


def is_taken_from_approval(one):
    return one.type == AUTHORIZATION and one.reverses is None


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
    """One statement for each of the two tables that gets rows."""
    rows = {PURCHASE: [], AUTHORIZATION: []}
    for one in writes:
        rows[one.type].append(entry(one, by=by, now=now))
    for type_, made in rows.items():
        if made:
            TABLES[type_].objects.bulk_create(made)


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
    )
