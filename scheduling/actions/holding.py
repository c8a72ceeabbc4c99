"""Holds: a time kept for some minutes until somebody says yes."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.refusal import Refused
from clinic.submissions import claim
from scheduling import emails
from scheduling.actions.caring import leave_care
from scheduling.actions.changing import lock_visit, record_change, snapshot
from scheduling.actions.covering import uncovered
from scheduling.actions.locking import all_or_nothing
from scheduling.actions.occupying import of_appointments, release
from scheduling.actions.settling import settle_visits
from scheduling.models import OCCUPIES_PATIENT, Appointment, Call, Reservation, Status
from scheduling.rules.life import HOLD_RAN_OUT, has_run_out, reasons_not_to_become


@all_or_nothing
def confirm_hold(*, by, pk, version=None, request_key=None, location_shown=None):
    """Make a hold a booking. Refused when it ran out, or when the patient has another visit then."""
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[pk]))
    visit, now = lock_visit(pk, version=version)
    reasons = reasons_not_to_become(visit.status, Status.BOOKED)
    if has_run_out(visit.status, visit.held_until, now):
        reasons = [HOLD_RAN_OUT]
    if not reasons and Call.objects.filter(proposal=visit).exists():
        reasons = [_("This is a proposal of a call list. Answer it there, so that the visit moves.")]
    other = Appointment.objects.filter(
        patient=visit.patient_id,
        status__in=OCCUPIES_PATIENT,
        starts_at__lt=visit.ends_at,
        ends_at__gt=visit.starts_at,
    )
    if not reasons and other.exists():
        reasons = [_("The patient has another visit at that time. Move that one, or choose another time.")]
    if reasons:
        raise Refused(reasons)
    before = snapshot(visit)
    visit.status, visit.held_until = Status.BOOKED, None
    visit.save()
    of_appointments([visit]).update(expires_at=None)
    settled = settle_visits([visit], by=by, now=now)
    change = record_change(visit, "confirm_hold", by=by, now=now, before=before)
    emails.tell_booked(visit, change=change, now=now, uncovered=uncovered(visit, settled))
    return change


def expire_holds(now=None, limit=50):
    """Free holds that ran out, each in a transaction of its own; returns how many. The worker calls it."""
    now = now or timezone.now()
    due = Appointment.objects.filter(status=Status.HELD, held_until__lte=now).values_list("pk", flat=True)[
        :limit
    ]
    return sum(expire(pk) for pk in list(due))


@all_or_nothing
def expire(pk):
    visit, now = lock_visit(pk)
    if not has_run_out(visit.status, visit.held_until, now):
        return 0
    visit.status = Status.EXPIRED
    visit.save()
    release([visit])
    leave_care(visit.patient, now)
    return 1


def sweep_live(now=None):
    """Rows of UTC days that are over leave the constraints' indexes; returns how many. Nightly."""
    now = now or timezone.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return Reservation.objects.filter(live=True, ends_at__lte=midnight).update(live=False)
