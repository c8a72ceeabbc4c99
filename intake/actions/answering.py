"""Filling in: saved as it goes, and sent once. Nobody is signed in here; the link stands for the person."""

from django.db import transaction
from django.utils.translation import gettext as _

from clinic import audit
from clinic.refusal import Refused
from intake.actions import flags, history
from intake.actions.consenting import refuse_signer, sign
from intake.models import FormLink, Response, ResponseStatus
from intake.queries.forms import WAITING
from intake.rules.forms import document_of, inside, kept, problems, scores, sections
from intake.rules.links import reasons_not_to_open

SCREENS = {"red_flags_neck": "neck", "red_flags_back": "back"}


@transaction.atomic
def save(*, link_pk, key, version, answers, now, page=None):
    """Lay these answers over what was saved: {linkId: value, None to take it away}. Returns the row.

    `page` is where to go on later. Saving what is saved already changes nothing, so a form sent twice is
    saved once. No audit event but the first: the row keeps what was said, and only its own link writes it.
    """
    row = lock_waiting(link_pk, key, now)
    merged = {link: value for link, value in (row.answers | answers).items() if value is not None}
    if merged == row.answers and page in (None, row.page):
        return row
    refuse_stale(row, version)
    if row.status == ResponseStatus.ASKED:
        row.status = ResponseStatus.BEGUN
        audit.record(by=None, verb="begin form", about=row, patient=row.patient_id)
    row.answers, row.page, row.saved_at = merged, row.page if page is None else page, now
    row.save(update_fields=["answers", "page", "saved_at", "status"])
    FormLink.objects.filter(pk=link_pk, opened_at=None).update(opened_at=now, version=row.link.version + 1)
    return row


def lock_waiting(link_pk, key, now):
    """The copy of that form behind the link, locked, if it can still be filled in."""
    rows = Response.objects.filter(link=link_pk, questionnaire__key=key, status__in=WAITING)
    rows = rows.select_related("link", "questionnaire", "patient")
    row = rows.select_for_update(of=("self",)).first()
    if row is None:
        raise Refused(_("This form was sent already, or is not needed any more."))
    reasons = reasons_not_to_open(
        expires_at=row.link.expires_at, ended_at=row.link.ended_at, waiting=1, now=now
    )
    if reasons:
        raise Refused(reasons)
    return row


def refuse_stale(row, version):
    if row.version != version:
        reason = _(
            "This form was filled in on another screen meanwhile. Compare below, then press Next to keep what is here."
        )
        raise Refused(reason, conflict=True)


@transaction.atomic
def finish(*, link_pk, key, version, signer, now):
    """Send the form: complete, with a name under it. What it says goes into the history, flags and consents."""
    row = lock_waiting(link_pk, key, now)
    refuse_stale(row, version)
    definition = row.questionnaire.definition
    reasons = [problem.says for problem in problems(definition, row.answers)]
    if reasons:
        raise Refused(reasons)
    signature = document_of(definition) is not None
    guardian = refuse_signer(signer, row.patient, signature=signature, now=now)
    row.answers, row.scores = kept(definition, row.answers), scores(definition, row.answers)
    row.status, row.done_at, row.saved_at = ResponseStatus.DONE, now, now
    row.done_by_name = signer.name.strip()
    row.done_by_relation = guardian.relation if guardian else signer.relation
    row.save()
    if signature:
        sign(
            patient=row.patient,
            form=row.questionnaire,
            answers=row.answers,
            response=row,
            signer=signer,
            guardian=guardian,
            now=now,
        )
    hand_over(row, now)
    end_link_when_done(row.link, now)
    audit.record(by=None, verb="fill in form", about=row, patient=row.patient_id)
    return row


def hand_over(row, now):
    """What a form says beyond itself: the history, and red flags."""
    key = row.questionnaire.key
    if key == "health_history":
        history.take_over(response=row, by=None, now=now)
    if key in SCREENS:
        headache = ["headache"] if row.answers.get("headache") is True else []
        flags.raise_from_answers(
            patient=row.patient,
            answers=yes_and_no(row.questionnaire.definition, row.answers),
            asked_when="intake",
            regions=[SCREENS[key], *headache],
            response=row,
            by=None,
            now=now,
        )


def yes_and_no(definition, answers):
    """{key of the red flag: "yes" | "no"} of the questions that were asked."""
    asked = [item["linkId"] for section in sections(definition) for item in inside(section)]
    return {
        link: "yes" if answers[link] else "no"
        for link in asked
        if link.startswith("RF") and isinstance(answers.get(link), bool)
    }


def end_link_when_done(link, now):
    """On the tablet the way in is shut behind the last form; a mailed link goes on to say thank you."""
    if link.channel != FormLink.Channel.TABLET:
        return
    if not Response.objects.filter(link=link, status__in=WAITING).exists():
        link.ended_at = now
        link.save(update_fields=["ended_at"])
