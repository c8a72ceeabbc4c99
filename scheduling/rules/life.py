"""The whole life of a visit in one table, drawn into docs/states.md by a test."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as later

from scheduling.models import Status

NEXT_STATUSES = {
    Status.HELD: {Status.BOOKED, Status.EXPIRED, Status.CANCELLED},
    Status.BOOKED: {Status.ARRIVED, Status.CANCELLED, Status.NO_SHOW},
    Status.ARRIVED: {Status.IN_TREATMENT, Status.CANCELLED},
    Status.IN_TREATMENT: {Status.COMPLETED},
    Status.EXPIRED: set(),
    Status.COMPLETED: set(),
    Status.CANCELLED: set(),
    Status.NO_SHOW: set(),
}
MOVABLE = {Status.HELD, Status.BOOKED, Status.ARRIVED}


HOLD_RAN_OUT = later("This hold ran out. Look for a free time again.")


def reasons_not_to_become(status, wanted):
    """Empty if a visit of this status may take the wanted one next."""
    if wanted in NEXT_STATUSES[Status(status)]:
        return []
    return [
        _("This visit is %(now)s, so it cannot become %(wanted)s. Reload the page to see where it stands.")
        % {"now": Status(status).label, "wanted": Status(wanted).label}
    ]


def has_run_out(status, held_until, now):
    """A hold whose time is over, although nobody has swept it yet."""
    return status == Status.HELD and held_until <= now


def reasons_not_to_move(status, *, run_out=False):
    if run_out:
        return [HOLD_RAN_OUT]
    if status in MOVABLE:
        return []
    return [
        _("This visit is %(now)s, so it cannot be moved. Book a new one instead.")
        % {"now": Status(status).label}
    ]


def reasons_not_to_undo(*, status_now, undone, is_latest, minutes_since, undo_minutes):
    """Undo is for the latest change, for some minutes; what is older is changed, not undone."""
    if undone:
        return [_("This was undone already.")]
    if not is_latest:
        return [_("Something newer happened to this visit. Undo that first, or change the visit by hand.")]
    if minutes_since > undo_minutes:
        return [
            _("This can be undone for %(minutes)s minutes only. Open the visit and change it by hand.")
            % {"minutes": undo_minutes}
        ]
    return []


def gone_in_words(verb):
    """Why undoing this verb (of a Change) is refused: what it gave back is not free any more."""
    if verb == "complete":
        return _(
            "What check-out freed is not free any more, so this visit stays checked out. "
            "Correct its times if they are wrong, or move what took the place and undo then."
        )
    if verb == "part_not_done":
        return _(
            "What this part freed is not free any more, so it stays not done. "
            "Book it as a visit of its own, or move what took the place and undo then."
        )
    if verb == "room":
        return _(
            "The room before is not free any more, so this visit stays in the other one. Choose a room that is free."
        )
    return _("The time has been taken meanwhile. Book one of the nearest free times.")
