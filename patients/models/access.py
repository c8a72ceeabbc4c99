"""Who finds a patient, and whose chart is open to whom: both rules, and the rows they read.

Finding is by location and care team, and shows names, visits and accounts. A chart is clinical text: open to
the providers of the patient's locations or to those who treat them, as the clinic has set it.
"""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, Exists, OuterRef, Q, Value
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _

from clinic.models import ChartsOpenTo, Role, Versioned, version_must_rise
from practitioners.models import ON_DUTY, on_duty_values

# No visit is longer: needles that nobody noted as out do not keep a chart open for ever.
LONGEST_VISIT = timedelta(hours=12)


class Why(models.TextChoices):
    """Why somebody is in a care team. Who books for a patient finds them; that opens no chart."""

    BOOKING = "booking", _("booked for them")
    TREATING = "treating", _("treats them")
    NOTE = "note", _("wrote a note")
    HANDOVER = "handover", _("was handed over to")
    PLAN = "plan", _("is in the plan’s team")
    REASON = "reason", _("opened with a reason")


READ_WITH_REASON = frozenset({Role.OWNER, Role.PRACTITIONER})
TREATS = [Why.TREATING, Why.NOTE, Why.HANDOVER, Why.PLAN]


class PatientLocation(models.Model):
    """Where a patient comes: staff of that location may find them.

    `needles_in_since` is set while needles are in: then whoever is on duty there may need the chart. It follows
    from the visit's actual times (scheduling.actions.needles).
    """

    patient = models.ForeignKey(
        "patients.Patient", on_delete=models.CASCADE, related_name="patient_locations"
    )
    location = models.ForeignKey("clinic.Location", on_delete=models.PROTECT, related_name="+")
    needles_in_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "location"], name="patient_location_is_named_once")
        ]
        indexes = [models.Index(fields=["location", "patient"], name="patients_at_location")]

    def __str__(self):
        return f"{self.patient_id} at {self.location_id}"


class CareTeamQuerySet(models.QuerySet):
    def of(self, user, at):
        return self.filter(Q(until=None) | Q(until__gt=at), user=user, since__lte=at)


class CareTeam(models.Model):
    """Who may see this patient, and why. Written by booking, noting, planning, handing over; a reason runs out."""

    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="care_team")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True)
    why = models.CharField(_("why"), max_length=60)

    objects = CareTeamQuerySet.as_manager()

    class Meta:
        verbose_name = _("care team member")
        verbose_name_plural = _("care team")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "user", "why"],
                condition=Q(until=None),
                name="care_team_reason_is_open_once",
            ),
            models.CheckConstraint(
                condition=~Q(why=Why.REASON) | Q(until__isnull=False), name="opened_with_a_reason_runs_out"
            ),
        ]
        indexes = [models.Index(fields=["user", "patient"], name="care_team_of_user")]

    def __str__(self):
        return f"{self.user_id} for {self.patient_id}: {self.why}"


class RestrictedBecause(models.TextChoices):
    STAFF = "staff", _("works here")
    RELATIVE = "relative", _("is close to somebody who works here")
    WISH = "wish", _("wishes it")


class Restriction(Versioned):
    """A chart that is open to those who treat the patient alone, until the owner lifts it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey("patients.Patient", on_delete=models.PROTECT, related_name="restrictions")
    because = models.CharField(_("because the patient"), max_length=10, choices=RestrictedBecause.choices)
    since = models.DateTimeField(_("since"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(_("lifted"), null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        triggers = [version_must_rise("restriction")]
        verbose_name = _("restricted chart")
        verbose_name_plural = _("restricted charts")
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(lifted_at=None), name="chart_is_restricted_once"
            ),
            models.CheckConstraint(
                condition=Q(because__in=RestrictedBecause.values), name="restriction_has_a_known_cause"
            ),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="restriction_is_lifted_by_somebody",
            ),
        ]

    def __str__(self):
        return f"{self.patient_id}: {self.because}"


def nobody():
    return Q(Value(False, output_field=BooleanField()))


def found_by(user, now, relatives):
    """A condition on patients: this person may find them. `relatives` are relations through which they act."""
    if Role.OWNER in user.roles:
        return Q(Value(True, output_field=BooleanField()))
    found = nobody()
    if user.roles & {Role.FRONT_DESK, Role.PRACTITIONER}:
        here = PatientLocation.objects.filter(patient=OuterRef("pk"), location__in=user.location_ids)
        team = CareTeam.objects.of(user, now).filter(patient=OuterRef("pk"))
        found |= Q(Exists(here)) | Q(Exists(team))
    if Role.PATIENT in user.roles:
        found |= Q(user=user) | Q(Exists(relatives.acting(user, now).filter(patient=OuterRef("pk"))))
    return found


# Whose chart is open, as conditions on a row of patients_patient, by hand: as expressions they take many times
# as long to compile, several times on each page of a chart. {p} is what the row is called. A record that was merged
# into another is part of the other's chart.
THEIRS = "patient_id IN ({p}.id, {p}.merged_into_id)"
IN_THE_TEAM = f"""EXISTS (
    SELECT FROM patients_careteam
    WHERE {THEIRS} AND user_id = %s AND since <= %s AND (until IS NULL OR until > %s) AND why = ANY(%s)
)"""
COMES_TO = f"EXISTS (SELECT FROM patients_patientlocation WHERE {THEIRS} AND location_id = ANY(%s))"
NEEDLES_IN = f"""EXISTS (
    SELECT FROM patients_patientlocation
    WHERE {THEIRS} AND location_id = ANY(%s) AND needles_in_since > %s AND location_id IN ({ON_DUTY})
)"""
RESTRICTED = f"EXISTS (SELECT FROM patients_restriction WHERE {THEIRS} AND lifted_at IS NULL)"
TO_THE_CLINIC = "EXISTS (SELECT FROM clinic_clinic WHERE charts_open_to = %s)"
OPENED_UNTIL = f"""(
    SELECT max(until) FROM patients_careteam
    WHERE {THEIRS} AND user_id = %s AND since <= %s AND until > %s AND why = %s
)"""


def chart_opens_for(user, now, *, reading, p):
    """(SQL, its values): the chart of the row called `p` is open to this person, to read or to write in.

    A reason opens it to clinicians and owners, to read alone. Whatever the clinic has set, a chart is open to
    those who treat the patient, and, while needles are in, to every clinician on duty where they are.
    """
    opens, values = ["FALSE"], []
    if Role.PRACTITIONER in user.roles:
        places = sorted(user.location_ids)
        opens.append(IN_THE_TEAM)
        values += [user.pk, now, now, [str(why) for why in TREATS]]
        opens.append(NEEDLES_IN)
        values += [places, now - LONGEST_VISIT, *on_duty_values(user, now)]
        opens.append(f"({COMES_TO} AND NOT {RESTRICTED} AND {TO_THE_CLINIC})")
        values += [places, ChartsOpenTo.CLINIC.value]
    if reading and user.roles & READ_WITH_REASON:
        opens.append(IN_THE_TEAM)
        values += [user.pk, now, now, [Why.REASON.value]]
    return f"({' OR '.join(opens)})".format(p=p), values


def with_open_chart(user, now, *, reading):
    """The ids of patients whose chart is open to this person, as a subquery."""
    condition, values = chart_opens_for(user, now, reading=reading, p="patient")
    return RawSQL(f"SELECT patient.id FROM patients_patient patient WHERE {condition}", values)


def chart_facts(user, now, p):
    """What `with_chart` adds to each row of the table called `p`."""
    written = RawSQL(*chart_opens_for(user, now, reading=False, p=p), output_field=BooleanField())
    until = Value(None, output_field=models.DateTimeField())
    if user.roles & READ_WITH_REASON:
        values = [user.pk, now, now, Why.REASON.value]
        until = RawSQL(OPENED_UNTIL.format(p=p), values, output_field=models.DateTimeField())
    restricted = RawSQL(RESTRICTED.format(p=p), [], output_field=BooleanField())
    return {"chart_written": written, "chart_opened_until": until, "chart_restricted": restricted}
