"""The phases a plan is made of, from its template: how many visits, on which day, how far apart."""

from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

from plans.models import PhaseKind

# Room around the days of the template, in days: clinic default.
EARLIER, LATER = 1, 3
LONGEST = 60


class PhaseDraft(NamedTuple):
    """One phase to be made. `offsets` has one day for each visit, from the first treatment."""

    kind: str
    visits: int
    offsets: tuple
    min_days: int
    max_days: int


def gaps(offsets):
    return [later - earlier for earlier, later in pairwise(offsets)]


def spacing(offsets):
    """(least, most) days between two visits around the days of the template."""
    between = gaps(offsets)
    if not between:
        return 1, 14
    least = max(1, min(between) - EARLIER)
    return least, max(least, max(between) + LATER)


def phases_of(template):
    """The template's treatment, and its maintenance where it has one, as drafts."""
    drafts = [draft(PhaseKind.ACTIVE, days_of(template.visits))]
    if template.maintenance:
        drafts.append(draft(PhaseKind.MAINTENANCE, days_of(template.maintenance["visits"])))
    return drafts


def days_of(visits):
    return tuple(visit["day"] for visit in visits)


def draft(kind, offsets):
    return PhaseDraft(kind, len(offsets), tuple(offsets), *spacing(offsets))


def resized(offsets, visits):
    """The same course with so many visits: cut off at the end, or carried on at its last distance."""
    days = list(offsets[:visits]) or [0]
    step = (gaps(offsets) or [7])[-1]
    while len(days) < visits:
        days.append(days[-1] + step)
    return tuple(days)


def carried_on(offsets, first_day):
    """The same days, moved so that they begin on `first_day`."""
    start = offsets[0] if offsets else 0
    return tuple(day - start + first_day for day in offsets)


def dates_of(starts_on, offsets):
    return [starts_on + timedelta(days=day) for day in offsets]


def first_gaps(template):
    """[(day, number)] of the treatment's visits, as the template's page shows them."""
    return [(visit["day"], visit["visit"]) for visit in template.visits]
