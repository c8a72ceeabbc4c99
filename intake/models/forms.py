"""Forms: what is asked, what was answered, what was signed. Answers belong to the version they were given under."""

import uuid

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Versioned, append_only, version_must_rise
from patients.models import Patient, RelatedPerson


class Origin(models.TextChoices):
    SHIPPED = "shipped", _("Meridian's")
    CLINIC = "clinic", _("the clinic's own")


class Questionnaire(models.Model):
    """One version of a form, in the shape of a FHIR Questionnaire; a change is a new row with the next number."""

    key = models.CharField(_("key"), max_length=60)
    number = models.PositiveIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=120)
    origin = models.CharField(max_length=10, choices=Origin.choices)
    definition = models.JSONField(_("definition"))
    shipped_sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        triggers = append_only("questionnaire")
        verbose_name = _("form")
        verbose_name_plural = _("forms")
        constraints = [
            models.UniqueConstraint(fields=["key", "number"], name="form_version_is_numbered_once"),
        ]

    def __str__(self):
        return f"{self.title} ({self.number})"


class FormLink(Versioned):
    """The way to some forms without an account: by mail, or on the clinic's tablet. The token is kept hashed."""

    class Channel(models.TextChoices):
        EMAIL = "email", _("by e-mail")
        TABLET = "tablet", _("on the tablet")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    token_sha256 = models.CharField(max_length=64, unique=True)
    sent_to = models.EmailField(blank=True)
    related_person = models.ForeignKey(RelatedPerson, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        triggers = [version_must_rise("formlink")]
        verbose_name = _("form link")
        verbose_name_plural = _("form links")

    def __str__(self):
        return f"{self.channel} {self.pk}"


class ResponseStatus(models.TextChoices):
    ASKED = "asked", _("not started")
    BEGUN = "begun", _("begun")
    DONE = "done", _("done")
    WITHDRAWN = "withdrawn", _("no longer needed")


class Response(Versioned):
    """One copy of a form, for one patient. Once done it is never changed: a correction is a new one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="+")
    link = models.ForeignKey(FormLink, null=True, on_delete=models.PROTECT, related_name="responses")
    status = models.CharField(max_length=10, choices=ResponseStatus.choices, default=ResponseStatus.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    # {link id of the question: its answer}: text, number, date, true/false, or a list of codes.
    answers = models.JSONField(default=dict)
    page = models.CharField(max_length=60, blank=True)  # where it was left: the link id of a section
    saved_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    done_by_name = models.CharField(max_length=150, blank=True)
    done_by_relation = models.CharField(max_length=60, blank=True)
    done_by_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    scores = models.JSONField(default=dict)

    class Meta:
        triggers = [
            version_must_rise("response"),
            pgtrigger.Protect(
                name="response_done_is_kept",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status="done"),
            ),
        ]
        verbose_name = _("filled-in form")
        verbose_name_plural = _("filled-in forms")
        indexes = [models.Index(fields=["patient", "status"], name="forms_of_patient")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="done", done_at__isnull=False) | (~Q(status="done") & Q(done_at=None)),
                name="form_done_has_its_time",
            ),
        ]

    def __str__(self):
        return f"{self.questionnaire_id} of {self.patient_id}"


class Signature(models.Model):
    """Somebody's name under an exact text, at a time."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    response = models.ForeignKey(Response, null=True, on_delete=models.PROTECT, related_name="signatures")
    document = models.CharField(_("document"), max_length=60)
    document_version = models.CharField(_("version"), max_length=64)
    text = models.TextField(_("exact text"))
    name = models.CharField(_("name"), max_length=150)
    relation = models.CharField(_("relation"), max_length=60, blank=True)  # empty: the patient
    related_person = models.ForeignKey(RelatedPerson, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    witnessed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        triggers = append_only("signature")
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(text=""), name="signature_has_name_and_text"),
        ]
        indexes = [models.Index(fields=["patient", "document"], name="signatures_of_patient")]

    def __str__(self):
        return f"{self.name}: {self.document}"


class ConsentKind(models.TextChoices):
    ACUPUNCTURE = "acupuncture", _("acupuncture")
    ADJUSTMENT = "adjustment", _("adjustment")
    NECK_ADJUSTMENT = "neck_adjustment", _("neck adjustment")
    COMBINED_CARE = "combined_care", _("combined care")
    POLICIES = "policies", _("practice policies")
    RELEASE = "release_of_records", _("release of records")
    PRIVACY = "privacy", _("privacy notice")


class Consent(Versioned):
    """What somebody agreed to. Valid from its signature until it runs out or is taken back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=ConsentKind.choices)
    signature = models.OneToOneField(Signature, on_delete=models.PROTECT, related_name="consent")
    given_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    talked_through_at = models.DateTimeField(null=True)
    talked_through_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_why = models.CharField(max_length=200, blank=True)

    class Meta:
        triggers = [version_must_rise("consent")]
        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        indexes = [models.Index(fields=["patient", "kind"], name="consents_of_patient")]

    def __str__(self):
        return f"{self.kind} of {self.patient_id}"
