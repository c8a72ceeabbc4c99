"""Undo: the latest change of a visit is put back, under the same rules as booking."""

from datetime import datetime

from django.urls import reverse

from clinic import audit, walltime
from clinic.models import Clinic, Location
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.timespan import TimeSpan
from scheduling.actions.booking import Wanted
from scheduling.actions.bundles import take_mail_back
from scheduling.actions.caring import leave_care, treat_again
from scheduling.actions.changing import lock_visit
from scheduling.actions.locking import all_or_nothing
from scheduling.actions.needles import NEEDLES, follow_needles
from scheduling.actions.occupying import HOLDS_ITS_PLACE, expire_in_the_way, occupy, release, standing_phases
from scheduling.actions.policy import take_back
from scheduling.actions.settling import settle_visits
from scheduling.models import ActualTime, Appointment, Change, Status, VisitPart, VisitPhase
from scheduling.queries.offers import nearest
from scheduling.queries.world import load_world
from scheduling.rules.life import gone_in_words, reasons_not_to_undo

# Steps of the day change no promise: nothing is given back or taken when they are undone.
KEEPS_ITS_PROMISE = {"check_in", "confirm", "step", "unwell", "longer", "room_changed"}
SAME_PEOPLE = KEEPS_ITS_PROMISE | {"room", "confirm_hold"}
ENDINGS = {"cancel", "no_show"}
NO_OTHER_TIME = {"complete", "part_not_done", "room"}  # the patient is or was here: another day is no way out


def undo(*, by, change_pk, request_key=None, location_shown=None):
    """Put a visit back to before its latest change. Refused, with the nearest times, if the place is gone."""
    try:
        return undo_now(by=by, change_pk=change_pk, request_key=request_key, shown=location_shown)
    except PlaceGone as gone:
        raise Refused(gone.reasons, conflict=True, offers=gone.find_offers()) from gone


class PlaceGone(Exception):
    def __init__(self, visit, verb, now):
        self.visit, self.verb, self.now = visit, verb, now
        self.reasons = [gone_in_words(verb)]

    def find_offers(self):
        """The nearest free times, for a visit that is still to be given."""
        visit = self.visit
        if self.verb in NO_OTHER_TIME:
            return []
        wanted = Wanted(visit.patient, visit.service, visit.location, visit.starts_at)
        return nearest(wanted, now=self.now)


@all_or_nothing
def undo_now(*, by, change_pk, request_key, shown, though_away=False):
    """`though_away`: back to where it was even if whoever treats is not at work then, as when it was moved away."""
    change = Change.objects.get(pk=change_pk)
    claim(request_key, location=shown or reverse("scheduling:visit", args=[change.appointment_id]))
    spans, people, rooms = resources_of(change.before)
    visit, now = lock_visit(change.appointment_id, spans=spans, practitioners=people, rooms=rooms)
    change = Change.objects.select_for_update().get(pk=change_pk)
    reasons = reasons_not_to_undo(
        status_now=visit.status,
        undone=change.undone_at is not None,
        is_latest=not newer(change).exists(),
        minutes_since=(now - change.at).total_seconds() / 60,
        undo_minutes=Clinic.objects.get().undo_minutes,
    )
    if reasons:
        raise Refused(reasons)
    put_back(visit, change, now=now, though_away=though_away)
    withdrawn = withdraw_facts(change, by=by, now=now)
    follow(visit, change, withdrawn, now=now)
    if change.verb in ENDINGS:
        take_back(visit, by=by, now=now)
    settle_visits([visit], by=by, now=now, undone=change.at)
    change.undone_at, change.undone_by = now, by
    change.save()
    take_mail_back(change, by=by, now=now)
    audit.record(by=by, verb=f"undo {change.verb}", about=visit, patient=visit.patient_id)
    return visit


def newer(change):
    return Change.objects.filter(appointment=change.appointment_id, at__gt=change.at, undone_at=None)


def resources_of(before):
    phases = before.get("phases", [])
    spans = [TimeSpan(instant(one["starts_at"]), instant(one["ends_at"])) for one in phases]
    people = {one["practitioner"] for one in phases if one["practitioner"]}
    return spans, people, {one["room"] for one in phases if one["room"]}


def instant(text):
    return datetime.fromisoformat(text)


def put_back(visit, change, *, now, though_away=False):
    before = change.before
    keeps = change.verb in KEEPS_ITS_PROMISE
    if not keeps:
        release([visit])
    restore_rows(visit, before)
    if keeps or visit.status not in HOLDS_ITS_PLACE:
        return
    phases = standing_phases(visit)
    span = TimeSpan(min(p.starts_at for p in phases), max(p.ends_at for p in phases))
    expire_in_the_way(span=span, now=now)
    if is_taken(visit, phases, span, now=now, though_away=though_away):
        raise PlaceGone(visit, change.verb, now)
    occupy(visit, phases, overbook=bool(visit.overbooked_reason))


def follow(visit, change, withdrawn, *, now):
    """Who treats the patient, and whether needles are in, as it is now that the change is taken back."""
    if change.verb not in SAME_PEOPLE:
        treat_again(visit, now=now)
        leave_care(visit.patient, now)
    in_treatment = visit.status == Status.IN_TREATMENT
    if withdrawn & NEEDLES or (in_treatment and change.verb == "part_not_done"):
        follow_needles(visit.patient, visit.location_id)


def restore_rows(visit, before):
    visit.status, visit.ended_reason = before["status"], before.get("ended_reason", "")
    if before.get("location", visit.location_id) != visit.location_id:
        visit.location = Location.objects.get(pk=before["location"])
    if "starts_at" in before:
        visit.starts_at, visit.ends_at = instant(before["starts_at"]), instant(before["ends_at"])
        wall = walltime.local(visit.starts_at, visit.location.tz)
        visit.wall_date, visit.wall_time = wall.date(), wall.time()
        visit.held_until = instant(before["held_until"]) if before["held_until"] else None
    if "confirmed_at" in before:
        visit.confirmed_at = instant(before["confirmed_at"]) if before["confirmed_at"] else None
    visit.came_with = before.get("came_with", visit.came_with)
    if visit.status != Status.HELD:
        visit.held_until = None
    visit.save()
    restore_parts(visit, before)


def restore_parts(visit, before):
    were = {part["id"]: part for part in before.get("parts", [])}
    for part in VisitPart.objects.filter(appointment=visit, pk__in=were):
        part.status, part.reason = were[str(part.pk)]["status"], were[str(part.pk)]["reason"]
        part.save()
    placed = {phase["id"]: phase for phase in before.get("phases", [])}
    phases = list(VisitPhase.objects.filter(visitpart__appointment=visit, pk__in=placed))
    for phase in phases:
        was = placed[str(phase.pk)]
        phase.starts_at, phase.ends_at = instant(was["starts_at"]), instant(was["ends_at"])
        phase.minutes = was.get("minutes", phase.minutes)
        phase.practitioner_id, phase.room_id, phase.version = (
            was["practitioner"],
            was["room"],
            phase.version + 1,
        )
    VisitPhase.objects.bulk_update(
        phases, ["starts_at", "ends_at", "minutes", "practitioner", "room", "version"]
    )


def is_taken(visit, phases, span, *, now, though_away=False):
    """Whether somebody else has any of the minutes that the visit is to get back."""
    if visit.overbooked_reason:
        return patient_is_elsewhere(visit)
    hour = span.start.replace(minute=0, second=0, microsecond=0)
    world = load_world(
        visit.location, TimeSpan(hour, span.end), now=now, patients=[visit.patient_id], ignoring=[visit.pk]
    )
    for phase in phases:
        bits = world.grid.mask(phase.starts_at, phase.ends_at, outward=True)
        if phase.practitioner_id and bits & world.busy_practitioners[phase.practitioner_id]:
            return True
        if (
            phase.practitioner_id
            and not though_away
            and bits & ~world.working.get(phase.practitioner_id, 0)
            and phase.starts_at > now
        ):
            return True
        if phase.room_id and bits & world.busy_rooms[phase.room_id]:
            return True
    return bool(
        world.grid.mask(visit.starts_at, visit.ends_at, outward=True) & world.busy_patients[visit.patient_id]
    )


def patient_is_elsewhere(visit):
    return (
        Appointment.objects.filter(
            patient=visit.patient_id,
            status__in=HOLDS_ITS_PLACE - {Status.HELD},
            starts_at__lt=visit.ends_at,
            ends_at__gt=visit.starts_at,
        )
        .exclude(pk=visit.pk)
        .exists()
    )


def withdraw_facts(change, *, by, now):
    """Facts stay in the table; a row that withdraws each says that it did not happen. Returns what they were."""
    entered = list(ActualTime.objects.filter(pk__in=change.before.get("facts", [])))
    ActualTime.objects.bulk_create(
        ActualTime(
            appointment_id=fact.appointment_id,
            visitphase_id=fact.visitphase_id,
            what=fact.what,
            at=fact.at,
            by=by,
            entered_at=now,
            room_id=fact.room_id,
            minutes=fact.minutes,
            withdrawn=True,
        )
        for fact in entered
    )
    return {fact.what for fact in entered}
