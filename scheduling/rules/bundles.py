"""Bundles: changes of several visits of one person, made at once. One mail tells of all, one undo takes all back."""


def marked(before, bundle):
    """What undoing a Change needs, naming the bundle it is part of (a UUID as text; "" for none)."""
    return {**before, "bundle": bundle} if bundle else before


def bundle_of(change):
    return change.before.get("bundle", "")


def about(change):
    """What the mail about a Change is filed under: its own, or that of its bundle."""
    bundle = bundle_of(change)
    return f"bundle:{bundle}" if bundle else f"change:{change.pk}"


def in_turn(moves):
    """Moves of one person's visits in an order in which none is in the way of the one beside it.

    `moves`: [(from, to, what moves)]. Whatever moves later goes last to first, then whatever moves earlier first to
    last. Their order on the calendar is the same before and after.
    """
    later = [one for one in moves if one[1] >= one[0]]
    earlier = [one for one in moves if one[1] < one[0]]
    ordered = sorted(later, key=start, reverse=True) + sorted(earlier, key=start)
    return [what for _from, _to, what in ordered]


def start(move):
    return move[0]
