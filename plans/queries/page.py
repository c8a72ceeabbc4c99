"""The page Plan and progress of one patient, and the list of plans across patients."""

from typing import Any, NamedTuple

from outcomes.queries.due import due
from outcomes.queries.measures import known
from outcomes.queries.trends import of_patient as trends_of
from packages.queries.balances import of_patient as balances_of
from patients.models import Patient
from plans.models import Goal, Plan, PlanRevision, PlanStatus
from plans.queries import home
from plans.queries.library import all_rules, changed_since
from plans.queries.progress import of_patient, of_plans
from plans.rules import returning
from plans.rules.making import told
from services.models import KindOfCare


class Change(NamedTuple):
    """One line of the plan's history. `lines` is [(what, before, after)]."""

    row: PlanRevision
    lines: list


class Aim(NamedTuple):
    """A goal and where the patient is now, in the measure's own words; None without a score."""

    row: Goal
    name: str
    latest: Any


class Page(NamedTuple):
    """One plan as its page shows it. What who does not read the chart may not see is empty for them."""

    progress: Any
    kinds: list
    aims: list
    home: list
    changes: list
    stops: list
    template_changed: bool = False


class Whole(NamedTuple):
    plans: list
    trends: list
    returned: Any
    due: list
    balances: Any


def of_patient_page(patient, on, *, zone, reads):
    """Everything of the page. `reads`: whether goals, scores, activities and reasons may be seen."""
    found = of_patient(patient, on)
    names = dict(KindOfCare.objects.values_list("pk", "name"))
    trends = trends_of(patient, zone=zone) if reads else []
    return Whole(
        plans=pages(found, names, trends, on) if reads else [bare(one, names) for one in found],
        trends=trends,
        returned=returning.pain_returned(found[0] if found else None, trends),
        due=due(patient, on),
        balances=balances_of(patient, on=on),
    )


def bare(progress, names):
    return Page(progress, kinds_of(progress, names), [], [], [], [])


def kinds_of(progress, names):
    return [(names.get(one.kind, ""), one) for one in progress.kinds]


def pages(found, names, trends, on):
    """With goals, activities, history and templates: six statements more, whatever the number of plans."""
    ids = [one.plan.pk for one in found]
    goals = grouped(Goal.objects.filter(plan__in=ids, dropped_on=None).order_by("position"), "plan_id")
    changes = grouped(
        PlanRevision.objects.filter(plan__in=ids).select_related("by__profile").order_by("-at"), "plan_id"
    )
    activities = home.of_plans(ids, on)
    rules, measures = all_rules(), known()
    others = changed_since([one.plan for one in found])
    return [
        Page(
            progress=one,
            kinds=kinds_of(one, names),
            aims=[aim(row, trends, measures) for row in goals.get(one.plan.pk, [])],
            home=activities[one.plan.pk],
            changes=[Change(row, told(row.before, row.after)) for row in changes.get(one.plan.pk, [])],
            stops=returning.stops(rules, one, trends) if one.plan.status == PlanStatus.ACTIVE else [],
            template_changed=one.plan.pk in others,
        )
        for one in found
    ]


def grouped(rows, name):
    found = {}
    for row in rows:
        found.setdefault(getattr(row, name), []).append(row)
    return found


def aim(row, trends, measures):
    latest = next((trend.latest for trend in trends if trend.key == row.measure), None)
    name = measures[row.measure].name if row.measure in measures else row.measure
    return Aim(row, name, latest)


def running(user, on, *, location=None):
    """Running plans of people this person may see, those that want something first."""
    rows = Plan.objects.visible_to(user).running()
    if location:
        rows = rows.filter(location=location)
    return of_plans(rows.order_by("created_at", "pk"), on)


def open_of(user, plans):
    """Ids of the patients of these plans whose charts this person reads; one statement, none without a plan."""
    people = {plan.patient_id for plan in plans}
    return set(Patient.objects.charts_read_by(user).filter(pk__in=people).values_list("pk", flat=True))


def visits_left(patient, on):
    """[(kind of care, how many)] of packages that are not over, then (None, how many) an insurer still pays for."""
    balances, left = balances_of(patient, on=on), {}
    for one in [*balances.purchases, *balances.authorizations]:
        for count in one.counts if not one.over else ():
            left[count.kind_of_care] = left.get(count.kind_of_care, 0) + count.left
    names = dict(KindOfCare.objects.filter(pk__in=[kind for kind in left if kind]).values_list("pk", "name"))
    return [(names.get(kind), number) for kind, number in left.items()]
