"""Plans made rows and copied into their tables: model instances would take five times as long."""

import csv
import io
import json
import uuid
from datetime import timedelta

from django.db import connection

from clinic import walltime
from patients.models import CareTeam
from scheduling.actions.occupying import HOLDS_ITS_PLACE
from scheduling.models import PartStatus, Status, What

COLUMNS = {
    "scheduling_appointment": (
        "version id patient_id service_id location_id starts_at ends_at wall_date wall_time status held_until"
        " confirmed_at walk_in entered_later_reason overbooked_reason ended_reason came_with note created_at"
        " created_by_id"
    ),
    "scheduling_visitpart": "version id appointment_id position name discipline_id kind_of_care_id status reason",
    "scheduling_visitphase": (
        "version id visitpart_id position kind minutes patient_present practitioner_id room_id starts_at ends_at"
    ),
    "scheduling_reservation": (
        "appointment_id practitioner_id room_id starts_at ends_at expires_at practitioner_overbooked"
        " room_overbooked live"
    ),
    "scheduling_actualtime": ("id appointment_id visitphase_id what at by_id entered_at room_id withdrawn"),
    "scheduling_change": "id appointment_id verb at by_id before",
}
OCCUPYING = {*HOLDS_ITS_PLACE, Status.COMPLETED}
QUANTUM = timedelta(minutes=5)
SECONDS = timedelta(seconds=3)  # from a fact to its being entered
DESK_SAYS = {What.ARRIVED, What.LEFT}
PHASE_IDS = "scheduling_visitphase_id_seq"
PLANNED = (PartStatus.PLANNED, "")
BEFORE_BOOKING = json.dumps({"status": str(Status.CANCELLED), "ended_reason": "booking undone"})
BEFORE_ENDING = json.dumps({"status": str(Status.BOOKED), "ended_reason": ""})
TEXTS = frozenset(
    [
        *["entered_later_reason", "overbooked_reason", "ended_reason", "came_with", "note", "reason"],
        *["family_name", "preferred_name", "pronouns", "phone", "email", "physician_name", "physician_phone"],
        *["emergency_name", "emergency_phone", "emergency_relation", "prefers_gender", "prefers_time"],
        "staff_notes",
    ]
)


class Scribe:
    """Writes plans. `desk` is the account that booked, `users` {practitioner id: account id}.

    Rows come in the order of the plans, and so do the numbers given to phases.
    """

    def __init__(self, catalog, desk, users, rng, now):
        self.catalog, self.desk, self.users, self.rng, self.now = catalog, desk.pk, users, rng, now
        self.today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.since = {}

    def write(self, plans):
        ids = next_ids(PHASE_IDS, sum(len(plan.phases) for plan in plans))
        copy_all(driver(), self.texts(plans, iter(ids)))

    def texts(self, plans, ids):
        """{table: its rows in the format of COPY}. `ids`: numbers for the phases."""
        tables = {table: [] for table in COLUMNS}
        for plan in plans:
            self.add(plan, tables, ids)
        return {table: as_text(lines) for table, lines in tables.items()}

    def add(self, plan, tables, ids):
        parts = {position: self.random_id() for position in self.catalog.parts[plan.service.pk]}
        phase_ids = {phase.position: next(ids) for phase in plan.phases}
        tables["scheduling_appointment"].append(self.appointment(plan))
        tables["scheduling_visitpart"] += self.parts(plan, parts)
        tables["scheduling_visitphase"] += [
            (1, phase_ids[one.position], parts[one.part], one.position, one.kind, one.minutes,
             one.patient_present, one.practitioner, one.room, one.starts_at, one.ends_at)
            for one in plan.phases
        ]  # fmt: skip
        tables["scheduling_reservation"] += self.reservations(plan)
        tables["scheduling_actualtime"] += self.facts(plan, phase_ids)
        tables["scheduling_change"] += self.changes(plan)
        self.remember_care(plan)

    def appointment(self, plan):
        wall = walltime.local(plan.starts_at, plan.location.tz)
        return (
            1, plan.id, plan.patient.pk, plan.service.pk, plan.location.pk, plan.starts_at, plan.ends_at,
            wall.date(), wall.time(), plan.status, plan.held_until, plan.confirmed_at, plan.walk_in, "", "",
            plan.ended_reason, plan.came_with, "", plan.created_at, self.desk,
        )  # fmt: skip

    def parts(self, plan, ids):
        return [
            (1, ids[position], plan.id, position, part.name, part.discipline_id, part.kind_of_care_id,
             *plan.parts.get(position, PLANNED))
            for position, part in self.catalog.parts[plan.service.pk].items()
        ]  # fmt: skip

    def reservations(self, plan):
        """None for visits that will not happen; of completed ones what lies before the next grid minute."""
        if plan.status not in OCCUPYING:
            return []
        cut = grid_minute_after(plan.left_at) if plan.status == Status.COMPLETED else None
        gone = {position for position, (status, _why) in plan.parts.items() if status == PartStatus.NOT_DONE}
        found = []
        for (practitioner, room), start, end in occupied(one for one in plan.phases if one.part not in gone):
            until = min(end, cut) if cut else end
            if start < until:
                live = until > self.today
                found.append((plan.id, practitioner, room, start, until, plan.held_until, False, False, live))
        return found

    def facts(self, plan, phase_ids):
        who = {phase.position: self.users.get(phase.practitioner) for phase in plan.phases}
        somebody = next((user for user in who.values() if user), self.desk)
        return [
            (self.random_id(), plan.id, phase_ids.get(fact.phase), fact.what, fact.at,
             self.desk if fact.what in DESK_SAYS else who.get(fact.phase) or somebody,
             fact.at + SECONDS, fact.room, False)
            for fact in plan.facts
        ]  # fmt: skip

    def changes(self, plan):
        """How the visit came about and how it ended, where somebody decided that."""
        verb = "hold" if plan.status == Status.HELD else "book"
        found = [self.change(plan, verb, plan.created_at, BEFORE_BOOKING)]
        if plan.status in {Status.CANCELLED, Status.NO_SHOW}:
            verb = "cancel" if plan.status == Status.CANCELLED else "no_show"
            found.append(self.change(plan, verb, plan.ended_at, BEFORE_ENDING))
        return found

    def change(self, plan, verb, at, before):
        return (self.random_id(), plan.id, verb, at, self.desk, before)

    def remember_care(self, plan):
        """Whoever books or treats may see the patient, from when the first visit was booked."""
        whys = {(self.desk, "booking")}
        whys |= {
            (self.users[one.practitioner], "treating")
            for one in plan.phases
            if one.practitioner in self.users
        }
        for user, why in sorted(whys):
            key = plan.patient.pk, user, why
            self.since[key] = min(self.since.get(key, plan.created_at), plan.created_at)

    def write_care(self):
        """Once, after all plans. Somebody who is in a team already stays as they are."""
        CareTeam.objects.bulk_create(
            (
                CareTeam(patient_id=patient, user_id=user, why=why, since=at)
                for (patient, user, why), at in self.since.items()
            ),
            ignore_conflicts=True,
            batch_size=2000,
        )

    def copy_care(self):
        """The same, where no team exists yet."""
        copy(
            "patients_careteam",
            ["patient_id", "user_id", "why", "since"],
            [(patient, user, why, at) for (patient, user, why), at in self.since.items()],
        )

    def random_id(self):
        """As hexadecimal digits: the same number as a UUID, in a quarter of the time."""
        number = self.rng.getrandbits(128) & ~(0xF << 76) & ~(0x3 << 62) | 4 << 76 | 2 << 62
        return f"{number:032x}"


def occupied(phases):
    """[((practitioner, room), start, end)]: adjacent minutes of the same two are one row, as at booking."""
    rows = {}
    for phase in sorted(phases, key=lambda one: one.starts_at):
        who = phase.practitioner, phase.room
        if who == (None, None):
            continue
        spans = rows.setdefault(who, [])
        if spans and spans[-1][1] == phase.starts_at:
            spans[-1] = (spans[-1][0], phase.ends_at)
        else:
            spans.append((phase.starts_at, phase.ends_at))
    return [(who, start, end) for who, spans in rows.items() for start, end in spans]


def grid_minute_after(instant):
    down = instant.replace(minute=instant.minute - instant.minute % 5, second=0, microsecond=0)
    return down if down == instant else down + QUANTUM


def random_id(rng):
    return uuid.UUID(int=rng.getrandbits(128), version=4)


def next_ids(sequence, count):
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s) FROM generate_series(1, %s)", [sequence, count])
        return [number for (number,) in cursor.fetchall()]


def set_next_id(sequence, number):
    """Where numbers were given without asking the sequence; for its owner only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(%s, %s, false)", [sequence, number])


def as_text(lines):
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    text.seek(0)
    return text


def copy(table, columns, lines):
    copy_text(driver(), table, columns, as_text(lines))


def copy_all(opened, texts):
    """`opened` is the driver's connection, so that a thread may copy while the next rows are made."""
    for table, text in texts.items():
        copy_text(opened, table, COLUMNS[table].split(), text)


def copy_text(opened, table, columns, text):
    """Nothing stands for NULL, except in texts, where it is the empty text."""
    texts = ", ".join(name for name in columns if name in TEXTS)
    never_null = f", FORCE_NOT_NULL ({texts})" if texts else ""
    with opened.cursor() as cursor:
        cursor.copy_expert(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT csv{never_null})", text)


def driver():
    connection.ensure_connection()
    return connection.connection
