import uuid
from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.constraints import Deferrable
from django.utils.translation import gettext_lazy as _

from clinic.models import Versioned, append_only, version_must_rise
from patients.models import Patient
from services.models import PhaseKind


class Span(Func):
    """tstzrange(starts_at, ends_at): half-open, as everywhere."""

    function = "tstzrange"
    output_field = DateTimeRangeField()


SPAN = Span(F("starts_at"), F("ends_at"), RangeBoundary())
AT_MOST_12_HOURS = Q(ends_at__gt=F("starts_at")) & Q(ends_at__lte=F("starts_at") + timedelta(hours=12))


class Status(models.TextChoices):
    HELD = "held", _("held")
    EXPIRED = "expired", _("hold ran out")
    BOOKED = "booked", _("booked")
    ARRIVED = "arrived", _("here")
    IN_TREATMENT = "in_treatment", _("in treatment")
    COMPLETED = "completed", _("done")
    CANCELLED = "cancelled", _("canceled")
    NO_SHOW = "no_show", _("did not come")


OCCUPIES_PATIENT = [Status.BOOKED, Status.ARRIVED, Status.IN_TREATMENT]


class OfPatientQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Rows of the patients this person may see."""
        return self.filter(patient__in=Patient.objects.visible_to(user))


class Series(Versioned):
    """Visits booked together by a rule in local wall time, such as every Monday and Thursday at 9:00."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    weekdays = models.JSONField(default=list)
    wall_time = models.TimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OfPatientQuerySet.as_manager()

    class Meta:
        triggers = [version_must_rise("series")]
        verbose_name = _("series")
        verbose_name_plural = _("series")

    def __str__(self):
        return str(self.id)


class Appointment(Versioned):
    """A patient booked for a service at a time. `starts_at` to `ends_at` is what the patient is told.

    `wall_date` and `wall_time` keep the promised local time: a change of the zone's rules before the
    day moves the instant, never the promise.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    service = models.ForeignKey("services.Service", on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey("clinic.Location", on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField(_("starts"))
    ends_at = models.DateTimeField(_("ends"))
    wall_date = models.DateField()
    wall_time = models.TimeField()
    status = models.CharField(_("status"), max_length=12, choices=Status.choices)
    held_until = models.DateTimeField(null=True)
    series = models.ForeignKey(Series, null=True, on_delete=models.SET_NULL, related_name="appointments")
    confirmed_at = models.DateTimeField(null=True)
    walk_in = models.BooleanField(default=False)
    entered_later_reason = models.CharField(_("why it was entered later"), max_length=200, blank=True)
    overbooked_reason = models.CharField(_("why it was double-booked"), max_length=200, blank=True)
    overbooked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_reason = models.CharField(_("why it was canceled or missed"), max_length=200, blank=True)
    came_with = models.CharField(_("who came along"), max_length=150, blank=True)
    note = models.CharField(_("note for the visit"), max_length=500, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OfPatientQuerySet.as_manager()

    class Meta:
        triggers = [version_must_rise("appointment")]
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        indexes = [
            models.Index(fields=["location", "starts_at"], name="appointment_day"),
            models.Index(fields=["patient", "starts_at"], name="appointment_of_patient"),
        ]
        constraints = [
            ExclusionConstraint(
                name="patient_is_in_one_visit_at_a_time",
                expressions=[("patient", RangeOperators.EQUAL), (SPAN, RangeOperators.OVERLAPS)],
                condition=Q(status__in=OCCUPIES_PATIENT),
                deferrable=Deferrable.IMMEDIATE,
            ),
            models.CheckConstraint(
                condition=AT_MOST_12_HOURS, name="appointment_is_positive_and_at_most_12_hours"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="appointment_status_is_known"),
            models.CheckConstraint(
                condition=Q(status=Status.HELD, held_until__isnull=False) | ~Q(status=Status.HELD),
                name="a_hold_has_an_end",
            ),
        ]

    def __str__(self):
        return f"{self.service_id} {self.starts_at:%Y-%m-%d %H:%M}"


class PartStatus(models.TextChoices):
    PLANNED = "planned", _("planned")
    DONE = "done", _("done")
    NOT_DONE = "not_done", _("not done")


class VisitPart(Versioned):
    """The share of one visit that one discipline delivers. Notes, charges and entries will hang on it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    discipline = models.ForeignKey("services.Discipline", on_delete=models.PROTECT, related_name="+")
    kind_of_care = models.ForeignKey(
        "services.KindOfCare", null=True, on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField(max_length=10, choices=PartStatus.choices, default=PartStatus.PLANNED)
    reason = models.CharField(_("why not done"), max_length=200, blank=True)

    class Meta:
        triggers = [version_must_rise("visitpart")]
        verbose_name = _("part of a visit")
        verbose_name_plural = _("parts of visits")
        ordering = ["appointment", "position"]
        constraints = [
            models.UniqueConstraint(fields=["appointment", "position"], name="visit_part_position_is_unique"),
            models.CheckConstraint(
                condition=Q(status__in=PartStatus.values), name="visit_part_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status=PartStatus.NOT_DONE) | ~Q(reason=""), name="not_done_has_a_reason"
            ),
        ]

    def __str__(self):
        return self.name


class VisitPhase(Versioned):
    """What was agreed, copied from the service at booking and kept for ever, through moves and cancelling."""

    visitpart = models.ForeignKey(VisitPart, on_delete=models.CASCADE, related_name="phases")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=PhaseKind.choices)
    minutes = models.PositiveSmallIntegerField()
    patient_present = models.BooleanField(default=True)
    practitioner = models.ForeignKey(
        "practitioners.Practitioner", null=True, on_delete=models.PROTECT, related_name="+"
    )
    room = models.ForeignKey("clinic.Room", null=True, on_delete=models.PROTECT, related_name="+")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        triggers = [version_must_rise("visitphase")]
        verbose_name = _("phase of a visit")
        verbose_name_plural = _("phases of visits")
        ordering = ["visitpart", "position"]
        constraints = [
            models.UniqueConstraint(fields=["visitpart", "position"], name="visit_phase_position_is_unique"),
            models.CheckConstraint(
                condition=AT_MOST_12_HOURS, name="visit_phase_is_positive_and_at_most_12_hours"
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.starts_at:%H:%M}"


class What(models.TextChoices):
    ARRIVED = "arrived", _("arrived")
    IN_ROOM = "in_room", _("in room")
    FIRST_NEEDLE = "first_needle", _("first needle")
    LAST_NEEDLE_IN = "last_needle_in", _("last needle in")
    NEEDLES_OUT = "needles_out", _("needles out")
    TREATMENT = "treatment", _("treatment started")
    TREATED = "treated", _("treatment ended")
    ADJUSTMENT = "adjustment", _("adjustment")
    UNWELL = "unwell", _("unwell")
    LONGER = "longer", _("needs longer")
    LEFT = "left", _("left")


class ActualTime(models.Model):
    """A fact. Append-only; of one kind (and phase) the row entered last counts, and `withdrawn` takes it back.

    `room` says where, when the fact is being in a room; `minutes` is how much longer, for `longer`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="actual_times")
    visitphase = models.ForeignKey(VisitPhase, null=True, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=20, choices=What.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    room = models.ForeignKey("clinic.Room", null=True, on_delete=models.PROTECT, related_name="+")
    minutes = models.PositiveSmallIntegerField(null=True)
    withdrawn = models.BooleanField(default=False)

    class Meta:
        triggers = append_only("actualtime")
        verbose_name = _("actual time")
        verbose_name_plural = _("actual times")
        indexes = [models.Index(fields=["appointment", "entered_at"], name="actual_times_of_visit")]

    def __str__(self):
        return f"{self.what} {self.at:%H:%M:%S}"


class Change(models.Model):
    """One change to a visit, with what undoing it needs. The visit's history, and the only source of Undo."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="changes")
    verb = models.CharField(max_length=20)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    before = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("change of a visit")
        verbose_name_plural = _("changes of visits")
        indexes = [models.Index(fields=["appointment", "at"], name="changes_of_visit")]

    def __str__(self):
        return f"{self.verb} {self.at:%Y-%m-%d %H:%M}"
