"""Which visits are covered since another one gave back what it drew on."""

from django.db.models import Exists, OuterRef, Q

from packages.models import AuthorizationEntry, CreditEntry, EntryKind
from scheduling.models import Appointment, VisitPart


def gained_by(change):
    """Days of the patient's other visits that drew on something at the instant of a change. One statement."""
    visit = change.appointment
    drew = Q()
    for model in (CreditEntry, AuthorizationEntry):
        then = model.objects.filter(visitpart=OuterRef("pk"), kind=EntryKind.RESERVED, at=change.at)
        drew |= Q(Exists(then))
    parts = VisitPart.objects.filter(drew, appointment__patient=visit.patient_id)
    others = Appointment.objects.filter(pk__in=parts.exclude(appointment=visit).values("appointment"))
    return list(others.order_by("starts_at", "pk").values_list("wall_date", flat=True))
