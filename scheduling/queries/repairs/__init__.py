"""Repairing a day: which visits an absence or a closure touches, what is proposed, how the calls stand."""

from .affected import (
    TO_COME,
    OpenCalls,
    absences_to_come,
    away_of,
    calls_about,
    closures_in_the_way,
    count_touched,
    covered_already,
    default_end,
    named,
    open_calls,
    proposal_stands,
    spoiled,
    touched,
    unsettled_calls,
)
from .listing import CallLine, CallList, call_list
from .proposing import Found, own_of, proposals_for

__all__ = [
    "TO_COME",
    "CallLine",
    "CallList",
    "Found",
    "OpenCalls",
    "absences_to_come",
    "away_of",
    "call_list",
    "calls_about",
    "closures_in_the_way",
    "count_touched",
    "covered_already",
    "default_end",
    "named",
    "open_calls",
    "own_of",
    "proposal_stands",
    "proposals_for",
    "spoiled",
    "touched",
    "unsettled_calls",
]
