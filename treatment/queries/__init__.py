from .counts import (
    Rate,
    Rates,
    against_rules,
    needles_unaccounted,
    patients_of_lot,
    reaction_rates,
)
from .notes import (
    Entry,
    Written,
    handovers_to,
    last_notes,
    saved_state,
    saves_of,
    timeline,
    unsigned_notes,
    visit_record,
    written,
)
from .states import note_state, states_of

__all__ = [
    "Entry",
    "Rate",
    "Rates",
    "Written",
    "against_rules",
    "handovers_to",
    "last_notes",
    "needles_unaccounted",
    "note_state",
    "patients_of_lot",
    "reaction_rates",
    "saved_state",
    "saves_of",
    "states_of",
    "timeline",
    "unsigned_notes",
    "visit_record",
    "written",
]
