"""Points, the names people type for them, safety rules and the vocabulary of treatment: all of it reference data.

Nothing refers to these rows by foreign key: notes and rules keep the key as text.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import Origin, ReferenceRow, version_must_rise


def words(name, length=60):
    return ArrayField(models.CharField(max_length=length), verbose_name=name, default=list, blank=True)


class Acupoint(ReferenceRow):
    """A place of the catalogue; `key` is its WHO code. Columns are those of acupoints.csv.

    Depths are of an average adult, in mm and in cun (25 mm a cun). `view, x, y` place the patient's left point
    on a body chart, `view2` and `detail_view` the same point elsewhere; the twin of x is 1000 - x.
    """

    # Made from the other columns and from the aliases; no data file has it.
    DERIVED = ("search_text",)

    meridian = models.CharField(_("meridian"), max_length=10)
    seq = models.PositiveSmallIntegerField(_("number in the meridian"), null=True, blank=True)
    row_type = models.CharField(_("kind of row"), max_length=12, default="point")
    standard = models.CharField(_("source standard"), max_length=20, blank=True)
    pinyin = models.CharField(_("pinyin"), max_length=40)
    pinyin_plain = models.CharField(_("pinyin without tones"), max_length=40)
    hanzi_traditional = models.CharField(_("traditional characters"), max_length=20, blank=True)
    hanzi_simplified = models.CharField(_("simplified characters"), max_length=20, blank=True)
    hanzi_variants = models.CharField(_("other print forms"), max_length=40, blank=True)
    english_name = models.CharField(_("English name"), max_length=60)
    aliases = words(_("other names"))
    region = models.CharField(_("region"), max_length=30)
    surface = models.CharField(_("surface"), max_length=30, blank=True)
    location = models.CharField(_("location"), max_length=300)
    laterality = models.CharField(_("sides"), max_length=12)
    bilateral = models.BooleanField(_("on both sides"), default=True)
    depth_min_cun = models.DecimalField(_("depth from (cun)"), max_digits=3, decimal_places=1)
    depth_max_cun = models.DecimalField(_("depth to (cun)"), max_digits=3, decimal_places=1)
    depth_min_mm = models.PositiveSmallIntegerField(_("depth from (mm)"))
    depth_max_mm = models.PositiveSmallIntegerField(_("depth to (mm)"))
    angles = words(_("angles"))
    angle_direction = models.CharField(_("direction"), max_length=80, blank=True)
    categories = words(_("categories"))
    five_shu_element = models.CharField(_("element"), max_length=10, blank=True)
    needling_forbidden = models.BooleanField(_("not needled"), default=False)
    moxa_rule = models.CharField(_("moxa"), max_length=20, default="allowed")
    pregnancy = models.CharField(_("in pregnancy"), max_length=10, default="none")
    pneumothorax_risk = models.BooleanField(_("over the lung"), default=False)
    risk_tags = words(_("structures at risk"))
    caution = models.CharField(_("caution"), max_length=200, blank=True)
    view = models.CharField(_("chart"), max_length=15)
    x = models.PositiveSmallIntegerField()
    y = models.PositiveSmallIntegerField()
    x_mirror = models.PositiveSmallIntegerField(null=True, blank=True)
    view2 = models.CharField(_("second chart"), max_length=15, blank=True)
    x2 = models.PositiveSmallIntegerField(null=True, blank=True)
    y2 = models.PositiveSmallIntegerField(null=True, blank=True)
    detail_view = models.CharField(_("close-up"), max_length=15, blank=True)
    detail_x = models.PositiveSmallIntegerField(null=True, blank=True)
    detail_y = models.PositiveSmallIntegerField(null=True, blank=True)
    extra_xy = words(_("further places"))
    search_text = models.TextField(default="", blank=True, editable=False)

    class Meta(ReferenceRow.Meta):
        triggers = [version_must_rise("acupoint")]
        verbose_name = _("point")
        verbose_name_plural = _("points")
        indexes = [GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="acupoint_search_text")]
        constraints = [
            *ReferenceRow.Meta.constraints,
            models.CheckConstraint(
                condition=Q(depth_max_mm__gte=F("depth_min_mm")),
                name="acupoint_depth_is_a_range",
                violation_error_message=_("The greatest depth is below the smallest. Change one of the two."),
            ),
        ]

    @property
    def code(self):
        return self.key


class PointAlias(ReferenceRow):
    """What else people type: a `prefix` stands for a meridian, a `name` for one point.

    An ambiguous name has a row for each point it can mean; `note` says what to offer.
    """

    alias = models.CharField(_("alias"), max_length=40)
    normalized = models.CharField(_("letters and digits"), max_length=40)
    kind = models.CharField(_("kind"), max_length=10, choices=[("prefix", _("prefix")), ("name", _("name"))])
    target = models.CharField(_("stands for"), max_length=20)
    usual_us = models.BooleanField(_("the usual American form"), default=False)
    ambiguous = models.BooleanField(_("has several meanings"), default=False)
    note = models.CharField(_("note"), max_length=100, blank=True)

    class Meta(ReferenceRow.Meta):
        triggers = [version_must_rise("pointalias")]
        verbose_name = _("point alias")
        verbose_name_plural = _("point aliases")


class SafetyRule(ReferenceRow):
    """A condition and what it speaks against; columns of contraindications.csv.

    `applies_to` holds modalities or groups of them. A rule of kind `region` holds only where the treated
    region and side are those of the condition; `point_codes` narrow it to these points.
    """

    condition_code = models.CharField(_("condition’s code"), max_length=30)
    condition = models.CharField(_("condition"), max_length=100)
    applies_type = models.CharField(_("applies to a"), max_length=10)
    applies_to = words(_("methods"))
    point_codes = words(_("points"), length=12)
    severity = models.CharField(_("severity"), max_length=10)
    action = models.CharField(_("what happens"), max_length=25)
    rationale = models.CharField(_("why"), max_length=300)
    source = models.CharField(_("source"), max_length=150)
    needs_clinician_review = models.BooleanField(_("waits for a clinician’s sign-off"), default=False)

    class Meta(ReferenceRow.Meta):
        triggers = [version_must_rise("safetyrule")]
        verbose_name = _("safety rule")
        verbose_name_plural = _("safety rules")


class TermKind(models.TextChoices):
    TECHNIQUE = "technique", _("needle technique")
    SENSATION = "sensation", _("sensation")
    MODALITY = "modality", _("method")
    SEGMENT = "segment", _("segment")
    ADJUSTING_TECHNIQUE = "adjusting_technique", _("adjusting technique")
    LISTING = "listing", _("listing")
    NEEDLE_SIZE = "needle_size", _("needle size")


class Term(ReferenceRow):
    """A word of the treatment vocabulary; `data` holds what else the file says of it.

    A modality's `data` has `groups` it belongs to (hvla, needling, moxibustion) and `regions` of the body it
    acts on where its name says so.
    """

    IDENTITY = ("kind", "key")

    kind = models.CharField(_("kind"), max_length=20, choices=TermKind.choices)
    name = models.CharField(_("name"), max_length=80)
    group = models.CharField(_("group"), max_length=30, blank=True)
    position = models.PositiveSmallIntegerField(_("position in lists"), default=0)
    data = models.JSONField(_("details"), default=dict, blank=True)

    class Meta:
        triggers = [version_must_rise("term")]
        verbose_name = _("term")
        verbose_name_plural = _("terms")
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "origin"], name="term_key_is_once_per_origin"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="term_origin_is_known"),
            models.CheckConstraint(condition=Q(kind__in=TermKind.values), name="term_kind_is_known"),
        ]

    def __str__(self):
        return self.name
