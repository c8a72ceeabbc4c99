"""Rooms changed while a visit is on: the fact always, the promise where the other room is free."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from clinic.timespan import TimeSpan
from scheduling.actions.occupying import (
    HOLDS_ITS_PLACE,
    expire_in_the_way,
    occupy,
    overlapping,
    release,
    standing_phases,
)
from scheduling.models import VisitPhase
from scheduling.rules.grid import QUANTUM
from scheduling.rules.placing import rounded


@dataclass(frozen=True, slots=True)
class Piece:
    """Minutes of a phase in one room."""

    practitioner_id: int | None
    room_id: int | None
    starts_at: datetime
    ends_at: datetime


def promise_room(visit, *, old, new, now):
    """Promise the new room for what is left in the old one; False, and nothing changed, if it is not free.

    Expects the locks of both rooms. What is over stays where it was.
    """
    cut = begun(now)
    phases = standing_phases(visit)
    left = [phase for phase in phases if phase.room_id == old and phase.ends_at > cut]
    if not left or visit.status not in HOLDS_ITS_PLACE:
        return False
    wanted = [TimeSpan(max(phase.starts_at, cut), phase.ends_at) for phase in left]
    expire_in_the_way(span=TimeSpan(wanted[0].start, wanted[-1].end), now=now)
    if is_taken(new, wanted, but=visit.pk):
        return False
    release([visit])
    pieces = [piece for phase in phases for piece in cut_phase(phase, old, new, cut)]
    occupy(visit, pieces, overbook=bool(visit.overbooked_reason))
    VisitPhase.objects.filter(pk__in=[phase.pk for phase in left]).update(room=new, version=F("version") + 1)
    return True


def begun(now):
    """The full five minutes in which we are: what is promised from here on can still be promised elsewhere."""
    return rounded(now) if rounded(now) == now else rounded(now) - QUANTUM


def is_taken(room, spans, *, but):
    others = overlapping([(None, room, span, None) for span in spans], but=but)
    taken = [TimeSpan(row.starts_at, row.ends_at) for row in others if row.room_id == room]
    return any(span.overlaps(other) for span in spans for other in taken)


def cut_phase(phase, old, new, cut):
    who = phase.practitioner_id
    if phase.room_id != old or phase.ends_at <= cut:
        return [Piece(who, phase.room_id, phase.starts_at, phase.ends_at)]
    if phase.starts_at >= cut:
        return [Piece(who, new, phase.starts_at, phase.ends_at)]
    return [Piece(who, old, phase.starts_at, cut), Piece(who, new, cut, phase.ends_at)]
