from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinic.models import ReferenceRow, version_must_rise


class Package(ReferenceRow):
    """What the clinic sells: so many visits per kind of care, a price, a validity. Columns of plan_templates.json.

    Ours have no price: a clinic that sells one lays a row of its own over it, with its price. `contents` is
    [{"kind": key of a kind of care, "visits": n}]; `plan_template` the key of the template it is proposed with.
    """

    name = models.CharField(_("name"), max_length=150)
    region = models.CharField(_("region"), max_length=20, default="any")
    plan_template = models.CharField(_("plan template"), max_length=80, blank=True)
    contents = models.JSONField(_("visits"), default=list)
    price = models.DecimalField(
        _("price"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    valid_days = models.PositiveSmallIntegerField(_("valid for (days)"))
    evidence_keys = ArrayField(
        models.CharField(max_length=40), verbose_name=_("studies shown"), default=list, blank=True
    )
    consents = ArrayField(
        models.CharField(max_length=40), verbose_name=_("consents"), default=list, blank=True
    )
    first_visits = models.TextField(_("first visits"), blank=True)
    order_rule = models.CharField(_("order of the parts"), max_length=200, blank=True)
    rest_rule = models.CharField(_("rest between them"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta(ReferenceRow.Meta):
        triggers = [version_must_rise("package")]
        verbose_name = _("package")
        verbose_name_plural = _("packages")
        constraints = [
            *ReferenceRow.Meta.constraints,
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0), name="package_price_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(valid_days__gte=1), name="package_is_valid_for_a_day_at_least"
            ),
        ]

    def __str__(self):
        return self.name
