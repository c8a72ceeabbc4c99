"""Whether a change of locations, hours and closures may happen, and if not, why."""

from collections import Counter
from datetime import time, timedelta
from itertools import pairwise

from django.utils.translation import gettext as _

from clinic.models import WEEKDAYS

MIDNIGHT = time(0)
GRID_MINUTES = 5
MOST_OPENINGS = 2  # A day, as the page has room for: before and after a long break.
LONGEST_CLOSURE = timedelta(days=366)


def reasons_not_to_save_hours(hours):
    """`hours`: [(weekday, opens, closes)] in local wall time; closing at 00:00 means the end of the day."""
    names = dict(WEEKDAYS)
    reasons = []
    for weekday, opens, closes in hours:
        if closes != MIDNIGHT and closes <= opens:
            reasons.append(
                _("%(day)s closes before it opens. Change one of the two times.") % {"day": names[weekday]}
            )
        elif not (_on_grid(opens) and _on_grid(closes)):
            reasons.append(_("%(day)s: use times on the full five minutes.") % {"day": names[weekday]})
    counts = Counter(weekday for weekday, _opens, _closes in hours)
    for weekday in sorted(day for day, count in counts.items() if count > MOST_OPENINGS):
        reasons.append(
            _("%(day)s opens more than twice. Join two of its openings.") % {"day": names[weekday]}
        )
    return reasons or _overlapping(hours, names)


def _on_grid(at):
    return at.minute % GRID_MINUTES == 0 and at.second == 0 and at.microsecond == 0


def _overlapping(hours, names):
    rows = sorted(hours)
    clashing = [
        first[0]
        for first, second in pairwise(rows)
        if first[0] == second[0] and (first[2] == MIDNIGHT or second[1] < first[2])
    ]
    return [
        _("%(day)s has two openings at the same time. Make them one, or leave a gap.")
        % {"day": names[weekday]}
        for weekday in sorted(set(clashing))
    ]


def reasons_not_to_close(starts_at, ends_at):
    """A closure is never refused because of visits; only one that cannot be is."""
    if ends_at <= starts_at:
        return [_("The closure ends before it starts. Change one of the two.")]
    if ends_at - starts_at > LONGEST_CLOSURE:
        return [_("A closure lasts at most a year. For longer, make the location inactive.")]
    return []


def reasons_not_to_save_location(*, active, others_active):
    """`others_active`: how many other locations are active."""
    if not active and not others_active:
        return [_("This is the only active location, and the clinic needs one. Activate another first.")]
    return []


def reasons_not_to_use_name(name, *, taken):
    """`taken`: the other names of the list this one goes into."""
    if name.casefold() in {other.casefold() for other in taken}:
        return [_("“%(name)s” is taken. Choose another name.") % {"name": name}]
    return []
