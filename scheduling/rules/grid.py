"""Time as an integer: one bit for each 5 minutes.

Bit i of a number stands for the quantum [start + 5 i, start + 5 (i + 1)) minutes of its
grid. Asking "when are all three free for half an hour" is then a few ANDs and shifts of
whole integers, whatever the number of appointments.

A grid ends somewhere, and nothing beyond its end is ever free. Whoever looks for starts up
to some instant makes the grid longer by the length of the visit.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from clinic.timespan import TimeSpan, in_utc

QUANTUM_MINUTES = 5
QUANTUM = timedelta(minutes=QUANTUM_MINUTES)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Grid:
    """So many quanta from a start that lies on a full 5 minutes (ValueError otherwise)."""

    start: datetime
    quanta: int

    def __post_init__(self):
        object.__setattr__(self, "start", in_utc(self.start))
        if (self.start - EPOCH) % QUANTUM:
            raise ValueError(f"A grid starts on a full {QUANTUM_MINUTES} minutes: {self.start}.")
        if self.quanta < 1:
            raise ValueError("A grid has at least one quantum.")

    @classmethod
    def over(cls, span: TimeSpan) -> "Grid":
        """The smallest grid that covers the span."""
        start = span.start - (span.start - EPOCH) % QUANTUM
        return cls(start, _rounded_up(span.end - start))

    @property
    def span(self) -> TimeSpan:
        return TimeSpan(self.start, self.instant(self.quanta))

    @property
    def all_bits(self) -> int:
        """Every quantum of the grid set."""
        return (1 << self.quanta) - 1

    def index(self, instant: datetime) -> int:
        """The quantum the instant lies in: negative before the grid, >= quanta after it."""
        return (instant - self.start) // QUANTUM

    def instant(self, index: int) -> datetime:
        """When the quantum begins, in UTC."""
        return self.start + index * QUANTUM

    def mask(self, start: datetime, end: datetime, *, outward: bool) -> int:
        """The quanta of [start, end), cut to the grid; 0 for an empty interval.

        Outward, for busy time: every quantum that is touched. Inward, for free or working
        time: only quanta that lie inside as a whole.
        """
        if end <= start:
            return 0
        if outward:
            first, last = (start - self.start) // QUANTUM, _rounded_up(end - self.start)
        else:
            first, last = _rounded_up(start - self.start), (end - self.start) // QUANTUM
        first, last = max(first, 0), min(last, self.quanta)
        return (1 << last) - (1 << first) if first < last else 0

    def bits_from(self, intervals: Iterable[tuple[datetime, datetime]], *, outward: bool) -> int:
        """The quanta of any of the (start, end) tuples; see mask for outward."""
        bits = 0
        for start, end in intervals:
            bits |= self.mask(start, end, outward=outward)
        return bits


def _rounded_up(length: timedelta) -> int:
    """Length in quanta, up to the next whole one."""
    return -(-length // QUANTUM)


def free_runs(bits: int, length: int) -> int:
    """The bits at which so many set bits in a row begin.

    Each step doubles the run known so far, so 30 quanta take 5 steps.
    """
    if length < 1:
        raise ValueError("A run has at least one quantum.")
    known = 1
    while known < length:
        step = min(known, length - known)
        bits &= bits >> step
        known += step
    return bits


def set_bits(bits: int) -> Iterator[int]:
    """The indexes of the set bits, ascending; one pass over the digits."""
    digits = bin(bits)[:1:-1]
    at = digits.find("1")
    while at >= 0:
        yield at
        at = digits.find("1", at + 1)


def every(step: int, quanta: int) -> int:
    """Bits 0, step, 2 * step, ... below quanta."""
    if step < 1:
        raise ValueError("A step has at least one quantum.")
    bits, reach = 1, step
    while reach < quanta:
        bits |= bits << reach
        reach *= 2
    return bits & ((1 << quanta) - 1)
