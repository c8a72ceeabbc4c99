"""The data this app ships with."""

from pathlib import Path

from clinic.actions.reference import Dataset, csv_rows
from intake.models import RedFlag

DATA = Path(__file__).resolve().parent.parent / "data"
DATASETS = [
    Dataset("red flags", RedFlag, DATA / "red_flags.csv", csv_rows(key="flag_id"), 43),
]
