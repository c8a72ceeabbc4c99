"""Intervals of time: half-open, aware, kept in UTC.

TimeSpan is the only type that crosses function borders for an interval. Two spans that
touch do not overlap, so a visit that ends at ten leaves ten o'clock to the next one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

DAY = timedelta(days=1)
NOTHING = timedelta(0)
SMALLEST = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, order=True)
class TimeSpan:
    """[start, end) in UTC; ordered by start, then end.

    Raises ValueError for naive datetimes and for an end that is not after the start.
    """

    start: datetime
    end: datetime

    def __post_init__(self):
        object.__setattr__(self, "start", in_utc(self.start))
        object.__setattr__(self, "end", in_utc(self.end))
        if self.start >= self.end:
            raise ValueError(f"A time span ends after it starts: {self.start} to {self.end}.")

    @classmethod
    def of(cls, start: datetime, *, minutes: float) -> "TimeSpan":
        """The span that begins at start and lasts so many real minutes."""
        return cls(start, in_utc(start) + timedelta(minutes=minutes))

    @property
    def length(self) -> timedelta:
        return self.end - self.start

    @property
    def minutes(self) -> int | float:
        """Length in minutes: an int when whole, otherwise a float."""
        exact = self.length / timedelta(minutes=1)
        return int(exact) if exact.is_integer() else exact

    def overlaps(self, other: "TimeSpan") -> bool:
        return self.start < other.end and other.start < self.end

    def contains(self, what: "datetime | TimeSpan") -> bool:
        """Whether an instant lies inside (the end does not), or a whole span does."""
        if isinstance(what, TimeSpan):
            return self.start <= what.start and what.end <= self.end
        return self.start <= what < self.end

    def intersection(self, other: "TimeSpan") -> "TimeSpan | None":
        if not self.overlaps(other):
            return None
        return TimeSpan(max(self.start, other.start), min(self.end, other.end))

    def minus(self, other: "TimeSpan") -> list["TimeSpan"]:
        """What is left without the other: no span, one or two, in order."""
        if not self.overlaps(other):
            return [self]
        left = []
        if self.start < other.start:
            left.append(TimeSpan(self.start, other.start))
        if other.end < self.end:
            left.append(TimeSpan(other.end, self.end))
        return left

    def shifted(self, by: timedelta) -> "TimeSpan":
        return TimeSpan(self.start + by, self.end + by)

    def padded(self, *, before: timedelta = NOTHING, after: timedelta = NOTHING) -> "TimeSpan":
        """Longer at either end; negative padding shortens it."""
        return TimeSpan(self.start - before, self.end + after)

    def utc_dates(self) -> list[date]:
        """Every UTC date of which at least one instant lies inside, in order."""
        first, last = self.start.date(), (self.end - SMALLEST).date()
        return [first + DAY * number for number in range((last - first).days + 1)]


def in_utc(instant: datetime) -> datetime:
    """The same instant in UTC; ValueError for a naive one, whose instant nobody knows."""
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError(f"An instant needs a time zone: {instant}.")
    return instant.astimezone(UTC)


def merge(spans: Iterable[TimeSpan]) -> list[TimeSpan]:
    """The same time as few spans as possible, in order; spans that touch become one."""
    merged: list[TimeSpan] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = TimeSpan(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def subtract(spans: Iterable[TimeSpan], taken: Iterable[TimeSpan]) -> list[TimeSpan]:
    """What is left of the spans without the taken ones, merged and in order."""
    left = merge(spans)
    for gone in merge(taken):
        left = [piece for span in left for piece in span.minus(gone)]
    return left
