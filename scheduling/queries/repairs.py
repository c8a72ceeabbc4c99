"""Visits that an absence touches, what each of them could become, and how the calls about them stand."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q

from clinic import walltime
from clinic.models import Clinic
from clinic.timespan import TimeSpan
from practitioners.models import Absence
from practitioners.queries import working_spans
from scheduling.models import Answer, Appointment, Call, Change, PartStatus, Status, VisitPhase
from scheduling.queries.of_visit import as_placed, names_of, phases_of_visits
from scheduling.queries.offers import STEP_QUANTA, Wishes, look, offer
from scheduling.queries.visits import specs
from scheduling.queries.world import load_world
from scheduling.rules import sentences
from scheduling.rules.grid import QUANTUM
from scheduling.rules.layout import arrange
from scheduling.rules.proposals import (
    FINAL,
    UNREACHED,
    earliest_start,
    needs,
    reasons_not_to_take_back,
    spans_by,
    to_say,
)

AFTER = timedelta(days=7)  # how far a proposal may lie behind the visit
TO_COME = [Status.BOOKED, Status.ARRIVED]


def touched_phases(practitioner_id, span, now):
    """Phases of visits not yet treated that need the practitioner in the span; what is over stays as it was."""
    return VisitPhase.objects.filter(
        practitioner=practitioner_id,
        starts_at__lt=span.end,
        ends_at__gt=max(span.start, now),
        visitpart__status=PartStatus.PLANNED,
        visitpart__appointment__status__in=TO_COME,
    )


def touched(practitioner_id, span, *, now, only=None):
    """Visits that need the practitioner in the span, in order of time, with `standing` phases. Three statements."""
    ids = touched_phases(practitioner_id, span, now).values_list("visitpart__appointment", flat=True)
    rows = Appointment.objects.filter(pk__in=ids)
    standing = VisitPhase.objects.select_related("visitpart", "room").order_by("position")
    return list(
        (rows if only is None else rows.filter(pk__in=only))
        .select_related("patient", "service", "location")
        .prefetch_related(Prefetch("parts__phases", standing, to_attr="agreed"))
        .order_by("starts_at", "id")
    )


def standing_of(visit):
    """The phases of a touched visit without parts that are closed as not done."""
    parts = [part for part in visit.parts.all() if part.status != PartStatus.NOT_DONE]
    return sorted((phase for part in parts for phase in part.agreed), key=lambda phase: phase.position)


def own_of(visit):
    """What a touched visit keeps for itself; a double-booked one cannot count on what it shares."""
    return [] if visit.overbooked_reason else [as_placed(phase) for phase in standing_of(visit)]


def proposals_for(visits, absent, *, now):
    """{visit id: Offer or None}. One World per location; each proposal is gone for the visits after it.

    `absent`: (practitioner id, span of the absence).
    """
    by_location = defaultdict(list)
    for visit in visits:
        by_location[visit.location].append(visit)
    found = {}
    for location, here in by_location.items():
        first = min(now, *(one.starts_at for one in here)).replace(minute=0, second=0, microsecond=0)
        span = TimeSpan(first, max(one.ends_at for one in here) + AFTER)
        patients = {one.patient_id for one in here}
        world = load_world(location, span, now=now, patients=sorted(patients, key=str))
        for visit in here:
            found[visit.pk] = propose(world, visit, absent)
    return found


def propose(world, visit, absent):
    """An Offer or None: somebody else at the same time first, then the nearest time."""
    phases = standing_of(visit)
    layout = arrange(specs(phases))
    own = minutes_of(world.grid, own_of(visit))
    patient_bits = world.grid.mask(visit.starts_at, visit.ends_at, outward=True)
    free(world, own)
    world.busy_patients[visit.patient_id] &= ~patient_bits
    made = at_the_same_time(world, layout, visit, phases, absent) or nearest_time(world, layout, visit)
    take(world, own)
    world.busy_patients[visit.patient_id] |= patient_bits
    if made:
        take(world, minutes_of(world.grid, made.phases))
        bits = world.grid.mask(made.starts_at, made.ends_at, outward=True)
        world.busy_patients[visit.patient_id] |= bits
    return made


def minutes_of(grid, phases):
    """[("practitioner" or "room", id, bits)] of phases."""
    return [
        (resource, key, grid.bits_from(((one.start, one.end) for one in spans), outward=True))
        for resource in ("practitioner", "room")
        for key, spans in spans_by(phases, resource).items()
    ]


def take(world, minutes):
    for resource, key, bits in minutes:
        (world.busy_practitioners if resource == "practitioner" else world.busy_rooms)[key] |= bits


def free(world, minutes):
    """The visit's own minutes do not stand in the way of what it is offered instead."""
    for resource, key, bits in minutes:
        (world.busy_practitioners if resource == "practitioner" else world.busy_rooms)[key] &= ~bits


def at_the_same_time(world, layout, visit, phases, absent):
    """Only the absent one is replaced, in the same rooms if they do, else in others."""
    start = world.grid.index(visit.starts_at)
    window = TimeSpan(visit.starts_at, visit.starts_at + QUANTUM)
    wishes = Wishes.of(visit.patient, time_of_day="")
    people, rooms = groups_of(layout, phases, absent)
    for only in ((people, rooms), (people, None)):
        found = look(
            world,
            layout,
            window=window,
            patient_id=visit.patient_id,
            wishes=wishes,
            only=only,
            require_duty=True,
        )
        chosen = found.assign(start) if found.starts >> start & 1 else None
        if chosen:
            return offer(world, layout, chosen, world.duty)
    return None


def groups_of(layout, phases, absent):
    """(practitioners, rooms) of a visit group by group, None where the absent one is to be replaced."""
    practitioner_id, span = absent
    people, rooms, gone = {}, {}, set()
    for need, phase in zip(layout.phases, phases, strict=True):
        people.setdefault(need.practitioner_group, phase.practitioner_id)
        rooms.setdefault(need.room_group, phase.room_id)
        if needs([phase], practitioner_id, span):
            gone.add(need.practitioner_group)
    return (
        tuple(None if n in gone else people[n] for n in range(len(layout.practitioner_groups))),
        tuple(rooms[n] for n in range(len(layout.room_groups))),
    )


def nearest_time(world, layout, visit):
    """The same day first, then the following days, with the patient's lasting preferences as far as they go."""
    window = TimeSpan(earliest_start(world.now, visit.starts_at), world.grid.span.end)
    lasting = Wishes.of(visit.patient)
    for wishes in (lasting, Wishes.of(visit.patient, time_of_day="")) if lasting.time_of_day else (lasting,):
        found = look(
            world, layout, window=window, patient_id=visit.patient_id, wishes=wishes, require_duty=True
        )
        chosen = next(iter(by_nearness(world, visit, found)), None)
        if chosen:
            return offer(world, layout, chosen, world.duty)
    return None


def by_nearness(world, visit, found):
    """Options in order: of the visit's own day the nearest first, then of later days, then of earlier ones."""
    zone, target = world.location.tz, world.grid.index(visit.starts_at)
    day = walltime.day_span(walltime.local(visit.starts_at, zone).date(), zone)
    that_day = world.grid.mask(day.start, day.end, outward=False)
    after = -1 << world.grid.index(day.end)
    for mask in (that_day, after, ~(that_day | after)):
        options = found.options(step_quanta=STEP_QUANTA, among=mask & world.grid.all_bits)
        if mask == after:
            yield from options
        else:
            yield from sorted(options, key=lambda one: (abs(one.start - target), one.start))


def default_end(practitioner, location, now):
    """When somebody's working day ends here, else the day itself."""
    day = walltime.day_span(walltime.local(now, location.tz).date(), location.tz)
    spans = working_spans(location, TimeSpan(now, day.end)).get(practitioner.pk)
    return spans[-1].end if spans else day.end


def absences_to_come(practitioner, now):
    """Absences that are not over, with `calls`: how many people stand on the list of each. One statement."""
    rows = Absence.objects.filter(practitioner=practitioner, ends_at__gt=now).order_by("starts_at")
    calls = Call.objects.filter(absence=OuterRef("pk")).order_by().values("absence")
    return list(rows.annotate(calls=calls.annotate(n=Count("pk")).values("n")))


def covered_already(practitioner, span):
    return Absence.objects.filter(
        practitioner=practitioner, starts_at__lte=span.start, ends_at__gte=span.end
    ).exists()


def unsettled_calls():
    """Calls about visits that still need somebody who is away: nobody has settled them, here or elsewhere."""
    needed = VisitPhase.objects.filter(
        visitpart__appointment=OuterRef("appointment"),
        visitpart__status=PartStatus.PLANNED,
        practitioner=OuterRef("absence__practitioner"),
        starts_at__lt=OuterRef("absence__ends_at"),
        ends_at__gt=OuterRef("absence__starts_at"),
    )
    return Call.objects.filter(Exists(needed), appointment__status__in=TO_COME).exclude(answer__in=FINAL)


def open_calls(location):
    """[(absence id, people to call)] about visits at a location. One statement."""
    rows = unsettled_calls().filter(appointment__location=location).order_by("absence")
    return list(rows.values("absence").annotate(people=Count("id")).values_list("absence", "people"))


def proposal_stands(call, now):
    """Whether what is proposed is held, and whoever it is with is not away by now. At most one statement."""
    held = call.proposal
    if held is None or held.status != Status.HELD or held.held_until <= now:
        return False
    return held.pk not in spoiled([held.pk])


def spoiled(proposals):
    """Those proposals whose own practitioner is away then. One statement."""
    away = Q(
        practitioner__absences__starts_at__lt=F("ends_at"), practitioner__absences__ends_at__gt=F("starts_at")
    )
    rows = VisitPhase.objects.filter(away, visitpart__appointment__in=proposals)
    return set(rows.values_list("visitpart__appointment", flat=True))


@dataclass(frozen=True, slots=True)
class CallLine:
    """One line. `say` is the proposal as a sentence, `became` how a settled visit stands now; `may` names buttons."""

    call: Call
    visit: Appointment
    was: str
    say: str
    became: str
    kept_until: datetime | None
    may: frozenset[str]

    @property
    def done(self):
        return bool(self.became)


@dataclass(frozen=True, slots=True)
class CallList:
    """`to_call` have no answer yet, `to_choose` want another time that is not chosen; `missing` visits have no line."""

    absence: Absence
    to_call: list[CallLine]
    to_choose: list[CallLine]
    settled: list[CallLine]
    missing: int

    @property
    def not_reached(self):
        return [line for line in self.to_call if line.call.messages_left == 0]

    @property
    def messages_left(self):
        return [line for line in self.to_call if line.call.messages_left]

    @property
    def run_out(self):
        return self.missing + sum("propose" in line.may for line in self.to_call)


def call_list(absence, user, *, now):
    """Everybody on the list of one absence whom this person may see. Six statements."""
    theirs = Appointment.objects.visible_to(user)
    rows = Call.objects.filter(absence=absence, appointment__in=theirs).select_related(
        "appointment__patient",
        "appointment__service",
        "appointment__location",
        "proposal",
        "answered_by__profile",
    )
    calls = list(rows.order_by("appointment__starts_at", "id"))
    proposals = [call.proposal_id for call in calls if call.proposal_id]
    phases = phases_of_visits([*(call.appointment_id for call in calls), *proposals])
    changes = changes_since(calls)
    off, undo_minutes = spoiled(proposals), Clinic.objects.get().undo_minutes
    lines = [line_of(call, absence, phases, changes, off, undo_minutes, now) for call in calls]
    span = TimeSpan(absence.starts_at, absence.ends_at)
    listed = touched_phases(absence.practitioner_id, span, now).filter(visitpart__appointment__in=theirs)
    unlisted = listed.exclude(visitpart__appointment__calls__absence=absence)
    return CallList(
        absence=absence,
        to_call=[line for line in lines if not line.done and line.call.answer in UNREACHED],
        to_choose=[line for line in lines if not line.done and line.call.answer not in UNREACHED],
        settled=[line for line in lines if line.done],
        missing=unlisted.values("visitpart__appointment").distinct().count(),
    )


def changes_since(calls):
    """{visit id: [changes]} not undone, the latest first. One statement."""
    found = defaultdict(list)
    rows = Change.objects.filter(appointment__in=[call.appointment_id for call in calls], undone_at=None)
    for change in rows.order_by("-at"):
        found[change.appointment_id].append(change)
    return found


def line_of(call, absence, phases, changes, off, undo_minutes, now):
    visit, zone = call.appointment, call.appointment.location.tz
    own = [one for one in phases[visit.pk] if one.visitpart.status != PartStatus.NOT_DONE]
    span = TimeSpan(absence.starts_at, absence.ends_at)
    settled = (
        visit.status not in TO_COME or call.answer in FINAL or not needs(own, absence.practitioner_id, span)
    )
    held, proposed = call.proposal, phases[call.proposal_id]
    stands = bool(held and held.status == Status.HELD and held.held_until > now and held.pk not in off)
    say = ""
    if stands and not settled:
        names = names_of([*own, *proposed])
        say = to_say(
            away=names.practitioners[absence.practitioner_id],
            same_time=held.starts_at == visit.starts_at,
            proposal=(held, [as_placed(one) for one in proposed]),
            names=names,
            zone=zone,
        )
    return CallLine(
        call=call,
        visit=visit,
        was=in_short(visit, own, zone),
        say=say,
        became=stands_now(visit, own, zone) if settled else "",
        kept_until=held.held_until if stands and not settled else None,
        may=frozenset(what_may_be_done(call, settled, stands, changes[visit.pk], undo_minutes, now)),
    )


def in_short(visit, phases, zone):
    """Tue Nov 24, 11:00 to 11:55 am · Room 2 · Mei."""
    where = sentences.who_and_where([as_placed(one) for one in phases], names_of(phases), zone)
    return " · ".join(part for part in (sentences.when(visit.starts_at, visit.ends_at, zone), where) if part)


def stands_now(visit, phases, zone):
    """The words for a settled visit: its time if it is to come, else what became of it."""
    if visit.status in TO_COME:
        return in_short(visit, phases, zone)
    return str(visit.get_status_display())


def what_may_be_done(call, settled, stands, changes, undo_minutes, now):
    if not settled:
        yield from ("another_time", "cancelled")
        if call.answer in UNREACHED:
            yield "left_message"
            yield "agreed" if stands else "propose"
    if not reasons_not_to_take_back(
        answered=call.answer != Answer.OPEN,
        newer=any(change.at > call.answered_at for change in changes) if call.answered_at else False,
        minutes_since=(now - call.answered_at).total_seconds() / 60 if call.answered_at else 0,
        undo_minutes=undo_minutes,
    ):
        yield "undo"
