"""A calendar as rows in the order of time: the same content for the keyboard, for screen readers and for phones."""

from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from itertools import groupby
from typing import NamedTuple

from django.utils.translation import gettext as _

from clinic import walltime
from patients.rules import in_full
from scheduling.models import BlockKind, Status
from scheduling.queries.calendar.feed import column_names, kind_names, state, state_names
from scheduling.queries.calendar.loading import AWAY, BLOCK, CLOSED
from scheduling.rules import sentences
from scheduling.rules.drawing import PROVIDER
from scheduling.rules.life import MOVABLE

OFF = {Status.CANCELLED, Status.NO_SHOW}
OPEN = {Status.HELD, Status.BOOKED, Status.ARRIVED, Status.IN_TREATMENT}


class Words(NamedTuple):
    """What is said in many rows, looked up once; `at` puts each of the few instants of a day into words once."""

    kinds: dict
    states: dict
    people: dict
    rooms: dict
    at: Callable
    hours: Callable


class Step(NamedTuple):
    """One phase as it is read: its time, what it is, and who and where as far as that changes."""

    at: str
    says: str


class Part(NamedTuple):
    discipline: str
    name: str
    steps: list[Step]


class Row(NamedTuple):
    """`visit` or `block` is the id of what the row is about, if it can be opened."""

    starts_at: datetime
    ends_at: datetime
    hours: str
    title: str
    text: str = ""
    visit: object = None
    block: str = ""
    word: str = ""
    status: str = ""
    parts: tuple = ()
    left_out: tuple = ()
    movable: bool = False
    doubled: bool = False
    later: bool = False


class Day(NamedTuple):
    """`earlier` are rows of today that are over and settled; they are folded away."""

    date: date
    rows: list[Row]
    earlier: list[Row]


def listing(found):
    """Days of rows: visits, blocks, absences and closures. No statement."""
    words = words_of(found)
    rows = [visit_row(found, visit, words) for visit in found.visits if is_listed(found, visit)]
    rows += [row for one in found.others if (row := other_row(found, one))]
    rows.sort(key=lambda row: (row.starts_at, row.title))
    days = groupby(rows, lambda row: walltime.local(row.starts_at, found.location.tz).date())
    return [day_of(found, day, list(group)) for day, group in days]


def day_of(found, day, rows):
    is_today = day == walltime.local(found.now, found.location.tz).date()
    earlier = [row for row in rows if is_today and row.ends_at <= found.now and row.status not in OPEN]
    return Day(day, [row for row in rows if row not in earlier], earlier)


def is_listed(found, visit):
    """Phases that end after midnight draw into a day whose list their visit is not in."""
    return visit.head.starts_at >= found.span.start


def visit_row(found, visit, words):
    head, hours = visit.head, words.hours(visit.head.starts_at, visit.head.ends_at)
    if not visit.seen:
        return Row(head.starts_at, head.ends_at, hours, _("Busy"))
    return Row(
        starts_at=head.starts_at,
        ends_at=head.ends_at,
        hours=hours,
        title=in_full(head.given_name, head.family_name, head.preferred_name),
        text=head.service,
        visit=head.appointment,
        word=state(head, words.states, found.location.tz),
        status=head.status,
        parts=tuple(parts_of(visit, words)) if head.status not in OFF else (),
        left_out=visit.left_out,
        movable=head.status in MOVABLE,
        doubled=head.doubled,
        later=head.later,
    )


def parts_of(visit, words):
    """The parts of a visit with their phases; who and where are said again only where they change."""
    told = (None, None)
    for _number, group in groupby(visit.phases, lambda phase: phase.part):
        phases = list(group)
        steps = []
        for phase in phases:
            if phase.patient_present:
                steps.append(step(phase, told, words))
                told = (phase.practitioner or told[0], phase.room or told[1])
        yield Part(phases[0].discipline, phases[0].discipline.capitalize(), steps)


def words_of(found):
    zone = found.location.tz
    return Words(
        kinds=kind_names(),
        states=state_names(),
        people=found.names.practitioners,
        rooms=found.names.rooms,
        at=cache(lambda instant: sentences.bare_clock(instant, zone)),
        hours=cache(lambda starts_at, ends_at: sentences.hours(starts_at, ends_at, zone)),
    )


def step(phase, told, words):
    who, where = told
    said = [words.kinds[phase.kind]]
    if phase.practitioner and phase.practitioner != who:
        said.append(words.people.get(phase.practitioner, "?"))
    if phase.room and phase.room != where:
        said.append(words.rooms.get(phase.room, "?"))
    return Step(words.at(phase.starts_at), ", ".join(said))


def other_row(found, one):
    starts_at, ends_at = max(one.starts_at, found.span.start), min(one.ends_at, found.span.end)
    if starts_at >= ends_at or (one.what != CLOSED and not concerns(found, one)):
        return None
    title, text = other_words(found, one)
    hours = sentences.hours(starts_at, ends_at, found.location.tz)
    return Row(starts_at, ends_at, hours, title, text, block=one.id if one.what == BLOCK else "")


def other_words(found, one):
    if one.what == CLOSED:
        return _("Closed"), one.note
    names = whose(found, one)
    if one.what == BLOCK:
        kind = str(BlockKind(one.kind).label).capitalize()
        return kind, " · ".join([*names, one.note] if one.note else names)
    if one.what == AWAY:
        return _("%(name)s is away") % {"name": names[0]}, ""
    return _("Busy"), _("%(name)s, at another location") % {"name": names[0]}


def concerns(found, one):
    """Whether it is about a column of these days, or about somebody of the location where rooms are the columns."""
    ids = {column.id for column in found.columns}
    if found.asked.by == PROVIDER:
        return one.practitioner in ids or (one.what == BLOCK and found.asked.who is None)
    return one.what == BLOCK and (one.room in ids or found.asked.who is None)


def whose(found, one):
    """The provider and the room that a row takes."""
    people = {**found.names.practitioners, **(column_names(found) if found.asked.by == PROVIDER else {})}
    said = [people.get(one.practitioner), found.names.rooms.get(one.room)]
    return [name for name in said if name] or [_("A provider")]
