"""History that lives on: what the patient has and takes, since when, until when, and who says so."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Versioned, append_only, version_must_rise
from intake.models.forms import Response
from patients.models import Patient


class Source(models.TextChoices):
    FORM = "form", _("the patient's form")
    SAID = "said", _("said at a visit")
    LETTER = "letter", _("a letter")


class HistoryRow(Versioned):
    """What every line of the history has. Ended lines stay; a wrong one is ended with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    started = models.DateField(_("since"), null=True, blank=True)
    ended = models.DateField(_("until"), null=True, blank=True)
    ended_why = models.CharField(_("why it ended"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=10, choices=Source.choices)
    response = models.ForeignKey(Response, null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    words = models.TextField(_("in words"), blank=True)

    class Meta:
        abstract = True


class Side(models.TextChoices):
    LEFT = "left", _("left")
    RIGHT = "right", _("right")
    BOTH = "both", _("both")


class Condition(HistoryRow):
    """`code` is a condition code of the safety rules, or empty for one that no rule asks about."""

    code = models.CharField(_("kind"), max_length=40, blank=True)
    name = models.CharField(_("condition"), max_length=150)
    region = models.CharField(_("region"), max_length=40, blank=True)
    side = models.CharField(_("side"), max_length=5, choices=Side.choices, blank=True)

    class Meta:
        triggers = [version_must_rise("condition")]
        verbose_name = _("condition")
        verbose_name_plural = _("conditions")
        indexes = [models.Index(fields=["patient"], name="conditions_of_patient")]
        constraints = [
            models.CheckConstraint(
                condition=Q(started=None) | Q(ended=None) | Q(ended__gte=F("started")),
                name="condition_ends_after_it_starts",
            )
        ]

    def __str__(self):
        return self.name


class MedicationClass(models.TextChoices):
    OPIOID = "opioid", _("opioid")
    ANTI_INFLAMMATORY = "anti_inflammatory", _("anti-inflammatory")
    OTHER = "other", _("other")


class Medication(HistoryRow):
    """`effect` is the condition code of the safety rules that taking it means (anticoagulant …), or empty."""

    name = models.CharField(_("medication"), max_length=150)
    medication_class = models.CharField(_("class"), max_length=20, choices=MedicationClass.choices)
    effect = models.CharField(_("means for treatment"), max_length=40, blank=True)

    class Meta:
        triggers = [version_must_rise("medication")]
        verbose_name = _("medication")
        verbose_name_plural = _("medication")
        indexes = [models.Index(fields=["patient"], name="medication_of_patient")]
        constraints = [
            models.CheckConstraint(
                condition=Q(started=None) | Q(ended=None) | Q(ended__gte=F("started")),
                name="medication_ends_after_it_starts",
            )
        ]

    def __str__(self):
        return self.name


class MedicationDose(models.Model):
    """One point of a medication's line: from this day on, so much a day."""

    medication = models.ForeignKey(Medication, on_delete=models.PROTECT, related_name="doses")
    from_day = models.DateField(_("from"))
    dose = models.CharField(_("dose"), max_length=80)
    mg_per_day = models.DecimalField(_("mg a day"), max_digits=9, decimal_places=2, null=True, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = append_only("medicationdose")
        verbose_name = _("dose")
        verbose_name_plural = _("doses")

    def __str__(self):
        return self.dose


class Allergy(HistoryRow):
    """`code` is a condition code of the safety rules (metal_allergy, latex_allergy …), or empty."""

    code = models.CharField(_("kind"), max_length=40, blank=True)
    substance = models.CharField(_("to what"), max_length=150)
    reaction = models.CharField(_("what happens"), max_length=200, blank=True)

    class Meta:
        triggers = [version_must_rise("allergy")]
        verbose_name = _("allergy")
        verbose_name_plural = _("allergies")
        indexes = [models.Index(fields=["patient"], name="allergies_of_patient")]

    def __str__(self):
        return self.substance


class Checked(models.TextChoices):
    BLEEDING = "bleeding", _("bleeding and blood thinners")
    DEVICES = "devices", _("implants and devices")
    PREGNANCY = "pregnancy", _("pregnancy")


class ListCheck(models.Model):
    """A list was gone through with the patient: bleeding and devices every 30 days, pregnancy at each visit."""

    class Answer(models.TextChoices):
        UNCHANGED = "unchanged", _("nothing new")
        CHANGED = "changed", _("changed")
        YES = "yes", _("yes")
        NO = "no", _("no")
        UNSURE = "unsure", _("not sure")
        NEVER = "never", _("cannot apply")  # a pregnancy: not asked again

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=10, choices=Checked.choices)
    answer = models.CharField(max_length=10, choices=Answer.choices)
    due_on = models.DateField(_("due date of a pregnancy"), null=True)
    day = models.DateField(null=True)  # the day where it was said: a "no" is good for that day
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = append_only("listcheck")
        verbose_name = _("list gone through")
        verbose_name_plural = _("lists gone through")
        indexes = [models.Index(fields=["patient", "what", "at"], name="checks_of_patient")]

    def __str__(self):
        return f"{self.what}: {self.answer}"


class CareElsewhere(Versioned):
    """Who assessed this problem medically, when, and what is done for it elsewhere (S20, S22)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    problem = models.CharField(_("problem"), max_length=150)
    # None: not asked yet; False: nobody has assessed it.
    assessed = models.BooleanField(_("assessed by a physician"), null=True)
    assessed_by = models.CharField(_("by whom"), max_length=150, blank=True)
    assessed_on = models.DateField(_("when"), null=True, blank=True)
    finding = models.TextField(_("what was found"), blank=True)
    primary_treatment = models.TextField(_("treatment elsewhere"), blank=True)
    referring_physician = models.CharField(_("referring physician"), max_length=150, blank=True)
    physician_fax = models.CharField(_("fax"), max_length=40, blank=True)
    physician_email = models.EmailField(_("e-mail"), blank=True)
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField(null=True)

    class Meta:
        triggers = [version_must_rise("careelsewhere")]
        verbose_name = _("care elsewhere")
        verbose_name_plural = _("care elsewhere")
        indexes = [models.Index(fields=["patient"], name="care_elsewhere_of_patient")]

    def __str__(self):
        return self.problem
