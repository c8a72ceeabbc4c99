"""Patients treated here for something that no physician has looked at, as far as we were told."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Q

from intake.models import CareElsewhere
from patients.models import Patient
from patients.rules import on_list
from scheduling.models import Appointment, Status


@dataclass(frozen=True, slots=True)
class Unassessed:
    """`asked`: they said that nobody has; else nobody asked them. `open`: the chart is open to the reader."""

    patient: UUID
    name: str
    visits: int
    last: datetime
    asked: bool
    open: bool


def unassessed(user, limit=200):
    """Patients with a completed visit and no assessment on record, who came last first. Three statements."""
    care = CareElsewhere.objects.filter(patient__merged_into__isnull=False).values("patient__merged_into")
    assessed = Q(pk__in=CareElsewhere.objects.filter(assessed=True).values("patient"))
    assessed |= Q(pk__in=care.filter(assessed=True))
    people = Patient.objects.visible_to(user).current().exclude(assessed)
    rows = Appointment.objects.filter(patient__in=people, status=Status.COMPLETED)
    found = rows.values_list("patient", "patient__given_name", "patient__family_name").annotate(
        visits=Count("pk"), last=Max("starts_at")
    )
    rows = list(found.order_by("-last", "patient")[:limit])
    ids = [row[0] for row in rows]
    said_no = CareElsewhere.objects.filter(assessed=False)
    asked = Q(pk__in=said_no.values("patient")) | Q(pk__in=care.filter(assessed=False))
    asked = set(Patient.objects.filter(asked, pk__in=ids).values_list("pk", flat=True))
    opened = set(Patient.objects.charts_read_by(user).filter(pk__in=ids).values_list("pk", flat=True))
    return [
        Unassessed(pk, on_list(given, family), visits, last, pk in asked, pk in opened)
        for pk, given, family, visits, last in rows
    ]
