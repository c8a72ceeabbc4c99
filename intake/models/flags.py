"""Red flags: what was asked, what was raised, what a clinician did about it, and referrals."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models import ReferenceRow, Versioned, append_only, version_must_rise
from intake.models.forms import Response
from patients.models import Patient


class AskedWhen(models.TextChoices):
    INTAKE = "intake", _("intake")
    RECHECK = "recheck", _("recheck at a visit")
    RE_EVALUATION = "re_evaluation", _("re-evaluation")
    NECK_SCREEN = "neck_screen", _("before a neck adjustment")


def keys(name, length=40):
    return ArrayField(models.CharField(max_length=length), verbose_name=name, default=list, blank=True)


class RedFlag(ReferenceRow):
    """A question of the red-flag screen and what a yes leads to. Columns of red_flags.csv, its flag_id is the key.

    `when` holds values of AskedWhen. `blocked_modalities` is ["all"] or ids of modalities. With a yes to this
    row and to any of `escalates_with`, the escalated action and urgency replace the row's own.
    """

    region = models.CharField(_("region"), max_length=20)  # neck, back, both, headache
    category = models.CharField(_("category"), max_length=40)
    group = models.CharField(_("asked together with"), max_length=40)
    when = keys(_("asked at"), 15)
    online_booking = models.BooleanField(_("asked before booking online"), default=False)
    question = models.TextField(_("question"))
    answer_type = models.CharField(_("kind of answer"), max_length=10, default="yes_no")
    positive_answer = models.CharField(_("answer that raises it"), max_length=10, default="yes")
    action = models.CharField(_("what follows"), max_length=15)
    stop_booking = models.BooleanField(_("stops booking of treatment"), default=False)
    create_referral = models.BooleanField(_("opens a referral"), default=False)
    referral_urgency = models.CharField(_("urgency"), max_length=20, default="none")
    emergency = models.BooleanField(_("emergency"), default=False)
    patient_text_key = models.CharField(_("text for the patient"), max_length=40, blank=True)
    escalates_with = keys(_("graver together with"), 20)
    escalated_action = models.CharField(_("what follows then"), max_length=15, blank=True)
    escalated_urgency = models.CharField(_("urgency then"), max_length=20, blank=True)
    action_text = models.TextField(_("what the clinician does"), blank=True)
    blocked_modalities = keys(_("closed methods"))
    suspected = models.CharField(_("what is to be ruled out"), max_length=200, blank=True)
    clinician_note = models.TextField(_("note for the clinician"), blank=True)
    source = models.TextField(_("source"), blank=True)
    needs_clinician_review = models.BooleanField(_("waits for a clinician’s sign-off"), default=False)

    class Meta(ReferenceRow.Meta):
        triggers = [version_must_rise("redflag")]
        verbose_name = _("red-flag question")
        verbose_name_plural = _("red-flag questions")

    def __str__(self):
        return f"{self.key} {self.question}"


class Screening(models.Model):
    """One round of red-flag questions and its answers: {flag key: "yes" | "no"}."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    asked_when = models.CharField(max_length=15, choices=AskedWhen.choices)
    regions = ArrayField(models.CharField(max_length=20))
    answers = models.JSONField()
    response = models.ForeignKey(Response, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = append_only("screening")
        verbose_name = _("screening")
        verbose_name_plural = _("screenings")
        indexes = [models.Index(fields=["patient", "at"], name="screenings_of_patient")]

    def __str__(self):
        return f"{self.asked_when} {self.at:%Y-%m-%d}"


class FlagAction(models.TextChoices):
    REFER_NOW = "refer_now", _("refer now")
    REFER_ROUTINE = "refer_routine", _("refer")
    CAUTION = "caution", _("caution")


class RaisedFlag(Versioned):
    """A positive answer and what follows from it, in the words it had then. Open until a clinician clears it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    screening = models.ForeignKey(Screening, on_delete=models.PROTECT, related_name="raised")
    flag = models.CharField(_("red flag"), max_length=20)  # key of the red-flag question
    question = models.TextField(_("question"))
    action = models.CharField(max_length=15, choices=FlagAction.choices)
    urgency = models.CharField(max_length=20, blank=True)
    emergency = models.BooleanField(default=False)
    action_text = models.TextField(blank=True)
    suspected = models.CharField(max_length=200, blank=True)
    # ["all"] or ids of modalities that stay closed until it is cleared.
    blocked_modalities = ArrayField(models.CharField(max_length=40), default=list)
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True)
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    cleared_why = models.TextField(blank=True)

    class Meta:
        triggers = [version_must_rise("raisedflag")]
        verbose_name = _("raised red flag")
        verbose_name_plural = _("raised red flags")
        indexes = [
            models.Index(fields=["patient"], condition=Q(cleared_at=None), name="open_flags_of_patient")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(cleared_at=None) | (Q(cleared_by__isnull=False) & ~Q(cleared_why="")),
                name="flag_is_cleared_by_somebody_with_a_reason",
            )
        ]

    def __str__(self):
        return f"{self.flag} of {self.patient_id}"


class Referral(Versioned):
    """A physician is asked: letter, sent, reply, clearance, expiry."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    flags = models.ManyToManyField(RaisedFlag, related_name="referrals")
    to = models.CharField(_("to"), max_length=150, blank=True)
    why = models.TextField(_("why"))
    urgency = models.CharField(max_length=20, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    letter_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    sent_how = models.CharField(_("sent how"), max_length=100, blank=True)
    reply_on = models.DateField(null=True)
    reply = models.TextField(_("reply"), blank=True)
    reply_seen_at = models.DateTimeField(null=True)
    reply_seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    cleared_until = models.DateField(_("clearance holds until"), null=True)
    closed_at = models.DateTimeField(null=True)
    closed_why = models.CharField(max_length=200, blank=True)

    class Meta:
        triggers = [version_must_rise("referral")]
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        indexes = [models.Index(fields=["patient"], name="referrals_of_patient")]

    def __str__(self):
        return f"{self.to or _('physician')} {self.opened_at:%Y-%m-%d}"


class Letter(models.Model):
    """A letter made from the record, kept as it left: the data it was made from and the PDF."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    referral = models.ForeignKey(Referral, null=True, on_delete=models.PROTECT, related_name="letters")
    kind = models.CharField(max_length=20)  # progress, referral
    to = models.CharField(_("to"), max_length=150)
    data = models.JSONField()
    pdf = models.BinaryField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = append_only("letter")
        verbose_name = _("letter")
        verbose_name_plural = _("letters")

    def __str__(self):
        return f"{self.kind} to {self.to}"


class SignOff(models.Model):
    """A clinician's signature under the clinic's set of red-flag questions, recorded by the owner."""

    what = models.CharField(max_length=40)  # red_flags
    content_sha256 = models.CharField(max_length=64)
    clinician = models.CharField(_("clinician"), max_length=150)
    signed_on = models.DateField(_("signed on"))
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = append_only("signoff")
        verbose_name = _("sign-off")
        verbose_name_plural = _("sign-offs")

    def __str__(self):
        return f"{self.what} {self.signed_on}"
