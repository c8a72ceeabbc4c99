"""Sending what is due. Run by the worker; safe to run twice at once and to kill at any moment."""

import logging

from django.core.mail import EmailMessage, get_connection

from messaging import actions

log = logging.getLogger(__name__)
# A mail server that accepts the call and says nothing must not hold up the worker.
TIMEOUT_SECONDS = 10


def send_due(now, limit=20):
    """Try up to `limit` due messages; how many were sent.

    One at a time, so that an undo finds all that have not left: claim (short transaction), send (none),
    note the outcome (another). Path not taken: sending inside the claiming transaction would hold the row's
    lock, and the connection, as long as the mail server likes.
    """
    sent = 0
    for _try in range(limit):
        message = actions.claim_next(now=now)
        if message is None:
            break
        if message.dead_at is None:
            sent += try_to_send(message, now)
    return sent


def try_to_send(message, now):
    """Whether it left."""
    try:
        as_mail(message).send()
    except (OSError, ValueError) as fault:
        # The name only: what a mail server answers can repeat the address.
        name = type(fault).__name__
        log.warning("message %s not sent: %s", message.pk, name)
        actions.mark_failed(message=message, fault=name, now=now)
        return False
    actions.mark_sent(message=message, now=now)
    return True


def as_mail(message):
    return EmailMessage(
        subject=message.subject,
        body=message.body,
        to=[message.to],
        headers={"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"},
        connection=get_connection(timeout=TIMEOUT_SECONDS),
    )
