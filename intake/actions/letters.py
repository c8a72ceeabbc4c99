"""Letters as PDF, made from values and kept as they left."""

from functools import cache
from pathlib import Path

from django.db import transaction

from clinic import audit, documents
from clinic.refusal import Refused
from clinic.submissions import claim
from intake.models import Letter
from intake.queries import care
from intake.rules import letters as rules
from patients.actions.records import refuse_merged

TEMPLATE = Path(__file__).resolve().parent.parent / "data" / "letters" / "letter.typ"


@cache
def template():
    return TEMPLATE.read_bytes()


def pdf_of(data, *, now):
    """A tagged PDF from the data of a letter."""
    return documents.pdf_of(template(), data, now=now)


def write(
    *, by, patient, kind, to, title, sections, place, now, today, referral=None, request_key=None, location=""
):
    """Make a letter and keep it: the data and the PDF, which takes some 30 ms.

    `sections` are rules.letters.Section values, made by whoever knows what the letter is about; `place` is the
    location whose address stands at its head, or None.
    """
    reasons = rules.reasons_not_to_write(to=to, sections=sections)
    if reasons:
        raise Refused(reasons)
    refuse_merged(patient)
    frame = care.frame_of(patient=patient, to=to, by=by, location=place, on=today)
    data = rules.letter(title=title, frame=frame, sections=sections)
    pdf = pdf_of(data, now=now)
    with transaction.atomic():
        claim(request_key, location=location)
        made = Letter.objects.create(
            patient=patient,
            referral=referral,
            kind=kind,
            to=to.splitlines()[0][:150],
            data=data,
            pdf=pdf,
            made_at=now,
            made_by=by,
        )
        if referral is not None:
            referral.letter_at = now
            referral.save()
        audit.record(by=by, verb="write_letter", about=made, patient=patient, kind=kind)
    return made
