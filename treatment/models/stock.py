"""Needle boxes, reactions, and what the clinic sets."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models import ReferenceRow, Versioned, version_must_rise
from patients.models import Patient

from .notes import Note, OfPatientQuerySet


class NeedleBox(Versioned):
    """The box in use at a location: its lot and expiry are remembered for every set taken from it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    location = models.ForeignKey("clinic.Location", on_delete=models.PROTECT, related_name="+")
    size = models.CharField(_("size"), max_length=80)
    brand = models.CharField(_("brand"), max_length=80, blank=True)
    lot = models.CharField(_("lot"), max_length=60)
    expires_on = models.DateField(_("expires"))
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, editable=False)
    press = models.BooleanField(_("press needles"), default=False)

    class Meta:
        triggers = [version_must_rise("needlebox")]
        verbose_name = _("box of needles")
        verbose_name_plural = _("boxes of needles")
        constraints = [models.CheckConstraint(condition=~Q(lot=""), name="needle_box_has_a_lot")]
        indexes = [models.Index(fields=["location"], condition=Q(ended_at=None), name="needle_boxes_in_use")]

    def __str__(self):
        return f"{self.size}, {self.lot}"


class ReactionKind(ReferenceRow):
    """Columns of adverse_events.csv."""

    event = models.CharField(_("event"), max_length=120)
    subject = models.CharField(max_length=10, default="patient")
    seed_term = models.CharField(max_length=120, blank=True)
    seed_article = models.CharField(max_length=120, blank=True)
    modalities = models.JSONField(default=list)
    category = models.CharField(max_length=40, blank=True)
    expected_severity = models.CharField(max_length=10, blank=True)
    typical_grade = models.PositiveSmallIntegerField(null=True)
    grade_1 = models.TextField(blank=True)
    grade_2 = models.TextField(blank=True)
    grade_3 = models.TextField(blank=True)
    grade_4_5 = models.TextField(blank=True)
    frequency_band = models.CharField(max_length=20, blank=True)
    usual_onset = models.CharField(max_length=120, blank=True)
    internal_report = models.BooleanField(default=False)
    external_report = models.CharField(max_length=20, default="none")
    report_to = models.TextField(blank=True)
    first_action = models.TextField(blank=True)
    follow_up_within_hours = models.PositiveSmallIntegerField(null=True)
    stops_session = models.BooleanField(default=False)
    note = models.TextField(blank=True)

    class Meta(ReferenceRow.Meta):
        triggers = [version_must_rise("reactionkind")]
        verbose_name = _("kind of reaction")
        verbose_name_plural = _("kinds of reaction")

    def __str__(self):
        return self.event


class Reaction(Versioned):
    """An unwanted effect. Needle lots come through the note; `kind` is the key of a ReactionKind."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    appointment = models.ForeignKey(
        "scheduling.Appointment", null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.ForeignKey(Note, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=80)
    grade = models.PositiveSmallIntegerField(_("severity, 1 to 5"))
    serious = models.BooleanField(_("serious"), default=False)
    onset = models.CharField(_("when it began"), max_length=120, blank=True)
    duration = models.CharField(_("how long"), max_length=120, blank=True)
    outcome = models.CharField(_("outcome"), max_length=200, blank=True)
    told = models.CharField(_("who was told"), max_length=200, blank=True)
    words = models.TextField(_("in words"), blank=True)
    follow_up_at = models.DateTimeField(_("look again"), null=True)
    closed_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OfPatientQuerySet.as_manager()

    class Meta:
        triggers = [version_must_rise("reaction")]
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")
        indexes = [models.Index(fields=["at"], name="reactions_by_time")]
        constraints = [
            models.CheckConstraint(condition=Q(grade__gte=1, grade__lte=5), name="reaction_grade_is_1_to_5")
        ]

    def __str__(self):
        return f"{self.kind} {self.at:%Y-%m-%d}"


class NoteTemplate(Versioned):
    """Points, adjuncts, adjustments and advice to start from. `owner` none: the clinic's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    discipline = models.ForeignKey("services.Discipline", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name"), max_length=100)
    content = models.JSONField(default=dict)
    hidden = models.BooleanField(default=False)

    class Meta:
        triggers = [version_must_rise("notetemplate")]
        verbose_name = _("note template")
        verbose_name_plural = _("note templates")
        ordering = ["name"]

    def __str__(self):
        return self.name


class ChartSettings(Versioned):
    """One row: what the clinic's notes ask for."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    tongue_and_pulse = models.BooleanField(_("tongue and pulse"), default=True)

    class Meta:
        triggers = [version_must_rise("chartsettings")]
        verbose_name = _("chart settings")
        verbose_name_plural = _("chart settings")
        constraints = [models.CheckConstraint(condition=Q(id=1), name="chart_settings_are_one_row")]

    def __str__(self):
        return "1"


class AbsolutePermission(models.Model):
    """This clinician may choose against an absolute rule, with a reason; given by an owner, by name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("permission against absolute rules")
        verbose_name_plural = _("permissions against absolute rules")
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(ended_at=None), name="absolute_permission_is_open_once"
            )
        ]

    def __str__(self):
        return f"{self.user_id}"
