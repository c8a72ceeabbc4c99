"""What belongs to one note. Written whole with every save of the draft; refused by trigger once it is signed.

Nobody reaches these rows but through their note, so they have no `visible_to` of their own.
"""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .guards import belongs_to_a_draft
from .notes import Note


class Side(models.TextChoices):
    LEFT = "left", _("left")
    RIGHT = "right", _("right")
    BOTH = "both", _("both sides")
    NONE = "none", _("midline")


class PlaceKind(models.TextChoices):
    POINT = "point", _("point")
    ASHI = "ashi", _("ashi point")
    EAR = "ear", _("ear point")
    TRIGGER = "trigger", _("trigger point")
    OTHER = "other", _("other place")


class Stimulation(models.TextChoices):
    MANUAL = "manual", _("manual")
    ELECTRICAL = "electrical", _("electrical")
    NONE = "none", _("none")


def keys():
    """Keys of reference terms, several."""
    return ArrayField(models.CharField(max_length=80), default=list)


def person():
    return models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")


def side():
    return models.CharField(_("side"), max_length=5, choices=Side.choices, blank=True)


class OfNote(models.Model):
    """The columns every child has. The id comes from the page, so that a point keeps it from save to save."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    note = models.ForeignKey(Note, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        abstract = True

    def __str__(self):
        return str(self.pk)


class NeedleSet(OfNote):
    """Needles of one size and lot that stay in together."""

    size = models.CharField(max_length=80, blank=True)
    lot = models.CharField(max_length=60, blank=True)
    expires_on = models.DateField(null=True)
    box = models.ForeignKey(
        "treatment.NeedleBox", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    retention_minutes = models.PositiveSmallIntegerField(null=True)
    retention_reason = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        triggers = belongs_to_a_draft("needleset")
        verbose_name = _("set of needles")
        verbose_name_plural = _("sets of needles")
        indexes = [models.Index(fields=["lot"], condition=~Q(lot=""), name="needle_sets_of_lot")]


class Needling(OfNote):
    """One place needled. `needles_in` counts both sides together; `depth_mm` in millimetres, never assumed.

    `region` is where it is counted: that of the catalogue for its points.

    `press_until` is the day on which a press needle is to come off; it is counted apart from the others.
    """

    # Sets and needlings of a note are replaced together: nothing cascades, and PostgreSQL checks at the end.
    needle_set = models.ForeignKey(
        NeedleSet, null=True, on_delete=models.DO_NOTHING, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=10, choices=PlaceKind.choices)
    code = models.CharField(max_length=80, blank=True)
    place = models.CharField(max_length=200, blank=True)
    region = models.CharField(max_length=80, blank=True)
    side = side()
    view = models.CharField(max_length=20, blank=True)
    x = models.SmallIntegerField(null=True)
    y = models.SmallIntegerField(null=True)
    needles_in = models.PositiveSmallIntegerField(default=0)
    depth_mm = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    angle = models.CharField(max_length=80, blank=True)
    techniques = keys()
    stimulation = models.CharField(max_length=10, choices=Stimulation.choices, blank=True)
    hz = models.CharField(max_length=20, blank=True)
    sensations = keys()
    discomfort = models.TextField(blank=True)
    unusual = models.TextField(blank=True)
    confirmed = models.BooleanField(default=True)
    press_until = models.DateField(null=True)

    class Meta:
        triggers = belongs_to_a_draft("needling")
        verbose_name = _("needling")
        verbose_name_plural = _("needlings")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=PlaceKind.values), name="needling_kind_is_known"),
            models.CheckConstraint(condition=Q(side__in=["", *Side.values]), name="needling_side_is_known"),
        ]


class NeedleCount(OfNote):
    """Needles counted after they came out: `out` of this region and side."""

    region = models.CharField(max_length=80)
    side = side()
    out = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = person()

    class Meta:
        triggers = belongs_to_a_draft("needlecount")
        verbose_name = _("count of needles")
        verbose_name_plural = _("counts of needles")


class Adjunct(OfNote):
    """Cupping, massage, heat and so on: a modality with its minutes and area."""

    modality = models.CharField(max_length=80)
    minutes = models.PositiveSmallIntegerField(null=True)
    area = models.CharField(max_length=80, blank=True)
    side = side()
    words = models.TextField(blank=True)

    class Meta:
        triggers = belongs_to_a_draft("adjunct")
        verbose_name = _("adjunct")
        verbose_name_plural = _("adjuncts")


class SegmentFinding(OfNote):
    segment = models.CharField(max_length=80)
    listings = keys()
    tender = models.BooleanField(default=False)
    tone = models.CharField(max_length=200, blank=True)
    movement = models.CharField(max_length=200, blank=True)
    side = side()

    class Meta:
        triggers = belongs_to_a_draft("segmentfinding")
        verbose_name = _("finding at a segment")
        verbose_name_plural = _("findings at segments")


class RegionFinding(OfNote):
    """Movement in degrees and soft tissue of one region; `motion` such as “rotation right”."""

    region = models.CharField(max_length=80)
    motion = models.CharField(max_length=80, blank=True)
    degrees = models.PositiveSmallIntegerField(null=True)
    tone = models.CharField(max_length=200, blank=True)
    tenderness = models.CharField(max_length=200, blank=True)
    trigger_points = models.CharField(max_length=200, blank=True)

    class Meta:
        triggers = belongs_to_a_draft("regionfinding")
        verbose_name = _("finding in a region")
        verbose_name_plural = _("findings in regions")
        indexes = [models.Index(fields=["region", "motion"], name="region_findings_over_time")]


class Adjustment(OfNote):
    """One segment or joint adjusted; `modality` is what the safety rules know it by."""

    segment = models.CharField(max_length=80)
    side = side()
    listing = models.CharField(max_length=80, blank=True)
    technique = models.CharField(max_length=80, blank=True)
    modality = models.CharField(max_length=80, blank=True)
    response = models.TextField(blank=True)

    class Meta:
        triggers = belongs_to_a_draft("adjustment")
        verbose_name = _("adjustment")
        verbose_name_plural = _("adjustments")


class Vitals(OfNote):
    """Blood pressure in mmHg."""

    # A number is missing while it is being typed: a draft is kept as it is, and signed with both.
    systolic = models.PositiveSmallIntegerField(null=True)
    diastolic = models.PositiveSmallIntegerField(null=True)

    class Meta:
        triggers = belongs_to_a_draft("vitals")
        verbose_name = _("blood pressure")
        verbose_name_plural = _("blood pressures")


class AgainstRule(OfNote):
    """A rule spoke and it was chosen or done all the same; `words` are the rule's own at that time."""

    class How(models.TextChoices):
        CHOSEN = "chosen", _("chosen")
        DONE = "done", _("done")

    rule = models.CharField(max_length=80)
    words = models.TextField()
    severity = models.CharField(max_length=10)
    subject = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True)
    how = models.CharField(max_length=10, choices=How.choices)
    at = models.DateTimeField()
    by = person()

    class Meta:
        triggers = belongs_to_a_draft("againstrule")
        verbose_name = _("against a rule")
        verbose_name_plural = _("against rules")
        indexes = [models.Index(fields=["-at"], name="against_rules_by_time")]
