"""Answers on the call list, each a transaction of its own."""

from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import audit, walltime
from clinic.models import Clinic, Closure
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.timespan import TimeSpan
from scheduling import emails
from scheduling.actions.booking import Wanted
from scheduling.actions.caring import join_care, leave_care, leave_if_replaced, treat_again
from scheduling.actions.changing import lock_visit, record_change, snapshot
from scheduling.actions.covering import uncovered
from scheduling.actions.ending import end
from scheduling.actions.locking import all_or_nothing
from scheduling.actions.moving import place_phases
from scheduling.actions.occupying import expire_in_the_way, occupy, of_appointments, release, standing_phases
from scheduling.actions.policy import take_back as take_back_use
from scheduling.actions.settling import settle_visits
from scheduling.actions.undoing import resources_of as resources_before
from scheduling.actions.undoing import restore_rows
from scheduling.models import Answer, Call, Change, Reservation, Status, VisitPhase
from scheduling.queries.of_visit import as_placed
from scheduling.queries.offers import Offer
from scheduling.queries.repairs import TO_COME, away_of, proposal_stands, unsettled_calls
from scheduling.queries.visits import agreed_layout
from scheduling.rules.proposals import (
    FINAL,
    kept_until,
    needs,
    only_new,
    reasons_not_to_answer,
    reasons_not_to_take_back,
)

GIVEN_BACK_AT_ONCE = 50


def page_of(cause):
    """The address of the call list of an absence or a closure."""
    name = "closure_calls" if isinstance(cause, Closure) else "calls"
    return reverse(f"scheduling:{name}", args=[cause.pk])


@all_or_nothing
def answer(*, by, pk, wanted, version, request_key=None, location_shown=None):
    """Write down one answer and do what it says. Returns the Call.

    `wanted` is an Answer: agreed moves the visit to its proposal, cancelled ends it, another_time gives the
    proposal back, left_message keeps it for four hours from now.
    """
    seen = Call.objects.get(pk=pk)
    claim(request_key, location=location_shown or page_of(seen.cause))
    call, visit, now = lock_call(seen, version)
    reasons = reasons_not_to_answer(
        settled=visit.status not in TO_COME or call.answer in FINAL or not still_needs(call, visit),
        has_proposal=call.proposal_id is not None,
        wanted=wanted,
        stands=proposal_stands(call, now),
    )
    if reasons:
        raise Refused(reasons)
    change = CARRY_OUT[wanted](call, visit, by=by, now=now)
    if change is None:
        audit.record(by=by, verb=wanted, about=call, patient=visit.patient_id)
    call.answer, call.answered_at, call.answered_by = wanted, change.at if change else now, by
    call.save()
    return call


def lock_call(seen, version=None, *, before=None):
    """(call, visit, now), with everything locked that visit and proposal occupy, and what `before` did."""
    spans, people, rooms = resources_of(seen.proposal_id)
    if before:
        more = resources_before(before)
        spans, people, rooms = spans + more[0], people | more[1], rooms | more[2]
    visit, now = lock_visit(seen.appointment_id, spans=spans, practitioners=people, rooms=rooms)
    rows = Call.objects.select_for_update(of=("self",))
    call = rows.select_related("absence", "closure", "proposal__location").get(pk=seen.pk)
    if version is not None and call.version != version:
        raise Refused(
            _("Somebody else changed this line meanwhile. The list shows how it stands now."), conflict=True
        )
    return call, visit, now


def still_needs(call, visit):
    return needs(away_of(call.cause), standing_phases(visit), visit.location_id)


def resources_of(proposal_id):
    phases = list(VisitPhase.objects.filter(visitpart__appointment=proposal_id)) if proposal_id else []
    spans = [TimeSpan(phase.starts_at, phase.ends_at) for phase in phases]
    people = {phase.practitioner_id for phase in phases if phase.practitioner_id}
    return spans, people, {phase.room_id for phase in phases if phase.room_id}


def keep_longer(call, visit, *, by, now):
    """A message was left: they may call back for some hours."""
    call.messages_left += 1
    if proposal_stands(call, now):
        held = call.proposal
        held.held_until = kept_until(now, held.starts_at)
        held.save()
        of_appointments([held]).update(expires_at=held.held_until)


def let_go(call, visit, *, by, now):
    """The proposal is not wanted: what it holds is free for what they want instead."""
    give_back(call)


def cancel_visit(call, visit, *, by, now):
    give_back(call)
    words = {"by": by, "pk": visit.pk, "reason": why(call), "version": visit.version}
    return end(Status.CANCELLED, "cancel", key=None, shown=None, by_clinic=True, **words)


def why(call):
    return _("provider away") if call.closure_id is None else _("clinic closed")


def give_back(call):
    """Free what the proposal holds. Its row stays with the call, to be held again by an undo or a new proposal."""
    held = call.proposal
    if held is None:
        return
    release([held])
    if held.status == Status.HELD:
        held.status, held.held_until = Status.CANCELLED, None
        held.save()


def hold_again(held, *, own, now):
    """Hold a proposal whose phases are written: reservations for the minutes that the visit does not keep itself."""
    held.status, held.held_until = Status.HELD, kept_until(now, held.starts_at)
    held.save()
    placed = [as_placed(row) for row in phases_of(held)]
    expire_in_the_way(
        span=TimeSpan(min(one.starts_at for one in placed), max(one.ends_at for one in placed)), now=now
    )
    Reservation.objects.bulk_create(
        Reservation(
            appointment=held,
            practitioner_id=practitioner,
            room_id=room,
            starts_at=span.start,
            ends_at=span.end,
            expires_at=held.held_until,
        )
        for practitioner, room, span in only_new(placed, own)
    )


def phases_of(held):
    return VisitPhase.objects.filter(visitpart__appointment=held).select_related("visitpart")


def apply_proposal(call, visit, *, by, now):
    """Move the visit to its proposal: between them they hold every minute, so nobody can come between."""
    before, proposal = snapshot(visit), call.proposal
    placed = {row.position: as_placed(row) for row in phases_of(proposal)}
    _layout, phases = agreed_layout(visit.pk)
    give_back(call)
    release([visit])
    visit.location = proposal.location
    wall = walltime.local(proposal.starts_at, visit.location.tz)
    visit.starts_at, visit.ends_at = proposal.starts_at, proposal.ends_at
    visit.wall_date, visit.wall_time = wall.date(), wall.time()
    visit.save()
    place_phases(phases, placed)
    occupy(visit, standing_phases(visit))
    agreed = Offer(visit.starts_at, visit.ends_at, tuple(placed.values()), (), (), unattended=False)
    wanted = Wanted(visit.patient, visit.service, visit.location, visit.starts_at)
    join_care([(visit, wanted, agreed)], by=by, now=now)
    leave_if_replaced(visit, before, agreed.phases, now=now)
    settled = settle_visits([visit], by=by, now=now)
    change = record_change(visit, "move", by=by, now=now, before=before, why=why(call))
    was = before["starts_at"], before["location"]
    if visit.status == Status.BOOKED and was != (visit.starts_at.isoformat(), visit.location_id):
        emails.tell_moved(visit, change=change, now=now, uncovered=uncovered(visit, settled))
    return change


CARRY_OUT = {
    Answer.AGREED: apply_proposal,
    Answer.LEFT_MESSAGE: keep_longer,
    Answer.ANOTHER_TIME: let_go,
    Answer.CANCELLED: cancel_visit,
}


@all_or_nothing
def take_back(*, by, pk, version, request_key=None, location_shown=None):
    """Undo the latest answer for some minutes: the visit is where it was, the call is open again. Returns the Call.

    After “agreed” the proposal is held again; after the others it is worked out anew (absences.propose).
    """
    seen = Call.objects.get(pk=pk)
    claim(request_key, location=location_shown or page_of(seen.cause))
    done = change_by(seen)
    call, visit, now = lock_call(seen, version, before=done and done.before)
    latest = Change.objects.filter(appointment=visit, undone_at=None).order_by("-at").first()
    answered = call.answered_at is not None and call.answer != Answer.OPEN
    reasons = reasons_not_to_take_back(
        answered=answered,
        newer=answered and latest is not None and latest.at > call.answered_at,
        minutes_since=(now - call.answered_at).total_seconds() / 60 if answered else 0,
        undo_minutes=Clinic.objects.get().undo_minutes,
    )
    if reasons:
        raise Refused(reasons)
    if done:
        put_back(visit, done, by=by, now=now)
    if call.answer == Answer.AGREED:
        own = [] if visit.overbooked_reason else [as_placed(row) for row in phases_of(visit)]
        hold_again(call.proposal, own=own, now=now)
    reopen(call)
    audit.record(by=by, verb="undo answer", about=call, patient=visit.patient_id)
    return call


def change_by(call):
    """The Change that an answer made, if it made one that still counts."""
    verb = {Answer.AGREED: "move", Answer.CANCELLED: "cancel"}.get(call.answer)
    made = Change.objects.filter(
        appointment=call.appointment_id, at=call.answered_at, verb=verb, undone_at=None
    )
    return made.first()


def put_back(visit, change, *, by, now):
    """As before the answer, with the practitioner who is away: nobody else can have had those minutes."""
    release([visit])
    restore_rows(visit, change.before)
    phases = standing_phases(visit)
    span = TimeSpan(min(one.starts_at for one in phases), max(one.ends_at for one in phases))
    expire_in_the_way(span=span, now=now)
    occupy(visit, phases, overbook=bool(visit.overbooked_reason))
    treat_again(visit, now=now)
    leave_care(visit.patient, now)
    take_back_use(visit, by=by, now=now)
    settle_visits([visit], by=by, now=now, undone=change.at)
    change.undone_at, change.undone_by = now, by
    change.save()
    emails.take_back(change, now=now)


def give_back_unneeded():
    """Free proposals that nobody needs any more; returns how many. The worker calls it.

    The absence or closure was lifted, or the visit was settled by hand: it stays as it is, and its line says so.
    """
    open_ones = unsettled_calls().values("pk")
    rows = Call.objects.filter(proposal__status=Status.HELD).exclude(pk__in=open_ones)
    return sum(give_back_one(call) for call in list(rows[:GIVEN_BACK_AT_ONCE]))


@all_or_nothing
def give_back_one(seen):
    call, visit, _now = lock_call(seen)
    if visit.status in TO_COME and call.answer not in FINAL and still_needs(call, visit):
        return 0
    give_back(call)
    call.save()
    return 1


def reopen(call):
    if call.answer == Answer.LEFT_MESSAGE:
        call.messages_left -= 1
    call.answer = Answer.LEFT_MESSAGE if call.messages_left else Answer.OPEN
    call.answered_at = call.answered_by = None
    call.without_asking = False
    call.save()
