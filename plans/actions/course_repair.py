"""Visits of a course moved at once, all or none: one mail, one undo."""

from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import audit, walltime
from clinic.refusal import Refused
from clinic.submissions import claim
from plans.models import PlanStatus
from plans.rules.course.asking import reasons_not_to_move
from scheduling.actions.booking import Wanted
from scheduling.actions.courses import move_visits
from scheduling.actions.locking import all_or_nothing
from scheduling.models import OCCUPIES_PATIENT, Appointment


@all_or_nothing
def move_course(*, by, plan, chosen, standing, away=(), request_key=None):
    """Move the Chosen visits of a plan; returns the Changes. `standing`: queries.course_repair.Standing, as read now.

    `away`: days of the patient that do not count against the distance of two visits. Refused (VisitLost) names the
    visit that cannot be moved there any more; plans.actions.course.undo_course takes all of it back.
    """
    claim(request_key, location=reverse("plans:schedule", args=[plan.pk]))
    ids = standing.ids
    if plan.status != PlanStatus.ACTIVE or not chosen or any(one.number not in ids for one in chosen):
        raise Refused(_("These visits have changed. Look at the course again."))
    zone = plan.location.tz
    to = {one.number: walltime.local(one.starts_at, zone).date() for one in chosen}
    reasons = reasons_not_to_move(standing.days, to, standing.given.visits, away)
    if reasons:
        raise Refused(reasons, conflict=True)
    rows = Appointment.objects.filter(pk__in=[ids[one.number] for one in chosen], status__in=OCCUPIES_PATIENT)
    visits = {row.pk: row for row in rows.select_related("patient", "location", "service")}
    if len(visits) != len(chosen):
        raise Refused(_("These visits have changed. Look at the course again."), conflict=True)
    changes = move_visits(by=by, moves=[pair(visits[ids[one.number]], one) for one in chosen])
    audit.record(by=by, verb="repair course", about=plan, patient=plan.patient_id, visits=len(changes))
    return changes


def pair(visit, one):
    """The visit, and the Wanted that it becomes."""
    return visit, Wanted(
        patient=visit.patient,
        service=visit.service,
        location=visit.location,
        starts_at=one.starts_at,
        practitioners=one.people,
        rooms=one.rooms,
        walk_in=True,  # the notice was given when it was booked
    )
