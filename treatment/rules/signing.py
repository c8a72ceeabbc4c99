"""May a note be signed, and if not, what is missing. No database, no clock.

Signing is never refused for a safety rule: what was done is recorded, with a reason or without one.
"""

from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from treatment.rules.counting import Balance, sentences
from treatment.rules.thrusting import both_numbers

RETENTION_MINUTES = (
    15,
    60,
)  # needles_and_modalities.json, retention_minutes; outside a warning that can be kept


class Signing(NamedTuple):
    """What is known of a note when somebody wants to sign it.

    `needles`: counting.balance() of the note. `exit_reason`: why it is signed although the count is not even.
    `clean_technique`, `sharps_box`: confirmed by a tap. `felt`: "", nothing or something. `carried`: how many fields
    still stand as they were copied. `missing_consents`: names of consents that were needed for what was done and
    are neither signed nor recorded as missing. `treated`: anything was done to the patient.
    `half_pressure`: a blood pressure has one number only. `says_nothing`: no word, finding or act stands in it.
    """

    is_author: bool
    is_signed: bool
    is_entered_in_error: bool
    needles: Balance
    exit_reason: str
    clean_technique: bool
    sharps_box: bool
    felt: str
    carried: int
    missing_consents: tuple[str, ...] = ()
    treated: bool = True
    half_pressure: bool = False
    says_nothing: bool = False


def reasons_not_to_sign(note):
    """Empty: it can be signed."""
    if note.is_signed:
        return [_("This note is signed already. Write an addendum.")]
    if note.is_entered_in_error:
        return [_("This note is marked as entered in error. Write a new one in the right chart.")]
    if not note.is_author:
        return [_("Only the author signs a note. Write one of your own.")]
    return [*reasons_of_needles(note), *reasons_of_care(note)]


def reasons_of_needles(note):
    reasons = []
    used_needles = bool(note.needles.needles_in or note.needles.press)
    if not note.needles.is_even and not note.exit_reason.strip():
        reasons += sentences(note.needles)
        reasons.append(_("Count the needles again, or use the emergency exit and say why."))
    if used_needles and not note.clean_technique:
        reasons.append(_("Confirm clean technique."))
    if used_needles and not note.sharps_box:
        reasons.append(_("Confirm that the needles are in the sharps box."))
    return reasons


def reasons_of_care(note):
    reasons = []
    if note.says_nothing:
        reasons.append(_("Nothing is written in this note. Write what was done, or why nothing was."))
    if note.treated and not note.felt:
        reasons.append(_("Ask “How do you feel?” and tap the answer."))
    if note.carried:
        reasons.append(
            ngettext(
                "%(number)d field is carried over from last time. Confirm or change it.",
                "%(number)d fields are carried over from last time. Confirm or change them.",
                note.carried,
            )
            % {"number": note.carried}
        )
    if note.half_pressure:
        reasons.append(both_numbers())
    reasons += [
        _("No signed consent: %(name)s. Have it signed, or record that it was missing.") % {"name": name}
        for name in note.missing_consents
    ]
    return reasons


def retention_warning(minutes):
    """A warning that can be kept, outside 15–60 minutes; nothing inside, and where no time was said."""
    least, most = RETENTION_MINUTES
    if minutes is None or least <= minutes <= most:
        return ""
    return _("%(minutes)d minutes is outside the usual %(least)d to %(most)d. Change it, or say why.") % {
        "minutes": minutes,
        "least": least,
        "most": most,
    }


def lot_refusal(expires_on, today):
    """Why needles of a lot may not be picked; nothing while it is good. The day of expiry is its last good day."""
    if expires_on is None or expires_on >= today:
        return ""
    return _("This lot expired on %(day)s. Open another box.") % {"day": date_format(expires_on, "M j, Y")}
