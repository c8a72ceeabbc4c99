"""The clinic's cancellation policy: every change is a new row, so that what somebody accepted stays known."""

from django.db import transaction

from clinic import audit
from clinic.submissions import claim
from packages.models import Policy


@transaction.atomic
def set_policy(
    *, by, late_hours, late_takes_visit, no_show_takes_visit, text, now, request_key=None, shown=""
):
    claim(request_key, location=shown)
    row = Policy.objects.create(
        late_hours=late_hours,
        late_takes_visit=late_takes_visit,
        no_show_takes_visit=no_show_takes_visit,
        text=text.strip(),
        at=now,
        by=by,
    )
    audit.record(by=by, verb="set cancellation policy", about=row)
    return row
