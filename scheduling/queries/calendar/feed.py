"""A calendar as data for the grid. Times are the location's wall-clock time without a zone: the grid knows none."""

from datetime import timedelta

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
    beside = beside_names(found)
    ids = {column.id for column in found.columns}
    return {
        "date": found.asked.first.isoformat(),
        "days": found.asked.days,
        "by": found.asked.by,
        "who": found.asked.who,
        "now": walltime.local(found.now, found.location.tz).strftime("%Y-%m-%dT%H:%M:%S"),
        "opens": f"{opens:%H:%M}",
        "closes": "24:00" if closes == walltime.MIDNIGHT else f"{closes:%H:%M}",
        "columns": columns(found),
        "visits": {key_of(visit): about(found, visit) for visit in found.visits if visit.drawn},
        "events": [
            *(
                event
                for visit in found.visits
                for event in events_of(found, visit, beside)
                if event["column"] in ids
            ),
            *(event for event in other_events(found) if event["column"] in ids),
        ],
        "shades": [shade for column in found.columns for shade in shades(found, column.id)],
    }


def wall(instant, zone):
    """2026-11-24T10:42, as clocks in the zone show it."""
    return walltime.local(instant, zone).strftime("%Y-%m-%dT%H:%M")


def between(starts_at, ends_at, zone):
    """Start and end on the wall. Where the clock went back in between, the end still comes after the start."""
    start = walltime.local(starts_at, zone).replace(tzinfo=None)
    end = walltime.local(ends_at, zone).replace(tzinfo=None)
    end = max(end, start + SHORTEST)
    return {"start": start.strftime("%Y-%m-%dT%H:%M"), "end": end.strftime("%Y-%m-%dT%H:%M")}


def columns(found):
    names = column_names(found)
    return [
        {"id": column.id, "title": names[column.id], "credentials": column.credentials}
        for column in found.columns
    ]


def column_names(found):
    if found.asked.by == PROVIDER:
        return {column.id: column.name for column in found.choices}
    return sentences.room_names((column.id, column.name) for column in found.choices)


def key_of(visit):
    return str(visit.head.appointment) if visit.head.seen else f"{BUSY}-{visit.head.appointment.hex[:12]}"


def about(found, visit):
    """What the pieces of one visit share. Of a patient whom the reader may not see, nothing."""
    if not visit.head.seen:
        return {"name": _("Busy"), "says": _("Busy"), "movable": False, "status": BUSY}
    head = visit.head
    return {
        "name": on_list(head.given_name, head.family_name),
        "service": head.service,
        "says": says(found, visit),
        "status": head.status,
        "word": state(found, head),
        "version": head.version,
        "movable": head.status in MOVABLE,
        "doubled": bool(head.overbooked_reason),
    }


def says(found, visit):
    """Garcia, Maria · Acupuncture follow-up · 10:00 to 10:55 am · here."""
    head = visit.head
    said = [
        on_list(head.given_name, head.family_name),
        head.service,
        sentences.hours(head.starts_at, head.ends_at, found.location.tz),
        state(found, head),
        _("double-booked on purpose") if head.overbooked_reason else "",
    ]
    return " · ".join(part for part in said if part)


def state(found, head):
    """How far a visit is, in a word or two."""
    if head.status == Status.HELD:
        return _("held until %(time)s") % {"time": sentences.clock(head.held_until, found.location.tz)}
    if head.status == Status.BOOKED:
        return _("confirmed") if head.confirmed_at else _("not confirmed")
    return str(Status(head.status).label)


def beside_names(found):
    """In a provider's column the rooms, in a room's the providers."""
    return found.names.rooms if found.asked.by == PROVIDER else found.names.practitioners


def events_of(found, visit, beside):
    key, seen = key_of(visit), visit.head.seen
    return [
        {
            "visit": key,
            "column": piece.column,
            **between(piece.starts_at, piece.ends_at, found.location.tz),
            "look": piece.look,
            "lane": piece.lane,
            "kind": str(PhaseKind(piece.kind).label) if seen else "",
            "discipline": piece.discipline if seen else "other",
            "beside": beside.get(piece.other, "") if seen else "",
            "position": piece.position,
        }
        for piece in visit.pieces
    ]


def other_events(found):
    """Blocks, and minutes of providers who are at another location."""
    for one in found.others:
        column = one.column(found.asked.by)
        if one.what == BLOCK:
            yield {
                "block": one.id,
                "column": column,
                **between(one.starts_at, one.ends_at, found.location.tz),
                "look": BLOCK,
                "title": str(BlockKind(one.kind).label).capitalize(),
                "note": one.note,
            }
        elif one.what == ELSEWHERE:
            yield {
                "column": column,
                **between(one.starts_at, one.ends_at, found.location.tz),
                "look": BUSY,
                "title": _("Busy"),
                "note": _("at another location"),
            }


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
