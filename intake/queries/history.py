"""The history of one patient, as one screen shows it."""

from typing import NamedTuple

from acupoints.models import SafetyRule
from intake.models import (
    Allergy,
    CareElsewhere,
    Condition,
    ListCheck,
    Medication,
    MedicationClass,
    MedicationDose,
    Response,
    ResponseStatus,
)
from intake.rules import history as rules
from patients.queries import ids_of


class Medicine(NamedTuple):
    """A medicine with its doses, oldest first, and the path of their line (empty: too few amounts to draw)."""

    row: Medication
    doses: list
    path: str

    @property
    def dose(self):
        return self.doses[-1].dose if self.doses else ""

    @property
    def effect(self):
        return rules.EFFECT_WORDS.get(self.row.effect, self.row.effect)


class Check(NamedTuple):
    """A list that is gone through again and again: what, the last time, whether it is due."""

    what: str
    last: ListCheck | None
    due: bool


class History(NamedTuple):
    conditions: list
    medication: list  # [(label of the class, [Medicine])]
    allergies: list
    ended: list  # conditions, medicines and allergies that are over
    bleeding: Check
    devices: Check
    pregnancy: Check | None
    care: list
    forms: list


def condition_names():
    """{condition code: its words in the safety rules}. One statement."""
    rows = SafetyRule.objects.effective().order_by("-key").values_list("condition_code", "condition")
    return dict(rows)


def codes_to_choose(names):
    """Condition codes a clinician may write down, by name; what applies to everyone is no condition."""
    left_out = {"any", "no_consent", "child", "pregnancy"}
    return sorted(
        ((code, name) for code, name in names.items() if code not in left_out), key=lambda pair: pair[1]
    )


def history_of(patient, today, age):
    """Everything of the screen but flags and referrals. Eight statements, whatever the number of lines."""
    ids = ids_of(patient)
    conditions, medication, allergies = (lines(model, ids) for model in (Condition, Medication, Allergy))
    medicines = with_doses(medication, today)
    checks = last_checks(ids)
    return History(
        conditions=[row for row in conditions if counts(row, today)],
        medication=by_class([one for one in medicines if counts(one.row, today)]),
        allergies=[row for row in allergies if counts(row, today)],
        ended=[row for row in [*conditions, *medication, *allergies] if not counts(row, today)],
        bleeding=check_of("bleeding", checks, today),
        devices=check_of("devices", checks, today),
        pregnancy=pregnancy_of(checks, today, age),
        care=list(CareElsewhere.objects.filter(patient__in=ids, ended_at=None).order_by("-entered_at", "pk")),
        forms=forms_of(ids),
    )


def lines(model, ids):
    rows = model.objects.filter(patient__in=ids).select_related("entered_by__profile")
    return list(rows.order_by("entered_at", "pk"))


def counts(row, today):
    return rules.is_current(started=None, ended=row.ended, today=today)


def with_doses(medication, today):
    doses = {}
    rows = MedicationDose.objects.filter(medication__in=[row.pk for row in medication])
    for dose in rows.order_by("from_day", "at", "pk"):
        doses.setdefault(dose.medication_id, []).append(dose)
    return [medicine_of(row, doses.get(row.pk, []), today) for row in medication]


def medicine_of(row, doses, today):
    amounts = [(dose.from_day, dose.mg_per_day) for dose in doses]
    steps = rules.dose_steps(amounts, until=min(row.ended or today, today))
    return Medicine(row, doses, rules.path_of(steps))


def by_class(medicines):
    """The three classes, each with its medicines, empty ones too: what is not taken is said."""
    return [
        (label, [one for one in medicines if one.row.medication_class == key])
        for key, label in MedicationClass.choices
    ]


def last_checks(ids):
    """{what: the last time}. One statement."""
    rows = ListCheck.objects.filter(patient__in=ids).select_related("by__profile")
    return {row.what: row for row in rows.order_by("what", "-at", "-pk").distinct("what")}


def check_of(what, checks, today):
    last = checks.get(what)
    return Check(what, last, rules.is_due(last.day if last else None, today))


def pregnancy_of(checks, today, age):
    """What is known of a pregnancy and whether it is asked today; None where it cannot apply."""
    last = checks.get("pregnancy")
    known = {
        "answer": last.answer if last else "",
        "answered_on": last.day if last else None,
        "due_on": last.due_on if last else None,
        "today": today,
    }
    due = rules.pregnancy_is_asked(age=age, **known)
    if not due and (last is None or last.answer == "never"):
        return None
    return Check("pregnancy", last, due)


def forms_of(ids):
    rows = Response.objects.filter(patient__in=ids).exclude(status=ResponseStatus.WITHDRAWN)
    return list(rows.select_related("questionnaire").defer("answers").order_by("-asked_at", "pk"))
