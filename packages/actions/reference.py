"""The packages the product ships with: contents as in the file, price left to the owner."""

import json
from pathlib import Path

from clinic.actions.reference import Dataset
from packages.models import Package

PATH = Path(__file__).resolve().parent.parent / "data" / "plan_templates.json"
# Columns under other names in the file.
NAMES = {"key": "id", "plan_template": "plan_id", "evidence_keys": "evidence_shown"}
SAME = [
    *("name", "region", "contents", "price", "valid_days"),
    *("consents", "first_visits", "order_rule", "rest_rule", "note"),
]


def read_packages(text, _model):
    """The packages of plan_templates.json as rows."""
    columns = NAMES | {name: name for name in SAME}
    return [
        {column: entry[name] for column, name in columns.items()} for entry in json.loads(text)["packages"]
    ]


DATASETS = [Dataset("packages", Package, PATH, read_packages, 4)]
