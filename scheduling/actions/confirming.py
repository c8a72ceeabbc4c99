"""Confirmed: the patient said that they are coming. Changes no promise."""

from django.urls import reverse
from django.utils.translation import gettext as _

from clinic.refusal import Refused
from clinic.submissions import claim
from scheduling.actions.changing import lock_visit, record_change, snapshot
from scheduling.actions.locking import all_or_nothing
from scheduling.models import Status


@all_or_nothing
def confirm(*, by, pk, version=None, request_key=None, location_shown=None):
    """Note that the patient is coming; returns the Change, which can be undone."""
    claim(request_key, location=location_shown or reverse("scheduling:visit", args=[pk]))
    visit, now = lock_visit(pk, version=version)
    if visit.status != Status.BOOKED:
        raise Refused(
            _(
                "This visit is %(now)s, so there is nothing to confirm. Reload the page to see where it stands."
            )
            % {"now": Status(visit.status).label}
        )
    if visit.confirmed_at is not None:
        raise Refused(_("This visit is confirmed already."))
    before = snapshot(visit)
    visit.confirmed_at = now
    visit.save()
    return record_change(visit, "confirm", by=by, now=now, before=before)
