"""What is free at a location in a window: seven statements, whatever the number of rows.

A World is loaded once and asked often: a family, a series or a whole day of repairs is worked out on it in
memory, each placed visit taking its minutes away for the next question.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.db import connection

from clinic import walltime
from clinic.models import Room
from clinic.timespan import TimeSpan
from practitioners.queries import working_spans
from scheduling.models import OCCUPIES_PATIENT
from scheduling.queries.cover import Cover, cover
from scheduling.rules.grid import Grid
from services.models import Phase

LONGEST = timedelta(hours=12)  # the check on every reservation
MIDNIGHT = time(0)

# Quanta are counted by the server: integers travel and parse at a fraction of a timestamp's cost.
QUANTA = (
    "floor(date_part('epoch', starts_at - %(start)s) / 300)::int,"
    " ceil(date_part('epoch', ends_at - %(start)s) / 300)::int"
)
BUSY = f"""
SELECT practitioner_id, room_id, {QUANTA}, NULL FROM scheduling_reservation
WHERE live AND starts_at >= %(from)s AND starts_at < %(end)s AND ends_at > %(start)s
  AND (expires_at IS NULL OR expires_at > %(now)s)
"""
BUSY_PATIENTS = f"""
UNION ALL
SELECT NULL, NULL, {QUANTA}, patient_id FROM scheduling_appointment
WHERE patient_id = ANY(%(patients)s::uuid[]) AND status = ANY(%(occupying)s)
  AND starts_at >= %(from)s AND starts_at < %(end)s AND ends_at > %(start)s
"""
BUT_NOT_OWN = " AND (appointment_id IS NULL OR appointment_id <> ALL(%(ignoring)s::uuid[]))"
BUT_NOT_OWN_VISIT = " AND id <> ALL(%(ignoring)s::uuid[])"


@dataclass(frozen=True, slots=True)
class RoomRow:
    id: int
    name: str
    kind: int
    step_free: bool


@dataclass(slots=True)
class World:
    """Bits of one grid. A practitioner or room that is in no dict of busy bits is free throughout."""

    location: object
    grid: Grid
    now: datetime
    cover: Cover
    rooms: dict[int, RoomRow]
    working: dict[int, int]
    busy_practitioners: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    busy_rooms: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    busy_patients: dict[object, int] = field(default_factory=lambda: defaultdict(int))
    _may: dict = field(default_factory=dict)

    def days(self, spans):
        """The bits of spans of local dates."""
        bits = 0
        first = walltime.local(self.grid.start, self.location.tz).date()
        last = walltime.local(self.grid.span.end, self.location.tz).date()
        for begins, ends in spans:
            begins, ends = max(begins, first), min(ends, last + timedelta(days=1))
            if begins < ends:
                zone = self.location.tz
                bits |= self.grid.mask(
                    walltime.instant(begins, MIDNIGHT, zone),
                    walltime.instant(ends, MIDNIGHT, zone),
                    outward=False,
                )
        return bits

    def may_treat(self, practitioner_id, discipline_id):
        """When somebody may deliver a discipline here: licensed, whether at work or not."""
        key = practitioner_id, discipline_id
        if key not in self._may:
            self._may[key] = self.days(self.cover.treats.get(discipline_id, {}).get(practitioner_id, []))
        return self._may[key]

    def free_practitioner(self, practitioner_id):
        return self.working.get(practitioner_id, 0) & ~self.busy_practitioners[practitioner_id]

    def free_room(self, room_id):
        return self.grid.all_bits & ~self.busy_rooms[room_id]

    def free_patient(self, patient_id):
        return self.grid.all_bits & ~self.busy_patients[patient_id]

    @property
    def duty(self):
        """When somebody who may remove needles is at work here."""
        bits = 0
        for practitioner_id, spans in self.cover.removes.items():
            bits |= self.days(spans) & self.working.get(practitioner_id, 0)
        return bits

    def take(self, placed, patient_id=None):
        """Mark the minutes of placed phases as taken, for the next question to this world."""
        for phase in placed:
            bits = (1 << phase.last) - (1 << phase.first)
            if phase.practitioner is not None:
                self.busy_practitioners[phase.practitioner] |= bits
            if phase.room is not None:
                self.busy_rooms[phase.room] |= bits
            if patient_id is not None and phase.phase.patient_present:
                self.busy_patients[patient_id] |= bits


def load_world(location, span: TimeSpan, *, now, patients=(), ignoring=()):
    """Everything that decides what is free. `ignoring`: appointments whose own minutes do not count."""
    grid = Grid.over(span)
    rooms = Room.objects.filter(location=location, active=True).values_list(
        "id", "name", "kind_id", "step_free"
    )
    world = World(
        location=location,
        grid=grid,
        now=now,
        cover=cover(location),
        rooms={row[0]: RoomRow(*row) for row in rooms},
        working={
            practitioner_id: grid.bits_from(((s.start, s.end) for s in spans), outward=False)
            for practitioner_id, spans in working_spans(location, grid.span).items()
        },
    )
    add_busy(world, patients=list(patients), ignoring=list(ignoring))
    return world


def add_busy(world, *, patients, ignoring):
    with connection.cursor() as cursor:
        cursor.execute(*busy_statement(world.grid.span, now=world.now, patients=patients, ignoring=ignoring))
        rows = cursor.fetchall()
    quanta = world.grid.quanta
    for practitioner_id, room_id, first, last, patient_id in rows:
        bits = (1 << min(last, quanta)) - (1 << max(first, 0))
        if practitioner_id is not None:
            world.busy_practitioners[practitioner_id] |= bits
        if room_id is not None:
            world.busy_rooms[room_id] |= bits
        if patient_id is not None:
            world.busy_patients[patient_id] |= bits


def busy_statement(span, *, now, patients=(), ignoring=()):
    sql = BUSY + (BUT_NOT_OWN if ignoring else "")
    if patients:
        sql += BUSY_PATIENTS + (BUT_NOT_OWN_VISIT if ignoring else "")
    return sql, {
        "start": span.start,
        "from": span.start - LONGEST,
        "end": span.end,
        "now": now,
        "patients": [str(patient) for patient in patients],
        "occupying": [str(status) for status in OCCUPIES_PATIENT],
        "ignoring": [str(appointment) for appointment in ignoring],
    }


def phases_of(service):
    """The phases of a service as tuples, in order. One statement."""
    return list(
        Phase.objects.filter(part__service=service)
        .order_by("position")
        .values_list(
            "part__position",
            "position",
            "kind",
            "minutes",
            "part__discipline_id",
            "practitioner_needed",
            "room_kind_id",
            "patient_present",
            "same_practitioner_as",
            "same_room_as",
        )
    )
