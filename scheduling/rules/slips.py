"""When the day slips: how much shorter, how much later, and what is in the way. No database, no clock."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from scheduling.models import Status
from scheduling.rules.grid import QUANTUM, QUANTUM_MINUTES
from scheduling.rules.sentences import clock
from scheduling.rules.steps import RUNNING

LEAST_NEEDLE_MINUTES = 15  # retention is 15 to 60 minutes in the sources (PRODUCT.md, S4)
MOST_WAYS = 3
RETENTION = "retention"


@dataclass(frozen=True, slots=True)
class Way:
    """One way out for one visit: `kind` is shorter, later, other_provider or other_room.

    Ids of practitioners and rooms group by group; `minutes` of needles where fewer are left.
    """

    kind: str
    visit: UUID
    version: int
    starts_at: datetime
    ends_at: datetime
    practitioners: tuple[int, ...]
    rooms: tuple[int, ...]
    words: str
    minutes: int | None = None


def shortened(specs, minutes_late):
    """(specs, needle minutes) so that the visit ends as promised; None where too few would be left.

    `specs` are PhaseSpecs; the first retention gives what was lost.
    """
    lost = -(-minutes_late // QUANTUM_MINUTES) * QUANTUM_MINUTES
    for number, spec in enumerate(specs):
        if spec.kind == RETENTION:
            left = spec.minutes - lost
            if left < LEAST_NEEDLE_MINUTES:
                return None
            return [*specs[:number], replace(spec, minutes=left), *specs[number + 1 :]], left
    return None


def with_needle_minutes(specs, minutes):
    """The specs with so many minutes of retention; the first one counts."""
    number = next((n for n, spec in enumerate(specs) if spec.kind == RETENTION), None)
    if number is None:
        return list(specs)
    return [*specs[:number], replace(specs[number], minutes=minutes), *specs[number + 1 :]]


def overrun(phases, stage, now):
    """[(practitioner, room, start, end)]: minutes beyond the promise, if everything shifts by how late it is.

    `phases` are those that stand, in order; `stage` is what goes on now. Empty while there is time left.
    """
    if stage is None or stage.phase is None:
        return []
    expected = max(stage.until or now, now)
    late = expected - stage.phase.ends_at
    if late <= timedelta(0):
        return []
    late = -(-late // QUANTUM) * QUANTUM
    coming = [phase for phase in phases if phase.position > stage.phase.position]
    found = [(stage.phase.practitioner, stage.phase.room, stage.phase.ends_at, stage.phase.ends_at + late)]
    return found + [
        (phase.practitioner, phase.room, phase.starts_at + late, phase.ends_at + late) for phase in coming
    ]


def reasons_not_to_say(status, called):
    """Empty if something can still happen in this visit."""
    if status in RUNNING:
        return []
    return [
        _("%(name)s's visit is %(status)s. Reload the page to see how it stands.")
        % {"name": called, "status": Status(status).label}
    ]


def reasons_not_to_change_room(progress, room, called):
    if progress.room is None:
        return [_("%(name)s is in no room now. Tap the next step instead.") % {"name": called}]
    if progress.room == room:
        return [_("%(name)s is in this room already. Choose another one.") % {"name": called}]
    return []


def reasons_not_to_start_early(status, called):
    if status == Status.ARRIVED:
        return []
    if status == Status.BOOKED:
        return [_("Check %(name)s in first.") % {"name": called}]
    return [_("%(name)s's visit has begun or is over. Reload the page.") % {"name": called}]


def words_of_time(start, end, zone):
    return _("%(start)s to %(end)s") % {"start": clock(start, zone), "end": clock(end, zone)}
