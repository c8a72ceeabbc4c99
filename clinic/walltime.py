"""The one place where rules in local wall-clock time become instants, and back.

Working hours and recurrences are stored as local times with the location's IANA zone.
Twice a year a wall-clock time is missing or comes twice:

- a time in the spring gap moves forward by the length of the gap (02:30 becomes 03:30);
- a time that comes twice in autumn means the first of the two.

Both are what Python does with fold=0 (PEP 495).
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.rrule import WEEKLY, rrule

from clinic.timespan import TimeSpan, in_utc

MIDNIGHT = time(0)
DAY = timedelta(days=1)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which clocks in the zone show this date and time."""
    return datetime.combine(day, at.replace(fold=0), tzinfo=zone).astimezone(UTC)


def is_real(day: date, at: time, zone: ZoneInfo) -> bool:
    """False for a wall-clock time that falls into the spring gap."""
    shown = local(instant(day, at, zone), zone)
    return (shown.date(), shown.time()) == (day, at.replace(tzinfo=None, fold=0))


def local(moment: datetime, zone: ZoneInfo) -> datetime:
    """The same instant as clocks in the zone show it; ValueError for a naive one."""
    return in_utc(moment).astimezone(zone)


def day_span(day: date, zone: ZoneInfo) -> TimeSpan:
    """From local midnight to the next: 23, 24 or 25 hours.

    Raises ValueError for a date that the zone left out altogether (Samoa, 2011-12-30).
    """
    return TimeSpan(instant(day, MIDNIGHT, zone), instant(day + DAY, MIDNIGHT, zone))


def hours_span(day: date, opens: time, closes: time, zone: ZoneInfo) -> TimeSpan | None:
    """The hours of one local day; closing at time(0) means the end of that day.

    None when the spring gap swallows the hours. ValueError when they close before they
    open: hours past midnight are two rows, one for each day.
    """
    if closes == MIDNIGHT:
        end = instant(day + DAY, MIDNIGHT, zone)
    elif closes > opens:
        end = instant(day, closes, zone)
    else:
        raise ValueError(f"Hours close after they open: {opens} to {closes}.")
    start = instant(day, opens, zone)
    return TimeSpan(start, end) if start < end else None


def occurrences(first: date, at: time, zone: ZoneInfo, weekdays: Iterable[int], count: int) -> list[datetime]:
    """So many instants, in UTC, at one wall-clock time on these weekdays.

    Weekdays as in date.weekday(): Monday is 0. The first date counts when it is one of
    them. The rule runs on naive local times, so 09:00 stays 09:00 across a clock change.
    """
    days = sorted(set(weekdays))
    if not days or count < 1:
        raise ValueError("A recurrence needs at least one weekday and one occurrence.")
    rule = rrule(WEEKLY, dtstart=datetime.combine(first, MIDNIGHT), byweekday=days, count=count)
    return [instant(on.date(), at, zone) for on in rule]
