"""Needles in, needles out, and what is missing. No database, no clock.

The count never stands in the way of taking needles out: it is done after removal, by region and side.
"""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class Spot(NamedTuple):
    """Where needles are counted: a region of acupoints.csv ("" where not known), and left, right or none."""

    region: str
    side: str


class Placed(NamedTuple):
    """Needles of one needling. `needles` is the total of all sides; `side` is left, right, both, none or "".

    Press needles (`press`) stay in when the patient goes: they are counted apart, and have a removal date.
    """

    region: str
    side: str
    needles: int
    press: bool = False


class Removed(NamedTuple):
    """Needles counted after removal, at one spot; several counts of a spot add up."""

    region: str
    side: str
    needles: int


class Balance(NamedTuple):
    """`missing` and `over` hold only spots that differ, with numbers above 0; `press` is the total left in on purpose.

    needles_in - out == sum of missing - sum of over. A spot with more out than in is said, and does not make up
    for another one: the needle counted there may be the one that is missing elsewhere, or one nobody wrote down.
    """

    needles_in: int
    out: int
    missing: Mapping[Spot, int]
    over: Mapping[Spot, int]
    press: int = 0

    @property
    def is_even(self):
        return not self.missing and not self.over


def counts(needlings):
    """{Spot: needles in} in the order of the needlings, without press needles; nothing for spots without a needle."""
    return _sums(share for needling in needlings if not needling.press for share in _shares(needling))


def press_counts(needlings):
    """{Spot: press needles}."""
    return _sums(share for needling in needlings if needling.press for share in _shares(needling))


def balance(needlings, removed):
    """What is in against what was counted out."""
    needlings = list(needlings)
    placed = counts(needlings)
    out = _sums((Spot(each.region, _one_side(each.side)), each.needles) for each in removed)
    spots = list(placed) + [spot for spot in out if spot not in placed]
    differences = {spot: placed.get(spot, 0) - out.get(spot, 0) for spot in spots}
    return Balance(
        needles_in=sum(placed.values()),
        out=sum(out.values()),
        missing={spot: number for spot, number in differences.items() if number > 0},
        over={spot: -number for spot, number in differences.items() if number < 0},
        press=sum(press_counts(needlings).values()),
    )


def sentences(found):
    """What is missing, and where more came out than went in; nothing where the count is even."""
    said = [
        ngettext(
            "%(number)d needle is missing: %(where)s.", "%(number)d needles are missing: %(where)s.", number
        )
        % {"number": number, "where": where(spot)}
        for spot, number in found.missing.items()
    ]
    more = _("%(number)d more out than in: %(where)s. Count again, or add what went in.")
    return said + [more % {"number": number, "where": where(spot)} for spot, number in found.over.items()]


def where(spot):
    """A spot as people say it: neck, left."""
    region = spot.region or _("region not said")
    side = {"left": _("left"), "right": _("right")}.get(spot.side, "")
    return f"{region}, {side}" if side else region


def _shares(needling):
    """Needles on both sides stand half on each; an odd number cannot be shared and stands under no side."""
    if needling.side == "both" and needling.needles % 2 == 0:
        half = needling.needles // 2
        return [(Spot(needling.region, "left"), half), (Spot(needling.region, "right"), half)]
    return [(Spot(needling.region, _one_side(needling.side)), needling.needles)]


def _one_side(side):
    return side if side in ("left", "right") else "none"


def _sums(shares):
    total = Counter()
    for spot, number in shares:
        if number < 0:
            raise ValueError(f"{number} needles: a number of needles is never negative")
        total[spot] += number
    return {spot: number for spot, number in total.items() if number}
