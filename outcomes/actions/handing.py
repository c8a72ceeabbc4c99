"""The clinic's tablet: a link to one score check, handed over once, and shut behind the answers."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction

from clinic import audit
from clinic.refusal import Refused
from clinic.submissions import claim
from outcomes.actions.answering import Source, answer
from outcomes.models import AnswerLink, Assessment, Given
from outcomes.rules.asking import reasons_not_to_answer, state_of
from patients.queries import ids_of

TOKEN_BYTES = 32  # 256 bits
LASTS = timedelta(hours=1)


def hashed(token):
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


@transaction.atomic
def hand_over(*, by, patient, assessment, place, today, now, request_key=None, location=""):
    """(link, token) to one score check; the token is kept nowhere. Earlier links to it stop working."""
    claim(request_key, location=location)
    rows = Assessment.objects.filter(patient__in=ids_of(patient)).select_for_update(of=("self",))
    row = rows.get(pk=assessment)
    state = state_of(status=row.status, due_on=row.due_on, window_days=row.window_days, today=today)
    reasons = reasons_not_to_answer(state)
    if reasons:
        raise Refused(reasons)
    for earlier in AnswerLink.objects.filter(assessment=row, ended_at=None):
        end(earlier, now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = AnswerLink.objects.create(
        patient=row.patient,
        assessment=row,
        location=place,
        token_sha256=hashed(token),
        made_at=now,
        made_by=by,
        expires_at=now + LASTS,
    )
    audit.record(by=by, verb="hand over score check", about=row, patient=row.patient_id)
    return link, token


def end(link, now):
    link.ended_at = now
    link.save(update_fields=["ended_at"])


@transaction.atomic
def answer_by_link(*, link, answered, today, now, request_key=None, location=""):
    """What was answered on the tablet; the link is shut behind it."""
    claim(request_key, location=location)
    row = AnswerLink.objects.select_for_update(of=("self",)).select_related("location").get(pk=link)
    source = Source(by=None, how=Given.TABLET, location=row.location)
    scores = answer(source=source, assessment=row.assessment_id, answered=answered, today=today, now=now)
    end(row, now)
    return scores
