"""How often something was done at home: counted from the days that are ticked."""

from datetime import timedelta
from typing import Any, NamedTuple

WEEKS = 4  # adherence looks back so far: clinic default


class Adherence(NamedTuple):
    """One activity. `days` are those it was done on, `percent` of what was agreed, None in its first week."""

    activity: Any
    days: frozenset
    this_week: int
    percent: int | None

    @property
    def per_week(self):
        return self.activity.per_week


def week_of(day):
    """Monday of that week."""
    return day - timedelta(days=day.weekday())


def adherence(activity, ticks, today):
    """`ticks` is [(day, done)] in the order they were entered: the last one of a day counts."""
    latest = dict(ticks)
    days = frozenset(day for day, done in latest.items() if done)
    monday = week_of(today)
    this_week = sum(monday <= day <= today for day in days)
    return Adherence(activity, days, this_week, percent(activity, days, today))


def percent(activity, days, today):
    """Of the last weeks, the activity's own days only; more than agreed counts as all."""
    last = min(activity.ended_on or today, today)
    first = max(activity.started_on, last - timedelta(days=7 * WEEKS - 1))
    length = (last - first).days + 1
    if length < 7:
        return None
    agreed = activity.per_week * length / 7
    done = sum(first <= day <= last for day in days)
    return min(100, round(100 * done / agreed))
