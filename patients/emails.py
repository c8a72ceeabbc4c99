"""What we write to patients and the people around them about signing in, and to owners about charts opened.

Never whose visits or chart, or why.
"""

from django.conf import settings
from django.urls import reverse
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


def chart_opened(*, owner, opened_by, event, now):
    """Queue the mail that tells an owner: who and when, never whose chart or why."""
    with override(owner.profile.language):
        link = settings.PUBLIC_URL.rstrip("/") + reverse("patients:opened")
        words = {"name": opened_by.name, "link": link}
        queue(
            kind="chart_opened",
            to=owner.email,
            subject=_("A chart was opened with a reason"),
            body=_(
                "%(name)s opened a chart that is not open to them, and gave a reason. It closes again after an "
                "hour.\n\nWhose chart it is and the reason stand here:\n%(link)s\n"
            )
            % words,
            about=f"{event._meta.label_lower}:{event.pk}",
            language=owner.profile.language,
            now=now,
        )
