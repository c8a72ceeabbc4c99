import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Versioned, append_only, version_must_rise
from packages.models.entries import Entry
from packages.models.purchases import OfPatientQuerySet
from patients.models import Patient


class CoverageKind(models.TextChoices):
    SELF_PAY = "self_pay", _("pays it all alone")
    HEALTH_PLAN = "health_plan", _("health plan")
    MEDICARE = "medicare", _("Medicare")
    AUTO = "auto", _("auto insurance")
    WORKERS_COMP = "workers_comp", _("workers’ compensation")
    ATTORNEY = "attorney", _("attorney")


class Coverage(Versioned):
    """Who pays for a patient's care: an insurer, an attorney, or the patient."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=20, choices=CoverageKind.choices)
    insurer = models.CharField(_("insurer"), max_length=150, blank=True)
    member_number = models.CharField(_("member number"), max_length=60, blank=True)
    claim_number = models.CharField(_("claim number"), max_length=60, blank=True)
    injured_on = models.DateField(_("date of injury"), null=True, blank=True)
    contact = models.CharField(_("whom to ask there"), max_length=200, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    verified_at = models.DateTimeField(_("verified"), null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OfPatientQuerySet.as_manager()

    class Meta:
        triggers = [version_must_rise("coverage")]
        verbose_name = _("coverage")
        verbose_name_plural = _("coverages")
        indexes = [models.Index(fields=["patient"], name="coverage_of_patient")]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=CoverageKind.values), name="coverage_kind_is_known"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True)
                | Q(starts_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="coverage_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=Q(verified_at__isnull=True, verified_by__isnull=True)
                | Q(verified_at__isnull=False, verified_by__isnull=False),
                name="coverage_is_verified_by_somebody",
            ),
        ]

    def __str__(self):
        return self.insurer or self.get_kind_display()


class Authorization(Versioned):
    """Visits an insurer has approved: how many is what its entries grant. `codes` are procedure codes, if named.

    One entry kind of care each: visits of `discipline` count, whatever their kind of care, between the two dates.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    coverage = models.ForeignKey(Coverage, on_delete=models.PROTECT, related_name="authorizations")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    number = models.CharField(_("number"), max_length=60)
    discipline = models.ForeignKey("services.Discipline", on_delete=models.PROTECT, related_name="+")
    codes = ArrayField(models.CharField(max_length=10), verbose_name=_("codes"), default=list, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"))
    note = models.CharField(_("note"), max_length=300, blank=True)
    withdrawn_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OfPatientQuerySet.as_manager()

    class Meta:
        triggers = [version_must_rise("authorization")]
        verbose_name = _("visits an insurer approved")
        verbose_name_plural = _("visits insurers approved")
        indexes = [models.Index(fields=["patient", "ends_on"], name="authorization_of_patient")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="authorization_ends_after_it_begins"
            ),
        ]

    def __str__(self):
        return self.number


class AuthorizationEntry(Entry):
    """One approved visit (or several) that came or went. `kind_of_care` is that of the part; of a grant, null."""

    kind_of_care = models.ForeignKey(
        "services.KindOfCare", null=True, on_delete=models.PROTECT, related_name="+"
    )
    authorization = models.ForeignKey(Authorization, on_delete=models.PROTECT, related_name="entries")

    class Meta(Entry.Meta):
        triggers = append_only("authorizationentry")
        verbose_name = _("approved visit")
        verbose_name_plural = _("approved visits")
        indexes = [models.Index(fields=["authorization", "at"], name="authorizationentry_of")]


class MoreVisitsStatus(models.TextChoices):
    TO_SEND = "to_send", _("letter to send")
    SENT = "sent", _("sent")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")
    NOT_NEEDED = "not_needed", _("not needed")


class MoreVisits(Versioned):
    """“Ask for more visits”: opened when two are left or seven days, with the letter made from the record."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    authorization = models.ForeignKey(Authorization, on_delete=models.PROTECT, related_name="requests")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(
        max_length=12, choices=MoreVisitsStatus.choices, default=MoreVisitsStatus.TO_SEND
    )
    opened_at = models.DateTimeField()
    letter = models.UUIDField(null=True)
    sent_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField(_("note"), max_length=300, blank=True)

    objects = OfPatientQuerySet.as_manager()

    class Meta:
        triggers = [version_must_rise("morevisits")]
        verbose_name = _("request for more visits")
        verbose_name_plural = _("requests for more visits")
        constraints = [
            models.UniqueConstraint(
                fields=["authorization"],
                condition=Q(status__in=[MoreVisitsStatus.TO_SEND, MoreVisitsStatus.SENT]),
                name="more_visits_are_asked_for_once",
            ),
            models.CheckConstraint(
                condition=Q(status__in=MoreVisitsStatus.values), name="more_visits_status_is_known"
            ),
        ]

    def __str__(self):
        return self.status
