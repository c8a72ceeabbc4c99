import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Versioned, version_must_rise
from patients.models import Patient


class PlanStatus(models.TextChoices):
    DRAFT = "draft", _("draft")
    ACTIVE = "active", _("active")
    PAUSED = "paused", _("paused")
    DISCHARGED = "discharged", _("discharged")


# Plans under which visits are still to come.
RUNNING = [PlanStatus.ACTIVE, PlanStatus.PAUSED]


class PlanQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Plans of the patients this person may see."""
        return self.filter(patient__in=Patient.objects.visible_to(user))

    def running(self):
        return self.filter(status__in=RUNNING)


class Plan(Versioned):
    """A course of care for one region of one patient: what is agreed. How far it has come is never stored.

    Day 0 of the phases' offsets is the first treatment; until there is one, `starts_on`. `template_key` and
    `template_sha256` name the template it was made from, as it was then; `dose_source` says in words where its
    dose comes from, empty for a clinic default.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey("clinic.Location", on_delete=models.PROTECT, related_name="+")
    lead = models.ForeignKey(
        "practitioners.Practitioner",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("led by"),
    )
    status = models.CharField(
        _("status"), max_length=12, choices=PlanStatus.choices, default=PlanStatus.ACTIVE
    )
    condition = models.CharField(_("condition"), max_length=200)
    diagnosis_codes = ArrayField(
        models.CharField(max_length=10), verbose_name=_("diagnosis codes"), default=list, blank=True
    )
    region = models.CharField(_("region"), max_length=40)
    symptoms = models.TextField(_("symptoms"), blank=True)
    template_key = models.CharField(_("template"), max_length=80, blank=True)
    template_sha256 = models.CharField(max_length=64, blank=True)
    dose_source = models.TextField(_("the dose comes from"), blank=True)
    measures = ArrayField(
        models.CharField(max_length=40), verbose_name=_("measures"), default=list, blank=True
    )
    outcome_schedule = models.JSONField(_("when scores are asked for"), default=list, blank=True)
    starts_on = models.DateField(_("first treatment"))
    purchase = models.ForeignKey(
        "packages.Purchase", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    authorization = models.ForeignKey(
        "packages.Authorization", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("last reviewed"), null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_why = models.CharField(_("why it ended"), max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = PlanQuerySet.as_manager()

    class Meta:
        triggers = [version_must_rise("plan")]
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        indexes = [
            models.Index(fields=["patient", "created_at"], name="plan_of_patient"),
            models.Index(fields=["status", "location"], name="plan_by_status"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(status__in=PlanStatus.values), name="plan_status_is_known"),
            models.CheckConstraint(condition=~Q(condition=""), name="plan_names_its_condition"),
            models.CheckConstraint(
                condition=Q(status=PlanStatus.DISCHARGED, ended_at__isnull=False) & ~Q(ended_why="")
                | ~Q(status=PlanStatus.DISCHARGED) & Q(ended_at__isnull=True),
                name="plan_ends_with_a_reason",
            ),
        ]

    def __str__(self):
        return self.condition


class PhaseKind(models.TextChoices):
    ACTIVE = "active", _("treatment")
    MAINTENANCE = "maintenance", _("maintenance")


class PlanPhase(Versioned):
    """Visits of one service, one after another. `offsets` has one day for each visit, counted from the first treatment.

    Between two visits lie `min_days` to `max_days`. A revision that drops a phase closes it (`closed`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="phases")
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=12, choices=PhaseKind.choices, default=PhaseKind.ACTIVE)
    service = models.ForeignKey(
        "services.Service", on_delete=models.PROTECT, related_name="+", verbose_name=_("visit")
    )
    visits = models.PositiveSmallIntegerField(_("visits"))
    offsets = models.JSONField(_("days"), default=list)
    min_days = models.PositiveSmallIntegerField(_("days between at least"), default=1)
    max_days = models.PositiveSmallIntegerField(_("days between at most"), default=14)
    order_rule = models.CharField(_("order of the parts"), max_length=200, blank=True)
    closed = models.BooleanField(default=False, editable=False)

    class Meta:
        triggers = [version_must_rise("planphase")]
        verbose_name = _("phase of a plan")
        verbose_name_plural = _("phases of plans")
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="plan_phase_position_is_unique"),
            models.CheckConstraint(condition=Q(kind__in=PhaseKind.values), name="plan_phase_kind_is_known"),
            models.CheckConstraint(condition=Q(visits__gte=1, visits__lte=60), name="plan_phase_has_visits"),
            models.CheckConstraint(
                condition=Q(min_days__gte=1) & Q(max_days__gte=F("min_days")),
                name="plan_phase_spacing_is_in_order",
            ),
        ]

    def __str__(self):
        return f"{self.visits} × {self.service_id}"


class PlanVisit(Versioned):
    """Which booked visit is visit `number` of the plan, counted through all its phases from 1.

    Only visits booked as a course have a row; others of the plan's services are counted as they come
    (plans.queries.progress). An appointment that was given up is replaced in the row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="planned_visits")
    phase = models.ForeignKey(PlanPhase, on_delete=models.CASCADE, related_name="planned_visits")
    number = models.PositiveSmallIntegerField(_("visit"))
    appointment = models.OneToOneField(
        "scheduling.Appointment", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    linked_at = models.DateTimeField()
    linked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        triggers = [version_must_rise("planvisit")]
        verbose_name = _("visit of a plan")
        verbose_name_plural = _("visits of plans")
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_visit_number_is_unique"),
            models.CheckConstraint(condition=Q(number__gte=1), name="plan_visits_count_from_one"),
        ]

    def __str__(self):
        return str(self.number)


class Goal(Versioned):
    """What the patient wants: a measure with a target, or own words. A goal that was given up says when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="goals")
    position = models.PositiveSmallIntegerField(_("position"))
    words = models.CharField(_("in the patient’s words"), max_length=200, blank=True)
    measure = models.CharField(_("measure"), max_length=40, blank=True)
    baseline = models.DecimalField(_("at the start"), max_digits=6, decimal_places=2, null=True, blank=True)
    target = models.DecimalField(_("target"), max_digits=6, decimal_places=2, null=True, blank=True)
    reached_on = models.DateField(_("reached"), null=True, blank=True)
    dropped_on = models.DateField(_("given up"), null=True, blank=True)

    class Meta:
        triggers = [version_must_rise("goal")]
        verbose_name = _("goal")
        verbose_name_plural = _("goals")
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="goal_position_is_unique"),
            models.CheckConstraint(
                condition=~Q(words="") | (~Q(measure="") & Q(target__isnull=False)),
                name="a_goal_is_words_or_a_measure_with_its_target",
            ),
        ]

    def __str__(self):
        return self.words or self.measure
