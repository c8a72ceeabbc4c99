"""Times, people and rooms as the desk says them: pure words from values.

A phase here is anything with `practitioner`, `room` (ids), `patient_present`, `starts_at` and `ends_at`.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

# Whoever holds one of these is called “Dr. Lee”; everybody else by the first name.
DOCTORATES = {"DC", "MD", "DO", "ND", "PHD", "DACM", "DAOM"}

VERBS = {
    "book": _l("Booked"),
    "hold": _l("Held"),
    "confirm_hold": _l("Hold made a booking"),
    "confirm": _l("Confirmed"),
    "move": _l("Moved"),
    "cancel": _l("Canceled"),
    "no_show": _l("Did not come"),
    "part_not_done": _l("Part not done"),
    "it_happened": _l("Entered later"),
    "check_in": _l("Checked in"),
    "step": _l("Next step"),
    "unwell": _l("Unwell"),
    "longer": _l("Needs longer"),
    "room_changed": _l("Other room"),
    "room": _l("Other room"),
    "complete": _l("Checked out"),
}


@dataclass(frozen=True, slots=True)
class Names:
    """What practitioners and rooms are called, by id."""

    practitioners: dict[int, str] = field(default_factory=dict)
    rooms: dict[int, str] = field(default_factory=dict)


def called(name, credentials=""):
    """“Mei” for Mei Tan, L.Ac.; “Dr. Lee” for Daniel Lee, D.C."""
    words = name.split()
    titles = {title.replace(".", "").strip().upper() for title in credentials.split(",")}
    if len(words) > 1 and titles & DOCTORATES:
        return _("Dr. %(name)s") % {"name": words[-1]}
    return words[0] if words else name


def short_names(people):
    """{id: what the desk calls them} of (id, name, credentials); two of one short name keep their full ones."""
    people = list(people)
    short = {pid: called(name, credentials) for pid, name, credentials in people}
    shared = Counter(short.values())
    return {pid: short[pid] if shared[short[pid]] == 1 else name for pid, name, _credentials in people}


def room_called(name):
    """“Room 2” for 2: a bare number says that it is a room."""
    return _("Room %(name)s") % {"name": name} if name.isdigit() else name


def room_name(room):
    return room_called(room.name)


def room_names(rooms):
    """{id: “Room 2”} of (id, name)."""
    return {rid: room_called(name) for rid, name in rooms}


def clock(instant, zone):
    """10:30 am."""
    return date_format(instant.astimezone(zone), "g:i a").replace(".", "")


def bare_clock(instant, zone):
    """10:30, where the half of the day is clear from what stands beside it."""
    return date_format(instant.astimezone(zone), "g:i")


def day(instant, zone):
    """Thu Nov 26."""
    return date_format(instant.astimezone(zone), "D M j")


def day_and_clock(instant, zone):
    """Thu Nov 26, 10:30 am."""
    return _("%(day)s, %(time)s") % {"day": day(instant, zone), "time": clock(instant, zone)}


def hours(starts_at, ends_at, zone):
    """9:30 to 10:25 am; 11:30 am to 12:25 pm."""
    same_half = (starts_at.astimezone(zone).hour < 12) == (ends_at.astimezone(zone).hour < 12)
    start = bare_clock(starts_at, zone) if same_half else clock(starts_at, zone)
    return _("%(start)s to %(end)s") % {"start": start, "end": clock(ends_at, zone)}


def when(starts_at, ends_at, zone, reader=None):
    """Thu Nov 26, 9:30 to 10:25 am, and the zone's name where the reader's clock shows another time."""
    said = _("%(day)s, %(hours)s") % {
        "day": day(starts_at, zone),
        "hours": hours(starts_at, ends_at, zone),
    }
    other = other_zone(starts_at, zone, reader)
    return _("%(when)s (%(zone)s)") % {"when": said, "zone": other} if other else said


def other_zone(instant, zone, reader):
    """The zone's name if the reader's differs at that instant, else nothing."""
    if reader is None or instant.astimezone(zone).utcoffset() == instant.astimezone(reader).utcoffset():
        return ""
    short = instant.astimezone(zone).tzname()
    city = str(zone).rsplit("/", 1)[-1].replace("_", " ")
    return short if short.isalpha() else _("%(city)s time") % {"city": city}


def stations(phases):
    """[(practitioner, starts_at)] each time the patient comes to another practitioner, in order."""
    found = []
    for phase in sorted(phases, key=lambda one: one.starts_at):
        if phase.practitioner is None or not phase.patient_present:
            continue
        if not found or found[-1][0] != phase.practitioner:
            found.append((phase.practitioner, phase.starts_at))
    return found


def rooms_of(phases):
    """Room ids in the order in which the patient is in them."""
    ordered = sorted(phases, key=lambda one: one.starts_at)
    return list(dict.fromkeys(phase.room for phase in ordered if phase.room and phase.patient_present))


def then(parts):
    """Mei, then Dr. Lee."""
    said = parts[0] if parts else ""
    for part in parts[1:]:
        said = _("%(first)s, then %(next)s") % {"first": said, "next": part}
    return said


def people(phases, names):
    """Mei, then Dr. Lee."""
    return then([names.practitioners.get(pid, "?") for pid, _at in stations(phases)])


def who_and_where(phases, names, zone):
    """Room 2 · Mei 9:30, then Dr. Lee 10:15. Without times where one person does it all."""
    where = then([names.rooms.get(rid, "?") for rid in rooms_of(phases)])
    met = stations(phases)
    if len(met) == 1:
        who = people(phases, names)
    else:
        who = then([f"{names.practitioners.get(pid, '?')} {bare_clock(at, zone)}" for pid, at in met])
    return " · ".join(part for part in (where, who) if part)


def to_read(starts_at, ends_at, phases, names, zone):
    """What to say into the phone."""
    local = starts_at.astimezone(zone)
    words = {
        "day": date_format(local, "l, F j"),
        "start": clock(starts_at, zone),
        "people": people(phases, names),
        "end": bare_clock(ends_at, zone),
    }
    if words["people"]:
        return _("%(day)s, at %(start)s with %(people)s, done by %(end)s.") % words
    return _("%(day)s, at %(start)s, done by %(end)s.") % words


def joint_to_read(told, zone):
    """One sentence for a family: [(called, offer, names)] in the order in which they come."""
    first = told[0][1]
    each = "; ".join(
        _("%(name)s at %(start)s with %(people)s")
        % {"name": name, "start": clock(offer.starts_at, zone), "people": people(offer.phases, names)}
        for name, offer, names in told
    )
    last = max(offer.ends_at for _name, offer, _names in told)
    return _("%(day)s: %(each)s. All done by %(end)s.") % {
        "day": date_format(first.starts_at.astimezone(zone), "l, F j"),
        "each": each,
        "end": bare_clock(last, zone),
    }


def change_in_words(verb):
    return str(VERBS.get(verb, verb.replace("_", " ").capitalize()))


def listed(names):
    """Iris, Leo and Mia."""
    names = list(names)
    if len(names) < 2:
        return "".join(names)
    return _("%(several)s and %(last)s") % {"several": ", ".join(names[:-1]), "last": names[-1]}


def nobody_with(name):
    return _("%(name)s has nothing that fits. These are with somebody else.") % {
        "name": name or _("The provider you chose")
    }


def not_the_same_people():
    return _("The same people have nothing that fits. These are with somebody else.")


def not_at_that_time_of_day():
    return _("Nothing at that time of day. These are at other times.")


def nothing_found(service, weeks):
    return _(
        "Nothing is free for %(service)s in the next %(weeks)s weeks. Ask for another day or provider, "
        "or check providers’ hours and licenses."
    ) % {"service": service, "weeks": weeks}


def nobody_does(service, location):
    return _(
        "Nobody at %(location)s may give %(service)s now. Ask the owner to look at licenses and hours."
    ) % {
        "location": location,
        "service": service,
    }


def nobody_then(instant, zone):
    return _(
        "Nobody who may do this is at work at %(time)s, or no such room is there. Choose another time."
    ) % {"time": clock(instant, zone)}


def moved_from(starts_at, zone):
    """`starts_at` is ISO text, as a Change keeps it."""
    instant = datetime.fromisoformat(starts_at)
    return _("from %(when)s") % {"when": day_and_clock(instant, zone)}


def of_member(name, offer, names, zone):
    """Leo 9:15 to 9:30 am · Room 4 · Dr. Lee."""
    where = who_and_where(offer.phases, names, zone)
    return f"{name} {hours(offer.starts_at, offer.ends_at, zone)} · {where}"


def about_patient(*, age, pronouns, prefers_time, usually_with, step_free, anyone):
    """[54 years, she/her, prefers mornings, usually with Mei]: what is known of these."""
    said = [_("%(age)s years") % {"age": age}] if age is not None else []
    said += [pronouns] if pronouns else []
    said += [_("prefers %(time)s") % {"time": prefers_time}] if prefers_time else []
    said += [_("usually with %(name)s") % {"name": usually_with}] if usually_with else []
    said += [_("anyone is fine")] if anyone else []
    return said + ([_("no stairs")] if step_free else [])
