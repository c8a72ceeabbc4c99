"""Times that can be offered: every one of them can be booked."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from clinic import walltime
from clinic.timespan import TimeSpan
from patients.models import TimeOfDay
from scheduling.queries.world import load_world, phases_of
from scheduling.rules.grid import QUANTUM, QUANTUM_MINUTES
from scheduling.rules.layout import PhaseSpec, arrange
from scheduling.rules.search import Preference, Supply, placed, search, unattended_retention

STEP_QUANTA = 3  # offers begin on the quarter hour; any 5 minutes can be picked on the calendar
PER_DAY = 3
APART_MINUTES = 90
MIDNIGHT = time(0)
HOURS_OF = {
    TimeOfDay.MORNING: (time(0), time(12)),
    TimeOfDay.AFTERNOON: (time(12), time(17)),
    TimeOfDay.EVENING: (time(17), time(0)),
}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the patient would like. Empty means anything."""

    practitioner: int | None = None
    weekdays: frozenset[int] = frozenset()
    time_of_day: str = ""
    gender: str = ""
    step_free: bool = False

    @classmethod
    def of(cls, patient, **stated):
        """The patient's lasting preferences, and over them what is wished this time."""
        if patient is None:
            return cls(**stated)
        lasting = {
            "gender": patient.prefers_gender,
            "step_free": patient.needs_step_free,
            "time_of_day": patient.prefers_time,
        }
        return cls(**{**lasting, **stated})


@dataclass(frozen=True, slots=True)
class Placed:
    """One phase of an offer, in instants."""

    part: int
    position: int
    kind: str
    minutes: int
    patient_present: bool
    practitioner: int | None
    room: int | None
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Offer:
    """A time with people and rooms. `starts_at` to `ends_at` is what the patient is told."""

    starts_at: datetime
    ends_at: datetime
    phases: tuple[Placed, ...]
    practitioners: tuple[int, ...]
    rooms: tuple[int, ...]
    unattended: bool

    @property
    def choice(self):
        """How a form carries who and where: "1,2;3,4" (practitioners, then rooms, group by group)."""
        return ";".join(",".join(map(str, ids)) for ids in (self.practitioners, self.rooms))


def visit_of(service):
    """The layout of a service's visit. One statement."""
    return arrange(PhaseSpec(*row) for row in phases_of(service))


def availability(
    *,
    service,
    location,
    window: TimeSpan,
    now,
    patient=None,
    wishes=None,
    limit=8,
    ignoring=(),
    apart_minutes=APART_MINUTES,
):
    """Ranked offers for staff. Eight statements.

    `window` holds the starts; it is cut to the service's notice and the location's horizon. Offers without
    anybody on duty to remove needles come last and say so.
    """
    visit = visit_of(service)
    window = bookable(window, service=service, location=location, now=now)
    if window is None:
        return []
    patients = [patient.pk] if patient else []
    world = load_world(location, reach(window, visit), now=now, patients=patients, ignoring=ignoring)
    return offers(
        world,
        visit,
        window=window,
        patient_id=patient and patient.pk,
        wishes=wishes or Wishes(),
        limit=limit,
        apart_minutes=apart_minutes,
    )


def bookable(window, *, service, location, now):
    """The part of a window in which a visit may start: after the notice, before the horizon; None if none."""
    earliest = max(window.start, now + timedelta(minutes=service.notice_minutes))
    latest = min(window.end, now + timedelta(days=location.horizon_days))
    return TimeSpan(earliest, latest) if earliest < latest else None


def reach(window, visit):
    """The span a world must cover so that a visit may start anywhere in the window."""
    hour = window.start.replace(minute=0, second=0, microsecond=0)
    return TimeSpan(hour, window.end + visit.quanta * QUANTUM)


def offers(world, visit, *, window, patient_id, wishes, limit, apart_minutes=APART_MINUTES, only=None):
    """Next times, a few a day and `apart_minutes` apart; those without anybody to remove needles come last."""
    found = look(world, visit, window=window, patient_id=patient_id, wishes=wishes, only=only)
    duty = world.duty if visit.retentions else 0
    attended, unattended = [], []
    for mask in local_days(world, window):
        for chosen in some_of_day(found, mask, apart_minutes // QUANTUM_MINUTES):
            made = offer(world, visit, chosen, duty)
            (unattended if made.unattended else attended).append(made)
        if len(attended) >= limit:
            break
    return (attended + unattended)[:limit]


def local_days(world, window):
    """One mask of the world's grid for each local day of the window, in order."""
    day = walltime.local(window.start, world.location.tz).date()
    while walltime.instant(day, MIDNIGHT, world.location.tz) < window.end:
        span = walltime.day_span(day, world.location.tz)
        yield world.grid.mask(span.start, span.end, outward=False)
        day += timedelta(days=1)


def some_of_day(found, mask, apart):
    """At most PER_DAY options of a day, ascending, so many quanta apart; every one holds."""
    taken = 0
    while taken < PER_DAY and mask:
        chosen = next(found.options(limit=1, step_quanta=STEP_QUANTA, among=mask), None)
        if chosen is None:
            return
        yield chosen
        taken += 1
        mask &= -1 << (chosen.start + apart)


def look(world, visit, *, window, patient_id=None, wishes=None, only=None, require_duty=False):
    """The search for one visit in a world. `only`: (practitioner ids, room ids) fixed group by group, either None."""
    wishes = wishes or Wishes()
    supply = Supply(
        practitioners=[
            able(world, group, wishes, fixed(only, 0, n)) for n, group in enumerate(visit.practitioner_groups)
        ],
        rooms=[suited(world, group, wishes, fixed(only, 1, n)) for n, group in enumerate(visit.room_groups)],
        patient_free=world.free_patient(patient_id) if patient_id else world.grid.all_bits,
        duty=world.duty if require_duty else 0,
    )
    preference = Preference(
        practitioner_versatility={pid: world.cover.disciplines_of(pid) for pid in world.cover.people},
    )
    allowed = allowed_starts(world, window, wishes)
    return search(visit, supply, allowed=allowed, require_duty=require_duty, preference=preference)


def fixed(only, sort, number):
    ids = only[sort] if only else None
    return ids[number] if ids is not None and number < len(ids) else None


def able(world, group, wishes, fixed_id):
    """{practitioner id: free bits} of those who may deliver what the group wants and suit the wishes."""
    found = {}
    for pid, person in world.cover.people.items():
        if fixed_id is not None and pid != fixed_id:
            continue
        if fixed_id is None and wishes.gender and person.gender != wishes.gender:
            continue
        bits = world.free_practitioner(pid)
        for discipline in group.wants:
            bits &= world.may_treat(pid, discipline)
        if bits:
            found[pid] = bits
    if wishes.practitioner in found and fixed_id is None:
        return {wishes.practitioner: found[wishes.practitioner]}
    if wishes.practitioner and fixed_id is None and wished_could(world, group, wishes.practitioner):
        return {}
    return found


def wished_could(world, group, practitioner_id):
    """Whether the wished practitioner delivers this group's discipline at all: if not, the wish is for the others."""
    return all(world.cover.treats.get(discipline, {}).get(practitioner_id) for discipline in group.wants)


def suited(world, group, wishes, fixed_id):
    return {
        room.id: world.free_room(room.id)
        for room in world.rooms.values()
        if (fixed_id is None or room.id == fixed_id)
        and group.wants <= {room.kind}
        and (room.step_free or not wishes.step_free or fixed_id is not None)
    }


def allowed_starts(world, window, wishes):
    grid = world.grid
    bits = grid.mask(window.start, window.end, outward=False)
    if window.end - window.start < QUANTUM:
        bits |= 1 << ((window.start - grid.start) // QUANTUM)
    if not (wishes.weekdays or wishes.time_of_day):
        return bits
    return bits & wished_hours(world, wishes)


def wished_hours(world, wishes):
    zone, bits = world.location.tz, 0
    day = walltime.local(world.grid.start, zone).date()
    last = walltime.local(world.grid.span.end, zone).date()
    opens, closes = HOURS_OF.get(wishes.time_of_day, (time(0), time(0)))
    while day <= last:
        if not wishes.weekdays or day.weekday() in wishes.weekdays:
            span = walltime.hours_span(day, opens, closes, zone)
            bits |= world.grid.mask(span.start, span.end, outward=False) if span else 0
        day += timedelta(days=1)
    return bits


def offer(world, visit, chosen, duty):
    phases = tuple(
        Placed(
            part=one.phase.part,
            position=one.phase.key,
            kind=one.phase.kind,
            minutes=one.phase.minutes,
            patient_present=one.phase.patient_present,
            practitioner=one.practitioner,
            room=one.room,
            starts_at=world.grid.instant(one.first),
            ends_at=world.grid.instant(one.last),
        )
        for one in placed(visit, chosen)
    )
    return Offer(
        starts_at=world.grid.instant(chosen.start),
        ends_at=world.grid.instant(chosen.start + visit.patient_quanta),
        phases=phases,
        practitioners=chosen.practitioners,
        rooms=chosen.rooms,
        unattended=bool(visit.retentions) and unattended_retention(visit, chosen.start, duty),
    )


def nearest(wanted, *, now, limit=3):
    """The free times nearest to one that was lost, from four hours before it to three days after."""
    window = TimeSpan(
        max(now, wanted.starts_at - timedelta(hours=4)), max(now, wanted.starts_at) + timedelta(days=3)
    )
    window = bookable(window, service=wanted.service, location=wanted.location, now=now)
    if window is None:
        return []
    visit = visit_of(wanted.service)
    world = load_world(wanted.location, reach(window, visit), now=now, patients=[wanted.patient.pk])
    first = wanted.practitioners[0] if wanted.practitioners else None
    wishes = Wishes.of(wanted.patient, practitioner=first, time_of_day="")
    found = look(world, visit, window=window, patient_id=wanted.patient.pk, wishes=wishes)
    duty = world.duty if visit.retentions else 0
    target = max(0, (wanted.starts_at - world.grid.start) // QUANTUM)
    chosen = [
        *found.options(limit=limit, step_quanta=STEP_QUANTA, among=-1 << target),
        *found.options(step_quanta=STEP_QUANTA, among=(1 << target) - 1),
    ]
    chosen.sort(key=lambda one: (abs(one.start - target), one.start))
    return [offer(world, visit, one, duty) for one in chosen[:limit]]
