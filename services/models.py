from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import ReferenceRow, Versioned, version_must_rise


class Discipline(Versioned):
    """What a license covers and a part needs: acupuncture, chiropractic, massage, and so on."""

    id = models.SmallAutoField(primary_key=True)
    key = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=60)
    license_needed = models.BooleanField(_("needs a license"), default=True)

    class Meta:
        triggers = [version_must_rise("discipline")]
        verbose_name = _("discipline")
        verbose_name_plural = _("disciplines")
        ordering = ["id"]

    def __str__(self):
        return self.name


class KindOfCare(Versioned):
    """What a visit uses up of a package or an authorization: an acupuncture visit, an adjustment visit."""

    id = models.SmallAutoField(primary_key=True)
    key = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=60)

    class Meta:
        triggers = [version_must_rise("kindofcare")]
        verbose_name = _("kind of care")
        verbose_name_plural = _("kinds of care")

    def __str__(self):
        return self.name


class Service(Versioned):
    """What can be booked, made of ordered parts."""

    id = models.SmallAutoField(primary_key=True)
    key = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=100)
    notice_minutes = models.PositiveIntegerField(
        _("shortest notice in minutes"),
        default=0,
        help_text=_("Offers start this long from now; walk-ins are exempt."),
    )
    first_visit = models.BooleanField(_("for a first visit"), default=False)
    active = models.BooleanField(_("active"), default=True)
    position = models.PositiveSmallIntegerField(_("position in lists"), default=0)

    class Meta:
        triggers = [version_must_rise("service")]
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["position", "id"]

    def __str__(self):
        return self.name


class Part(Versioned):
    """The share of a service that one discipline delivers: what is noted, charged, done or not done."""

    id = models.SmallAutoField(primary_key=True)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="parts")
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=100)
    discipline = models.ForeignKey(
        Discipline, on_delete=models.PROTECT, related_name="+", verbose_name=_("discipline")
    )
    kind_of_care = models.ForeignKey(
        KindOfCare,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("kind of care"),
    )

    class Meta:
        triggers = [version_must_rise("part")]
        verbose_name = _("part")
        verbose_name_plural = _("parts")
        ordering = ["service", "position"]
        constraints = [
            models.UniqueConstraint(fields=["service", "position"], name="part_position_is_unique")
        ]

    def __str__(self):
        return self.name


class PhaseKind(models.TextChoices):
    HISTORY = "history", _("history")
    HANDS_ON = "hands_on", _("hands-on")
    RETENTION = "retention", _("needles in")
    REMOVAL = "removal", _("needles out")
    REST = "rest", _("rest")
    ADJUSTMENT = "adjustment", _("adjustment")
    TURNOVER = "turnover", _("turnover")
    CHARTING = "charting", _("charting")


class Phase(Versioned):
    """Minutes of a part with what they occupy. `position` counts through the whole service.

    `same_practitioner_as` and `same_room_as` hold the position of an earlier phase of the service.
    Phases with the patient follow one another; one without (turnover, charting) runs from where the
    phase before it ended and delays nobody.
    """

    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="phases")
    position = models.PositiveSmallIntegerField(_("position"))
    kind = models.CharField(_("kind"), max_length=20, choices=PhaseKind.choices)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    max_minutes = models.PositiveSmallIntegerField(_("at most (minutes)"), null=True, blank=True)
    practitioner_needed = models.BooleanField(_("needs a provider"), default=True)
    room_kind = models.ForeignKey(
        "clinic.RoomKind",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("room"),
    )
    patient_present = models.BooleanField(_("patient is present"), default=True)
    same_practitioner_as = models.PositiveSmallIntegerField(
        _("same provider as phase"), null=True, blank=True
    )
    same_room_as = models.PositiveSmallIntegerField(_("same room as phase"), null=True, blank=True)

    class Meta:
        triggers = [version_must_rise("phase")]
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering = ["part__service", "position"]
        constraints = [
            models.UniqueConstraint(fields=["part", "position"], name="phase_position_is_unique_in_part"),
            models.CheckConstraint(
                condition=Q(minutes__gte=5, minutes__lte=240), name="phase_is_5_to_240_minutes"
            ),
            models.CheckConstraint(condition=Q(kind__in=PhaseKind.values), name="phase_kind_is_known"),
            models.CheckConstraint(
                condition=Q(max_minutes__isnull=True) | Q(max_minutes__gte=F("minutes")),
                name="phase_longest_is_not_below_shortest",
            ),
            models.CheckConstraint(
                condition=(Q(same_practitioner_as__isnull=True) | Q(same_practitioner_as__lt=F("position")))
                & (Q(same_room_as__isnull=True) | Q(same_room_as__lt=F("position"))),
                name="phase_refers_to_an_earlier_one",
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.minutes}"


class Price(Versioned):
    """A part's price at a location, in the clinic's currency."""

    part = models.ForeignKey(Part, on_delete=models.CASCADE, related_name="prices")
    location = models.ForeignKey(
        "clinic.Location", on_delete=models.CASCADE, related_name="+", verbose_name=_("location")
    )
    amount = models.DecimalField(
        _("price"), max_digits=10, decimal_places=2, validators=[MinValueValidator(Decimal(0))]
    )

    class Meta:
        triggers = [version_must_rise("price")]
        verbose_name = _("price")
        verbose_name_plural = _("prices")
        constraints = [
            models.UniqueConstraint(fields=["part", "location"], name="price_is_one_per_part_and_location"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="price_is_not_negative"),
        ]

    def __str__(self):
        return f"{self.amount}"


def codes(name):
    return ArrayField(models.CharField(max_length=10), verbose_name=name, default=list, blank=True)


class Code(ReferenceRow):
    """A diagnosis or procedure code; the key is system and code ("ICD-10-CM M54.2"). Columns of codes.csv.

    Labels are ours: descriptors of CPT belong to the AMA and are not shipped. `max_units_per_day` is a default,
    payers differ.
    """

    code_system = models.CharField(_("system"), max_length=10)
    code = models.CharField(_("code"), max_length=10)
    label = models.CharField(_("label"), max_length=100)
    region = models.CharField(_("region"), max_length=20)
    category = models.CharField(_("category"), max_length=20)
    laterality = models.CharField(_("side"), max_length=12, default="none")
    used_by = models.CharField(_("used by"), max_length=20, default="both")
    timed = models.BooleanField(_("timed"), null=True, blank=True)
    unit_minutes = models.PositiveSmallIntegerField(_("minutes of a unit"), null=True, blank=True)
    min_minutes_first_unit = models.PositiveSmallIntegerField(
        _("least minutes of the first unit"), null=True, blank=True
    )
    max_minutes = models.PositiveSmallIntegerField(_("most minutes"), null=True, blank=True)
    max_units_per_day = models.PositiveSmallIntegerField(_("most units in a day"), null=True, blank=True)
    role = models.CharField(_("role"), max_length=12, default="diagnosis")
    requires_any_of = codes(_("needs one of"))
    exclusive_with = codes(_("not on the same day as"))
    modifier_when_with = codes(_("modifier when with"))
    modifier = models.CharField(_("modifier"), max_length=4, blank=True)
    time_counts = models.CharField(_("which time counts"), max_length=120, blank=True)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta(ReferenceRow.Meta):
        triggers = [version_must_rise("code")]
        verbose_name = _("code")
        verbose_name_plural = _("codes")
        indexes = [models.Index(fields=["code"], name="code_by_code")]

    def __str__(self):
        return f"{self.code} {self.label}"
