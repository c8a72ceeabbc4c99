"""The phases a plan is made of, from its template: how many visits, on which day, how far apart."""

from datetime import timedelta
from itertools import pairwise
from typing import NamedTuple

from plans.models import PhaseKind

# Room around the days of the template, in days: clinic default.
EARLIER, LATER = 1, 3
A_WEEK = 7


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


def gaps_of(offsets, before):
    """Days between one visit and the next, the first counted from `before`, the last visit of the phase ahead."""
    return [later - earlier for earlier, later in pairwise([before, *offsets])]


def laid_out(kept, visits, least, most):
    """Days from each visit to the one ahead of it: those of `kept`, carried on or cut off to so many visits.

    What lies outside `least` to `most` gives way; without any, it is a week. The first one leads into the phase.
    """
    found = [min(max(gap or A_WEEK, least), most) for gap in kept[:visits]]
    while len(found) < visits:
        found.append(found[-1] if len(found) > 1 else min(max(A_WEEK, least), most))
    return found


def offsets_after(before, found):
    """Days from the first treatment, of a phase whose visits lie so far apart. `before` None: it begins the plan."""
    days, day = [], before or 0
    for number, gap in enumerate(found):
        day += 0 if before is None and number == 0 else gap
        days.append(day)
    return tuple(days)


def dates_of(starts_on, offsets):
    return [starts_on + timedelta(days=day) for day in offsets]


def first_gaps(template):
    """[(day, number)] of the treatment's visits, as the template's page shows them."""
    return [(visit["day"], visit["visit"]) for visit in template.visits]
