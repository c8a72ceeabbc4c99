"""What making a plan starts from: codes, people, services, what was said before, what packages there are."""

from typing import NamedTuple

from intake.models import Screening
from outcomes.queries.measures import answerable
from outcomes.queries.measures import known as known_measures
from outcomes.queries.trends import of_patient as trends_of
from packages.models import Authorization, Purchase
from packages.queries.catalog import offers
from patients.queries import ids_of
from plans.models import Plan
from plans.queries.library import fitting
from plans.rules import making as rules
from practitioners.models import Practitioner
from scheduling.models import OCCUPIES_PATIENT, Appointment
from services.models import Code, Service

# Goals are set in measures with a change that people notice.
GOAL_MEASURES = ("PEG", "NRS", "RMDQ", "BOTHER", "ACT3")


class Proposed(NamedTuple):
    """A goal in a measure: where the patient starts and where the smallest change that matters leads."""

    measure: str
    name: str
    baseline: object
    target: object
    source: str


def draft_of(plan):
    """The plan as it stands, as a Draft. Three statements."""
    return rules.Draft(
        condition=plan.condition,
        region=plan.region,
        lead=plan.lead,
        location=plan.location,
        starts_on=plan.starts_on,
        phases=tuple(
            rules.PhaseWish(
                row.kind,
                row.service,
                row.visits,
                tuple(row.offsets),
                row.min_days,
                row.max_days,
                row.order_rule,
                row.pk,
            )
            for row in plan.phases.filter(closed=False).select_related("service").order_by("position")
        ),
        diagnosis_codes=tuple(plan.diagnosis_codes),
        symptoms=plan.symptoms,
        measures=tuple(plan.measures),
        goals=tuple(
            rules.GoalWish(row.words, row.measure, row.baseline, row.target)
            for row in plan.goals.filter(dropped_on=None)
        ),
        home=tuple(
            rules.HomeWish(row.kind, row.name, row.per_week, row.instructions)
            for row in plan.home_activities.filter(ended_on=None)
        ),
        purchase=plan.purchase,
        authorization=plan.authorization,
    )


def known_codes():
    return set(diagnoses().values_list("code", flat=True))


def diagnoses():
    return Code.objects.effective().filter(role="diagnosis").order_by("region", "code")


def running_in(patient, region):
    """Running plans of the patient for that region."""
    return list(
        Plan.objects.running().filter(patient__in=ids_of(patient), region=region).select_related("lead")
    )


def leads(location):
    """Practitioners who can lead a plan: the active ones, by name."""
    return Practitioner.objects.filter(active=True).order_by("name")


def services_to_plan():
    """Services that a course is made of: in use, not first visits, with a kind of care."""
    rows = Service.objects.filter(active=True, first_visit=False, parts__kind_of_care__isnull=False)
    return rows.distinct().order_by("position", "pk").prefetch_related("parts")


class Choices(NamedTuple):
    """What the form offers: rows, in the order they are offered."""

    templates: list
    services: list
    leads: list
    codes: list
    purchases: list
    authorizations: list


def choices_for(patient, region, location, today):
    """Eight statements."""
    bought, approved = sources(patient, today)
    return Choices(
        templates=fitting(region),
        services=list(services_to_plan()),
        leads=list(leads(location)),
        codes=list(diagnoses()),
        purchases=list(bought),
        authorizations=list(approved),
    )


def last_region(patient):
    """The region of the patient's last screening, or of the plan before; neck where neither says."""
    row = Screening.objects.filter(patient__in=ids_of(patient)).order_by("-at").first()
    regions = [rules.region_of(name) for name in row.regions] if row else []
    return regions[0] if regions else "neck"


def next_visit_on(patient, today):
    """The day of the patient's next booked visit, or None."""
    rows = Appointment.objects.filter(
        patient__in=ids_of(patient), status__in=OCCUPIES_PATIENT, wall_date__gte=today
    )
    return rows.order_by("starts_at").values_list("wall_date", flat=True).first()


def goals_proposed(patient, wanted, zone):
    """[Proposed] for the measures of the template that goals are set in, those with a score first."""
    asked = [key for key in GOAL_MEASURES if key in wanted]
    latest = {trend.key: trend.latest for trend in trends_of(patient, measures=asked, zone=zone)}
    measures = known_measures()
    rows = [proposed(measures[key], latest.get(key)) for key in asked if key in measures]
    return sorted(rows, key=lambda row: row.baseline is None)


def proposed(measure, latest):
    baseline = latest.score if latest else None
    return Proposed(
        measure.key,
        measure.name,
        baseline,
        rules.target_of(baseline, measure.smallest, measure.higher_is_better, measure.least, measure.most),
        measure.source,
    )


def sources(patient, today):
    """(packages the patient bought and can still use, authorizations that run) on that day. Three statements."""
    ids = ids_of(patient)
    bought = Purchase.objects.filter(patient__in=ids, valid_until__gte=today, refund=None).defer("pdf")
    approved = Authorization.objects.filter(patient__in=ids, ends_on__gte=today, withdrawn_at=None)
    return bought.order_by("valid_until"), approved.select_related("coverage").order_by("ends_on")


def packages_for(template, region, location):
    """Offers of the clinic that fit: those made for the template, then those of its region, priced here."""
    rows = offers(location)
    fit = [
        one for one in rows if one.package.region in (region, "any") or one.package.plan_template == template
    ]
    return sorted(fit, key=lambda one: (one.package.plan_template != template, one.package.region == "any"))


def usual_service(services):
    """The service a course begins with unless somebody says otherwise: acupuncture, else the first."""
    usual = next((row for row in services if row.key == "acupuncture_follow_up"), None)
    first = usual or next(iter(services), None)
    return first.pk if first else None


def measures_to_ask():
    """[(key, name)] of measures that a patient can be asked. One statement."""
    return [(key, measure.name) for key, measure in answerable().items()]


def with_those_of(choices, draft):
    """The same offers and what the plan has already, though it may be offered no more."""
    return choices._replace(
        services=and_also(choices.services, *(phase.service for phase in draft.phases)),
        leads=and_also(choices.leads, draft.lead),
        purchases=and_also(choices.purchases, draft.purchase),
        authorizations=and_also(choices.authorizations, draft.authorization),
    )


def and_also(rows, *more):
    return [*rows, *dict.fromkeys(row for row in more if row is not None and row not in rows)]
