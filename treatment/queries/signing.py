"""What a note still needs before it can be signed."""

from django.utils import timezone

from intake.models import ConsentKind
from intake.queries import consents
from treatment.rules.missing import consents_needed, signing_of, without_recorded
from treatment.rules.signing import reasons_not_to_sign


def not_ready(note, state, user, *, exit_reason=""):
    """(reasons, may_exit): why this person cannot sign, and whether saying why would do. At most three statements."""
    found = signing_of(
        state,
        is_author=note.author_id == user.pk,
        signed=note.signed_at is not None,
        entered_in_error=getattr(note, "wrong", False),
        exit_reason=exit_reason,
        missing_consents=missing_consents(note, state),
    )
    even = found.needles.is_even
    rest = reasons_not_to_sign(found._replace(exit_reason=exit_reason or "-"))
    return reasons_not_to_sign(found), not even and not rest


def missing_consents(note, state):
    """Names of consents that were needed for what was done, are not signed, and not recorded as missing."""
    kinds = without_recorded(consents_needed(state), state)
    if not kinds:
        return []
    missing = consents.missing(note.patient, kinds, timezone.now())
    return [str(ConsentKind(kind).label) for kind in missing]
