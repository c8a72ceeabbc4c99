from .looking import Looked, who_looked
from .records import (
    Recipient,
    closest_records,
    duplicates_of,
    household_of,
    ids_of,
    merge_of,
    merge_seen,
    recently_opened,
    recipient,
    related_people_of,
)
from .searching import PatientHit, search

__all__ = [
    "Looked",
    "PatientHit",
    "Recipient",
    "closest_records",
    "duplicates_of",
    "household_of",
    "ids_of",
    "merge_of",
    "merge_seen",
    "recently_opened",
    "recipient",
    "related_people_of",
    "search",
    "who_looked",
]
