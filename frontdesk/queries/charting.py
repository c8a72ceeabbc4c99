"""What notes have left open, for the board: how many, never what they say."""

from clinic.roles import may
from treatment.queries.counts import needles_unaccounted
from treatment.queries.notes import handovers_to, unsigned_notes


def left_open(user, location):
    """[(kind, how many, urgent)]. One statement; three for those who read charts."""
    found = [("needles_missing", len(needles_unaccounted(location)), True)]
    if may(user, "read_chart"):
        found.append(("handovers", len(handovers_to(user)), False))
        found.append(("unsigned", len(unsigned_notes(user)), False))
    return found
