"""What became of a plan: who changed what, when and why, and when it rested."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Versioned, append_only, version_must_rise
from plans.models.plans import Plan


class RevisionKind(models.TextChoices):
    CREATED = "created", _("made")
    REVISED = "revised", _("revised")
    REVIEWED = "reviewed", _("reviewed")
    PAUSED = "paused", _("paused")
    RESUMED = "resumed", _("resumed")
    DISCHARGED = "discharged", _("discharged")


class PlanRevision(models.Model):
    """One change. `before` and `after` hold what changed, by name; a review that changed nothing holds nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="revisions")
    kind = models.CharField(_("what"), max_length=12, choices=RevisionKind.choices)
    why = models.CharField(_("why"), max_length=300, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = append_only("planrevision")
        verbose_name = _("revision of a plan")
        verbose_name_plural = _("revisions of plans")
        indexes = [models.Index(fields=["plan", "at"], name="planrevision_of_plan")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=RevisionKind.values), name="planrevision_kind_is_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[RevisionKind.CREATED, RevisionKind.RESUMED]) | ~Q(why=""),
                name="planrevision_says_why",
            ),
        ]

    def __str__(self):
        return self.kind


class PlanPause(Versioned):
    """Days on which the plan rests: its visits are not behind meanwhile. One open pause for each plan."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="pauses")
    from_on = models.DateField(_("from"))
    until_on = models.DateField(_("until"), null=True, blank=True)
    why = models.CharField(_("why"), max_length=200)

    class Meta:
        triggers = [version_must_rise("planpause")]
        verbose_name = _("pause of a plan")
        verbose_name_plural = _("pauses of plans")
        ordering = ["plan", "from_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["plan"], condition=Q(until_on__isnull=True), name="plan_rests_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(until_on__isnull=True) | Q(until_on__gte=F("from_on")),
                name="plan_pause_ends_after_it_begins",
            ),
        ]

    def __str__(self):
        return f"{self.from_on}"
