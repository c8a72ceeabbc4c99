"""The link of an invitation, as its newest mail says it."""

import re

from messaging.models import OutboxMessage

LINK = re.compile(r"http://127\.0\.0\.1:8000(/my/join/([\w-]+)/)\n")


def link_of(invitation):
    mails = OutboxMessage.objects.filter(about=invitation.cause, withdrawn_at=None)
    return LINK.search(mails.latest("created_at", "id").body)[1]
