"""A plan's visits booked together, all or none; and taken back together."""

from dataclasses import dataclass
from datetime import datetime
from itertools import count

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit, walltime
from clinic.refusal import Refused
from clinic.submissions import claim
from plans.models import Plan, PlanStatus, PlanVisit
from plans.queries.course import progress_of
from plans.rules.course.asking import planned, reasons_not_to_book
from plans.rules.progress import OPEN
from scheduling.actions.booking import Wanted
from scheduling.actions.courses import book_visits, undo_bundle
from scheduling.actions.locking import all_or_nothing
from scheduling.models import Appointment, Status
from scheduling.queries.bundles import of_bundle
from services.models import Service

GIVEN_UP = [Status.CANCELLED, Status.NO_SHOW, Status.EXPIRED]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Visit `number` of the plan at a time, with ids of people and rooms group by group."""

    number: int
    starts_at: datetime
    people: tuple[int, ...]
    rooms: tuple[int, ...] | None = None


@all_or_nothing
def book_course(*, by, plan, chosen, away=(), beyond_reason="", request_key=None):
    """Book every Chosen or none; returns the PlanVisits in order. Refused (VisitLost) names the one that is gone.

    The plan is locked first: two people cannot book its visits at once.

    `away`: days of the patient that do not count against the distance of two visits.
    """
    claim(request_key, location=reverse("plans:schedule", args=[plan.pk]))
    plan = Plan.objects.select_for_update(of=("self",)).select_related("patient", "location").get(pk=plan.pk)
    chosen = sorted(chosen, key=lambda one: one.number)
    phases = list(plan.phases.filter(closed=False).order_by("position"))
    visits = {one.number: one for one in planned(phases, {})}
    refuse_if(reasons_against(plan, chosen, list(visits.values()), away))
    if not still_open(plan, chosen):
        raise Refused(
            _("Somebody else has booked visits of this plan meanwhile. Look at it again."), conflict=True
        )
    services = Service.objects.in_bulk({one.service for one in visits.values()})
    wanted = [
        Wanted(
            patient=plan.patient,
            service=services[visits[one.number].service],
            location=plan.location,
            starts_at=one.starts_at,
            practitioners=one.people,
            rooms=one.rooms,
            beyond_reason=beyond_reason,
        )
        for one in chosen
    ]
    booked = book_visits(by=by, wanted=wanted)
    linked = link(plan, [visits[one.number] for one in chosen], booked, by=by)
    audit.record(by=by, verb="book course", about=plan, patient=plan.patient_id, visits=len(booked))
    return linked


def refuse_if(reasons):
    if reasons:
        raise Refused(reasons)


def reasons_against(plan, chosen, visits, away):
    if plan.status != PlanStatus.ACTIVE:
        return [_("This plan is not active. Resume it, then book its visits.")]
    if not chosen:
        return [_("No visit is chosen. Look for times first.")]
    zone = plan.location.tz
    days = [(one.number, walltime.local(one.starts_at, zone).date()) for one in chosen]
    return reasons_not_to_book(days, visits, away)


def still_open(plan, chosen):
    """Whether all these visits are open, by the numbers that the plan's progress gives them."""
    today = walltime.local(timezone.now(), plan.location.tz).date()
    opened = {one.number for one in progress_of(plan, today).visits if one.state == OPEN}
    return {one.number for one in chosen} <= opened


def link(plan, visits, booked, *, by):
    """Say that these appointments are the plan's.

    What is done and booked is numbered by time, so that the numbers of visits that stand may have changed since they
    were booked: a row whose number is taken gets the next that is free, or that of a visit that was given up.
    """
    rows = {row.number: row for row in PlanVisit.objects.select_related("appointment").filter(plan=plan)}
    standing = {pk for pk, row in rows.items() if row.appointment and row.appointment.status not in GIVEN_UP}
    found = []
    for one, appointment in zip(visits, booked, strict=True):
        number = one.number
        if number in standing:
            number = next(free for free in count(1) if free not in standing)
        standing.add(number)
        row = rows.get(number) or PlanVisit(plan=plan, number=number)
        row.phase_id, row.appointment = one.phase, appointment
        row.linked_at, row.linked_by = appointment.created_at, by
        found.append(row)
    PlanVisit.objects.bulk_create(row for row in found if row.number not in rows)
    for row in found:
        if row.number in rows:
            row.save()
    return found


@all_or_nothing
def undo_course(*, by, plan, first, bundle, request_key=None):
    """Take back everything that was booked, or moved, at once (scheduling.rules.bundles) with the appointment `first`.

    Returns (verb, how many visits): "book" or "move". Refused where one of them was changed since, or the time to
    undo is over: all or none.
    """
    claim(request_key, location=reverse("plans:schedule", args=[plan.pk]))
    changes = of_bundle(first.patient_id, bundle)
    if first not in [one.appointment for one in changes] or any(one.undone_at for one in changes):
        raise Refused(_("Not all of these visits stand as they were left. Open them one by one."))
    undo_bundle(by=by, changes=changes)
    verb = changes[0].verb
    done = {"book": "undo book course", "move": "undo repair course"}[verb]
    audit.record(by=by, verb=done, about=plan, patient=plan.patient_id, visits=len(changes))
    return verb, len(changes)


def first_of(plan, pk):
    """The appointment of this plan with that id, or None."""
    row = PlanVisit.objects.filter(plan=plan, appointment=pk).select_related("appointment").first()
    return row and Appointment.objects.select_related("location", "patient").get(pk=row.appointment_id)
