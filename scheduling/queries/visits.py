"""One visit: how it was agreed, and what of it is told to whom."""

from packages.rules.ledger import PartState
from scheduling.models import PartStatus, VisitPhase
from scheduling.rules.layout import PhaseSpec, arrange
from services.models import Part


def agreed_layout(pk):
    """(layout, phases) of a visit as it was agreed, parts closed as not done left out. One statement.

    The service may have changed since: a visit is moved as it was booked. Phases that were with the same
    person or in the same room stay so.
    """
    phases = list(
        VisitPhase.objects.filter(visitpart__appointment=pk)
        .exclude(visitpart__status=PartStatus.NOT_DONE)
        .select_related("visitpart", "room")
        .order_by("position")
    )
    return arrange(specs(phases)), phases


def groups_of(layout, phases):
    """(practitioners, rooms) of a visit as it stands, group by group; layout and phases as of agreed_layout."""
    people, rooms = {}, {}
    for need, phase in zip(layout.phases, phases, strict=True):
        people.setdefault(need.practitioner_group, phase.practitioner_id)
        rooms.setdefault(need.room_group, phase.room_id)
    return (
        tuple(people[number] for number in range(len(layout.practitioner_groups))),
        tuple(rooms[number] for number in range(len(layout.room_groups))),
    )


def specs(phases):
    """Phases of a booked visit as the definition they came from."""
    last_with, last_in, found = {}, {}, []
    for phase in phases:
        who, where = phase.practitioner_id, phase.room_id
        part = phase.visitpart.position
        found.append(
            PhaseSpec(
                part=part,
                position=phase.position,
                kind=phase.kind,
                minutes=phase.minutes,
                discipline=phase.visitpart.discipline_id,
                practitioner_needed=who is not None,
                room_kind=phase.room.kind_id if phase.room else None,
                patient_present=phase.patient_present,
                same_practitioner_as=last_with.get((part, who)) if who is not None else None,
                same_room_as=last_in.get((part, where)) if where is not None else None,
            )
        )
        last_with[part, who], last_in[part, where] = phase.position, phase.position
    return found


def kinds_of_parts(service_id):
    """[(kind of care, discipline)] of a service's parts in order, ids. One statement."""
    parts = Part.objects.filter(service=service_id).order_by("position")
    return list(parts.values_list("kind_of_care", "discipline"))


def parts_on(visit, day):
    """({part id: kind of care}, [PartState]) of a visit's standing parts, as if it were on that day. One statement."""
    rows = visit.parts.exclude(status=PartStatus.NOT_DONE).select_related("kind_of_care").order_by("position")
    parts = list(rows)
    names = {part.pk: part.kind_of_care.name if part.kind_of_care else part.name for part in parts}
    states = [PartState(part.pk, part.kind_of_care_id, part.discipline_id, day) for part in parts]
    return names, states
