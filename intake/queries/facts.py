"""What the safety rules and the head of a chart ask of a record, worked out each time from its rows."""

from typing import NamedTuple

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from acupoints.rules.safety import Condition as Fact
from acupoints.rules.safety import Facts, conditions_from_medication
from intake.models import Allergy, Condition, ListCheck, Medication, RaisedFlag
from intake.queries.flags import gravest_of_each, is_open
from intake.rules import flags as flag_rules
from intake.rules import history as rules
from patients.queries import ids_of
from patients.rules import age


class Standing(NamedTuple):
    """The lines of a record that hold on a day; `pregnancy` is the latest ListCheck about it, or None."""

    conditions: list
    medication: list
    allergies: list
    pregnancy: ListCheck | None


def standing(patient_ids, today):
    """Four statements."""

    def holding(model, code="code"):
        rows = model.objects.filter(patient__in=patient_ids).order_by("entered_at", "pk")
        return [
            row
            for row in rows
            if rules.holds(code=getattr(row, code), started=row.started, ended=row.ended, today=today)
        ]

    asked = ListCheck.objects.filter(patient__in=patient_ids, what="pregnancy").order_by("-at", "-pk")
    return Standing(holding(Condition), holding(Medication, "effect"), holding(Allergy), asked.first())


def is_pregnant(check, today):
    """True, False, or None where it is not known today."""
    if check is None:
        return None
    return rules.pregnant(
        answer=check.answer, answered_on=check.day or check.at.date(), due_on=check.due_on, today=today
    )


def facts_of(patient, today):
    """What the safety rules are told of a patient on this day, from the rows as they stand. Five statements."""
    now = standing(ids_of(patient), today)
    lines = [Fact(row.code, row.region, row.side) for row in now.conditions if row.code]
    medicines = [fact for row in now.medication for fact in conditions_from_medication(row.effect)]
    allergies = [Fact(row.code) for row in now.allergies if row.code]
    return Facts(
        age=age(patient.birth_date, today),
        conditions=tuple(dict.fromkeys([*lines, *medicines, *allergies])),
        pregnant=is_pregnant(now.pregnancy, today),
    )


class Alert(NamedTuple):
    """A word in the head of a chart; `kind` is danger, warn or info."""

    kind: str
    words: str


FLAG_WORDS = {
    flag_rules.REFER_NOW: _l("red flag: refer now"),
    flag_rules.REFER_ROUTINE: _l("red flag: refer"),
    flag_rules.CAUTION: _l("red flag: caution"),
}


# Devices and conditions that stop whole methods, wherever on the body.
LOUD = {"pacemaker", "icd", "neurostimulator", "pregnancy_bleeding", "spinal_instability"}


def alerts_of(patient, today):
    """What a clinician must not overlook. Six statements."""
    ids = ids_of(patient)
    now = standing(ids, today)
    years = age(patient.birth_date, today)
    open_rows = RaisedFlag.objects.filter(is_open(today), patient__in=ids).order_by("raised_at", "pk")
    return [
        *flag_alerts(gravest_of_each(open_rows)),
        *pregnancy_alerts(now.pregnancy, today, years),
        *(Alert("danger", row.name) for row in now.conditions if row.code in LOUD),
        *(Alert("warn", thinner(row)) for row in now.medication if row.effect in rules.THINS_THE_BLOOD),
        *(Alert("warn", row.name) for row in now.conditions if row.code in rules.BLEEDING),
        *(Alert("warn", _("allergy: %(to)s") % {"to": row.substance}) for row in now.allergies),
    ]


def flag_alerts(flags):
    """One word for each action, the gravest first; what is asked stands in the history."""
    return [
        Alert("danger" if action != flag_rules.CAUTION else "warn", words)
        for action, words in FLAG_WORDS.items()
        if any(flag.action == action for flag in flags)
    ]


def pregnancy_alerts(check, today, years):
    if is_pregnant(check, today):
        due = check.due_on
        said = _("pregnant, due %(date)s") % {"date": short(due)} if due else _("pregnant")
        return [Alert("danger", said)]
    asked = rules.pregnancy_is_asked(
        age=years,
        answer=check.answer if check else "",
        answered_on=check.day if check else None,
        due_on=check.due_on if check else None,
        today=today,
    )
    unsure = check is not None and check.answer == "unsure"
    return [Alert("info", _("perhaps pregnant: ask"))] if asked and unsure else []


def thinner(row):
    """blood thinner (Xarelto, since May 2026)."""
    if not row.started:
        return _("blood thinner (%(name)s)") % {"name": row.name}
    since = formats.date_format(row.started, "M Y")
    return _("blood thinner (%(name)s, since %(since)s)") % {"name": row.name, "since": since}


def short(day):
    return formats.date_format(day, "M j, Y")
