"""Whole courses: found, compared with an exact model and with next times, booked and checked.

Twelve people and ten rooms, after the last booked day, filled by a seed to 30, 50 and 70 % of everybody's working
hours. Each course has wishes of its own. Every one that is booked goes through the checker of the tests, which knows
nothing of the search, and is rolled back.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import time, timedelta

from django.db import transaction
from django.utils import timezone

from clinic import walltime
from clinic.models import Location, Room
from clinic.timespan import TimeSpan
from patients.models import Patient
from plans.actions.course import Chosen, book_course
from plans.models import Plan, PlanPhase
from plans.queries.course import Wanted, load, propose
from plans.rules.course.solve import solve
from plans.rules.course.spacing import furthest
from plans.rules.course.values import Ask
from practitioners.models import Practitioner
from practitioners.queries import working_spans
from scheduling.models import Block, BlockKind, Reservation
from scheduling.queries.world import phases_of
from scheduling.rules.layout import PhaseSpec
from scripts.measuring.calendar import reader
from scripts.measuring.clock import Cost, counting, median, p95, server_clock, timed
from services.models import Service
from tests.plans.checker import broken
from tests.plans.course_model import Kind, Model

VISITS, FULL = [4, 8, 12, 20], [30, 50, 70]

FILLED_DAYS = 150
MUST_SECONDS = 2  # for twelve visits, 95 of 100
QUARTER = timedelta(minutes=15)
LENGTHS = [2, 3, 4]  # quarters of an hour
ROOM_OF = {"acupuncture": "treatment", "chiropractic": "adjusting", "massage": "massage"}


@dataclass(slots=True)
class Measured:
    """All courses of one length at one fill."""

    visits: int
    full: int
    cost: Cost = field(default_factory=Cost)
    statements: set[int] = field(default_factory=set)
    whole: int = 0
    tried: int = 0
    saved: list[int] = field(default_factory=list)  # cost of next times − cost found, where both are whole
    next_times_whole: int = 0
    worse: int = 0  # than next times: never
    modeled: int = 0
    model_differs: int = 0
    broken: int = 0

    @property
    def fails(self):
        slow = self.visits == 12 and p95(self.cost.cpu) > MUST_SECONDS * 1000
        return bool(slow or self.worse or self.model_differs or self.broken)


def measure_courses(now, times, *, seed=1, lengths=VISITS, fills=FULL):
    """[Measured] of every length and fill, in a copy of the database."""
    rng = random.Random(seed)
    location, by = Location.objects.get(), reader("front_desk")
    last = Reservation.objects.order_by("-starts_at").values_list("starts_at", flat=True).first()
    first = walltime.local(max(last, now), location.tz).date() + timedelta(days=1)
    filler = Filler(rng, location, by, first)
    for full in fills:
        filler.fill_to(full / 100)
        for visits in lengths:
            yield measure_one(Measured(visits, full), rng, location, by, first, times)


class Filler:
    """Blocks of half an hour to an hour, with a room where one is free, until so much of the work is taken."""

    def __init__(self, rng, location, by, first):
        self.rng, self.location, self.by = rng, location, by
        zone = location.tz
        span = TimeSpan(
            walltime.instant(first, time(0), zone),
            walltime.instant(first + timedelta(days=FILLED_DAYS), time(0), zone),
        )
        self.quarters = {
            who: [at for one in spans for at in quarters_of(one)]
            for who, spans in working_spans(location, span).items()
        }
        self.taken, self.rooms_taken = defaultdict(set), defaultdict(set)
        self.rooms = defaultdict(list)
        for room in Room.objects.filter(location=location, active=True).select_related("kind"):
            self.rooms[room.kind.key].append(room.pk)
        self.kind_of = {
            row.pk: next(
                (ROOM_OF[d.key] for d in row.disciplines.order_by("pk") if d.key in ROOM_OF), "consult"
            )
            for row in Practitioner.objects.prefetch_related("disciplines")
        }

    def fill_to(self, share):
        blocks, rows = [], []
        for who, quarters in sorted(self.quarters.items()):
            open_quarters = set(quarters)
            while len(self.taken[who]) < share * len(quarters):
                start = self.rng.choice(quarters)
                wanted = [start + n * QUARTER for n in range(self.rng.choice(LENGTHS))]
                if self.taken[who].intersection(wanted) or not open_quarters.issuperset(wanted):
                    wanted = [start] if start not in self.taken[who] else []
                if wanted:
                    self.take(who, wanted, blocks, rows)
        Block.objects.bulk_create(blocks)
        Reservation.objects.bulk_create(rows)

    def take(self, who, quarters, blocks, rows):
        self.taken[who].update(quarters)
        rooms = self.rooms[self.kind_of[who]]
        room = next((one for one in rooms if not self.rooms_taken[one].intersection(quarters)), None)
        if room:
            self.rooms_taken[room].update(quarters)
        span = {"starts_at": quarters[0], "ends_at": quarters[-1] + QUARTER}
        held = {"practitioner_id": who, "room_id": room, **span}
        blocks.append(Block(location=self.location, kind=BlockKind.OTHER, created_by=self.by, **held))
        rows.append(Reservation(block=blocks[-1], **held))


def quarters_of(span):
    at, found = span.start, []
    while at + QUARTER <= span.end:
        found.append(at)
        at += QUARTER
    return found


def measure_one(found, rng, location, by, first, times):
    server = server_clock()
    patients = list(Patient.objects.filter(merged_into=None).order_by("pk")[:200])
    for number in range(times):
        with transaction.atomic():
            plan = a_plan(rng, rng.choice(patients), location, by, first, found.visits)
            wanted = wishes(rng, first)
            now = timezone.now()
            answer = []
            with counting() as sent:
                timed(lambda: answer.append(search(plan, wanted, now)), server, found.cost)  # noqa: B023
            found.statements.add(len(sent))
            book_and_check(found, plan, answer[0], by)
            transaction.set_rollback(True)
        judge(found, answer[0], modeled=number == 0)  # slow: a transaction may not wait so long
    return found


def search(plan, wanted, now):
    return propose(load(plan, wanted, now=now), wanted)


def a_plan(rng, patient, location, by, first, visits):
    """Twice a week, later once: half of the visits with an adjustment, where there are that many."""
    offsets = [number * 7 // 2 for number in range(visits)]
    now = timezone.now()
    lead = Practitioner.objects.order_by("pk").first()
    plan = Plan.objects.create(
        patient=patient, location=location, lead=lead, condition="measured", region="neck", starts_on=first,
        created_at=now, created_by=by,
    )  # fmt: skip
    half = visits // 2
    for position, (key, count, begin) in enumerate(
        [("acupuncture_adjustment", half, 0), ("acupuncture_follow_up", visits - half, half)], 1
    ):
        PlanPhase.objects.create(
            plan=plan, position=position, service=Service.objects.get(key=key), visits=count,
            offsets=offsets[begin : begin + count], min_days=2, max_days=6,
        )  # fmt: skip
    return plan


def wishes(rng, first):
    weekdays = frozenset(rng.sample(range(6), rng.choice([3, 4, 5])))
    times = frozenset(rng.sample(range(3), rng.choice([1, 2, 3])))
    return Wanted(starts=first + timedelta(days=rng.randrange(7)), weekdays=weekdays, times=times)


def judge(found, proposal, *, modeled):
    found.tried += 1
    found.whole += proposal.whole
    theirs = next_times(proposal)
    found.next_times_whole += len(theirs.spots) == len(proposal.asks)
    found.worse += len(theirs.spots) > len(proposal.course.spots)
    if len(theirs.spots) == len(proposal.course.spots):
        found.worse += theirs.cost < proposal.course.cost
        found.saved.append(theirs.cost - proposal.course.cost)
    if modeled:
        found.modeled += 1
        best = by_model(proposal)
        found.model_differs += best != (len(proposal.course.spots), proposal.course.cost)


def next_times(proposal):
    """Each visit on the day nearest to its ideal that the one before leaves it; no look ahead. As a Course."""
    given, pinned = proposal.given, []
    for ask in proposal.asks:
        before = pinned[-1].pinned.day if pinned else None
        spot = nearest(proposal, ask, before)
        if spot is None:
            break
        pinned.append(with_pin(ask, spot))
    return solve(pinned, given.tables, proposal.wishes, given.horizon)


def nearest(proposal, ask, before):
    given, away = proposal.given, proposal.wishes.away
    first = ask.first_day if before is None else before + ask.least_gap
    target = first if before is None else before + ask.ideal_gap
    days = [
        day
        for day in range(first, ask.last_day + 1)
        if before is None or furthest(day, ask.most_gap, away) <= before
    ]
    for day in sorted(days, key=lambda one: (abs(one - target), one)):
        alone = Ask(1, ask.table, 1, 1, 1, day, day)
        found = solve([alone], given.tables, proposal.wishes, given.horizon)
        if found.spots:
            return found.spots[0]
    return None


def with_pin(ask, spot):
    return Ask(
        ask.number, ask.table, ask.least_gap, ask.ideal_gap, ask.most_gap, ask.first_day, ask.last_day, pinned=spot
    )  # fmt: skip


def by_model(proposal):
    """(visits, cost) by the tests' model, which reads the same minutes as sets."""
    given, world = proposal.given, proposal.given.world
    days = [set_of(day) for day in given.days]
    kinds = {pk: kind_of(given, world, pk) for pk in given.tables}

    def hours(day, start):
        weekday, of_day = given.horizon.weekday(day), given.days[day]
        time_ = next((n for n, bits in enumerate(of_day.times) if bits >> start & 1), None)
        return proposal.wishes.cost_of_hours(weekday, time_)

    wanted = [
        (one.table, one.least_gap, one.ideal_gap, one.most_gap, one.first_day, one.last_day, None)
        for one in proposal.asks
    ]
    return Model(kinds, days, hours).best(wanted)


def set_of(day):
    return list(range(day.first, day.last))


def kind_of(given, world, service):
    able = {
        who: (
            {one for one, people in world.cover.treats.items() if who in people},
            quanta(world.free_practitioner(who)),
        )
        for who in world.cover.people
    }
    rooms = {room.id: ({room.kind}, quanta(world.free_room(room.id))) for room in world.rooms.values()}
    specs = [PhaseSpec(*row) for row in phases_of(given.services[service])]
    return Kind(specs, able, rooms, quanta(world.free_patient(given.plan.patient_id)), quanta(world.duty))


def quanta(bits):
    digits = bin(bits)[:1:-1]
    return {number for number, digit in enumerate(digits) if digit == "1"}


def book_and_check(found, plan, proposal, by):
    if not proposal.offers:
        return
    chosen = [
        Chosen(number, offer.starts_at, offer.practitioners, offer.rooms)
        for number, offer in proposal.offers.items()
    ]
    book_course(by=by, plan=plan, chosen=chosen)
    found.broken += bool(broken(plan))


def show(found):
    cpu, wall = found.cost.cpu, found.cost.wall
    saved = f"{median(found.saved):.0f} less" if found.saved else "–"
    model = "–" if not found.modeled else "the same" if not found.model_differs else "ANOTHER"
    print(
        f"{found.visits:>3} visits, {found.full} % full: wall {median(wall):6.0f} (p95 {p95(wall):6.0f}), CPU "
        f"{median(cpu):6.0f} (p95 {p95(cpu):6.0f}) ms; {'/'.join(map(str, sorted(found.statements)))} statements; "
        f"whole {found.whole} of {found.tried}, by next times {found.next_times_whole}; cost {saved} than next times, "
        f"model: {model}; broken {found.broken}  {'FAILS' if found.fails else 'holds'}",
        flush=True,
    )


def run(now, times):
    """Whether all courses hold."""
    print(f"\nWhole courses, {times} of each length and fill, found and booked in a copy of the database")
    holds = True
    for found in measure_courses(now, times):
        show(found)
        holds &= not found.fails
    return holds
