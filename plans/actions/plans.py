"""A plan made, revised, looked at, paused, resumed and ended. Each writes a revision that says who, when and why."""

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import audit
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.walltime import local
from outcomes.actions.planning import cancel_open, plan_assessments
from patients.actions import join_care_team
from patients.models import CareTeam, Patient, Why
from patients.queries import ids_of
from plans.models import (
    Goal,
    HomeActivity,
    PhaseKind,
    Plan,
    PlanPause,
    PlanPhase,
    PlanRevision,
    PlanStatus,
    PlanTemplate,
    RevisionKind,
)
from plans.queries.library import fingerprint, titles
from plans.queries.making import draft_of, known_codes, running_in
from plans.rules import making as rules
from plans.rules.library import dose_of, gives_this_dose

OUT_OF_THE_WAY = 10_000


@transaction.atomic
def make(*, by, patient, draft, now, request_key=None, baseline=True):
    """The plan with its phases, goals and activities at home; its score checks are set, the first due now."""
    claim(request_key, location=reverse("plans:of_patient", args=[patient.pk]))
    Patient.objects.select_for_update(of=("self",)).get(pk=patient.pk)
    today = local(now, draft.location.tz).date()
    refuse_if(
        rules.reasons_not_to_make(
            draft,
            merged=patient.merged_into_id is not None,
            others=running_in(patient, draft.region),
            known_codes=known_codes(),
            today=today,
        )
    )
    plan = Plan.objects.create(
        patient=patient,
        location=draft.location,
        created_at=now,
        created_by=by,
        **values_of(draft),
        **source_of(draft),
    )
    write_children(plan, draft, today)
    lead_joins(plan, now)
    revision(plan, RevisionKind.CREATED, by=by, now=now, why=draft.why_beside, after=rules.snapshot(draft))
    ask_for_scores(plan, by=by, now=now, today=today)
    audit.record(by=by, verb="make plan", about=plan, patient=patient, template=plan.template_key)
    return plan


@transaction.atomic
def revise(*, by, plan, version, draft, why, now, request_key=None):
    """Change what is agreed. Phases that visits were booked for stay as rows; what changed is kept with the reason."""
    claim(request_key, location=page_of(plan))
    row = lock_version(Plan.objects, plan.pk, version)
    refuse_if(
        [
            *rules.reasons_not_to_change(row.status),
            *rules.reasons_without(why),
            *rules.reasons_about(draft, known_codes() | set(row.diagnosis_codes)),
        ]
    )
    before, after = rules.difference(rules.snapshot(draft_of(row)), rules.snapshot(draft))
    if not after:
        raise Refused(_("Nothing was changed. Change something, or go back."))
    led_by = row.lead
    for name, value in values_of(draft).items():
        setattr(row, name, value)
    template = PlanTemplate.objects.in_force().filter(key=row.template_key).first()
    row.dose_source = dose_source(template, draft) if template else row.dose_source
    row.save()
    today = local(now, row.location.tz).date()
    rewrite_children(row, draft, today)
    lead_joins(row, now)
    leave_unless_leading(row, led_by, now)
    revision(row, RevisionKind.REVISED, by=by, now=now, why=why, before=before, after=after)
    ask_for_scores(row, by=by, now=now, today=today)
    audit.record(by=by, verb="revise plan", about=row, patient=row.patient_id, fields=sorted(after))
    return row


@transaction.atomic
def review(*, by, plan, version, why, now, request_key=None):
    """The plan was looked at and goes on as agreed; the next look-back is counted from now."""
    claim(request_key, location=page_of(plan))
    row = lock_version(Plan.objects, plan.pk, version)
    refuse_if([*rules.reasons_not_to_change(row.status), *rules.reasons_without(why)])
    row.reviewed_at = now
    row.save()
    revision(row, RevisionKind.REVIEWED, by=by, now=now, why=why)
    audit.record(by=by, verb="review plan", about=row, patient=row.patient_id)
    return row


@transaction.atomic
def pause(*, by, plan, version, why, now, request_key=None):
    """From today the plan rests: nothing falls behind until it is resumed."""
    claim(request_key, location=page_of(plan))
    row = lock_version(Plan.objects, plan.pk, version)
    refuse_if(rules.reasons_not_to_pause(row.status, why))
    row.status = PlanStatus.PAUSED
    row.save()
    PlanPause.objects.create(plan=row, from_on=local(now, row.location.tz).date(), why=why)
    revision(row, RevisionKind.PAUSED, by=by, now=now, why=why)
    audit.record(by=by, verb="pause plan", about=row, patient=row.patient_id)
    return row


@transaction.atomic
def resume(*, by, plan, version, now, request_key=None):
    claim(request_key, location=page_of(plan))
    row = lock_version(Plan.objects, plan.pk, version)
    refuse_if(rules.reasons_not_to_resume(row.status))
    row.status = PlanStatus.ACTIVE
    row.save()
    end_pause(row, now)
    revision(row, RevisionKind.RESUMED, by=by, now=now)
    audit.record(by=by, verb="resume plan", about=row, patient=row.patient_id)
    return row


@transaction.atomic
def discharge(*, by, plan, version, why, now, request_key=None):
    """The plan is over. Visits that are booked stay booked: whoever ends it sees them on the page."""
    claim(request_key, location=page_of(plan))
    row = lock_version(Plan.objects, plan.pk, version)
    refuse_if(rules.reasons_not_to_discharge(row.status, why))
    end_pause(row, now)
    row.status, row.ended_at, row.ended_why = PlanStatus.DISCHARGED, now, why
    row.save()
    cancel_open(by=by, plan=row.pk, now=now)
    revision(row, RevisionKind.DISCHARGED, by=by, now=now, why=why)
    audit.record(by=by, verb="discharge plan", about=row, patient=row.patient_id)
    return row


@transaction.atomic
def mark_goal(*, by, plan, goal, version, reached, today, request_key=None):
    """The goal is reached today, or not after all."""
    claim(request_key, location=page_of(plan))
    row = lock_version(Goal.objects.filter(plan=plan), goal.pk, version)
    refuse_if(rules.reasons_not_to_change(plan.status))
    row.reached_on = (row.reached_on or today) if reached else None
    row.save()
    audit.record(by=by, verb="mark goal", about=row, patient=plan.patient_id, reached=reached)
    return row


def page_of(plan):
    return reverse("plans:of_patient", args=[plan.patient_id])


def refuse_if(reasons):
    if reasons:
        raise Refused(reasons)


def values_of(draft):
    """The columns of a plan that a revision may change, too."""
    return {
        "lead": draft.lead,
        "condition": draft.condition.strip(),
        "diagnosis_codes": list(draft.diagnosis_codes),
        "region": draft.region,
        "symptoms": draft.symptoms.strip(),
        "measures": list(draft.measures),
        "starts_on": draft.starts_on,
        "purchase": draft.purchase,
        "authorization": draft.authorization,
    }


def source_of(draft):
    """Which template it was made from, as it was then, and where its dose comes from."""
    if draft.template is None:
        return {}
    return {
        "template_key": draft.template.key,
        "template_sha256": fingerprint(draft.template),
        "dose_source": dose_source(draft.template, draft),
        "outcome_schedule": draft.template.outcome_schedule,
    }


def dose_source(template, draft):
    """In words; empty (a clinic default) where the number of visits is another one than the source speaks of."""
    visits = sum(phase.visits for phase in draft.phases if phase.kind == PhaseKind.ACTIVE)
    return dose_of(template, titles()).source if gives_this_dose(template, visits) else ""


def lead_joins(plan, now):
    """Who leads a plan has the chart open, and keeps it when the plan is over: scores are asked for long after."""
    if plan.lead.user:
        join_care_team(patient=plan.patient, user=plan.lead.user, why=Why.PLAN, now=now)


def leave_unless_leading(plan, practitioner, now):
    """Who leads no plan of this person any more is not in the team for one. Other reasons stand for themselves."""
    people = ids_of(plan.patient)
    if not Plan.objects.filter(patient__in=people, lead=practitioner).exists():
        rows = CareTeam.objects.filter(patient__in=people, user=practitioner.user, why=Why.PLAN, until=None)
        rows.update(until=now)


def write_children(plan, draft, today):
    PlanPhase.objects.bulk_create(phase_row(plan, n, one) for n, one in enumerate(draft.phases, start=1))
    Goal.objects.bulk_create(goal_row(plan, n, one) for n, one in enumerate(draft.goals, start=1))
    HomeActivity.objects.bulk_create(
        home_row(plan, n, one, today) for n, one in enumerate(draft.home, start=1)
    )


def phase_row(plan, position, wish):
    return PlanPhase(plan=plan, position=position, **phase_values(wish))


def phase_values(wish):
    return {
        "kind": wish.kind,
        "service": wish.service,
        "visits": wish.visits,
        "offsets": list(wish.offsets),
        "min_days": wish.min_days,
        "max_days": wish.max_days,
        "order_rule": wish.order_rule,
    }


def goal_row(plan, position, wish):
    return Goal(
        plan=plan,
        position=position,
        words=wish.words,
        measure=wish.measure,
        baseline=wish.baseline,
        target=wish.target,
    )


def home_row(plan, position, wish, today):
    return HomeActivity(
        plan=plan,
        position=position,
        kind=wish.kind,
        name=wish.name,
        per_week=wish.per_week,
        instructions=wish.instructions,
        started_on=today,
    )


def rewrite_children(plan, draft, today):
    """Goals and activities end, and new ones begin; phases stay rows of their own, in whichever order."""
    replace_phases(plan, draft.phases)
    replace_goals(plan, draft.goals, today)
    replace_home(plan, draft.home, today)


def replace_phases(plan, wishes):
    """A phase that goes on is changed in its row (booked visits point at it); one that is dropped is closed."""
    rows = {row.pk: row for row in plan.phases.order_by("position")}
    kept = [rows.pop(wish.row, None) or PlanPhase(plan=plan) for wish in wishes]
    for row, wish in zip(kept, wishes, strict=True):
        for name, value in {**phase_values(wish), "closed": False}.items():
            setattr(row, name, value)
    for row in rows.values():
        row.closed = True
    # Positions are unique at every moment: first out of the way, then where they belong.
    plan.phases.update(position=F("position") + OUT_OF_THE_WAY, version=F("version") + 1)
    for position, row in enumerate([*kept, *rows.values()], start=1):
        row.version += 0 if row._state.adding else 1
        row.position = position
        row.save()


def replace_goals(plan, wishes, today):
    kept = set()
    for row in plan.goals.filter(dropped_on=None):
        wish = rules.GoalWish(row.words, row.measure, row.baseline, row.target)
        if wish in wishes:
            kept.add(wish)
        else:
            row.dropped_on = today
            row.save()
    last = plan.goals.count()
    new = [wish for wish in wishes if wish not in kept]
    Goal.objects.bulk_create(goal_row(plan, last + n, wish) for n, wish in enumerate(new, start=1))


def replace_home(plan, wishes, today):
    kept = set()
    for row in plan.home_activities.filter(ended_on=None):
        wish = rules.HomeWish(row.kind, row.name, row.per_week, row.instructions)
        if wish in wishes:
            kept.add(wish)
        else:
            row.ended_on = max(today, row.started_on)
            row.save()
    last = plan.home_activities.count()
    new = [wish for wish in wishes if wish not in kept]
    HomeActivity.objects.bulk_create(
        home_row(plan, last + n, wish, today) for n, wish in enumerate(new, start=1)
    )


def end_pause(plan, now):
    today = local(now, plan.location.tz).date()
    PlanPause.objects.filter(plan=plan, until_on=None).update(until_on=today, version=F("version") + 1)


def ask_for_scores(plan, *, by, now, today):
    plan_assessments(
        by=by,
        patient=plan.patient,
        plan=plan.pk,
        baseline_on=today if plan.created_at == now else local(plan.created_at, plan.location.tz).date(),
        schedule=plan.outcome_schedule,
        measures=plan.measures,
        now=now,
        lead=plan.lead.user,
    )


def revision(plan, kind, *, by, now, why="", before=None, after=None):
    PlanRevision.objects.create(
        plan=plan, kind=kind, why=why.strip(), before=before or {}, after=after or {}, at=now, by=by
    )
