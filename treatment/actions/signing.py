"""Signing: the draft becomes what was. From then on PostgreSQL refuses every change to it."""

from datetime import date, time
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.walltime import instant
from messaging.actions import open_task
from treatment.actions.keeping import Stale, draft_of, write
from treatment.queries.safety import spoken_about
from treatment.queries.signing import not_ready
from treatment.rules.against import unanswered

PRESS = "press_needles"
MORNING = time(9)


class NotReady(Refused):
    """What is missing. `may_exit`: with a reason it can be signed although needles are not accounted for."""

    def __init__(self, reasons, may_exit):
        self.may_exit = may_exit
        super().__init__(reasons)


@transaction.atomic
def sign(*, by, pk, version, exit_reason="", request_key=None, location_shown=None):
    """Sign a draft. `exit_reason`: why, although needles are not accounted for; the board keeps showing them.

    Safety rules never stand in the way: those that nobody answered go on the owner's list as done.
    """
    claim(request_key, location=location_shown)
    note, state = draft_of(by, pk)
    if note.version != version:
        raise Stale(note, state, state)
    reasons, may_exit = not_ready(note, state, by, exit_reason=exit_reason)
    if reasons:
        raise NotReady(reasons, may_exit)
    now = timezone.now()
    lines = unanswered(
        state, spoken_about(note, state), by=by.pk, now=now.isoformat(), new_id=lambda: str(uuid4())
    )
    if lines:
        write(note, state, {**state, "against": [*state["against"], *lines]}, by=by, now=now)
    note.signed_at, note.signed_by, note.emergency_reason = now, by, exit_reason.strip()[:500]
    note.save()
    ask_for_press_needles(note, state, now)
    audit.record(
        by=by, verb="sign note", about=note, patient=note.patient_id, needles_missing=note.needles_missing
    )
    return note


def ask_for_press_needles(note, state, now):
    """A to-do for the author on the day when the first of the press needles is to come off."""
    days = [one["press_until"] for one in state["needlings"] if one["press_until"]]
    if not days or note.location is None:
        return
    due = instant(date.fromisoformat(min(days)), MORNING, note.location.tz)
    open_task(
        kind=PRESS,
        title=_("Press needles come off: ask how it went"),
        about=f"treatment.note:{note.pk}",
        patient=note.patient_id,
        for_user=note.author,
        due_at=due,
        now=now,
    )
