import uuid

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Versioned, version_must_rise

from .appointments import AT_MOST_12_HOURS, SPAN, Appointment


class BlockKind(models.TextChoices):
    MEETING = "meeting", _("meeting")
    CLEANING = "cleaning", _("cleaning")
    BREAK = "break", _("break")
    OTHER = "other", _("other")


class Block(Versioned):
    """A short time that a practitioner or a room is taken without a patient."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    location = models.ForeignKey("clinic.Location", on_delete=models.PROTECT, related_name="+")
    practitioner = models.ForeignKey(
        "practitioners.Practitioner",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("provider"),
    )
    room = models.ForeignKey(
        "clinic.Room",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("room"),
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    kind = models.CharField(_("kind"), max_length=10, choices=BlockKind.choices)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        triggers = [version_must_rise("block")]
        verbose_name = _("blocked time")
        verbose_name_plural = _("blocked times")
        constraints = [
            models.CheckConstraint(condition=AT_MOST_12_HOURS, name="block_is_positive_and_at_most_12_hours"),
            models.CheckConstraint(
                condition=Q(practitioner__isnull=False) | Q(room__isnull=False),
                name="block_takes_somebody_or_a_room",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.starts_at:%Y-%m-%d %H:%M}"


class Reservation(models.Model):
    """A promise: minutes of a practitioner, a room or both. Derived from the visit's phases, deleted with them.

    `live` means that its UTC day is not over. Of two overlapping live rows of one resource at least one is
    flagged as overbooked for it; readers treat every live row as busy, flagged or not.
    """

    id = models.BigAutoField(primary_key=True)
    appointment = models.ForeignKey(
        Appointment, null=True, on_delete=models.PROTECT, related_name="reservations", db_index=False
    )
    block = models.ForeignKey(
        Block, null=True, on_delete=models.PROTECT, related_name="reservations", db_index=False
    )
    practitioner = models.ForeignKey(
        "practitioners.Practitioner", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    room = models.ForeignKey(
        "clinic.Room", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    practitioner_overbooked = models.BooleanField(default=False)
    room_overbooked = models.BooleanField(default=False)
    live = models.BooleanField(default=True)

    class Meta:
        verbose_name = _("reservation")
        verbose_name_plural = _("reservations")
        indexes = [
            models.Index(
                fields=["starts_at"],
                include=["ends_at", "practitioner", "room", "expires_at"],
                condition=Q(live=True),
                name="reservation_busy",
            ),
        ]
        constraints = [
            ExclusionConstraint(
                name="practitioner_is_in_one_place_at_a_time",
                expressions=[("practitioner", RangeOperators.EQUAL), (SPAN, RangeOperators.OVERLAPS)],
                condition=Q(live=True, practitioner_overbooked=False, practitioner__isnull=False),
            ),
            ExclusionConstraint(
                name="room_holds_one_patient_at_a_time",
                expressions=[("room", RangeOperators.EQUAL), (SPAN, RangeOperators.OVERLAPS)],
                condition=Q(live=True, room_overbooked=False, room__isnull=False),
            ),
            models.CheckConstraint(
                condition=AT_MOST_12_HOURS, name="reservation_is_positive_and_at_most_12_hours"
            ),
            models.CheckConstraint(
                condition=Q(practitioner__isnull=False) | Q(room__isnull=False),
                name="reservation_occupies_something",
            ),
            models.CheckConstraint(
                condition=Q(appointment__isnull=False, block__isnull=True)
                | Q(appointment__isnull=True, block__isnull=False),
                name="reservation_has_one_cause",
            ),
        ]

    def __str__(self):
        return f"{self.starts_at:%Y-%m-%d %H:%M}"


class Answer(models.TextChoices):
    OPEN = "open", _("to call")
    AGREED = "agreed", _("agreed")
    LEFT_MESSAGE = "left_message", _("left a message")
    ANOTHER_TIME = "another_time", _("another time")
    CANCELLED = "cancelled", _("canceled")


class Call(Versioned):
    """One line of the call list of an absence or a closure: the visit, what is proposed and held, and the answer."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    absence = models.ForeignKey(
        "practitioners.Absence", null=True, on_delete=models.PROTECT, related_name="+"
    )
    closure = models.ForeignKey("clinic.Closure", null=True, on_delete=models.PROTECT, related_name="+")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="calls")
    proposal = models.OneToOneField(
        Appointment,
        null=True,
        on_delete=models.PROTECT,
        related_name="proposed_by",
        help_text="A held appointment with the proposed time; null when nothing fits.",
    )
    answer = models.CharField(max_length=12, choices=Answer.choices, default=Answer.OPEN)
    messages_left = models.PositiveSmallIntegerField(default=0)
    without_asking = models.BooleanField(default=False)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        triggers = [version_must_rise("call")]
        verbose_name = _("call")
        verbose_name_plural = _("calls")
        constraints = [
            models.UniqueConstraint(fields=["absence", "appointment"], name="visit_is_on_a_call_list_once"),
            models.UniqueConstraint(
                fields=["closure", "appointment"], name="visit_is_on_a_closures_list_once"
            ),
            models.CheckConstraint(
                condition=Q(absence__isnull=False, closure__isnull=True)
                | Q(absence__isnull=True, closure__isnull=False),
                name="call_has_one_cause",
            ),
        ]

    def __str__(self):
        return f"{self.appointment_id}: {self.answer}"

    @property
    def cause(self):
        """The absence or the closure that the visit is in the way of."""
        return self.closure if self.absence_id is None else self.absence
