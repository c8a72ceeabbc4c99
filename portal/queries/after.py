"""What a patient is told after a visit: the clinic's texts, never the words of a note."""

from dataclasses import dataclass

from acupoints.models import Acupoint
from messaging.models import Text
from portal.rules.after import CALL_US, aftercare_keys, emergency_keys, is_fresh, is_recent, paragraphs
from treatment.models import Adjustment, Needling, Note


@dataclass(frozen=True, slots=True)
class Told:
    key: str
    title: str
    paragraphs: list


@dataclass(frozen=True, slots=True)
class After:
    """`texts` are those the clinic has released, unfolded while `fresh`; `emergencies` are shown as they are."""

    on: object
    fresh: bool
    texts: list
    emergencies: list


def after_visit(visit, today):
    """What to know after the last visit, or None once it is too long ago. Five statements."""
    if visit is None or not is_recent(visit.on, today):
        return None
    notes = list(Note.objects.filter(appointment=visit.pk).standing())
    chosen = [key for note in notes if note.signed_at for key in (note.advice or {}).get("texts", [])]
    texts = aftercare_keys(visit.disciplines, chosen)
    emergencies = emergencies_of([note.pk for note in notes])
    rows = {row.key: row for row in Text.objects.effective().filter(key__in=[*texts, *emergencies])}
    phone = str(visit.location.phone)
    return After(
        visit.on,
        is_fresh(visit.on, today),
        [told(rows[key], phone) for key in texts if is_released(rows.get(key))],
        [told(rows[key], phone) for key in emergencies if can_be_said(rows.get(key), phone)],
    )


def emergencies_of(notes):
    """Keys of the emergency texts for what these notes say was done. Three statements."""
    needled = list(Needling.objects.filter(note__in=notes).values_list("region", "code"))
    codes = {code for _region, code in needled if code}
    return emergency_keys(
        regions=[region for region, _code in needled],
        over_lung=Acupoint.objects.effective().filter(pneumothorax_risk=True, key__in=codes).exists(),
        adjusted=list(Adjustment.objects.filter(note__in=notes).values_list("segment", "modality")),
    )


def is_released(row):
    return row is not None and row.group == "aftercare" and not row.needs_review


def can_be_said(row, phone):
    """Whoever is asked to call needs a number to call."""
    return row is not None and (row.key != CALL_US or bool(phone))


def told(row, phone=""):
    return Told(row.key, row.title, paragraphs(row.body, phone=phone))
