"""Progress of plans, for one patient or a list of plans: a fixed number of statements, whatever their number."""

from django.db.models import Prefetch, Q

from clinic.walltime import local
from patients.models import Patient
from plans.models import Plan, PlanPause, PlanPhase, PlanStatus, PlanVisit
from plans.queries.library import all_rules
from plans.rules import progress as rules
from scheduling.models import Appointment, PartStatus, Status
from services.models import Service

COMING = {Status.BOOKED, Status.ARRIVED, Status.IN_TREATMENT}
COUNTED = [*COMING, Status.COMPLETED, Status.NO_SHOW]
HAPPENED = {PartStatus.DONE: True, PartStatus.NOT_DONE: False}


def of_patient(patient, on):
    """[Progress] of the patient's plans, running ones first, then the newest. Eleven statements, one without a plan."""
    records = Patient.objects.one_person(patient.pk).values("pk")
    rows = Plan.objects.filter(patient__in=records).exclude(status=PlanStatus.DRAFT)
    found = of_plans(rows.order_by("-created_at", "pk"), on)
    return sorted(found, key=lambda one: one.plan.status == PlanStatus.DISCHARGED)


def running_of(patient, on):
    """The Progress a chart's head speaks of: the newest plan that runs, or None."""
    return next((one for one in of_patient(patient, on) if is_running(one.plan)), None)


def is_running(plan):
    return plan.status in (PlanStatus.ACTIVE, PlanStatus.PAUSED)


def of_plans(plans, on):
    """[Progress] in the order of the plans. Eleven statements, one without any.

    Other plans of the same patients are read, too: a visit counts for one plan only.
    """
    wanted = list(plans.values_list("pk", "patient"))
    if not wanted:
        return []
    kept = kept_ids({patient for _pk, patient in wanted})
    every = {plan.pk: plan for plan in with_phases(kept)}
    visits, every_rule = visits_of(every.values(), kept), all_rules()
    return [
        rules.progress(
            plan,
            phases=phases_of(plan),
            visits=visits[plan.pk],
            pauses=[(pause.from_on, pause.until_on) for pause in plan.pauses.all()],
            rules=rules_of(plan, every_rule),
            today=on,
        )
        for plan in (every[pk] for pk, _patient in wanted)
    ]


def with_phases(people):
    rows = Plan.objects.filter(patient__in=people).order_by("starts_on", "created_at", "pk")
    return rows.select_related("location", "lead", "patient", "authorization__coverage").prefetch_related(
        Prefetch("phases", PlanPhase.objects.filter(closed=False).order_by("position")),
        Prefetch("phases__service", Service.objects.prefetch_related("parts")),
        Prefetch("pauses", PlanPause.objects.order_by("from_on")),
    )


def ended_on(plan):
    return local(plan.ended_at, plan.location.tz).date() if plan.ended_at else None


def phases_of(plan):
    return [
        rules.Phase(
            kind=row.kind,
            service=row.service_id,
            name=row.service.name,
            visits=row.visits,
            offsets=tuple(row.offsets),
            kinds=tuple(part.kind_of_care_id for part in row.service.parts.all() if part.kind_of_care_id),
        )
        for row in plan.phases.all()
    ]


def rules_of(plan, every_rule):
    payer = plan.authorization.coverage.kind if plan.authorization else ""
    return [
        rule for rule in every_rule if rule.template in ("", plan.template_key) and rule.payer in ("", payer)
    ]


def visits_of(plans, kept):
    """{plan's id: [Visit]}: each visit counts for one plan, the earliest it fits. `plans` in order of their start."""
    kinds = {plan.pk: {kind for phase in phases_of(plan) for kind in phase.kinds} for plan in plans}
    found = {plan.pk: [] for plan in plans}
    for patient, visit in appointments(set(kept)):
        for plan in plans:
            same = kept[patient] == kept[plan.patient_id]
            if same and rules.counts_for(visit, plan.pk, kinds[plan.pk], plan.starts_on, ended_on(plan)):
                found[plan.pk].append(visit)
                break
    return found


def kept_ids(ids):
    """{record: the record it was merged into, or itself} of everybody these plans are about. One statement."""
    rows = Patient.objects.filter(Q(pk__in=ids) | Q(merged_into__in=ids) | Q(merged_from__in=ids)).distinct()
    return {pk: into or pk for pk, into in rows.values_list("pk", "merged_into")}


def appointments(ids):
    """[(patient, Visit)] by time. Three statements."""
    rows = (
        Appointment.objects.filter(patient__in=ids, status__in=COUNTED)
        .only("patient", "service", "wall_date", "starts_at", "status")
        .prefetch_related("parts")
        .order_by("starts_at", "pk")
    )
    linked = dict(PlanVisit.objects.filter(appointment__patient__in=ids).values_list("appointment", "plan"))
    return [(row.patient_id, visit(row, linked.get(row.pk))) for row in rows]


def visit(row, plan):
    parts = tuple(rules.Part(part.kind_of_care_id, HAPPENED.get(part.status)) for part in row.parts.all())
    return rules.Visit(
        appointment=row.pk,
        on=row.wall_date,
        starts_at=row.starts_at,
        outcome=outcome(row, parts),
        parts=parts,
        service=row.service_id,
        plan=plan,
    )


def outcome(row, parts):
    """A visit of which no part happened is missed: the plan still owes it."""
    if row.status in COMING:
        return rules.COMING
    if row.status == Status.COMPLETED and any(part.happened for part in parts):
        return rules.DONE
    return rules.MISSED
