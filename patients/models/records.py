import unicodedata
import uuid

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from clinic.models import Gender, Versioned, version_must_rise
from patients.models.access import chart_facts, found_by, with_open_chart


def plain(text):
    """Lower case without accents: how names are compared and searched."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


class Household(models.Model):
    """Family members under one contact, booked and checked in together."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(_("name"), max_length=100)

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")

    def __str__(self):
        return self.name


class TimeOfDay(models.TextChoices):
    MORNING = "morning", _("mornings")
    AFTERNOON = "afternoon", _("afternoons")
    EVENING = "evening", _("evenings")


class ReachBy(models.TextChoices):
    CALL = "call", _("phone call")
    TEXT = "text", _("text message")
    EMAIL = "email", _("e-mail")
    NOT = "not", _("do not contact")


class PatientQuerySet(models.QuerySet):
    def visible_to(self, user, at=None):
        """Patients this person may find and book, now or at a given time: the one rule of who sees whom."""
        return self.filter(found_by(user, at or timezone.now(), RelatedPerson.objects))

    def charts_read_by(self, user, at=None):
        """Patients whose clinical text this person may read: the one rule of whose chart is open to whom."""
        return self.filter(pk__in=with_open_chart(user, at or timezone.now(), reading=True))

    def charts_written_by(self, user, at=None):
        """Patients in whose chart this person may write: without those opened with a reason."""
        return self.filter(pk__in=with_open_chart(user, at or timezone.now(), reading=False))

    def with_chart(self, user, at=None):
        """Each with what this person may do with their chart; no statement more. Not for subqueries.

        `chart_written` is whether it is open to write in, `chart_opened_until` when what they opened with a
        reason closes again (or None), `chart_restricted` whether it is open to those who treat alone.
        """
        return self.annotate(**chart_facts(user, at or timezone.now(), self.model._meta.db_table))

    def one_person(self, pk):
        """The record and those merged into it: a subquery where a list of ids would be a statement more.

        Asked across a join (`patient=… or patient__merged_into=…`) the same reads every visit of the clinic.
        """
        return self.filter(Q(pk=pk) | Q(merged_into=pk))

    def current(self):
        """Without records that were merged into another."""
        return self.filter(merged_into=None)


class Patient(Versioned):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="patient"
    )
    given_name = models.CharField(_("first name"), max_length=100)
    family_name = models.CharField(_("last name"), max_length=100, blank=True)
    preferred_name = models.CharField(_("preferred name"), max_length=100, blank=True)
    pronouns = models.CharField(_("pronouns"), max_length=40, blank=True)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    reach_by = models.CharField(
        _("how to reach"), max_length=10, choices=ReachBy.choices, default=ReachBy.CALL
    )
    language = models.CharField(_("language"), max_length=10, default="en")
    household = models.ForeignKey(
        Household,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="members",
        verbose_name=_("household"),
    )
    emergency_name = models.CharField(_("emergency contact"), max_length=150, blank=True)
    emergency_phone = PhoneNumberField(_("emergency phone"), blank=True)
    emergency_relation = models.CharField(_("relation"), max_length=60, blank=True)
    physician_name = models.CharField(_("physician"), max_length=150, blank=True)
    physician_phone = PhoneNumberField(_("physician's phone"), blank=True)
    prefers_gender = models.CharField(
        _("provider's gender"), max_length=10, choices=Gender.choices, blank=True
    )
    prefers_time = models.CharField(_("time of day"), max_length=10, choices=TimeOfDay.choices, blank=True)
    needs_step_free = models.BooleanField(_("no stairs"), default=False)
    anyone_is_fine = models.BooleanField(_("anyone is fine"), default=False)
    staff_notes = models.TextField(_("notes for staff"), blank=True)
    registered_at = models.DateTimeField(default=timezone.now, editable=False)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_from"
    )
    search_text = models.TextField(editable=False)

    objects = PatientQuerySet.as_manager()

    class Meta:
        triggers = [version_must_rise("patient")]
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        ordering = ["family_name", "given_name"]
        indexes = [GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="patient_search_text")]
        constraints = [
            models.CheckConstraint(condition=~Q(given_name=""), name="patient_has_a_name"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")),
                name="patient_is_not_merged_into_itself",
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        self.search_text = " ".join([self.text_to_search(), *self.texts_merged_in()])
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "search_text"}
        super().save(*args, **kwargs)

    @property
    def name(self):
        """As on a list: Garcia, Maria."""
        return f"{self.family_name}, {self.given_name}" if self.family_name else self.given_name

    @property
    def called(self):
        """As the person wants to be called."""
        return self.preferred_name or self.given_name

    @property
    def chart_read(self):
        """Whether the person of `with_chart` may read the chart: it is open to them, or opened with a reason."""
        return self.chart_written or self.chart_opened_until is not None

    def age_on(self, day):
        """Whole years on `day`, or None without a birth date."""
        if not self.birth_date:
            return None
        had_birthday = (day.month, day.day) >= (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - (0 if had_birthday else 1)

    def texts_merged_in(self):
        """A record is found by what stands in the ones that were merged into it."""
        if self._state.adding:
            return []
        return [old.text_to_search() for old in Patient.objects.filter(merged_into=self.pk).order_by("pk")]

    def text_to_search(self):
        names = plain(f"{self.given_name} {self.family_name} {self.given_name} {self.preferred_name}")
        number = self.phone.as_e164 if self.phone and self.phone.is_valid() else str(self.phone or "")
        phone = "".join(c for c in number if c.isdigit())
        born = self.birth_date
        dates = (
            f"{born:%Y-%m-%d} {born:%m/%d/%Y} {born.month}/{born.day}/{born.year} {born:%m%d%Y}"
            if born
            else ""
        )
        return " ".join(part for part in (names, phone, plain(self.email), dates) if part)


class RelatedPersonQuerySet(models.QuerySet):
    def acting(self, user, at):
        """Relations through which this account may act for a patient about appointments."""
        return self.filter(Q(until=None) | Q(until__gt=at), user=user, appointments=True, since__lte=at)


class Custody(models.TextChoices):
    SOLE = "sole", _("sole custody")
    SHARED = "shared", _("shared custody")
    NONE = "none", _("no custody")


class RelatedPerson(Versioned):
    """A guardian, or a named adult who may come along. The four rights are a proxy's, each on its own."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="related_people")
    name = models.CharField(_("name"), max_length=150)
    phone = PhoneNumberField(_("phone"), blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    relation = models.CharField(_("relation"), max_length=60)
    guardian = models.BooleanField(_("guardian"), default=False)
    # These four count for guardians; "" is not said.
    custody = models.CharField(_("custody"), max_length=6, choices=Custody.choices, blank=True)
    may_sign = models.BooleanField(_("may sign consents"), default=True)
    may_be_told = models.BooleanField(_("may be told about health"), default=True)
    custody_note = models.CharField(_("what was shown to us"), max_length=200, blank=True)
    may_accompany = models.BooleanField(_("may come along"), default=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="related_to"
    )
    appointments = models.BooleanField(_("may see and book visits"), default=False)
    forms = models.BooleanField(_("may fill in forms"), default=False)
    payments = models.BooleanField(_("may see and make payments"), default=False)
    health_details = models.BooleanField(_("may see health details"), default=False)
    since = models.DateTimeField(_("since"), default=timezone.now)
    until = models.DateTimeField(_("until"), null=True, blank=True)

    objects = RelatedPersonQuerySet.as_manager()

    class Meta:
        triggers = [version_must_rise("relatedperson")]
        verbose_name = _("related person")
        verbose_name_plural = _("related people")

    def __str__(self):
        return f"{self.name} ({self.relation})"


class Merge(models.Model):
    """Two records of one person made one: what was moved, so that it can be traced and undone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kept = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    merged = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    moved = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")

    def __str__(self):
        return f"{self.merged_id} into {self.kept_id}"
