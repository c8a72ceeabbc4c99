"""What a calendar of one day or week shows: four statements, whatever the number of rows.

Phases come as tuples, never as model instances, and always for a span of time. `seen` says whether the reader may
see the patient: what is made of these rows calls the others "Busy" and names nothing of them.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from django.db import connection
from django.db.models import Case, Exists, FilteredRelation, OuterRef, Q, When

from clinic import walltime
from clinic.models import Room
from clinic.timespan import TimeSpan, merge, subtract
from patients.models import Patient
from practitioners.models import Practitioner
from practitioners.queries import HOURS, opening_rows
from practitioners.rules import Hours, expand_hours, local_days, overlap_of
from scheduling.models import PartStatus, Status, VisitPhase
from scheduling.queries.world import LONGEST
from scheduling.rules import sentences
from scheduling.rules.drawing import PROVIDER, ROOM, Agreed, Piece, pieces

DAY = timedelta(days=1)
# What is drawn; the others are struck out in the list, expired holds are nowhere.
DRAWN = {Status.HELD, Status.BOOKED, Status.ARRIVED, Status.IN_TREATMENT, Status.COMPLETED}
LISTED = [*DRAWN, Status.CANCELLED, Status.NO_SHOW]
BLOCK, AWAY, CLOSED, ELSEWHERE = "block", "away", "closed", "elsewhere"

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
WHERE starts_at < %(end)s AND ends_at > %(start)s
UNION ALL
SELECT 'closed', id::text, NULL, NULL, starts_at, ends_at, '', reason FROM clinic_closure
WHERE location_id = %(here)s AND starts_at < %(end)s AND ends_at > %(start)s
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
    appointment: object
    version: int
    status: str
    starts_at: datetime
    ends_at: datetime
    confirmed_at: datetime | None
    held_until: datetime | None
    overbooked_reason: str
    entered_later_reason: str
    service: str
    given_name: str
    family_name: str
    preferred_name: str
    seen: bool
    part: int
    part_name: str
    part_status: str
    discipline: str
    position: int
    kind: str
    practitioner: int | None
    practitioner_name: str | None
    credentials: str | None
    room: int | None
    room_name: str | None
    phase_starts_at: datetime
    phase_ends_at: datetime
    patient_present: bool


VISIT = "visitpart__appointment__"
COLUMNS = [
    f"{VISIT}id",
    f"{VISIT}version",
    f"{VISIT}status",
    f"{VISIT}starts_at",
    f"{VISIT}ends_at",
    f"{VISIT}confirmed_at",
    f"{VISIT}held_until",
    f"{VISIT}overbooked_reason",
    f"{VISIT}entered_later_reason",
    f"{VISIT}service__name",
    f"{VISIT}patient__given_name",
    f"{VISIT}patient__family_name",
    f"{VISIT}patient__preferred_name",
    "seen",
    "visitpart__position",
    "visitpart__name",
    "visitpart__status",
    "visitpart__discipline__key",
    "position",
    "kind",
    "practitioner",
    "practitioner__name",
    "practitioner__credentials",
    "room",
    "room__name",
    "starts_at",
    "ends_at",
    "patient_present",
]


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
    """One visit. `head` is the first of its rows, `phases` are those whose part was not closed as not done."""

    head: PhaseRow
    phases: list[Agreed] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

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
    """The answer. `columns` are those of the days; `choices` everybody or every room a week can be of."""

    asked: Asked
    location: object
    now: datetime
    span: TimeSpan
    visits: list[Visit]
    others: list[OtherTime]
    choices: list[Column]
    columns: list[Column] = field(default_factory=list)
    opened: list[TimeSpan] = field(default_factory=list)
    working: dict[int, list[TimeSpan]] = field(default_factory=dict)
    people: dict[int, tuple] = field(default_factory=dict)
    rooms: dict[int, str] = field(default_factory=dict)
    names: sentences.Names = field(default_factory=sentences.Names)


def shown(location, asked, *, user, now):
    """Everything a calendar shows to this person. Four statements."""
    span = asked.span(location.tz)
    rows = phase_rows(location, span, asked, user=user, now=now)
    found = Shown(
        asked=asked,
        location=location,
        now=now,
        span=span,
        visits=visits_of(rows, asked.by),
        others=other_times(location, span, now=now),
        choices=[],
        people={
            row.practitioner: (row.practitioner_name, row.credentials) for row in rows if row.practitioner
        },
        rooms={row.room: row.room_name for row in rows if row.room},
    )
    add_columns(found)
    found.names = called(found)
    return found


def called(found):
    """What providers and rooms are called beside a visit."""
    people = [(pid, name, credentials) for pid, (name, credentials) in found.people.items()]
    return sentences.Names(sentences.short_names(people), sentences.room_names(found.rooms.items()))


def first_column(location, by, user):
    """Whose week is shown where nobody was chosen: the reader's own, else the first one's; None if there is none."""
    if by == ROOM:
        return Room.objects.filter(location=location, active=True).values_list("pk", flat=True).first()
    here = Practitioner.objects.filter(active=True, working_hours__location=location)
    return here.order_by(Case(When(user=user, then=0), default=1), "pk").values_list("pk", flat=True).first()


def phase_rows(location, span, asked, *, user, now):
    """Phases of the visits that touch the span, visit by visit. One statement."""
    seen = Patient.objects.visible_to(user).filter(pk=OuterRef(f"{VISIT}patient"))
    rows = VisitPhase.objects.filter(
        Q(**{f"{VISIT}held_until": None}) | Q(**{f"{VISIT}held_until__gt": now}),
        **{
            f"{VISIT}location": location,
            f"{VISIT}status__in": LISTED,
            f"{VISIT}starts_at__gte": span.start - LONGEST,
            f"{VISIT}starts_at__lt": span.end,
        },
    )
    if asked.who is not None:
        theirs = {"practitioner" if asked.by == PROVIDER else "room": asked.who}
        rows = rows.filter(
            Exists(
                VisitPhase.objects.filter(visitpart__appointment=OuterRef("visitpart__appointment"), **theirs)
            )
        )
    rows = rows.annotate(seen=Exists(seen)).order_by(f"{VISIT}starts_at", f"{VISIT}id", "position")
    found = [PhaseRow(*row) for row in rows.values_list(*COLUMNS)]
    return [row for row in found if max(row.ends_at, row.phase_ends_at) > span.start]


def visits_of(rows, by):
    return [visit_of(list(group), by) for _pk, group in groupby(rows, attrgetter("appointment"))]


def visit_of(rows, by):
    standing = [row for row in rows if row.part_status != PartStatus.NOT_DONE]
    visit = Visit(
        head=rows[0],
        phases=[agreed(row) for row in standing],
        left_out=list(dict.fromkeys(row.part_name for row in rows if row.part_status == PartStatus.NOT_DONE)),
    )
    if visit.drawn:
        visit.pieces = pieces(visit.phases, by)
    return visit


def agreed(row):
    return Agreed(
        row.part,
        row.position,
        row.kind,
        row.discipline,
        row.practitioner,
        row.room,
        row.phase_starts_at,
        row.phase_ends_at,
        row.patient_present,
    )


def other_times(location, span, *, now):
    """One statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            OTHER_TIMES,
            {
                "here": location.pk,
                "from": span.start - LONGEST,
                "start": span.start,
                "end": span.end,
                "now": now,
            },
        )
        return [OtherTime(*row) for row in cursor.fetchall()]


def add_columns(found):
    """Columns, opening and working time. Two statements."""
    days = local_days(found.span, found.location.tz)
    opening = expand_hours([Hours(*row) for row in opening_rows(found.location)], found.location.tz, days)
    found.opened = overlap_of(opening, [found.span])
    if found.asked.by == ROOM:
        add_rooms(found)
    else:
        add_people(found, days)
    busy = columns_with_something(found)
    present = [c for c in found.choices if c.id in busy or (c.active and is_open_for(found, c.id))]
    found.columns = [c for c in found.choices if c.id == found.asked.who] if found.asked.who else present
    found.choices = [c for c in found.choices if c.active or c.id in busy or c.id == found.asked.who]


def add_rooms(found):
    rows = Room.objects.filter(location=found.location).order_by("id").values_list("id", "name", "active")
    for pk, name, active in rows:
        found.choices.append(Column(pk, name, "", active))
        found.rooms[pk] = name
        found.working[pk] = found.opened


def add_people(found, days):
    """Practitioners with weekly hours here, and those whom the span names."""
    hours, named = defaultdict(list), {}
    rows = Practitioner.objects.annotate(
        here=FilteredRelation("working_hours", condition=Q(working_hours__location=found.location))
    ).order_by("id")
    for pk, name, credentials, active, *row in rows.values_list(
        "id", "name", "credentials", "active", *(f"here__{one}" for one in HOURS)
    ):
        named[pk] = Column(pk, name, credentials, active and (row[0] is not None))
        found.people[pk] = (name, credentials)
        if row[0] is not None:
            hours[pk].append(row)
    busy = columns_with_something(found)
    found.choices = [column for pk, column in named.items() if pk in hours or pk in busy]
    for pk, weekly in hours.items():
        found.working[pk] = overlap_of(expand_hours(weekly, found.location.tz, days), found.opened)


def columns_with_something(found):
    by = found.asked.by
    drawn = {piece.column for visit in found.visits for piece in visit.pieces}
    return drawn | {other.column(by) for other in found.others if other.what == BLOCK}


def is_open_for(found, column):
    return bool(found.working.get(column))


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
