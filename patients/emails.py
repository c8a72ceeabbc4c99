"""What we write to patients and the people around them about signing in. Never whose visits, or why."""

from django.utils.translation import gettext as _
from django.utils.translation import override

from messaging.actions import queue


def send_invitation(invitation, link, *, clinic_name, language, now):
    """Queue the mail with the one link that opens this invitation."""
    with override(language):
        words = {"name": invitation.name, "clinic": clinic_name, "link": link}
        queue(
            kind="invitation",
            to=invitation.email,
            subject=_("Your account at %(clinic)s") % words,
            body=(_for_a_relative() if invitation.related else _for_a_patient()) % words,
            about=invitation.cause,
            language=language,
            not_before=now,
            now=now,
        )


def _for_a_patient():
    return _(
        "Hello %(name)s,\n\n"
        "%(clinic)s invites you to see your visits online. Open this link within 7 days to begin:\n\n"
        "%(link)s\n\n"
        "The link works once and is meant for you alone. If you did not expect it, ignore this mail.\n"
    )


def _for_a_relative():
    return _(
        "Hello %(name)s,\n\n"
        "%(clinic)s invites you to look after somebody’s visits online. Open this link within 7 days to begin:"
        "\n\n"
        "%(link)s\n\n"
        "The link works once and is meant for you alone. If you did not expect it, ignore this mail.\n"
    )
