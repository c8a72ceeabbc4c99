from .charts import lift_restriction, open_with_reason, restrict
from .households import join_household, leave_household
from .people import end_related_person, set_related_person
from .records import edit, join_care_team, note_location, note_read, register

__all__ = [
    "edit",
    "end_related_person",
    "join_care_team",
    "join_household",
    "leave_household",
    "lift_restriction",
    "note_location",
    "note_read",
    "open_with_reason",
    "register",
    "restrict",
    "set_related_person",
]
