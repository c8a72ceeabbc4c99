"""What notes have left open, for the board: how many, never what they say."""

from clinic.roles import may
from clinic.walltime import day_span, local
from frontdesk.queries.todos import counts
from treatment.queries.counts import needles_unaccounted
from treatment.queries.notes import handovers_to, unsigned_notes


def left_open(user, location, now):
    """[(kind, how many, urgent)]. Three statements; five for those who treat."""
    todos, again = counts(user, day_span(local(now, location.tz).date(), location.tz).end)
    found = [
        ("needles_missing", len(needles_unaccounted(location)), True),
        ("todos", todos, False),
        ("look_again", again, False),
    ]
    if may(user, "treat"):
        found.append(("handovers", len(handovers_to(user)), False))
        found.append(("unsigned", len(unsigned_notes(user)), False))
    return found
