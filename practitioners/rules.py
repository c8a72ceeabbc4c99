"""Who may treat on which day, when a license notice is due, and weekly hours as instants. No database, no clock."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.timespan import SMALLEST, TimeSpan, merge
from clinic.walltime import MIDNIGHT, hours_span, local

DAY = timedelta(days=1)
# Days before a license ends at which the owner is told (issue: 90, 60 and 30 days ahead).
NOTICE_DAYS = (90, 60, 30)


class Hours(NamedTuple):
    """Weekly hours in local wall time; `ends` of 00:00 means the end of the day, `valid_until` is the last day."""

    weekday: int
    starts: time
    ends: time
    valid_from: date = date.min
    valid_until: date | None = None


def license_valid_on(license, day):
    """From the day it expires a license no longer counts."""
    return license.issued_on <= day < license.expires_on


def reasons_not_to_treat(*, name, active, practices, discipline, state, licenses, day):
    """Why somebody cannot be booked for a discipline on a local date.

    `practices` are ids of the disciplines they practice; `licenses` those of their licenses that are issued
    in the state and whose kind covers the discipline there.
    """
    words = {"name": name, "discipline": discipline.name.lower(), "state": state}
    if not active:
        return [_("%(name)s does not work here any more. Choose another provider.") % words]
    if discipline.pk not in practices:
        return [_("%(name)s does not practice %(discipline)s. Choose another provider.") % words]
    if not discipline.license_needed or any(license_valid_on(license, day) for license in licenses):
        return []
    ended = [license.expires_on for license in licenses if license.expires_on <= day]
    begins = [license.issued_on for license in licenses if license.issued_on > day]
    if ended:
        words["when"] = on_day(max(ended))
        return [
            _(
                "The license of %(name)s for %(discipline)s in %(state)s ends on %(when)s. "
                "Choose an earlier day or another provider."
            )
            % words
        ]
    if begins:
        words["when"] = on_day(min(begins))
        return [
            _(
                "The license of %(name)s for %(discipline)s in %(state)s begins on %(when)s. "
                "Choose a later day or another provider."
            )
            % words
        ]
    return [_("%(name)s has no license for %(discipline)s in %(state)s. Choose another provider.") % words]


def on_day(day):
    return date_format(day, "M j, Y")


def notice_due(days_left):
    """Which of the notices (90, 60 or 30) so many days call for, or None: after missed days only the nearest."""
    reached = [days for days in NOTICE_DAYS if days_left <= days]
    return min(reached) if reached else None


def days_within(spans: Iterable[tuple[date, date]], first: date, last: date) -> list[tuple[date, date]]:
    """Spans of dates [from, to), cut to the days first..last (both included), merged and in order."""
    merged: list[tuple[date, date]] = []
    for start, end in sorted(spans):
        start, end = max(start, first), min(end, last + DAY)
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def local_days(window: TimeSpan, zone: ZoneInfo) -> dict[int, list[date]]:
    """The local dates that the window touches, by weekday (Monday is 0)."""
    first, last = local(window.start, zone).date(), local(window.end - SMALLEST, zone).date()
    days = defaultdict(list)
    for number in range((last - first).days + 1):
        day = first + DAY * number
        days[day.weekday()].append(day)
    return days


@lru_cache(maxsize=8192)
def hours_on(day: date, starts: time, ends: time, zone: ZoneInfo) -> TimeSpan | None:
    """hours_span, remembered: the same hours of the same day are asked for again with every search."""
    return hours_span(day, starts, ends, zone)


def expand_hours(rows: Iterable[Hours], zone: ZoneInfo, days: dict[int, list[date]]) -> list[TimeSpan]:
    """Weekly hours as instants on these local days (see local_days), merged and in order."""
    spans = []
    for weekday, starts, ends, valid_from, valid_until in rows:
        for day in days.get(weekday, ()):
            if valid_from <= day and (valid_until is None or day <= valid_until):
                spans.append(hours_on(day, starts, ends, zone))
    return merge(span for span in spans if span)


def overlap_of(ones: list[TimeSpan], others: list[TimeSpan]) -> list[TimeSpan]:
    """The time that lies in both lists; each merged and in order, and so is the answer. One pass.

    Hours inside the opening hours are the common case: those spans are passed on as they are.
    """
    both, i, j = [], 0, 0
    while i < len(ones) and j < len(others):
        one, other = ones[i], others[j]
        if other.contains(one):
            both.append(one)
        elif one.overlaps(other):
            both.append(one.intersection(other))
        if one.end <= other.end:
            i += 1
        else:
            j += 1
    return both


def reasons_not_to_set_hours(new, others):
    """Why weekly hours cannot stand: `new` and each of `others` (same provider) have the fields of WorkingHours."""
    reasons = []
    if new.ends != MIDNIGHT and new.ends <= new.starts:
        reasons.append(
            _("The hours end before they begin. For hours past midnight enter two lines, one for each day.")
        )
    if new.valid_until and new.valid_until < new.valid_from:
        reasons.append(_("The last day lies before the first day."))
    if not reasons:
        reasons += [overlap_reason(other) for other in others if hours_collide(new, other)]
    return reasons


def hours_collide(one, other):
    """Whether two lines of weekly hours claim the same minutes of the same day, at whatever location."""
    return (
        one.weekday == other.weekday
        and one.starts < end_of(other)
        and other.starts < end_of(one)
        and one.valid_from <= (other.valid_until or date.max)
        and other.valid_from <= (one.valid_until or date.max)
    )


def end_of(hours):
    """As a time that can be compared: midnight at the end of the day is the latest of all."""
    return time.max if hours.ends == MIDNIGHT else hours.ends


def overlap_reason(other):
    return _(
        "This overlaps %(weekday)s %(starts)s–%(ends)s at %(location)s. Change those hours or end them first."
    ) % {
        "weekday": other.get_weekday_display(),
        "starts": clock(other.starts),
        "ends": clock(other.ends),
        "location": other.location,
    }


def clock(at):
    """10:30 am."""
    return date_format(at, "g:i a").replace(".", "")


def reasons_not_to_keep_license(*, issued_on, expires_on):
    if expires_on <= issued_on:
        return [_("A license expires after the day it was issued. Check both dates.")]
    return []


def reasons_not_to_keep_certification(*, issued_on, expires_on):
    if expires_on and expires_on <= issued_on:
        return [_("A certification expires after the day it was issued. Check both dates.")]
    return []


def reasons_not_to_end_absence(*, ends_at, ends_new):
    """An absence is only ever shortened here: making it longer touches visits, and is a new absence.

    Back by its start or before means that it does not happen at all.
    """
    if ends_new >= ends_at:
        return [_("This would not end earlier. To make it longer, record another absence.")]
    return []
