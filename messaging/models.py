import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models import STAFF_ROLES, ReferenceRow, version_must_rise


class OutboxMessage(models.Model):
    """A mail as a row, written in the transaction that causes it and sent by the worker.

    `not_before` keeps it back while its cause can be undone; `withdrawn_at` is set by the undo.
    `about` names the cause ("appointment:<uuid>"), so that an undo finds it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    about = models.CharField(max_length=100, blank=True)
    to = models.EmailField()
    language = models.CharField(max_length=10, default="en")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    message_id = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField()
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=100, blank=True)
    sent_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(sent_at__isnull=True, withdrawn_at__isnull=True, dead_at__isnull=True),
                name="outbox_waiting",
            ),
            models.Index(fields=["about"], name="outbox_about"),
        ]

    def __str__(self):
        return f"{self.kind} to {self.to}"


class Text(ReferenceRow):
    """Words for patients that the clinic edits: emergency, aftercare, consent and so on.

    `body` is paragraphs with an empty line between them, `items` the lines of a consent, each with id and text.
    `{name}` in the body is filled from the clinic's settings. Nothing goes to patients before the clinic has
    read it (`needs_review`), emergency texts apart: those are shown as they are.
    """

    group = models.CharField(_("group"), max_length=20)
    title = models.CharField(_("title"), max_length=150)
    audience = models.CharField(_("for"), max_length=20, default="patient")
    show_when = models.CharField(_("shown"), max_length=200, blank=True)
    body = models.TextField(_("text"), blank=True)
    items = models.JSONField(_("lines to agree to"), default=list, blank=True)
    source_keys = ArrayField(
        models.CharField(max_length=40), verbose_name=_("sources"), default=list, blank=True
    )
    placeholders = ArrayField(
        models.CharField(max_length=40), verbose_name=_("filled in"), default=list, blank=True
    )
    for_consents = ArrayField(
        models.CharField(max_length=40), verbose_name=_("consents to"), default=list, blank=True
    )
    needs_review = models.BooleanField(_("the clinic has not read it yet"), default=True)
    review_by = models.CharField(_("to be read by"), max_length=60, blank=True)
    note_to_clinic = models.TextField(_("note to the clinic"), blank=True)

    class Meta(ReferenceRow.Meta):
        triggers = [version_must_rise("text")]
        verbose_name = _("text for patients")
        verbose_name_plural = _("texts for patients")

    def __str__(self):
        return self.title


class StaffTask(models.Model):
    """Something a member of staff has to do: for one person, for everybody of a role, or for all staff.

    `about` names the cause ("reaction:<uuid>"): while a task is open, there is one of its kind about it.
    The title carries no clinical word unless only clinicians see it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=40)
    title = models.CharField(_("title"), max_length=200)
    about = models.CharField(max_length=100)
    patient = models.UUIDField(null=True)
    for_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("for")
    )
    for_role = models.CharField(_("for everybody who is"), max_length=20, blank=True)
    due_at = models.DateTimeField(_("due"), null=True)
    opened_at = models.DateTimeField(_("opened"))
    closed_at = models.DateTimeField(_("closed"), null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(_("what was done"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("to-do for staff")
        verbose_name_plural = _("to-dos for staff")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about"], condition=Q(closed_at=None), name="task_about_is_open_once"
            ),
            models.CheckConstraint(
                condition=Q(for_role__in=["", *sorted(role.value for role in STAFF_ROLES)]),
                name="task_role_is_of_staff",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(closed_at=None), name="task_open"),
            models.Index(fields=["patient"], name="task_of_patient"),
        ]

    def __str__(self):
        return self.title
