from datetime import time

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import WEEKDAYS, Gender, Versioned, version_must_rise


class Practitioner(Versioned):
    """Somebody who treats. `disciplines` is what they practice; a license must cover it where one is needed."""

    id = models.SmallAutoField(primary_key=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="practitioner"
    )
    name = models.CharField(_("name"), max_length=150)
    credentials = models.CharField(
        _("credentials"), max_length=40, blank=True, help_text=_("For example L.Ac.")
    )
    gender = models.CharField(_("gender"), max_length=10, choices=Gender.choices, blank=True)
    disciplines = models.ManyToManyField(
        "services.Discipline", related_name="+", verbose_name=_("disciplines")
    )
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        triggers = [version_must_rise("practitioner")]
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering = ["id"]

    def __str__(self):
        return f"{self.name}, {self.credentials}" if self.credentials else self.name


class LicenseKind(Versioned):
    """A kind of license, such as licensed acupuncturist (L.Ac.)."""

    id = models.SmallAutoField(primary_key=True)
    key = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        triggers = [version_must_rise("licensekind")]
        verbose_name = _("kind of license")
        verbose_name_plural = _("kinds of license")

    def __str__(self):
        return self.name


class Coverage(Versioned):
    """What a kind of license covers in a state. The owner edits this table: state laws differ and change."""

    license_kind = models.ForeignKey(LicenseKind, on_delete=models.CASCADE, related_name="coverages")
    state = models.CharField(_("state"), max_length=2)
    discipline = models.ForeignKey("services.Discipline", on_delete=models.CASCADE, related_name="+")
    may_remove_needles = models.BooleanField(_("may remove needles"), default=False)

    class Meta:
        triggers = [version_must_rise("coverage")]
        verbose_name = _("what a license covers")
        verbose_name_plural = _("what licenses cover")
        constraints = [
            models.UniqueConstraint(
                fields=["license_kind", "state", "discipline"], name="coverage_is_named_once"
            )
        ]

    def __str__(self):
        return f"{self.license_kind} covers {self.discipline} in {self.state}"


class License(Versioned):
    """Valid from `issued_on` to the day before `expires_on`, in the state named."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="licenses")
    kind = models.ForeignKey(LicenseKind, on_delete=models.PROTECT, related_name="+", verbose_name=_("kind"))
    number = models.CharField(_("number"), max_length=50)
    state = models.CharField(_("state"), max_length=2)
    issuer = models.CharField(_("issued by"), max_length=150, blank=True)
    issued_on = models.DateField(_("issued"))
    expires_on = models.DateField(_("expires"))
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("verified by"),
    )
    verified_on = models.DateField(_("verified on"), null=True, blank=True)

    class Meta:
        triggers = [version_must_rise("license")]
        verbose_name = _("license")
        verbose_name_plural = _("licenses")
        constraints = [
            models.UniqueConstraint(fields=["state", "kind", "number"], name="license_number_is_unique"),
            models.CheckConstraint(
                condition=Q(expires_on__gt=F("issued_on")), name="license_expires_after_issue"
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.number} ({self.state})"


class LicenseNotice(models.Model):
    """The owner was told that a license ends in so many days. A renewal changes the date and starts anew."""

    license = models.ForeignKey(License, on_delete=models.CASCADE, related_name="notices")
    expires_on = models.DateField()
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["license", "expires_on", "days"], name="license_notice_is_given_once"
            )
        ]

    def __str__(self):
        return f"{self.license}: {self.days}"


class Certification(Versioned):
    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="certifications")
    name = models.CharField(_("name"), max_length=150)
    number = models.CharField(_("number"), max_length=50, blank=True)
    issuer = models.CharField(_("issued by"), max_length=150, blank=True)
    issued_on = models.DateField(_("issued"))
    expires_on = models.DateField(_("expires"), null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("verified by"),
    )
    verified_on = models.DateField(_("verified on"), null=True, blank=True)

    class Meta:
        triggers = [version_must_rise("certification")]
        verbose_name = _("certification")
        verbose_name_plural = _("certifications")

    def __str__(self):
        return self.name


class WorkingHours(Versioned):
    """Weekly hours at a location in its local wall time. `ends` of 00:00 means the end of the day."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.CASCADE, related_name="working_hours")
    location = models.ForeignKey(
        "clinic.Location", on_delete=models.PROTECT, related_name="+", verbose_name=_("location")
    )
    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=WEEKDAYS)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("until"))
    valid_from = models.DateField(_("first day"))
    valid_until = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        triggers = [version_must_rise("workinghours")]
        verbose_name = _("working hours")
        verbose_name_plural = _("working hours")
        ordering = ["practitioner", "weekday", "starts"]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="working_weekday_is_0_to_6"),
            models.CheckConstraint(
                condition=Q(ends=time(0)) | Q(ends__gt=F("starts")),
                name="working_hours_of_a_day_end_after_start",
                violation_error_message=_("These hours end before they start. Change one of the two times."),
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="working_hours_end_after_start",
            ),
        ]

    def __str__(self):
        return f"{self.practitioner}, {self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


class AbsenceKind(models.TextChoices):
    ILL = "ill", _("ill")
    LEAVE = "leave", _("leave")
    TRAINING = "training", _("training")
    OTHER = "other", _("other")


class Absence(Versioned):
    """Takes away working time. Never refused because visits exist: those become the call list."""

    practitioner = models.ForeignKey(Practitioner, on_delete=models.PROTECT, related_name="absences")
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"))
    kind = models.CharField(_("kind"), max_length=10, choices=AbsenceKind.choices)
    note = models.CharField(_("note"), max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        triggers = [version_must_rise("absence")]
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_start"),
        ]

    def __str__(self):
        return f"{self.practitioner}: {self.get_kind_display()}"


# By hand: as an expression it takes many times as long to compile, on every page of a chart.
ON_DUTY = """
    SELECT hours.location_id
    FROM practitioners_workinghours hours
    JOIN practitioners_practitioner practitioner ON practitioner.id = hours.practitioner_id
    JOIN clinic_location location ON location.id = hours.location_id
    CROSS JOIN LATERAL (SELECT timezone(location.zone, %s)::date AS today) wall
    WHERE practitioner.user_id = %s AND practitioner.active
        AND hours.weekday = EXTRACT(ISODOW FROM wall.today) - 1
        AND wall.today >= hours.valid_from
        AND (hours.valid_until IS NULL OR wall.today <= hours.valid_until)
        AND NOT EXISTS (
            SELECT FROM practitioners_absence away
            WHERE away.practitioner_id = practitioner.id AND away.withdrawn_at IS NULL
                AND away.starts_at <= %s AND away.ends_at > %s
        )
"""


def on_duty_values(user, at):
    """The values of ON_DUTY: locations where this person has hours on the day it is there, unless away just then.

    The hour does not count: who works there that day may be in the house before and after.
    """
    return [at, user.pk, at, at]
