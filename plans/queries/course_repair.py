"""A booked course that cannot stay as it is: at most three ways on, the one with the fewest changes first."""

from bisect import bisect_left
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import product

from clinic import walltime
from packages.queries.balances import standing_of
from plans.queries.course import (
    Given,
    Proposal,
    Wanted,
    asks_in,
    frame_of,
    load,
    progress_of,
    propose,
    spot_of,
    wishes_of,
)
from plans.rules.course import asking, relax
from plans.rules.course.values import ANY_DAY, ANY_TIME, Spot
from plans.rules.progress import COMING, Progress, days_of
from scheduling.models import VisitPhase

MOST = 3
ILL, AWAY, PACE = "ill", "away", "pace"
MOVES, CLOSER, LATER, FEWER = "moves", "closer", "later", "fewer"
A_DAY = timedelta(days=1)
EVERY_HOUR = frozenset(product(ANY_DAY, ANY_TIME))


@dataclass(frozen=True, slots=True)
class Way:
    """One way on. `changes`: {number of the visit: (was, Offer)} of those that move; `days`: {number: its day then} of
    all that are to come.

    `wider`: distances are a day off what the plan says; `unpaid`: numbers of visits that nothing covers any more;
    `planned`: when the plan would have the last one, where the course lags behind; `fits`: of fewer visits, how many.
    """

    kind: str
    days: dict[int, date]
    changes: dict[int, tuple] = field(default_factory=dict)
    proposal: Proposal | None = None
    wider: bool = False
    unpaid: tuple[int, ...] = ()
    planned: date | None = None
    fits: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """The visits still to come: {number: appointment id}, where each of them is now, its day, and the last day of what
    pays for it now. `wanted`: the hours the patient comes in now; others cost more.
    """

    given: Given
    wanted: Wanted
    ids: dict[int, object]
    was: dict[int, Spot]
    days: dict[int, date]
    paid: dict[int, date]
    progress: Progress

    @property
    def touched(self):
        """Numbers of visits that cannot stay: somebody who treats is not there any more."""
        service = {one.number: one.service for one in self.given.visits}
        return {
            number
            for number, spot in self.was.items()
            if self.given.tables[service[number]].cost_at(spot.start, spot.people) is None
        }

    @property
    def last(self):
        return max(self.days)


def standing(plan, wanted, *, now):
    """What is booked and still to come. The day of today's visits is not touched."""
    today = walltime.local(now, plan.location.tz).date()
    progress = progress_of(plan, today)
    booked_until = today + (plan.location.horizon_days - 1) * A_DAY
    coming = {
        one.number: one for one in progress.visits if one.state == COMING and today < one.on <= booked_until
    }
    ids = {number: one.appointment for number, one in coming.items()}
    wanted = replace(wanted, until=reach(coming, wanted, today))
    given = load(
        plan, wanted, now=now, numbers=set(coming), ignoring=list(ids.values()), numbered=progress.visits
    )
    people, parts = agreed(given, ids)
    was = {n: spot_of(given, one.starts_at, people[n]) for n, one in coming.items()}
    return Standing(
        given=given,
        wanted=replace(wanted, **hours_of(given, was)),
        ids=ids,
        was=was,
        days={number: one.on for number, one in coming.items()},
        paid=paid_now(given, parts, coming),
        progress=progress,
    )


def reach(coming, wanted, today):
    """The last day looked at: so much later than now as a course may end later than ideally."""
    last = max((one.on for one in coming.values()), default=today)
    return last + (asking.SLACK_DAYS + len(wanted.away)) * A_DAY


def agreed(given, ids):
    """({number: who treats, group by group of the service as it is now}, {visit part: number}). One statement."""
    number_of, found, parts = {pk: number for number, pk in ids.items()}, {number: {} for number in ids}, {}
    for phase in VisitPhase.objects.filter(visitpart__appointment__in=ids.values()).select_related(
        "visitpart"
    ):
        number = number_of[phase.visitpart.appointment_id]
        found[number][phase.position] = phase.practitioner_id
        parts[phase.visitpart_id] = number
    service = {one.number: one.service for one in given.visits}
    people = {
        number: tuple(by_group(given.tables[service[number]].visit, phases))
        for number, phases in found.items()
    }
    return people, parts


def by_group(visit, phases):
    for group in range(len(visit.practitioner_groups)):
        position = next(one.key for one in visit.phases if one.practitioner_group == group)
        yield phases.get(position) or 0


def hours_of(given, was):
    """The days and times of day the patient comes in now; the same times on other days cost more."""
    cells = [
        (given.horizon.weekday(spot.day), number)
        for spot in was.values()
        for number, bits in enumerate(given.days[spot.day].times)
        if bits >> spot.start & 1
    ]
    weekdays, times = (
        (frozenset(of_all) for of_all in zip(*cells, strict=True)) if cells else (ANY_DAY, ANY_TIME)
    )
    return {"weekdays": weekdays, "times": times, "also": frozenset(product(ANY_DAY, times))}


def paid_now(given, parts, coming):
    """{number: the last day of what it draws on now}; what nothing covers is free to go anywhere. One statement."""
    last, found = {source.id: source.last for source in given.sources}, {}
    for one in standing_of(list(parts)) if last else []:
        if one.source in last:
            number = parts[one.visitpart]
            found[number] = min(found.get(number, date.max), max(last[one.source], coming[number].on))
    return found


def ways(plan, reason, until, *, now):
    """(Standing, [Way]): at most three, each whole, with the fewest changes first; none where nothing has to change."""
    today = walltime.local(now, plan.location.tz).date()
    wanted = Wanted(starts=today, gender=plan.patient.prefers_gender)
    if reason == ILL:
        wanted = replace(wanted, away_from=today, away_until=until)
    stand = standing(plan, wanted, now=now)
    if not stand.was:
        return stand, []
    if reason == PACE:
        return stand, caught_up(stand)[:MOST]
    found, tries = [], attempts(stand, reason)
    for looser in loosened(stand) if tries else []:
        found = whole_ways(stand, [(replace(one, **looser), was) for one, was in tries])
        if found:
            break
    return stand, found[:MOST]


def away_of(plan, until, *, now):
    """The days on which somebody who is ill until then cannot come, from today on."""
    return Wanted(away_from=walltime.local(now, plan.location.tz).date(), away_until=until).away


def loosened(stand):
    """What may give way, in order, where not every visit finds a place: times of day, distances, then what pays."""
    anytime = {"also": EVERY_HOUR}
    yield from ({}, anytime, anytime | {"wider": True})
    if stand.paid:
        yield from (anytime | {"singly": True}, anytime | {"wider": True, "singly": True})


def attempts(stand, reason):
    """[(wishes, visits that stay if they can)]: the fewest changes; all anew from the first that has to change; the
    same people at other times."""
    wanted = stand.wanted
    hit = stand.touched if reason == AWAY else days_hit(stand, wanted)
    if not hit:
        return []
    before = {number: spot for number, spot in stand.was.items() if number < min(hit)}
    same = replace(wanted, people=people_now(stand))
    return [(wanted, stand.was), (same if reason == AWAY else wanted, before), (same, stand.was)]


def whole_ways(stand, tries, **more):
    """Those in which every visit has a place and something moves, each once, the fewest changes first."""
    found = {}
    for wanted, was in tries:
        proposal = propose(stand.given, wanted, was=was, paid=stand.paid)
        changes = changes_of(stand, proposal)
        if proposal.whole and changes:
            way = way_of(stand, proposal, changes, wider=wanted.wider, **more)
            found.setdefault(tuple(sorted(proposal.spots.items())), way)
    return sorted(found.values(), key=lambda way: len(way.changes))


def way_of(stand, proposal, changes, *, kind=MOVES, **more):
    days = {number: stand.given.horizon.date(spot.day) for number, spot in proposal.spots.items()}
    unpaid = tuple(number for number, last in stand.paid.items() if days[number] > last)
    return Way(kind, days, changes, proposal, unpaid=unpaid, **more)


def changes_of(stand, proposal):
    return {
        number: (stand.was[number], proposal.offers[number])
        for number, spot in proposal.spots.items()
        if spot != stand.was[number]
    }


def days_hit(stand, wanted):
    away = {stand.given.horizon.number(day) for day in wanted.away}
    return {number for number, spot in stand.was.items() if spot.day in away}


def people_now(stand):
    """{discipline: who treats it at the first visit to come}."""
    first = min(stand.was)
    service = next(one.service for one in stand.given.visits if one.number == first)
    treating = stand.given.tables[service].treating
    return {
        discipline: who
        for wants, who in zip(treating, stand.was[first].people, strict=True)
        for discipline in wants
    }


def caught_up(stand):
    """Where the last visit is later than the plan has it: end later and move nothing; come closer together, as few
    visits as it takes, or all at the plan's own distances; where that is not enough, fewer visits."""
    planned = planned_end(stand)
    now_ends = stand.days[stand.last]
    if now_ends <= planned:
        return []
    later, closer = Way(LATER, stand.days, planned=planned), []
    for hours in ({}, {"also": EVERY_HOUR}):
        closer = closer or come_closer(stand, replace(stand.wanted, **hours), planned)
    fits = how_many_by(stand, replace(stand.wanted, also=EVERY_HOUR), planned)
    if 0 < fits < len(stand.was):
        soonest = sorted(closer, key=lambda way: way.days[stand.last])[: MOST - 2]
        return [later, *soonest, Way(FEWER, stand.days, planned=planned, fits=fits)]
    return [later, *closer]


def come_closer(stand, wanted, planned):
    """With as few changes as it takes to be over on the planned day, or as soon after it as can be; and all visits from
    the next one on at the plan's own distances."""
    end = earliest_end(stand, wanted, planned)
    if end is None:
        return []
    first = min(stand.was)
    even = replace(wanted, until=stand.days[stand.last] - A_DAY)
    tries = [(replace(wanted, until=end), stand.was), (even, {first: stand.was[first]})]
    return whole_ways(stand, tries, kind=CLOSER, planned=planned)


def planned_end(stand):
    """The day the plan has the last booked visit on; days on which it rested do not count. One statement."""
    progress = stand.progress
    offsets = [day for phase in progress.phases for day in phase.offsets]
    pauses = list(stand.given.plan.pauses.order_by("from_on").values_list("from_on", "until_on"))
    return days_of(offsets, progress.day_zero, pauses, progress.today)[stand.last - 1]


def how_many_by(stand, wanted, day):
    """How many of the visits to come can be over by a day at the plan's shortest distances."""
    if day < stand.given.today:
        return 0
    wanted = replace(wanted, until=day)
    asks = asks_in(stand.given, frame_of(stand.given, wanted, paid=stand.paid))
    return relax.most(asks, stand.given.tables, wishes_of(stand.given, wanted), stand.given.horizon)


def earliest_end(stand, wanted, planned):
    """The first day from the planned one on by which all visits can be over; None where it is no sooner than now."""
    first = max(planned, stand.given.today)
    days = [first + n * A_DAY for n in range((stand.days[stand.last] - first).days)]
    at = bisect_left(days, True, key=lambda day: how_many_by(stand, wanted, day) == len(stand.was))
    return days[at] if at < len(days) else None
