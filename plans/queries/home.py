"""What is done at home, by plan."""

from plans.models import HomeActivity, HomeTick
from plans.rules.home import adherence


def of_plans(plans, today, *, ended=False):
    """{plan's id: [Adherence]} of activities that still count, or of all. Two statements."""
    rows = HomeActivity.objects.filter(plan__in=plans).order_by("plan", "position")
    rows = list(rows if ended else rows.filter(ended_on=None))
    ticks = {}
    entered = HomeTick.objects.filter(activity__in=[row.pk for row in rows]).order_by("at", "pk")
    for activity, day, done in entered.values_list("activity", "on", "done"):
        ticks.setdefault(activity, []).append((day, done))
    found = {plan: [] for plan in plans}
    for row in rows:
        found[row.plan_id].append(adherence(row, ticks.get(row.pk, []), today))
    return found
