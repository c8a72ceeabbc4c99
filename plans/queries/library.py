"""Studies and templates as they count here: ours, with the clinic's own laid over them."""

from typing import NamedTuple

from plans.models import PlanTemplate, ReviewRule, Study
from plans.rules.library import Dose, dose_of, entry

REGIONS = ("neck", "back", "any")


class Templated(NamedTuple):
    """A template with where its dose comes from. `off` is one that is not offered here."""

    row: PlanTemplate
    dose: Dose
    off: bool


def studies():
    """Every study in force, oldest first, those without a year last."""
    rows = Study.objects.effective().order_by("year", "key")
    return [entry(row) for row in rows]


def entries_of(keys):
    """{key: Entry} of these studies."""
    return {row.key: entry(row) for row in Study.objects.effective().filter(key__in=keys)}


def titles():
    return dict(Study.objects.effective().values_list("key", "title"))


def templates():
    """Every template, those that are off last. Two statements."""
    named = titles()
    rows = PlanTemplate.objects.in_force().order_by("hidden", "name")
    return [Templated(row, dose_of(row, named), row.hidden) for row in rows]


def template(key):
    """The template in force with its dose, also one that is off, or None."""
    row = PlanTemplate.objects.in_force().filter(key=key).first()
    return row and Templated(row, dose_of(row, titles()), row.hidden)


def fitting(region):
    """Templates on offer, those for the region first, the preferred default of each before the others."""
    rows = PlanTemplate.objects.effective().order_by("visits_planned", "key")
    order = {region: 0, "any": 1}
    return sorted(rows, key=lambda row: (order.get(row.region, 2), *_default_first(row), row.visits_planned))


def _default_first(row):
    """The short course of 6 to 8 is where a plan for neck or back begins (S26)."""
    return (row.key not in {"neck_6_8", "back_6_8"},)


def rules_for(plan, payer=""):
    """Review rules that speak of this plan: those of every plan, of its template, of its payer."""
    rows = ReviewRule.objects.effective().order_by("position", "key")
    return [row for row in rows if row.template in ("", plan.template_key) and row.payer in ("", payer)]


def all_rules():
    return list(ReviewRule.objects.effective().order_by("position", "key"))
