"""What is proposed to somebody whose practitioner is away, and what may be answered. Pure; nothing is read here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from clinic import walltime
from clinic.timespan import TimeSpan, subtract
from scheduling.models import Answer
from scheduling.rules import sentences
from services.models import PhaseKind

KEPT = timedelta(
    hours=4
)  # how long a proposal is kept while people are called; each message left starts it anew
AT_LEAST = timedelta(minutes=30)
TIME_TO_COME = timedelta(hours=1)  # nobody is asked to come sooner than this, unless they were coming anyway
UNREACHED = {Answer.OPEN, Answer.LEFT_MESSAGE}
FINAL = {Answer.AGREED, Answer.CANCELLED}
LONGEST_ABSENCE = timedelta(days=366)


def kept_until(now: datetime, starts_at: datetime):
    """A proposal is kept for four hours, never past its own start, and for half an hour at least."""
    return max(now + AT_LEAST, min(now + KEPT, starts_at))


def earliest_start(now: datetime, starts_at: datetime):
    """From when another time may be proposed for a visit."""
    return max(now, min(now + TIME_TO_COME, starts_at))


def spans_by(placed, resource):
    """{id: [spans]} of the phases that occupy a "practitioner" or a "room"."""
    found = {}
    for one in placed:
        if (key := getattr(one, resource)) is not None:
            found.setdefault(key, []).append(TimeSpan(one.starts_at, one.ends_at))
    return found


def only_new(placed, own):
    """[(practitioner, None, span) or (None, room, span)]: what a proposal has to hold.

    Minutes that the visit itself keeps stay with it: the proposal and the visit together hold every minute.
    """
    rows = []
    for resource in ("practitioner", "room"):
        kept = spans_by(own, resource)
        for key, spans in spans_by(placed, resource).items():
            left = subtract(spans, kept.get(key, []))
            rows += [(key, None, span) if resource == "practitioner" else (None, key, span) for span in left]
    return rows


@dataclass(frozen=True, slots=True)
class Away:
    """Working time that is taken away: a practitioner's, or (without one) everybody's at a location.

    `over`: it was withdrawn, and takes nothing away any more.
    """

    span: TimeSpan
    practitioner: int | None = None
    location: int | None = None
    over: bool = False


def needs(away, phases, location):
    """Whether any of the rows of phases, of a visit at a location, needs the time that is taken away.

    Where a location is closed that is whatever somebody does with the patient, and needles that somebody
    watches over; a rest after it is not, as at the end of a day.
    """
    if away.over or away.location not in (None, location):
        return False
    return any(takes(away, one) for one in phases)


def takes(away, phase):
    """Whether one phase, at the right location, is in the way."""
    if phase.starts_at >= away.span.end or phase.ends_at <= away.span.start:
        return False
    if away.practitioner is not None:
        return phase.practitioner_id == away.practitioner
    return phase.practitioner_id is not None or phase.kind == PhaseKind.RETENTION


def reasons_not_to_record(*, span, now, away_already):
    """`away_already`: an absence of the same person covers the whole span."""
    if span.end <= now:
        return [_("This time is over. Choose an end that is still to come.")]
    if span.length > LONGEST_ABSENCE:
        return [_("This is longer than a year. Record it in parts.")]
    if away_already:
        return [_("This is recorded already. Its call list is below.")]
    return []


def reasons_not_to_answer(*, settled, has_proposal, wanted, stands):
    if settled:
        return [_("This visit is settled already. The list shows how it stands now.")]
    if wanted == Answer.AGREED and not has_proposal:
        return [_("There is no proposal to agree to. Choose another time, or cancel the visit.")]
    if wanted == Answer.AGREED and not stands:
        return [_("The proposal is not held any more. Press “Propose again”, then ask once more.")]
    return []


def reasons_not_to_take_back(*, answered, newer, minutes_since, undo_minutes):
    """`newer`: the visit was changed after the answer."""
    if not answered:
        return [_("There is no answer to take back. The list shows how it stands now.")]
    if newer:
        return [_("Something newer happened to this visit. Undo that first, or change the visit by hand.")]
    if minutes_since > undo_minutes:
        return [
            _("This can be undone for %(minutes)s minutes only. Open the visit and change it by hand.")
            % {"minutes": undo_minutes}
        ]
    return []


def in_words(starts_at, ends_at, zone):
    """Tue Nov 24, 10:40 am to 6:00 pm; Tue Nov 24, whole day; Tue Nov 24 to Fri Nov 27, whole days."""
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    whole = start.time() == end.time() == walltime.MIDNIGHT
    last = end - timedelta(days=1) if whole else end
    words = {
        "first": sentences.day(start, zone),
        "start": sentences.clock(start, zone),
        "last": sentences.day(last, zone),
        "end": sentences.clock(end, zone),
    }
    if whole and start.date() == last.date():
        return _("%(first)s, whole day") % words
    if whole:
        return _("%(first)s to %(last)s, whole days") % words
    if start.date() == end.date():
        return _("%(first)s, %(start)s to %(end)s") % words
    return _("%(first)s, %(start)s to %(last)s, %(end)s") % words


def heading(name, *, closed, over):
    """What a call list is about. `over`: lifted, ended early, or simply past."""
    if over:
        return (_("%(name)s is open again") if closed else _("%(name)s is back")) % {"name": name}
    return (_("%(name)s is closed") if closed else _("%(name)s is away")) % {"name": name}


def somebody_is_away(name):
    return _("%(name)s is away.") % {"name": name}


def closed_then(location):
    return _("We are closed then at %(location)s.") % {"location": location}


def to_say(*, why, same_time, proposal, names, zone, elsewhere=""):
    """What to say into the phone. `proposal` has starts_at and ends_at; its phases come beside it.

    `elsewhere`: the name of the location that is proposed, if it is another one.
    """
    visit, phases = proposal
    offer = sentences.to_read(visit.starts_at, visit.ends_at, phases, names, zone)
    words = {"why": why, "offer": offer, "place": elsewhere}
    if elsewhere:
        return _("%(why)s We have a time for you at %(place)s: %(offer)s Does that suit you?") % words
    if same_time:
        return _("%(why)s Your time can stay: %(offer)s Is that all right?") % words
    return _("%(why)s The nearest time we have: %(offer)s Does that suit you?") % words
