"""What a patient is asked, when, and what was answered. Answers are added and never changed."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Location, Versioned, append_only, version_must_rise
from patients.models import Patient


class OfPatientQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Rows of the charts that are open to this person, to read."""
        return self.filter(patient__in=Patient.objects.charts_read_by(user))


class Occasion(models.TextChoices):
    BASELINE = "baseline", _("at the start")
    WEEKS_2 = "2_weeks", _("after 2 weeks")
    WEEKS_4 = "4_weeks", _("after 4 weeks")
    WEEKS_6 = "6_weeks", _("after 6 weeks")
    MID_COURSE = "mid_course", _("halfway")
    RE_EVALUATION = "re_evaluation", _("at the re-evaluation")
    DURING = "during", _("during treatment")
    WEEKS_16 = "16_weeks", _("after 16 weeks")
    MONTHS_3 = "3_months", _("after 3 months")
    MONTHS_6 = "6_months", _("after 6 months")
    MONTHS_12 = "12_months", _("after 12 months")


class Status(models.TextChoices):
    """A score check past its window is missed: that follows from the date and is stored nowhere."""

    OPEN = "open", _("open")
    ANSWERED = "answered", _("answered")
    CANCELLED = "cancelled", _("not asked for any more")


class Assessment(Versioned):
    """One score check: these measures, around that day. `plan` is the id of the plan that set it, if one did.

    It can be answered from `window_days` before `due_on` to as many days after.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    measures = ArrayField(models.CharField(max_length=80), verbose_name=_("measures"))
    occasion = models.CharField(_("when"), max_length=15, choices=Occasion.choices)
    due_on = models.DateField(_("due"))
    window_days = models.PositiveSmallIntegerField(_("days around it"), default=7)
    plan = models.UUIDField(null=True)
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    objects = OfPatientQuerySet.as_manager()

    class Meta:
        triggers = [version_must_rise("assessment")]
        verbose_name = _("score check")
        verbose_name_plural = _("score checks")
        indexes = [models.Index(fields=["patient", "due_on"], name="assessments_of_patient")]
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "occasion"],
                condition=~Q(status="cancelled") & ~Q(occasion="during"),
                name="plan_asks_once_per_occasion",
            ),
            models.CheckConstraint(condition=Q(measures__len__gt=0), name="assessment_asks_something"),
            models.CheckConstraint(
                condition=Q(status="answered", answered_at__isnull=False)
                | (~Q(status="answered") & Q(answered_at=None)),
                name="assessment_answered_has_its_time",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="assessment_status_is_known"),
            models.CheckConstraint(
                condition=Q(occasion__in=Occasion.values), name="assessment_occasion_is_known"
            ),
        ]

    def __str__(self):
        return f"{self.occasion} of {self.patient_id}"


class Activity(Versioned):
    """One of up to three things a patient named that the problem makes hard, kept for one course."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    words = models.CharField(_("in the patient’s words"), max_length=100)
    named_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = OfPatientQuerySet.as_manager()

    class Meta:
        triggers = [version_must_rise("activity")]
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "position"], condition=Q(ended_at=None), name="activity_has_its_place"
            ),
            models.CheckConstraint(condition=Q(position__range=(1, 3)), name="activities_are_three_at_most"),
            models.CheckConstraint(condition=~Q(words=""), name="activity_has_words"),
        ]

    def __str__(self):
        return self.words


class Given(models.TextChoices):
    TABLET = "tablet", _("on the tablet")
    PORTAL = "portal", _("online")
    CLINICIAN = "clinician", _("asked by a clinician")
    TYPED = "typed", _("total typed in")


class Score(models.Model):
    """What was answered to one measure at one time. A later one corrects it; it is itself never changed.

    `answers` is {item: number}, of the patient's own activities {activity id: number}. `score` is None where
    too little was answered. `definition_sha256` is the wording it was given under.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="scores")
    measure = models.CharField(max_length=80)
    definition_sha256 = models.CharField(max_length=64)
    answers = models.JSONField(default=dict)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=1, null=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=10, choices=Given.choices)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")

    objects = OfPatientQuerySet.as_manager()

    class Meta:
        triggers = append_only("score")
        verbose_name = _("score")
        verbose_name_plural = _("scores")
        indexes = [models.Index(fields=["patient", "at"], name="scores_of_patient")]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "measure"],
                condition=Q(replaces=None),
                name="measure_is_answered_once_per_assessment",
            ),
            models.CheckConstraint(condition=Q(how__in=Given.values), name="score_says_how_it_was_given"),
            models.CheckConstraint(condition=Q(score=None) | Q(score__gte=0), name="score_is_not_below_zero"),
        ]

    def __str__(self):
        return f"{self.measure} {self.score}"


class AnswerLink(Versioned):
    """The way to one score check on the clinic's tablet, without an account. The token is kept hashed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey(Location, null=True, on_delete=models.PROTECT, related_name="+")
    token_sha256 = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        triggers = [version_must_rise("answerlink")]
        verbose_name = _("link to a score check")
        verbose_name_plural = _("links to score checks")

    def __str__(self):
        return str(self.pk)
