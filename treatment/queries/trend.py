"""Pain over time, and the last visit, of one patient."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Coalesce

from patients.queries import ids_of
from treatment.models import Note, RegionFinding
from treatment.queries.notes import with_people, written
from treatment.queries.reading import in_lines

SHOWN = 40


def signed_of(patient, user):
    rows = Note.objects.visible_to(user).standing().signed().filter(patient__in=ids_of(patient))
    return rows.annotate(when=Coalesce("appointment__starts_at", "opened_at"))


def pain_of(patient, user):
    """[(when, pain)], oldest first, one for each visit: what the first note of it says. Two statements."""
    rows = signed_of(patient, user).exclude(said_pain_now=None)
    rows = rows.order_by("-when", F("visitpart__position").desc(nulls_first=True), "-opened_at")
    newest = rows.values_list("when", "appointment", "pk", "said_pain_now")[:SHOWN]
    by_visit = {}
    for when, visit, note, pain in reversed(newest):
        by_visit.setdefault(visit or note, (when, pain))
    return list(by_visit.values())


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement of one region: degrees when it was first measured and when it was last."""

    region: str
    motion: str
    first: int
    first_at: datetime
    last: int
    last_at: datetime


def movement_of(patient, user):
    """Every movement that was measured, by region. Two statements."""
    notes = signed_of(patient, user)
    rows = RegionFinding.objects.filter(note__in=notes.values("pk")).exclude(degrees=None)
    rows = rows.annotate(when=Coalesce("note__appointment__starts_at", "note__opened_at"))
    found = {}
    ordered = rows.order_by("region", "motion", "when", "position")
    for region, motion, when, degrees in ordered.values_list("region", "motion", "when", "degrees"):
        first, first_at = found[region, motion][:2] if (region, motion) in found else (degrees, when)
        found[region, motion] = (first, first_at, degrees, when)
    return [Movement(*key, *values) for key, values in found.items()]


def last_visit_of(patient, user):
    """[(note, lines)] of the last visit with a signed note, in the order of its parts. At most 14 statements."""
    rows = with_people(signed_of(patient, user))
    latest = rows.order_by("-when", "-opened_at").first()
    if latest is None:
        return []
    same = rows.filter(appointment=latest.appointment_id) if latest.appointment_id else [latest]
    notes = list(same.order_by("visitpart__position", "opened_at")) if latest.appointment_id else same
    return [(one.note, lines) for one, lines in in_lines(written(notes))]
