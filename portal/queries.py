"""What patients see of their visits: their own, and of those they may act for. Being staff adds nothing here."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models import Location
from patients.models import Patient, RelatedPerson
from scheduling.models import Appointment, Status, VisitPart, VisitPhase

EXPECTED = [Status.BOOKED, Status.ARRIVED]
# What patients call who treats them, by the discipline's key.
CALLED = {
    "acupuncture": _("acupuncturist"),
    "chiropractic": _("chiropractor"),
    "massage": _("massage therapist"),
    "nutrition": _("nutritionist"),
    "stretching": _("stretching"),
}


@dataclass(frozen=True)
class Visit:
    """One visit in a patient's words. `whose` is empty for the person's own."""

    whose: str
    service: str
    location: Location
    starts_at: datetime
    minutes: int
    people: list
    zone: str


def own_patients(user, now):
    """The person's own record and those they may act for about visits."""
    acting = RelatedPerson.objects.acting(user, now)
    return Patient.objects.current().filter(Q(user=user) | Q(pk__in=acting.values("patient")))


def upcoming(user, now):
    """Visits that are booked and not over, the next one first. Three statements, whatever their number."""
    mine = own_patients(user, now)
    parts = VisitPart.objects.select_related("discipline").order_by("position").exclude(status="not_done")
    phases = VisitPhase.objects.select_related("practitioner").order_by("position")
    rows = (
        Appointment.objects.visible_to(user)
        .filter(patient__in=mine, status__in=EXPECTED, ends_at__gt=now)
        .select_related("patient", "service", "location")
        .prefetch_related(Prefetch("parts", parts), Prefetch("parts__phases", phases))
        .order_by("starts_at")
    )
    rows = list(rows)
    zones = {row.location.zone for row in rows}
    return [_in_words(row, user, name_the_zone=len(zones) > 1) for row in rows]


def _in_words(row, user, *, name_the_zone):
    return Visit(
        whose="" if row.patient.user_id == user.pk else row.patient.called,
        service=row.service.name,
        location=row.location,
        starts_at=row.starts_at,
        minutes=int((row.ends_at - row.starts_at).total_seconds() // 60),
        people=list(dict.fromkeys(_people(row))),
        zone=f"{timezone.localtime(row.starts_at, row.location.tz):%Z}" if name_the_zone else "",
    )


def _people(row):
    """Who treats, once each, in order: "Mei Tan, acupuncturist"."""
    for part in row.parts.all():
        called = CALLED.get(part.discipline.key, part.discipline.name)
        for phase in part.phases.all():
            if phase.practitioner is not None:
                yield f"{phase.practitioner.name}, {called}"
