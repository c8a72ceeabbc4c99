"""What plans are made from: studies, templates and review rules. Ours, with the clinic's own rows laid over them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinic.models import ReferenceRow, version_must_rise


def words(verbose_name, length=40):
    return ArrayField(
        models.CharField(max_length=length), verbose_name=verbose_name, default=list, blank=True
    )


class Study(ReferenceRow):
    """One study (or statement) and what it found. Columns of evidence.json.

    `seed_says` is what each article of the library says about it, by the article; `differences_from_seed` where
    the publication says something else. `like_sham`: for some result it did no better than a sham treatment.
    """

    title = models.CharField(_("title"), max_length=200)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    design = models.CharField(_("design"), max_length=150, blank=True)
    n = models.PositiveIntegerField(_("people"), null=True, blank=True)
    condition = models.CharField(_("condition"), max_length=200, blank=True)
    intervention = models.CharField(_("intervention"), max_length=200, blank=True)
    control = models.CharField(_("compared with"), max_length=200, blank=True)
    outcome = models.TextField(_("outcome"), blank=True)
    caveat = models.TextField(_("caveat"), blank=True)
    like_sham = models.BooleanField(_("some result no better than sham"), default=False)
    seed_articles = words(_("articles"), 80)
    seed_says = models.JSONField(_("what the articles say"), default=dict, blank=True)
    publication = models.CharField(_("publication"), max_length=300, blank=True)
    differences_from_seed = words(_("where the publication differs"), 300)
    verification = models.CharField(_("how it was checked"), max_length=40, blank=True)
    figures = models.JSONField(_("single results"), default=list, blank=True)

    class Meta(ReferenceRow.Meta):
        triggers = [version_must_rise("study")]
        verbose_name = _("study")
        verbose_name_plural = _("studies")

    def __str__(self):
        return self.title


class PlanTemplate(ReferenceRow):
    """A course as it is proposed. Columns of plan_templates.json.

    `visits` is [{"visit": n, "day": days from the first treatment, "week": n}]; `maintenance` the same with its
    own limits, or null. `dose_source` are the studies its dose comes from (none: a clinic default);
    `background` studies that did not test this dose, never shown as its source.
    """

    name = models.CharField(_("name"), max_length=150)
    region = models.CharField(_("region"), max_length=20, default="any")
    visits_planned = models.PositiveSmallIntegerField(_("visits"))
    visits_min = models.PositiveSmallIntegerField(_("visits at least"))
    visits_max = models.PositiveSmallIntegerField(_("visits at most"))
    duration_weeks = models.PositiveSmallIntegerField(_("weeks"))
    minutes_per_visit = models.PositiveSmallIntegerField(_("minutes a visit"))
    visits = models.JSONField(_("visits by day"), default=list)
    maintenance = models.JSONField(_("maintenance"), null=True, blank=True)
    modality_sequence = words(_("order within a visit"), 60)
    point_suggestions = models.JSONField(_("suggested points"), default=dict, blank=True)
    outcome_schedule = models.JSONField(_("when scores are asked for"), default=list, blank=True)
    measures = words(_("measures"))
    dose_source = words(_("the dose comes from"))
    background = words(_("background"))
    dose_note = models.TextField(_("about the dose"), blank=True)
    note = models.TextField(_("note"), blank=True)
    seed_articles = words(_("articles"), 80)
    payer = models.CharField(_("payer"), max_length=40, blank=True)
    usable_by = models.TextField(_("who may use it"), blank=True)
    who_may_furnish = models.JSONField(_("who may furnish it"), default=list, blank=True)
    covered_only = models.TextField(_("covered only"), blank=True)

    class Meta(ReferenceRow.Meta):
        triggers = [version_must_rise("plantemplate")]
        verbose_name = _("plan template")
        verbose_name_plural = _("plan templates")
        constraints = [
            *ReferenceRow.Meta.constraints,
            models.CheckConstraint(
                condition=Q(visits_min__gte=1)
                & Q(visits_min__lte=F("visits_planned"))
                & Q(visits_planned__lte=F("visits_max")),
                name="plantemplate_visits_are_between_least_and_most",
            ),
        ]

    def __str__(self):
        return self.name


class RuleKind(models.TextChoices):
    REVIEW = "review", _("review")
    STOP = "stop", _("stop or refer")
    LIMIT = "limit", _("payer’s limit")
    STATED = "stated", _("said, not counted")


class ReviewRule(ReferenceRow):
    """When a plan is looked at again, and what a payer allows. `template` and `payer` empty: for every plan.

    review: due at `at_visit` or `at_day`, whichever comes first. stop: at `at_visit` without `percent` better in any
    of `measures`. limit: `visits` within `within_days`, `needs_improvement` before one more than the limit before it.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=RuleKind.choices)
    text = models.CharField(_("rule"), max_length=300)
    template = models.CharField(_("plan template"), max_length=80, blank=True)
    payer = models.CharField(_("payer"), max_length=40, blank=True)
    at_visit = models.PositiveSmallIntegerField(_("at visit"), null=True, blank=True)
    at_day = models.PositiveSmallIntegerField(_("at day"), null=True, blank=True)
    percent = models.PositiveSmallIntegerField(_("percent better"), null=True, blank=True)
    measures = words(_("measures"))
    visits = models.PositiveSmallIntegerField(_("visits"), null=True, blank=True)
    within_days = models.PositiveSmallIntegerField(_("within days"), null=True, blank=True)
    needs_improvement = models.BooleanField(_("only with improvement"), default=False)
    source = models.CharField(_("source"), max_length=60, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta(ReferenceRow.Meta):
        triggers = [version_must_rise("reviewrule")]
        verbose_name = _("review rule")
        verbose_name_plural = _("review rules")
        constraints = [
            *ReferenceRow.Meta.constraints,
            models.CheckConstraint(condition=Q(kind__in=RuleKind.values), name="reviewrule_kind_is_known"),
            models.CheckConstraint(
                condition=~Q(kind=RuleKind.LIMIT) | Q(visits__isnull=False, within_days__isnull=False),
                name="reviewrule_limit_has_its_figures",
            ),
        ]

    def __str__(self):
        return self.text
