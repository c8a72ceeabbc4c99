"""Visits and the entries of packages and authorizations: after each verb the one follows from the other.

No verb writes an entry itself. It writes how the visit stands and calls settle_visits once, so that undoing
a verb needs no code of its own here, and canceling what was booked leaves every balance where it was.
"""

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from clinic import walltime
from packages.actions.authorizations import ask_for_more
from packages.actions.ledger import settle, settle_each
from packages.queries.balances import current
from packages.rules.ledger import PartState, Wanted
from patients.queries import ids_of
from scheduling.actions.locking import keys_for, lock
from scheduling.models import OCCUPIES_PATIENT, Appointment, VisitPart
from scheduling.queries.policy import takes_visit
from scheduling.rules.payment import NEVER_TOOK_PLACE, is_kept, wanted

ONE_DAY = timedelta(days=1)


def settle_visits(visits, *, by, now):
    """Make the entries of these visits follow from how they stand; returns packages.actions.ledger.Settled.

    Expects the locks of their patients. One statement for the parts, one more where a visit was canceled or
    missed, those of settle_each, and three where an insurer's visits were taken: more are asked for in time.
    """
    of_visit = defaultdict(list)
    for part in VisitPart.objects.filter(appointment__in=[one.pk for one in visits]).order_by("position"):
        of_visit[part.appointment_id].append(part)
    ended = [one.pk for one in visits if one.status in NEVER_TOOK_PLACE]
    takes = takes_visit(ended) if ended else set()
    asked = [
        (visit.patient, [state_of(visit, part, visit.pk in takes) for part in of_visit[visit.pk]])
        for visit in visits
    ]
    settled = settle_each(asked, by=by, now=now)
    if settled.approvals:
        ask_for_more(authorizations=sorted(settled.approvals), now=now)
    return settled


def state_of(visit, part, takes):
    return PartState(
        visitpart=part.pk,
        kind_of_care=part.kind_of_care_id,
        discipline=part.discipline_id,
        on=visit.wall_date,
        wanted=wanted(visit.status, part.status, takes),
        kept=is_kept(visit.status),
    )


def hold_patient(patient):
    """Wait for whoever books or changes a visit of this person; the first thing of an action that locks purchases.

    Every verb on visits takes this lock before it locks purchases, so that nobody waits in a circle.
    """
    lock(keys_for(spans=[], patients=ids_of(current(patient))))


def settle_open(*, patient, by, now=None):
    """Settle all visits of today and later of a person (all their records): something was sold, extended or refunded.

    Within a transaction that began with hold_patient.
    """
    now = now or timezone.now()
    return settle_visits(open_visits(patient, now), by=by, now=now)


def release_open(*, patient, by, now):
    """Give back what is reserved for visits to come; settle_open afterwards draws anew on what there is then."""
    visits = {one.pk: one for one in open_visits(patient, now) if one.status in OCCUPIES_PATIENT}
    rows = VisitPart.objects.filter(appointment__in=visits)
    states = [state_of(visits[part.appointment_id], part, takes=False) for part in rows]
    return settle(
        patient=patient, parts=[replace(one, wanted=Wanted.NOTHING) for one in states], by=by, now=now
    )


def open_visits(patient, now):
    """Visits of today and later of a person (of all records), and of yesterday those that nobody has ended."""
    hold_patient(patient)
    visits = Appointment.objects.filter(patient__in=ids_of(current(patient)), ends_at__gt=now - ONE_DAY)
    visits = visits.select_related("patient", "location").order_by("starts_at", "pk")
    return [
        one
        for one in visits
        if one.status in OCCUPIES_PATIENT or one.wall_date >= walltime.local(now, one.location.tz).date()
    ]
