"""Locks: one per practitioner and room per UTC date touched, and one per patient, always in the same order.

Every verb that writes a status or a reservation goes through here. A plain insert into the exclusion
constraint deadlocks under load, even in a fixed order; sorted advisory locks and then the insert do not.
"""

import random
import time
from functools import wraps

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.translation import gettext as _

from clinic.refusal import Refused

PRACTITIONER, ROOM, PATIENT = 1, 2, 3
AT_MOST = 500
TRIES = 3
PASSING_FAULTS = {"40001", "40P01"}  # serialization failure, deadlock
WAITED_TOO_LONG = "55P03"
EXCLUDED = "23P01"


class TooBusy(Refused):
    """Others were in the way for as long as it is tried. Nothing was changed, and the same form may be sent again.

    The page keeps what was typed; clinic.middleware says when to come back (Retry-After).
    """

    status = 503

    def __init__(self):
        super().__init__(
            _(
                "Many people are changing this day at the moment. Nothing was changed. Send it again in a moment."
            )
        )


def keys_for(*, spans, practitioners=(), rooms=(), patients=()):
    """The lock numbers of resources on every UTC date the spans touch. A patient's has no date."""
    days = {day.toordinal() for span in spans for day in span.utc_dates()}
    keys = {(PRACTITIONER << 56) | (pid << 24) | day for pid in practitioners for day in days}
    keys |= {(ROOM << 56) | (rid << 24) | day for rid in rooms for day in days}
    return keys | {(PATIENT << 56) | (patient.int & ((1 << 56) - 1)) for patient in patients}


def lock(keys):
    """Wait for all keys, in a statement of its own: what is read after it is what the others have written."""
    keys = sorted(keys)
    if len(keys) > AT_MOST:
        raise Refused(_("This is too much for one step. Do it in two."))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_advisory_xact_lock(k)) FROM (SELECT unnest(%s::bigint[]) AS k) AS ordered",
            [keys],
        )


def lock_if_free(patient):
    """Whether this patient's lock (by id) could be taken at once. For what is done by the way, in any order."""
    (key,) = keys_for(spans=[], patients=[patient])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [key])
        return cursor.fetchone()[0]


def all_or_nothing(action):
    """Run an action in one transaction; try again, a little later, when PostgreSQL broke a deadlock.

    After three tries, and where a lock was waited for in vain, it is TooBusy. Losing to the exclusion
    constraint, the last guard, reads like the rule's own refusal.
    """

    @wraps(action)
    def wrapped(*args, **kwargs):
        return attempt(action, args, kwargs)

    return wrapped


def attempt(action, args, kwargs):
    for number in range(1, TRIES + 1):
        try:
            with transaction.atomic():
                return action(*args, **kwargs)
        except OperationalError as fault:
            code = getattr(fault.__cause__, "pgcode", "")
            if code not in PASSING_FAULTS | {WAITED_TOO_LONG}:
                raise
            if code == WAITED_TOO_LONG or number == TRIES:
                raise TooBusy from fault
            time.sleep(random.uniform(0.01, 0.05) * number)
        except IntegrityError as fault:
            if getattr(fault.__cause__, "pgcode", "") != EXCLUDED:
                raise
            raise Refused(
                _("Somebody else was faster: this time has just been taken."), conflict=True
            ) from fault
    return None
