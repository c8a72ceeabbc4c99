"""What is written to the owner about licenses. Queued in the transaction that notes the notice."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from messaging.actions import queue


def license_ends(*, owner, ending, now):
    """`ending` is a queries.LicenseEnding."""
    with translation.override(owner.profile.language):
        words = {
            "name": ending.practitioner,
            "kind": ending.kind,
            "number": ending.number,
            "state": ending.state,
            "when": date_format(ending.expires_on, "F j, Y"),
            "days": ending.days_left,
            "link": settings.PUBLIC_URL.rstrip("/")
            + reverse("practitioners:detail", args=[ending.practitioner_id]),
        }
        subject, body = ended(words) if ending.days_left <= 0 else ending_soon(words)
    return queue(
        kind="license_ends",
        about=f"license:{ending.license_id}",
        to=owner.email,
        language=owner.profile.language,
        subject=subject,
        body=body,
        now=now,
    )


def ending_soon(words):
    subject = _("License of %(name)s ends in %(days)s days") % words
    body = _(
        "The license “%(kind)s” (%(number)s, %(state)s) of %(name)s ends on %(when)s.\n"
        "From that day on nobody is offered or booked with %(name)s for what it covers.\n\n"
        "When it is renewed, enter the new date and mark that you checked it:\n%(link)s\n"
    )
    return subject, body % words


def ended(words):
    subject = _("License of %(name)s has ended") % words
    body = _(
        "The license “%(kind)s” (%(number)s, %(state)s) of %(name)s ended on %(when)s.\n"
        "Nobody is offered or booked with %(name)s for what it covers. Visits booked earlier are still there.\n\n"
        "If it is renewed, enter the new date and mark that you checked it:\n%(link)s\n"
    )
    return subject, body % words
