"""Signatures and the consents they give."""

from datetime import UTC, date, datetime, time

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from intake.actions.asking import end_if_empty
from intake.models import Consent, Response, ResponseStatus, Signature
from intake.queries.consents import document_for
from intake.queries.forms import WAITING, hindrances, signers_of, told_of
from intake.rules.forms import extension, sections
from intake.rules.signing import exact_text, reasons_not_to_sign, text_version
from patients.models import Patient
from patients.queries import ids_of
from patients.rules import age

UNTIL = "release_until"  # The day up to which records may be released, named in the form.


def refuse_signer(signer, patient, *, signature, now):
    """Refused if this name cannot stand under the form; the guardian's relation, None for anybody else."""
    known = signers_of(patient, now) if signature else told_of(patient, now)
    guardians = {person.pk: person for person in known}
    years = age(patient.birth_date, now.date())
    reasons = reasons_not_to_sign(signer, age=years, guardians=guardians, signature=signature)
    if reasons:
        raise Refused(reasons)
    return guardians.get(signer.guardian) if signer.role == "guardian" else None


def sign(*, patient, form, answers, response, signer, guardian, now, witnessed_by=None):
    """Keep the name under the exact text, and the consent that this gives; part of another action."""
    signature = Signature.objects.create(
        patient=patient,
        response=response,
        document=form.key,
        document_version=text_version(form.definition),
        text=exact_text(form.definition, answers),
        name=signer.name.strip(),
        relation=guardian.relation if guardian else "",
        related_person=guardian,
        at=now,
        witnessed_by=witnessed_by,
    )
    return Consent.objects.create(
        patient=patient,
        kind=extension(form.definition, "signature"),
        signature=signature,
        given_at=now,
        expires_at=expiry(form.definition, answers, now),
    )


def expiry(definition, answers, now):
    """When the consent runs out: after its months, or on the day the form names; None: it does not."""
    months = extension(definition, "months")
    ends = [now + relativedelta(months=months)] if months else []
    if answers.get(UNTIL):
        ends.append(datetime.combine(date.fromisoformat(answers[UNTIL]), time.max, UTC))
    return min(ends) if ends else None


@transaction.atomic
def sign_here(*, by, patient_pk, kind, signer, talked_through, now, location, request_key=None, seen=None):
    """Signed on this device in front of a clinician, by name, there and then.

    `seen` is the version of the text that was on the page: another one is refused, since nobody read it.
    """
    claim(request_key, location=location)
    patient = Patient.objects.charts_written_by(by).select_for_update(of=("self",)).get(pk=patient_pk)
    form = document_for(kind)
    if form is None or sections(form.definition):
        raise Refused(_("This form has questions. Hand it out instead."))
    reasons = hindrances({form.key: form})[form.key]
    if seen is not None and seen != text_version(form.definition):
        reasons = [_("The text was changed meanwhile. Read it once more, then sign.")]
    if reasons:
        raise Refused(reasons)
    guardian = refuse_signer(signer, patient, signature=True, now=now)
    consent = sign(
        patient=patient,
        form=form,
        answers={},
        response=None,
        signer=signer,
        guardian=guardian,
        now=now,
        witnessed_by=by,
    )
    if talked_through:
        consent.talked_through_at, consent.talked_through_by = now, by
        consent.save(update_fields=["talked_through_at", "talked_through_by"])
    drop_waiting(patient, form.key, now)
    audit.record(by=by, verb="sign consent", about=consent, patient=patient, talked_through=talked_through)
    return consent


def drop_waiting(patient, key, now):
    """A copy of the form that was still asked for is not needed any more."""
    rows = Response.objects.filter(
        patient__in=ids_of(patient), status__in=WAITING, questionnaire__key=key
    ).select_related("link")
    for row in rows.select_for_update(of=("self",)):
        row.status = ResponseStatus.WITHDRAWN
        row.save(update_fields=["status"])
        end_if_empty(row.link, now)


@transaction.atomic
def note_talked_through(*, by, patient_pk, consent_pk, version, now, location, request_key=None):
    """The clinician went through it with the person who signed."""
    claim(request_key, location=location)
    patient = Patient.objects.charts_written_by(by).get(pk=patient_pk)
    consent = lock_version(Consent.objects.filter(patient__in=ids_of(patient)), consent_pk, version)
    consent.talked_through_at, consent.talked_through_by = now, by
    consent.save(update_fields=["talked_through_at", "talked_through_by"])
    audit.record(by=by, verb="talk through consent", about=consent, patient=patient)
    return consent


@transaction.atomic
def take_back(*, by, patient_pk, consent_pk, version, why, now, location, request_key=None):
    """The patient takes a consent back. From now on it does not count; it stays on record."""
    claim(request_key, location=location)
    if not why.strip():
        raise Refused(_("Write down what the patient said."))
    patient = Patient.objects.charts_written_by(by).get(pk=patient_pk)
    consent = lock_version(Consent.objects.filter(patient__in=ids_of(patient)), consent_pk, version)
    if consent.withdrawn_at:
        raise Refused(_("This consent was taken back already. Reload the page."))
    consent.withdrawn_at, consent.withdrawn_why = now, why.strip()[:200]
    consent.save(update_fields=["withdrawn_at", "withdrawn_why"])
    audit.record(by=by, verb="take back consent", about=consent, patient=patient)
    return consent
