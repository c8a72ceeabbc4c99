"""Visits and the entries of packages and authorizations: after each verb the one follows from the other.

No verb writes an entry itself. It writes how the visit stands and calls settle_visits once, so that undoing
a verb needs no code of its own here, and canceling what was booked leaves every balance where it was.
"""

from dataclasses import replace
from datetime import timedelta

from django.db.models import Q
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
from scheduling.rules.payment import NEVER_TOOK_PLACE, STILL_TO_BE_GIVEN, is_kept, wanted

ONE_DAY = timedelta(days=1)


def settle_visits(visits, *, by, now, undone=None):
    """Make the entries of these visits follow from how they stand; returns packages.actions.ledger.Settled.

    What became free by it is taken by other visits to come of the same people that nothing covered, soonest first.
    `undone`: the instant of the change that is taken back; what other visits took then goes back.

    Expects the locks of their patients, which hold those other visits, too; for a visit on a record that was merged
    into another that one's is taken here. One statement for the parts, one more
    where a visit was canceled or missed, those of settle_each, and three where an insurer's visits were taken: more
    are asked for in time.
    """
    kept = {visit.patient.merged_into_id for visit in visits} - {None}
    if kept:
        lock(keys_for(spans=[], patients=kept))
    people = {visit.patient_id for visit in visits} | kept
    to_come = Q(patient__in=people, status__in=STILL_TO_BE_GIVEN, ends_at__gt=now - ONE_DAY)
    return settle_those(visits, Q(pk__in=[one.pk for one in visits]) | to_come, by, now, undone)


def settle_only(visits, *, by, now):
    """As settle_visits, and no other visit takes what became free: more of them are ended in the same step."""
    return settle_those(visits, Q(pk__in=[one.pk for one in visits]), by, now)


def settle_those(visits, which, by, now, undone=None):
    ended = [one.pk for one in visits if one.status in NEVER_TOOK_PLACE]
    takes = takes_visit(ended) if ended else set()
    own = {visit.pk: visit for visit in visits}
    states = {visit.pk: (visit.patient, []) for visit in visits}
    merged = {
        visit.patient.merged_into_id: visit.patient for visit in visits
    }  # they stand for the same person
    people = merged | {visit.patient_id: visit.patient for visit in visits}
    for part in parts_of(which):
        visit = own.get(part.appointment_id, part.appointment)
        state = replace(state_of(visit, part, visit.pk in takes), other=visit.pk not in own)
        states.setdefault(visit.pk, (people[visit.patient_id], []))[1].append(state)
    settled = settle_each(list(states.values()), by=by, now=now, undone=undone)
    if settled.approvals:
        ask_for_more(authorizations=sorted(settled.approvals), now=now)
    return settled


def parts_of(which):
    """Parts of the visits that fit a condition, the soonest first. One statement."""
    visits = Appointment.objects.filter(which)
    rows = VisitPart.objects.filter(appointment__in=visits.values("pk")).select_related("appointment")
    return rows.order_by("appointment__starts_at", "appointment", "position")


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
    """Visits of today and later of a person (of all records), and of any day before those that nobody has ended."""
    hold_patient(patient)
    lasting = Q(ends_at__gt=now - ONE_DAY) | Q(status__in=OCCUPIES_PATIENT)
    visits = Appointment.objects.filter(lasting, patient__in=ids_of(current(patient)))
    visits = visits.select_related("patient", "location").order_by("starts_at", "pk")
    return [
        one
        for one in visits
        if one.status in OCCUPIES_PATIENT or one.wall_date >= walltime.local(now, one.location.tz).date()
    ]
