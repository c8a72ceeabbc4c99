"""Sending the same form twice does it once.

A form carries `request_key`, random and from the server. The view makes a `RequestKey` of it, the action
claims it as the first statement of its transaction, and a refusal rolls the claim back, so that correcting
the form and sending it again works.
"""

import hashlib
import re
import secrets
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.models import Submission
from clinic.refusal import AlreadyDone, Refused

FIELD = "request_key"
KEY = re.compile("[!-~]{16,64}")
# What changes between two sendings of one form without changing what is asked.
NOT_PART_OF_THE_BODY = {"csrfmiddlewaretoken"}


@dataclass(frozen=True)
class RequestKey:
    key: str
    body_sha256: str
    user_id: int | None = None
    session: str | None = None


def new_key():
    return secrets.token_urlsafe(24)


def request_key(request):
    """The key of a posted form; refuses a form that has none."""
    key = request.POST.get(FIELD, "")
    if not KEY.fullmatch(key):
        raise Refused(_("This page is out of date. Reload it and send the form again."))
    user = request.user if request.user.is_authenticated else None
    return RequestKey(
        key=key,
        body_sha256=body_sha256(request),
        user_id=user.pk if user else None,
        session=None if user else (request.session.session_key or "none"),
    )


def body_sha256(request):
    fields = sorted(
        (name, value)
        for name, values in request.POST.lists()
        if name not in NOT_PART_OF_THE_BODY
        for value in values
    )
    return hashlib.sha256(repr((request.path, fields)).encode()).hexdigest()


def done_before(request):
    """Where a posted form led when it was done, or None if it was not.

    A page that looks at the calendar before its action refuses what it did itself the first time: the minutes
    are taken, by that very visit. So a refusal asks here, and the answer is the first one again.
    """
    if not KEY.fullmatch(request.POST.get(FIELD, "")):
        return None
    asked = request_key(request)
    earlier = Submission.objects.filter(
        user_id=asked.user_id, session=asked.session, key=asked.key, body_sha256=asked.body_sha256
    )
    return earlier.values_list("answer_location", flat=True).first()


def claim(request_key, *, location, status=303):
    """Insert the submission; the first statement of an action's transaction.

    `location` is the page that shows what the action did, known before it is done. Raises AlreadyDone for a
    form that was done before, Refused for a key that comes back with another body. None as key (commands,
    tests of rules) claims nothing.
    """
    if request_key is None:
        return
    # A second sender waits here until the first one commits (then nothing is returned) or rolls back.
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO clinic_submission"
            " (id, user_id, session, key, body_sha256, answer_status, answer_location, at)"
            " VALUES (gen_random_uuid(), %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
            [
                request_key.user_id,
                request_key.session,
                request_key.key,
                request_key.body_sha256,
                status,
                location,
                timezone.now(),
            ],
        )
        if cursor.fetchone():
            return
    earlier = Submission.objects.get(
        user_id=request_key.user_id, session=request_key.session, key=request_key.key
    )
    if earlier.body_sha256 != request_key.body_sha256:
        raise Refused(_("This form was already sent with other values. Reload the page to start again."))
    raise AlreadyDone(earlier.answer_location)
