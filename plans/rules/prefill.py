"""First values of the form: from a template, from what is known of the patient, from a plan as it stands."""

from plans.models import PhaseKind
from plans.rules.making import AT_HOME
from plans.rules.phases import days_of, gaps, spacing

SESSION_KEY = "plan_prefill"  # {"patient", "values"}: what the note says from which the plan is made
# What another template changes on the form; everything else that was typed stays.
OF_TEMPLATE = ("visits", "min_days", "max_days", "maintenance", "later_visits", "later_days", "measures")
MAINTENANCE = {"later_visits": 3, "later_days": 14}  # clinic default, where the template has none


def offsets_of(template):
    return days_of(template.visits) if template else (0, 3, 7, 10, 14, 21)


def of_template(template):
    """Maintenance is there to be ticked, never ticked: the trials found no clear extra benefit of it."""
    offsets = offsets_of(template)
    least, most = spacing(offsets)
    later = (template.maintenance if template else None) or {}
    visits = later.get("visits", [])
    return {
        "template": template.key if template else "",
        "visits": len(offsets),
        "min_days": least,
        "max_days": most,
        "maintenance": False,
        "later_visits": len(visits) or MAINTENANCE["later_visits"],
        "later_days": later.get("spacing_days") or MAINTENANCE["later_days"],
        "measures": list(template.measures) if template else ["NRS", "PEG"],
    }


def of_goal(proposed):
    """The goal in a measure that is proposed first: only where there is a score to begin from."""
    if proposed is None or proposed.baseline is None:
        return {"goal_measure": ""}
    return {
        "goal_measure": proposed.measure,
        "goal_baseline": proposed.baseline,
        "goal_target": proposed.target,
    }


def at_home():
    """The activities on offer, none ticked."""
    values = {}
    for index, (kind, name, per_week) in enumerate(AT_HOME, start=1):
        values |= home_row(index, False, kind, name, per_week)
    return values


def home_row(index, on, kind, name, per_week, how=""):
    row = f"home_{index}"
    return {
        row: on,
        f"{row}_kind": kind,
        f"{row}_name": name,
        f"{row}_per_week": per_week,
        f"{row}_how": how,
    }


def of_draft(draft, rows):
    """A plan as it stands; `rows` is how many lines there are for activities at home."""
    codes = [*draft.diagnosis_codes, "", ""]
    values = {
        "region": draft.region,
        "code": codes[0],
        "code_2": codes[1],
        "condition": draft.condition,
        "symptoms": draft.symptoms,
        "lead": draft.lead.pk,
        "starts_on": draft.starts_on,
        "measures": list(draft.measures),
        "purchase": str(draft.purchase.pk) if draft.purchase else "",
        "authorization": str(draft.authorization.pk) if draft.authorization else "",
    }
    return values | of_phases(draft.phases) | of_goals(draft.goals) | of_home(draft.home, rows)


def of_phases(phases):
    first = phases[0]
    later = next((phase for phase in phases if phase.kind == PhaseKind.MAINTENANCE), None)
    values = {
        "service": first.service.pk,
        "visits": first.visits,
        "min_days": first.min_days,
        "max_days": first.max_days,
        "maintenance": later is not None,
        **MAINTENANCE,
        "later_service": first.service.pk,
    }
    if later:
        apart = (gaps(later.offsets) or [MAINTENANCE["later_days"]])[0]
        values |= {"later_service": later.service.pk, "later_visits": later.visits, "later_days": apart}
    return values


def of_goals(goals):
    values, own = {"goal_measure": ""}, 0
    for goal in goals:
        if goal.measure:
            values |= {
                "goal_measure": goal.measure,
                "goal_baseline": goal.baseline,
                "goal_target": goal.target,
            }
        else:
            own += 1
            values[f"goal_{own}"] = goal.words
    return values


def of_home(wishes, rows):
    """What is done stands first, then what else is on offer."""
    taken = {wish.name for wish in wishes}
    lines = [(True, wish.kind, wish.name, wish.per_week, wish.instructions) for wish in wishes]
    lines += [(False, kind, str(name), n, "") for kind, name, n in AT_HOME if str(name) not in taken]
    values = {}
    for index, entry in enumerate(lines[:rows], start=1):
        values |= home_row(index, *entry)
    return values
