"""What lists across patients let somebody read, written down for each patient."""

from django.utils import timezone

from clinic.audit import name_of
from clinic.models import AuditEvent

READ = "read in a list"


def note_listed(*, by, rows):
    """One event for each patient whose words these rows showed; one statement, none for no rows."""
    now, patients = timezone.now(), {row.patient_id: row.patient for row in rows}
    AuditEvent.objects.bulk_create(
        AuditEvent(at=now, by=by, verb=READ, object=name_of(patient), patient=pk)
        for pk, patient in patients.items()
    )
