"""Score checks that a plan sets, that somebody asks for now, and that are not needed any more."""

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from outcomes.models import Activity, Assessment, Occasion, Score, Status
from outcomes.queries.measures import offered
from outcomes.rules.asking import ASKED_NOW_DAYS, IS_DUE, reasons_not_to_ask, state_of, wanted
from patients.models import Patient
from patients.queries import ids_of

# How it went on after the course, discharged or not.
AFTER_THE_COURSE = [Occasion.WEEKS_16, Occasion.MONTHS_3, Occasion.MONTHS_6, Occasion.MONTHS_12]


@transaction.atomic
def plan_assessments(*, by, patient, plan, baseline_on, schedule, measures, now, lead=None):
    """Set the score checks of a plan; part of the action that makes or changes the plan.

    `plan` is its id, `schedule` the template's entries {"at", "day", "window_days"}, `measures` keys, `lead` the
    user who is told about hard answers. May be called again: what is answered stays, what is open gets the new
    dates and measures, what the schedule no longer has is cancelled. A baseline that was asked shortly before is
    taken over. Returns the plan's open and answered checks by date.
    """
    Patient.objects.select_for_update(of=("self",)).get(pk=patient.pk)
    known = offered()
    asked = [key for key in measures if key in known and known[key].answerable]
    wishes = {each.occasion: each for each in wanted(schedule, baseline_on, asked) if each.measures}
    mine = Assessment.objects.filter(plan=plan).exclude(status=Status.CANCELLED)
    rows = {row.occasion: row for row in mine.exclude(occasion=Occasion.DURING)}
    if Occasion.BASELINE in wishes and Occasion.BASELINE not in rows:
        found = take_over(patient, plan, wishes[Occasion.BASELINE], lead)
        if found:
            rows[Occasion.BASELINE] = found
        else:
            end_activities(patient, now)
    for occasion, wish in wishes.items():
        keep(rows.get(occasion), wish, by=by, patient=patient, plan=plan, lead=lead, now=now)
    for occasion in rows.keys() - wishes.keys():
        if rows[occasion].status == Status.OPEN:
            close(rows[occasion])
    audit.record(by=by, verb="plan score checks", about=f"plan:{plan}", patient=patient, count=len(wishes))
    return list(mine.order_by("due_on", "asked_at"))


def take_over(patient, plan, wish, lead):
    """A baseline without a plan that was asked or answered within the window before: it becomes this plan's."""
    rows = Assessment.objects.filter(
        patient__in=ids_of(patient),
        plan=None,
        occasion=Occasion.BASELINE,
        due_on__gte=wish.due_on - timedelta(days=wish.window_days),
    )
    row = rows.exclude(status=Status.CANCELLED).order_by("-due_on", "-asked_at").first()
    if row:
        row.plan, row.lead = plan, lead or row.lead
        row.save(update_fields=["plan", "lead"])
    return row


def keep(row, wish, *, by, patient, plan, lead, now):
    """Write one check as it is wanted; one that is answered stays as it was given."""
    if row is None:
        row = Assessment(patient=patient, plan=plan, occasion=wish.occasion, asked_at=now, asked_by=by)
    elif row.status == Status.ANSWERED:
        return row
    row.due_on, row.window_days, row.measures = wish.due_on, wish.window_days, list(wish.measures)
    row.lead = lead or row.lead
    row.save()
    return row


def close(row):
    row.status = Status.CANCELLED
    row.save(update_fields=["status"])


def end_activities(patient, now):
    """A new course: the patient names anew what the problem makes hard."""
    for row in Activity.objects.filter(patient__in=ids_of(patient), ended_at=None):
        row.ended_at = now
        row.save(update_fields=["ended_at"])


@transaction.atomic
def cancel_open(*, by, plan, now, follow_ups=False):
    """The plan is over: its course asks nothing more. What is asked months later stays, unless `follow_ups`.

    Part of another action. Returns how many checks were cancelled.
    """
    rows = Assessment.objects.select_for_update().filter(plan=plan, status=Status.OPEN)
    rows = list(rows if follow_ups else rows.exclude(occasion__in=AFTER_THE_COURSE))
    for row in rows:
        close(row)
    if rows:
        audit.record(
            by=by,
            verb="cancel score checks",
            about=f"plan:{plan}",
            patient=rows[0].patient_id,
            count=len(rows),
        )
    return len(rows)


@transaction.atomic
def ask_now(
    *, by, patient, measures, today, now, occasion="", lead=None, plan=None, request_key=None, location=""
):
    """Ask for some measures today. Without an occasion it is the start where nothing was answered yet."""
    claim(request_key, location=location)
    Patient.objects.select_for_update(of=("self",)).get(pk=patient.pk)
    known = {key for key, measure in offered().items() if measure.answerable}
    reasons = reasons_not_to_ask(
        measures=measures,
        known=known,
        merged=patient.merged_into_id is not None,
        open_now=any(is_due(row, today) for row in open_of(patient)),
    )
    if reasons:
        raise Refused(reasons)
    row = Assessment.objects.create(
        patient=patient,
        measures=list(measures),
        occasion=occasion or next_occasion(patient),
        due_on=today,
        window_days=ASKED_NOW_DAYS,
        plan=plan,
        lead=lead or by,
        asked_at=now,
        asked_by=by,
    )
    audit.record(by=by, verb="ask for scores", about=row, patient=patient, count=len(measures))
    return row


def open_of(patient):
    return Assessment.objects.filter(patient__in=ids_of(patient), status=Status.OPEN)


def is_due(row, today):
    state = state_of(status=row.status, due_on=row.due_on, window_days=row.window_days, today=today)
    return state == IS_DUE


def next_occasion(patient):
    begun = Score.objects.filter(patient__in=ids_of(patient)).exists()
    return Occasion.DURING if begun else Occasion.BASELINE


@transaction.atomic
def cancel(*, by, patient, pk, version, request_key=None, location=""):
    """One check is not needed any more."""
    claim(request_key, location=location)
    row = lock_version(Assessment.objects.filter(patient__in=ids_of(patient)), pk, version)
    if row.status != Status.OPEN:
        raise Refused(_("This score check is answered or canceled already. Reload the page."), conflict=True)
    close(row)
    audit.record(by=by, verb="cancel score check", about=row, patient=row.patient_id)
    return row
