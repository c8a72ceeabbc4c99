"""Times for several people of one household: joint offers, worked out on one World.

Each placed visit takes its minutes away before the next one is looked for, so that what is offered can be
booked as a whole.
"""

from dataclasses import dataclass
from itertools import islice

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from clinic.timespan import TimeSpan
from scheduling.queries.offers import (
    APART_MINUTES,
    PER_DAY,
    STEP_QUANTA,
    Offer,
    Wishes,
    local_days,
    look,
    offer,
)
from scheduling.rules.grid import QUANTUM, QUANTUM_MINUTES, every, set_bits
from scheduling.rules.search import placed

MOST = 6  # people in one booking
SLACK_QUANTA = 2  # between two visits that are back to back
TRIED_PER_DAY = 10
MOST_TRIES = 150  # a family that fits nowhere is told so in half a second


class How(TextChoices):
    SAME = "same", _("All at the same time")
    SIDE = "side", _("Side by side, a little apart")
    BACK = "back", _("Back to back")


@dataclass(frozen=True, slots=True)
class Member:
    patient_id: object
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class Question:
    """`found`: one Search for each member, as if nobody took a minute from another."""

    world: object
    visit: object
    members: list[Member]
    gaps: list[int]
    found: list
    only: tuple | None
    duty: int


def together(world, visit, *, members, how, window, limit, only=None) -> list[tuple[Offer, ...]]:
    """Next joint offers, one Offer for each member in their order, a few a day and some time apart. No statement.

    `window` holds the first start. The world reaches so far beyond it that the last member's visit ends
    inside. `only` fixes people or rooms as in `look`.
    """
    question, bits = put(world, visit, members=members, how=how, window=window, only=only)
    bits &= every(STEP_QUANTA, world.grid.quanta)
    found, tries = [], 0
    for mask in local_days(world, window):
        day = list(spread(bits & mask))
        tries += len(day)
        found += islice(apart(question, day), PER_DAY)
        if len(found) >= limit or tries > MOST_TRIES:
            break
    return found[:limit]


def spread(bits):
    """At most so many starts of a day, over the whole of it: what fails early mostly fails late, too."""
    starts = list(set_bits(bits))
    return starts[:: -(-len(starts) // TRIED_PER_DAY) or 1]


def apart(question, starts):
    """Joint offers of one day, each some time after the one before."""
    earliest = 0
    for start in starts:
        joint = place(question, start) if start >= earliest else None
        if joint is not None:
            earliest = start + APART_MINUTES // QUANTUM_MINUTES
            yield joint


def put(world, visit, *, members, how, window, only=None):
    """(the question, starts of the first member that all of them may hold)."""
    found = [
        look(
            world,
            visit,
            window=window if number == 0 else TimeSpan(window.start, world.grid.span.end),
            patient_id=one.patient_id,
            wishes=one.wishes,
            only=only,
        )
        for number, one in enumerate(members)
    ]
    gaps, duty = gaps_of(how, visit), world.duty if visit.retentions else 0
    bits = possible(found, gaps)
    if gaps == [0]:
        bits &= enough(found[0], len(members))
    return Question(world, visit, members, gaps, found, only, duty), bits


def enough(search, count):
    """Starts at which each group could have so many different practitioners and rooms at once."""
    bits = -1
    for fits in (*search.practitioners.fits, *search.rooms.fits):
        bits &= at_least(count, fits.values())
    return bits


def at_least(count, many):
    """The bits that are set in at least `count` of the numbers."""
    reached = [-1] + [0] * count
    for bits in many:
        for number in range(count, 0, -1):
            reached[number] |= reached[number - 1] & bits
    return reached[count]


def gaps_of(how, visit):
    """How many quanta after the one before the next visit may start, the best first."""
    length = visit.patient_quanta
    return {
        How.SAME: [0],
        How.SIDE: list(range(1, length)),
        How.BACK: list(range(length, length + SLACK_QUANTA + 1)),
    }[How(how)]


def possible(found, gaps):
    """Starts of the first member that the others can follow, if nobody took a minute from another."""
    bits = found[0].starts
    for number, search in enumerate(found[1:], start=1):
        following = 0
        for gap in range(number * gaps[0], number * gaps[-1] + 1):
            following |= search.starts >> gap
        bits &= following
    return bits


def place(question, start):
    """The joint offer that begins at `start`, or None. The world is left as it was."""
    world = question.world
    kept = world.busy_practitioners.copy(), world.busy_rooms.copy(), world.busy_patients.copy()
    try:
        return place_next(question, [start], ())
    finally:
        world.busy_practitioners, world.busy_rooms, world.busy_patients = kept


def place_next(question, starts, offers):
    """Put the next member at the first of the starts that holds, and the others after them; depth first."""
    world, visit, number = question.world, question.visit, len(offers)
    if number == len(question.members):
        return offers
    for start in starts:
        chosen = settle(question, start, offers) if question.found[number].starts >> start & 1 else None
        if chosen is None:
            continue
        kept = world.busy_practitioners.copy(), world.busy_rooms.copy(), world.busy_patients.copy()
        world.take(placed(visit, chosen), question.members[number].patient_id)
        made = offer(world, visit, chosen, question.duty)
        whole = place_next(question, [start + gap for gap in question.gaps], (*offers, made))
        if whole is not None:
            return whole
        world.busy_practitioners, world.busy_rooms, world.busy_patients = kept
    return None


def settle(question, start, offers):
    """Who and where for the next member at one start: the people of the one before, where they are free."""
    world, member, only = question.world, question.members[len(offers)], question.only
    instant = world.grid.instant(start)
    window = TimeSpan(instant, instant + QUANTUM)
    same_people = [(offers[-1].practitioners, only[1] if only else None)] if offers else []
    for fixed in [*same_people, only]:
        search = look(
            world,
            question.visit,
            window=window,
            patient_id=member.patient_id,
            wishes=member.wishes,
            only=fixed,
        )
        chosen = search.assign(start) if search.starts >> start & 1 else None
        if chosen is not None:
            return chosen
    return None
