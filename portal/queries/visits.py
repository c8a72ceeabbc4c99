"""What patients see of their visits, in their own words."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.models import Location
from patients.models import PatientLocation
from patients.queries import ids_of
from portal.queries.people import own_patients
from scheduling.models import Appointment, PartStatus, Status, VisitPart, VisitPhase

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
    ends_at: datetime
    people: list
    zone: str

    @property
    def minutes(self):
        return int((self.ends_at - self.starts_at).total_seconds() // 60)


@dataclass(frozen=True)
class LastVisit:
    """The visit that was, with the keys of the disciplines of its parts that were done."""

    pk: UUID
    on: date
    location: Location
    disciplines: list


def upcoming(user, now):
    """Visits that are booked and not over, the next one first. Three statements, whatever their number."""
    mine = own_patients(user, now)
    rows = list(expected(Appointment.objects.visible_to(user).filter(patient__in=mine), now))
    zones = {row.location.zone for row in rows}
    return [_in_words(row, user, name_the_zone=len(zones) > 1) for row in rows]


def next_of(person, user, now):
    """The next visit of somebody, or None. Three statements, one without a visit."""
    of_person = Appointment.objects.filter(patient__in=ids_of(person.patient))
    rows = list(expected(of_person, now)[:1])
    return _in_words(rows[0], user, name_the_zone=False) if rows else None


def expected(visits, now):
    parts = VisitPart.objects.select_related("discipline").order_by("position").exclude(status="not_done")
    phases = VisitPhase.objects.select_related("practitioner").order_by("position")
    rows = visits.filter(status__in=EXPECTED, ends_at__gt=now)
    rows = rows.select_related("patient", "service", "location").order_by("starts_at")
    return rows.prefetch_related(Prefetch("parts", parts), Prefetch("parts__phases", phases))


def last_of(person):
    """The last visit that took place, or None. Two statements, one without a visit."""
    rows = Appointment.objects.filter(patient__in=ids_of(person.patient), status=Status.COMPLETED)
    row = rows.select_related("location").order_by("-starts_at").first()
    if row is None:
        return None
    done = VisitPart.objects.filter(appointment=row, status=PartStatus.DONE).order_by("position")
    return LastVisit(
        row.pk, row.wall_date, row.location, list(done.values_list("discipline__key", flat=True))
    )


def place_of(person):
    """Where somebody comes: the location of their latest visit, booked or past, else the one of their record.

    Days on the person's pages are days on its wall. Two statements, three without a visit.
    """
    ids = ids_of(person.patient)
    rows = Appointment.objects.filter(patient__in=ids, status__in=[*EXPECTED, Status.COMPLETED])
    row = rows.select_related("location").order_by("-starts_at").first()
    if row is None:
        kept = PatientLocation.objects.filter(patient__in=ids).select_related("location")
        row = kept.order_by("location").first()
    return row.location if row else None


def _in_words(row, user, *, name_the_zone):
    return Visit(
        whose="" if row.patient.user_id == user.pk else row.patient.called,
        service=row.service.name,
        location=row.location,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
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
