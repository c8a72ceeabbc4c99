"""What the clinic’s notes ask for."""

from django.db import transaction

from clinic import audit
from clinic.pages import lock_version
from clinic.submissions import claim
from treatment.models import ChartSettings


@transaction.atomic
def save_chart_settings(*, by, version, tongue_and_pulse, request_key=None, location_shown=None):
    """`version` None: nothing was ever set, and the row is made."""
    claim(request_key, location=location_shown)
    if version is None:
        ChartSettings.objects.bulk_create([ChartSettings()], ignore_conflicts=True)
        version = ChartSettings.objects.values_list("version", flat=True).get()
    row = lock_version(ChartSettings.objects.all(), 1, version)
    row.tongue_and_pulse = tongue_and_pulse
    row.save()
    audit.record(by=by, verb="save chart settings", about=row, tongue_and_pulse=tongue_and_pulse)
    return row
