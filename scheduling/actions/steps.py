"""The steps of the day: each one tap, one transaction, one fact, and one Change that can be undone."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import Room
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.walltime import local
from patients.rules import age
from patients.rules.shown import ADULT_AT
from scheduling.actions.caring import leave_care
from scheduling.actions.changing import lock_together, lock_visit, record_change, snapshot
from scheduling.actions.locking import all_or_nothing
from scheduling.actions.needles import NEEDLES, follow_needles
from scheduling.actions.occupying import cut_at
from scheduling.actions.rooms import promise_room
from scheduling.actions.settling import settle_visits
from scheduling.models import ActualTime, PartStatus, Status, VisitPart, What
from scheduling.queries.progress import progress_of
from scheduling.rules.arriving import reasons_not_to_check_in
from scheduling.rules.life import reasons_not_to_become
from scheduling.rules.placing import rounded
from scheduling.rules.steps import (
    CLOSES,
    IN_ROOM,
    LEAVE,
    button,
    reasons_not_to_correct,
    reasons_not_to_leave,
    reasons_not_to_step,
    step_named,
)


@all_or_nothing
def check_in(
    *,
    by,
    pk,
    born=None,
    checked_another_way=False,
    came_with="",
    same_name=False,
    request_key=None,
    location_shown=None,
):
    """The patient is here. `born` is the birth date they say; `came_with` is needed for a minor.

    Returns the Change. `same_name`: somebody of nearly this name comes today, so the words warn of it.
    """
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[pk]))
    return arrive(
        by=by,
        pk=pk,
        born=born,
        checked_another_way=checked_another_way,
        came_with=came_with,
        same_name=same_name,
    )


@all_or_nothing
def check_in_all(
    *, by, pks, born, checked_another_way=False, came_with="", request_key=None, location_shown=None
):
    """A household at once, all or none. `born`: {visit id: the birth date they say}. Returns the Changes."""
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[min(pks)]))
    lock_together(pks)
    return [
        arrive(
            by=by,
            pk=pk,
            born=born.get(pk),
            checked_another_way=checked_another_way,
            came_with=came_with,
        )
        for pk in sorted(pks)
    ]


def arrive(*, by, pk, born=None, checked_another_way=False, came_with="", same_name=False):
    """Check in within the transaction of a larger action."""
    visit, now = lock_visit(pk)
    patient = visit.patient
    years = age(patient.birth_date, local(now, visit.location.tz).date())
    minor = years is not None and years < ADULT_AT
    reasons = reasons_not_to_check_in(
        status=visit.status,
        called=patient.called,
        birth_date=patient.birth_date,
        born=born,
        checked_another_way=checked_another_way,
        is_minor=minor,
        came_with=came_with,
        same_name=same_name,
    )
    if reasons:
        raise Refused(reasons)
    before = snapshot(visit)
    visit.status, visit.came_with = Status.ARRIVED, came_with.strip()[:150] if minor else ""
    visit.save()
    fact = stamp(visit, What.ARRIVED, by=by, now=now)
    return record_change(
        visit, "check_in", by=by, now=now, before=before, facts=[fact], another_way=checked_another_way
    )


def stamp(visit, what, *, by, now, phase=None, room=None, minutes=None, at=None):
    """Write one fact. `phase` is a VisitPhase's id."""
    return ActualTime.objects.create(
        appointment=visit,
        visitphase_id=phase,
        what=what,
        at=at or now,
        by=by,
        entered_at=now,
        room_id=room,
        minutes=minutes,
    )


@all_or_nothing
def take_step(*, by, pk, what, part=None, room=None, request_key=None, location_shown=None):
    """Stamp the step named `what` (rules.steps). `room`: an id, where they go instead of the promised one.

    A fact never waits for a free slot. Where the other room is free its minutes are promised to this visit.
    Returns the Change.
    """
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[pk]))
    rooms = [room] if room else []
    visit, now = lock_visit(pk, rooms=rooms)
    progress = progress_of(visit)
    step = step_named(progress, what, part)
    reasons = reasons_not_to_step(progress, what, step, called=visit.patient.called)
    if reasons:
        raise Refused(reasons)
    if what == LEAVE:
        return leave(visit, by=by, now=now)
    before = snapshot(visit)
    moved = False
    into = step.room
    if room and into and room != into:
        into = room_here(visit, room).pk
        moved = promise_room(visit, old=step.room, new=into, now=now)
    facts = stamp_step(visit, step, into, by=by, now=now)
    close_part(step)
    if visit.status != Status.IN_TREATMENT:
        visit.status = Status.IN_TREATMENT
        visit.save()
    if step.what in NEEDLES:
        follow_needles(visit.patient, visit.location_id)
    return record_change(
        visit, "room" if moved else "step", by=by, now=now, before=before, facts=facts, step=str(button(step))
    )


def stamp_step(visit, step, room, *, by, now):
    """The step's fact; before it, where the step leads to a room, that they are in it."""
    if step.key == IN_ROOM:
        return [stamp(visit, step.what, by=by, now=now, phase=step.phase.id, room=room)]
    facts = [stamp(visit, What.IN_ROOM, by=by, now=now, phase=step.phase.id, room=room)] if room else []
    return [*facts, stamp(visit, step.what, by=by, now=now, phase=step.phase.id)]


def close_part(step):
    if step.what in CLOSES:
        part = VisitPart.objects.select_for_update().get(pk=step.part.id)
        part.status = PartStatus.DONE
        part.save()


def room_here(visit, room):
    found = Room.objects.filter(pk=room, location=visit.location_id, active=True).first()
    if found is None:
        raise Refused(
            _("This room is not at %(location)s. Choose another one.") % {"location": visit.location.name}
        )
    return found


def leave(visit, *, by, now, not_done=""):
    """Check out: the rest of what was promised is free from the next full five minutes.

    `not_done`: why the parts that are still open did not happen; without it they stand in the way.
    """
    progress = progress_of(visit)
    reasons = reasons_not_to_become(visit.status, Status.COMPLETED)
    if not reasons and (progress.needles_are_in or not not_done):
        reasons = reasons_not_to_leave(progress)
    if reasons:
        raise Refused(reasons)
    before = snapshot(visit)
    for part in VisitPart.objects.select_for_update().filter(appointment=visit, status=PartStatus.PLANNED):
        part.status, part.reason = PartStatus.NOT_DONE, not_done[:200]
        part.save()
    visit.status = Status.COMPLETED
    visit.save()
    if progress.open:  # closed just now: whoever was to deliver them did not treat
        leave_care(visit.patient, now)
    fact = stamp(visit, What.LEFT, by=by, now=now)
    cut_at(visit, rounded(now))
    settle_visits([visit], by=by, now=now)
    return record_change(visit, "complete", by=by, now=now, before=before, facts=[fact], not_done=not_done)


@all_or_nothing
def leave_untreated(*, by, pk, reason, request_key=None, location_shown=None):
    """The patient goes although parts did not happen: those are closed as not done, for this reason."""
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[pk]))
    if not reason.strip():
        raise Refused(
            _("Choose why this part is not done: unwell, provider away, patient's wish, or no time.")
        )
    visit, now = lock_visit(pk)
    return leave(visit, by=by, now=now, not_done=reason.strip())


@all_or_nothing
def correct_time(*, by, pk, fact, at, request_key=None, location_shown=None):
    """Say when it really happened: a new row, the one before stays. `fact` is the id of the one that holds."""
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[pk]))
    visit, now = lock_visit(pk)
    old = next((one for one in progress_of(visit).facts if one.id == fact), None)
    if old is None:
        raise Refused(_("Somebody else corrected this meanwhile. Reload the page to see it."), conflict=True)
    reasons = reasons_not_to_correct(at, now=timezone.now(), starts_at=visit.starts_at)
    if reasons:
        raise Refused(reasons)
    before = snapshot(visit)
    new = stamp(visit, old.what, by=by, now=now, phase=old.phase, room=old.room, minutes=old.minutes, at=at)
    if old.what in NEEDLES:
        follow_needles(visit.patient, visit.location_id)
    return record_change(
        visit,
        "step",
        by=by,
        now=now,
        before=before,
        facts=[new],
        corrected=old.what,
        was=old.at.isoformat(),
        at=at.isoformat(),
    )
