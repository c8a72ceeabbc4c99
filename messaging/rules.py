"""How often a message is tried, and what may stand in its headers."""

import unicodedata
from datetime import timedelta

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
