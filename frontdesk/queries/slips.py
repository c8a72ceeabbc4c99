"""When the day slips: ways out, rooms to go to, who is touched, times for somebody who walks in."""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import walltime
from clinic.timespan import TimeSpan
from frontdesk.rules import NOT_DONE_REASONS, line_of, tiles_of, twins_of
from patients.models import Patient
from patients.queries import duplicates_of
from patients.rules import age, on_list
from patients.rules.shown import ADULT_AT
from scheduling.models import What
from scheduling.queries.day import day
from scheduling.queries.offers import visit_of
from scheduling.queries.progress import progress_of
from scheduling.queries.slips import (
    first_times,
    promised_to_others,
    touched_by,
    ways_for_late,
    ways_for_touched,
)
from scheduling.rules.life import MOVABLE
from scheduling.rules.placing import clock, room_name
from scheduling.rules.steps import NEEDLES_OUT, next_step
from services.models import Service


def local_today(location):
    return walltime.local(timezone.now(), location.tz).date()


def late_ways(visit):
    """Ways of rules.slips for a visit that has not begun."""
    return ways_for_late(visit, now=timezone.now()) if visit.status in MOVABLE else []


def said_of_move(visit):
    """The toast after a way out was taken."""
    return _("%(name)s starts at %(time)s.") % {
        "name": visit.patient.name,
        "time": clock(visit.starts_at, visit.location.tz),
    }


def touched(visit):
    """Who is reached by the overrun, and the ways out for the first of them."""
    now = timezone.now()
    found, minutes = touched_by(visit, now=now)
    ways = ways_for_touched(visit, found[0], minutes, now=now) if found else []
    return {"touched": found, "ways": ways, "first": found[0] if found else None}


def said_of_longer(visit, minutes):
    said = _("%(name)s needs %(minutes)s min longer.") % {"name": visit.patient.name, "minutes": minutes}
    reached, _minutes = touched_by(visit, now=timezone.now())
    return said if reached else _("%(said)s Nobody else is touched.") % {"said": said}


def other_rooms(user, visit):
    """Tiles of the rooms of the same kind as the one they are in, without that one; free ones first."""
    now, location = timezone.now(), visit.location
    today = day(user=user, location=location, now=now)
    rooms, twins = {room.id: room for room in today.rooms}, twins_of(today.visits)
    lines = [line_of(one, now=now, zone=location.tz, rooms=rooms, twins=twins) for one in today.visits]
    current = progress_of(visit).room
    kind = rooms[current].kind if current in rooms else None
    tiles = [tile for tile in tiles_of(today, lines, zone=location.tz) if tile.room.id != current]
    alike = [tile for tile in tiles if kind is None or tile.room.kind == kind]
    return sorted(alike, key=lambda tile: tile.state != "free")


def said_of_room(visit, change):
    """The toast of a change of room; where the room is promised to somebody soon, it says to whom."""
    fact = visit.actual_times.filter(what=What.IN_ROOM).select_related("room").latest("entered_at")
    said = _("%(name)s: in room %(room)s") % {"name": visit.patient.name, "room": fact.room.name}
    if change.verb != "room_changed":
        return said
    span = TimeSpan.of(timezone.now(), minutes=60)
    others = promised_to_others(fact.room_id, span, but=visit.pk)
    if not others:
        return said
    given, family, starts_at = others[0]
    promised = _("It is promised to %(name)s from %(time)s.") % {
        "name": on_list(given, family),
        "time": clock(starts_at, visit.location.tz),
    }
    return f"{said}. {promised}"


def about_unwell(visit):
    """Needles first; then the parts that are still open."""
    progress = progress_of(visit)
    step = next_step(progress)
    return {
        "visit": visit,
        "since": progress.last(What.UNWELL),
        "needles_in": progress.needles_are_in,
        "out": step if step and step.key == NEEDLES_OUT else None,
        "open": [] if progress.needles_are_in else progress.open,
        "only_one": len(progress.standing) == 1,
    }


def about_open_parts(visit):
    progress = progress_of(visit)
    return {
        "visit": visit,
        "open": progress.open,
        "only_one": len(progress.standing) == 1,
        "reasons_not_done": NOT_DONE_REASONS,
    }


def said_of_not_done(visit, change):
    said = (
        _("%(name)s has left.") if change.verb == "complete" else _("%(name)s: a part is closed as not done.")
    )
    return said % {"name": visit.patient.name}


def alike(user, form):
    """Records that may be the same person as the one who walked in."""
    if form.cleaned_data["anyway"]:
        return []
    return duplicates_of(user, Patient(**form.values))


def walk_in_times(form, patient, location):
    """{"times": [(choice, words)], "minor"}: the first free times today for what they come for."""
    service = chosen_service(form)
    minor = patient is not None and is_minor(patient, location)
    if service is None:
        return {"times": [], "minor": minor}
    now = timezone.now()
    found = first_times(visit_of(service), service_patient=patient, location=location, now=now)
    times = [(choice_of(offer), words_of(offer, world)) for offer, world in found]
    return {"times": times, "minor": minor}


def is_minor(patient, location):
    years = age(patient.birth_date, local_today(location))
    return years is not None and years < ADULT_AT


def chosen_service(form):
    if form.is_bound:
        return form.cleaned_data.get("service") if form.is_valid() or "service" not in form.errors else None
    return Service.objects.filter(active=True).first()


def choice_of(offer):
    return f"{offer.starts_at.isoformat()}|{offer.choice}"


def words_of(offer, world):
    people = [world.cover.people[pid].full for pid in dict.fromkeys(offer.practitioners)]
    rooms = [room_name(world.rooms[rid]) for rid in dict.fromkeys(offer.rooms)]
    return _("%(start)s with %(people)s, %(rooms)s, done by %(end)s") % {
        "start": clock(offer.starts_at, world.location.tz),
        "end": clock(offer.ends_at, world.location.tz),
        "people": " › ".join(people),
        "rooms": " › ".join(rooms),
    }
