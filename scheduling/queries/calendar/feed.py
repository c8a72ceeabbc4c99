"""A calendar as data for the grid. Times are the location's wall-clock time without a zone: the grid knows none."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

from django.utils.translation import gettext as _

from clinic import walltime
from clinic.timespan import TimeSpan
from patients.rules import on_list
from practitioners.rules import overlap_of
from scheduling.models import BlockKind, Status
from scheduling.queries.calendar.loading import (
    AWAY,
    BLOCK,
    CLOSED,
    ELSEWHERE,
    day_frames,
    hours_shown,
    not_at_work,
)
from scheduling.rules import sentences
from scheduling.rules.drawing import PROVIDER
from scheduling.rules.life import MOVABLE
from services.models import PhaseKind

SHORTEST = timedelta(minutes=5)
BUSY = "busy"


def feed(found):
    """Everything the grid draws, ready for JSON. No statement."""
    opens, closes = hours_shown(found)
    ids = {column.id for column in found.columns}
    words = words_of(found)
    return {
        "date": found.asked.first.isoformat(),
        "days": found.asked.days,
        "by": found.asked.by,
        "who": found.asked.who,
        "now": walltime.local(found.now, found.location.tz).strftime("%Y-%m-%dT%H:%M:%S"),
        "opens": f"{opens:%H:%M}",
        "closes": "24:00" if closes == walltime.MIDNIGHT else f"{closes:%H:%M}",
        "columns": columns(found),
        "visits": {key_of(visit): about(found, visit, words) for visit in found.visits if visit.drawn},
        "events": [
            *(event for visit in found.visits for event in events_of(visit, words) if event["column"] in ids),
            *(event for event in other_events(found) if event["column"] in ids),
        ],
        "shades": [shade for column in found.columns for shade in shades(found, column.id)],
    }


class Words(NamedTuple):
    """What is said of many events, looked up once; `at` puts each of the few instants of a day on the wall once."""

    kinds: dict
    states: dict
    beside: dict
    at: Callable


def words_of(found):
    zone, names = found.location.tz, found.names
    return Words(
        kinds=kind_names(),
        states=state_names(),
        beside=names.rooms if found.asked.by == PROVIDER else names.practitioners,
        at=cache(lambda instant: wall(instant, zone)),
    )


def kind_names():
    return {kind.value: str(kind.label) for kind in PhaseKind}


def state_names():
    """How far a visit is, by its status; a booked one by whether it is confirmed."""
    said = {status.value: str(status.label) for status in Status}
    return {**said, True: _("confirmed"), False: _("not confirmed")}


def state(head, states, zone):
    """How far a visit is, in a word or two."""
    if head.status == Status.HELD:
        return _("held until %(time)s") % {"time": sentences.clock(head.held_until, zone)}
    return states[head.confirmed if head.status == Status.BOOKED else head.status]


def wall(instant, zone):
    """2026-11-24T10:42, as clocks in the zone show it."""
    return walltime.local(instant, zone).strftime("%Y-%m-%dT%H:%M")


def between(starts_at, ends_at, zone):
    """Start and end on the wall."""
    return {"start": wall(starts_at, zone), "end": after(wall(starts_at, zone), wall(ends_at, zone))}


def after(start, end):
    """Where the clock went back in between, the end still comes after the start."""
    if end > start:
        return end
    return (datetime.fromisoformat(start) + SHORTEST).strftime("%Y-%m-%dT%H:%M")


def columns(found):
    names = column_names(found)
    return [
        {"id": column.id, "title": names[column.id], "credentials": column.credentials}
        for column in found.columns
    ]


def column_names(found):
    if found.asked.by == PROVIDER:
        return {column.id: column.name for column in (*found.choices, *found.columns)}
    return found.names.rooms


def key_of(visit):
    """The visit's id; of one that the reader may not see, a key that opens nothing."""
    return visit.head.appointment if visit.seen else f"{BUSY}-{visit.head.appointment[:8]}"


def about(found, visit, words):
    """What the pieces of one visit share. Of a patient whom the reader may not see, nothing."""
    if not visit.seen:
        return {"name": _("Busy"), "status": BUSY, "movable": False}
    head = visit.head
    return {
        "name": on_list(head.given_name, head.family_name),
        "service": head.service,
        "start": words.at(head.starts_at),
        "end": words.at(head.ends_at),
        "status": head.status,
        "word": state(head, words.states, found.location.tz),
        "version": head.version,
        "movable": head.status in MOVABLE,
        "doubled": head.doubled,
    }


def events_of(visit, words):
    key, at, beside = key_of(visit), words.at, words.beside
    for piece in visit.pieces:
        event = {
            "visit": key,
            "column": piece.column,
            "start": at(piece.starts_at),
            "end": after(at(piece.starts_at), at(piece.ends_at)),
            "look": piece.look,
            "position": piece.position,
        }
        if piece.lane:
            event["lane"] = True
        if visit.seen:
            event["kind"], event["discipline"] = words.kinds[piece.kind], piece.discipline
            event["beside"] = beside.get(piece.other, "")
        yield event


def other_events(found):
    """Blocks, and minutes of providers who are at another location."""
    for one in found.others:
        event = {
            "column": one.column(found.asked.by),
            **between(one.starts_at, one.ends_at, found.location.tz),
        }
        if one.what == BLOCK:
            title = str(BlockKind(one.kind).label).capitalize()
            yield {**event, "look": BLOCK, "block": one.id, "title": title, "note": one.note}
        elif one.what == ELSEWHERE:
            yield {**event, "look": BUSY, "title": _("Busy"), "note": _("at another location")}


def shades(found, column):
    """Time in which a column cannot be booked, and why where that is not just the hours."""
    plain = [("", span) for span in not_at_work(found, column)]
    named = [
        (text, span)
        for one in found.others
        if (text := reason(one, column, found.asked.by))
        for span in overlap_of([TimeSpan(one.starts_at, one.ends_at)], day_frames(found))
    ]
    return [
        {"column": column, "text": text, **between(span.start, span.end, found.location.tz)}
        for text, span in plain + named
    ]


def reason(one, column, by):
    if one.what == CLOSED:
        return _("Closed: %(why)s") % {"why": one.note}
    return _("Away") if one.what == AWAY and by == PROVIDER and one.practitioner == column else ""
