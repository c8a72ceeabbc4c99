"""What the Today board says of a day: who is where, what is late, what needs somebody. No database, no clock."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.rules import age, similar_names
from patients.rules.shown import ADULT_AT
from scheduling.models import Status, What
from scheduling.rules.placing import clock, room_name
from scheduling.rules.steps import (
    CHECK_IN,
    IN_ROOM,
    NEEDLES_IN,
    START,
    button,
    next_step,
    stage,
    words,
)

LATE_AFTER = timedelta(minutes=5)
EARLY = timedelta(minutes=5)
TOGETHER = timedelta(minutes=60)  # a household within an hour is checked in at once
SHORTEST_GAP = timedelta(minutes=5)
NOT_DONE_REASONS = [
    gettext_lazy("unwell"),
    gettext_lazy("provider away"),
    gettext_lazy("patient's wish"),
    gettext_lazy("no time"),
]
similar = lru_cache(maxsize=50_000)(similar_names)


@dataclass(slots=True)
class Line:
    """One visit on the board. `pills`: [(kind, words)]; `room` is where the patient is, by name."""

    visit: object
    step: object = None
    button: str = ""
    room_id: int | None = None
    stage: object = None
    doing: str = ""
    over: bool = False
    minutes_left: int | None = None
    providers: list = field(default_factory=list)
    pills: list = field(default_factory=list)
    when: str = ""
    late: int = 0
    unwell: bool = False
    minor: bool = False
    needles_in: bool = False
    first_needle: bool = False
    room_choice: int | None = None

    @property
    def id(self):
        return self.visit.id

    @property
    def can_move_up(self):
        return self.visit.status == Status.ARRIVED and "early" in dict(self.pills)

    @property
    def discipline(self):
        parts = self.visit.progress.open or self.visit.progress.parts
        return parts[0].discipline if parts else "other"


@dataclass(slots=True)
class Tile:
    """A room: `state` is on, kept, blocked or free."""

    room: object
    name: str
    state: str = "free"
    line: Line | None = None
    also: list = field(default_factory=list)
    says: str = ""
    waiting: list = field(default_factory=list)


@dataclass(slots=True)
class Group:
    """Members of one household who come together."""

    household: object
    name: str
    lines: list


def line_of(visit, *, now, zone, rooms, twins):
    """Everything the board says of one visit."""
    progress = visit.progress
    step = next_step(progress)
    line = Line(visit, step=step, room_id=progress.room, stage=stage(progress))
    if step:
        line.button = button(step, room_words(rooms, step.room))
    line.providers = providers_of(progress)
    line.unwell = progress.last(What.UNWELL) is not None
    line.needles_in = progress.needles_are_in
    line.first_needle = bool(
        step and step.key == NEEDLES_IN and not progress.last(What.FIRST_NEEDLE, part=step.part)
    )
    years = age(visit.birth_date, now.astimezone(zone).date())
    line.minor = years is not None and years < ADULT_AT
    say_stage(line, now)
    say_when(line, now, zone)
    say_pills(line, now, zone, twins)
    return line


def room_words(rooms, room_id):
    return room_name(rooms[room_id]) if room_id in rooms else ""


def providers_of(progress):
    """Names in the order in which they treat, each once."""
    return list(dict.fromkeys(part_provider(part) for part in progress.standing if part_provider(part)))


def part_provider(part):
    return next((phase.provider for phase in part.phases if phase.provider), "")


def say_stage(line, now):
    found = line.stage
    if found is None:
        return
    line.doing = words(found.kind, found.part.discipline if found.part else "")
    if found.until:
        seconds = (found.until - now).total_seconds()
        line.minutes_left = -int(-seconds // 60)
        line.over = found.kind in {"needles", "treating"} and seconds < 0


def say_when(line, now, zone):
    """Here since, late or early: the words under the time."""
    visit = line.visit
    arrived = visit.progress.last(What.ARRIVED)
    if visit.status == Status.BOOKED and now - visit.starts_at >= LATE_AFTER:
        line.late = minutes(now - visit.starts_at)
        line.when = _("%(minutes)s min late") % {"minutes": line.late}
    elif visit.status == Status.ARRIVED and arrived:
        line.when = _("here %(minutes)s min") % {"minutes": minutes(now - arrived.at)}
        if now - visit.starts_at >= LATE_AFTER:
            line.late = minutes(now - visit.starts_at)
    elif visit.status == Status.HELD:
        line.when = _("held until %(time)s") % {"time": clock(visit.held_until, zone)}


def minutes(length):
    return int(length.total_seconds() // 60)


def say_pills(line, now, zone, twins):
    visit, pills = line.visit, line.pills
    if visit.patient in twins:
        pills.append(("danger", _("same name today")))
    if line.unwell:
        at = visit.progress.last(What.UNWELL).at
        pills.append(("danger", _("unwell %(time)s") % {"time": clock(at, zone)}))
    if visit.status == Status.ARRIVED and visit.starts_at - now >= EARLY:
        pills.append(("early", _("early")))
    if visit.status == Status.ARRIVED and line.late:
        pills.append(("warn", _("starts %(minutes)s min late") % {"minutes": line.late}))
    if visit.status == Status.BOOKED:
        pills += pills_before(line)
    if visit.overbooked_reason:
        pills.append(("warn", _("double-booked on purpose")))
    pills += [
        ("warn", _("%(part)s not done (%(reason)s)") % {"part": part.name, "reason": reason_of(part)})
        for part in visit.progress.parts
        if part.status == "not_done" and visit.status != Status.CANCELLED
    ]


def reason_of(part):
    return part.reason or _("no reason")


def pills_before(line):
    visit = line.visit
    found = [("ok", _("confirmed")) if visit.confirmed_at else ("", _("not confirmed"))]
    if visit.first_visit:
        found.append(("info", _("new")))
    if line.minor:
        found.append(("info", _("minor: who came?")))
    return found


def twins_of(visits):
    """Patients of today who can be taken for one another, by id."""
    people = {
        one.patient: one.name
        for one in visits
        if one.status not in {Status.CANCELLED, Status.NO_SHOW, Status.COMPLETED}
    }
    listed = sorted(people.items(), key=lambda pair: pair[1])
    found = set()
    for number, (patient, name) in enumerate(listed):
        for other, other_name in listed[number + 1 :]:
            if similar(name, other_name):
                found |= {patient, other}
    return found


def tiles_of(day, lines, *, zone):
    """A tile per room: who is in it by the facts; else what it is promised for now; else free until when."""
    inside = {}
    for line in lines:
        if line.room_id:
            inside.setdefault(line.room_id, []).append(line)
    by_visit = {line.id: line for line in lines}
    return [tile_of(room, inside.get(room.id, []), day, by_visit, zone) for room in day.rooms]


def tile_of(room, inside, day, by_visit, zone):
    tile = Tile(room, room_name(room))
    if inside:
        latest = max(inside, key=lambda line: line.visit.progress.last(What.IN_ROOM).at)
        tile.state, tile.line = "on", latest
        tile.also = [line for line in inside if line is not latest]
        return tile
    mine = [one for one in day.busy if one.room == room.id and one.ends_at > day.now]
    current = next((one for one in mine if one.starts_at <= day.now), None)
    if current and current.block:
        tile.state = "blocked"
        tile.says = _("%(what)s until %(time)s") % {
            "what": current.note or current.block,
            "time": clock(current.ends_at, zone),
        }
    elif current and awaited(by_visit.get(current.visit)):
        tile.state, tile.line = "kept", by_visit[current.visit]
    else:
        tile.says = free_words(current, mine, day.now, zone)
    return tile


def awaited(line):
    """Whether the promise is for somebody who is still to come into this room."""
    return (
        line is not None
        and line.visit.status in {Status.BOOKED, Status.ARRIVED, Status.IN_TREATMENT}
        and (line.step is not None and line.step.key in {CHECK_IN, IN_ROOM, START})
    )


def free_words(current, mine, now, zone):
    if current:  # turnover, or they left earlier than promised
        return _("made ready until %(time)s") % {"time": clock(current.ends_at, zone)}
    following = next((one for one in mine if one.starts_at > now), None)
    if following is None:
        return _("free for the rest of the day")
    return _("free to %(time)s") % {"time": clock(following.starts_at, zone)}


def send_elsewhere(line, free, wanted):
    """Their room is taken: the button leads to a free one of the kind, or a word says that there is none."""
    if free and line.step.key == IN_ROOM:
        line.room_choice = free[0].room.id
        line.button = button(line.step, free[0].name)
    else:
        line.pills.append(("warn", _("%(room)s is not free yet") % {"room": wanted.name}))


def groups_of(lines):
    """Lines and Groups in order: household members booked within an hour of each other come as one."""
    found, grouped = [], {}
    for line in lines:
        key = line.visit.household
        group = grouped.get(key) if key else None
        if group and line.visit.starts_at - group.lines[0].visit.starts_at <= TOGETHER:
            group.lines.append(line)
            continue
        group = Group(key, line.visit.household_name or line.visit.family_name, [line])
        found.append(group)
        if key:
            grouped[key] = group
    return [group if len(group.lines) > 1 else group.lines[0] for group in found]


def hands_free(spans, now):
    """The next gap of at least five minutes between promised spans [(start, end)], or None."""
    ends = None
    for start, end in sorted(spans):
        if ends is not None and start - max(ends, now) >= SHORTEST_GAP and start > now:
            return max(ends, now), start
        ends = end if ends is None else max(ends, end)
    return None
