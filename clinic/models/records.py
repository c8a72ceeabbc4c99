"""What happened: append-only, whoever asks."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .guards import append_only


class AuditEvent(models.Model):
    """Who did or read what. No foreign key to patients: `clinic` knows no app above it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(_("verb"), max_length=60)
    object = models.CharField(_("object"), max_length=100)
    patient = models.UUIDField(_("patient"), null=True)
    detail = models.JSONField(_("detail"), default=dict)

    class Meta:
        triggers = append_only("auditevent")
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")
        indexes = [
            models.Index(
                fields=["patient", "at"], condition=Q(patient__isnull=False), name="audit_by_patient"
            ),
            models.Index(fields=["at"], name="audit_by_time"),
            # The owner's list of what was opened with a reason: few among very many.
            models.Index(fields=["at"], condition=Q(verb="open with a reason"), name="audit_opened"),
        ]

    def __str__(self):
        return f"{self.verb} {self.object}"


class AuditSeal(models.Model):
    """One link of the hash chain. The worker seals events that have no seal: they commit out of order."""

    number = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditEvent, on_delete=models.PROTECT, related_name="seal")
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        triggers = append_only("auditseal")
        verbose_name = _("audit seal")
        verbose_name_plural = _("audit seals")

    def __str__(self):
        return f"{self.number}"


class Submission(models.Model):
    """One sent form. Written first in the transaction of its effect, so that sending again does it once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    session = models.CharField(max_length=64, null=True)  # noqa: DJ001 - absent, not empty, when a user is known
    key = models.CharField(max_length=64)
    body_sha256 = models.CharField(max_length=64)
    answer_status = models.PositiveSmallIntegerField()
    answer_location = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        triggers = append_only("submission")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], condition=Q(user__isnull=False), name="user_sends_a_key_once"
            ),
            models.UniqueConstraint(
                fields=["session", "key"], condition=Q(user__isnull=True), name="session_sends_a_key_once"
            ),
            models.CheckConstraint(
                condition=Q(user__isnull=False) | Q(session__isnull=False), name="submission_has_a_sender"
            ),
        ]

    def __str__(self):
        return self.key
