"""What is proposed to somebody whose practitioner is away: the least change first. Pure; `world` is already read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

KEPT = timedelta(hours=4)  # how long a proposal is kept while people are called; refreshed by proposing again
AT_LEAST = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Taken:
    """Minutes a visit has now: (practitioner or None, room or None, first quantum, last quantum)."""

    practitioner: int | None
    room: int | None
    first: int
    last: int

    @property
    def bits(self):
        return (1 << self.last) - (1 << self.first)


def kept_until(now: datetime, starts_at: datetime):
    """A proposal is held for four hours, never past its own start, and for half an hour at least."""
    return max(now + AT_LEAST, min(now + KEPT, starts_at))


def own_minutes(phases, grid):
    return [
        Taken(phase.practitioner_id, phase.room_id, grid.index(phase.starts_at), grid.index(phase.ends_at))
        for phase in phases
    ]


def give(world, taken):
    """The visit's own minutes do not stand in the way of what it is offered instead."""
    for one in taken:
        if one.practitioner is not None:
            world.busy_practitioners[one.practitioner] &= ~one.bits
        if one.room is not None:
            world.busy_rooms[one.room] &= ~one.bits


def take_back(world, taken):
    for one in taken:
        if one.practitioner is not None:
            world.busy_practitioners[one.practitioner] |= one.bits
        if one.room is not None:
            world.busy_rooms[one.room] |= one.bits


def only_new(placed, phases):
    """What a hold has to keep: the proposed minutes that the visit itself does not keep already.

    Yields (placed phase, practitioner or None, room or None).
    """
    for one in placed:
        own = [phase for phase in phases if phase.starts_at < one.ends_at and one.starts_at < phase.ends_at]
        covered = [
            phase for phase in own if phase.starts_at <= one.starts_at and one.ends_at <= phase.ends_at
        ]
        has_person = any(phase.practitioner_id == one.practitioner for phase in covered)
        has_room = any(phase.room_id == one.room for phase in covered)
        yield one, None if has_person else one.practitioner, None if has_room else one.room


def reasons_not_to_answer(*, settled, has_proposal, wanted, proposal_stands):
    if settled:
        return [_("This visit is settled already. Reload the list to see how it stands.")]
    if wanted == "agreed" and not has_proposal:
        return [_("There is no proposal to agree to. Choose another time, or cancel the visit.")]
    if wanted == "agreed" and not proposal_stands:
        return [_("The proposal ran out. Press “Propose again”, then ask once more.")]
    return []
