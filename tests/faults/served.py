"""What the web server of the fault tests serves: the application, at the tests' clock.

A control asks for it without one of its guards (`MERIDIAN_WITHOUT`, names from `GUARDS`).
"""

import itertools
import os
from datetime import datetime

import time_machine

time_machine.travel(datetime.fromisoformat(os.environ["MERIDIAN_TEST_NOW"]), tick=True).start()

from clinic.refusal import Refused  # noqa: E402 - the clock first
from clinic.wsgi import application  # noqa: E402
from scheduling.actions import booking, changing, moving, series  # noqa: E402
from scheduling.views import booking as booking_page  # noqa: E402

__all__ = ["application"]
calls = itertools.count(1)
book = booking_page.book_visits


def without_locks():
    for module in (booking, changing, series):
        module.lock = lambda keys: None


def without_claims():
    for module in (booking, moving, series):
        module.claim = lambda key, *, location, status=303: None


def without_patience():
    """Every second booking is told that the time is taken, whether it is or not."""

    def refuse(**more):
        if next(calls) % 2 == 0:
            raise Refused("Taken.")
        return book(**more)

    booking_page.book_visits = refuse


def without_answers():
    """Every second booking ends in a fault, after it was done."""

    def fail(**more):
        made = book(**more)
        if next(calls) % 2 == 0:
            raise RuntimeError("a fault made on purpose")
        return made

    booking_page.book_visits = fail


GUARDS = {
    "locks": without_locks,
    "claims": without_claims,
    "patience": without_patience,
    "answers": without_answers,
}
for name in filter(None, os.environ.get("MERIDIAN_WITHOUT", "").split(",")):
    GUARDS[name]()
