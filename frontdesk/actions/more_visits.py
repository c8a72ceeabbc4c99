"""The letter that asks an insurer for more visits, made from the record; intake makes and keeps the PDF."""

from django.db import transaction
from django.utils.translation import gettext as _

from frontdesk.queries.more_visits import sections_of
from intake.actions import letters
from packages.actions.authorizations import keep_letter

MORE_VISITS = "more_visits"


@transaction.atomic
def write_letter(*, by, asked, to, words, place, now, today, request_key=None, location=""):
    """`asked` is the packages.models.MoreVisits; `words` are what the writer adds. The letter can be written again."""
    made = letters.write(
        by=by,
        patient=asked.patient,
        kind=MORE_VISITS,
        to=to,
        title=_("Request for more visits"),
        sections=sections_of(asked, words, zone=place.tz if place else None, today=today),
        place=place,
        now=now,
        today=today,
        request_key=request_key,
        location=location,
    )
    keep_letter(request=asked, letter=made.pk)
    return made
