"""Series: booked, moved and cancelled all or none."""

import uuid
from dataclasses import replace

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit, walltime
from clinic.models import Room
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.timespan import TimeSpan
from practitioners.models import Practitioner
from scheduling.actions.booking import Wanted, book_now
from scheduling.actions.changing import lock_together
from scheduling.actions.ending import end
from scheduling.actions.locking import TooBusy, all_or_nothing
from scheduling.actions.moving import move_now
from scheduling.models import Series, Status
from scheduling.queries.visits import agreed_layout, groups_of

LONGEST_MINUTES = 12 * 60  # the check on every visit


def as_planned(rows, *, patient, service, location, beyond_reason=""):
    """[Wanted] of the rows of a plan (queries.series), with the people and rooms that were found free."""
    return [
        Wanted(
            patient,
            service,
            location,
            row.starts_at,
            practitioners=row.offer.practitioners,
            rooms=row.offer.rooms,
            beyond_reason=beyond_reason,
        )
        for row in rows
    ]


@all_or_nothing
def book_series(*, by, wanted, weekdays, wall_time, request_key=None):
    """Book every Wanted as one series, or none. Raises Refused for the first that is not free any more."""
    pk = uuid.uuid4()
    claim(request_key, location=reverse("scheduling:series", args=[pk]))
    series = Series.objects.create(
        id=pk,
        patient=wanted[0].patient,
        weekdays=sorted(weekdays),
        wall_time=wall_time,
        created_at=timezone.now(),
        created_by=by,
    )
    ids = [uuid.uuid4() for _one in wanted]
    book_now(by=by, wanted=wanted, ids=ids, request_key=None, held=False, series=series, shown="")
    audit.record(by=by, verb="book series", about=series, patient=series.patient_id, visits=len(wanted))
    return series


@all_or_nothing
def move_series(*, by, series, visits, wall_time, practitioner=None, request_key=None):
    """Move visits of a series to another wall time on their days, all or none. Each can be undone on its own."""
    claim(request_key, location=reverse("scheduling:series", args=[series.pk]))
    targets = {one.pk: walltime.instant(one.wall_date, wall_time, one.location.tz) for one in visits}
    lock_together(
        targets,
        spans=[TimeSpan.of(start, minutes=LONGEST_MINUTES) for start in targets.values()],
        practitioners=Practitioner.objects.filter(active=True).values_list("pk", flat=True),
        rooms=Room.objects.filter(location=visits[0].location_id, active=True).values_list("pk", flat=True),
    )
    for one in visits:
        wanted = wanted_of(one, targets[one.pk], practitioner)
        try:
            move_now(by=by, pk=one.pk, wanted=wanted, version=one.version, request_key=None, shown="")
        except TooBusy:
            raise
        except Refused as refusal:
            day = walltime.local(targets[one.pk], one.location.tz).date()
            reasons = [
                _("%(day)s: %(reason)s") % {"day": day.isoformat(), "reason": reason}
                for reason in refusal.reasons
            ]
            raise Refused(reasons, conflict=refusal.conflict) from refusal
    audit.record(by=by, verb="move series", about=series, patient=series.patient_id, visits=len(visits))


def wanted_of(visit, starts_at, practitioner):
    """The same people unless another one is named, who then takes every group they can."""
    people, rooms = groups_of(*agreed_layout(visit.pk))
    base = Wanted(visit.patient, visit.service, visit.location, starts_at, walk_in=True)
    if practitioner is None:
        return replace(base, practitioners=people, rooms=rooms)
    return replace(base, practitioners=(practitioner, *people[1:]), rooms=rooms)


@all_or_nothing
def cancel_series(*, by, series, visits, reason, request_key=None):
    """Cancel visits of a series, all or none. Each can be undone on its own while its place is free."""
    claim(request_key, location=reverse("scheduling:series", args=[series.pk]))
    lock_together([one.pk for one in visits])
    for one in visits:
        end(
            Status.CANCELLED,
            "cancel",
            by=by,
            pk=one.pk,
            reason=reason,
            version=one.version,
            key=None,
            shown=None,
            last=one is visits[-1],
        )
    audit.record(by=by, verb="cancel series", about=series, patient=series.patient_id, visits=len(visits))
