"""Activities at home: how often they were done this week, and when a day can be ticked. No database, no clock."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def week_of(day):
    """Monday to Sunday around a day."""
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=number) for number in range(7)]


def standing(ticks):
    """{(activity, day)} that were done: of several ticks for one day the last counts. `ticks` are in order of time."""
    last = {(tick.activity_id, tick.on): tick.done for tick in ticks}
    return {key for key, done in last.items() if done}


def said(done, per_week):
    """2 of 3 this week."""
    if done >= per_week:
        return _("%(done)s of %(wanted)s this week, done") % {"done": done, "wanted": per_week}
    return _("%(done)s of %(wanted)s this week") % {"done": done, "wanted": per_week}


def often(per_week):
    """Every day, 3 times a week."""
    if per_week == 7:
        return _("Every day")
    return ngettext("%(n)s time a week", "%(n)s times a week", per_week) % {"n": per_week}


def reasons_not_to_tick(*, on, today, runs):
    """`on` is the day the page was made for, `runs` whether the activity belongs to a plan that is going on."""
    if not runs:
        return [_("This is no longer part of your plan. Load the page again.")]
    if on != today:
        return [_("A new day has begun since you opened this page. Load it again, then tick.")]
    return []
