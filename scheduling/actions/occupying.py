"""Promises written and taken back: the rows under the exclusion constraints.

Everything here expects the locks of the resources and dates it touches (actions.locking).
"""

from itertools import pairwise

from django.db.models import F

from clinic.timespan import TimeSpan
from patients.models import Patient
from scheduling.actions.caring import leave_care
from scheduling.actions.locking import lock_if_free
from scheduling.models import OCCUPIES_PATIENT, Appointment, PartStatus, Reservation, Status, VisitPhase
from scheduling.queries.world import LONGEST

HOLDS_ITS_PLACE = {Status.HELD, *OCCUPIES_PATIENT}


def occupy(appointment, phases, *, overbook=False):
    """Write the reservations of placed phases (starts_at, ends_at, practitioner_id, room_id).

    With `overbook` minutes that are taken already are written with their flag; without it the constraint
    refuses them. One statement more then.
    """
    rows = joined(phases)
    if overbook:
        rows = flagged(rows, others=overlapping(rows, but=appointment.pk))
    Reservation.objects.bulk_create(
        Reservation(
            appointment=appointment,
            practitioner_id=practitioner,
            room_id=room,
            starts_at=span.start,
            ends_at=span.end,
            expires_at=appointment.held_until if appointment.status == Status.HELD else None,
            practitioner_overbooked=flags[0],
            room_overbooked=flags[1],
        )
        for practitioner, room, span, flags in rows
    )


def joined(phases):
    """[(practitioner, room, span, (False, False))]: adjacent minutes of the same two are one row."""
    rows = {}
    for phase in sorted(phases, key=lambda one: one.starts_at):
        who = phase.practitioner_id, phase.room_id
        if who == (None, None):
            continue
        spans = rows.setdefault(who, [])
        if spans and spans[-1].end == phase.starts_at:
            spans[-1] = TimeSpan(spans[-1].start, phase.ends_at)
        else:
            spans.append(TimeSpan(phase.starts_at, phase.ends_at))
    return [(*who, span, (False, False)) for who, spans in rows.items() for span in spans]


def overlapping(rows, *, but=None):
    """Live reservations that touch the time of the rows, read through the busy index."""
    if not rows:
        return []
    start, end = min(span.start for _, _, span, _ in rows), max(span.end for _, _, span, _ in rows)
    found = Reservation.objects.filter(
        live=True, starts_at__gt=start - LONGEST, starts_at__lt=end, ends_at__gt=start
    )
    return list(found.exclude(appointment=but) if but else found)


def flagged(rows, *, others):
    """Cut the rows so that exactly the minutes that overlap somebody's unflagged ones carry the flag."""
    cut = []
    for practitioner, room, span, _flags in rows:
        of_practitioner = [
            TimeSpan(o.starts_at, o.ends_at)
            for o in others
            if practitioner is not None
            and o.practitioner_id == practitioner
            and not o.practitioner_overbooked
        ]
        of_room = [
            TimeSpan(o.starts_at, o.ends_at)
            for o in others
            if room is not None and o.room_id == room and not o.room_overbooked
        ]
        for piece in pieces(span, of_practitioner + of_room):
            flags = any(piece.overlaps(o) for o in of_practitioner), any(piece.overlaps(o) for o in of_room)
            if (
                cut
                and cut[-1][:2] == (practitioner, room)
                and cut[-1][2].end == piece.start
                and cut[-1][3] == flags
            ):
                cut[-1] = (practitioner, room, TimeSpan(cut[-1][2].start, piece.end), flags)
            else:
                cut.append((practitioner, room, piece, flags))
    return cut


def pieces(span, others):
    """The span cut at every edge of the others that lies inside it."""
    edges = {edge for other in others for edge in (other.start, other.end) if span.start < edge < span.end}
    marks = [span.start, *sorted(edges), span.end]
    return [TimeSpan(a, b) for a, b in pairwise(marks)]


def of_appointments(appointments):
    """Reservations of visits, found through the busy index: their foreign keys carry none."""
    starts = [one.starts_at for one in appointments]
    return Reservation.objects.filter(
        appointment__in=[one.pk for one in appointments],
        starts_at__gte=min(starts) - LONGEST,
        starts_at__lt=max(starts) + LONGEST,
    )


def release(appointments):
    """Give back all that the visits occupy, and clear flags that lost their cause."""
    if not appointments:
        return
    rows = list(of_appointments(appointments))
    Reservation.objects.filter(pk__in=[row.pk for row in rows]).delete()
    clear_flags(rows)


def derive_again(appointment):
    """Make the reservations follow from the phases that still stand: a part was closed as not done."""
    rows = list(of_appointments([appointment]))
    Reservation.objects.filter(pk__in=[row.pk for row in rows]).delete()
    occupy(appointment, standing_phases(appointment), overbook=True)
    clear_flags(rows)


def clear_flags(gone):
    """Visits that were double-booked over rows that are gone: their rows are derived anew."""
    if not gone:
        return
    rows = [(row.practitioner_id, row.room_id, TimeSpan(row.starts_at, row.ends_at), None) for row in gone]
    above = {
        other.appointment_id
        for other in overlapping(rows)
        if (other.practitioner_overbooked or other.room_overbooked) and other.appointment_id
    }
    double_booked = Appointment.objects.filter(pk__in=above, status__in=HOLDS_ITS_PLACE)
    # Locked: their other resource may belong to somebody else's locks, and two must not derive them at once.
    for appointment in double_booked.select_for_update(of=("self",)).order_by("created_at"):
        Reservation.objects.filter(pk__in=[row.pk for row in of_appointments([appointment])]).delete()
        occupy(appointment, standing_phases(appointment), overbook=True)


def standing_phases(appointment):
    """The phases of a visit that still occupy somebody or a room: not those of parts closed as not done."""
    return list(
        VisitPhase.objects.filter(visitpart__appointment=appointment)
        .exclude(visitpart__status=PartStatus.NOT_DONE)
        .order_by("starts_at", "position")
    )


def cut_at(appointment, instant):
    """Free what a visit still holds after an instant: it ended early."""
    rows = list(of_appointments([appointment]).filter(ends_at__gt=instant))
    Reservation.objects.filter(pk__in=[row.pk for row in rows if row.starts_at >= instant]).delete()
    Reservation.objects.filter(pk__in=[row.pk for row in rows if row.starts_at < instant]).update(
        ends_at=instant
    )
    clear_flags(rows)


def expire_in_the_way(*, span, now):
    """Release run-out holds in a span; their appointments become expired. One statement when there are none."""
    found = Reservation.objects.filter(
        live=True, expires_at__lte=now, starts_at__gt=span.start - LONGEST, starts_at__lt=span.end
    )
    expired = set(found.values_list("appointment_id", flat=True))
    if expired:
        gone = list(Reservation.objects.filter(appointment__in=expired, expires_at__lte=now))
        Reservation.objects.filter(pk__in=[row.pk for row in gone]).delete()
        Appointment.objects.filter(pk__in=expired, status=Status.HELD).update(
            status=Status.EXPIRED, version=F("version") + 1
        )
        clear_flags(gone)
        held_for = Appointment.objects.filter(pk__in=expired).values("patient")
        for patient in Patient.objects.filter(pk__in=held_for):
            # Somebody else may be booking them: then they are left as they are, rather than waited for out of order.
            if lock_if_free(patient.pk):
                leave_care(patient, now)
