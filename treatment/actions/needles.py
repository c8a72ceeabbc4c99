"""Needles going in and coming out are facts of the visit: the note hands them on to the day's steps."""

from django.utils.translation import gettext as _

from clinic.refusal import Refused
from scheduling.actions.steps import take_step
from scheduling.rules.steps import FIRST_NEEDLE, NEEDLES_IN, NEEDLES_OUT

STEPS = (FIRST_NEEDLE, NEEDLES_IN, NEEDLES_OUT)


def stamp_needles(*, by, note, what):
    """Stamp a step of the note's part now; the Change, which can be undone on the board."""
    if what not in STEPS:
        raise Refused(_("Say whether needles went in or came out."))
    if note.visitpart_id is None:
        raise Refused(
            _("This note belongs to no visit, so nothing was stamped. Write the times in the note.")
        )
    return take_step(by=by, pk=note.appointment_id, what=what, part=note.visitpart_id)
