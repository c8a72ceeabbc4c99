"""Studies and templates as they count here: ours, with the clinic's own laid over them."""

import hashlib
import json
from typing import NamedTuple

from django.core.serializers.json import DjangoJSONEncoder

from clinic.actions.reference import columns
from clinic.models import Origin
from plans.models import Plan, PlanTemplate, ReviewRule, Study
from plans.rules.library import Dose, dose_of, entry, steps_said

REGIONS = ("neck", "back", "any")


class Templated(NamedTuple):
    """A template with where its dose comes from. `off` is one that is not offered here."""

    row: PlanTemplate
    dose: Dose
    off: bool

    @property
    def order(self):
        return steps_said(self.row.modality_sequence)


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


def fingerprint(row):
    """What a template is told by: another one as soon as any of its values is another."""
    values = {name: getattr(row, name) for name in sorted(columns(type(row)))}
    return hashlib.sha256(json.dumps(values, cls=DjangoJSONEncoder, sort_keys=True).encode()).hexdigest()


def changed_since(plans):
    """Ids of the plans whose template is another one by now, or gone. One statement."""
    keys = {plan.template_key for plan in plans if plan.template_key}
    rows = {row.key: fingerprint(row) for row in PlanTemplate.objects.in_force().filter(key__in=keys)}
    return {
        plan.pk for plan in plans if plan.template_key and rows.get(plan.template_key) != plan.template_sha256
    }


def changed_from_ours(row):
    """Names of what the clinic's row says otherwise than ours. One statement, none for ours."""
    ours = (
        row.origin == Origin.CLINIC
        and PlanTemplate.objects.filter(key=row.key, origin=Origin.SHIPPED).first()
    )
    if not ours:
        return []
    fields = [field for field in row._meta.concrete_fields if field.name in {*columns(type(row)), "hidden"}]
    return [field.verbose_name for field in fields if getattr(row, field.name) != getattr(ours, field.name)]


def sources_of(row):
    """[(key, title)] of the studies a template's dose comes from."""
    named = titles()
    return [(key, named.get(key, key)) for key in row.dose_source]


def unsaved_copy(row):
    """A template that is not kept yet, as another one stands, without its name and its source."""
    values = {name: getattr(row, name) for name in columns(PlanTemplate)}
    return PlanTemplate(**values | {"name": "", "dose_source": []})


def running_plans_of(key):
    return Plan.objects.running().filter(template_key=key).count()


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
