"""Measures as the file defines them; the clinic may hide one, or lay its own wording over it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from clinic.models import ReferenceRow, version_must_rise


class Measure(ReferenceRow):
    """`definition` is the file's entry: items, scoring, bands, smallest change that matters, alerts."""

    name = models.CharField(_("name"), max_length=120)
    domain = models.CharField(_("what it measures"), max_length=120)
    position = models.PositiveSmallIntegerField(_("place in lists"))
    definition = models.JSONField(_("definition"))

    class Meta(ReferenceRow.Meta):
        triggers = [version_must_rise("measure")]
        verbose_name = _("measure")
        verbose_name_plural = _("measures")

    def __str__(self):
        return self.name
