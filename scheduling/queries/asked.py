"""What somebody asks the booking panel for, and what it answers: times, and remarks where a wish gave way."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from functools import partial
from itertools import islice

from clinic import walltime
from clinic.models import Room
from clinic.timespan import TimeSpan
from practitioners.models import Practitioner
from scheduling.queries.candidates import candidates, names_in, preferred
from scheduling.queries.offers import STEP_QUANTA, Offer, Placed, Wishes, bookable, offers, visit_of
from scheduling.queries.together import SLACK_QUANTA, How, Member, place, put, together
from scheduling.queries.visits import agreed_layout, groups_of
from scheduling.queries.world import load_world
from scheduling.rules import sentences
from scheduling.rules.grid import QUANTUM, every, set_bits
from scheduling.rules.placing import reasons_not_to_start, verdict

DAYS_LOOKED_AT = (14, 63)  # the second only where the first shows nothing


@dataclass(frozen=True, slots=True)
class Ask:
    """`weekdays` empty means any; `at` needs `first_day`; `room` is an id.

    For a visit that is to be moved: `moving` is its id, whose own minutes are free to it, and `people` are the
    practitioners to keep, group by group; the notice was given when it was booked.
    """

    service: object
    location: object
    patients: tuple
    how: str = How.SAME
    provider: int | None = None
    weekdays: frozenset[int] = frozenset()
    time_of_day: str = ""
    first_day: date | None = None
    at: time | None = None
    room: int | None = None
    limit: int = 4
    people: tuple[int, ...] | None = None
    moving: object = None

    @property
    def notice_minutes(self):
        return 0 if self.moving else self.service.notice_minutes

    @property
    def ignoring(self):
        return (self.moving,) if self.moving else ()


@dataclass(slots=True)
class Answer:
    """`options`: tuples of one Offer per patient. `taken`: the exact time asked for, with people and rooms
    that are not free, for a double booking on purpose."""

    visit: object
    world: object = None
    options: list[tuple[Offer, ...]] = field(default_factory=list)
    taken: Offer | None = None
    near: bool = False  # whether the options stand around one time
    remarks: list[str] = field(default_factory=list)

    def instead(self, lost):
        """The free times nearest to one that somebody else was faster to take, and nothing else."""
        self.options, self.near, self.remarks = [(one,) for one in lost], True, []


def answer(ask, *, now, visit=None):
    """Ranked times for one patient or several. Eight statements, seven more where two weeks show nothing.

    `visit`: the layout, where it is not the service's.
    """
    found = Answer(visit or visit_of(ask.service))
    if ask.at is not None and ask.first_day is not None:
        return answer_exactly(ask, found, now=now)
    for days in DAYS_LOOKED_AT:
        window = bookable(window_of(ask, now=now, days=days), service=ask, location=ask.location, now=now)
        if window is None:
            break
        look_for(ask, found, window, now=now)
        if found.options:
            break
    if not found.options:
        found.remarks.append(why_nothing(ask, found))
    return found


def window_of(ask, *, now, days):
    """So many days from the day asked for, or from today."""
    zone = ask.location.tz
    today = walltime.local(now, zone).date()
    first = max(ask.first_day or today, today)
    start = walltime.instant(first, time(0), zone)
    return TimeSpan(start, walltime.instant(first + timedelta(days=days), time(0), zone))


def look_for(ask, found, window, *, now):
    """Fill the options from one world; a wish that nothing meets gives way, and a remark says so."""
    patients = [patient.pk for patient in ask.patients]
    reach = window.end + len(patients) * (found.visit.quanta + SLACK_QUANTA) * QUANTUM
    hour = window.start.replace(minute=0, second=0, microsecond=0)
    found.world = load_world(
        ask.location, TimeSpan(hour, reach), now=now, patients=patients, ignoring=ask.ignoring
    )
    found.options = options(ask, found, window)
    if not found.options and ask.people:
        found.options = options(replace(ask, people=None), found, window)
        found.remarks += [sentences.not_the_same_people()] if found.options else []
        return
    if not found.options and ask.provider:
        found.options = options(replace(ask, provider=None), found, window)
    if found.options:
        found.remarks += [nobody_with(ask, found)] if without_provider(ask, found) else []
        return
    if ask.time_of_day:
        found.options = options(replace(ask, provider=None, time_of_day=""), found, window)
        if found.options:
            found.remarks.append(sentences.not_at_that_time_of_day())


def without_provider(ask, found):
    """Whether somebody was wished for and is in none of the times."""
    return ask.provider and not any(
        ask.provider in one.practitioners for option in found.options for one in option
    )


def nobody_with(ask, found):
    return sentences.nobody_with(names_in(found.world).practitioners.get(ask.provider, ""))


def options(ask, found, window):
    world, visit = found.world, found.visit
    only = (ask.people, rooms_asked(ask, world, visit))
    if len(ask.patients) == 1:
        patient = ask.patients[0]
        listed = offers(
            world,
            visit,
            window=window,
            patient_id=patient.pk,
            wishes=wishes_of(ask, patient),
            limit=ask.limit,
            only=only,
        )
        return [(one,) for one in listed]
    members = [Member(patient.pk, wishes_of(ask, patient)) for patient in ask.patients]
    return together(world, visit, members=members, how=ask.how, window=window, limit=ask.limit, only=only)


def wishes_of(ask, patient):
    return Wishes.of(patient, practitioner=ask.provider, weekdays=ask.weekdays, time_of_day=ask.time_of_day)


def rooms_asked(ask, world, visit):
    """The room asked for, for the groups whose kind it is; None for the others."""
    room = world.rooms.get(ask.room)
    if room is None:
        return None
    return tuple(room.id if group.wants <= {room.kind} else None for group in visit.room_groups)


def why_nothing(ask, found):
    service, place = ask.service.name, ask.location.name
    wanted = [group.wants for group in found.visit.practitioner_groups]
    world = found.world
    if world and not all(
        any(world.may_treat(pid, d) & world.working.get(pid, 0) for pid in world.cover.people)
        for wants in wanted
        for d in wants
    ):
        return sentences.nobody_does(service, place)
    return sentences.nothing_found(service, DAYS_LOOKED_AT[-1] // 7)


def answer_exactly(ask, found, *, now):
    """The time asked for first, if it can be had; then those of that day which are nearest to it."""
    start = walltime.instant(ask.first_day, ask.at, ask.location.tz)
    found.near = True
    found.remarks = reasons_not_to_start(
        start, now=now, location=ask.location, notice_minutes=ask.notice_minutes
    )
    day = walltime.day_span(ask.first_day, ask.location.tz)
    window = bookable(day, service=ask, location=ask.location, now=now)
    if window is None:
        return found
    patients = [patient.pk for patient in ask.patients]
    reach = window.end + len(patients) * (found.visit.quanta + SLACK_QUANTA) * QUANTUM
    hour = min(window.start, start).replace(minute=0, second=0, microsecond=0)
    found.world = load_world(
        ask.location, TimeSpan(hour, reach), now=now, patients=patients, ignoring=ask.ignoring
    )
    found.options = nearest_options(ask, found, window, start)
    if not found.remarks and (not found.options or found.options[0][0].starts_at != start):
        found.remarks = why_taken(ask, found, start)
    return found


def nearest_options(ask, found, window, start):
    """Options on the quarter hours and at the time asked for, the nearest to it first."""
    world = found.world
    index = world.grid.index(start)
    question, bits = put(
        world,
        found.visit,
        members=[Member(patient.pk, wishes_of(ask, patient)) for patient in ask.patients],
        how=ask.how,
        window=window,
        only=(ask.people, rooms_asked(ask, world, found.visit)),
    )
    starts = set_bits(bits & (every(STEP_QUANTA, world.grid.quanta) | 1 << index))
    nearest = sorted(starts, key=lambda one: (abs(one - index), one))
    joint = (place(question, one) for one in nearest)
    return list(islice((one for one in joint if one is not None), ask.limit))


def why_taken(ask, found, start):
    """Remarks on a time that is not free; where only other bookings are in the way, it can be double-booked."""
    if len(ask.patients) > 1:
        return found.remarks
    world, visit, patient = found.world, found.visit, ask.patients[0]
    people, rooms = candidates(world, visit, start)
    if not all(people) or not all(rooms):
        return [sentences.nobody_then(start, ask.location.tz)]
    wished = ask.people or [ask.provider] * len(people)
    practitioners = tuple(preferred(*pair) for pair in zip(people, wished, strict=True))
    where = tuple(preferred(group, ask.room) for group in rooms)
    judge = partial(
        verdict,
        world,
        visit,
        world.grid.index(start),
        practitioners=practitioners,
        rooms=where,
        patient_id=patient.pk,
    )
    judged = judge()
    if judged.taken and not judge(overbook=True).reasons:
        found.taken = offer_at(visit, start, practitioners, where)
    return judged.reasons or [sentences.nobody_then(start, ask.location.tz)]


def times_to_move(visit, *, anyone, first_day, at, now, limit):
    """Where a visit can go, as it was agreed: with the same people first, or with whoever is free.

    Nine statements. `visit` comes with patient, location and service.
    """
    layout, phases = agreed_layout(visit.pk)
    ask = Ask(
        service=visit.service,
        location=visit.location,
        patients=(visit.patient,),
        first_day=first_day,
        at=at,
        people=None if anyone else groups_of(layout, phases)[0],
        moving=visit.pk,
        limit=limit,
    )
    return answer(ask, now=now, visit=layout)


def offer_at(visit, start, practitioners, rooms):
    """An Offer from its parts, whether free or not. Ids that are missing stay empty."""
    phases = tuple(
        Placed(
            part=need.part,
            position=need.key,
            kind=need.kind,
            minutes=need.minutes,
            patient_present=need.patient_present,
            practitioner=of_group(practitioners, need.practitioner_group),
            room=of_group(rooms, need.room_group),
            starts_at=start + offset * QUANTUM,
            ends_at=start + (offset + length) * QUANTUM,
        )
        for need, (offset, length) in zip(visit.phases, visit.intervals, strict=True)
    )
    ends_at = start + visit.patient_quanta * QUANTUM
    return Offer(start, ends_at, phases, tuple(practitioners), tuple(rooms), unattended=False)


def of_group(ids, group):
    return ids[group] if group is not None and group < len(ids) else None


def world_at(location, visit, start, *, now, patients=(), ignoring=()):
    """The world around one start. Seven statements."""
    hour = start.replace(minute=0, second=0, microsecond=0)
    span = TimeSpan(hour, start + max(visit.quanta, 1) * QUANTUM)
    return load_world(location, span, now=now, patients=patients, ignoring=ignoring)


def people_at(location):
    """[(id, “Mei Tan, L.Ac.”)] of everybody who works at the location. One statement."""
    return [(row.pk, str(row)) for row in working_at(location)]


def short_people_at(location):
    """[(id, “Mei”)] of everybody who works at the location. One statement."""
    rows = working_at(location)
    short = sentences.short_names((row.pk, row.name, row.credentials) for row in rows)
    return [(row.pk, short[row.pk]) for row in rows]


def working_at(location):
    rows = Practitioner.objects.filter(active=True, working_hours__location=location).distinct()
    return list(rows.order_by("name", "pk"))


def rooms_at(location):
    """[(id, “Room 2”, kind)] of the rooms in use. One statement."""
    rows = list(Room.objects.filter(location=location, active=True).order_by("pk"))
    names = sentences.room_names((row.pk, row.name) for row in rows)
    return [(row.pk, names[row.pk], row.kind_id) for row in rows]


def names_at(location):
    """Names without a world. Two statements."""
    people = Practitioner.objects.values_list("pk", "name", "credentials")
    rooms = Room.objects.filter(location=location).values_list("pk", "name")
    return sentences.Names(sentences.short_names(people), sentences.room_names(rooms))


def part_names_of(service):
    """{position: name} of a service's parts. One statement."""
    return dict(service.parts.values_list("position", "name"))


def a_few(options, zone, limit):
    """The first of the options, but of one day at most two: a caller wants to hear of two days."""
    per_day = defaultdict(list)
    for option in options:
        per_day[walltime.local(option[0].starts_at, zone).date()].append(option)
    few = [option for day in sorted(per_day) for option in per_day[day][:2]]
    return few[:limit]
