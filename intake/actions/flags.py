"""Asking red flags, clearing them, and signing the set of questions."""

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Role
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from intake.models import RaisedFlag, Referral, Screening, SignOff
from intake.queries import flags as queries
from intake.rules import flags as rules
from messaging.actions import close_tasks_about, open_task
from patients.actions.records import refuse_merged
from patients.models import Patient
from patients.queries import ids_of

CLINICIAN_FIRST = "clinician_first"


@transaction.atomic
def screen(*, by, patient, answers, asked_when, regions, now, request_key=None, location=""):
    """A clinician asks the red flags; what a yes raises. Every question of the regions needs an answer."""
    claim(request_key, location=location)
    refuse_merged(patient)
    wanted = rules.asked(queries.questions(), regions, asked_when)
    reasons = rules.reasons_not_to_screen(answers, wanted)
    if reasons:
        raise Refused(reasons)
    found = raise_from_answers(
        patient=patient,
        answers=answers,
        asked_when=asked_when,
        regions=regions,
        response=None,
        by=by,
        now=now,
    )
    # The keys of the questions would tell the desk's log reader why: the number does not.
    audit.record(by=by, verb="screen", about=patient, patient=patient, when=asked_when, raised=len(found))
    return found


@transaction.atomic
def nothing_new(*, by, patient, now, request_key=None, location=""):
    """“Anything new since last time?” None: a recheck in one tap, kept as such."""
    claim(request_key, location=location)
    return all_no(by, patient, "recheck", queries.regions_asked(patient), now)


@transaction.atomic
def neck_clear(*, by, patient, now, request_key=None, location=""):
    """The day’s screen before a neck thrust, every question answered no: one tap, kept apart from a recheck."""
    claim(request_key, location=location)
    return all_no(by, patient, rules.NECK_SCREEN, ["neck"], now)


def all_no(by, patient, when, regions, now):
    refuse_merged(patient)
    answers = {row.key: "no" for row in rules.asked(queries.questions(), regions, when)}
    made = Screening.objects.create(
        patient=patient, asked_when=when, regions=regions, answers=answers, at=now, by=by
    )
    audit.record(by=by, verb="screen", about=patient, patient=patient, when=when, raised=0)
    return made


@transaction.atomic
def raise_from_answers(*, patient, answers, asked_when, regions, response, by, now):
    """Keep a round of answers and raise what follows; part of another action, which writes the audit event.

    `answers` is {key of a question: "yes" | "no" | True | False}; other keys are left out. A flag that is open
    already counts as a yes, so that a later answer can make it graver; one that says nothing new is not raised
    twice. Returns the new RaisedFlag rows, gravest first.
    """
    Patient.objects.select_for_update(of=("self",)).get(pk=patient.pk)
    questions = queries.questions()
    known = {row.key for row in questions}
    given = {key: value for key, value in answers.items() if key in known and value not in (None, "")}
    # A screen without any answer is kept too: it was put to the patient.
    screening = Screening.objects.create(
        patient=patient,
        asked_when=asked_when,
        regions=list(regions),
        answers=given,
        response=response,
        at=now,
        by=by,
    )
    before = queries.open_flags(patient)
    positive = {flag.flag: row_answer(questions, flag.flag) for flag in before}
    open_actions = {flag.flag: flag.action for flag in before}
    found = [one for one in rules.raised(questions, given | positive) if rules.is_news(one, open_actions)]
    rows = RaisedFlag.objects.bulk_create([raised_row(one, screening, now) for one in found])
    open_referral(patient, found, rows, by, now)
    if response is not None and any(rules.closes_treatment(row) for row in rows):
        tell_clinicians(patient, screening, now)
    return rows


def tell_clinicians(patient, screening, now):
    """A form said it, perhaps at night: somebody has to look before the visit. The title says no reason."""
    open_task(
        kind=CLINICIAN_FIRST,
        title=_("Clinician first: look at the history before the visit"),
        about=f"patient:{patient.pk}",
        patient=patient,
        for_role=Role.PRACTITIONER,
        due_at=now,
        now=now,
    )


def row_answer(questions, key):
    return next((row.positive_answer for row in questions if row.key == key), "yes")


def raised_row(one, screening, now):
    question = one.question
    return RaisedFlag(
        patient=screening.patient,
        screening=screening,
        flag=question.key,
        question=question.question,
        action=one.action,
        urgency=one.urgency,
        emergency=one.emergency,
        action_text=question.action_text,
        suspected=question.suspected,
        blocked_modalities=list(one.blocked),
        raised_at=now,
    )


def open_referral(patient, found, rows, by, now):
    """One referral for all that this round raised and that a physician has to see."""
    wanted = [(one, row) for one, row in zip(found, rows, strict=True) if one.create_referral]
    if not wanted:
        return None
    referral = Referral.objects.create(
        patient=patient,
        to=patient.physician_name,
        why="\n".join(row.question for _one, row in wanted),
        urgency=rules.gravest_urgency([one for one, _row in wanted]),
        opened_at=now,
        opened_by=by,
    )
    referral.flags.set([row for _one, row in wanted])
    return referral


@transaction.atomic
def clear(*, by, pk, version, why, now, request_key=None, location=""):
    """A clinician has assessed it: treatment opens again. Earlier rows of the same question go with it.

    One whose clearance ran out is cleared anew; the earlier reason stays above the new one.
    """
    claim(request_key, location=location)
    row = lock_version(RaisedFlag.objects, pk, version)
    today = now.date()
    standing = RaisedFlag.objects.filter(
        queries.is_open(today), patient__in=ids_of(row.patient), flag=row.flag
    )
    reasons = rules.reasons_not_to_clear(why=why, is_open=standing.filter(pk=row.pk).exists())
    if reasons:
        raise Refused(reasons)
    for one in standing.select_for_update():
        one.cleared_why = "\n\n".join(part for part in (one.cleared_why, why.strip()) if part)
        one.cleared_at, one.cleared_by = now, by
        one.save()
    if not queries.clinician_first([row.patient_id]):
        close_tasks_about(
            by=by, kind=CLINICIAN_FIRST, about=f"patient:{row.patient_id}", outcome=_("Cleared"), now=now
        )
    audit.record(by=by, verb="clear_flag", about=row, patient=row.patient)
    return row


@transaction.atomic
def sign_off(*, by, clinician, signed_on, sha256, today, now, request_key=None, location=""):
    """The owner records that a clinician signed the present set of questions."""
    claim(request_key, location=location)
    reasons = []
    if sha256 != queries.set_sha256():
        reasons.append(_("The questions changed meanwhile. Look at them again, then record the signature."))
    if not clinician.strip():
        reasons.append(_("Write the name of the clinician who signed."))
    if signed_on > today:
        reasons.append(_("The day of the signature is in the future. Choose the day it was signed."))
    if reasons:
        raise Refused(reasons)
    made = SignOff.objects.create(
        what=queries.SET,
        content_sha256=sha256,
        clinician=clinician.strip(),
        signed_on=signed_on,
        at=now,
        by=by,
    )
    audit.record(by=by, verb="sign_off", about=made, sha256=sha256)
    return made
