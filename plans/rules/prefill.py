"""First values of the form: from a template, from what is known of the patient, from a plan as it stands."""

from plans.models import PhaseKind
from plans.rules.making import AT_HOME
from plans.rules.phases import A_WEEK, days_of, gaps_of, spacing

SESSION_KEY = "plan_prefill"  # {"patient", "values"}: what the note says from which the plan is made
MOST_PHASES = 8
PHASE = ("kind", "visits", "service", "least", "most", "gaps", "row")
# A phase that is added, visits and days apart, where the template says nothing of it: clinic defaults.
MORE_TREATMENT = (4, A_WEEK)
MAINTENANCE = (3, 14)


def offsets_of(template):
    return days_of(template.visits) if template else (0, 3, 7, 10, 14, 21)


def of_template(template):
    """Maintenance is there to be added, never there by itself: the trials found no clear extra benefit of it."""
    offsets = offsets_of(template)
    least, most = spacing(offsets)
    return {
        "template": template.key if template else "",
        "measures": list(template.measures) if template else ["NRS", "PEG"],
        **of_lines([line(PhaseKind.ACTIVE, gaps_of(offsets, 0), least, most)]),
    }


def is_of_template(name):
    """Whether another template changes this field; everything else that was typed stays."""
    return name == "measures" or name.startswith("phase")


def line(kind, gaps, least, most, service=None, row=""):
    """One phase as a line of the form."""
    said = ",".join(map(str, gaps))
    return dict(zip(PHASE, (kind, len(gaps), service, least, most, said, str(row or "")), strict=True))


def of_lines(lines):
    """{field: value} of the lines, numbered from 1."""
    values = {"phases": len(lines)}
    for index, one in enumerate(lines, start=1):
        values |= {f"phase_{index}_{name}": value for name, value in one.items()}
    return values


def lines_in(values, count):
    """The lines as they stand in the form."""
    return [
        {name: values.get(f"phase_{index}_{name}", "") for name in PHASE} for index in range(1, count + 1)
    ]


def rearranged(lines, what, template=None):
    """The lines after a button was pressed, and where the keyboard goes on: visits-3, line-2, up-1, down-4.

    `what`: more, maintenance, or up-, down- or out- with the line's number; anything else changes nothing.
    """
    verb, _dash, said = what.partition("-")
    at = int(said) - 1 if said.isascii() and said.isdigit() and len(said) < 3 else -1
    if verb in ("more", "maintenance") and len(lines) < MOST_PHASES:
        return added(lines, verb, template)
    if verb == "out" and 0 <= at < len(lines) and len(lines) > 1:
        return [*lines[:at], *lines[at + 1 :]], f"line-{min(at + 1, len(lines) - 1)}"
    other = at + {"up": -1, "down": 1}.get(verb, 0)
    if at != other and 0 <= at < len(lines) and 0 <= other < len(lines):
        order = list(lines)
        order[at], order[other] = order[other], order[at]
        goes_on = "down" if other == 0 else "up" if other == len(lines) - 1 else verb
        return order, f"{goes_on}-{other + 1}"
    return lines, ""


def added(lines, verb, template):
    """More treatment goes before the maintenance, maintenance to the end."""
    if verb == "maintenance":
        kind, at, (visits, apart) = PhaseKind.MAINTENANCE, len(lines), maintenance_of(template)
    else:
        kind, (visits, apart) = PhaseKind.ACTIVE, MORE_TREATMENT
        at = sum(one["kind"] != PhaseKind.MAINTENANCE for one in lines)
    service = lines[max(0, at - 1)]["service"]
    new = line(kind, [apart] * visits, *spacing((0, apart)), service=service)
    return [*lines[:at], new, *lines[at:]], f"visits-{at + 1}"


def maintenance_of(template):
    """(visits, days apart) the template names for maintenance, else the clinic's."""
    later = (template.maintenance if template else None) or {}
    return len(later.get("visits", [])) or MAINTENANCE[0], later.get("spacing_days") or MAINTENANCE[1]


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
    """Phases as they stand, as lines."""
    lines, last = [], 0
    for phase in phases:
        gaps = gaps_of(phase.offsets, last)
        lines.append(line(phase.kind, gaps, phase.min_days, phase.max_days, phase.service.pk, phase.row))
        last = phase.offsets[-1] if phase.offsets else last
    return of_lines(lines)


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
