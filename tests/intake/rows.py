"""Rows of a history that a test needs before it begins, and the red-flag set as the file has it."""

import csv
from datetime import date
from pathlib import Path

from clinic.submissions import new_key
from intake.actions import flags as flag_actions
from intake.models import Allergy, Condition, Medication, Questionnaire, RaisedFlag, Response, Screening
from intake.rules.flags import Question
from tests.cast import NOW

FILE = Path(__file__).resolve().parents[2] / "intake" / "data" / "red_flags.csv"
TODAY = date(2026, 11, 24)
LISTS = {"when", "escalates_with", "blocked_modalities"}
TRUTH = {"true": True, "false": False}


def questions():
    """The set as it ships, read from the file by nothing of the product."""
    with FILE.open(newline="") as file:
        rows = [dict(row, key=row["flag_id"]) for row in csv.DictReader(file)]
    return tuple(Question(*(value_of(name, row[name]) for name in Question._fields)) for row in rows)


def value_of(name, cell):
    return (
        tuple(cell.split(";")) if name in LISTS and cell else () if name in LISTS else TRUTH.get(cell, cell)
    )


def posted(**fields):
    return {"request_key": new_key(), **fields}


def flag(patient, by, key="RF001", action="refer_now", question="", **more):
    """An open red flag, as a screening would leave it."""
    screening = Screening.objects.create(
        patient=patient, asked_when="intake", regions=["back"], answers={key: "yes"}, at=NOW, by=by
    )
    return RaisedFlag.objects.create(
        patient=patient,
        screening=screening,
        flag=key,
        question=question or f"Question {key}?",
        action=action,
        urgency=more.pop("urgency", "emergency"),
        blocked_modalities=more.pop("blocked", ["all"] if action == "refer_now" else ["cervical_hvla"]),
        raised_at=NOW,
        **more,
    )


def answered(patient, by, answers, *, when="intake", regions=("back",), now=NOW):
    return flag_actions.raise_from_answers(
        patient=patient,
        answers=answers,
        asked_when=when,
        regions=list(regions),
        response=None,
        by=by,
        now=now,
    )


def line(model, patient, **columns):
    return model.objects.create(patient=patient, source="said", entered_at=NOW, **columns)


def condition(patient, code="", **columns):
    return line(Condition, patient, code=code, **{"name": code or "migraine", **columns})


def medicine(patient, name, effect="", kind="other", **columns):
    return line(Medication, patient, name=name, effect=effect, medication_class=kind, **columns)


def allergy(patient, substance, code="", **columns):
    return line(Allergy, patient, substance=substance, code=code, **columns)


def response(patient, answers, key="health_history"):
    """A filled-in form, done."""
    form = Questionnaire.objects.filter(key=key).order_by("-number").first() or Questionnaire.objects.create(
        key=key, number=1, title=key, origin="shipped", definition={"item": []}, made_at=NOW
    )
    return Response.objects.create(
        patient=patient, questionnaire=form, status="done", asked_at=NOW, done_at=NOW, answers=answers
    )
