"""The one thing patients change on their plan: that they did something at home today, or did not after all."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from clinic import audit
from clinic.refusal import Refused
from clinic.submissions import claim
from plans.models import HomeActivity, HomeTick
from plans.models.plans import RUNNING
from portal.queries.home import in_force
from portal.rules.home import reasons_not_to_tick


@transaction.atomic
def tick(*, by, activity, on, done, today, now=None, request_key=None, location=""):
    """Say that an activity was done on a day, or take that back. Ticked twice is ticked once."""
    claim(request_key, location=location)
    row = HomeActivity.objects.select_for_update(of=("self",)).select_related("plan").get(pk=activity)
    runs = row.plan.status in RUNNING and in_force(row.plan, today).filter(pk=row.pk).exists()
    reasons = reasons_not_to_tick(on=on, today=today, runs=runs)
    if reasons:
        raise Refused(reasons, conflict=True)
    last = HomeTick.objects.filter(activity=row, on=on).order_by("-at", "-pk").first()
    if (last is not None and last.done) == done:
        return last
    at = now or timezone.now()
    if last is not None:
        at = max(at, last.at + timedelta(microseconds=1))  # the later row counts, whatever the clock says
    made = HomeTick.objects.create(activity=row, on=on, done=done, at=at, by=by)
    audit.record(
        by=by,
        verb="tick activity at home",
        about=made,
        patient=row.plan.patient_id,
        on=on.isoformat(),
        done=done,
    )
    return made
