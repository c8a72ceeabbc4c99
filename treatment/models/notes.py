"""The session note: one practitioner's record of their part of one visit. A draft until it is signed."""

import uuid

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Role, Versioned, append_only, version_must_rise
from patients.models import Patient

from .guards import only_in_a_draft, stands_still_when_signed


class Felt(models.TextChoices):
    """The answer to “How do you feel?”; empty until somebody taps one."""

    NOTHING = "nothing", _("nothing")
    SOMETHING = "something", _("something")


class Compared(models.TextChoices):
    BETTER = "better", _("better")
    SAME = "same", _("same")
    WORSE = "worse", _("worse")


class OfPatientQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Rows of the charts this person reads."""
        return self.filter(patient__in=Patient.objects.charts_read_by(user))

    def written_by(self, user):
        """Rows of the charts this person writes in."""
        return self.filter(patient__in=Patient.objects.charts_written_by(user))

    def found_by(self, user):
        """Rows of the patients this person finds: for lists that show none of a row’s words."""
        return self.filter(patient__in=Patient.objects.visible_to(user))

    def with_chart(self, user):
        """Each with `chart_read`: whether this person reads the chart it belongs to; no statement more."""
        opened = Patient.objects.charts_read_by(user).filter(pk=OuterRef("patient"))
        return self.annotate(chart_read=Exists(opened))


class NoteQuerySet(OfPatientQuerySet):
    def visible_to(self, user):
        """Notes of the charts this person reads; those entered in error only to author and owner."""
        return super().visible_to(user).filter(not_in_error_for(user))

    def written_by(self, user):
        """Notes of the charts this person writes in; those entered in error only to author and owner."""
        return super().written_by(user).filter(not_in_error_for(user))

    def standing(self):
        """Without those entered in error: they leave lists, counts and exports."""
        return self.filter(~Exists(errors()))

    def signed(self):
        return self.filter(signed_at__isnull=False)


def not_in_error_for(user):
    return Q() if Role.OWNER in user.roles else ~Q(Exists(errors())) | Q(author=user)


def errors():
    return Addendum.objects.filter(note=OuterRef("pk"), kind=Addendum.Kind.ENTERED_IN_ERROR)


class Note(Versioned):
    """Sections: said, found, assessment (codes, pattern, progress), done and next. Children hold the rest.

    `number` counts an author's notes of one part: 2 after the first was marked entered in error. `carried`
    lists fields and children copied from elsewhere and not confirmed yet. `needles_missing` is how many are
    in and not counted out, from the first count on; it is kept here for the board.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.ForeignKey(
        "scheduling.Appointment", null=True, on_delete=models.PROTECT, related_name="+"
    )
    visitpart = models.ForeignKey(
        "scheduling.VisitPart", null=True, on_delete=models.PROTECT, related_name="+"
    )
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    location = models.ForeignKey("clinic.Location", null=True, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    discipline = models.ForeignKey("services.Discipline", on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(default=1)
    opened_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    said_pain_now = models.PositiveSmallIntegerField(_("pain now"), null=True)
    said_change = models.CharField(_("since last time"), max_length=10, choices=Compared.choices, blank=True)
    said_after = models.TextField(_("after last time"), blank=True)
    said_words = models.TextField(_("own words"), blank=True)
    found_tongue = models.JSONField(_("tongue"), default=dict)
    found_pulse = models.JSONField(_("pulse"), default=dict)
    found_palpation = models.TextField(_("palpation"), blank=True)
    codes = ArrayField(models.CharField(max_length=80), verbose_name=_("diagnosis codes"), default=list)
    pattern = models.TextField(_("pattern"), blank=True)
    progress = models.TextField(_("progress"), blank=True)
    response_words = models.TextField(_("response"), blank=True)
    felt = models.CharField(_("how they feel"), max_length=10, choices=Felt.choices, blank=True)
    advice = models.JSONField(_("advice"), default=dict)
    next_time = models.TextField(_("next time"), blank=True)
    clean_technique_at = models.DateTimeField(_("clean technique"), null=True)
    clean_technique_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    sharps_box_at = models.DateTimeField(_("sharps box"), null=True)
    sharps_box_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    order_followed = models.BooleanField(_("in the planned order"), null=True)
    late_reason = models.CharField(_("why it was entered later"), max_length=200, blank=True)
    carried = models.JSONField(default=list)
    needles_missing = models.PositiveSmallIntegerField(default=0)
    emergency_reason = models.CharField(_("why it was signed all the same"), max_length=500, blank=True)

    objects = NoteQuerySet.as_manager()

    class Meta:
        triggers = [version_must_rise("note"), *stands_still_when_signed()]
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        indexes = [
            models.Index(fields=["patient", "-opened_at"], name="notes_of_patient"),
            models.Index(fields=["author"], condition=Q(signed_at=None), name="notes_unsigned"),
            models.Index(
                fields=["location"], condition=Q(needles_missing__gt=0), name="notes_with_needles_missing"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["visitpart", "author", "number"], name="note_is_one_per_part_and_author"
            ),
            models.UniqueConstraint(
                fields=["patient", "author", "discipline", "number"],
                condition=Q(visitpart=None, signed_at=None),
                name="note_without_a_visit_is_one_draft",
            ),
            models.CheckConstraint(
                condition=Q(said_pain_now=None) | Q(said_pain_now__lte=10), name="note_pain_is_0_to_10"
            ),
            models.CheckConstraint(
                condition=Q(said_change__in=["", *Compared.values]), name="note_change_is_known"
            ),
            models.CheckConstraint(condition=Q(felt__in=["", *Felt.values]), name="note_felt_is_known"),
            models.CheckConstraint(
                condition=Q(signed_at=None, signed_by=None)
                | Q(signed_at__isnull=False, signed_by__isnull=False),
                name="note_is_signed_by_somebody",
            ),
        ]

    def __str__(self):
        return f"{self.discipline_id} {self.opened_at:%Y-%m-%d}"


class NoteSave(models.Model):
    """One save of a draft as it was then; the latest one is what the note's rows say. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="saves", db_index=False)
    of_version = models.PositiveIntegerField()
    state = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = [*append_only("notesave"), only_in_a_draft("notesave", operation=pgtrigger.Insert)]
        verbose_name = _("saved draft")
        verbose_name_plural = _("saved drafts")
        constraints = [
            models.UniqueConstraint(fields=["note", "of_version"], name="note_version_is_saved_once")
        ]

    def __str__(self):
        return f"{self.note_id} {self.of_version}"


class Addendum(models.Model):
    """What comes after: a note is never changed, it is added to. Append-only."""

    class Kind(models.TextChoices):
        ADDENDUM = "addendum", _("addendum")
        ENTERED_IN_ERROR = "entered_in_error", _("entered in error")
        NEEDLE_RESOLUTION = "needle_resolution", _("where the needles were")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="addenda")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    words = models.TextField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        triggers = append_only("addendum")
        verbose_name = _("addendum")
        verbose_name_plural = _("addenda")
        ordering = ["at"]
        constraints = [
            models.CheckConstraint(condition=~Q(words=""), name="addendum_says_something"),
            models.UniqueConstraint(
                fields=["note"], condition=Q(kind="entered_in_error"), name="note_is_entered_in_error_once"
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


class ContactNote(models.Model):
    """A call, a message or an event without a visit: one box, signed at once. Append-only."""

    class Kind(models.TextChoices):
        CALL = "call", _("call")
        MESSAGE = "message", _("message")
        EVENT = "event", _("event")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    words = models.TextField(_("what was said or done"))
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = OfPatientQuerySet.as_manager()

    class Meta:
        triggers = append_only("contactnote")
        verbose_name = _("contact note")
        verbose_name_plural = _("contact notes")
        indexes = [models.Index(fields=["patient", "-at"], name="contact_notes_of_patient")]
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="contact_note_says_something")]

    def __str__(self):
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"


class Handover(models.Model):
    """A message to the other practitioner about a patient, there until it is seen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    appointment = models.ForeignKey(
        "scheduling.Appointment", null=True, on_delete=models.PROTECT, related_name="+"
    )
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("to")
    )
    words = models.TextField(_("message"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    objects = OfPatientQuerySet.as_manager()

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="handover_says_something")]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M}"
