"""How the phases of a visit are drawn on a calendar: pieces of columns, without database or clock."""

from datetime import datetime
from typing import NamedTuple

from services.models import PhaseKind

PROVIDER, ROOM = "provider", "room"
HANDS, RETENTION, TURNOVER = "hands", "retention", "turnover"
AFTERWARDS = {PhaseKind.TURNOVER, PhaseKind.CHARTING}
QUIET = {PhaseKind.RETENTION, PhaseKind.REST}


class Agreed(NamedTuple):
    """One phase as it was agreed."""

    part: int
    position: int
    kind: str
    discipline: str
    practitioner: int | None
    room: int | None
    starts_at: datetime
    ends_at: datetime
    patient_present: bool = True


class Piece(NamedTuple):
    """Minutes of one column that look the same. `other` is the room in a provider's column, and the other way.

    `lane`: the column's hands are free meanwhile, so another visit fits beside it. `position` is that of the
    first phase, by which a dragged piece is known again.
    """

    column: int
    look: str
    lane: bool
    kind: str
    discipline: str
    other: int | None
    position: int
    starts_at: datetime
    ends_at: datetime


def pieces(phases, by):
    """The phases of one visit, in order, as pieces of providers' or of rooms' columns."""
    drawn, last = [], {}
    for phase, column in zip(phases, columns_of(phases, by), strict=True):
        if column is None:
            continue
        piece = piece_of(phase, column, by)
        before = last.get(column)
        if before is not None and continues(drawn[before], piece):
            drawn[before] = drawn[before]._replace(ends_at=piece.ends_at)
        else:
            last[column] = len(drawn)
            drawn.append(piece)
    return drawn


def columns_of(phases, by):
    """The column of each phase. Minutes of nobody stay with whoever had the patient before in that part."""
    if by == ROOM:
        return [phase.room for phase in phases]
    found, had = [], {}
    for phase in phases:
        if phase.practitioner is not None:
            had[phase.part] = phase.practitioner
        found.append(phase.practitioner or had.get(phase.part))
    return found


def piece_of(phase, column, by):
    lane = by == PROVIDER and phase.practitioner is None
    return Piece(
        column=column,
        look=look_of(phase.kind, lane),
        lane=lane,
        kind=phase.kind,
        discipline=phase.discipline,
        other=phase.room if by == PROVIDER else phase.practitioner,
        position=phase.position,
        starts_at=phase.starts_at,
        ends_at=phase.ends_at,
    )


def look_of(kind, lane):
    """A rest is needles out: in a provider's column it is over, in a room somebody lies there."""
    if kind in AFTERWARDS or (lane and kind == PhaseKind.REST):
        return TURNOVER
    return RETENTION if kind in QUIET else HANDS


def continues(before, piece):
    """Whether a piece looks like the one that ends where it begins. Where who or what is beside it does not show."""
    return (
        before.ends_at == piece.starts_at
        and before[:3] == piece[:3]
        and before.discipline == piece.discipline
    )
