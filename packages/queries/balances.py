"""How many visits are left, reserved and used, and what is owed in money: all of it read from the entries."""

import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection
from django.db.models import Q

from packages.models import Authorization, Extension, Purchase, PurchasedVisits
from packages.rules.ledger import AUTHORIZATION, PURCHASE, Covered, PartState, Source, Standing, plan
from patients.models import Patient
from patients.queries import ids_of
from services.models import KindOfCare

CENT = Decimal("0.01")

# Both tables of entries as one. `settles` is what a row is about: a released row, about what it takes back.
ENTRIES = """
SELECT e.purchase_id AS source, 'purchase' AS type, e.kind_of_care_id AS kind_of_care, e.at, e.quantity,
       coalesce(r.kind, e.kind) AS settles
  FROM packages_creditentry e LEFT JOIN packages_creditentry r ON r.id = e.reverses_id
 WHERE e.purchase_id = ANY(%(purchases)s::uuid[])
UNION ALL
SELECT e.authorization_id, 'authorization', NULL, e.at, e.quantity, coalesce(r.kind, e.kind)
  FROM packages_authorizationentry e LEFT JOIN packages_authorizationentry r ON r.id = e.reverses_id
 WHERE e.authorization_id = ANY(%(authorizations)s::uuid[])
"""
SUMS = f"""
SELECT source, type, kind_of_care, settles, sum(quantity) FROM ({ENTRIES}) AS entries
 WHERE %(at)s::timestamptz IS NULL OR at <= %(at)s GROUP BY 1, 2, 3, 4
"""
# The record that counts today and all that were merged into it.
PEOPLE = (
    "(SELECT id FROM patients_patient"
    " WHERE id = ANY(%(people)s::uuid[]) OR merged_into_id = ANY(%(people)s::uuid[]))"
)
SOURCES = f"""
SELECT s.id, s.type, coalesce(p.merged_into_id, p.id) AS person, s.name, s.discipline, s.first, s.last, s.closed,
       s.zone, t.kind_of_care, coalesce(t.available, 0), coalesce(t.granted, 0)
  FROM (
    SELECT id, 'purchase' AS type, patient_id, name, NULL::smallint AS discipline,
           valid_from AS first, valid_until AS last,
           (SELECT zone FROM clinic_location l WHERE l.id = location_id) AS zone,
           EXISTS (SELECT 1 FROM packages_refund f WHERE f.purchase_id = packages_purchase.id) AS closed
      FROM packages_purchase WHERE patient_id IN {PEOPLE}
    UNION ALL
    SELECT id, 'authorization', patient_id, number, discipline_id, starts_on, ends_on, '', withdrawn_at IS NOT NULL
      FROM packages_authorization WHERE patient_id IN {PEOPLE}
  ) AS s
  JOIN patients_patient p ON p.id = s.patient_id
  LEFT JOIN LATERAL (
    SELECT e.kind_of_care_id AS kind_of_care, sum(e.quantity) AS available,
           sum(e.quantity) FILTER (WHERE e.kind = 'granted') AS granted
      FROM packages_creditentry e WHERE s.type = 'purchase' AND e.purchase_id = s.id GROUP BY 1
    UNION ALL
    SELECT NULL, sum(e.quantity), sum(e.quantity) FILTER (WHERE e.kind = 'granted')
      FROM packages_authorizationentry e WHERE s.type = 'authorization' AND e.authorization_id = s.id
    HAVING count(*) > 0
  ) AS t ON true
"""


STANDING = """
SELECT e.id, e.visitpart_id, e.purchase_id, 'purchase', e.kind, e.kind_of_care_id, e.at
  FROM packages_creditentry e
 WHERE e.visitpart_id = ANY(%(parts)s::uuid[]) AND e.kind = ANY(%(kinds)s)
   AND NOT EXISTS (SELECT 1 FROM packages_creditentry r WHERE r.reverses_id = e.id)
UNION ALL
SELECT e.id, e.visitpart_id, e.authorization_id, 'authorization', e.kind, e.kind_of_care_id, e.at
  FROM packages_authorizationentry e
 WHERE e.visitpart_id = ANY(%(parts)s::uuid[]) AND e.kind = ANY(%(kinds)s)
   AND NOT EXISTS (SELECT 1 FROM packages_authorizationentry r WHERE r.reverses_id = e.id)
"""


def sources_of(people):
    """{person id: [Source]} of current records, with those of records merged into them. One statement."""
    found, by_id = {pk: [] for pk in people}, {}
    with connection.cursor() as cursor:
        cursor.execute(SOURCES, {"people": list(people)})
        rows = cursor.fetchall()
    for pk, type_, person, name, discipline, first, last, closed, zone, kind, available, granted in rows:
        source = by_id.get(pk)
        if source is None:
            source = by_id[pk] = Source(pk, type_, first, last, {}, discipline, closed, name, {}, zone)
            found.setdefault(person, []).append(source)
        if kind is not None or type_ == AUTHORIZATION:
            source.left[kind], source.granted[kind] = int(available), int(granted)
    return found


def standing_of(visitparts, *, expired=False):
    """[Standing] of parts: reserved and consumed rows that nothing reverses, and expired ones. One statement."""
    kinds = ["reserved", "consumed", *(["expired"] if expired else [])]
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"parts": visitparts, "kinds": kinds})
        return [Standing(*row) for row in cursor.fetchall()]


def records_of(people):
    """Current records and those merged into them, as a subquery of ids."""
    return Patient.objects.filter(Q(pk__in=people) | Q(merged_into__in=people)).values("pk")


@dataclass(frozen=True, slots=True)
class Count:
    """Visits of one kind (None: an authorization's, whatever their kind). left + reserved + used + expired +
    refunded = granted."""

    kind_of_care: int | None
    granted: int = 0
    left: int = 0
    reserved: int = 0
    used: int = 0
    expired: int = 0
    refunded: int = 0

    @property
    def owed(self):
        """Not used yet: what is left and what is set aside for booked visits."""
        return self.left + self.reserved


@dataclass(frozen=True, slots=True)
class Balance:
    """A purchase or an authorization with its counts. `over`: refunded, withdrawn, or its last day is past."""

    source: Purchase | Authorization
    type: str
    counts: tuple[Count, ...]
    first: date
    last: date
    over: bool

    @property
    def left(self):
        return sum(count.left for count in self.counts)

    @property
    def granted(self):
        return sum(count.granted for count in self.counts)


@dataclass(frozen=True, slots=True)
class Balances:
    purchases: list[Balance] = field(default_factory=list)
    authorizations: list[Balance] = field(default_factory=list)


def counts_of(*, purchases=(), authorizations=(), at=None):
    """{source id: {kind of care: Count}} from entries up to an instant, or all. One statement."""
    sums = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    with connection.cursor() as cursor:
        cursor.execute(
            SUMS,
            {"purchases": list(purchases), "authorizations": list(authorizations), "at": at},
        )
        for source, _type, kind, settles, quantity in cursor.fetchall():
            sums[source][kind][settles] += int(quantity)
    return {
        source: {kind: count_of(kind, by) for kind, by in sorted(kinds.items(), key=lambda one: one[0] or 0)}
        for source, kinds in sums.items()
    }


def count_of(kind, by):
    return Count(
        kind_of_care=kind,
        granted=by["granted"],
        left=sum(by.values()),
        reserved=-by["reserved"],
        used=-by["consumed"],
        expired=-by["expired"],
        refunded=-by["refunded"],
    )


def of_patient(patient, *, on, at=None):
    """All purchases and authorizations of a person, the soonest to end first, counted at an instant (now if None).

    `on` is today at the location, for what is over. Four statements, five for the past.
    """
    people = ids_of(current(patient))
    bought = Purchase.objects.filter(patient__in=people).defer("pdf", "agreement")
    approved = Authorization.objects.filter(patient__in=people).select_related("coverage", "discipline")
    if at is not None:
        bought, approved = bought.filter(sold_at__lte=at), approved.filter(created_at__lte=at)
    bought, approved = list(bought.select_related("location", "refund")), list(approved)
    counts = counts_of(
        purchases=[one.pk for one in bought], authorizations=[one.pk for one in approved], at=at
    )
    until = ends_then(bought, at)
    purchases = [of_purchase(one, counts.get(one.pk, {}), until, on, at) for one in bought]
    authorizations = [of_authorization(one, counts.get(one.pk, {}), on, at) for one in approved]
    return Balances(sorted(purchases, key=by_end), sorted(authorizations, key=by_end))


def current(patient):
    """The record that counts: the one this was merged into, if it was."""
    return patient if patient.merged_into_id is None else Patient(pk=patient.merged_into_id)


def of_purchase(purchase, counts, until, on, at):
    last = until.get(purchase.pk, purchase.valid_until)
    refund = getattr(purchase, "refund", None)
    over = last < on or gone_by(refund and refund.at, at)
    return Balance(purchase, PURCHASE, tuple(counts.values()), purchase.valid_from, last, over)


def of_authorization(one, counts, on, at):
    over = one.ends_on < on or gone_by(one.withdrawn_at, at)
    return Balance(one, AUTHORIZATION, tuple(counts.values()), one.starts_on, one.ends_on, over)


def gone_by(instant, at):
    return instant is not None and (at is None or instant <= at)


def by_end(balance):
    return balance.last, balance.first, balance.source.pk


def ends_then(purchases, at):
    """{purchase id: its last day at an instant} of those that were made to last longer since."""
    if at is None:
        return {}
    since = Extension.objects.filter(purchase__in=[one.pk for one in purchases], at__gt=at)
    return dict(since.order_by("-at", "-until").values_list("purchase", "was_until"))


@dataclass(frozen=True, slots=True)
class Owed:
    """What the clinic owes for one purchase: visits by kind of care, and their share of the price that was paid."""

    purchase: uuid.UUID
    visits: dict[int, int]
    amount: Decimal


def liability(at=None, *, purchases=None):
    """[Owed] of all purchases sold by an instant (now if None) that have visits left or reserved. Three statements.

    A visit is worth its share of the price by the single prices of the agreement, so that a purchase of which
    nothing is used yet is owed whole.
    """
    sold = Purchase.objects.all() if purchases is None else Purchase.objects.filter(pk__in=purchases)
    sold = sold if at is None else sold.filter(sold_at__lte=at)
    prices = dict(sold.order_by("sold_at", "pk").values_list("pk", "price"))
    lines = defaultdict(list)
    for line in PurchasedVisits.objects.filter(purchase__in=prices):
        lines[line.purchase_id].append(line)
    counts = counts_of(purchases=prices, at=at)
    owed = [owed_of(pk, price, lines[pk], counts.get(pk, {})) for pk, price in prices.items()]
    return [one for one in owed if one.visits]


def owed_of(pk, price, lines, counts):
    visits = {kind: count.owed for kind, count in counts.items() if count.owed}
    single = {line.kind_of_care_id: line.single_price for line in lines}
    worth = sum(line.visits * line.single_price for line in lines)
    if worth:
        share = Decimal(sum(visits.get(kind, 0) * one for kind, one in single.items())) / worth
    else:
        share = Decimal(sum(visits.values())) / (sum(line.visits for line in lines) or 1)
    return Owed(pk, visits, (price * share).quantize(CENT, ROUND_HALF_UP))


@dataclass(frozen=True, slots=True)
class Use:
    """What visits of one person would draw on, part by part. `kinds`: the words for kinds of care."""

    parts: list[PartState]
    covered: list[Covered]
    sources: list[Source]
    kinds: dict[int, str]

    @property
    def beyond(self):
        """[(part, authorization)] that nothing covers although an insurer had approved visits of its discipline."""
        pairs = zip(self.parts, self.covered, strict=True)
        return [(part, one.beyond) for part, one in pairs if one.source is None and one.beyond]


def would_use(patient, parts, on):
    """The Use of one visit: `parts` are (kind of care, discipline), ids; `on` the day of the visit. Two statements."""
    return would_use_each([patient], parts, on)[0]


def would_use_each(patients, parts, on):
    """[Use], for each patient that comes for these parts on that day. Two statements for any number of them."""
    days = [[part_on(kind, discipline, on) for kind, discipline in parts] for _one in patients]
    return would_draw(list(zip(patients, days, strict=True)))


def part_on(kind_of_care, discipline, on):
    return PartState(uuid.uuid4(), kind_of_care, discipline, on)


def would_draw(asked):
    """[Use] for [(patient, [PartState])]: of several visits the earlier takes first. Two statements."""
    found = sources_of({current(patient).pk for patient, _parts in asked})
    kinds = dict(KindOfCare.objects.values_list("pk", "name"))
    return [use_of(found[current(patient).pk], parts, kinds) for patient, parts in asked]


def would_lose(patient, parts):
    """Ids of the parts that draw on something now and would on nothing, were they as given here. Two statements."""
    standing = standing_of([part.visitpart for part in parts])
    pk = current(patient).pk
    covered = plan(sources_of({pk})[pk], standing, parts).covered
    return [part.visitpart for part in parts if covered[part.visitpart].lost]


def use_of(sources, parts, kinds):
    covered = plan(sources, [], parts).covered
    return Use(parts, [covered[part.visitpart] for part in parts], sources, kinds)
