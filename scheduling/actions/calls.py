"""Answers on the call list, each a transaction of its own."""

from django.urls import reverse

from clinic import walltime
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.timespan import TimeSpan
from scheduling import emails
from scheduling.actions.changing import lock_visit, record_change, snapshot
from scheduling.actions.ending import end
from scheduling.actions.locking import all_or_nothing
from scheduling.actions.moving import place_phases
from scheduling.actions.occupying import occupy, of_appointments, release, standing_phases
from scheduling.models import Answer, Call, Status, VisitPhase
from scheduling.queries.offers import Placed
from scheduling.queries.repairs import TO_COME
from scheduling.queries.visits import agreed_layout
from scheduling.rules.proposals import reasons_not_to_answer


@all_or_nothing
def answer(*, by, pk, wanted, version=None, request_key=None):
    """Agreed, left a message, another time, or cancel. Returns (call, Change or None)."""
    seen = Call.objects.select_related("proposal").get(pk=pk)
    claim(request_key, location=reverse("scheduling:calls", args=[seen.absence_id]))
    spans, people, rooms = resources_of(seen.proposal_id)
    visit, now = lock_visit(seen.appointment_id, spans=spans, practitioners=people, rooms=rooms)
    call = lock_version(Call.objects.select_related(None), pk, seen.version if version is None else version)
    stands = proposal_stands(call, now)
    reasons = reasons_not_to_answer(
        settled=visit.status not in TO_COME or call.answer in {Answer.AGREED, Answer.CANCELLED},
        has_proposal=call.proposal_id is not None,
        wanted=wanted,
        proposal_stands=stands,
    )
    if reasons:
        raise Refused(reasons)
    change = carry_out(call, visit, wanted, by=by, now=now)
    call.answer, call.answered_at, call.answered_by = wanted, now, by
    call.messages_left += wanted == Answer.LEFT_MESSAGE
    call.save()
    return call, change


def proposal_stands(call, now):
    return (
        call.proposal_id is not None
        and call.proposal.status == Status.HELD
        and call.proposal.held_until > now
    )


def resources_of(proposal_id):
    phases = list(VisitPhase.objects.filter(visitpart__appointment=proposal_id)) if proposal_id else []
    spans = [TimeSpan(phase.starts_at, phase.ends_at) for phase in phases]
    people = {phase.practitioner_id for phase in phases if phase.practitioner_id}
    return spans, people, {phase.room_id for phase in phases if phase.room_id}


def carry_out(call, visit, wanted, *, by, now):
    if wanted == Answer.AGREED:
        return apply_proposal(call, visit, by=by, now=now)
    if wanted == Answer.LEFT_MESSAGE:
        return None
    give_back(call)
    if wanted == Answer.CANCELLED:
        return end(
            Status.CANCELLED,
            "cancel",
            by=by,
            pk=visit.pk,
            reason="provider away",
            version=visit.version,
            key=None,
            shown=None,
        )
    return None


def give_back(call):
    """The proposal is not wanted: what it holds is free again."""
    if call.proposal_id and call.proposal.status == Status.HELD:
        of_appointments([call.proposal]).delete()
        call.proposal.status, call.proposal.held_until = Status.CANCELLED, None
        call.proposal.save()


def apply_proposal(call, visit, *, by, now):
    """Move the visit to its proposal: between them they hold every minute, so nobody can come between."""
    before = snapshot(visit)
    proposal = call.proposal
    rows = VisitPhase.objects.filter(visitpart__appointment=proposal).select_related("visitpart")
    placed = {row.position: as_placed(row) for row in rows}
    _layout, phases = agreed_layout(visit.pk)
    give_back(call)
    release([visit])
    wall = walltime.local(proposal.starts_at, visit.location.tz)
    visit.starts_at, visit.ends_at = proposal.starts_at, proposal.ends_at
    visit.wall_date, visit.wall_time = wall.date(), wall.time()
    visit.save()
    place_phases(phases, placed)
    occupy(visit, standing_phases(visit))
    call.answer, call.answered_at, call.answered_by = Answer.AGREED, now, by
    change = record_change(visit, "move", by=by, now=now, before=before, why="provider away")
    emails.tell_moved(visit, change=change, now=now)
    return change


def as_placed(row):
    return Placed(
        part=row.visitpart.position,
        position=row.position,
        kind=row.kind,
        minutes=row.minutes,
        patient_present=row.patient_present,
        practitioner=row.practitioner_id,
        room=row.room_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
    )
