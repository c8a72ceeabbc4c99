"""Visits that an absence touches, and what each of them could become."""

from collections import defaultdict
from datetime import timedelta

from django.db.models import Prefetch

from clinic.timespan import TimeSpan
from scheduling.models import Answer, Appointment, Call, PartStatus, Status, VisitPhase
from scheduling.queries.offers import STEP_QUANTA, Wishes, look, offer
from scheduling.queries.visits import specs
from scheduling.queries.world import load_world
from scheduling.rules.grid import QUANTUM
from scheduling.rules.layout import arrange
from scheduling.rules.proposals import give, own_minutes, take_back

AFTER = timedelta(days=7)  # how far a proposal may lie behind the visit
TO_COME = [Status.BOOKED, Status.ARRIVED]


def touched(practitioner_id, span):
    """Visits not yet treated that need this practitioner in the span, in order of time. Two statements."""
    phases = VisitPhase.objects.filter(
        practitioner=practitioner_id,
        starts_at__lt=span.end,
        ends_at__gt=span.start,
        visitpart__status=PartStatus.PLANNED,
        visitpart__appointment__status__in=TO_COME,
    )
    ids = phases.values_list("visitpart__appointment", flat=True)
    standing = VisitPhase.objects.exclude(visitpart__status=PartStatus.NOT_DONE)
    return list(
        Appointment.objects.filter(pk__in=ids)
        .select_related("patient", "service", "location")
        .prefetch_related(
            Prefetch(
                "parts__phases",
                standing.select_related("visitpart", "room").order_by("position"),
                to_attr="standing",
            )
        )
        .order_by("starts_at", "id")
    )


def standing_phases_of(visit):
    phases = [phase for part in visit.parts.all() for phase in part.standing]
    return sorted(phases, key=lambda phase: phase.position)


def proposals_for(visits, *, practitioner_id, now):
    """{visit id: (layout, Offer or None)}; one World per location, each proposal taken from the next."""
    by_location = defaultdict(list)
    for visit in visits:
        by_location[visit.location].append(visit)
    found = {}
    for location, here in by_location.items():
        first = min(min(one.starts_at for one in here), now).replace(minute=0, second=0, microsecond=0)
        span = TimeSpan(max(first, now - timedelta(hours=12)), max(one.ends_at for one in here) + AFTER)
        hour = span.start.replace(minute=0, second=0, microsecond=0)
        patients = [one.patient_id for one in here]
        world = load_world(location, TimeSpan(hour, span.end), now=now, patients=patients)
        for visit in here:
            found[visit.pk] = propose(world, visit, practitioner_id=practitioner_id)
    return found


def propose(world, visit, *, practitioner_id):
    """(layout, Offer or None): somebody else at the same time first, then the nearest time."""
    phases = standing_phases_of(visit)
    layout = arrange(specs(phases))
    own = own_minutes(phases, world.grid)
    patient_bits = world.grid.mask(visit.starts_at, visit.ends_at, outward=True)
    give(world, own)
    world.busy_patients[visit.patient_id] &= ~patient_bits
    made = at_the_same_time(world, layout, visit, phases, practitioner_id) or nearest_time(
        world, layout, visit
    )
    take_back(world, own)
    world.busy_patients[visit.patient_id] |= patient_bits
    if made:
        reserve(world, made)
    return layout, made


def reserve(world, made):
    for phase in made.phases:
        bits = world.grid.mask(phase.starts_at, phase.ends_at, outward=True)
        if phase.practitioner is not None:
            world.busy_practitioners[phase.practitioner] |= bits
        if phase.room is not None:
            world.busy_rooms[phase.room] |= bits


def at_the_same_time(world, layout, visit, phases, practitioner_id):
    """Only the absent one is replaced, in the same rooms if they do, else in others."""
    start = (visit.starts_at - world.grid.start) // QUANTUM
    window = TimeSpan(visit.starts_at, visit.starts_at + QUANTUM)
    wishes = Wishes.of(visit.patient, time_of_day="")
    people, rooms = groups_of(layout, phases)
    people = tuple(None if one == practitioner_id else one for one in people)
    for only in ((people, rooms), (people, None)):
        found = look(world, layout, window=window, patient_id=visit.patient_id, wishes=wishes, only=only)
        chosen = found.assign(start) if start >= 0 and found.starts >> start & 1 else None
        if chosen:
            return offer(world, layout, chosen, world.duty if layout.retentions else 0)
    return None


def nearest_time(world, layout, visit):
    """The nearest free time from now to a week after the visit, with the patient's lasting preferences."""
    window = TimeSpan(world.now, world.grid.span.end)
    wishes = Wishes.of(visit.patient)
    found = look(world, layout, window=window, patient_id=visit.patient_id, wishes=wishes)
    target = (visit.starts_at - world.grid.start) // QUANTUM
    options = sorted(
        found.options(step_quanta=STEP_QUANTA), key=lambda one: (abs(one.start - target), one.start)
    )
    return offer(world, layout, options[0], world.duty if layout.retentions else 0) if options else None


def groups_of(layout, phases):
    people, rooms = {}, {}
    for need, phase in zip(layout.phases, phases, strict=True):
        people.setdefault(need.practitioner_group, phase.practitioner_id)
        rooms.setdefault(need.room_group, phase.room_id)
    return (
        tuple(people[number] for number in range(len(layout.practitioner_groups))),
        tuple(rooms[number] for number in range(len(layout.room_groups))),
    )


def calls_of(absence, user):
    """The call list in order of time, with visit, patient and proposal. Three statements."""
    return list(
        Call.objects.filter(absence=absence, appointment__in=Appointment.objects.visible_to(user))
        .select_related(
            "appointment__patient",
            "appointment__service",
            "appointment__location",
            "proposal__location",
            "answered_by",
        )
        .prefetch_related("proposal__parts__phases")
        .order_by("appointment__starts_at", "id")
    )


def open_calls(location, user):
    """How many people are still to call about visits at a location. One statement."""
    return Call.objects.filter(
        answer__in=[Answer.OPEN, Answer.LEFT_MESSAGE],
        appointment__location=location,
        appointment__status__in=TO_COME,
        appointment__in=Appointment.objects.visible_to(user),
    ).count()
