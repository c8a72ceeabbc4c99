"""Plans made rows, many at a time."""

import uuid
from datetime import timedelta

from clinic import walltime
from patients.models import CareTeam
from scheduling.actions.occupying import HOLDS_ITS_PLACE, joined
from scheduling.models import (
    ActualTime,
    Appointment,
    Change,
    PartStatus,
    Reservation,
    Status,
    VisitPart,
    VisitPhase,
    What,
)

OCCUPYING = {*HOLDS_ITS_PLACE, Status.COMPLETED}
BATCH = 2000
QUANTUM = timedelta(minutes=5)
DESK_SAYS = {What.ARRIVED, What.LEFT}


def write(plans, *, catalog, desk, users, rng, now):
    """Write plans: rows of every table, in an order that follows from the plans alone.

    `desk` is the account that booked, `users` {practitioner id: account id}.
    """
    parts, phases = [], {}
    for plan in plans:
        of_visit = parts_of(plan, catalog, rng)
        parts += of_visit.values()
        phases[plan.id] = [phase_row(of_visit[phase.part], phase) for phase in plan.phases]
    create(Appointment, [appointment_row(plan, desk) for plan in plans])
    create(VisitPart, parts)
    create(VisitPhase, [phase for plan in plans for phase in phases[plan.id]])
    create(
        Reservation,
        [row for plan in plans for row in reservations_of(plan, parts_not_done(plan, phases[plan.id]), now)],
    )
    create(ActualTime, [row for plan in plans for row in facts_rows(plan, phases[plan.id], desk, users, rng)])
    create(Change, [row for plan in plans for row in changes_of(plan, desk, rng)])
    create(CareTeam, care_rows(plans, desk, users), ignore_conflicts=True)


def create(model, rows, **options):
    model.objects.bulk_create(rows, batch_size=BATCH, **options)


def appointment_row(plan, desk):
    wall = walltime.local(plan.starts_at, plan.location.tz)
    return Appointment(
        id=plan.id,
        patient=plan.patient,
        service=plan.service,
        location=plan.location,
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        wall_date=wall.date(),
        wall_time=wall.time(),
        status=plan.status,
        held_until=plan.held_until,
        confirmed_at=plan.confirmed_at,
        walk_in=plan.walk_in,
        ended_reason=plan.ended_reason,
        came_with=plan.came_with,
        created_at=plan.created_at,
        created_by=desk,
    )


def parts_of(plan, catalog, rng):
    return {
        position: VisitPart(
            id=random_id(rng),
            appointment_id=plan.id,
            position=position,
            name=part.name,
            discipline_id=part.discipline_id,
            kind_of_care_id=part.kind_of_care_id,
            status=plan.parts.get(position, (PartStatus.PLANNED, ""))[0],
            reason=plan.parts.get(position, (PartStatus.PLANNED, ""))[1],
        )
        for position, part in catalog.parts[plan.service.pk].items()
    }


def phase_row(part, phase):
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


def parts_not_done(plan, phases):
    """The phases that still hold something: not those of parts closed as not done."""
    gone = {position for position, (status, _reason) in plan.parts.items() if status == PartStatus.NOT_DONE}
    return [phase for phase in phases if phase.visitpart.position not in gone]


def reservations_of(plan, phases, now):
    """None for visits that will not happen; of completed ones what lies before the next grid minute."""
    if plan.status not in OCCUPYING:
        return []
    cut = grid_minute_after(plan.left_at) if plan.status == Status.COMPLETED else None
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    rows = []
    for practitioner, room, span, _flags in joined(phases):
        end = min(span.end, cut) if cut else span.end
        if span.start < end:
            rows.append(
                Reservation(
                    appointment_id=plan.id,
                    practitioner_id=practitioner,
                    room_id=room,
                    starts_at=span.start,
                    ends_at=end,
                    expires_at=plan.held_until,
                    live=end > today,
                )
            )
    return rows


def grid_minute_after(instant):
    down = instant.replace(minute=instant.minute - instant.minute % 5, second=0, microsecond=0)
    return down if down == instant else down + QUANTUM


def facts_rows(plan, phases, desk, users, rng):
    by_position = {phase.position: phase for phase in phases}
    first = next(
        (users[phase.practitioner_id] for phase in phases if phase.practitioner_id in users), desk.pk
    )
    found = []
    for fact in plan.facts:
        phase = by_position.get(fact.phase)
        treating = users.get(phase.practitioner_id, first) if phase else first
        found.append(
            ActualTime(
                id=random_id(rng),
                appointment_id=plan.id,
                visitphase=phase,
                what=fact.what,
                at=fact.at,
                by_id=desk.pk if fact.what in DESK_SAYS else treating,
                entered_at=fact.at + timedelta(seconds=3),
                room_id=fact.room,
            )
        )
    return found


def changes_of(plan, desk, rng):
    """How the visit came about and how it ended, where that was decided by somebody."""
    verbs = [("hold" if plan.status == Status.HELD else "book", plan.created_at, Status.CANCELLED)]
    if plan.status in {Status.CANCELLED, Status.NO_SHOW}:
        verbs.append(
            ("cancel" if plan.status == Status.CANCELLED else "no_show", plan.ended_at, Status.BOOKED)
        )
    return [
        Change(
            id=random_id(rng),
            appointment_id=plan.id,
            verb=verb,
            at=at,
            by=desk,
            before={"status": str(was), "ended_reason": "booking undone" if was == Status.CANCELLED else ""},
        )
        for verb, at, was in verbs
    ]


def care_rows(plans, desk, users):
    """Whoever books or treats may see the patient, since the first visit was booked."""
    since = {}
    for plan in plans:
        treating = {users[phase.practitioner] for phase in plan.phases if phase.practitioner in users}
        for user, why in [(desk.pk, "booking"), *((user, "treating") for user in sorted(treating))]:
            key = plan.patient.pk, user, why
            since[key] = min(since.get(key, plan.created_at), plan.created_at)
    return [
        CareTeam(patient_id=patient, user_id=user, why=why, since=at)
        for (patient, user, why), at in since.items()
    ]


def random_id(rng):
    return uuid.UUID(int=rng.getrandbits(128), version=4)
