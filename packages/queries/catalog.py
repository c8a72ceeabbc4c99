"""What the clinic sells, and what its visits cost one by one at a location."""

from dataclasses import dataclass

from django.db.models import Count

from packages.models import Package
from packages.rules.selling import Line, PartPrice, single_prices, singly
from services.models import KindOfCare, Price


@dataclass(frozen=True)
class Offer:
    """A package with its lines priced at one location; `singly` None where a price is missing."""

    package: Package
    lines: tuple[Line, ...]

    @property
    def singly(self):
        return singly(self.lines)

    @property
    def less(self):
        """How much less the package is than its visits one by one; None where it is not."""
        if self.package.price is None or self.singly is None or self.singly <= self.package.price:
            return None
        return self.singly - self.package.price


def effective(key=None):
    """The packages in force, ours or the clinic's own, by name; or the one with that key."""
    rows = Package.objects.effective().order_by("name", "key")
    return rows if key is None else rows.filter(key=key)


def offers(location, keys=None):
    """Every package with what it holds, priced at the location; three statements. `keys`: only these."""
    rows = effective() if keys is None else effective().filter(key__in=keys)
    kinds, prices = kinds_by_key(), singles_at(location)
    return [Offer(row, lines_of(row, kinds, prices)) for row in rows]


def kinds_by_key():
    return {kind.key: kind for kind in KindOfCare.objects.all()}


def singles_at(location):
    """{kind of care: price of one} at a location."""
    rows = Price.objects.filter(
        location=location, part__kind_of_care__isnull=False, part__service__active=True
    ).annotate(parts=Count("part__service__parts"))
    named = rows.values_list("part__kind_of_care", "amount", "parts", "part__service__first_visit")
    return single_prices(PartPrice(*row) for row in named)


def lines_of(package, kinds, prices):
    """Lines in the order of the package; kinds the clinic has not are left out."""
    return tuple(
        Line(kinds[one["kind"]].pk, kinds[one["kind"]].name, one["visits"], prices.get(kinds[one["kind"]].pk))
        for one in package.contents
        if one["kind"] in kinds and one["visits"] > 0
    )
