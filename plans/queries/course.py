"""Times for every visit of a plan: what is read, once, and what the search makes of it.

The number of statements depends on how many services the plan has, not on its visits, days, people or rooms.
"""

from dataclasses import dataclass, field
from datetime import date, time, timedelta

from clinic import walltime
from clinic.timespan import TimeSpan
from packages.queries.balances import current, sources_of, use_of
from packages.rules.ledger import PartState, Source
from plans.models import Plan
from plans.queries.progress import of_plans
from plans.rules.course import asking, relax
from plans.rules.course.days import Day, Table, table
from plans.rules.course.solve import may_treat, solve
from plans.rules.course.spacing import furthest, off
from plans.rules.course.values import (
    ANY_DAY,
    ANY_TIME,
    EVENING_HOUR,
    NOON_HOUR,
    OFF_SPACING,
    Ask,
    Course,
    Horizon,
    Spot,
    Wishes,
)
from plans.rules.progress import OPEN
from scheduling.queries.candidates import names_in
from scheduling.queries.offers import Offer, able, bookable, local_days, offer, suited, visit_of
from scheduling.queries.offers import Wishes as Fixed
from scheduling.queries.world import World, load_world
from scheduling.rules.search import Assignment, Supply
from services.models import KindOfCare, Service

MIDNIGHT = time(0)
ALTERNATIVES = 9
APART_QUANTA = 18  # 90 minutes between two alternatives of one day
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wished on the page. `people`: {discipline id: practitioner id}; `gender` of whoever treats, but for the
    disciplines in `anyone`; `come`: first days of weeks that were to
    be kept free and are not any more; `singly`: visits may lie outside what pays for them."""

    starts: date | None = None
    until: date | None = None
    weekdays: frozenset[int] = ANY_DAY
    times: frozenset[int] = ANY_TIME
    also: frozenset[tuple[int, int]] = frozenset()
    people: dict[int, int] = field(default_factory=dict)
    gender: str = ""
    anyone: frozenset[int] = frozenset()
    away_from: date | None = None
    away_until: date | None = None
    come: frozenset[date] = frozenset()
    wider: bool = False
    singly: bool = False

    @property
    def away(self) -> list[date]:
        """The days away, both ends included; no end is one week."""
        if self.away_from is None:
            return []
        last = self.away_until or self.away_from + timedelta(days=6)
        days = [self.away_from + n * A_DAY for n in range(min(400, (last - self.away_from).days + 1))]
        return [day for day in days if day - day.weekday() * A_DAY not in self.come]


@dataclass(slots=True)
class Given:
    """Everything that decides a course, read once."""

    plan: Plan
    now: object
    visits: list[asking.Planned]  # those that are to be booked
    before: date | None  # the last visit that stands
    services: dict[int, Service]
    horizon: Horizon
    days: list[Day]
    world: World
    tables: dict[int, Table]
    sources: list[Source]
    kinds: dict[int, str]
    numbered: tuple = ()

    @property
    def zone(self):
        return self.plan.location.tz

    @property
    def today(self):
        return walltime.local(self.now, self.zone).date()


def load(plan, wanted, *, now, numbers=None, ignoring=(), numbered=None):
    """Read what is needed for a plan's visits that are not booked yet, or for those of `numbers`.

    `ignoring`: appointments that are to be moved, whose own minutes are free for it. `numbered`: the plan's visits
    as they stand (plans.rules.progress.Numbered), where they are known.
    """
    zone = plan.location.tz
    today = walltime.local(now, zone).date()
    numbered = numbered or progress_of(plan, today).visits
    phases = list(plan.phases.filter(closed=False).order_by("position"))
    services = services_of(phases)
    kinds_of = {pk: kinds_of_service(one) for pk, one in services.items()}
    every = asking.planned(phases, kinds_of)
    chosen = numbers if numbers is not None else {one.number for one in numbered if one.state == OPEN}
    visits = [one for one in every if one.number in chosen]
    stand = [one.on for one in numbered if one.appointment and one.number not in chosen]
    first = max(today, wanted.starts or today)
    horizon = horizon_of(plan.location, visits, wanted, today=today, first=first)
    span = TimeSpan(
        now.replace(minute=0, second=0, microsecond=0),
        walltime.instant(horizon.date(horizon.days), MIDNIGHT, zone) + timedelta(hours=4),
    )
    world = load_world(plan.location, span, now=now, patients=[plan.patient_id], ignoring=ignoring)
    given = Given(
        plan=plan,
        now=now,
        visits=visits,
        before=max(stand, default=None),
        services=services,
        horizon=horizon,
        days=days_of(world, horizon, zone),
        world=world,
        tables={},
        sources=sources_of({current(plan.patient).pk})[current(plan.patient).pk],
        kinds=dict(KindOfCare.objects.values_list("pk", "name")),
        numbered=numbered,
    )
    given.tables = {pk: table_of(given, services[pk]) for pk in sorted({one.service for one in visits})}
    return given


def progress_of(plan, today):
    """How far the plan is (plans.rules.progress.Progress). Eleven statements."""
    return of_plans(Plan.objects.filter(pk=plan.pk), today)[0]


def services_of(phases):
    """{id: Service with its parts}. Two statements."""
    rows = Service.objects.filter(pk__in={one.service_id for one in phases})
    return {row.pk: row for row in rows.prefetch_related("parts")}


def kinds_of_service(service):
    return [(part.kind_of_care_id, part.discipline_id) for part in service.parts.all()]


def horizon_of(location, visits, wanted, *, today, first):
    """From today to the latest end that could be allowed, and not beyond what the location books."""
    last = last_date(visits, wanted, first) + relax.LATER_BY * A_DAY
    last = min(last, today + (location.horizon_days - 1) * A_DAY)
    return Horizon(today, max(1, (last - today).days + 1))


def last_date(visits, wanted, first):
    """The end that is wished, or ideally the last visit, the days away and some slack later."""
    if wanted.until is not None:
        return max(wanted.until, first)
    ideal = asking.ideal_days(visits, first)[-1] if visits else first
    return ideal + (len(wanted.away) + asking.SLACK_DAYS) * A_DAY


def days_of(world, horizon, zone):
    """A Day for each number of the horizon."""
    window = TimeSpan(
        walltime.instant(horizon.first, MIDNIGHT, zone),
        walltime.instant(horizon.date(horizon.days), MIDNIGHT, zone),
    )
    return [
        day_of(world, horizon.date(number), mask, zone)
        for number, mask in enumerate(local_days(world, window))
    ]


def day_of(world, date_, mask, zone):
    first = (mask & -mask).bit_length() - 1 if mask else 0
    edges = [MIDNIGHT, time(NOON_HOUR), time(EVENING_HOUR), MIDNIGHT]
    spans = [walltime.hours_span(date_, edges[n], edges[n + 1], zone) for n in range(3)]
    times = tuple(
        world.grid.mask(span.start, span.end, outward=False) & mask if span else 0 for span in spans
    )
    return Day(first, max(first, mask.bit_length()), times)


def table_of(given, service):
    """What visits of a service can have. One statement."""
    world, visit = given.world, visit_of(service)
    window = bookable(world.grid.span, service=service, location=given.plan.location, now=given.now)
    anybody = Fixed(step_free=given.plan.patient.needs_step_free)
    supply = Supply(
        [able(world, group, anybody, None) for group in visit.practitioner_groups],
        [suited(world, group, anybody, None) for group in visit.room_groups],
        world.free_patient(given.plan.patient_id),
        world.duty,
    )
    allowed = world.grid.mask(window.start, window.end, outward=False) if window else 0
    return table(visit, supply, given.days, allowed=allowed)


@dataclass(slots=True)
class Proposal:
    """A course that could be booked. `offers`: {number: Offer}; `relaxed`: what would make more visits fit."""

    given: Given
    asks: list[Ask]
    wishes: Wishes
    course: Course
    spots: dict[int, Spot]
    offers: dict[int, Offer]
    paid: dict[int, date]
    relaxed: relax.Relaxation | None = None

    @property
    def whole(self):
        return self.course.whole


def propose(given, wanted, *, pinned=None, was=None, paid=None):
    """The best course under the wishes, and what would help where not everything fits.

    `paid`: {number: last day of what pays for it}, where that is known; otherwise worked out for ideal days.
    """
    wishes, frame = wishes_of(given, wanted), frame_of(given, wanted, pinned, was, paid)
    asks = asks_in(given, frame)
    course = solve(asks, given.tables, wishes, given.horizon)
    open_asks = [ask for ask in asks if ask.settled is None]
    spots = {ask.number: spot for ask, spot in zip(open_asks, course.spots, strict=False)}
    offers = {ask.number: offer_of(given, ask, spots[ask.number]) for ask in open_asks[: len(course.spots)]}
    helps = None
    if not course.whole:
        helps = relax.smallest(
            asks, given.tables, wishes, given.horizon, end=frame.last_day, paid_until=frame.paid
        )
    return Proposal(given, asks, wishes, course, spots, offers, paid_in(given, frame), helps)


def frame_of(given, wanted, pinned=None, was=None, paid=None):
    """Between which days the course lies, as numbers of the horizon, and what holds for single visits."""
    if wanted.singly:
        paid = {}
    elif paid is None:
        paid = asking.paid_until(given.visits, first_date(given, wanted), given.sources)
    return asking.Frame(
        first_day=given.horizon.number(first_date(given, wanted)),
        last_day=min(given.horizon.number(last_of(given, wanted)), given.horizon.days - 1),
        paid=asking.numbers_of(given.horizon, paid),
        pinned=pinned or {},
        was=was or {},
        wider=wanted.wider,
    )


def paid_in(given, frame):
    return {number: given.horizon.date(day) for number, day in frame.paid.items()}


def asks_in(given, frame):
    before = given.horizon.number(given.before) if given.before else None
    return asking.asks_of(given.visits, frame, before)


def first_date(given, wanted):
    return max(given.today, wanted.starts or given.today)


def last_of(given, wanted):
    return last_date(given.visits, wanted, first_date(given, wanted))


def wishes_of(given, wanted):
    people = {discipline: frozenset({who}) for discipline, who in wanted.people.items()}
    if wanted.gender:
        for discipline, able_ in given.world.cover.treats.items():
            same = {who for who in able_ if given.world.cover.people[who].gender == wanted.gender}
            if discipline not in wanted.anyone:
                people.setdefault(discipline, frozenset(same))
    return Wishes(
        weekdays=wanted.weekdays,
        times=wanted.times,
        also=wanted.also,
        people=people,
        away=frozenset(given.horizon.number(day) for day in wanted.away),
    )


def offer_of(given, ask, spot):
    """The spot with its rooms, in instants."""
    made = given.tables[ask.table]
    chosen = Assignment(spot.start, spot.people, made.rooms.choose(spot.start))
    return offer(given.world, made.visit, chosen, given.world.duty if made.visit.retentions else 0)


def alternatives(proposal, number):
    """[Offer]: other times for one visit while all others stay where they are, the least dear first."""
    given = proposal.given
    ask = next(one for one in proposal.asks if one.number == number)
    made, found = given.tables[ask.table], []
    for day, cost in days_beside(proposal, ask):
        found += some_of(proposal, made, day, cost)
    own = proposal.spots[number]
    found = [(cost, spot) for cost, spot in found if spot != own]
    nearest = sorted(found, key=lambda one: (one[0], one[1].day, one[1].start))[:ALTERNATIVES]
    return [offer_of(given, ask, spot) for _cost, spot in sorted(nearest, key=lambda one: one[1].start)]


def days_beside(proposal, ask):
    """[(day, what its distances to both neighbors cost)] on which a visit may be while its neighbors stay."""
    at = proposal.asks.index(ask)
    before, later = proposal.asks[at - 1] if at else None, [*proposal.asks, None][at + 1]
    earlier_day = day_now(proposal, before)
    later_day = day_now(proposal, later)
    found = []
    for day in range(ask.first_day, ask.last_day + 1):
        costs = [
            distance(earlier_day, day, ask, proposal.wishes.away),
            distance(day, later_day, later, proposal.wishes.away),
        ]
        if day not in proposal.wishes.away and None not in costs:
            found.append((day, sum(costs)))
    return found


def day_now(proposal, ask):
    if ask is None:
        return None
    spot = ask.settled or proposal.spots.get(ask.number)
    return spot and spot.day


def distance(before, day, ask, away):
    """What lies between two visits, as cost: 0 where there is only one of them, None where it is too much."""
    if before is None or day is None:
        return 0
    if not furthest(day, ask.most_gap, away) <= before <= day - ask.least_gap:
        return None
    return OFF_SPACING * off(before, day, ask.ideal_gap, away) ** 2


def some_of(proposal, made, day, cost):
    """Starts of one day some time apart, within the wishes."""
    given, wishes, last, found = proposal.given, proposal.wishes, None, []
    day_bits = given.days[day]
    for add, spot in made.spots_on(day, day_bits, lambda people: may_treat(made, people, wishes)):
        time_ = next((n for n, bits in enumerate(day_bits.times) if bits >> spot.start & 1), 0)
        extra = wishes.cost_of_hours(given.horizon.weekday(day), time_)
        if extra is None or (last is not None and spot.start - last < APART_QUANTA):
            continue
        last = spot.start
        found.append((cost + add + extra, spot))
    return found


def draws(proposal):
    """{number: [(part's kind of care, what pays for it or None)]}, and what is beyond an authorization.

    A part of the Use is named (number of the visit, which part of it, counted from 0).
    """
    parts = []
    for one in proposal.given.visits:
        made = proposal.offers.get(one.number)
        if made is None:
            continue
        on = walltime.local(made.starts_at, proposal.given.zone).date()
        for index, (kind, discipline) in enumerate(one.kinds):
            parts.append(PartState((one.number, index), kind, discipline, on))
    use = use_of(proposal.given.sources, parts, proposal.given.kinds)
    found = {}
    for part, covered in zip(parts, use.covered, strict=True):
        found.setdefault(part.visitpart[0], []).append((part.kind_of_care, covered.source))
    return found, use


def names_of(given):
    return names_in(given.world)


def spot_of(given, starts_at, people):
    """The Spot of an instant and people, as a form brings them; None outside of what was read."""
    day = given.horizon.number(walltime.local(starts_at, given.zone).date())
    start = given.world.grid.index(starts_at)
    if not 0 <= day < given.horizon.days or start < 0:
        return None
    return Spot(day, start, tuple(people))
