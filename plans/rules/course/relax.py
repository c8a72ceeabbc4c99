"""What would have to give way so that more visits fit: one thing at a time, the smallest request first.

The order is that of how much it asks of the person: another hour of the week; somebody else to treat; visits a day
closer together or further apart; a later end; coming in a week that was to be kept free; paying a visit that the
package does not reach. Whether visits fit is a matter of days alone, so each try is a matter of masks of one number.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from plans.rules.course.solve import may_treat
from plans.rules.course.spacing import furthest
from plans.rules.course.values import ANY_TIME, Ask, Wishes
from scheduling.rules.grid import set_bits

WEEK = 7
LATER_BY = 2 * WEEK
MARGIN = 400  # days before day 0 that a settled visit may lie


@dataclass(frozen=True, slots=True)
class Relaxation:
    """`what`: hours, people, spacing, end, week or paid; `detail` says which: (weekday, time of day), a discipline,
    the new last day or the first day of the week. `fits`: so many visits find a time then."""

    what: str
    detail: object
    fits: int
    wishes: Wishes
    asks: tuple[Ask, ...]


def most(asks, tables, wishes, horizon) -> int:
    """How many visits fit, from the first on. The same as solve() finds, without saying when."""
    days_of: dict = {}
    reached, count = 0, 0
    for number, ask in enumerate(asks):
        fitting = days_for(ask, tables, wishes, horizon, days_of)
        reached = fitting if number == 0 else after(reached, fitting, ask, wishes.away)
        if not reached:
            return count
        count += ask.settled is None
    return count


def after(reached, fitting, ask, away):
    """The fitting days that keep their distance to one of the days reached by the visit before."""
    bits = 0
    for index in set_bits(fitting):
        day = index - MARGIN
        if reached & bits_between(furthest(day, ask.most_gap, away), day - ask.least_gap):
            bits |= 1 << index
    return bits


def days_for(ask, tables, wishes, horizon, days_of):
    """The days this visit could have, one bit each, a margin further left: settled ones lie before day 0."""
    if ask.settled:
        return bit(ask.settled.day)
    inside = bits_between(ask.first_day, ask.last_day)
    if ask.pinned:
        free = tables[ask.table].cost_at(ask.pinned.start, ask.pinned.people) is not None
        return bit(ask.pinned.day) & inside if free else 0
    if ask.table not in days_of:
        days_of[ask.table] = open_days(tables[ask.table], wishes, horizon)
    found = days_of[ask.table]
    if ask.was and ask.was.day not in wishes.away:
        stays = tables[ask.table].cost_at(ask.was.start, ask.was.people) is not None
        found |= bit(ask.was.day) if stays else 0
    return found & inside


def bit(day):
    return 1 << (day + MARGIN) if day + MARGIN >= 0 else 0


def bits_between(first, last):
    return (1 << max(0, last + 1 + MARGIN)) - (1 << max(0, first + MARGIN)) if last >= first else 0


def open_days(table, wishes, horizon):
    bits = 0
    for day, of_day in table.options.items():
        if day in wishes.away:
            continue
        weekday = horizon.weekday(day)
        for time, of_time in of_day.items():
            if wishes.cost_of_hours(weekday, time) is not None and any(
                may_treat(table, people, wishes) for people in of_time
            ):
                bits |= bit(day)
                break
    return bits


def smallest(asks, tables, wishes, horizon, *, end=None, paid_until=None) -> Relaxation | None:
    """The first relaxation with which everything fits; where there is none, the one with which most do.

    None where nothing helps. `end`: the last day of the course, the latest of its visits' if not named.
    `paid_until`: {number of the visit: last day a package or an authorization covers it} is what `asks` were cut to;
    without the cut they end with the course.
    """
    end = max((ask.last_day for ask in asks), default=0) if end is None else end
    wanted = sum(ask.settled is None for ask in asks)
    now = most(asks, tables, wishes, horizon)
    best = None
    for what, detail, other_wishes, other_asks in ways(asks, wishes, horizon, end, paid_until):
        fits = most(other_asks, tables, other_wishes, horizon)
        if fits == wanted:
            return Relaxation(what, detail, fits, other_wishes, tuple(other_asks))
        if fits > max(now, best.fits if best else 0):
            best = Relaxation(what, detail, fits, other_wishes, tuple(other_asks))
    return best


Way = tuple[str, object, Wishes, list]


def ways(asks, wishes, horizon, end, paid_until) -> Iterator[Way]:
    """What could give way, in order."""
    yield from ((what, detail, other, asks) for what, detail, other in more_hours(wishes))
    yield from ((what, detail, other, asks) for what, detail, other in more_people(wishes))
    yield "spacing", 1, wishes, [a_day_more(ask) for ask in asks]
    later = min(end + LATER_BY, horizon.days - 1)
    if later > end:
        unpaid = changed(asks, lambda ask: ask.last_day if ask.number in (paid_until or {}) else later)
        yield "end", later, wishes, unpaid
    for week in sorted({day - horizon.weekday(day) for day in wishes.away}):
        away = frozenset(day for day in wishes.away if not week <= day < week + WEEK)
        yield "week", week, replace(wishes, away=away), asks
    if paid_until:
        yield "paid", min(paid_until.values()), wishes, changed(asks, lambda ask: end)


def more_hours(wishes) -> Iterator[tuple[str, object, Wishes]]:
    """One more part of the week: first at another time of a day that is wished anyway, then on another day."""
    cells = [(weekday, time) for weekday in range(WEEK) for time in sorted(ANY_TIME)]
    closed = [cell for cell in cells if wishes.cost_of_hours(*cell) is None]
    for weekday, time in sorted(closed, key=lambda cell: (cell[0] not in wishes.weekdays, cell)):
        yield "hours", (weekday, time), replace(wishes, also=wishes.also | {(weekday, time)})


def more_people(wishes) -> Iterator[tuple[str, object, Wishes]]:
    for discipline in sorted(wishes.people):
        others = {key: ids for key, ids in wishes.people.items() if key != discipline}
        yield "people", discipline, replace(wishes, people=others)


def a_day_more(ask: Ask) -> Ask:
    return replace(ask, least_gap=max(1, ask.least_gap - 1), most_gap=ask.most_gap + 1)


def changed(asks, last_day: Callable[[Ask], int]) -> list[Ask]:
    return [replace(ask, last_day=last_day(ask)) for ask in asks]
