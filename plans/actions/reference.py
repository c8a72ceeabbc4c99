"""The data files of this app: studies, plan templates, review rules."""

import json
from pathlib import Path

from clinic.actions.reference import Dataset, columns
from plans.models import PlanTemplate, ReviewRule, Study

HERE = Path(__file__).resolve().parent.parent
# plan_templates.json also holds the packages, so it lies with them.
TEMPLATES = HERE.parent / "packages" / "data" / "plan_templates.json"
# Studies of which some result was no better than a sham treatment: said in words by their outcome or caveat.
LIKE_SHAM = {"SRPAIN", "IRNICH2001", "FANG2024", "CHERKIN2009"}
OFF_BY_DEFAULT = frozenset({"medicare_clbp"})


def studies(text, model):
    return [
        {**_blank(row, model), "like_sham": row["key"] in LIKE_SHAM} for row in json.loads(text)["studies"]
    ]


def templates(text, model):
    return [_row(row, model) for row in json.loads(text)["templates"]]


def rules(text, model):
    rows = json.loads(text)["rules"]
    return [_row(row, model) | {"position": number} for number, row in enumerate(rows, start=1)]


def _row(row, model):
    """A row of a file whose key is called id; what it leaves out is empty."""
    return _blank({"key": row["id"], **row}, model)


def _blank(row, model):
    fields = [model._meta.get_field(name) for name in sorted(columns(model))]
    return {field.name: _value(field, row.get(field.name)) for field in fields}


def _value(field, value):
    """Null where the column takes it, the column's default elsewhere."""
    return field.get_default() if value is None and not field.null else value


DATASETS = [
    Dataset("studies", Study, HERE / "data" / "evidence.json", studies, 16),
    Dataset("plan templates", PlanTemplate, TEMPLATES, templates, 10, OFF_BY_DEFAULT),
    Dataset("review rules", ReviewRule, HERE / "data" / "review_rules.json", rules, 8),
]
