"""What is written beside and after a note: addenda, contact notes, handovers. Nothing of it changes a note."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Role
from clinic.refusal import Refused
from clinic.submissions import claim
from patients.actions import join_care_team
from patients.models import Why
from treatment.models import Addendum, ContactNote, Handover, Note
from treatment.rules.after import reasons_not_to_add

KIND = Addendum.Kind


def add_addendum(*, by, pk, words, request_key=None, location_shown=None):
    """A clinician adds to a signed note."""
    return add(KIND.ADDENDUM, "add addendum", by, pk, words, request_key, location_shown)


def mark_entered_in_error(*, by, pk, words, request_key=None, location_shown=None):
    """The author takes a note out of the chart, with a reason. It stays readable to them and the owner."""
    return add(KIND.ENTERED_IN_ERROR, "mark entered in error", by, pk, words, request_key, location_shown)


def resolve_needles(*, by, pk, words, request_key=None, location_shown=None):
    """Say where the needles were that the count of a signed note misses: the board stops showing it."""
    return add(KIND.NEEDLE_RESOLUTION, "resolve needles", by, pk, words, request_key, location_shown)


@transaction.atomic
def add(kind, verb, by, pk, words, request_key, location_shown):
    claim(request_key, location=location_shown)
    note = Note.objects.select_for_update(of=("self",)).get(pk=pk)
    reasons = reasons_not_to_add(
        kind,
        words=words,
        is_author=note.author_id == by.pk,
        signed=note.signed_at is not None,
        entered_in_error=errors_of(note).exists(),
        needles_missing=note.needles_missing,
    )
    if reasons:
        raise Refused(reasons)
    row = Addendum.objects.create(note=note, kind=kind, words=words.strip(), at=timezone.now(), by=by)
    audit.record(by=by, verb=verb, about=note, patient=note.patient_id)
    return row


def errors_of(note):
    return Addendum.objects.filter(note=note, kind=KIND.ENTERED_IN_ERROR)


@transaction.atomic
def write_contact_note(*, by, patient, kind, words, request_key=None, location_shown=None):
    """A call, a message or an event without a visit: signed as it is written."""
    claim(request_key, location=location_shown)
    if kind not in ContactNote.Kind.values:
        raise Refused(_("Choose call, message or event."))
    row = ContactNote.objects.create(patient=patient, kind=kind, words=said(words), at=timezone.now(), by=by)
    audit.record(by=by, verb="write contact note", about=row, patient=patient)
    return row


@transaction.atomic
def hand_over(*, by, patient, to_user, words, appointment=None, request_key=None, location_shown=None):
    """Leave a message for another practitioner, to whom this patient’s chart is open from then on."""
    claim(request_key, location=location_shown)
    if to_user is None or to_user.pk == by.pk or Role.PRACTITIONER not in to_user.roles:
        raise Refused(_("Choose a colleague who treats patients."))
    now = timezone.now()
    row = Handover.objects.create(
        patient=patient, appointment=appointment, to_user=to_user, words=said(words), by=by, at=now
    )
    join_care_team(patient=patient, user=to_user, why=Why.HANDOVER, now=now)
    audit.record(by=by, verb="hand over", about=row, patient=patient, to=to_user.pk)
    return row


@transaction.atomic
def see_handover(*, by, pk, request_key=None, location_shown=None):
    """Its reader has seen it; seeing it twice changes nothing."""
    claim(request_key, location=location_shown)
    row = Handover.objects.select_for_update(of=("self",)).get(pk=pk)
    if row.to_user_id != by.pk:
        raise Refused(_("This message is for somebody else. Only they can mark it as seen."))
    if row.seen_at is None:
        row.seen_at = timezone.now()
        row.save(update_fields=["seen_at"])
        audit.record(by=by, verb="see handover", about=row, patient=row.patient_id)
    return row


def said(words):
    if not words.strip():
        raise Refused(_("Write a few words first."))
    return words.strip()
