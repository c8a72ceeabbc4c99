"""What the outbox holds, for the owner's page."""

from dataclasses import dataclass

from django.db.models import Count, Q

from clinic.roles import may
from messaging.models import OutboxMessage
from messaging.rules import NOT_AN_ADDRESS, said_of

WAITING = Q(sent_at=None, withdrawn_at=None, dead_at=None)
STATES = {
    "undelivered": Q(dead_at__isnull=False, sent_at=None, withdrawn_at=None),
    "waiting": WAITING,
    "sent": Q(sent_at__isnull=False),
    "withdrawn": Q(withdrawn_at__isnull=False, sent_at=None),
}
PAGE = 100
# Never the body: it can carry a link that opens a door.
COLUMNS = ("id", "kind", "to", "subject", "created_at", "not_before", "sent_at", "attempts", "last_error")


@dataclass(frozen=True)
class OutboxPage:
    state: str
    rows: list[dict]
    counts: dict[str, int]


def messages_visible_to(user):
    """Messages this person may look after: the owner's are all, nobody else has any."""
    return OutboxMessage.objects.all() if may(user, "manage_clinic") else OutboxMessage.objects.none()


def outbox(user, state):
    """The newest 100 messages in that state and how many there are in each; two statements."""
    visible = messages_visible_to(user)
    counts = visible.aggregate(**{name: Count("id", filter=rows) for name, rows in STATES.items()})
    rows = list(visible.filter(STATES[state]).order_by("-created_at", "id").values(*COLUMNS)[:PAGE])
    for row in rows:
        row["why"] = said_of(row["last_error"])
        row["can_be_sent"] = state == "undelivered" and row["last_error"] != NOT_AN_ADDRESS
    return OutboxPage(state=state, rows=rows, counts=counts)


def undelivered_count():
    """How many messages were given up: for the health page and the owner's list."""
    return OutboxMessage.objects.filter(STATES["undelivered"]).count()


def oldest_overdue(now):
    """Since when the longest-waiting message should have left, or None: the age of the outbox."""
    rows = OutboxMessage.objects.filter(WAITING, not_before__lte=now).order_by("not_before")
    return rows.values_list("not_before", flat=True).first()
