"""Patients treated here for something that no physician has looked at, as far as we were told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q

from intake.models import CareElsewhere
from patients.models import Patient
from patients.rules import on_list
from scheduling.models import Appointment, Status


@dataclass(frozen=True, slots=True)
class Unassessed:
    """`asked`: they said that nobody has; else nobody asked them."""

    patient: UUID
    name: str
    visits: int
    last: datetime
    asked: bool


def unassessed(user, limit=200):
    """Patients with a completed visit and no assessment on record, who came last first. One statement."""
    theirs = Q(patient=OuterRef("patient")) | Q(patient__merged_into=OuterRef("patient"))
    care = CareElsewhere.objects.filter(theirs)
    seen = Patient.objects.visible_to(user).current().filter(pk=OuterRef("patient"))
    rows = Appointment.objects.filter(
        Exists(seen), ~Exists(care.filter(assessed=True)), status=Status.COMPLETED
    ).annotate(asked=Exists(care.filter(assessed=False)))
    found = rows.values_list("patient", "patient__given_name", "patient__family_name", "asked").annotate(
        visits=Count("pk"), last=Max("starts_at")
    )
    return [
        Unassessed(pk, on_list(given, family), visits, last, asked)
        for pk, given, family, asked, visits, last in found.order_by("-last", "patient")[:limit]
    ]
