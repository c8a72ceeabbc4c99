"""How often a message is tried, and what may stand in its headers."""

import unicodedata
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

# Minutes to wait after each failed try. The clinic's default: a server that is down for a morning loses nothing.
BACKOFF_MINUTES = (1, 5, 15, 60, 240)
MAX_TRIES = len(BACKOFF_MINUTES) + 1
SUBJECT_LENGTH = 200


def pause_after(tries):
    """How long to wait after so many tries; the longest pause when there is none left."""
    return timedelta(minutes=BACKOFF_MINUTES[min(tries, len(BACKOFF_MINUTES)) - 1])


def one_line(subject):
    """The subject without line breaks and other control characters: one header stays one header."""
    spaced = "".join(" " if unicodedata.category(c) in {"Cc", "Zl", "Zp"} else c for c in subject)
    return " ".join(spaced.split())[:SUBJECT_LENGTH]


# Kinds of mail that hold a link that opens an account: the text is forgotten once it has left.
OPENS_AN_ACCOUNT = {"invitation", "account", "forms"}
NOT_AN_ADDRESS = "NotAnAddress"
STOPPED_WHILE_SENDING = "StoppedWhileSending"
UNREACHABLE = _("The mail server cannot be reached.")
FAULTS = {
    NOT_AN_ADDRESS: _("This is not an e-mail address. Correct it where it is kept."),
    STOPPED_WHILE_SENDING: _("The worker stopped each time it tried."),
    "ConnectionRefusedError": UNREACHABLE,
    "gaierror": UNREACHABLE,
    "TimeoutError": UNREACHABLE,
    "SMTPServerDisconnected": UNREACHABLE,
    "SMTPAuthenticationError": _("The mail server does not accept our password."),
    "SMTPRecipientsRefused": _("The mail server refuses this address."),
}


def said_of(fault):
    """Why a message did not leave, in words; the fault's own name where we have none."""
    return FAULTS.get(fault, fault)


def items_of_lines(key, lines, before):
    """The lines of a consent as [{id, text}]. A line keeps its id while its words stay; ids are never used twice."""
    ids = {item["text"]: item["id"] for item in before}
    taken = {item["id"] for item in before}
    free = (f"{key}_{number:02}" for number in range(1, 1000) if f"{key}_{number:02}" not in taken)
    texts = [" ".join(line.split()) for line in lines.splitlines() if line.strip()]
    return [{"id": ids.get(text) or next(free), "text": text} for text in dict.fromkeys(texts)]
