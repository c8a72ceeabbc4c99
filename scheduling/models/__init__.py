from .appointments import (
    OCCUPIES_PATIENT,
    ActualTime,
    Appointment,
    Change,
    PartStatus,
    Series,
    Status,
    VisitPart,
    VisitPhase,
    What,
)
from .reservations import Answer, Block, BlockKind, Call, Reservation

__all__ = [
    "OCCUPIES_PATIENT",
    "ActualTime",
    "Answer",
    "Appointment",
    "Block",
    "BlockKind",
    "Call",
    "Change",
    "PartStatus",
    "Reservation",
    "Series",
    "Status",
    "VisitPart",
    "VisitPhase",
    "What",
]
