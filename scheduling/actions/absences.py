"""A practitioner is away: recorded at once, and every visit it touches gets a proposal that is held."""

from django.urls import reverse
from django.utils import timezone

from clinic import audit, walltime
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.timespan import TimeSpan
from practitioners.actions import create_absence
from scheduling.actions.calls import apply_proposal
from scheduling.actions.changing import lock_visit
from scheduling.actions.locking import all_or_nothing, keys_for, lock
from scheduling.actions.occupying import expire_in_the_way, of_appointments
from scheduling.models import Appointment, Call, PartStatus, Reservation, Status, VisitPart, VisitPhase
from scheduling.queries.repairs import TO_COME, proposals_for, standing_phases_of, touched
from scheduling.rules.proposals import kept_until, only_new


@all_or_nothing
def record_absence(*, by, practitioner, span, kind, note="", request_key=None):
    """Take the working time away. Never refused because visits exist: they become the call list."""
    claim(request_key, location=reverse("scheduling:away", args=[practitioner.pk]))
    lock(keys_for(spans=[span], practitioners=[practitioner.pk]))
    absence = create_absence(practitioner=practitioner, span=span, kind=kind, note=note)
    audit.record(
        by=by,
        verb="record absence",
        about=absence,
        starts_at=span.start.isoformat(),
        ends_at=span.end.isoformat(),
    )
    return absence


def propose_all(*, by, absence):
    """Put every touched visit on the call list, each with a held proposal; returns the calls.

    People for whom anyone is fine are moved at once where the time stays. What is lost to somebody faster
    while this runs is worked out anew, once.
    """
    span = TimeSpan(absence.starts_at, absence.ends_at)
    visits = touched(absence.practitioner_id, span)
    now = timezone.now()
    found = proposals_for(visits, practitioner_id=absence.practitioner_id, now=now)
    calls = []
    for visit in visits:
        layout, made = found[visit.pk]
        try:
            calls.append(put_on_list(by=by, absence=absence, visit=visit, made=made))
        except Refused:
            again = proposals_for([visit], practitioner_id=absence.practitioner_id, now=timezone.now())
            calls.append(put_on_list(by=by, absence=absence, visit=visit, made=again[visit.pk][1]))
    return [call for call in calls if call]


@all_or_nothing
def put_on_list(*, by, absence, visit, made):
    """One visit: hold what is proposed and write the call. None if the visit was settled meanwhile."""
    spans, people, rooms = resources_of(made)
    current, now = lock_visit(visit.pk, spans=spans, practitioners=people, rooms=rooms)
    if current.status not in TO_COME or current.version != visit.version:
        return None
    call, _new = Call.objects.get_or_create(absence=absence, appointment=current)
    drop_proposal(call)
    if made is not None:
        call.proposal = hold(by=by, visit=current, phases=standing_phases_of(visit), made=made, now=now)
    call.answer = "open"
    call.save()
    if made is not None and current.patient.anyone_is_fine and made.starts_at == current.starts_at:
        apply_proposal(call, current, by=by, now=now)
        call.without_asking = True
        call.save()
    return call


def resources_of(made):
    if made is None:
        return [], [], []
    spans = [TimeSpan(phase.starts_at, phase.ends_at) for phase in made.phases]
    people = {phase.practitioner for phase in made.phases if phase.practitioner}
    return spans, people, {phase.room for phase in made.phases if phase.room}


def drop_proposal(call):
    """Give back what an earlier proposal of the same call still holds."""
    if call.proposal_id is None:
        return
    of_appointments([call.proposal]).delete()
    if call.proposal.status == Status.HELD:
        call.proposal.status = Status.CANCELLED
        call.proposal.save()
    call.proposal = None


def hold(*, by, visit, phases, made, now):
    """The proposal as a held appointment: its phases, and reservations for what the visit does not keep itself."""
    wall = walltime.local(made.starts_at, visit.location.tz)
    held = Appointment.objects.create(
        patient=visit.patient,
        service=visit.service,
        location=visit.location,
        starts_at=made.starts_at,
        ends_at=made.ends_at,
        wall_date=wall.date(),
        wall_time=wall.time(),
        status=Status.HELD,
        held_until=kept_until(now, made.starts_at),
        created_at=now,
        created_by=by,
    )
    expire_in_the_way(span=TimeSpan(made.starts_at, max(phase.ends_at for phase in made.phases)), now=now)
    write_proposal(held, visit, made)
    Reservation.objects.bulk_create(
        Reservation(
            appointment=held,
            practitioner_id=practitioner,
            room_id=room,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            expires_at=held.held_until,
        )
        for one, practitioner, room in only_new(made.phases, phases)
        if practitioner or room
    )
    return held


def write_proposal(held, visit, made):
    """Parts and phases of the proposal, after the visit's own."""
    parts = {}
    for part in visit.parts.exclude(status=PartStatus.NOT_DONE):
        parts[part.position] = VisitPart(
            appointment=held,
            position=part.position,
            name=part.name,
            discipline_id=part.discipline_id,
            kind_of_care_id=part.kind_of_care_id,
        )
    VisitPart.objects.bulk_create(parts.values())
    VisitPhase.objects.bulk_create(
        VisitPhase(
            visitpart=parts[one.part],
            position=one.position,
            kind=one.kind,
            minutes=one.minutes,
            patient_present=one.patient_present,
            practitioner_id=one.practitioner,
            room_id=one.room,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
        )
        for one in made.phases
    )
