"""What the outbox holds, for the owner's page."""

from dataclasses import dataclass

from django.db.models import Count, F, Q

from clinic.models import STAFF_ROLES
from clinic.roles import may
from messaging.models import OutboxMessage, StaffTask, Text
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


def text(key):
    """The clinic's words for this key, or ours. Hidden ones too: hidden only keeps a text out of lists."""
    return Text.objects.in_force().get(key=key)


def texts(group):
    """What is offered of a group, in order of the keys."""
    return list(Text.objects.effective().filter(group=group).order_by("key"))


def tasks_visible_to(user):
    """To-dos of this person, of their roles, and of all staff."""
    if not user.roles & STAFF_ROLES:
        return StaffTask.objects.none()
    return StaffTask.objects.filter(Q(for_user=user) | Q(for_user=None, for_role__in=["", *user.roles]))


def open_tasks(user):
    """What this person has to do, due ones first; one statement."""
    rows = tasks_visible_to(user).filter(closed_at=None)
    return list(rows.order_by(F("due_at").asc(nulls_last=True), "opened_at", "id"))
