"""The demo's clinic has read the texts that patients see: its own rows lie over ours, word for word."""

from clinic.models import Origin
from messaging.models import Text

GROUPS = ["aftercare", "education", "studies"]


def release_texts():
    rows = list(Text.objects.filter(origin=Origin.SHIPPED, group__in=GROUPS, needs_review=True))
    for row in rows:
        row.pk, row.origin, row.needs_review = None, Origin.CLINIC, False
    Text.objects.bulk_create(rows)
