"""Visits left: of packages by kind of care, and those an insurer approved."""

from dataclasses import dataclass
from datetime import date

from packages.queries import balances
from services.models import KindOfCare


@dataclass(frozen=True, slots=True)
class Line:
    """Visits of one kind: `left` to book, `booked` set aside for visits to come."""

    kind: str
    left: int
    booked: int


@dataclass(frozen=True, slots=True)
class Pot:
    """A package or an approval with its last day. `first` is set while it has not begun."""

    name: str
    lines: tuple
    until: date
    first: date | None
    granted: int


@dataclass(frozen=True, slots=True)
class Left:
    packages: list
    insurance: list


def left_of(patient, today):
    """What is not over, the soonest to end first. Six statements."""
    found = balances.of_patient(patient, on=today)
    kinds = dict(KindOfCare.objects.values_list("pk", "name"))
    return Left(
        packages=[package(one, kinds, today) for one in found.purchases if not one.over],
        insurance=[approval(one, today) for one in found.authorizations if not one.over],
    )


def package(balance, kinds, today):
    lines = tuple(Line(kinds[one.kind_of_care], one.left, one.reserved) for one in balance.counts)
    return pot(balance, balance.source.name, lines, today)


def approval(balance, today):
    discipline = balance.source.discipline.name
    lines = tuple(Line(discipline, one.left, one.reserved) for one in balance.counts)
    return pot(balance, discipline, lines, today)


def pot(balance, name, lines, today):
    first = balance.first if balance.first > today else None
    return Pot(name, lines, balance.last, first, balance.granted)
