"""Opening a chart with a reason, and closing one to all but those who treat the patient."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import audit
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from messaging.actions import open_task
from patients import emails
from patients.actions.records import refuse_merged
from patients.models import CareTeam, Patient, Restriction, Why
from patients.queries import charts, ids_of
from practitioners.queries import owners

OPEN_FOR = timedelta(minutes=60)


@transaction.atomic
def open_with_reason(*, by, request_key, pk, reason, now):
    """This person reads the chart for 60 minutes; why is kept with their name, and the owners are told.

    A chart that is open to them anyway is left as it is: nothing is noted and nobody told.
    """
    claim(request_key, location=reverse("patients:chart", args=[pk]))
    # Two reasons at once of one person would be two rows and two mails: the second waits and finds it open.
    patient = Patient.objects.visible_to(by).select_for_update(of=("self",), no_key=True).get(pk=pk)
    if not reason.strip():
        raise Refused(_("Say why you open this chart: your reason is kept with your name."))
    if Patient.objects.charts_read_by(by, now).filter(pk=pk).exists():
        return None
    opened = CareTeam.objects.create(
        patient=patient, user=by, why=Why.REASON, since=now, until=now + OPEN_FOR
    )
    event = audit.record(
        by=by, verb=charts.OPENED, at=now, about=patient, patient=patient, reason=reason.strip()[:300]
    )
    title = _("%(name)s opened a chart with a reason") % {"name": by.name}
    open_task(
        kind="chart_opened",
        title=title,
        about=audit.name_of(event),
        patient=patient,
        for_role="owner",
        now=now,
    )
    for owner in owners(now):
        emails.chart_opened(owner=owner, opened_by=by, event=event, now=now)
    return opened


@transaction.atomic
def restrict(*, by, request_key, pk, because, now):
    """From now on the chart is open to those who treat the patient alone, and to others with a reason.

    The records merged into this one are part of the same chart.
    """
    claim(request_key, location=reverse("patients:chart", args=[pk]))
    patient = Patient.objects.visible_to(by).select_for_update(of=("self",), no_key=True).get(pk=pk)
    refuse_merged(patient)
    if charts.restriction_of(patient):
        raise Refused(_("This chart is restricted already. Reload the page."))
    rows = [Restriction(patient_id=one, because=because, since=now, by=by) for one in ids_of(patient)]
    made = Restriction.objects.bulk_create(rows, ignore_conflicts=True)[0]
    audit.record(by=by, verb="restrict chart", about=made, patient=patient, because=because)
    return made


@transaction.atomic
def lift_restriction(*, by, request_key, pk, version, now):
    """The chart is open again as the clinic has set it. The row stays and says until when it held."""
    claim(request_key, location=reverse("patients:chart", args=[pk]))
    patient = Patient.objects.visible_to(by).get(pk=pk)
    standing = Restriction.objects.filter(patient__in=ids_of(patient), lifted_at=None)
    named = charts.restriction_of(patient)
    if named is None:
        raise Refused(_("This chart is not restricted any more. Reload the page."))
    row = lock_version(standing, named.pk, version)
    for one in [row, *standing.exclude(pk=row.pk)]:
        one.lifted_at, one.lifted_by = now, by
        one.save()
    audit.record(by=by, verb="lift restriction", about=row, patient=patient)
    return row
