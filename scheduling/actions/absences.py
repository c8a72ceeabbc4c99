"""Somebody is away or a location closed: every visit that is touched gets a proposal that is held."""

from django.urls import reverse
from django.utils import timezone

from clinic import audit, walltime
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.timespan import TimeSpan
from practitioners.actions import create_absence
from scheduling.actions.booking import visit_phase
from scheduling.actions.calls import apply_proposal, give_back, hold_again
from scheduling.actions.changing import lock_visit
from scheduling.actions.locking import TooBusy, all_or_nothing, keys_for, lock
from scheduling.actions.moving import place_phases
from scheduling.models import Answer, Appointment, Call, PartStatus, Status, VisitPart, VisitPhase
from scheduling.queries.repairs import (
    TO_COME,
    away_of,
    calls_about,
    covered_already,
    named,
    own_of,
    proposal_stands,
    proposals_for,
    spoiled,
    touched,
)
from scheduling.rules.proposals import UNREACHED, kept_until, reasons_not_to_record

TRIES = 3


@all_or_nothing
def record_absence(*, by, practitioner, span, kind, note="", request_key=None):
    """Take the working time away. Never refused because visits exist: they become the call list."""
    claim(request_key, location=reverse("scheduling:away", args=[practitioner.pk]))
    lock(keys_for(spans=[span], practitioners=[practitioner.pk]))
    reasons = reasons_not_to_record(
        span=span, now=timezone.now(), away_already=covered_already(practitioner, span)
    )
    if reasons:
        raise Refused(reasons)
    absence = create_absence(practitioner=practitioner, span=span, kind=kind, note=note)
    audit.record(
        by=by,
        verb="record absence",
        about=absence,
        starts_at=span.start.isoformat(),
        ends_at=span.end.isoformat(),
    )
    return absence


def propose(*, by, cause, only=None):
    """Put every touched visit on the call list with a held proposal; those that have one keep it. Returns the calls.

    `cause`: the absence or the closure. `only`: ids of visits. Each visit is a transaction of its own. People for
    whom anyone is fine are moved at once where the time stays. Called again it proposes anew where a proposal
    ran out.
    """
    away, now = away_of(cause), timezone.now()
    visits = touched(away, now=now, only=only)
    settled = without_need(cause, visits, now)
    visits = [visit for visit in visits if visit.pk not in settled]
    found = proposals_for(visits, away, now=now)
    calls = [put(by, cause, visit, found[visit.pk]) for visit in visits]
    return [call for call in calls if call]


def without_need(cause, visits, now):
    """Ids of visits that have a proposal, or whose person wants another time. Two statements."""
    calls = list(calls_about(cause).filter(appointment__in=visits).select_related("proposal"))
    off = spoiled([call.proposal_id for call in calls])
    return {
        call.appointment_id
        for call in calls
        if call.answer not in UNREACHED
        or (
            call.proposal_id is not None
            and call.proposal_id not in off
            and call.proposal.status == Status.HELD
            and call.proposal.held_until > now
        )
    }


def put(by, cause, visit, made):
    """One visit on the list; what somebody faster took meanwhile is worked out anew. None if it needs nothing."""
    for _try in range(TRIES):
        try:
            return put_on_list(by=by, cause=cause, visit=visit, made=made)
        except TooBusy:
            raise
        except Refused:
            away, now = away_of(cause), timezone.now()
            again = touched(away, now=now, only=[visit.pk])
            if not again:
                return None
            visit, made = again[0], proposals_for(again, away, now=now)[visit.pk]
    return put_on_list(by=by, cause=cause, visit=visit, made=None)


@all_or_nothing
def put_on_list(*, by, cause, visit, made):
    """`made`: what was found for the visit (queries.repairs.Found), or None."""
    spans, people, rooms = resources_of(made)
    current, now = lock_visit(visit.pk, spans=spans, practitioners=people, rooms=rooms)
    if current.status not in TO_COME:
        return None
    if current.version != visit.version and made is not None:
        raise Refused([], conflict=True)
    calls = Call.objects.select_related("proposal")
    call, new = calls.get_or_create(appointment=current, **named(cause))
    if call.answer not in UNREACHED or proposal_stands(call, now):
        return call
    give_back(call)
    if made is not None:
        call.proposal = write_proposal(call.proposal, current, made, by=by, now=now)
        hold_again(call.proposal, own=own_of(visit), now=now)
    if new and made is not None and current.patient.anyone_is_fine and is_same_time(made, current):
        change = apply_proposal(call, current, by=by, now=now)
        call.answer, call.answered_at, call.answered_by = Answer.AGREED, change.at, by
        call.without_asking = True
    else:
        audit.record(by=by, verb="propose", about=call, patient=current.patient_id, found=made is not None)
    call.save()
    return call


def is_same_time(made, visit):
    return made.offer.starts_at == visit.starts_at and made.location.pk == visit.location_id


def resources_of(made):
    if made is None:
        return [], [], []
    phases = made.offer.phases
    spans = [TimeSpan(phase.starts_at, phase.ends_at) for phase in phases]
    people = {phase.practitioner for phase in phases if phase.practitioner}
    return spans, people, {phase.room for phase in phases if phase.room}


def write_proposal(earlier, visit, made, *, by, now):
    """The proposal as an appointment with phases, not yet occupying anything. An earlier one of the call is reused."""
    offer, wall = made.offer, walltime.local(made.offer.starts_at, made.location.tz)
    values = {
        "location": made.location,
        "starts_at": offer.starts_at,
        "ends_at": offer.ends_at,
        "wall_date": wall.date(),
        "wall_time": wall.time(),
        "status": Status.HELD,
        "held_until": kept_until(now, offer.starts_at),
    }
    placed = {one.position: one for one in offer.phases}
    rows = list(VisitPhase.objects.filter(visitpart__appointment=earlier)) if earlier else []
    if earlier and {row.position for row in rows} == set(placed):
        for name, value in values.items():
            setattr(earlier, name, value)
        earlier.save()
        place_phases(rows, placed)
        return earlier
    held = Appointment.objects.create(
        patient=visit.patient,
        service=visit.service,
        created_at=now,
        created_by=by,
        **values,
    )
    parts = copies_of_parts(visit, held)
    VisitPhase.objects.bulk_create(visit_phase(parts[one.part], one) for one in offer.phases)
    return held


def copies_of_parts(visit, held):
    """{position: part} of the held appointment, as the visit's own that stand."""
    parts = {
        part.position: VisitPart(
            appointment=held,
            position=part.position,
            name=part.name,
            discipline_id=part.discipline_id,
            kind_of_care_id=part.kind_of_care_id,
        )
        for part in visit.parts.exclude(status=PartStatus.NOT_DONE)
    }
    VisitPart.objects.bulk_create(parts.values())
    return parts
