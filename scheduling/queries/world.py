"""What is free at a location in a window: seven statements, whatever the number of rows.

A World is loaded once and asked often: a family, a series or a whole day of repairs is worked out on it in
memory, each placed visit taking its minutes away for the next question.
"""

from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial

from django.db import connection

from clinic import walltime
from clinic.timespan import TimeSpan
from practitioners.queries import Cover, cover, working_spans
from scheduling.models import OCCUPIES_PATIENT
from scheduling.rules.grid import QUANTUM, Grid

LONGEST = timedelta(hours=12)  # the check on every reservation
MARGIN = LONGEST // QUANTUM
ONES = [b"1" * quanta for quanta in range(MARGIN + 2)]
MIDNIGHT = time(0)

# Quanta, from LONGEST before the window, are counted by the server: integers travel and parse at a fraction of a
# timestamp's cost.
QUANTA = (
    "floor(date_part('epoch', starts_at - %(from)s) / 300)::int,"
    " ceil(date_part('epoch', ends_at - %(from)s) / 300)::int"
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
ROOMS = "SELECT id, name, kind_id, step_free FROM clinic_room WHERE location_id = %(location)s AND active ORDER BY id"
PHASES = """
SELECT p.position, f.position, f.kind, f.minutes, p.discipline_id, f.practitioner_needed, f.room_kind_id,
  f.patient_present, f.same_practitioner_as, f.same_room_as
FROM services_phase f JOIN services_part p ON p.id = f.part_id WHERE p.service_id = %(service)s ORDER BY f.position
"""


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
        """The bits of spans of local dates, the last of each not included."""
        bits, zone = 0, self.location.tz
        for begins, ends in spans:
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
            present = patient_id if phase.phase.patient_present else None
            self.mark((1 << phase.last) - (1 << phase.first), phase.practitioner, phase.room, present)

    def take_phases(self, phases, patient_id=None):
        """The same of phases placed in instants: those of an offer, or of a visit as it was agreed."""
        for phase in phases:
            bits = self.grid.mask(phase.starts_at, phase.ends_at, outward=True)
            self.mark(bits, phase.practitioner, phase.room, patient_id if phase.patient_present else None)

    def mark(self, bits, practitioner=None, room=None, patient=None):
        for busy, key in self.busy_of(practitioner, room, patient):
            busy[key] |= bits

    @contextmanager
    def leaving_out(self, phases, patient_id=None):
        """As if these phases were not there, until the end of the block: a visit is not in its own way."""
        kept = self.busy_practitioners.copy(), self.busy_rooms.copy(), self.busy_patients.copy()
        for phase in phases:
            bits = self.grid.mask(phase.starts_at, phase.ends_at, outward=True)
            for busy, key in self.busy_of(phase.practitioner, phase.room, patient_id):
                busy[key] &= ~bits
        try:
            yield
        finally:
            self.busy_practitioners, self.busy_rooms, self.busy_patients = kept

    def busy_of(self, practitioner, room, patient):
        """[(busy bits, id)] of those that are named."""
        pairs = (
            (self.busy_practitioners, practitioner),
            (self.busy_rooms, room),
            (self.busy_patients, patient),
        )
        return [(busy, key) for busy, key in pairs if key is not None]


def load_world(location, span: TimeSpan, *, now, patients=(), ignoring=()):
    """Everything that decides what is free. `ignoring`: appointments whose own minutes do not count."""
    grid = Grid.over(span)
    rooms = fetched(ROOMS, {"location": location.pk})
    world = World(
        location=location,
        grid=grid,
        now=now,
        cover=cover(location, *local_dates(grid.span, location.tz)),
        rooms={row[0]: RoomRow(*row) for row in rooms},
        working={
            practitioner_id: grid.bits_from(((s.start, s.end) for s in spans), outward=False)
            for practitioner_id, spans in working_spans(location, grid.span).items()
        },
    )
    add_busy(world, patients=list(patients), ignoring=list(ignoring))
    return world


def local_dates(span, zone):
    """The first and the last local date that a span touches."""
    return walltime.local(span.start, zone).date(), walltime.local(span.end, zone).date()


def add_busy(world, *, patients, ignoring):
    rows = fetched(*busy_statement(world.grid.span, now=world.now, patients=patients, ignoring=ignoring))
    # Painted as digits, read as numbers at the end: with numbers each of thousands of rows would make three as
    # long as the whole window. Rows without a resource paint one that nobody asks for.
    blank = b"0" * (world.grid.quanta + 2 * MARGIN)
    painted = [defaultdict(partial(bytearray, blank)) for _resource in range(3)]
    practitioners, rooms, persons = painted
    for practitioner_id, room_id, first, last, patient_id in rows:
        ones = ONES[last - first]
        practitioners[practitioner_id][first:last] = ones
        rooms[room_id][first:last] = ones
        if patient_id is not None:
            persons[patient_id][first:last] = ones
    busy = world.busy_practitioners, world.busy_rooms, world.busy_patients
    for numbers, texts in zip(busy, painted, strict=True):
        for key, digits in texts.items():
            numbers[key] = int(digits[::-1], 2) >> MARGIN & world.grid.all_bits


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
    return fetched(PHASES, {"service": service.pk})


def fetched(sql, values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()
