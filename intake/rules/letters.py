"""What stands in a letter: plain values, in the shape the typst template reads. Advice, never a diagnosis."""

from typing import NamedTuple

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

REFERRAL, PROGRESS = "referral", "progress"
URGENCY_WORDS = {
    "emergency": gettext_lazy("emergency"),
    "same_day": gettext_lazy("the same day"),
    "within_48_hours": gettext_lazy("within 48 hours"),
    "within_1_week": gettext_lazy("within one week"),
    "within_4_weeks": gettext_lazy("within four weeks"),
    "none": gettext_lazy("no hurry"),
    "": gettext_lazy("no hurry"),
}


class Section(NamedTuple):
    """A heading (may be empty), paragraphs, and a list of lines."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()


class Frame(NamedTuple):
    """What every letter carries: from whom, to whom, about whom. `clinic` is (name, address lines)."""

    clinic: str
    clinic_lines: tuple[str, ...]
    to: str
    patient: str
    born: str
    on: object  # a date
    signed: str


class Known(NamedTuple):
    """Lines of the history that a physician needs."""

    conditions: tuple[str, ...]
    medication: tuple[str, ...]
    allergies: tuple[str, ...]


def letter(*, title, frame, sections):
    """The data of a letter, as JSON values."""
    about = [_("Patient: %(name)s") % {"name": frame.patient}]
    if frame.born:
        about.append(_("Born: %(date)s") % {"date": frame.born})
    return {
        "title": title,
        "author": frame.clinic,
        "lang": "en",
        "clinic": {"name": frame.clinic, "lines": [line for line in frame.clinic_lines if line]},
        "to": [line for line in frame.to.splitlines() if line.strip()],
        "date": formats.date_format(frame.on, "F j, Y"),
        "about": about,
        "sections": [
            {"heading": one.heading, "paragraphs": list(one.paragraphs), "lines": list(one.lines)}
            for one in sections
            if one.paragraphs or one.lines
        ],
        "signed": [_("Sincerely,"), frame.signed, frame.clinic],
        "foot": _("Confidential: about one patient, for the person it is addressed to."),
    }


def referral_sections(*, why, urgency, suspected, found, known):
    """A physician is asked: what was answered, what to look at, what we want to know back."""
    asks = [
        _("Please assess this patient. Hoped for: %(when)s.") % {"when": URGENCY_WORDS.get(urgency, urgency)},
        _("Treatment with needles or adjustments waits, as far as these answers concern it, for your reply."),
    ]
    return [
        Section("", (_("Dear colleague,"), *asks)),
        Section(_("Why we ask"), tuple(line for line in why.splitlines() if line.strip())),
        Section(_("Please consider"), lines=suspected),
        Section(_("What we found"), tuple(line for line in found.splitlines() if line.strip())),
        *known_sections(known),
        Section(
            _("Please tell us"),
            lines=(
                _("what you found, as far as it matters for treatment here;"),
                _("whether acupuncture and adjustments may go on, and with which limits;"),
                _("until when that holds."),
            ),
        ),
    ]


def known_sections(known):
    return [
        Section(_("Known conditions"), lines=known.conditions),
        Section(_("Medication"), lines=known.medication),
        Section(_("Allergies"), lines=known.allergies),
    ]


def progress_sections(*, problem, words, known, visits):
    """How it goes, from the record: `visits` are Sections made by whoever knows the notes."""
    opening = _("Dear colleague,")
    about = _("This is how %(problem)s has gone under our care.") % {"problem": problem} if problem else ""
    said = [line for line in words.splitlines() if line.strip()]
    return [
        Section("", tuple(one for one in (opening, about, *said) if one)),
        *visits,
        *known_sections(known),
    ]


def reasons_not_to_write(*, to, sections):
    reasons = []
    if not to.strip():
        reasons.append(_("Write whom the letter is for."))
    if not any(one.paragraphs or one.lines for one in sections):
        reasons.append(_("The letter would be empty. Write what it should say."))
    return reasons


def reasons_not_to_send(*, sent_at, has_letter, closed_at, sent_on, today):
    reasons = reasons_not_to_touch(closed_at)
    if sent_at:
        reasons.append(_("It is marked as sent already. Reload the page."))
    if not has_letter:
        reasons.append(_("Make the letter first, then mark it as sent."))
    if sent_on > today:
        reasons.append(_("The day it was sent is in the future. Choose today or an earlier day."))
    return reasons


def reasons_not_to_file_reply(*, closed_at, reply, reply_on, today):
    reasons = reasons_not_to_touch(closed_at)
    if not reply.strip():
        reasons.append(_("Write what the reply says."))
    if reply_on > today:
        reasons.append(_("The day of the reply is in the future. Choose today or an earlier day."))
    return reasons


def reasons_not_to_clear(*, closed_at, reply_seen_at, cleared_until, today):
    reasons = reasons_not_to_touch(closed_at)
    if not reply_seen_at:
        reasons.append(_("Read the reply and mark it as seen first."))
    if cleared_until < today:
        reasons.append(_("The clearance would be over already. Choose a later day."))
    return reasons


def reasons_not_to_touch(closed_at):
    return [_("This referral is closed. Open a new one if a physician is asked again.")] if closed_at else []


def state_of(*, sent_at, letter_at, reply_on, reply_seen_at, cleared_until, closed_at, today):
    """Where a referral stands, in one word of the list: what is to be done next."""
    if cleared_until and cleared_until < today:
        return "expired"
    if closed_at:
        return "closed"
    if cleared_until:
        return "cleared"
    if reply_on:
        return "seen" if reply_seen_at else "replied"
    if sent_at:
        return "sent"
    return "written" if letter_at else "open"


STATES = {
    "open": gettext_lazy("letter to write"),
    "written": gettext_lazy("letter to send"),
    "sent": gettext_lazy("waits for a reply"),
    "replied": gettext_lazy("reply to read"),
    "seen": gettext_lazy("reply read"),
    "cleared": gettext_lazy("cleared"),
    "expired": gettext_lazy("clearance ran out"),
    "closed": gettext_lazy("closed"),
}
