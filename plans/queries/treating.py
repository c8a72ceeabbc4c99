"""What whoever treats wants of the plan: how far it is, what for, in which order, with which codes."""

from typing import NamedTuple

from patients.queries import ids_of
from plans.models import Goal, Plan
from plans.queries.progress import running_of

SYSTEM = "ICD-10-CM"


class ForNote(NamedTuple):
    """`order` is the order of the parts as the plan states it, empty for a single one."""

    said: str
    goals: list
    order: str
    review: str


def for_note(patient, on):
    """The newest running plan, or None. Twelve statements, one without a plan."""
    progress = running_of(patient, on)
    if progress is None:
        return None
    goals = Goal.objects.filter(plan=progress.plan.pk, dropped_on=None, reached_on=None).order_by("position")
    orders = [phase.order_rule for phase in progress.plan.phases.all() if phase.order_rule]
    due = progress.review and progress.review.due
    return ForNote(
        said=progress.said,
        goals=[str(goal) for goal in goals if goal.words],
        order=orders[0] if orders else "",
        review=progress.review.said if due else "",
    )


def code_keys(patient):
    """Keys of the diagnosis codes of running plans, as the catalog has them, the newest plan first."""
    rows = Plan.objects.running().filter(patient__in=ids_of(patient)).order_by("-created_at")
    codes = [code for plan in rows.values_list("diagnosis_codes", flat=True) for code in plan]
    return list(dict.fromkeys(f"{SYSTEM} {code}" for code in codes))
