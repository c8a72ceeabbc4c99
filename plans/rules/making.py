"""A plan as it is written down, what speaks against it, and what a revision changed. Pure."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from plans.models import HomeKind, PhaseKind, PlanStatus

REGIONS = [
    ("neck", _l("neck")),
    ("back", _l("back")),
    ("head", _l("head")),
    ("shoulder", _l("shoulder")),
    ("hip", _l("hip")),
    ("knee", _l("knee")),
    ("other", _l("elsewhere")),
]
# Regions of diagnosis codes and of body charts, as the regions of plans.
REGION_OF = {
    "headache": "neck",
    "upper back": "back",
    "low back": "back",
    "lower back/sacrum": "back",
    "sacrum": "back",
    "hip/buttock": "hip",
}
# What patients can do at home (S34), with how often: clinic defaults.
AT_HOME = [
    (HomeKind.EXERCISE, _l("Exercises shown at the visit"), 5),
    (HomeKind.MOVEMENT, _l("Yoga or tai chi"), 2),
    (HomeKind.MIND, _l("Mindfulness exercise"), 5),
    (HomeKind.MASSAGE, _l("Self-massage"), 3),
    (HomeKind.NUTRITION, _l("Eating as agreed"), 7),
]
LONGEST = 60


@dataclass(frozen=True)
class PhaseWish:
    """One phase as somebody wants it; `row` is the id of the phase that it changes, None for a new one."""

    kind: str
    service: Any
    visits: int
    offsets: tuple[int, ...]
    min_days: int
    max_days: int
    order_rule: str = ""
    row: Any = field(default=None, compare=False)


@dataclass(frozen=True)
class GoalWish:
    words: str = ""
    measure: str = ""
    baseline: Decimal | None = None
    target: Decimal | None = None


@dataclass(frozen=True)
class HomeWish:
    kind: str
    name: str
    per_week: int
    instructions: str = ""


@dataclass(frozen=True)
class Draft:
    """Everything a plan is made or revised from. `why_beside`: why it runs beside another plan of the region."""

    condition: str
    region: str
    lead: Any
    location: Any
    starts_on: date
    phases: tuple[PhaseWish, ...]
    diagnosis_codes: tuple[str, ...] = ()
    symptoms: str = ""
    template: Any = None
    measures: tuple[str, ...] = ()
    goals: tuple[GoalWish, ...] = ()
    home: tuple[HomeWish, ...] = ()
    purchase: Any = None
    authorization: Any = None
    why_beside: str = ""


def region_of(name):
    """The region of plans for a region of codes, screenings or charts."""
    name = REGION_OF.get(name, name)
    return name if name in dict(REGIONS) else "other"


def target_of(baseline, smallest, higher_is_better, lowest, highest):
    """The target proposed for a measure: better than at the start by the change that people notice."""
    if baseline is None or smallest is None:
        return None
    target = baseline + smallest if higher_is_better else baseline - smallest
    return min(max(target, Decimal(lowest)), Decimal(highest))


def reasons_not_to_make(draft, *, merged, others, known_codes, today):
    """`others` are running plans of the patient's region; `known_codes` the codes in the catalog."""
    reasons = reasons_about(draft, known_codes)
    if merged:
        reasons.append(_("This is an old record. Open the one it was merged into."))
    if draft.template is not None and draft.template.hidden:
        reasons.append(_("This template is off. Choose another one, or ask the owner to switch it on."))
    if draft.starts_on < today:
        reasons.append(_("The first treatment lies in the past. Choose today or a later day."))
    if others and not draft.why_beside.strip():
        reasons.append(
            _("There is a plan for this region already. Revise it, or say why another one runs beside it.")
        )
    return reasons


def reasons_about(draft, known_codes):
    """What speaks against a plan as it is written, new or revised."""
    reasons = []
    if not draft.condition.strip():
        reasons.append(_("Name the condition, or choose a diagnosis code."))
    unknown = [code for code in draft.diagnosis_codes if code not in known_codes]
    if unknown:
        reasons.append(
            _("%(codes)s is not in the catalog. Choose a diagnosis code from the list.")
            % {"codes": ", ".join(unknown)}
        )
    if not any(phase.kind == PhaseKind.ACTIVE for phase in draft.phases):
        reasons.append(_("A plan has at least one visit. Say how many."))
    if PhaseKind.ACTIVE in after_maintenance(draft.phases):
        reasons.append(_("Maintenance comes after the treatment. Move it below."))
    reasons += [reason for phase in draft.phases for reason in reasons_about_phase(phase)]
    reasons += [reason for goal in draft.goals for reason in reasons_about_goal(goal)]
    return reasons


def after_maintenance(phases):
    """Kinds of the phases that follow the first maintenance."""
    kinds = [phase.kind for phase in phases]
    return kinds[kinds.index(PhaseKind.MAINTENANCE) :] if PhaseKind.MAINTENANCE in kinds else []


def reasons_about_phase(phase):
    if not 1 <= phase.visits <= LONGEST:
        yield _("A phase has 1 to %(most)s visits.") % {"most": LONGEST}
    if not 1 <= phase.min_days <= phase.max_days:
        yield _("The most days between two visits cannot be fewer than the least.")


def reasons_about_goal(goal):
    if goal.measure and goal.target is None:
        yield _("Give %(measure)s a target, or leave it out.") % {"measure": goal.measure}


def reasons_not_to_change(status):
    """A plan that is over is kept as it was."""
    if status == PlanStatus.DISCHARGED:
        return [_("This plan is over. Make a new one.")]
    return []


def reasons_not_to_pause(status, why):
    reasons = reasons_not_to_change(status)
    if status == PlanStatus.PAUSED:
        reasons.append(_("This plan is paused already."))
    return reasons + reasons_without(why)


def reasons_not_to_resume(status):
    return [] if status == PlanStatus.PAUSED else [_("This plan is not paused.")]


def reasons_not_to_discharge(status, why):
    return reasons_not_to_change(status) + reasons_without(why)


def reasons_without(why):
    return [] if why.strip() else [_("Say why, in a few words.")]


def snapshot(draft):
    """A plan in words and figures, for its revisions: {name: value that JSON can hold}."""
    return {
        "condition": draft.condition,
        "diagnosis_codes": list(draft.diagnosis_codes),
        "region": draft.region,
        "symptoms": draft.symptoms,
        "lead": str(draft.lead),
        "starts_on": draft.starts_on.isoformat(),
        "measures": list(draft.measures),
        "phases": [phase_said(phase) for phase in draft.phases],
        "goals": sorted(goal_said(goal) for goal in draft.goals),
        "home": sorted(home_said(home) for home in draft.home),
        "purchase": str(draft.purchase or ""),
        "authorization": str(draft.authorization or ""),
    }


NAMES = {
    "condition": _l("Condition"),
    "diagnosis_codes": _l("Diagnosis codes"),
    "region": _l("Region"),
    "symptoms": _l("Symptoms"),
    "lead": _l("Led by"),
    "starts_on": _l("First treatment"),
    "measures": _l("Measures"),
    "phases": _l("Visits"),
    "goals": _l("Goals"),
    "home": _l("At home"),
    "purchase": _l("Package"),
    "authorization": _l("Insurance visits"),
}


def phase_said(phase):
    said = _("%(visits)s × %(service)s, %(least)s to %(most)s days apart") % {
        "visits": phase.visits,
        "service": phase.service,
        "least": phase.min_days,
        "most": phase.max_days,
    }
    return _("maintenance: %(said)s") % {"said": said} if phase.kind == PhaseKind.MAINTENANCE else said


def goal_said(goal):
    if not goal.measure:
        return goal.words
    start = "" if goal.baseline is None else shown(goal.baseline)
    said = _("%(measure)s from %(start)s to %(target)s") if start else _("%(measure)s to %(target)s")
    return said % {"measure": goal.measure, "start": start, "target": shown(goal.target)}


def shown(number):
    """6.5, and 6 rather than 6.00."""
    return f"{number.normalize():f}" if isinstance(number, Decimal) else str(number)


def home_said(home):
    said = _("%(name)s, %(n)s times a week") % {"name": home.name, "n": home.per_week}
    return f"{said}: {home.instructions}" if home.instructions else said


def difference(before, after):
    """({name: value before}, {name: value after}) of what changed."""
    names = [name for name in after if before.get(name) != after[name]]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}


def told(before, after):
    """[(label, before, after)] of a revision, as its line shows them."""
    return [
        (NAMES.get(name, name), words(before.get(name)), words(after[name]))
        for name in after
        if name in NAMES
    ]


def words(value):
    joined = "; ".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return joined or _("nothing")
