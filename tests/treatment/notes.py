"""What a note needs before it is written: consents, and a visit of two disciplines."""

from datetime import timedelta

from intake.models import Consent, Signature
from intake.queries.consents import DOCUMENTS, document_for
from intake.rules.signing import text_version
from tests.cast import NOW
from tests.rows import at, visit


def consented(patient, kind, by):
    """A valid consent, under the text in force."""
    form = document_for(kind)
    signature = Signature.objects.create(
        patient=patient,
        document=DOCUMENTS[kind],
        document_version=text_version(form.definition) if form else "1",
        text="I agree.",
        name=f"{patient.given_name} {patient.family_name}",
        at=NOW - timedelta(days=20),
        witnessed_by=by,
    )
    return Consent.objects.create(
        patient=patient,
        kind=kind,
        signature=signature,
        given_at=signature.at,
        expires_at=NOW + timedelta(days=345),
    )


def integrated_visit(cast, patient, clock="10:00"):
    return visit(
        patient,
        cast.service("acupuncture_adjustment"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"acupuncture": cast.mei.practitioner, "chiropractic": cast.daniel.practitioner},
        rooms={"treatment": cast.room_2, "adjusting": cast.room_4},
    )
