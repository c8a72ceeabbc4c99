"""A plan's visits booked together, all or none; and taken back together."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit, walltime
from clinic.refusal import Refused
from clinic.submissions import claim
from messaging.actions import withdraw
from plans import emails
from plans.models import PlanStatus, PlanVisit
from plans.rules.course.asking import planned, reasons_not_to_book
from scheduling.actions.booking import Wanted
from scheduling.actions.changing import lock_together
from scheduling.actions.courses import book_visits
from scheduling.actions.locking import all_or_nothing
from scheduling.actions.undoing import undo_now
from scheduling.models import Appointment, Change, Status
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

    `away`: days of the patient that do not count against the distance of two visits.
    """
    claim(request_key, location=reverse("plans:schedule", args=[plan.pk]))
    chosen = sorted(chosen, key=lambda one: one.number)
    phases = list(plan.phases.filter(closed=False).order_by("position"))
    visits = {one.number: one for one in planned(phases, {})}
    refuse_if(reasons_against(plan, chosen, list(visits.values()), away))
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
    emails.tell_course(plan, booked, uncovered=bool(beyond_reason.strip()), now=booked[0].created_at)
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


def link(plan, visits, booked, *, by):
    """Say which appointment is which visit; refused where somebody has booked one of them meanwhile."""
    kept = {
        row.number: row
        for row in PlanVisit.objects.select_related("appointment").filter(
            plan=plan, number__in=[one.number for one in visits]
        )
    }
    if any(row.appointment and row.appointment.status not in GIVEN_UP for row in kept.values()):
        raise Refused(
            _("Somebody else has booked visits of this plan meanwhile. Look at it again."), conflict=True
        )
    found = []
    for one, appointment in zip(visits, booked, strict=True):
        row = kept.get(one.number) or PlanVisit(plan=plan, number=one.number)
        row.phase_id, row.appointment = one.phase, appointment
        row.linked_at, row.linked_by = appointment.created_at, by
        found.append(row)
    fresh = [row for row in found if row.number not in kept]
    PlanVisit.objects.bulk_create(fresh)
    for row in found:
        if row.number in kept:
            row.save()
    return found


def booked_with(plan, first):
    """The visits of a plan that were booked in one step with the appointment `first`, in order."""
    rows = PlanVisit.objects.filter(plan=plan, linked_at=first.created_at).select_related("appointment")
    return [row.appointment for row in rows.order_by("number")]


@all_or_nothing
def undo_course(*, by, plan, first, request_key=None):
    """Take back everything that was booked with the appointment `first`, all or none; how many visits it were.

    Refused where one of them was changed since, or the time to undo is over.
    """
    claim(request_key, location=reverse("plans:course", args=[plan.pk]))
    visits = booked_with(plan, first)
    lock_together([one.pk for one in visits])
    changes = dict(
        Change.objects.filter(Q(appointment__in=visits), verb="book", undone_at=None).values_list(
            "appointment", "pk"
        )
    )
    if not visits or set(changes) != {one.pk for one in visits}:
        raise Refused(_("Not all of these visits stand as they were booked. Cancel them one by one."))
    for one in visits:
        undo_now(by=by, change_pk=changes[one.pk], request_key=None, shown="")
    withdraw(about=emails.about(first), now=timezone.now())
    audit.record(by=by, verb="undo book course", about=plan, patient=plan.patient_id, visits=len(visits))
    return len(visits)


def first_of(plan, pk):
    """The appointment of this plan with that id, or None."""
    row = PlanVisit.objects.filter(plan=plan, appointment=pk).select_related("appointment").first()
    return row and Appointment.objects.select_related("location", "patient").get(pk=row.appointment_id)
