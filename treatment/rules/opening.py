"""Who may open a note, and who may write on it. No database, no clock."""

from django.utils.translation import gettext as _

from scheduling.models import PartStatus, Status

NOT_A_VISIT = {Status.HELD, Status.EXPIRED, Status.CANCELLED, Status.NO_SHOW}


def reasons_not_to_open(*, practices, discipline, status=None, part_status=None):
    """Empty if this person may open a note. `status` and `part_status` are of the visit, if there is one."""
    if not practices:
        return [
            _(
                "%(discipline)s is not among the disciplines you practice. Ask its provider to write this note."
            )
            % {"discipline": discipline}
        ]
    if status in NOT_A_VISIT:
        return [
            _("This visit is %(status)s. Write a contact note instead.") % {"status": Status(status).label}
        ]
    if part_status == PartStatus.NOT_DONE:
        return [_("This part was not done. Write a contact note instead.")]
    return []


def reasons_not_to_write(*, is_author, signed, entered_in_error):
    if entered_in_error:
        return [_("This note was entered in error. Open a new one.")]
    if signed:
        return [_("This note is signed. Write an addendum instead.")]
    if not is_author:
        return [_("Only its author writes on a note. Open your own.")]
    return []
