"""Ways out when a visit is late or another one runs long: all found on one World, at most three."""

from datetime import timedelta

from django.utils.translation import gettext as _

from clinic import walltime
from clinic.timespan import TimeSpan
from scheduling.models import Appointment, PartStatus, Reservation, Status
from scheduling.queries.offers import Wishes, look, offer
from scheduling.queries.progress import progress_of
from scheduling.queries.visits import agreed_layout, groups_of, specs
from scheduling.queries.world import LONGEST, load_world
from scheduling.rules.grid import QUANTUM, set_bits
from scheduling.rules.layout import arrange
from scheduling.rules.placing import rounded, verdict
from scheduling.rules.sentences import clock, room_name
from scheduling.rules.slips import MOST_WAYS, Way, overrun, shortened
from scheduling.rules.steps import stage

LOOK_AHEAD = timedelta(hours=4)


class Asking:
    """One visit looked at on one World that leaves out its own minutes."""

    def __init__(self, visit, *, earliest, now, ignoring=()):
        self.visit, self.now, self.zone = visit, now, visit.location.tz
        self.layout, self.phases = agreed_layout(visit.pk)
        self.people, self.rooms = groups_of(self.layout, self.phases)
        first = min(earliest, visit.starts_at)
        hour = first.replace(minute=0, second=0, microsecond=0)
        until = max(earliest, visit.starts_at) + LOOK_AHEAD + self.layout.quanta * QUANTUM
        self.world = load_world(
            visit.location,
            TimeSpan(hour, until),
            now=now,
            patients=[visit.patient_id],
            ignoring=[visit.pk, *ignoring],
        )

    def first(self, start, until, *, people=None, but=None):
        """The earliest Offer that starts in [start, until), with these people; `but`: not with these."""
        found = look(
            self.world,
            self.layout,
            window=TimeSpan(start, until),
            patient_id=self.visit.patient_id,
            wishes=Wishes() if people else Wishes.of(self.visit.patient),
            only=(people, None) if people else None,
        )
        for quantum in set_bits(found.starts):
            chosen = found.assign(quantum)
            if chosen and chosen.practitioners != but:
                return offer(self.world, self.layout, chosen, 0)
        return None

    def way(self, kind, found, words, minutes=None):
        return Way(
            kind=kind,
            visit=self.visit.pk,
            version=self.visit.version,
            starts_at=found.starts_at,
            ends_at=found.ends_at,
            practitioners=found.practitioners,
            rooms=found.rooms,
            words=words,
            minutes=minutes,
        )

    def names(self, found):
        """Who treats, and where the first of it happens."""
        people = [self.world.cover.people[pid].full for pid in dict.fromkeys(found.practitioners)]
        room = self.world.rooms.get(found.rooms[0]) if found.rooms else None
        return " › ".join(people), room_name(room) if room else ""


def ways_for_late(visit, *, now):
    """What still fits for somebody who comes late: at most three Ways, the least change first."""
    earliest = rounded(now)
    asking = Asking(visit, earliest=earliest, now=now)
    same = asking.first(earliest, earliest + LOOK_AHEAD, people=asking.people)
    found = [shorter_way(asking, earliest)]
    if same:
        people, room = asking.names(same)
        found.append(asking.way("later", same, words_of("later", same, people, room, asking)))
    until = same.starts_at if same else earliest + LOOK_AHEAD
    other = asking.first(earliest, until, but=asking.people) if until > earliest else None
    if other:
        people, room = asking.names(other)
        found.append(
            asking.way("other_provider", other, words_of("other_provider", other, people, room, asking))
        )
    return [way for way in found if way][:MOST_WAYS]


def words_of(kind, found, people, room, asking):
    said = {
        "later": _("Start at %(start)s with %(people)s, done by %(end)s. %(room)s"),
        "other_provider": _("%(people)s at %(start)s instead, done by %(end)s. %(room)s"),
        "other_room": _("%(room)s instead, at %(start)s as promised, with %(people)s"),
    }[kind]
    return said % {
        "start": clock(found.starts_at, asking.zone),
        "end": clock(found.ends_at, asking.zone),
        "people": people,
        "room": room,
    }


def shorter_way(asking, earliest):
    """The needles stay in for less, and the visit ends as promised."""
    late = int((earliest - asking.visit.starts_at).total_seconds()) // 60
    left = shortened(specs(asking.phases), late) if late > 0 else None
    if left is None:
        return None
    layout, minutes = arrange(left[0]), left[1]
    start = asking.world.grid.index(earliest)
    judged = verdict(
        asking.world,
        layout,
        start,
        practitioners=asking.people,
        rooms=asking.rooms,
        patient_id=asking.visit.patient_id,
    )
    if judged.reasons:
        return None
    ends_at = earliest + layout.patient_quanta * QUANTUM
    words = _("Start at %(start)s with %(minutes)s min of needles, done by %(end)s as promised") % {
        "start": clock(earliest, asking.zone),
        "minutes": minutes,
        "end": clock(ends_at, asking.zone),
    }
    return Way(
        kind="shorter",
        visit=asking.visit.pk,
        version=asking.visit.version,
        starts_at=earliest,
        ends_at=ends_at,
        practitioners=asking.people,
        rooms=asking.rooms,
        words=words,
        minutes=minutes,
    )


def touched_by(visit, *, now):
    """Visits whose promises the overrun of this one reaches, earliest first: model rows, with .patient."""
    progress = progress_of(visit)
    phases = [phase for part in progress.standing for phase in part.phases]
    minutes = overrun(phases, stage(progress), now)
    if not minutes:
        return [], []
    start, end = min(one[2] for one in minutes), max(one[3] for one in minutes)
    rows = Reservation.objects.filter(
        live=True,
        appointment__isnull=False,
        starts_at__gt=start - LONGEST,
        starts_at__lt=end,
        ends_at__gt=start,
    ).exclude(appointment=visit.pk)
    hit = {
        one.appointment_id
        for one in rows
        if any(clashes(one, practitioner, room, begin, until) for practitioner, room, begin, until in minutes)
    }
    found = Appointment.objects.filter(
        pk__in=hit, status__in=[Status.BOOKED, Status.ARRIVED, Status.IN_TREATMENT]
    )
    return list(found.select_related("patient", "location", "service").order_by("starts_at", "id")), minutes


def clashes(row, practitioner, room, begin, until):
    same = (practitioner and row.practitioner_id == practitioner) or (room and row.room_id == room)
    return bool(same) and row.starts_at < until and begin < row.ends_at


def ways_for_touched(visit, following, minutes, *, now):
    """How the visit after an overrun can be kept: another room, a little later, somebody else. At most three.

    `minutes` are those of the overrun (rules.slips.overrun); they count as taken.
    """
    if following.status == Status.IN_TREATMENT or following.starts_at < rounded(now) - QUANTUM:
        return []
    asking = Asking(following, earliest=following.starts_at, now=now, ignoring=[visit.pk])
    take_minutes(asking.world, visit, minutes)
    at = following.starts_at
    found = []
    for kind, start, until, people, but in [
        ("other_room", at, at + QUANTUM, asking.people, None),
        ("later", at + QUANTUM, at + LOOK_AHEAD, asking.people, None),
        ("other_provider", at, at + QUANTUM, None, asking.people),
    ]:
        one = asking.first(start, until, people=people, but=but)
        if one:
            names, room = asking.names(one)
            found.append(asking.way(kind, one, words_of(kind, one, names, room, asking)))
    return found[:MOST_WAYS]


def take_minutes(world, visit, minutes):
    """Mark what a visit still holds, and its overrun, as taken."""
    held = [
        (phase.practitioner_id, phase.room_id, phase.starts_at, phase.ends_at)
        for phase in agreed_layout(visit.pk)[1]
        if phase.visitpart.status != PartStatus.DONE
    ]
    for practitioner, room, start, end in [*held, *minutes]:
        world.mark(world.grid.mask(start, end, outward=True), practitioner, room)


def promised_to_others(room, span, *, but):
    """[(name, starts at)] of visits that were promised a room within a span, earliest first."""
    rows = Reservation.objects.filter(
        room=room,
        live=True,
        appointment__isnull=False,
        starts_at__gt=span.start - LONGEST,
        starts_at__lt=span.end,
        ends_at__gt=span.start,
    ).exclude(appointment=but)
    return list(
        rows.order_by("starts_at").values_list(
            "appointment__patient__given_name", "appointment__patient__family_name", "starts_at"
        )
    )


def first_times(layout, *, service_patient, location, now, limit=3):
    """The first free times today for somebody who is here: Offers, from now on, to the full five minutes."""
    end = walltime.day_span(walltime.local(now, location.tz).date(), location.tz).end
    start = rounded(now)
    if start >= end:
        return []
    hour = start.replace(minute=0, second=0, microsecond=0)
    patients = [service_patient.pk] if service_patient else []
    world = load_world(location, TimeSpan(hour, end + layout.quanta * QUANTUM), now=now, patients=patients)
    found = look(
        world,
        layout,
        window=TimeSpan(start, end),
        patient_id=service_patient.pk if service_patient else None,
        wishes=Wishes.of(service_patient),
    )
    times, last = [], None
    for quantum in set_bits(found.starts):
        if last is not None and quantum - last < 3:  # a quarter of an hour apart: a real choice
            continue
        chosen = found.assign(quantum)
        if chosen:
            times.append((offer(world, layout, chosen, 0), world))
            last = quantum
        if len(times) == limit:
            break
    return times
