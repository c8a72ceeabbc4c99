"""One visit of the demo: found free with the clinic's own rules, given its story, kept as a plan."""

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from clinic import walltime
from clinic.timespan import TimeSpan
from scheduling.models import PartStatus, Status, What
from scheduling.queries.offers import Wishes, look, offer, visit_of
from scheduling.queries.world import load_world
from scheduling.rules.grid import QUANTUM
from scheduling.rules.search import placed
from services.models import Part, PhaseKind, Service

# Between these the story of the day has room on both sides: the clinic is open from 7 to 22.
OPENS, CLOSES = time(7), time(22)
EARLIEST, LATEST = time(8, 30), time(20, 30)
MINUTE = timedelta(minutes=1)
CLOSES_PART = {What.NEEDLES_OUT, What.TREATED}


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment the day is told for: `at` to the second, `grid` the full five minutes before it.

    In the early morning and late evening the story is built around an hour with room on both sides; `until` is the
    clock itself, so that nothing is told that has not happened yet. Before opening that is nothing at all.
    """

    day: date
    at: datetime
    grid: datetime
    until: datetime
    is_night: bool

    @classmethod
    def of(cls, now, zone):
        there = walltime.local(now, zone)
        clock = min(max(there.time(), EARLIEST), LATEST).replace(microsecond=0)
        at = walltime.instant(there.date(), clock, zone)
        told = there.time().replace(microsecond=0) if there.time() >= OPENS else time(0)
        until = walltime.instant(there.date(), told, zone)
        night = not OPENS <= there.time() < CLOSES
        grid = at - timedelta(minutes=at.minute % 5, seconds=at.second)
        return cls(there.date(), at, grid, until, night)

    @property
    def is_over(self):
        """The clinic has closed for the day."""
        return self.is_night and self.until > self.at

    def plus(self, minutes):
        return self.grid + minutes * MINUTE


@dataclass(slots=True)
class Fact:
    what: str
    at: datetime
    phase: int | None = None
    room: int | None = None


@dataclass(slots=True)
class Plan:
    """A visit to be written. `parts`: {position: (status, reason)}; `phases` are the offer's."""

    id: uuid.UUID
    patient: object
    service: object
    location: object
    starts_at: datetime
    ends_at: datetime
    phases: tuple
    created_at: datetime
    status: str = Status.BOOKED
    parts: dict = field(default_factory=dict)
    facts: list = field(default_factory=list)
    ended_reason: str = ""
    ended_at: datetime | None = None
    confirmed_at: datetime | None = None
    held_until: datetime | None = None
    walk_in: bool = False
    came_with: str = ""

    @property
    def left_at(self):
        return next((fact.at for fact in self.facts if fact.what == What.LEFT), None)


class Catalog:
    """Services by key with their layout and parts, read once."""

    def __init__(self):
        self.services = {service.key: service for service in Service.objects.all()}
        self.layouts = {key: visit_of(service) for key, service in self.services.items()}
        self.parts = {}
        for part in Part.objects.select_related("discipline"):
            self.parts.setdefault(part.service_id, {})[part.position] = part


class Day:
    """One local date of one location; every visit found takes its minutes from the next one."""

    def __init__(self, catalog, location, date, *, rng, now, patients=(), ignoring=()):
        self.catalog, self.location, self.date, self.rng, self.now = catalog, location, date, rng, now
        span = walltime.day_span(date, location.tz)
        self.world = load_world(location, span, now=now, patients=patients, ignoring=ignoring)

    def at(self, quantum):
        return self.world.grid.instant(quantum)

    def find(self, key, at, patient, *, practitioner=None, keep=True):
        """An Offer at exactly this time, or None. `keep` takes its minutes away."""
        layout, grid = self.catalog.layouts[key], self.world.grid
        wishes = Wishes(practitioner=practitioner, step_free=patient.needs_step_free)
        window = TimeSpan(at, at + QUANTUM)
        found = look(self.world, layout, window=window, patient_id=patient.pk, wishes=wishes)
        start = grid.index(at)
        chosen = found.assign(start) if found.starts >> start & 1 else None
        if chosen is None:
            return None
        if keep:
            self.world.take(placed(layout, chosen), patient.pk)
        return offer(self.world, layout, chosen, 0)

    def first(self, keys, at, patient, *, tolerance, practitioner=None):
        """(key, offer) of the first service and time that fit, at most so many minutes later; else None."""
        for later in range(0, tolerance + 1, 5):
            for key in keys:
                found = self.find(key, at + later * MINUTE, patient, practitioner=practitioner)
                if found:
                    return key, found
        return None

    def plan(self, key, found, patient, *, created_at, **more):
        return Plan(
            id=uuid.UUID(int=self.rng.getrandbits(128), version=4),
            patient=patient,
            service=self.catalog.services[key],
            location=self.location,
            starts_at=found.starts_at,
            ends_at=found.ends_at,
            phases=found.phases,
            created_at=created_at,
            **more,
        )


def happen(plan, *, until, early=8 * MINUTE, drift=timedelta(0)):
    """Tell the visit with everything `drift` after its promise, as far as it has come at an instant."""
    plan.facts = [fact for fact in facts_of(plan.phases, early=early, drift=drift) if fact.at <= until]
    follow_facts(plan)


def take_back_after(plan, until):
    """Nothing of the visit that comes after an instant has happened yet; what was decided then is not decided."""
    known = [fact for fact in plan.facts if fact.at <= until]
    undecided = plan.status in {Status.CANCELLED, Status.NO_SHOW} and plan.ended_at > until
    if undecided or len(known) < len(plan.facts):
        plan.facts, plan.parts = known, {}
        plan.status, plan.ended_reason, plan.ended_at = Status.BOOKED, "", None
        follow_facts(plan)


def follow_facts(plan):
    """Status and parts as the facts say."""
    kinds = {fact.what for fact in plan.facts}
    if What.LEFT in kinds:
        plan.status, plan.ended_at = Status.COMPLETED, plan.left_at
    elif What.IN_ROOM in kinds:
        plan.status = Status.IN_TREATMENT
    elif What.ARRIVED in kinds:
        plan.status = Status.ARRIVED
    close_parts(plan)


def close_parts(plan):
    """A part is done once its needles are out or its treatment has ended."""
    part_of = {phase.position: phase.part for phase in plan.phases}
    for fact in plan.facts:
        if fact.what in CLOSES_PART:
            plan.parts.setdefault(part_of[fact.phase], (PartStatus.DONE, ""))


def facts_of(phases, *, early, drift):
    """What happens in a visit that goes as agreed, `drift` late all along."""
    found = [Fact(What.ARRIVED, phases[0].starts_at - early)]
    room = None
    present = [phase for phase in phases if phase.patient_present]
    for number, phase in enumerate(present):
        if phase.room and phase.room != room:
            room = phase.room
            found.append(Fact(What.IN_ROOM, phase.starts_at + drift, phase.position, room))
        needles = any(one.part == phase.part and one.kind == PhaseKind.RETENTION for one in phases)
        found += [Fact(what, at + drift, phase.position) for what, at in steps_of(phase, needles)]
        last = number + 1 == len(present) or present[number + 1].part != phase.part
        if last and not needles:
            found.append(Fact(What.TREATED, phase.ends_at + drift - MINUTE, phase.position))
    found.append(Fact(What.LEFT, present[-1].ends_at + drift))
    return found


def steps_of(phase, needles):
    """[(what, when)] within one phase."""
    if phase.kind == PhaseKind.HANDS_ON:
        return [(What.FIRST_NEEDLE, phase.starts_at + 4 * MINUTE)] if needles else started(phase)
    if phase.kind == PhaseKind.RETENTION:
        return [(What.LAST_NEEDLE_IN, phase.starts_at)]
    if phase.kind == PhaseKind.REMOVAL:
        return [(What.NEEDLES_OUT, phase.ends_at - MINUTE)]
    if phase.kind == PhaseKind.ADJUSTMENT:
        return [(What.ADJUSTMENT, phase.starts_at + MINUTE)]
    return []


def started(phase):
    return [(What.TREATMENT, phase.starts_at + MINUTE)]


def drift_to(phases, what, at):
    """How late everything is when this fact happens at this instant."""
    planned = next(
        fact.at for fact in facts_of(phases, early=MINUTE, drift=timedelta(0)) if fact.what == what
    )
    return at - planned
