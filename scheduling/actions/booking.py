"""Booking: one visit, or several together (a family, a series), all or none."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit, walltime
from clinic.models import Clinic, Location, Room
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.timespan import TimeSpan
from patients.models import Patient
from practitioners.models import Practitioner
from scheduling import emails
from scheduling.actions.caring import join_care
from scheduling.actions.covering import prices_of, refuse_beyond
from scheduling.actions.locking import all_or_nothing, keys_for, lock
from scheduling.actions.occupying import expire_in_the_way, occupy
from scheduling.actions.settling import settle_visits
from scheduling.models import Appointment, Change, Series, Status, VisitPart, VisitPhase
from scheduling.queries.offers import Wishes, look, nearest, offer, visit_of
from scheduling.queries.world import load_world
from scheduling.rules.bundles import marked
from scheduling.rules.grid import QUANTUM
from scheduling.rules.layout import Visit
from scheduling.rules.placing import reasons_not_to_start, service_has_changed, verdict
from scheduling.rules.search import Assignment, placed
from scheduling.rules.sentences import clock
from services.models import Part, Service


@dataclass(frozen=True, slots=True)
class Wanted:
    """One visit to book. `practitioners` and `rooms` are ids, group by group; None means whoever, wherever.

    Rooms are a suggestion unless `pin_rooms`: another free one of the same kind is better than a refusal.
    `beyond_reason`: why it is booked although an insurer's approved visits do not reach and nothing else covers it;
    whoever gives it has told the patient. Somebody who walks in stands there and needs none.
    """

    patient: Patient
    service: Service
    location: Location
    starts_at: datetime
    practitioners: tuple[int, ...] | None = None
    rooms: tuple[int, ...] | None = None
    pin_rooms: bool = False
    overbook_reason: str = ""
    walk_in: bool = False
    note: str = ""
    beyond_reason: str = ""


def book(*, by, wanted, request_key=None, held=False, series=None, location_shown=None):
    """Book a list of Wanted at one location; returns the appointments, in the same order.

    Raises Refused with reasons; where somebody else was faster, with the nearest free times of the first
    visit that lost. `held` makes holds that run out after the clinic's hold minutes.
    """
    ids = [uuid.uuid4() for _one in wanted]
    shown = location_shown or reverse("scheduling:visit", args=[ids[0]])
    try:
        return book_now(
            by=by, wanted=wanted, ids=ids, request_key=request_key, held=held, series=series, shown=shown
        )
    except Refused as refusal:
        if refusal.conflict and not refusal.offers:
            refusal.offers = nearest(wanted[0], now=timezone.now())
        raise


@all_or_nothing
def book_now(*, by, wanted, ids, request_key, held, series, shown):
    claim(request_key, location=shown)
    visits = {one.service.pk: one.service for one in wanted}
    visits = {pk: visit_of(service) for pk, service in visits.items()}
    now, world = locked_world(wanted, visits)
    hold_until = now + timedelta(minutes=Clinic.objects.get().hold_minutes) if held else None
    planned = []
    for pk, one in zip(ids, wanted, strict=True):
        visit = visits[one.service.pk]
        chosen = settle(world, visit, one, now=now)
        planned.append(
            (new_appointment(pk, one, by=by, now=now, held_until=hold_until, series=series), one, chosen)
        )
        world.take(chosen.placed, one.patient.pk)
    return write(planned, by=by, now=now)


def locked_world(wanted, visits, *, ignoring=()):
    """Lock everything that may be tried, then the clock, then read. (now, World)"""
    location = wanted[0].location
    spans = [TimeSpan.of(one.starts_at, minutes=visits[one.service.pk].quanta * 5) for one in wanted]
    rooms = list(Room.objects.filter(location=location, active=True).values_list("pk", flat=True))
    if all(one.practitioners is not None for one in wanted):
        people = {pid for one in wanted for pid in one.practitioners}
    else:
        people = set(Practitioner.objects.filter(active=True).values_list("pk", flat=True))
    lock(
        keys_for(spans=spans, practitioners=people, rooms=rooms, patients=[one.patient.pk for one in wanted])
    )
    now = timezone.now()
    hull = TimeSpan(min(span.start for span in spans), max(span.end for span in spans))
    expire_in_the_way(span=hull, now=now)
    patients = [one.patient.pk for one in wanted]
    start = hull.start.replace(minute=0, second=0, microsecond=0)
    return now, load_world(location, TimeSpan(start, hull.end), now=now, patients=patients, ignoring=ignoring)


@dataclass(frozen=True, slots=True)
class Chosen:
    placed: list
    phases: tuple
    ends_at: datetime
    overbooked: bool


def settle(world, visit: Visit, one: Wanted, *, now):
    """Who and where for one visit, or Refused with the reasons."""
    reasons = reasons_not_to_start(
        one.starts_at,
        now=now,
        location=one.location,
        notice_minutes=one.service.notice_minutes,
        walk_in=one.walk_in,
    )
    if too_many(one.practitioners, visit.practitioner_groups) or too_many(one.rooms, visit.room_groups):
        reasons.append(service_has_changed())
    if one.patient.merged_into_id:
        reasons.append(_("This record was merged into another one. Book on the record that was kept."))
    if reasons:
        raise Refused(reasons)
    start = (one.starts_at - world.grid.start) // QUANTUM
    assignment = assign(world, visit, one, start)
    if assignment is None:
        assignment = overbooked(world, visit, one, start)
        return chosen_of(world, visit, assignment, overbooked_=True)
    return chosen_of(world, visit, assignment, overbooked_=False)


def too_many(ids, groups):
    """More people or rooms than the visit has groups for: none of them is left out silently."""
    return ids is not None and len(ids) > len(groups)


def assign(world, visit, one, start):
    """The suggestion as it stands; then, unless pinned, the same people in other rooms."""
    window = TimeSpan(one.starts_at, one.starts_at + QUANTUM)
    tries = [(one.practitioners, one.rooms)]
    if one.rooms is not None and not one.pin_rooms:
        tries.append((one.practitioners, None))
    for only in tries:
        wishes = Wishes() if one.practitioners is not None else Wishes.of(one.patient, time_of_day="")
        found = look(world, visit, window=window, patient_id=one.patient.pk, wishes=wishes, only=only)
        assignment = found.assign(start) if found.starts >> start & 1 else None
        if assignment is not None:
            return assignment
    return None


def overbooked(world, visit, one, start):
    """Where nothing is free: over other visits with a reason, else Refused."""
    if one.practitioners is None or one.rooms is None:
        raise Refused(
            _("Nobody who may do this is free with a room at %(time)s. Choose another time.")
            % {"time": clock(one.starts_at, one.location.tz)},
            conflict=True,
        )
    judged = verdict(
        world,
        visit,
        start,
        practitioners=one.practitioners,
        rooms=one.rooms,
        patient_id=one.patient.pk,
        overbook=bool(one.overbook_reason),
    )
    if judged.reasons:
        raise Refused(judged.reasons, conflict=judged.taken)
    return Assignment(start, one.practitioners, one.rooms)


def chosen_of(world, visit, assignment, *, overbooked_):
    made = offer(world, visit, assignment, 0)
    return Chosen(
        placed=placed(visit, assignment), phases=made.phases, ends_at=made.ends_at, overbooked=overbooked_
    )


def new_appointment(pk, one, *, by, now, held_until, series):
    wall = walltime.local(one.starts_at, one.location.tz)
    return Appointment(
        id=pk,
        patient=one.patient,
        service=one.service,
        location=one.location,
        starts_at=one.starts_at,
        wall_date=wall.date(),
        wall_time=wall.time(),
        status=Status.HELD if held_until else Status.BOOKED,
        held_until=held_until,
        series=series,
        walk_in=one.walk_in,
        note=one.note,
        created_at=now,
        created_by=by,
    )


def write(planned, *, by, now, bundle=""):
    """Rows for all visits: a fixed number of statements, however many visits. Refused where an insurer's visits
    are used up and nobody has said that the patient knows.

    Of a `bundle` (rules.bundles) no mail is queued for the single visits: whoever books tells of all of them in one.
    """
    appointments = []
    for appointment, one, chosen in planned:
        appointment.ends_at = chosen.ends_at
        if chosen.overbooked:
            appointment.overbooked_reason, appointment.overbooked_by = one.overbook_reason, by
        appointments.append(appointment)
    Appointment.objects.bulk_create(appointments)
    phases = write_phases(planned)
    for appointment, _one, chosen in planned:
        occupy(appointment, phases[appointment.pk], overbook=chosen.overbooked)
    join_care(planned, by=by, now=now)
    beyond = refuse_beyond(planned, settle_visits(appointments, by=by, now=now))
    for appointment, one, _chosen in planned:
        uncovered = beyond.get(appointment.pk, ())
        record_booking(appointment, by=by, now=now, bundle=bundle, uncovered=uncovered, why=one.beyond_reason)
    return appointments


def write_phases(planned):
    """Parts and phases copied from the service: what was agreed, kept for ever. {appointment id: phases}"""
    services = {one.service.pk for _appointment, one, _chosen in planned}
    defined = defaultdict(dict)
    for part in Part.objects.filter(service__in=services):
        defined[part.service_id][part.position] = part
    parts, phases = {}, defaultdict(list)
    for appointment, one, _chosen in planned:
        for position, part in defined[one.service.pk].items():
            parts[appointment.pk, position] = VisitPart(
                appointment=appointment,
                position=position,
                name=part.name,
                discipline_id=part.discipline_id,
                kind_of_care_id=part.kind_of_care_id,
            )
    VisitPart.objects.bulk_create(parts.values())
    for appointment, _one, chosen in planned:
        for phase in chosen.phases:
            phases[appointment.pk].append(visit_phase(parts[appointment.pk, phase.part], phase))
    VisitPhase.objects.bulk_create([phase for group in phases.values() for phase in group])
    return phases


def visit_phase(part, phase):
    return VisitPhase(
        visitpart=part,
        position=phase.position,
        kind=phase.kind,
        minutes=phase.minutes,
        patient_present=phase.patient_present,
        practitioner_id=phase.practitioner,
        room_id=phase.room,
        starts_at=phase.starts_at,
        ends_at=phase.ends_at,
    )


def record_booking(appointment, *, by, now, bundle="", uncovered=(), why=""):
    """`uncovered`: parts that an insurer's approval does not reach, and `why` they are booked all the same."""
    held = appointment.status == Status.HELD
    change = Change.objects.create(
        appointment=appointment,
        verb="hold" if held else "book",
        at=now,
        by=by,
        before=marked({"status": Status.CANCELLED, "ended_reason": _("booking undone")}, bundle),
    )
    audit.record(
        by=by,
        verb="hold" if held else "book",
        about=appointment,
        patient=appointment.patient_id,
        starts_at=appointment.starts_at.isoformat(),
        overbooked_reason=appointment.overbooked_reason,
        **({"beyond_reason": why} if uncovered else {}),
    )
    if not bundle and not held:
        emails.tell_booked(appointment, change=change, now=now, uncovered=prices_of(appointment, uncovered))


def new_series(*, by, patient, weekdays, wall_time, now):
    return Series.objects.create(
        patient=patient, weekdays=sorted(weekdays), wall_time=wall_time, created_at=now, created_by=by
    )
