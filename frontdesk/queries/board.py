"""The Today board, put together from one reading of the day."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from clinic.roles import may
from clinic.walltime import local
from frontdesk.queries.charting import left_open
from frontdesk.rules import Line, groups_of, hands_free, line_of, send_elsewhere, tiles_of, twins_of
from intake.queries.flags import clinician_first
from patients.models import Patient
from practitioners.models import Practitioner
from scheduling.models import Status
from scheduling.queries.day import day
from scheduling.rules.steps import IN_ROOM, START

SOON = timedelta(minutes=90)  # whom the desk expects next; the rest of the day is folded away
FEW = 12  # rows of a day that is short enough to stand there whole
NOT_COMING = {Status.CANCELLED, Status.NO_SHOW}
OVER = {*NOT_COMING, Status.COMPLETED}


@dataclass(slots=True)
class Need:
    """One of the things that need somebody: how many, what, and where it is settled."""

    kind: str
    count: int
    target: object = None
    urgent: bool = False


@dataclass(slots=True)
class Board:
    location: object
    now: datetime
    mine: bool
    lines: list[Line]
    tiles: list = field(default_factory=list)
    waiting: list = field(default_factory=list)
    next: list = field(default_factory=list)
    later: list = field(default_factory=list)
    done: list = field(default_factory=list)
    not_coming: list = field(default_factory=list)
    needs: list = field(default_factory=list)
    hands_free: tuple | None = None
    first: set = field(default_factory=set)  # patients whom a clinician sees first
    written: set = field(default_factory=set)  # patients in whose charts the reader writes

    @property
    def is_empty(self):
        return not self.lines

    @property
    def coming(self):
        return people_in(self.next)

    @property
    def coming_later(self):
        return people_in(self.later)


def people_in(rows):
    """How many people: a household counts each of its members."""
    return sum(len(members_of(row)) for row in rows)


def members_of(row):
    return getattr(row, "lines", [row])


def board(*, user, location, now, practitioner=None):
    """The board of a location's day. `practitioner`: only what is this one's, with when their hands are free."""
    today = day(user=user, location=location, now=now)
    rooms, twins = {room.id: room for room in today.rooms}, twins_of(today.visits)
    lines = [line_of(one, now=now, zone=location.tz, rooms=rooms, twins=twins) for one in today.visits]
    first = say_clinician_first(lines, local(now, location.tz).date())
    made = Board(location, now, practitioner is not None, lines, first=first)
    made.written = written_by(user, lines)
    tiles = made.tiles = tiles_of(today, lines, zone=location.tz)
    made.needs = needs_of(lines, today.calls, made.first) + needs_of_charts(user, location, now)
    if practitioner is not None:
        own(made, practitioner, today)
    fill_rows(made)
    use_free_rooms(made, tiles)
    return made


def say_clinician_first(lines, today):
    """Mark whom a clinician sees first, and return those patients; the desk never reads why. One statement."""
    coming = [line for line in lines if line.visit.status not in OVER]
    first = clinician_first([line.visit.patient for line in coming], today)
    for line in coming:
        if line.visit.patient in first:
            line.pills.insert(0, ("danger", _("clinician first")))
    return first


def written_by(user, lines):
    """Patients in whose charts this person writes; one statement for those who treat, none for others."""
    people = {line.visit.patient for line in lines} if may(user, "treat") else None
    rows = Patient.objects.charts_written_by(user).filter(pk__in=people) if people else Patient.objects.none()
    return set(rows.values_list("pk", flat=True))


def own(made, practitioner, today):
    """Only what this practitioner has to do with; free rooms stay."""
    made.lines = [line for line in made.lines if is_with(line, practitioner)]
    made.tiles = [tile for tile in made.tiles if tile.line is None or is_with(tile.line, practitioner)]
    spans = [(one.starts_at, one.ends_at) for one in today.busy if one.practitioner == practitioner]
    made.hands_free = hands_free(spans, today.now)


def is_with(line, practitioner):
    return any(
        phase.practitioner == practitioner for part in line.visit.progress.parts for phase in part.phases
    )


def fill_rows(made):
    status = {line.id: line.visit.status for line in made.lines}
    made.waiting = [line for line in made.lines if is_waiting(line)]
    coming = [line for line in made.lines if status[line.id] in {Status.BOOKED, Status.HELD}]
    made.next, made.later = fold(groups_of(coming), made.now + SOON)
    made.done = [line for line in made.lines if status[line.id] == Status.COMPLETED]
    made.not_coming = [line for line in made.lines if status[line.id] in NOT_COMING]


def fold(rows, until):
    """What starts by `until`, and the rest of a long day."""
    if len(rows) <= FEW:
        return rows, []
    soon = [row for row in rows if members_of(row)[0].visit.starts_at <= until]
    return soon, rows[len(soon) :]


def is_waiting(line):
    """Here, and in no room: before the first one or between two."""
    here = line.visit.status in {Status.ARRIVED, Status.IN_TREATMENT}
    return here and line.room_id is None


def use_free_rooms(made, tiles):
    """People who wait: at the free rooms of the kind they need, and sent to one where theirs is taken."""
    by_room = {tile.room.id: tile for tile in tiles}
    for line in made.waiting:
        wanted = by_room.get(wanted_room(line))
        if wanted is None:
            continue
        free = [tile for tile in tiles if tile.state == "free" and tile.room.kind == wanted.room.kind]
        for tile in free:
            tile.waiting.append(line)
        if wanted.state == "on" and wanted.line is not line:
            send_elsewhere(line, free, wanted)


def wanted_room(line):
    """The room that the next step leads to, if it leads to one."""
    return line.step.room if line.step and line.step.key in {IN_ROOM, START} else None


def needs_of(lines, calls, first):
    over = [line for line in lines if line.over and line.stage.kind == "needles"]
    late = [line for line in lines if line.late and line.visit.status == Status.BOOKED]
    unwell = [line for line in lines if line.unwell and line.visit.status == Status.IN_TREATMENT]
    sent = [line for line in lines if line.visit.patient in first and line.visit.status not in OVER]
    found = [
        Need("needles_over", len(over), over[0].id if over else None, urgent=True),
        Need("unwell", len(unwell), unwell[0].id if unwell else None, urgent=True),
        Need("clinician_first", len(sent), sent[0].id if sent else None, urgent=True),
        Need("late", len(late), late[0].id if late else None),
        *(Need("to_call", one.people, one) for one in calls),
    ]
    return [need for need in found if need.count]


def needs_of_charts(user, location, now):
    found = [Need(kind, count, urgent=urgent) for kind, count, urgent in left_open(user, location, now)]
    return [need for need in found if need.count]


def own_practitioner(user):
    """The id of this person as a provider; None for everybody else."""
    return Practitioner.objects.filter(user=user, active=True).values_list("pk", flat=True).first()
