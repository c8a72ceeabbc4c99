"""Measures from outcome_measures.json."""

import json
from pathlib import Path

from clinic.actions.reference import Dataset
from outcomes.models import Measure

DATA = Path(__file__).resolve().parent.parent / "data"


def read_measures(text, _model):
    """Each measure as a row; its definition is kept whole, as the file has it."""
    return [
        {
            "key": entry["id"],
            "name": entry["name"],
            "domain": entry["domain"],
            "position": position,
            "definition": entry,
        }
        for position, entry in enumerate(json.loads(text)["measures"], start=1)
    ]


DATASETS = [Dataset("measures", Measure, DATA / "outcome_measures.json", read_measures, 10)]
