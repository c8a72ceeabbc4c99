"""What the patient does at home, and on which days it was done."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Versioned, append_only, version_must_rise
from plans.models.plans import Plan


class HomeKind(models.TextChoices):
    EXERCISE = "exercise", _("exercise")
    MOVEMENT = "movement", _("yoga or tai chi")
    MIND = "mind", _("mindfulness or cognitive behavioral therapy")
    MASSAGE = "massage", _("massage")
    NUTRITION = "nutrition", _("nutrition")


class HomeActivity(Versioned):
    """One thing to do so many times a week, from one day on until another or the plan's end."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="home_activities")
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=12, choices=HomeKind.choices)
    name = models.CharField(_("activity"), max_length=150)
    per_week = models.PositiveSmallIntegerField(_("times a week"))
    instructions = models.TextField(_("how"), blank=True)
    started_on = models.DateField(_("since"))
    ended_on = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        triggers = [version_must_rise("homeactivity")]
        verbose_name = _("activity at home")
        verbose_name_plural = _("activities at home")
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="home_activity_position_is_unique"),
            models.CheckConstraint(condition=Q(kind__in=HomeKind.values), name="home_activity_kind_is_known"),
            models.CheckConstraint(
                condition=Q(per_week__gte=1, per_week__lte=21), name="home_activity_is_1_to_21_times_a_week"
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="home_activity_ends_after_it_starts",
            ),
        ]

    def __str__(self):
        return self.name


class HomeTick(models.Model):
    """Done, or not after all, on one day. The row entered last for a day counts."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    activity = models.ForeignKey(HomeActivity, on_delete=models.PROTECT, related_name="ticks")
    on = models.DateField(_("day"))
    done = models.BooleanField(_("done"))
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = append_only("hometick")
        verbose_name = _("day of an activity at home")
        verbose_name_plural = _("days of activities at home")
        indexes = [models.Index(fields=["activity", "on", "at"], name="hometick_of_activity")]

    def __str__(self):
        return f"{self.on} {self.done}"
