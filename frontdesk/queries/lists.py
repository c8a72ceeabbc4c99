"""The opening and the closing list: what is still to be settled, each item with where it is settled."""

from dataclasses import dataclass

from clinic import walltime
from practitioners.queries import licenses_ending, working_spans
from scheduling.models import Status
from scheduling.queries.day import day
from scheduling.queries.repairs import closures_in_the_way
from scheduling.rules.proposals import in_words
from scheduling.rules.sentences import room_name
from scheduling.rules.steps import RUNNING

LICENSE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to settle. `parts`: those of a visit that are neither done nor not done."""

    visit: object = None
    room: str = ""
    provider: str = ""
    starts_at: object = None
    parts: tuple = ()
    license: object = None


def opening(*, user, location, now):
    """Unconfirmed visits, closures with visits inside, rooms whose provider is not at work, licenses that end soon."""
    today = day(user=user, location=location, now=now)
    booked = [one for one in today.visits if one.status == Status.BOOKED and one.starts_at > now]
    local_date = walltime.local(now, location.tz).date()
    return {
        "location": location,
        "now": now,
        "unconfirmed": [Item(visit=one) for one in booked if one.confirmed_at is None],
        "licenses": [
            Item(license=one) for one in licenses_ending(LICENSE_DAYS, local_date, state=location.state)
        ],
        "closures": [
            (one, in_words(one.starts_at, one.ends_at, location.tz))
            for one in closures_in_the_way(location, now=now)
        ],
        "alone": without_person(booked, today, working_spans(location, today.span)),
    }


def without_person(visits, today, working):
    """Visits that have a room while their provider is not at work."""
    rooms, found = {room.id: room_name(room) for room in today.rooms}, []
    for visit in visits:
        for part in visit.progress.standing:
            away = next((phase for phase in part.phases if is_alone(phase, working)), None)
            if away:
                found.append(
                    Item(
                        visit=visit,
                        room=rooms.get(part.room, ""),
                        provider=away.provider,
                        starts_at=away.starts_at,
                    )
                )
    return found


def is_alone(phase, working):
    if phase.practitioner is None:
        return False
    spans = working.get(phase.practitioner, [])
    return not any(span.start <= phase.starts_at and phase.ends_at <= span.end for span in spans)


def closing(*, user, location, now):
    """Parts neither done nor not done, people still in a room, and visits nobody checked in that are over."""
    today = day(user=user, location=location, now=now)
    running = [one for one in today.visits if one.status in RUNNING]
    rooms = {room.id: room_name(room) for room in today.rooms}
    over = [one for one in running if one.ends_at <= now]
    found = {
        "location": location,
        "now": now,
        "unsettled": [
            Item(visit=one, parts=tuple(one.progress.open))
            for one in over
            if one.status != Status.BOOKED and one.progress.open
        ],
        "still_here": [
            Item(visit=one, room=rooms.get(one.progress.room, ""))
            for one in running
            if one.status != Status.BOOKED and not (one in over and one.progress.open)
        ],
        "not_checked_in": [Item(visit=one) for one in over if one.status == Status.BOOKED],
        "still_to_come": sum(one.status == Status.BOOKED and one.ends_at > now for one in today.visits),
    }
    found["count"] = sum(len(found[name]) for name in ("unsettled", "still_here", "not_checked_in"))
    return found
