"""Diagnosis codes that a note can carry, those used lately first."""

from patients.queries import ids_of
from plans.queries.treating import code_keys
from services.models import Code
from treatment.models import Note

LOOKED_AT = 10  # notes
LATELY = 6  # codes


def codes_for(note, user):
    """[{key, code, label, recent}]: this patient's, this person's, then the rest by code. Four statements."""
    rows = Code.objects.effective().filter(role="diagnosis", used_by__in=["both", note.discipline.key])
    rows = list(rows.order_by("code").values("key", "code", "label"))
    recent = lately(note, user)
    place = {key: number for number, key in enumerate(recent)}
    rows.sort(key=lambda row: place.get(row["key"], len(place)))
    return [{**row, "recent": row["key"] in place} for row in rows]


def lately(note, user):
    """Keys of the patient's plan, then of the last notes of this patient and of this person. Five statements."""
    with_codes = Note.objects.standing().exclude(codes=[]).exclude(pk=note.pk)
    notes = [
        *codes_of(with_codes.filter(patient__in=ids_of(note.patient))),
        *codes_of(with_codes.filter(author=user)),
    ]
    earlier = [key for codes in notes for key in codes]
    return list(dict.fromkeys([*code_keys(note.patient), *earlier]))[:LATELY]


def codes_of(notes):
    return notes.order_by("-opened_at", "pk").values_list("codes", flat=True)[:LOOKED_AT]
