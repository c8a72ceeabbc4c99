"""The audit log: one event per action, in the action's own transaction."""

from django.utils import timezone

from clinic.models import AuditEvent


def name_of(row):
    """How an event names what it is about: "scheduling.appointment:1b9d…"."""
    return f"{row._meta.label_lower}:{row.pk}"


def record(*, by, verb, about, patient=None, at=None, **detail):
    """Write one event, of now. `about` is a row or its name; `patient` a patient or its id; `detail` must be JSON."""
    return AuditEvent.objects.create(
        at=at or timezone.now(),
        by=by,
        verb=verb,
        object=about if isinstance(about, str) else name_of(about),
        patient=getattr(patient, "pk", patient),
        detail=detail,
    )
