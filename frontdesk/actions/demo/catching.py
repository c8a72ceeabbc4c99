"""What happened since the demo was loaded: days between are brought to an end, and a new day gets its room."""

import random
from datetime import timedelta

from django.db import transaction
from django.db.models import F

from clinic import walltime
from clinic.models import AuditEvent
from frontdesk.actions.demo.planning import MINUTE, Day, Fact, Moment, facts_of
from frontdesk.actions.demo.rows import grid_minute_after, random_id
from frontdesk.actions.demo.weeks import STEP
from scheduling.actions.holding import sweep_live
from scheduling.actions.moving import place_phases
from scheduling.actions.needles import follow_needles
from scheduling.actions.occupying import cut_at, occupy, release
from scheduling.models import (
    ActualTime,
    Appointment,
    Change,
    PartStatus,
    Status,
    VisitPart,
    VisitPhase,
    What,
)
from scheduling.queries.offers import Placed
from scheduling.rules.grid import set_bits

OPEN = [Status.BOOKED, Status.ARRIVED, Status.IN_TREATMENT]
NO_SHOWS = 0.04
LINGERS = timedelta(seconds=200)  # at most, after the promised end
STORY = (timedelta(minutes=95), timedelta(minutes=95))  # before and after the moment
REASON = "asked for another day"


def catch_up(locations, *, now, seed):
    """Bring every visit to its end that should be over; each location in one transaction."""
    for location in locations:
        with transaction.atomic():
            moment = Moment.of(now, location.tz)
            over = Appointment.objects.filter(location=location, status__in=OPEN)
            before = walltime.day_span(moment.day, location.tz).start
            rng = random.Random(f"{seed} {location.name} {moment.day}")
            for visit in over.filter(ends_at__lt=before).order_by("starts_at", "id"):
                finish(visit, rng)
            due = over.filter(status=Status.BOOKED, ends_at__gte=before, ends_at__lt=moment.at - STORY[0])
            for visit in due.order_by("starts_at", "id"):
                finish(visit, rng)
    sweep_live(now)


def end_of_day(locations, *, now, seed):
    """After closing: what the story left alone is over, too."""
    for location in locations:
        moment = Moment.of(now, location.tz)
        rng = random.Random(f"{seed} {location.name} {moment.day} evening")
        if moment.is_over:
            over = Appointment.objects.filter(
                location=location, status=Status.BOOKED, ends_at__lt=now - LINGERS
            )
            for visit in over.order_by("starts_at", "id"):
                finish(visit, rng)


def finish(visit, rng):
    """A visit nobody touched: done as agreed, or missed."""
    phases = list(
        VisitPhase.objects.filter(visitpart__appointment=visit, visitpart__status=PartStatus.PLANNED)
        .select_related("visitpart")
        .order_by("position")
    )
    if visit.status == Status.BOOKED and rng.random() < NO_SHOWS:
        visit.status, visit.ended_reason = Status.NO_SHOW, "did not come"
        visit.save()
        release([visit])
        return
    under_way = visit.status == Status.IN_TREATMENT
    left = visit.ends_at + timedelta(seconds=rng.randint(-60, LINGERS.seconds))
    facts = remaining_facts(visit, phases, left)
    ActualTime.objects.bulk_create(
        ActualTime(
            id=random_id(rng), appointment=visit, visitphase=by_position(phases, fact.phase), what=fact.what,
            at=fact.at, by_id=visit.created_by_id, entered_at=fact.at, room_id=fact.room,
        )
        for fact in facts
    )  # fmt: skip
    visit.status = Status.COMPLETED
    visit.save()
    VisitPart.objects.filter(appointment=visit, status=PartStatus.PLANNED).update(
        status=PartStatus.DONE, version=F("version") + 1
    )
    cut_at(visit, grid_minute_after(left))
    if under_way:
        follow_needles(visit.patient, visit.location_id)


def remaining_facts(visit, phases, left):
    """What is not known yet of a visit that ended at an instant."""
    known = set(visit.actual_times.values_list("what", flat=True))
    told = (
        facts_of([placed(phase) for phase in phases], early=5 * MINUTE, drift=left - visit.ends_at)
        if phases
        else []
    )
    told = [fact for fact in told if fact.what != What.LEFT and fact.what not in known]
    return [*told, Fact(What.LEFT, left)]


def placed(phase):
    """An agreed phase as an offer has it."""
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


def by_position(phases, position):
    return next((phase for phase in phases if phase.position == position), None)


def make_room(location, people, catalog, *, now):
    """Move the demo's own bookings out of the minutes of the story: later or earlier that day, else another day."""
    moment = Moment.of(now, location.tz)
    start, end = moment.grid - STORY[0], moment.grid + STORY[1]
    in_the_way = list(
        Appointment.objects.filter(
            location=location, status=Status.BOOKED, starts_at__lt=end, ends_at__gt=start
        )
        .exclude(pk__in=booked_by_people())
        .select_related("patient", "service")
        .order_by("starts_at", "id")
    )
    if not in_the_way:
        return
    ids, patients = [visit.pk for visit in in_the_way], [visit.patient_id for visit in in_the_way]
    day = Day(catalog, location, moment.day, rng=people.rng, now=now, patients=patients, ignoring=ids)
    release(in_the_way)
    for visit in in_the_way:
        found = another_time(day, visit, after=end)
        if found is None:
            visit.status, visit.ended_reason = Status.CANCELLED, REASON
            visit.save()
        else:
            move(visit, found, location)
        record(visit, "move" if found else "cancel", now=now, rng=people.rng)


def booked_by_people():
    """Visits with an audit event were booked at the desk, not by the demo."""
    names = AuditEvent.objects.filter(object__startswith="scheduling.appointment:").values_list(
        "object", flat=True
    )
    return [name.partition(":")[2] for name in names]


def another_time(day, visit, *, after):
    """An offer for the same service from an instant on, on the quarter hours; None if the day is full."""
    starts = day.world.grid.mask(after, day.world.grid.span.end, outward=False)
    for quantum in set_bits(starts):
        found = day.find(visit.service.key, day.at(quantum), visit.patient) if quantum % STEP == 0 else None
        if found:
            return found
    return None


def move(visit, found, location):
    phases = list(VisitPhase.objects.filter(visitpart__appointment=visit).order_by("position"))
    visit.starts_at, visit.ends_at = found.starts_at, found.ends_at
    visit.wall_time = walltime.local(found.starts_at, location.tz).time()
    visit.save()
    place_phases(phases, {one.position: one for one in found.phases})
    occupy(visit, phases)


def record(visit, verb, *, now, rng):
    Change.objects.create(
        id=random_id(rng),
        appointment=visit,
        verb=verb,
        at=now - 60 * MINUTE,
        by_id=visit.created_by_id,
        before={"status": str(Status.BOOKED), "ended_reason": ""},
    )
