"""What a patient agreed to, and what is missing before a needle or an adjustment."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from intake.models import Consent, ConsentKind
from intake.queries.forms import latest
from intake.rules.signing import Given, state_of, text_version
from patients.queries import ids_of
from patients.rules import age

# The form that is signed for each kind.
DOCUMENTS = {
    ConsentKind.ACUPUNCTURE: "consent_acupuncture",
    ConsentKind.ADJUSTMENT: "consent_adjustment",
    ConsentKind.NECK_ADJUSTMENT: "consent_neck_adjustment",
    ConsentKind.COMBINED_CARE: "consent_combined",
    ConsentKind.POLICIES: "practice_policies",
    ConsentKind.RELEASE: "release_of_records",
    ConsentKind.PRIVACY: "privacy_notice",
}


@dataclass(frozen=True)
class ConsentState:
    """Where one kind of consent stands: valid, missing, expired, changed, guardian_ended or withdrawn."""

    kind: str
    label: str
    status: str
    pk: UUID | None = None
    version: int = 0
    given_at: datetime | None = None
    expires_at: datetime | None = None
    name: str = ""
    relation: str = ""
    talked_through: bool = False

    @property
    def valid(self):
        return self.status == "valid"


def state(patient, at):
    """Every kind, in order; three statements. A valid consent counts before a newer one that does not."""
    rows = Consent.objects.filter(patient__in=ids_of(patient), given_at__lte=at).select_related("signature")
    rows = list(rows.order_by("-given_at", "pk"))
    versions = {key: text_version(form.definition) for key, form in latest(DOCUMENTS.values()).items()}
    years = age(patient.birth_date, at.date())
    return [
        _state_of_kind(kind, [row for row in rows if row.kind == kind], versions, years, at)
        for kind in DOCUMENTS
    ]


def _state_of_kind(kind, rows, versions, years, at):
    label, current = str(ConsentKind(kind).label), versions.get(DOCUMENTS[kind])
    found = [(state_of(given(row), current_version=current, age=years, at=at), row) for row in rows]
    if not found:
        return ConsentState(str(kind), label, "missing")
    status, row = next((pair for pair in found if pair[0] == "valid"), found[0])
    return ConsentState(
        kind=str(kind),
        label=label,
        status=status,
        pk=row.pk,
        version=row.version,
        given_at=row.given_at,
        expires_at=row.expires_at,
        name=row.signature.name,
        relation=row.signature.relation,
        talked_through=row.talked_through_at is not None,
    )


def given(consent):
    signature = consent.signature
    return Given(
        document_version=signature.document_version,
        given_at=consent.given_at,
        expires_at=consent.expires_at,
        withdrawn_at=consent.withdrawn_at,
        by_guardian=signature.related_person_id is not None,
    )


def missing(patient, kinds, at):
    """Those of the kinds for which no consent counts at that time, in their order; three statements."""
    valid = {each.kind for each in state(patient, at) if each.valid}
    return [kind for kind in kinds if str(kind) not in valid]


def consent_of(patient, pk):
    return Consent.objects.filter(patient__in=ids_of(patient), pk=pk).first()


def document_for(kind):
    """The newest version of the form that is signed for a kind, or None."""
    return latest([DOCUMENTS[kind]]).get(DOCUMENTS[kind]) if kind in DOCUMENTS else None
