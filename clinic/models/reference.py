"""Rows the product ships with, and the clinic's own laid over them.

A shipped row is never edited here: what a clinic changes is a row of its own with the same key. Loading newer
data touches shipped rows only, so nothing the clinic wrote is lost. Whoever refers to such a row keeps its key
as text, never a foreign key.
"""

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from .guards import Versioned, append_only


class Origin(models.TextChoices):
    SHIPPED = "shipped", _("ours")
    CLINIC = "clinic", _("this clinic’s")


class ReferenceQuerySet(models.QuerySet):
    def effective(self):
        """What counts: the clinic's own row where there is one, ours elsewhere, without hidden ones."""
        return self.in_force().filter(hidden=False)

    def in_force(self):
        """Effective rows and those that are hidden: one for each key."""
        same = {name: OuterRef(name) for name in self.model.IDENTITY}
        own = self.model._default_manager.filter(origin=Origin.CLINIC, withdrawn=False, **same).order_by()
        laid_over = Q(origin=Origin.CLINIC, withdrawn=False)
        return self.filter(laid_over | Q(~Exists(own), origin=Origin.SHIPPED))


class ReferenceRow(Versioned):
    """Subclasses write `class Meta(ReferenceRow.Meta)` and add version_must_rise of their own name.

    `shipped_sha256` is the hash of our values: in our row of what it holds, in the clinic's row of what it was
    laid over, so that a later change of ours is noticed. `withdrawn` is a clinic's row out of use: ours counts.
    """

    # What a row is told by, beside its origin.
    IDENTITY = ("key",)

    key = models.CharField(_("key"), max_length=80)
    origin = models.CharField(
        _("whose"), max_length=10, choices=Origin.choices, default=Origin.CLINIC, editable=False
    )
    hidden = models.BooleanField(_("hidden"), default=False, help_text=_("A hidden row is never offered."))
    withdrawn = models.BooleanField(default=False, editable=False)
    shipped_sha256 = models.CharField(max_length=64, blank=True, editable=False)

    objects = ReferenceQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["key", "origin"], name="%(class)s_key_is_once_per_origin"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="%(class)s_origin_is_known"),
        ]

    def __str__(self):
        return self.key


class ReferenceLoad(models.Model):
    """One loading of a data file that wrote something. `stale`: clinic's rows over rows of ours that changed."""

    dataset = models.CharField(_("data"), max_length=60)
    sha256 = models.CharField(max_length=64)
    rows = models.PositiveIntegerField(_("rows"))
    added = models.PositiveIntegerField(_("added"))
    changed = models.PositiveIntegerField(_("changed"))
    gone = models.PositiveIntegerField(_("no longer shipped"))
    stale = models.JSONField(_("the clinic’s rows over changed ones"), default=list)
    loaded_at = models.DateTimeField(_("loaded"))

    class Meta:
        triggers = append_only("referenceload")
        verbose_name = _("loading of reference data")
        verbose_name_plural = _("loadings of reference data")
        indexes = [models.Index(fields=["dataset", "-loaded_at"], name="referenceload_latest")]

    def __str__(self):
        return f"{self.dataset} {self.sha256[:12]}"
