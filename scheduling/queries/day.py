"""One day of one location as it stands: six statements, whatever the number of visits, from plain tuples."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from clinic import walltime
from clinic.models import Room
from clinic.timespan import TimeSpan
from patients.rules import on_list
from scheduling.models import Appointment, Reservation, Status
from scheduling.queries.progress import progress_of_all
from scheduling.queries.repairs import OpenCalls, open_calls
from scheduling.queries.world import LONGEST
from scheduling.rules.steps import Progress

VISIT = (
    "id",
    "version",
    "status",
    "starts_at",
    "ends_at",
    "service__name",
    "service__first_visit",
    "confirmed_at",
    "held_until",
    "walk_in",
    "came_with",
    "note",
    "ended_reason",
    "overbooked_reason",
    "patient",
    "patient__given_name",
    "patient__family_name",
    "patient__preferred_name",
    "patient__birth_date",
    "patient__phone",
    "patient__household",
    "patient__household__name",
)
BUSY = (
    "room",
    "practitioner",
    "starts_at",
    "ends_at",
    "appointment",
    "block__kind",
    "block__note",
)


@dataclass(slots=True)
class VisitOfDay:
    """A visit with who it is and how far it has come."""

    id: UUID
    version: int
    status: str
    starts_at: datetime
    ends_at: datetime
    service: str
    first_visit: bool
    confirmed_at: datetime | None
    held_until: datetime | None
    walk_in: bool
    came_with: str
    note: str
    ended_reason: str
    overbooked_reason: str
    patient: UUID
    given_name: str
    family_name: str
    preferred_name: str
    birth_date: date | None
    phone: str
    household: UUID | None
    household_name: str | None
    progress: Progress | None = None

    @property
    def name(self):
        return on_list(self.given_name, self.family_name)

    @property
    def called(self):
        return self.preferred_name or self.given_name


@dataclass(frozen=True, slots=True)
class RoomOfDay:
    id: int
    name: str
    kind: int


@dataclass(frozen=True, slots=True)
class Busy:
    """Promised minutes of a room, a practitioner or both: a visit's or a block's."""

    room: int | None
    practitioner: int | None
    starts_at: datetime
    ends_at: datetime
    visit: UUID | None
    block: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Day:
    """`calls`: those lists on which somebody is still to be called."""

    now: datetime
    span: TimeSpan
    visits: list[VisitOfDay]
    rooms: list[RoomOfDay]
    busy: list[Busy]
    calls: list[OpenCalls]


def day(*, user, location, now):
    """The local day of `now` at a location, of the patients this person may see. Six statements.

    What reading the person's own roles and locations costs comes on top where it was not read before.
    """
    span = walltime.day_span(walltime.local(now, location.tz).date(), location.tz)
    visits = visits_of(user, location, span, now)
    progress = progress_of_all({one.id: one.status for one in visits})
    for one in visits:
        one.progress = progress[one.id]
    return Day(
        now=now,
        span=span,
        visits=visits,
        rooms=rooms_of(location),
        busy=busy_of(location, span, now),
        calls=open_calls(location),
    )


def visits_of(user, location, span, now):
    rows = Appointment.objects.visible_to(user).filter(
        location=location, starts_at__gte=span.start, starts_at__lt=span.end
    )
    rows = rows.exclude(status=Status.EXPIRED).exclude(status=Status.HELD, held_until__lte=now)
    rows = rows.exclude(status=Status.HELD, proposed_by__isnull=False)
    found = rows.order_by("starts_at", "patient__family_name", "patient__given_name", "id").values_list(
        *VISIT
    )
    return [VisitOfDay(*row) for row in found]


def rooms_of(location):
    rows = Room.objects.filter(location=location, active=True).order_by("id")
    return [RoomOfDay(*row) for row in rows.values_list("id", "name", "kind")]


def busy_of(location, span, now):
    """Promised minutes of the day, in order, without holds that have run out."""
    here = Q(appointment__location=location) | Q(block__location=location)
    rows = Reservation.objects.filter(
        here, live=True, starts_at__gte=span.start - LONGEST, starts_at__lt=span.end, ends_at__gt=span.start
    ).filter(Q(expires_at=None) | Q(expires_at__gt=now))
    return [Busy(*row) for row in rows.order_by("starts_at", "id").values_list(*BUSY)]
