"""A series before it is booked: each visit, each clash with its reason, and what could be taken instead."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clinic.timespan import TimeSpan
from scheduling.models import Appointment, Status
from scheduling.queries.offers import STEP_QUANTA, Offer, Wishes, look, offer, reach, visit_of
from scheduling.queries.world import load_world
from scheduling.rules.grid import QUANTUM
from scheduling.rules.placing import reasons_not_to_start
from scheduling.rules.recurrence import nobody_then

AROUND = timedelta(days=2)  # how far from the wished day an alternative may lie
ALTERNATIVES = 3
CHANGEABLE = [Status.BOOKED]


@dataclass(slots=True)
class Row:
    """One visit of the series. `offer` is what would be booked; None is a clash, and `reasons` say why."""

    wished: datetime
    starts_at: datetime
    offer: Offer | None = None
    reasons: list[str] = field(default_factory=list)
    alternatives: list[Offer] = field(default_factory=list)


def plan_series(*, patient, service, location, instants, now, practitioner=None, chosen=None):
    """One Row per instant, worked out on one World; eight statements, however many visits.

    `chosen`: {number of the row: other start} for clashes that were settled.
    """
    visit = visit_of(service)
    starts = [(chosen or {}).get(number, instant) for number, instant in enumerate(instants)]
    window = TimeSpan(min(starts) - AROUND, max(starts) + AROUND)
    window = TimeSpan(max(window.start, now), window.end) if window.end > now else window
    world = load_world(location, reach(window, visit), now=now, patients=[patient.pk])
    wishes = Wishes.of(patient, practitioner=practitioner, time_of_day="")
    found = [Row(wished, start) for wished, start in zip(instants, starts, strict=True)]
    for row in found:
        place(world, visit, row, patient, service, wishes)
    for row in found:
        if row.offer is None:
            row.alternatives = alternatives(world, visit, row, patient, wishes)
    return found


def place(world, visit, row, patient, service, wishes):
    """Put the row's visit where it is wished, or say why not."""
    row.reasons = reasons_not_to_start(
        row.starts_at, now=world.now, location=world.location, notice_minutes=service.notice_minutes
    )
    if row.reasons:
        return
    window = TimeSpan(row.starts_at, row.starts_at + QUANTUM)
    search = look(world, visit, window=window, patient_id=patient.pk, wishes=wishes)
    start = (row.starts_at - world.grid.start) // QUANTUM
    chosen = search.assign(start) if start >= 0 and search.starts >> start & 1 else None
    if chosen is None:
        row.reasons = [nobody_then(row.starts_at, world.location.tz)]
        return
    row.offer = offer(world, visit, chosen, world.duty if visit.retentions else 0)
    world.take_phases(row.offer.phases, patient.pk)  # gone for the rows after it


def alternatives(world, visit, row, patient, wishes):
    """The free times nearest to a clash, within two days; what the other rows take is not free."""
    window = TimeSpan(max(row.wished - AROUND, world.now), max(row.wished, world.now) + AROUND)
    search = look(world, visit, window=window, patient_id=patient.pk, wishes=wishes)
    target = (row.wished - world.grid.start) // QUANTUM
    options = list(search.options(step_quanta=STEP_QUANTA))
    options.sort(key=lambda one: (abs(one.start - target), one.start))
    duty = world.duty if visit.retentions else 0
    return [offer(world, visit, one, duty) for one in options[:ALTERNATIVES]]


def visits_of(series):
    """All visits of a series in order, with what a list shows. One statement."""
    rows = Appointment.objects.filter(series=series).select_related("service", "location", "patient")
    return list(rows.order_by("starts_at"))


def changeable(visits, *, now, first=None):
    """Those that are still to come, from `first` on."""
    return [
        one
        for one in visits
        if one.status in CHANGEABLE
        and one.starts_at > now
        and (first is None or one.starts_at >= first.starts_at)
    ]
