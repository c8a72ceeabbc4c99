"""“It happened”: a visit entered after it took place. Facts are never refused and need no free slot."""

import uuid
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit
from clinic.refusal import Refused
from clinic.submissions import claim
from scheduling.actions.booking import Chosen, new_appointment, write_phases
from scheduling.actions.caring import join_care
from scheduling.actions.locking import all_or_nothing, keys_for, lock
from scheduling.actions.settling import settle_visits
from scheduling.models import ActualTime, Change, PartStatus, Status, VisitPart, What
from scheduling.queries.offers import Placed, visit_of
from scheduling.rules.grid import QUANTUM


@all_or_nothing
def it_happened(*, by, wanted, reason, request_key=None, location_shown=None):
    """Enter a completed visit in the past; `wanted` names everybody and every room, group by group."""
    pk = uuid.uuid4()
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[pk]))
    if not reason.strip():
        raise Refused(_("Say why it is entered later, for example “walk-in” or “computer was down”."))
    visit = visit_of(wanted.service)
    lock(keys_for(spans=[], patients=[wanted.patient.pk]))
    now = timezone.now()
    ends_at = wanted.starts_at + visit.patient_quanta * QUANTUM
    if ends_at > now:
        raise Refused(_("This visit is not over yet. Book it, or enter it when it is over."))
    if now - wanted.starts_at > timedelta(days=366):
        raise Refused(_("This is more than a year ago. Check the date."))
    chosen = Chosen(placed=[], phases=past_phases(visit, wanted), ends_at=ends_at, overbooked=False)
    appointment = new_appointment(pk, wanted, by=by, now=now, held_until=None, series=None)
    appointment.status, appointment.ends_at = Status.COMPLETED, ends_at
    appointment.entered_later_reason = reason.strip()[:200]
    appointment.save(force_insert=True)
    write_phases([(appointment, wanted, chosen)])
    VisitPart.objects.filter(appointment=appointment).update(status=PartStatus.DONE, version=2)
    record_facts(appointment, by=by, now=now)
    join_care([(appointment, wanted, chosen)], by=by, now=now)
    settle_visits([appointment], by=by, now=now)
    Change.objects.create(
        appointment=appointment,
        verb="it_happened",
        at=now,
        by=by,
        before={"status": Status.CANCELLED, "ended_reason": _("entry undone")},
    )
    audit.record(by=by, verb="it happened", about=appointment, patient=wanted.patient, reason=reason)
    return appointment


def past_phases(visit, wanted):
    """Every phase at its minute, with whoever and wherever was named; free or not does not matter any more."""
    found = []
    for need, (offset, length) in zip(visit.phases, visit.intervals, strict=True):
        found.append(
            Placed(
                part=need.part,
                position=need.key,
                kind=need.kind,
                minutes=need.minutes,
                patient_present=need.patient_present,
                practitioner=named(wanted.practitioners, need.practitioner_group),
                room=named(wanted.rooms, need.room_group),
                starts_at=wanted.starts_at + offset * QUANTUM,
                ends_at=wanted.starts_at + (offset + length) * QUANTUM,
            )
        )
    return tuple(found)


def named(ids, group):
    return ids[group] if ids and group is not None and group < len(ids) else None


def record_facts(appointment, *, by, now):
    """Arrival and leaving as promised: what is known. The note may correct them."""
    ActualTime.objects.bulk_create(
        ActualTime(appointment=appointment, what=what, at=at, by=by, entered_at=now)
        for what, at in ((What.ARRIVED, appointment.starts_at), (What.LEFT, appointment.ends_at))
    )
