"""From the phases of a plan to visits with their distances, and what an agreed course may not break."""

from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from uuid import uuid4

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from packages.rules.ledger import PartState
from packages.rules.ledger import plan as drawn
from plans.rules.course.values import Ask, Horizon, Spot

SLACK_DAYS = 28  # how much longer than ideal a course may take unless an end is wished: clinic default


@dataclass(frozen=True, slots=True)
class Planned:
    """Visit `number` of a plan. `kinds`: (kind of care, discipline) of each of its parts, ids."""

    number: int
    phase: object
    service: int
    least: int
    ideal: int
    most: int
    kinds: tuple[tuple[int | None, int], ...] = ()


def planned(phases, kinds_of) -> list[Planned]:
    """Every visit of a plan in order. `phases`: rows in their order; `kinds_of`: {service id: kinds}.

    The ideal distance is what lies between two offsets; the phase's own least and most give way to it.
    """
    found, before = [], 0
    for phase in phases:
        for offset in offsets_of(phase, before):
            ideal = max(1, offset - before)
            found.append(
                Planned(
                    number=len(found) + 1,
                    phase=phase.pk,
                    service=phase.service_id,
                    least=min(phase.min_days, ideal),
                    ideal=ideal,
                    most=max(phase.max_days, ideal),
                    kinds=tuple(kinds_of.get(phase.service_id, ())),
                )
            )
            before = offset
    return found


def offsets_of(phase, before):
    """The days of a phase's visits; where some are missing, they go on at the longest regular distance."""
    offsets = list(phase.offsets)[: phase.visits]
    while len(offsets) < phase.visits:
        last = offsets[-1] if offsets else before
        offsets.append(last + min(phase.max_days, max(phase.min_days, 7)))
    return offsets


def ideal_days(visits: list[Planned], first: date) -> list[date]:
    """When each visit would be if nothing stood in the way, the first of them on `first`."""
    days, day = [], first.toordinal()
    for number, one in enumerate(visits):
        day += one.ideal if number else 0
        days.append(date.fromordinal(day))
    return days


def paid_until(visits: list[Planned], first: date, sources) -> dict[int, date]:
    """{number: the last day of what would pay for it}: each visit on its ideal day, the earlier takes first.

    Visits that nothing pays for are not named.
    """
    days = ideal_days(visits, first)
    parts = [
        (one.number, PartState(uuid4(), kind, discipline, day))
        for one, day in zip(visits, days, strict=True)
        for kind, discipline in one.kinds
    ]
    covered = drawn(sources, [], [part for _number, part in parts]).covered
    found: dict[int, date] = {}
    for number, part in parts:
        source = covered[part.visitpart].source
        if source is not None:
            found[number] = min(source.last, found.get(number, source.last))
    return found


@dataclass(frozen=True, slots=True)
class Frame:
    """Between which days a course lies, as numbers of its Horizon, and what holds for single visits.

    `paid`: {number: last day}; `pinned`, `was`: {number: Spot}; `wider`: distances may be a day off.
    """

    first_day: int
    last_day: int
    paid: dict[int, int]
    pinned: dict[int, Spot]
    was: dict[int, Spot]
    wider: bool = False


def asks_of(visits: list[Planned], frame: Frame, before: int | None = None) -> list[Ask]:
    """One Ask per visit. `before`: the day of the visit before the first; too long ago, the course begins anew."""
    asks = [ask_of(one, frame) for one in visits]
    if before is None or not asks or frame.first_day - before > asks[0].most_gap:
        return as_they_stand(asks)
    gone = replace(asks[0], number=0, pinned=None, was=None, settled=Spot(before, -1, ()))
    return as_they_stand([gone, *asks])


def as_they_stand(asks: list[Ask]) -> list[Ask]:
    """Two neighbors that stand may keep the distance they have, whatever the plan says: it is no reason to move."""
    found = asks[:1]
    for earlier, ask in pairwise(asks):
        before = earlier.settled or earlier.was
        gap = ask.was.day - before.day if before and ask.was else 0
        if gap > 0:
            ask = replace(ask, least_gap=min(ask.least_gap, gap), most_gap=max(ask.most_gap, gap))
        found.append(ask)
    return found


def ask_of(one: Planned, frame: Frame) -> Ask:
    last = min(frame.last_day, frame.paid.get(one.number, frame.last_day))
    more = 1 if frame.wider else 0
    return Ask(
        number=one.number,
        table=one.service,
        least_gap=max(1, one.least - more),
        ideal_gap=one.ideal,
        most_gap=one.most + more,
        first_day=frame.first_day,
        last_day=last,
        pinned=frame.pinned.get(one.number),
        was=frame.was.get(one.number),
    )


def reasons_not_to_book(days: list[tuple[int, date]], visits: list[Planned], away=()) -> list[str]:
    """Why these days do not make the course of this plan: `days` are (number, day) in order.

    Looser by one day than the plan's distances: so much may be given by the patient's wishes.
    """
    of = {one.number: one for one in visits}
    if any(number not in of for number, _day in days):
        return [_("This plan has changed. Look for the times again.")]
    return [
        too_near_or_far(later, day)
        for (earlier, before), (later, day) in pairwise(days)
        if later != earlier + 1 or not keeps_distance(before, day, of[later], away)
    ]


def reasons_not_to_move(
    days: dict[int, date], to: dict[int, date], visits: list[Planned], away=()
) -> list[str]:
    """Why moving visits to these days breaks their order or distances. `days`: where all that are to come are now.

    What is not touched is not looked at, and a distance that is beyond the plan's may stay: it was made so on purpose.
    """
    of = {one.number: one for one in visits}
    return [
        too_near_or_far(later, day)
        for (earlier, before), (later, day) in pairwise(sorted((days | to).items()))
        if (earlier in to or later in to)
        and not keeps_distance(before, day, of[later], away, now=(days[later] - days[earlier]).days)
    ]


def keeps_distance(before: date, day: date, one: Planned, away, now: int | None = None) -> bool:
    """Looser by one day than the plan says; days away do not count against the longest distance. `now`: the days that
    lie between the two as they stand."""
    gap = (day - before).days
    lost = sum(before < each < day for each in away)
    least, most = max(1, one.least - 1), one.most + 1
    if now is not None and now > 0:
        least, most = min(least, now), max(most, now)
    return gap >= least and gap - lost <= most


def too_near_or_far(number, day):
    return _("Visit %(number)s on %(day)s is too near to the one before or too far from it.") % {
        "number": number,
        "day": date_format(day, "D M j"),
    }


def numbers_of(horizon: Horizon, days: dict[int, date]) -> dict[int, int]:
    return {number: horizon.number(day) for number, day in days.items()}
