"""Visits of a course moved together, all or none."""

from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Room
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.timespan import TimeSpan
from plans.models import PlanStatus
from scheduling.actions.booking import Wanted
from scheduling.actions.changing import lock_together
from scheduling.actions.locking import all_or_nothing
from scheduling.actions.moving import move_now
from scheduling.models import OCCUPIES_PATIENT, Appointment

LONGEST_MINUTES = 12 * 60  # the check on every visit


@all_or_nothing
def move_course(*, by, plan, chosen, ids, request_key=None):
    """Move the Chosen visits of a plan; returns the Changes. `ids`: {number of the visit: appointment id}.

    Whatever moves later goes last to first, then whatever moves earlier first to last, so that no visit is in the
    way of the one beside it. Each can be undone on its own, and the patient is told of each.
    """
    claim(request_key, location=reverse("plans:schedule", args=[plan.pk]))
    if plan.status != PlanStatus.ACTIVE or not chosen or any(one.number not in ids for one in chosen):
        raise Refused(_("These visits have changed. Look at the course again."))
    lock_all(plan, chosen, [ids[one.number] for one in chosen])
    rows = Appointment.objects.filter(pk__in=[ids[one.number] for one in chosen], status__in=OCCUPIES_PATIENT)
    visits = {row.pk: row for row in rows.select_related("patient", "location", "service")}
    if len(visits) != len(chosen):
        raise Refused(_("These visits have changed. Look at the course again."), conflict=True)
    moves = [(visits[ids[one.number]], one) for one in chosen]
    later = [(visit, one) for visit, one in moves if one.starts_at >= visit.starts_at]
    earlier = [(visit, one) for visit, one in moves if one.starts_at < visit.starts_at]
    ordered = sorted(later, key=start, reverse=True) + sorted(earlier, key=start)
    changes = [move_one(visit, one, by=by) for visit, one in ordered]
    audit.record(by=by, verb="repair course", about=plan, patient=plan.patient_id, visits=len(changes))
    return changes


def start(pair):
    return pair[0].starts_at


def lock_all(plan, chosen, pks):
    lock_together(
        pks,
        spans=[TimeSpan.of(one.starts_at, minutes=LONGEST_MINUTES // 4) for one in chosen],
        practitioners={who for one in chosen for who in one.people},
        rooms=Room.objects.filter(location=plan.location, active=True).values_list("pk", flat=True),
    )


def move_one(visit, one, *, by):
    wanted = Wanted(
        patient=visit.patient,
        service=visit.service,
        location=visit.location,
        starts_at=one.starts_at,
        practitioners=one.people,
        rooms=one.rooms,
        walk_in=True,  # the notice was given when it was booked
    )
    return move_now(by=by, pk=visit.pk, wanted=wanted, version=visit.version, request_key=None, shown="")
