"""Reactions: recorded, looked at again, and reported where somebody outside must know."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit
from clinic.models import Role
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from messaging.actions import open_task
from treatment.models import Reaction, ReactionKind
from treatment.rules.reactions import look_again_at, must_be_reported, reasons_not_to_record, told_to

WORDS = ("onset", "duration", "outcome", "told", "words")
REPORT = "report_reaction"


@transaction.atomic
def record_reaction(
    *,
    by,
    patient,
    kind,
    grade,
    serious=False,
    note=None,
    appointment=None,
    follow_up_at=None,
    request_key=None,
    location_shown=None,
    **said,
):
    """Record an unwanted effect. `kind`: a key; `said`: onset, duration, outcome, told, words.

    One that somebody outside must know opens a to-do for clinicians that names whom to tell.
    """
    claim(request_key, location=location_shown)
    row = ReactionKind.objects.effective().filter(key=kind).first()
    reasons = reasons_not_to_record(row, grade)
    if reasons:
        raise Refused(reasons)
    now = timezone.now()
    reaction = Reaction.objects.create(
        patient=patient,
        note=note,
        appointment=appointment or (note.appointment if note else None),
        kind=kind,
        grade=grade,
        serious=serious,
        follow_up_at=follow_up_at or look_again_at(row, now),
        at=now,
        by=by,
        **in_words(said),
    )
    if must_be_reported(row, grade):
        ask_to_report(reaction, row, now)
    audit.record(by=by, verb="record reaction", about=reaction, patient=patient)
    return reaction


def in_words(said):
    unknown = set(said) - set(WORDS)
    if unknown:
        raise TypeError(f"a reaction has no {', '.join(sorted(unknown))}")
    limits = {name: Reaction._meta.get_field(name).max_length for name in said}
    return {name: value.strip()[: limits[name]] for name, value in said.items()}


def ask_to_report(reaction, kind, now):
    open_task(
        kind=REPORT,
        title=(_("Report to: %(where)s") % {"where": told_to(kind)})[:200],
        about=f"treatment.reaction:{reaction.pk}",
        patient=reaction.patient_id,
        for_role=Role.PRACTITIONER,
        now=now,
    )


@transaction.atomic
def follow_up_reaction(
    *, by, pk, version, closed=False, follow_up_at=None, grade=None, serious=None,
    request_key=None, location_shown=None, **said,
):  # fmt: skip
    """How it went on. `closed`: nothing more to ask. A worse one may have to be reported now."""
    claim(request_key, location=location_shown)
    reaction = lock_version(Reaction.objects.all(), pk, version)
    if reaction.closed_at:
        raise Refused(_("This reaction is closed. Record a new one if something else happened."))
    kind = ReactionKind.objects.effective().filter(key=reaction.kind).first()
    reaction.grade = reaction.grade if grade is None else grade
    reaction.serious = reaction.serious if serious is None else serious
    reasons = reasons_not_to_record(kind, reaction.grade) if kind else []
    if reasons:
        raise Refused(reasons)
    now = timezone.now()
    for name, value in in_words(said).items():
        setattr(reaction, name, value)
    reaction.follow_up_at = None if closed else follow_up_at or reaction.follow_up_at
    reaction.closed_at = now if closed else None
    reaction.save()
    if kind and must_be_reported(kind, reaction.grade):
        ask_to_report(reaction, kind, now)
    audit.record(by=by, verb="follow up reaction", about=reaction, patient=reaction.patient_id)
    return reaction
