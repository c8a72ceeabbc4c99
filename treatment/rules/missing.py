"""What signing asks of a note, read from its state. No database, no clock."""

from treatment.rules.picking import needles_of
from treatment.rules.signing import Signing
from treatment.rules.state import CHILDREN, FIELDS
from treatment.rules.thrusting import half_measured

CONSENT = "consent:"  # a row of `against` that records a missing consent names it after this
TREATS = ("needlings", "adjuncts", "adjustments")
NO_WORDS = {"codes", "clean_technique", "sharps_box", "order_followed", "late_reason"}


def consents_needed(state):
    """Kinds of consent for what was done."""
    cervical = any(row["modality"] == "cervical_hvla" for row in state["adjustments"])
    asked = {
        "acupuncture": bool(state["needlings"]),
        "adjustment": bool(state["adjustments"]),
        "neck_adjustment": cervical,
    }
    return [kind for kind, needed in asked.items() if needed]


def without_recorded(kinds, state):
    """Those of the kinds that are not recorded as missing in the note."""
    recorded = {
        row["rule"].removeprefix(CONSENT) for row in state["against"] if row["rule"].startswith(CONSENT)
    }
    return [kind for kind in kinds if kind not in recorded]


def signing_of(state, *, is_author, signed, entered_in_error, exit_reason="", missing_consents=()):
    """What rules.signing is asked about. `missing_consents`: names in words."""
    return Signing(
        is_author=is_author,
        is_signed=signed,
        is_entered_in_error=entered_in_error,
        needles=needles_of(state),
        exit_reason=exit_reason,
        clean_technique=state["clean_technique"],
        sharps_box=state["sharps_box"],
        felt=state["felt"],
        carried=len(state["carried"]),
        missing_consents=tuple(missing_consents),
        treated=any(state[kind] for kind in TREATS),
        half_pressure=half_measured(state),
        says_nothing=says_nothing(state),
    )


def says_nothing(state):
    """Neither a word nor a finding nor an act; what stands there by itself (codes of the plan, the box) is none."""
    words = any(state[name] != asked.empty for name, asked in FIELDS.items() if name not in NO_WORDS)
    return not words and not any(state[kind] for kind in CHILDREN if kind != "sets")
