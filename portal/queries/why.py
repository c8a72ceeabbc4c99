"""Why this plan: what studies found and did not, in the clinic's words and study by study."""

from dataclasses import dataclass

from messaging.models import Text
from plans.models import PhaseKind, PlanTemplate, Study
from plans.rules.library import entry
from portal.rules.after import paragraphs
from portal.rules.why import splits, text_keys
from services.models import Part


@dataclass(frozen=True, slots=True)
class Words:
    title: str
    paragraphs: list
    sources: list


@dataclass(frozen=True, slots=True)
class Why:
    """`source` are the studies the number of visits comes from, `background` those that did not test it."""

    dose_said: str
    texts: list
    source: list
    background: list

    @property
    def any(self):
        return bool(self.texts or self.source or self.background)


def why_of(progress):
    """Four statements, whatever the number of studies."""
    plan = progress.plan
    services = [phase.service for phase in progress.phases]
    disciplines = list(
        Part.objects.filter(service__in=services).order_by("pk").values_list("discipline__key", flat=True)
    )
    keys = text_keys(plan.region, list(dict.fromkeys(disciplines)))
    rows = {row.key: row for row in Text.objects.effective().filter(key__in=keys, needs_review=False)}
    template = PlanTemplate.objects.in_force().filter(key=plan.template_key).first()
    source, background = splits(template, treatments(progress.phases))
    named = [key for row in rows.values() for key in row.source_keys]
    studies = {
        row.key: row for row in Study.objects.effective().filter(key__in=[*source, *background, *named])
    }
    entries = {key: entry(row) for key, row in studies.items()}
    # Nobody is told of a result whose paper could not be found, unless the clinic's own words do it.
    found = {key for key, row in studies.items() if row.publication}
    return Why(
        dose_said="; ".join(named_with_design(entries[key]) for key in source if key in entries),
        texts=[words(rows[key], entries) for key in keys if key in rows],
        source=[entries[key] for key in source if key in entries],
        background=[entries[key] for key in background if key in found],
    )


def treatments(phases):
    """How many visits the treatment has; maintenance comes after it."""
    return sum(phase.visits for phase in phases if phase.kind == PhaseKind.ACTIVE)


def named_with_design(entry):
    """BackInAction (randomized trial, 2025, 800 people): what kind of source it is stands beside its name."""
    return f"{entry.title} ({entry.what})" if entry.what else entry.title


def words(row, entries):
    sources = [entries[key] for key in row.source_keys if key in entries]
    numbered = len(sources) == len(row.source_keys)
    return Words(row.title, paragraphs(row.body, phone="", numbered=numbered), sources if numbered else [])
