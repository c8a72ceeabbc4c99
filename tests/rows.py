"""Rows a test needs before it begins, made without the product's actions: visits, blocks, absences.

For what is about to be tested use the actions; these are for what was there already.
"""

from datetime import datetime, timedelta

from clinic.models import User
from clinic.walltime import instant
from scheduling.models import Appointment, Reservation, Status, VisitPart, VisitPhase

FREED = {Status.CANCELLED, Status.NO_SHOW, Status.EXPIRED}


def at(clock, location, day="2026-11-24"):
    """The instant at which clocks of the location show it: at("10:30", cast.uptown)."""
    wall = datetime.fromisoformat(f"{day} {clock}")
    return instant(wall.date(), wall.time(), location.tz)


def visit(
    patient, service, location, starts_at, *, practitioners, rooms, status=Status.BOOKED, by=None, **more
):
    """A visit with its parts, phases and reservations, as booking would leave it.

    `practitioners` and `rooms` name who and where for each phase kind's need: dictionaries from the key of a
    discipline to a practitioner, and from the key of a kind of room to a room.
    """
    phases = [phase for part in service.parts.all() for phase in part.phases.select_related("room_kind")]
    times = timetable(phases, starts_at)
    wall = starts_at.astimezone(location.tz)
    present = [times[phase.position][1] for phase in phases if phase.patient_present]
    booked = Appointment.objects.create(
        patient=patient,
        service=service,
        location=location,
        starts_at=starts_at,
        ends_at=max(present),
        wall_date=wall.date(),
        wall_time=wall.time(),
        status=status,
        created_at=starts_at - timedelta(days=7),
        created_by=by or User.objects.filter(role_grants__role="front_desk").order_by("id")[0],
        **more,
    )
    for part in service.parts.select_related("discipline"):
        row = VisitPart.objects.create(
            appointment=booked,
            position=part.position,
            name=part.name,
            discipline=part.discipline,
            kind_of_care=part.kind_of_care,
        )
        _phases_of(row, part, times, practitioners[part.discipline.key], rooms)
    if status not in FREED:
        _reserve(booked)
    return booked


def timetable(phases, starts_at):
    """{position: (start, end)}. Phases with the patient follow one another; others delay nobody."""
    times, present_until, ended = {}, starts_at, starts_at
    for phase in phases:
        begin = present_until if phase.patient_present else ended
        ended = begin + timedelta(minutes=phase.minutes)
        times[phase.position] = (begin, ended)
        if phase.patient_present:
            present_until = ended
    return times


def _phases_of(row, part, times, practitioner, rooms):
    for phase in part.phases.select_related("room_kind"):
        begin, end = times[phase.position]
        VisitPhase.objects.create(
            visitpart=row,
            position=phase.position,
            kind=phase.kind,
            minutes=phase.minutes,
            patient_present=phase.patient_present,
            practitioner=practitioner if phase.practitioner_needed else None,
            room=rooms[phase.room_kind.key] if phase.room_kind else None,
            starts_at=begin,
            ends_at=end,
        )


def _reserve(booked):
    """Adjacent minutes of the same practitioner and room are one row."""
    phases = VisitPhase.objects.filter(visitpart__appointment=booked).order_by("starts_at", "position")
    rows = []
    for phase in phases:
        if phase.practitioner_id is None and phase.room_id is None:
            continue
        who = (phase.practitioner_id, phase.room_id)
        last = rows[-1] if rows else None
        if last and (last.practitioner_id, last.room_id) == who and last.ends_at == phase.starts_at:
            last.ends_at = phase.ends_at
        else:
            rows.append(
                Reservation(
                    appointment=booked,
                    practitioner_id=phase.practitioner_id,
                    room_id=phase.room_id,
                    starts_at=phase.starts_at,
                    ends_at=phase.ends_at,
                    expires_at=booked.held_until,
                )
            )
    Reservation.objects.bulk_create(rows)
