"""Messages as rows: queued by the action that causes them, taken back by its undo, sent by the worker."""

import json
import uuid
from email.utils import parseaddr
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit
from clinic.actions.reference import Dataset
from clinic.refusal import Refused
from clinic.submissions import claim
from messaging.models import OutboxMessage, StaffTask, Text
from messaging.queries import WAITING
from messaging.rules import (
    MAX_TRIES,
    NOT_AN_ADDRESS,
    OPENS_AN_ACCOUNT,
    STOPPED_WHILE_SENDING,
    one_line,
    pause_after,
)

ADDRESS_LENGTH = 254


def queue(*, kind, to, subject, body, about="", language="en", not_before=None, now=None):
    """Write a message into the caller's transaction; the worker sends it from `not_before` on.

    The Message-ID is made here, once, so that a mail sent twice (the worker died before it could note the
    first) is recognized as one. Without an address nothing is written and None returned. What is no address
    never stops the action that causes the message: it goes straight to the undelivered ones, for the owner.
    """
    if not to:
        return None
    now = now or timezone.now()
    good = is_address(to)
    return OutboxMessage.objects.create(
        kind=kind,
        about=about,
        to=to[:ADDRESS_LENGTH],
        language=language,
        subject=one_line(str(subject)),
        body=str(body),
        message_id=new_message_id(),
        created_at=now,
        not_before=not_before or now,
        dead_at=None if good else now,
        last_error="" if good else NOT_AN_ADDRESS,
    )


def withdraw(*, about, kinds=None, now):
    """Take back what was queued about a cause and not sent yet; how many there were. Part of an undo."""
    rows = OutboxMessage.objects.filter(WAITING, about=about)
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    return rows.update(withdrawn_at=now)


def send_again(*, by, message, now, location, request_key=None):
    """Give an undelivered message all its tries again, from now."""
    with transaction.atomic():
        claim(request_key, location=location)
        row = OutboxMessage.objects.select_for_update().get(pk=message.pk)
        if row.sent_at or row.withdrawn_at or not row.dead_at:
            raise Refused(_("This message is not among the undelivered ones any more. Reload the page."))
        if not is_address(row.to):
            raise Refused(
                _("“%(to)s” is not an e-mail address. Correct it where it is kept.") % {"to": row.to}
            )
        row.dead_at, row.attempts, row.last_error, row.not_before = None, 0, "", now
        row.save(update_fields=["dead_at", "attempts", "last_error", "not_before"])
        audit.record(by=by, verb="send_again", about=row)
    return row


def claim_next(*, now):
    """The next due message, its next try already put off, or None.

    The row is locked for this short transaction only, and no other worker waits for it. A worker that dies
    while sending leaves a message that is due again after the pause; one that dies every time is given up.
    """
    with transaction.atomic():
        due = OutboxMessage.objects.filter(WAITING, not_before__lte=now).order_by("not_before", "id")
        row = due.select_for_update(skip_locked=True).first()
        if row is None:
            return None
        if row.attempts >= MAX_TRIES:
            row.dead_at, row.last_error = now, STOPPED_WHILE_SENDING
        else:
            row.attempts += 1
            row.not_before = now + pause_after(row.attempts)
        row.save(update_fields=["attempts", "not_before", "dead_at", "last_error"])
    return row


def mark_sent(*, message, now):
    """Note that it left. A withdrawal that came too late stays noted beside it.

    A link that opens an account is then in one place only, the mail itself: the row forgets its text.
    """
    forgotten = {"body": ""} if message.kind in OPENS_AN_ACCOUNT else {}
    OutboxMessage.objects.filter(pk=message.pk).update(sent_at=now, last_error="", **forgotten)


def mark_failed(*, message, fault, now):
    """Note why it did not leave; after the last try it is given up."""
    dead_at = now if message.attempts >= MAX_TRIES else None
    OutboxMessage.objects.filter(pk=message.pk).update(last_error=fault, dead_at=dead_at)


def is_address(text):
    try:
        validate_email(text)
    except ValidationError:
        return False
    return len(text) <= ADDRESS_LENGTH


def new_message_id():
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{uuid.uuid4()}@{domain}>"


# To-dos for staff


def open_task(*, kind, title, about, patient=None, for_user=None, for_role="", due_at=None, now=None):
    """Write a to-do into the caller's transaction; the one that is open where there is one of that kind about it.

    `patient` is a patient or its id. The title must be fit for everybody who sees it.
    """
    task = StaffTask(
        kind=kind,
        title=str(title),
        about=about,
        patient=getattr(patient, "pk", patient),
        for_user=for_user,
        for_role=for_role,
        due_at=due_at,
        opened_at=now or timezone.now(),
    )
    # Two at once: the second waits for the first and then leaves its row alone.
    StaffTask.objects.bulk_create([task], ignore_conflicts=True)
    return StaffTask.objects.get(kind=kind, about=about, closed_at=None)


def close_task(*, by, pk, outcome, now=None, location=None, request_key=None):
    """Note what was done about an open to-do."""
    with transaction.atomic():
        claim(request_key, location=location)
        task = StaffTask.objects.select_for_update(of=("self",)).get(pk=pk)
        if task.closed_at:
            raise Refused(_("Somebody has closed this to-do already. Reload the page."), conflict=True)
        if not outcome.strip():
            raise Refused(_("Say in a few words what was done."))
        task.closed_at, task.closed_by, task.outcome = now or timezone.now(), by, outcome.strip()
        task.save(update_fields=["closed_at", "closed_by", "outcome"])
        audit.record(by=by, verb="close task", about=task, patient=task.patient, kind=task.kind)
    return task


def close_tasks_about(*, by, kind, about, outcome, now=None):
    """Close what is open of that kind about a cause, since the cause is gone; part of the caller's action."""
    rows = StaffTask.objects.filter(kind=kind, about=about, closed_at=None)
    return rows.update(closed_at=now or timezone.now(), closed_by=by, outcome=str(outcome))


# Texts for patients


def read_texts(text, _model):
    """The texts of default_texts.json as rows; paragraphs are joined with an empty line between them."""
    return [
        {"for_consents": [], **entry, "body": "\n\n".join(entry["body"])}
        for entry in json.loads(text)["texts"]
    ]


DATASETS = [
    Dataset(
        "texts for patients",
        Text,
        Path(__file__).resolve().parent / "data" / "default_texts.json",
        read_texts,
        26,
    )
]
