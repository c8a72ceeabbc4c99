"""Who pays for a patient's care: written down, changed, verified."""

from django.db import transaction

from clinic import audit
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from packages.models import Coverage
from packages.rules.coverages import VERIFIED, reasons_not_to_save_coverage
from patients.actions.records import refuse_merged


@transaction.atomic
def save_coverage(*, by, patient, pk, version, values, today, now, request_key=None, shown=""):
    """`version` None: a new one. What a verification vouched for, changed, has to be verified again."""
    claim(request_key, location=shown)
    refuse_merged(patient)
    checked = ("kind", "insurer", "injured_on", "starts_on", "ends_on")
    reasons = reasons_not_to_save_coverage(today=today, **{name: values[name] for name in checked})
    if reasons:
        raise Refused(reasons)
    if version is None:
        row = Coverage(patient=patient, created_at=now, created_by=by)
    else:
        row = lock_version(Coverage.objects.all(), pk, version)
    changed = sorted(name for name, value in values.items() if getattr(row, name) != value)
    for name, value in values.items():
        setattr(row, name, value)
    if set(changed) & set(VERIFIED):
        row.verified_at = row.verified_by = None
    row.save()
    audit.record(by=by, verb="save coverage", about=row, patient=patient, fields=changed)
    return row


@transaction.atomic
def verify(*, by, coverage, version, now, request_key=None, shown=""):
    """Somebody asked the insurer today, and it holds."""
    claim(request_key, location=shown)
    row = lock_version(Coverage.objects.all(), coverage.pk, version)
    row.verified_at, row.verified_by = now, by
    row.save(update_fields=["verified_at", "verified_by"])
    audit.record(by=by, verb="verify coverage", about=row, patient=row.patient_id)
    return row
