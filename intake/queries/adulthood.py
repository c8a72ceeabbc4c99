"""Who comes of age: a week ahead, and on the day."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from clinic.models import Location
from intake.models import Consent
from intake.rules.signing import birthday_of_age
from messaging.models import OutboxMessage
from patients.models import Patient, RelatedPerson
from patients.queries import ids_of

AHEAD = timedelta(days=7)
# A sweep that did not run for a while still finds everybody.
LONGEST_PAUSE = timedelta(days=60)


def today(now):
    """The date on the walls of the clinic's first location: birthdays begin there, not in Greenwich."""
    location = Location.objects.order_by("pk").first()
    return timezone.localtime(now, location.tz).date() if location else now.date()


def born_to_come_of_age(first, last):
    """Current records whose eighteenth birthday lies in these days, both included; one statement."""
    # Wide enough for leap years; the rule decides.
    years = timedelta(days=365 * 18)
    rows = Patient.objects.current().filter(
        birth_date__gte=first - years - timedelta(days=10), birth_date__lte=last - years
    )
    return [row for row in rows.order_by("pk") if first <= birthday_of_age(row.birth_date) <= last]


def comes_soon(day):
    return born_to_come_of_age(day + timedelta(days=1), day + AHEAD)


def has_come(day):
    return born_to_come_of_age(day - LONGEST_PAUSE, day)


def open_relations(patient, now):
    """Guardians, and everybody with a right on line, as of now, who were so before the patient came of age.

    Whoever an adult gives a right to afterward keeps it.
    """
    acting = (
        Q(guardian=True) | Q(appointments=True) | Q(forms=True) | Q(payments=True) | Q(health_details=True)
    )
    rows = RelatedPerson.objects.filter(acting, Q(until=None) | Q(until__gt=now))
    before = birthday_of_age(patient.birth_date)
    return rows.filter(patient__in=ids_of(patient), since__date__lt=before).order_by("pk")


def signed_by_guardian(patient, now):
    """Whether a consent of a guardian's would still be in force."""
    rows = Consent.objects.filter(patient__in=ids_of(patient), withdrawn_at=None)
    in_force = rows.filter(Q(expires_at=None) | Q(expires_at__gt=now))
    return in_force.filter(signature__related_person__isnull=False).exists()


def was_told(about):
    return OutboxMessage.objects.filter(about=about).exists()
