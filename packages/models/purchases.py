import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Versioned, append_only, version_must_rise
from packages.models.entries import Entry
from patients.models import Patient


class OfPatientQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Rows of the patients this person may see."""
        return self.filter(patient__in=Patient.objects.visible_to(user))


class Purchase(Versioned):
    """A package sold: what the agreement said, copied. `valid_until` is its last day, on the location's wall.

    `agreement` is the data the PDF was made from; the PDF itself is kept as it was handed out.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    payer = models.CharField(_("who pays, if not the patient"), max_length=150, blank=True)
    location = models.ForeignKey("clinic.Location", on_delete=models.PROTECT, related_name="+")
    package_key = models.CharField(max_length=80)
    name = models.CharField(_("package"), max_length=150)
    price = models.DecimalField(_("price"), max_digits=10, decimal_places=2)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    agreement = models.JSONField(default=dict)
    pdf = models.BinaryField()
    sold_at = models.DateTimeField(_("sold"))
    sold_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OfPatientQuerySet.as_manager()

    class Meta:
        triggers = [version_must_rise("purchase")]
        verbose_name = _("package sold")
        verbose_name_plural = _("packages sold")
        indexes = [models.Index(fields=["patient", "valid_until"], name="purchase_of_patient")]
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="purchase_price_is_not_negative"),
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("valid_from")), name="purchase_ends_after_it_begins"
            ),
        ]

    def __str__(self):
        return self.name


class PurchasedVisits(models.Model):
    """One line of a purchase: so many visits of a kind of care, and what one of them costs on its own."""

    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="lines")
    kind_of_care = models.ForeignKey("services.KindOfCare", on_delete=models.PROTECT, related_name="+")
    visits = models.PositiveSmallIntegerField(_("visits"))
    single_price = models.DecimalField(_("price of one"), max_digits=10, decimal_places=2)

    class Meta:
        triggers = append_only("purchasedvisits")
        verbose_name = _("visits of a package sold")
        verbose_name_plural = _("visits of packages sold")
        constraints = [
            models.UniqueConstraint(fields=["purchase", "kind_of_care"], name="purchase_names_a_kind_once"),
            models.CheckConstraint(condition=Q(visits__gte=1), name="purchased_visits_are_one_at_least"),
            models.CheckConstraint(condition=Q(single_price__gte=0), name="single_price_is_not_negative"),
        ]

    def __str__(self):
        return f"{self.visits} × {self.kind_of_care_id}"


class CreditEntry(Entry):
    """One visit (or several) of a purchase that came or went."""

    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="entries")

    class Meta(Entry.Meta):
        triggers = append_only("creditentry")
        verbose_name = _("visit of a package")
        verbose_name_plural = _("visits of packages")
        indexes = [models.Index(fields=["purchase", "at"], name="creditentry_of_purchase")]


class Extension(models.Model):
    """A purchase that was made to last longer, and why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="extensions")
    was_until = models.DateField()
    until = models.DateField(_("valid until"))
    reason = models.CharField(_("why"), max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = append_only("extension")
        verbose_name = _("extension of a package")
        verbose_name_plural = _("extensions of packages")
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("was_until")), name="an_extension_lasts_longer"),
            models.CheckConstraint(condition=~Q(reason=""), name="an_extension_has_a_reason"),
        ]

    def __str__(self):
        return f"{self.until}"


class Refund(models.Model):
    """What was given back for the rest of a purchase, by the agreement's rule. One for each purchase."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purchase = models.OneToOneField(Purchase, on_delete=models.PROTECT, related_name="refund")
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    reason = models.CharField(_("why"), max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = append_only("refund")
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="refund_is_not_negative"),
        ]

    def __str__(self):
        return f"{self.amount}"


class Policy(models.Model):
    """What a late cancellation or a missed visit costs; the newest row holds. The text is what patients accept."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    late_hours = models.PositiveSmallIntegerField(_("late is fewer hours before than"), default=24)
    late_takes_visit = models.BooleanField(_("a late cancellation uses up the package visit"), default=False)
    no_show_takes_visit = models.BooleanField(_("a missed visit uses up the package visit"), default=True)
    text = models.TextField(_("what patients read before they confirm"), blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = append_only("policy")
        verbose_name = _("cancellation policy")
        verbose_name_plural = _("cancellation policies")
        get_latest_by = "at"

    def __str__(self):
        return f"{self.at:%Y-%m-%d}"


class PolicyUse(models.Model):
    """A late cancellation or a missed visit, judged: when notice came, which policy, and that it takes the visits.

    `appointment` is the id of a scheduling.Appointment, as in Entry.visitpart. `withdrawn` is a later row that
    takes the one before it back, as when the cancellation is undone; the newest row of an appointment counts.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.UUIDField(db_column="appointment_id", db_index=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="+")
    missed = models.BooleanField(_("did not come"), default=False)
    notice_at = models.DateTimeField(_("notice given"), null=True)
    takes_visit = models.BooleanField(_("uses up the visit"))
    withdrawn = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OfPatientQuerySet.as_manager()

    class Meta:
        triggers = append_only("policyuse")
        verbose_name = _("late or missed visit")
        verbose_name_plural = _("late and missed visits")

    def __str__(self):
        return f"{self.appointment}"


class Waiver(models.Model):
    """The visits of a late cancellation or a missed visit given back all the same, and why."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    use = models.OneToOneField(PolicyUse, on_delete=models.PROTECT, related_name="waiver")
    reason = models.CharField(_("why"), max_length=200)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = append_only("waiver")
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [models.CheckConstraint(condition=~Q(reason=""), name="a_waiver_has_a_reason")]

    def __str__(self):
        return self.reason
