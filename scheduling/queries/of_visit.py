"""One visit as its panel tells it, and the visits of one patient as the chart lists them."""

from collections import defaultdict
from dataclasses import dataclass

from clinic.models import Clinic
from patients.models import Patient
from patients.queries import household_of
from scheduling.models import (
    OCCUPIES_PATIENT,
    Appointment,
    Change,
    PartStatus,
    Status,
    VisitPart,
    VisitPhase,
)
from scheduling.queries.offers import Placed
from scheduling.rules import sentences
from scheduling.rules.life import reasons_not_to_become, reasons_not_to_move, reasons_not_to_undo

LISTED = 60  # visits of one patient in the chart, newest first
EXPECTED = {Status.HELD, *OCCUPIES_PATIENT}


@dataclass(frozen=True, slots=True)
class PhaseLine:
    """One phase in words: “9:00 am”, “hands-on”, 15, “Mei”, “Room 2”."""

    at: str
    kind: str
    minutes: int
    who: str
    where: str


@dataclass(frozen=True, slots=True)
class PartLine:
    part: VisitPart
    phases: list[PhaseLine]
    may_close: bool


@dataclass(frozen=True, slots=True)
class ChangeLine:
    change: Change
    what: str
    before: str
    at: object
    by: str
    undone_at: object


@dataclass(frozen=True, slots=True)
class Story:
    """`may` holds what can be done now: move, confirm, confirm_hold, cancel, no_show. `undo` is a Change or None."""

    visit: Appointment
    when: str
    who_and_where: str
    parts: list[PartLine]
    changes: list[ChangeLine]
    may: frozenset[str]
    undo: Change | None
    undo_what: str
    household: list


def story_of(visit, *, user, now, reader):
    """Everything about one visit. Five statements; `visit` comes with patient, location and service.

    `reader` is the zone of whoever looks.
    """
    clinic = Clinic.objects.get()
    phases = phases_of_visits([visit.pk])[visit.pk]
    names = names_of(phases)
    placed = [as_placed(phase) for phase in phases]
    zone = visit.location.tz
    changes = list(Change.objects.filter(appointment=visit).select_related("by__profile").order_by("-at"))
    latest = next((change for change in changes if change.undone_at is None), None)
    undo = latest if latest and may_undo(latest, visit, clinic, now) else None
    parts = list(visit.parts.order_by("position"))
    return Story(
        visit=visit,
        when=sentences.when(visit.starts_at, visit.ends_at, zone, reader),
        who_and_where=sentences.who_and_where(placed, names, zone),
        parts=[part_line(part, parts, phases, visit, names) for part in parts],
        changes=[change_line(change, zone) for change in changes],
        may=frozenset(what_may_be_done(visit, now)),
        undo=undo,
        undo_what=sentences.change_in_words(undo.verb) if undo else "",
        household=household_of(visit.patient, user),
    )


def phases_of_visits(visit_ids):
    """{visit id: [phases]} in order, with their practitioner, room and part. One statement."""
    found = defaultdict(list)
    rows = VisitPhase.objects.filter(visitpart__appointment__in=visit_ids)
    for phase in rows.select_related("visitpart", "practitioner", "room").order_by("starts_at", "position"):
        found[phase.visitpart.appointment_id].append(phase)
    return found


def names_of(phases):
    people = {phase.practitioner_id: phase.practitioner for phase in phases if phase.practitioner}
    rooms = {phase.room_id: phase.room.name for phase in phases if phase.room}
    return sentences.Names(
        sentences.short_names((pid, one.name, one.credentials) for pid, one in people.items()),
        sentences.room_names(rooms.items()),
    )


def as_placed(phase):
    return Placed(
        part=phase.visitpart.position,
        position=phase.position,
        kind=phase.kind,
        minutes=phase.minutes,
        patient_present=phase.patient_present,
        practitioner=phase.practitioner_id,
        room=phase.room_id,
        starts_at=phase.starts_at,
        ends_at=phase.ends_at,
    )


def part_line(part, parts, phases, visit, names):
    standing = [one for one in parts if one.status != PartStatus.NOT_DONE]
    return PartLine(
        part=part,
        phases=[
            PhaseLine(
                at=sentences.clock(phase.starts_at, visit.location.tz),
                kind=phase.get_kind_display(),
                minutes=phase.minutes,
                who=names.practitioners.get(phase.practitioner_id, ""),
                where=names.rooms.get(phase.room_id, ""),
            )
            for phase in phases
            if phase.visitpart_id == part.pk
        ],
        may_close=part.status == PartStatus.PLANNED
        and len(standing) > 1
        and visit.status in OCCUPIES_PATIENT,
    )


def change_line(change, zone):
    before = change.before.get("starts_at") if change.verb == "move" else None
    return ChangeLine(
        change=change,
        what=sentences.change_in_words(change.verb),
        before=sentences.moved_from(before, zone) if before else "",
        at=change.at,
        by=change.by.name,
        undone_at=change.undone_at,
    )


def may_undo(change, visit, clinic, now):
    return not reasons_not_to_undo(
        status_now=visit.status,
        undone=False,
        is_latest=True,
        minutes_since=(now - change.at).total_seconds() / 60,
        undo_minutes=clinic.undo_minutes,
    )


def what_may_be_done(visit, now):
    if not reasons_not_to_move(visit.status):
        yield "move"
    if visit.status == Status.BOOKED and visit.confirmed_at is None and visit.starts_at > now:
        yield "confirm"
    if visit.status == Status.HELD and visit.held_until > now:
        yield "confirm_hold"
    if not reasons_not_to_become(visit.status, Status.CANCELLED):
        yield "cancel"
    if not reasons_not_to_become(visit.status, Status.NO_SHOW) and visit.starts_at <= now:
        yield "no_show"


@dataclass(frozen=True, slots=True)
class VisitLine:
    visit: Appointment
    when: str
    who_and_where: str
    practitioners: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Visits:
    """`upcoming`: expected and not over, the next first. `past`: everything else, the latest first."""

    upcoming: list[VisitLine]
    past: list[VisitLine]


def visits_of_patient(patient, *, now, reader, limit=LISTED):
    """The visits of one person, those under merged records too. Two statements."""
    rows = Appointment.objects.filter(patient__in=Patient.objects.one_person(patient.pk).values("pk"))
    rows = rows.filter(proposed_by=None)  # a proposal stands on the call list, not among somebody's visits
    rows = list(rows.select_related("service", "location").order_by("-starts_at")[:limit])
    phases = phases_of_visits([row.pk for row in rows])
    lines = [visit_line(row, phases[row.pk], reader) for row in rows]
    ahead = [one for one in lines if one.visit.status in EXPECTED and one.visit.ends_at > now]
    return Visits(upcoming=ahead[::-1], past=[one for one in lines if one not in ahead])


def visit_line(visit, phases, reader):
    placed = [as_placed(phase) for phase in phases]
    zone = visit.location.tz
    return VisitLine(
        visit=visit,
        when=sentences.when(visit.starts_at, visit.ends_at, zone, reader),
        who_and_where=sentences.who_and_where(placed, names_of(phases), zone),
        practitioners=tuple(pid for pid, _at in sentences.stations(placed)),
    )


def usual(visits):
    """(service, practitioner id or None) of the latest visit that took place or is expected; (None, None) if none.

    A first visit is not repeated: then there is no usual service yet.
    """
    came = [one for one in visits.upcoming + visits.past if one.visit.status in EXPECTED | {Status.COMPLETED}]
    if not came:
        return None, None
    last = max(came, key=lambda one: one.visit.starts_at)
    service = last.visit.service
    repeats = service.active and not service.first_visit
    return service if repeats else None, last.practitioners[0] if last.practitioners else None


def latest_change(visit):
    """The change that its toast offers to undo. One statement."""
    return Change.objects.filter(appointment=visit).latest("at")
