"""Notes and visits for these tests, opened and saved as the product does it."""

from uuid import uuid4

from scheduling.models import VisitPart
from tests.rows import at, visit
from treatment.actions.drafts import open_note, save_draft
from treatment.models import Note
from treatment.queries.states import note_state

CHILD = {
    "sets": {"size": "N2030", "lot": "2409A", "expires_on": "2027-03-01", "retention_minutes": 30},
    "needlings": {"kind": "point", "code": "LI4", "side": "both", "needles_in": 2, "depth_mm": 20},
    "counts": {"region": "hand", "side": "both", "out": 2},
    "adjuncts": {"modality": "cupping_dry", "minutes": 10, "area": "upper back", "side": "both"},
    "segments": {"segment": "C5", "listings": ["PL"], "tender": True, "side": "left"},
    "regions": {"region": "neck", "motion": "rotation right", "degrees": 60},
    "adjustments": {"segment": "C5", "side": "left", "technique": "diversified", "modality": "cervical_hvla"},
    "vitals": {"systolic": 128, "diastolic": 82},
    "against": {"rule": "CI004", "words": "Thin needle.", "severity": "relative", "subject": "GB20",
                "reason": "shallow", "how": "chosen"},
}  # fmt: skip


def child(of, /, **more):
    return {"id": str(uuid4()), **CHILD[of], **more}


def acupuncture_visit(cast, patient=None, clock="10:00", day="2026-11-24", who=None, room=None):
    return visit(
        patient or cast.maria,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at(clock, cast.uptown, day),
        practitioners={"acupuncture": (who or cast.mei).practitioner},
        rooms={"treatment": room or cast.room_1},
    )


def part_of(booked, discipline="acupuncture"):
    return VisitPart.objects.get(appointment=booked, discipline__key=discipline)


def a_note(cast, by=None, **visit_of):
    """A fresh draft of Mei's about Maria's visit."""
    booked = acupuncture_visit(cast, **visit_of)
    return open_note(by=by or cast.mei, part=part_of(booked).pk)


def stored(note):
    """The state as its rows have it."""
    return note_state(Note.objects.get(pk=note.pk))


def saved(note, by=None, **changes):
    """Save the draft with these fields and children changed."""
    fresh = Note.objects.get(pk=note.pk)
    return save_draft(
        by=by or fresh.author, pk=note.pk, version=fresh.version, state={**stored(note), **changes}
    )


def full_note(note):
    """One child of every kind, and the fields that signing asks for."""
    return saved(
        note,
        **{kind: [child(kind)] for kind in CHILD},
        clean_technique=True,
        sharps_box=True,
        felt="nothing",
        said_words="stiff when reversing",
    )
