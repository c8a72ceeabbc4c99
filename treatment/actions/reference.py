"""The data file of this app: kinds of reaction."""

from pathlib import Path

from clinic.actions.reference import Dataset, csv_rows
from treatment.models import ReactionKind

DATA = Path(__file__).resolve().parent.parent / "data"
DATASETS = [
    Dataset("kinds of reaction", ReactionKind, DATA / "adverse_events.csv", csv_rows(key="event_code"), 37)
]
