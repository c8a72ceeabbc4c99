"""A physician is asked: opened, sent, answered, read, cleared until a day, closed."""

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from intake.actions import letters
from intake.models import Referral
from intake.queries import care
from intake.rules import letters as rules
from patients.actions.records import refuse_merged


@transaction.atomic
def open_by_hand(*, by, patient, values, now, request_key=None, location=""):
    """A referral without a red flag: a clinician wants a physician's word. `values`: to, why, urgency."""
    claim(request_key, location=location)
    refuse_merged(patient)
    row = Referral.objects.create(patient=patient, opened_at=now, opened_by=by, **values)
    audit.record(by=by, verb="open_referral", about=row, patient=patient)
    return row


@transaction.atomic
def change(*, by, pk, version, values, request_key=None, location=""):
    """To whom, why, how urgent: until it is closed."""
    claim(request_key, location=location)
    row = lock_version(Referral.objects, pk, version)
    refuse_if(rules.reasons_not_to_touch(row.closed_at))
    for name, value in values.items():
        setattr(row, name, value)
    return saved(row, by, "change_referral")


def write_letter(*, by, pk, version, found, place, now, today, request_key=None, location=""):
    """The letter of a referral, from the record. `found` is what the clinician adds in words."""
    with transaction.atomic():
        claim(request_key, location=location)
        row = lock_version(Referral.objects.select_related("patient"), pk, version)
        refuse_if(rules.reasons_not_to_touch(row.closed_at))
        suspected = tuple(dict.fromkeys(flag.suspected for flag in row.flags.all() if flag.suspected))
        sections = rules.referral_sections(
            why=row.why,
            urgency=row.urgency,
            suspected=suspected,
            found=found,
            known=care.known_of(row.patient, today),
        )
        return letters.write(
            by=by,
            patient=row.patient,
            kind=rules.REFERRAL,
            to=row.to,
            title=_("Request for medical assessment"),
            sections=sections,
            place=place,
            now=now,
            today=today,
            referral=row,
        )


@transaction.atomic
def mark_sent(*, by, pk, version, sent_at, sent_on, how, today, request_key=None, location=""):
    claim(request_key, location=location)
    row = lock_version(Referral.objects, pk, version)
    refuse_if(
        rules.reasons_not_to_send(
            sent_at=row.sent_at,
            has_letter=row.letter_at is not None,
            closed_at=row.closed_at,
            sent_on=sent_on,
            today=today,
        )
    )
    row.sent_at, row.sent_how = sent_at, how
    return saved(row, by, "send_referral")


@transaction.atomic
def file_reply(*, by, pk, version, reply_on, reply, today, request_key=None, location=""):
    """What the physician answered, filed. A further reply stands below the earlier one, and is to be read again."""
    claim(request_key, location=location)
    row = lock_version(Referral.objects, pk, version)
    refuse_if(
        rules.reasons_not_to_file_reply(closed_at=row.closed_at, reply=reply, reply_on=reply_on, today=today)
    )
    row.reply = "\n\n".join(part for part in (row.reply, reply.strip()) if part)
    row.reply_on, row.reply_seen_at, row.reply_seen_by = reply_on, None, None
    return saved(row, by, "file_reply")


@transaction.atomic
def see_reply(*, by, pk, version, now, request_key=None, location=""):
    claim(request_key, location=location)
    row = lock_version(Referral.objects, pk, version)
    if not row.reply_on:
        raise Refused(_("There is no reply yet. File it first."))
    row.reply_seen_at, row.reply_seen_by = now, by
    return saved(row, by, "see_reply")


@transaction.atomic
def clear_until(*, by, pk, version, cleared_until, today, request_key=None, location=""):
    """The physician lets treatment go on until that day. Red flags stay until a clinician clears them."""
    claim(request_key, location=location)
    row = lock_version(Referral.objects, pk, version)
    refuse_if(
        rules.reasons_not_to_clear(
            closed_at=row.closed_at,
            reply_seen_at=row.reply_seen_at,
            cleared_until=cleared_until,
            today=today,
        )
    )
    row.cleared_until = cleared_until
    return saved(row, by, "clear_referral")


@transaction.atomic
def close(*, by, pk, version, why, now, request_key=None, location=""):
    """Nothing more is expected of it."""
    claim(request_key, location=location)
    row = lock_version(Referral.objects, pk, version)
    refuse_if(rules.reasons_not_to_touch(row.closed_at))
    if not why.strip():
        raise Refused(_("Write why it is closed."))
    row.closed_at, row.closed_why = now, why.strip()
    return saved(row, by, "close_referral")


def saved(row, by, verb):
    row.save()
    audit.record(by=by, verb=verb, about=row, patient=row.patient_id)
    return row


def refuse_if(reasons):
    if reasons:
        raise Refused(list(dict.fromkeys(reasons)))
