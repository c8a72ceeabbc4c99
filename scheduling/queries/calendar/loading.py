"""What a calendar of one day or week shows: four statements, whatever the number of rows.

Phases come as tuples, never as model instances, and always for a span of time. `seen` says whether the reader may
see the patient: what is made of these rows calls the others "Busy" and names nothing of them.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

from django.db import connection
from django.db.models import Case, When

from clinic import walltime
from clinic.models import Room
from clinic.timespan import TimeSpan, merge, subtract
from patients.queries.searching import visible_row
from practitioners.models import Practitioner
from practitioners.rules import Hours, expand_hours, local_days, overlap_of
from scheduling.models import Status
from scheduling.queries.world import LONGEST
from scheduling.rules import sentences
from scheduling.rules.drawing import PROVIDER, ROOM, Agreed, Piece, pieces

DAY = timedelta(days=1)
# What is drawn; the others are struck out in the list, expired holds are nowhere.
DRAWN = {Status.HELD, Status.BOOKED, Status.ARRIVED, Status.IN_TREATMENT, Status.COMPLETED}
LISTED = [str(status) for status in (*DRAWN, Status.CANCELLED, Status.NO_SHOW)]
BLOCK, AWAY, CLOSED, ELSEWHERE = "block", "away", "closed", "elsewhere"

PHASES = """
SELECT a.id::text, a.patient_id::text, a.version, a.status, a.starts_at, a.ends_at,
  a.confirmed_at IS NOT NULL, a.held_until, a.overbooked_reason <> '', a.entered_later_reason <> '',
  s.name, p.given_name, p.family_name, p.preferred_name,
  CASE WHEN vp.status = 'not_done' THEN vp.name END, vp.position, f.position, f.kind, d.key,
  f.practitioner_id, f.room_id, f.starts_at, f.ends_at, f.patient_present
FROM scheduling_appointment a
JOIN scheduling_visitpart vp ON vp.appointment_id = a.id
JOIN scheduling_visitphase f ON f.visitpart_id = vp.id
JOIN services_service s ON s.id = a.service_id
JOIN services_discipline d ON d.id = vp.discipline_id
JOIN patients_patient p ON p.id = a.patient_id
WHERE a.location_id = %(here)s AND a.starts_at >= %(from)s AND a.starts_at < %(end)s
  AND a.status = ANY(%(listed)s) AND (a.held_until IS NULL OR a.held_until > %(now)s)
  AND (a.starts_at >= %(start)s OR a.ends_at > %(start)s OR f.ends_at > %(start)s){of_one}
ORDER BY a.starts_at, a.id, f.position
"""
OF_ONE = """
  AND EXISTS (SELECT 1 FROM scheduling_visitpart q JOIN scheduling_visitphase g ON g.visitpart_id = q.id
              WHERE q.appointment_id = a.id AND g.{column} = %(who)s)"""
OTHER_TIMES = """
SELECT 'block', id::text, practitioner_id, room_id, starts_at, ends_at, kind, note FROM scheduling_block
WHERE location_id = %(here)s AND removed_at IS NULL
  AND starts_at >= %(from)s AND starts_at < %(end)s AND ends_at > %(start)s
UNION ALL
SELECT 'elsewhere', '', practitioner_id, NULL, starts_at, ends_at, '', '' FROM scheduling_block
WHERE location_id <> %(here)s AND practitioner_id IS NOT NULL AND removed_at IS NULL
  AND starts_at >= %(from)s AND starts_at < %(end)s AND ends_at > %(start)s
UNION ALL
SELECT 'elsewhere', '', r.practitioner_id, NULL, r.starts_at, r.ends_at, '', ''
FROM scheduling_reservation r JOIN scheduling_appointment a ON a.id = r.appointment_id
WHERE r.live AND r.practitioner_id IS NOT NULL AND a.location_id <> %(here)s
  AND r.starts_at >= %(from)s AND r.starts_at < %(end)s AND r.ends_at > %(start)s
  AND (r.expires_at IS NULL OR r.expires_at > %(now)s)
UNION ALL
SELECT 'away', id::text, practitioner_id, NULL, starts_at, ends_at, kind, '' FROM practitioners_absence
WHERE withdrawn_at IS NULL AND starts_at < %(end)s AND ends_at > %(start)s
UNION ALL
SELECT 'closed', id::text, NULL, NULL, starts_at, ends_at, '', reason FROM clinic_closure
WHERE location_id = %(here)s AND starts_at < %(end)s AND ends_at > %(start)s
"""
# One by one: asked for all together, the planner reads everybody who ever came to a location.
SEEN = """
SELECT found.id::text FROM unnest(%s::uuid[]) AS found(id) CROSS JOIN LATERAL ({visible} LIMIT 1) may_see
"""
PLACE = """
SELECT 'provider', p.id, p.name, p.credentials, p.active, h.weekday, h.starts, h.ends, h.valid_from, h.valid_until
FROM practitioners_practitioner p
LEFT JOIN practitioners_workinghours h ON h.practitioner_id = p.id AND h.location_id = %(here)s
UNION ALL
SELECT 'room', id, name, '', active, NULL, NULL, NULL, NULL, NULL FROM clinic_room WHERE location_id = %(here)s
UNION ALL
SELECT 'opening', NULL, '', '', true, weekday, opens, closes, NULL, NULL FROM clinic_openinghours
WHERE location_id = %(here)s
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """A day, or the week of one column: `who` is the practitioner or room then."""

    first: date
    days: int = 1
    by: str = PROVIDER
    who: int | None = None

    def span(self, zone):
        return TimeSpan(
            walltime.instant(self.first, walltime.MIDNIGHT, zone),
            walltime.instant(self.first + self.days * DAY, walltime.MIDNIGHT, zone),
        )


class PhaseRow(NamedTuple):
    """One phase with the visit it belongs to; `left_out` is the name of a part that was closed as not done."""

    appointment: str
    patient: str
    version: int
    status: str
    starts_at: datetime
    ends_at: datetime
    confirmed: bool
    held_until: datetime | None
    doubled: bool
    later: bool
    service: str
    given_name: str
    family_name: str
    preferred_name: str
    left_out: str | None
    part: int
    # From here on the fields of Agreed, in its order.
    position: int
    kind: str
    discipline: str
    practitioner: int | None
    room: int | None
    phase_starts_at: datetime
    phase_ends_at: datetime
    patient_present: bool


OF_PHASE = PhaseRow._fields.index("part")


class OtherTime(NamedTuple):
    """A block, an absence, a closure, or minutes of a practitioner at another location."""

    what: str
    id: str
    practitioner: int | None
    room: int | None
    starts_at: datetime
    ends_at: datetime
    kind: str
    note: str

    def column(self, by):
        return self.practitioner if by == PROVIDER else self.room


@dataclass(slots=True)
class Visit:
    """One visit. `head` is the first of its rows; `phases` are without those of parts closed as not done."""

    head: PhaseRow
    seen: bool
    phases: list[Agreed] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    left_out: tuple = ()

    @property
    def drawn(self):
        return self.head.status in DRAWN


class Column(NamedTuple):
    id: int
    name: str
    credentials: str
    active: bool


@dataclass(slots=True)
class Shown:
    """The answer. `columns` are those of the days; `choices` everybody or every room a week can be of.

    `working`: the hours of each column, within the opening hours `opened`; absences and closures not taken out.
    """

    asked: Asked
    location: object
    now: datetime
    span: TimeSpan
    visits: list[Visit]
    others: list[OtherTime]
    choices: list[Column] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    opened: list[TimeSpan] = field(default_factory=list)
    working: dict[int, list[TimeSpan]] = field(default_factory=dict)
    names: sentences.Names = field(default_factory=sentences.Names)


def shown(location, asked, *, user, now):
    """Everything a calendar shows to this person. Four statements."""
    span = asked.span(location.tz)
    values = {
        "here": location.pk,
        "from": span.start - LONGEST,
        "start": span.start,
        "end": span.end,
        "now": now,
    }
    rows = phase_rows(asked, values)
    seen = seen_of({row.patient for row in rows}, user, now)
    found = Shown(
        asked=asked,
        location=location,
        now=now,
        span=span,
        visits=[visit_of(list(group), asked.by, seen) for _pk, group in groupby(rows, itemgetter(0))],
        others=[OtherTime(*row) for row in fetched(OTHER_TIMES, values)],
    )
    add_place(found, fetched(PLACE, values))
    return found


def seen_of(patients, user, now):
    """Those of the patients (ids as text) whom the reader may see."""
    visible, values = visible_row(user, now)
    return {pk for (pk,) in fetched(SEEN.format(visible=visible), [list(patients), *values])}


def fetched(statement, values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall()


def first_column(location, by, user):
    """Whose week is shown where nobody was chosen: the reader's own, else the first one's; None if there is none."""
    if by == ROOM:
        return Room.objects.filter(location=location, active=True).values_list("pk", flat=True).first()
    here = Practitioner.objects.filter(active=True, working_hours__location=location)
    return here.order_by(Case(When(user=user, then=0), default=1), "pk").values_list("pk", flat=True).first()


def phase_rows(asked, values):
    """Phases of the visits that touch the span, visit by visit."""
    of_one = ""
    if asked.who is not None:
        of_one = OF_ONE.format(column="practitioner_id" if asked.by == PROVIDER else "room_id")
    values = {**values, "listed": LISTED, "who": asked.who}
    return list(map(PhaseRow._make, fetched(PHASES.format(of_one=of_one), values)))


def visit_of(rows, by, seen):
    standing = [Agreed._make(row[OF_PHASE:]) for row in rows if row.left_out is None]
    visit = Visit(rows[0], rows[0].patient in seen, standing)
    if len(standing) < len(rows):
        visit.left_out = tuple(dict.fromkeys(row.left_out for row in rows if row.left_out is not None))
    if visit.drawn:
        visit.pieces = pieces(standing, by)
    return visit


def add_place(found, rows):
    """Columns, opening and working time, and what everybody and every room is called."""
    zone = found.location.tz
    days = local_days(found.span, zone)
    named, hours = {PROVIDER: {}, ROOM: {}}, defaultdict(list)
    for what, pk, name, credentials, active, *weekly in rows:
        if what in named:
            named[what][pk] = Column(pk, name, credentials, active)
        if weekly[0] is not None:
            hours[pk].append(Hours(*weekly) if what == PROVIDER else Hours(*weekly[:3]))
    found.opened = overlap_of(expand_hours(hours.pop(None, []), zone, days), [found.span])
    found.names = sentences.Names(
        sentences.short_names(column[:3] for column in named[PROVIDER].values()),
        sentences.room_names(column[:2] for column in named[ROOM].values()),
    )
    if found.asked.by == ROOM:
        found.working = dict.fromkeys(named[ROOM], found.opened)
    else:
        found.working = {
            pk: overlap_of(expand_hours(weekly, zone, days), found.opened) for pk, weekly in hours.items()
        }
    choose_columns(found, named[found.asked.by])


def choose_columns(found, named):
    """Whoever works on these days or has something on them; for a week the one that was asked for."""
    by, who = found.asked.by, found.asked.who
    busy = {piece.column for visit in found.visits for piece in visit.pieces}
    busy |= {other.column(by) for other in found.others if other.what == BLOCK}
    at_home = {
        pk: column for pk, column in named.items() if pk in busy or (column.active and pk in found.working)
    }
    found.choices = list(at_home.values())
    present = [column for pk, column in at_home.items() if pk in busy or found.working[pk]]
    found.columns = [column for column in named.values() if column.id == who] if who else present


def at_work(found, column):
    """When a column can be booked, absences and closures taken out."""
    gone = [
        TimeSpan(one.starts_at, one.ends_at)
        for one in found.others
        if one.what == CLOSED
        or (one.what == AWAY and found.asked.by == PROVIDER and one.practitioner == column)
    ]
    return subtract(found.working.get(column, []), gone)


def hours_shown(found):
    """(opens, closes) of all days together, in wall-clock time; closing at 00:00 is the end of the day."""
    zone = found.location.tz
    if not found.opened:
        return time(8), time(18)
    starts = [walltime.local(span.start, zone).time() for span in found.opened]
    ends = [walltime.local(span.end, zone).time() for span in found.opened]
    return min(starts), time(0) if time(0) in ends else max(ends)


def not_at_work(found, column):
    """What of each day is not working time of a column, from opening to closing."""
    return subtract(merge(day_frames(found)), at_work(found, column))


def day_frames(found):
    """From opening to closing, day by day."""
    opens, closes = hours_shown(found)
    days = [found.asked.first + number * DAY for number in range(found.asked.days)]
    frames = [walltime.hours_span(day, opens, closes, found.location.tz) for day in days]
    return [frame for frame in frames if frame]
