"""What purchases and authorizations are counted by: append-only rows whose sum is the balance."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EntryKind(models.TextChoices):
    GRANTED = "granted", _("granted")
    RESERVED = "reserved", _("reserved")
    RELEASED = "released", _("given back")
    CONSUMED = "consumed", _("used")
    EXPIRED = "expired", _("expired")
    REFUNDED = "refunded", _("refunded")


GIVES = [EntryKind.GRANTED, EntryKind.RELEASED]
# Kinds that are about one part of a visit.
OF_A_PART = [EntryKind.RESERVED, EntryKind.CONSUMED]


class Entry(models.Model):
    """Visits of one kind of care that came or went: the balance is the sum of `quantity`, never a column.

    granted +n, reserved -1, consumed -1, expired -n, refunded -n; released is the opposite of the row it
    `reverses`, which it takes back whole, once. A part that is checked out gives its reserved visit back and uses
    it up in one statement (released +1, consumed -1), so that what stands reserved is the reserved rows that
    nothing reverses. `visitpart` is the id of a scheduling.VisitPart: that app lies above, so the foreign key is
    made by its migration.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind_of_care = models.ForeignKey("services.KindOfCare", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("what"), max_length=10, choices=EntryKind.choices)
    quantity = models.SmallIntegerField(_("visits"))
    visitpart = models.UUIDField(null=True, db_column="visitpart_id", db_index=True)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("why"), max_length=200, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="%(class)s_kind_is_known"),
            models.CheckConstraint(
                condition=Q(kind__in=GIVES, quantity__gt=0) | (~Q(kind__in=GIVES) & Q(quantity__lt=0)),
                name="%(class)s_sign_goes_with_its_kind",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=OF_A_PART) | Q(visitpart__isnull=False, quantity=-1),
                name="%(class)s_of_a_part_is_one_visit",
            ),
            models.CheckConstraint(
                condition=Q(kind=EntryKind.RELEASED, reverses__isnull=False)
                | (~Q(kind=EntryKind.RELEASED) & Q(reverses__isnull=True)),
                name="%(class)s_released_takes_back_one_row",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.quantity:+d}"
