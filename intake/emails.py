"""What we write about forms: that there are some, never which or why."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from clinic.models import Clinic
from messaging.actions import queue, withdraw

KIND = "forms"  # its text is forgotten once it is sent: it carries the link


def cause(link):
    """How the outbox names what these mails are about."""
    return f"forms:{link.pk}"


def send_link(link, address, *, called, language, count, now):
    """Queue the mail with the one address that opens these forms."""
    clinic = Clinic.objects.get()
    with override(language):
        subject = _("Forms for your visit at %(clinic)s") % {"clinic": clinic.name}
        asked = ngettext(
            "Please fill in %(count)d form before your visit:",
            "Please fill in %(count)d forms before your visit:",
            count,
        )
        text = _(
            "Hello %(name)s,\n\n"
            "%(asked)s\n\n"
            "%(address)s\n\n"
            "It works on a phone, without an account, for 14 days. You can stop at any time and go on later.\n"
            "The link is meant for you alone. If you did not expect it, ignore this mail.\n\n"
            "%(clinic)s\n"
        )
        values = {
            "name": called,
            "asked": asked % {"count": count},
            "address": address,
            "clinic": clinic.name,
        }
        body = text % values
    queue(
        kind=KIND,
        to=link.sent_to,
        subject=subject,
        body=body,
        about=cause(link),
        language=language,
        not_before=now,
        now=now,
    )


def take_back(link, *, now):
    """A mail that has not left yet stays here."""
    withdraw(about=cause(link), now=now)


def announce_of_age(*, to, called, language, about, on, now):
    """A week ahead: a child's forms are asked anew when they come of age."""
    clinic = Clinic.objects.get()
    with override(language):
        subject = _("A birthday that changes something at %(clinic)s") % {"clinic": clinic.name}
        text = _(
            "Hello %(name)s,\n\n"
            "From %(day)s on, at 18, patients decide for themselves. Parents and guardians can then no longer\n"
            "book, see or sign for them here, and we ask for some signatures anew at the next visit.\n\n"
            "There is nothing to do before that day.\n\n"
            "%(clinic)s\n"
        )
        day = f"{on:%B} {on.day}, {on.year}"
        body = text % {"name": called, "day": day, "clinic": clinic.name}
    queue(kind="of_age", to=to, subject=subject, body=body, about=about, language=language, now=now)
