"""What each touched visit could become: looked for in memory, on one World for each location."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import timedelta

from clinic import walltime
from clinic.models import Location
from clinic.timespan import TimeSpan
from patients.models import PatientLocation
from scheduling.models import PartStatus
from scheduling.queries.of_visit import as_placed
from scheduling.queries.offers import STEP_QUANTA, Offer, Wishes, look, offer
from scheduling.queries.visits import groups_of, specs
from scheduling.queries.world import World, load_world
from scheduling.rules.grid import QUANTUM
from scheduling.rules.layout import arrange
from scheduling.rules.proposals import earliest_start, takes

AFTER = timedelta(days=7)  # how far a proposal may lie behind the visit, or behind the closure
LONGEST_CLOSURE = timedelta(days=28)  # behind a longer one nothing is looked for


@dataclass(frozen=True, slots=True)
class Found:
    """What is proposed, and where."""

    location: Location
    offer: Offer


@dataclass(slots=True)
class Asked:
    """One visit in a world of its location, or of another one where the patient goes, too."""

    world: World
    visit: object
    layout: object
    phases: list

    @classmethod
    def about(cls, world, visit):
        phases = standing_of(visit)
        return cls(world, visit, arrange(specs(phases)), phases)

    def look(self, window, wishes, only=None):
        """The visit's own minutes do not stand in the way of what it is offered instead."""
        patient_id = self.visit.patient_id
        with self.world.leaving_out(own_of(self.visit), patient_id):
            return look(
                self.world,
                self.layout,
                window=window,
                patient_id=patient_id,
                wishes=wishes,
                only=only,
                require_duty=True,
            )

    def found(self, chosen):
        return Found(self.world.location, offer(self.world, self.layout, chosen, self.world.duty))


def standing_of(visit):
    """The phases of a touched visit without parts that are closed as not done."""
    parts = [part for part in visit.parts.all() if part.status != PartStatus.NOT_DONE]
    return sorted((phase for part in parts for phase in part.agreed), key=lambda phase: phase.position)


def own_of(visit):
    """What a touched visit keeps for itself; a double-booked one cannot count on the people and rooms it shares."""
    placed = [as_placed(phase) for phase in standing_of(visit)]
    return (
        [replace(one, practitioner=None, room=None) for one in placed] if visit.overbooked_reason else placed
    )


def proposals_for(visits, away, *, now):
    """{visit id: Found or None}. One World per location; each proposal is gone for the visits after it.

    Visits of a closed location are offered the patient's other ones, too: two statements more, and a World
    for each that is asked for.
    """
    worlds = Worlds(visits, away, now)
    return {visit.pk: propose(worlds, visit, away) for visit in visits}


class Worlds:
    """The worlds of the locations in question, each loaded when it is first asked for."""

    def __init__(self, visits, away, now):
        self.now, self.patients = now, sorted({one.patient_id for one in visits}, key=str)
        self.span = span_of(visits, away, now) if visits else None
        self.others = others_of(self.patients, away.location) if away.location else {}
        self.loaded, self.taken = {}, []

    def of(self, location):
        if location.pk not in self.loaded:
            world = load_world(location, self.span, now=self.now, patients=self.patients)
            for phases, patient_id in self.taken:
                world.take_phases(phases, patient_id)
            self.loaded[location.pk] = world
        return self.loaded[location.pk]

    def take(self, phases, patient_id):
        """These minutes are gone wherever they are asked for next."""
        self.taken.append((phases, patient_id))
        for world in self.loaded.values():
            world.take_phases(phases, patient_id)


def span_of(visits, away, now):
    first = min(now, *(one.starts_at for one in visits)).replace(minute=0, second=0, microsecond=0)
    last = max(one.ends_at for one in visits)
    if away.location is not None:
        last = max(last, min(away.span.end, last + LONGEST_CLOSURE))
    return TimeSpan(first, last + AFTER)


def others_of(patients, location):
    """{patient id: [locations]} where these patients go besides this one. One statement."""
    rows = PatientLocation.objects.filter(patient__in=patients, location__active=True)
    found = defaultdict(list)
    for row in rows.exclude(location=location).select_related("location").order_by("location"):
        found[row.patient_id].append(row.location)
    return found


def propose(worlds, visit, away):
    """A Found or None; its minutes are gone for the visits after it."""
    if away.practitioner is None:
        found = where_it_is_closed(worlds, visit)
    else:
        asked = Asked.about(worlds.of(visit.location), visit)
        found = at_the_same_time(asked, away) or nearest_time(asked)
    if found:
        worlds.take(found.offer.phases, visit.patient_id)
    return found


def where_it_is_closed(worlds, visit):
    """The same people at another time; then where the patient goes otherwise; then whoever is free here."""
    here = Asked.about(worlds.of(visit.location), visit)
    people, _rooms = groups_of(here.layout, here.phases)
    found = nearest_time(here, (people, None))
    for location in worlds.others.get(visit.patient_id, []):
        found = found or nearest_time(Asked.about(worlds.of(location), visit))
    return found or nearest_time(here)


def at_the_same_time(asked, away):
    """Only the absent one is replaced, in the same rooms if they do, else in others."""
    visit = asked.visit
    start = asked.world.grid.index(visit.starts_at)
    window = TimeSpan(visit.starts_at, visit.starts_at + QUANTUM)
    people, rooms = kept_groups(asked, away)
    for only in ((people, rooms), (people, None)):
        found = asked.look(window, Wishes.of(visit.patient, time_of_day=""), only)
        chosen = found.assign(start) if found.starts >> start & 1 else None
        if chosen:
            return asked.found(chosen)
    return None


def kept_groups(asked, away):
    """(practitioners, rooms) of the visit group by group, None where the absent one is to be replaced."""
    people, rooms = groups_of(asked.layout, asked.phases)
    pairs = zip(asked.layout.phases, asked.phases, strict=True)
    gone = {need.practitioner_group for need, phase in pairs if takes(away, phase)}
    return tuple(None if number in gone else pid for number, pid in enumerate(people)), rooms


def nearest_time(asked, only=None):
    """The same day first, then the following days, with the patient's lasting preferences as far as they go."""
    world, visit = asked.world, asked.visit
    window = TimeSpan(earliest_start(world.now, visit.starts_at), world.grid.span.end)
    lasting = Wishes.of(visit.patient)
    for wishes in (lasting, Wishes.of(visit.patient, time_of_day="")) if lasting.time_of_day else (lasting,):
        chosen = next(iter(by_nearness(asked, asked.look(window, wishes, only))), None)
        if chosen:
            return asked.found(chosen)
    return None


def by_nearness(asked, found):
    """Options in order: of the visit's own day the nearest first, then of later days, then of earlier ones."""
    grid, zone, visit = asked.world.grid, asked.world.location.tz, asked.visit
    target = grid.index(visit.starts_at)
    day = walltime.day_span(walltime.local(visit.starts_at, zone).date(), zone)
    that_day = grid.mask(day.start, day.end, outward=False)
    after = -1 << grid.index(day.end)
    for mask in (that_day, after, ~(that_day | after)):
        options = found.options(step_quanta=STEP_QUANTA, among=mask & grid.all_bits)
        if mask == after:
            yield from options
        else:
            yield from sorted(options, key=lambda one: (abs(one.start - target), one.start))
