"""What the frame writes to people. Rows are queued by `messaging`, named by string: the frame imports no app."""

from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

QUEUE, WITHDRAW = "messaging.actions.queue", "messaging.actions.withdraw"


def send_invitation(invitation, link, *, clinic_name, now):
    """Queue the mail with the one link that opens this invitation."""
    subject = _("Your account at %(clinic)s") % {"clinic": clinic_name}
    text = _(
        "Hello %(name)s,\n\n"
        "%(clinic)s invites you to its calendar. Open this link within 7 days to choose your password:\n\n"
        "%(link)s\n\n"
        "The link works once and is meant for you alone. If you did not expect it, ignore this mail.\n"
    )
    body = text % {"name": invitation.name, "clinic": clinic_name, "link": link}
    import_string(QUEUE)(
        kind="invitation",
        to=invitation.email,
        subject=subject,
        body=body,
        about=invitation.cause,
        not_before=now,
    )


def withdraw_invitation(invitation, *, now):
    """Take back a mail that has not left yet."""
    import_string(WITHDRAW)(about=invitation.cause, now=now)


def send_account_mail(*, to, subject, body):
    """Queue what the sign-in library writes, such as the link to a new password."""
    import_string(QUEUE)(kind="account", to=to, subject=subject, body=body)
