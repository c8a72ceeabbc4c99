from .arriving import about_check_in, about_household, facts_of, household_today, said_of, twins_today
from .board import board, own_practitioner
from .lists import closing, opening
from .slips import (
    about_open_parts,
    about_unwell,
    alike,
    late_ways,
    local_today,
    other_rooms,
    said_of_longer,
    said_of_move,
    said_of_not_done,
    said_of_room,
    touched,
    walk_in_times,
)

__all__ = [
    "about_check_in",
    "about_household",
    "about_open_parts",
    "about_unwell",
    "alike",
    "board",
    "closing",
    "facts_of",
    "household_today",
    "late_ways",
    "local_today",
    "opening",
    "other_rooms",
    "own_practitioner",
    "said_of",
    "said_of_longer",
    "said_of_move",
    "said_of_not_done",
    "said_of_room",
    "touched",
    "twins_today",
    "walk_in_times",
]
