"""What a piece of work costs: wall clock, processor of client and server, statements, bytes of its answer.

The product's way and the plain one take turns, so that whatever else the machine does touches both alike.
"""

import statistics
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

WARM_UP, TIMES = 5, 40


@dataclass(frozen=True, slots=True)
class Work:
    """The same work twice. `product` gives an answer, `plain` gets a cursor of the driver and gives one, too.

    `size` tells the bytes of the product's answer, None where it has no such thing; `agree` whether both gave
    the same answer, where both give one.
    """

    name: str
    product: Callable[[], object]
    plain: Callable[[object], object]
    size: Callable[[object], int] | None = None
    agree: Callable[[object, object], bool] = lambda _product, _plain: True
    must: float | None = None  # ratios to the plain way
    aim: float | None = None
    statements: int | None = None
    sizes_of: str = ""  # the same work at other sizes has the same: they must send as many statements


@dataclass(slots=True)
class Cost:
    """Milliseconds, one for each repetition. `server` is empty where its processor cannot be read."""

    wall: list[float] = field(default_factory=list)
    client: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)

    @property
    def cpu(self):
        """Of both together."""
        if not self.server:
            return self.client
        return [mine + theirs for mine, theirs in zip(self.client, self.server, strict=True)]


@dataclass(slots=True)
class Measured:
    work: Work
    product: Cost
    plain: Cost
    statements: int
    bytes: int | None

    def ratio(self, kind):
        """Of the medians; `kind` is wall or cpu."""
        return median(getattr(self.product, kind)) / median(getattr(self.plain, kind))


def measure(work, *, times=TIMES):
    server = server_clock()
    product, plain = Cost(), Cost()
    with driver_cursor() as cursor:
        for number in range(WARM_UP + times):
            keep = number >= WARM_UP
            timed(work.product, server, product if keep else Cost())
            timed(lambda: work.plain(cursor), server, plain if keep else Cost())
        with counting() as counted:
            answer = work.product()
        if not work.agree(answer, work.plain(cursor)):
            raise ValueError(f"{work.name}: the plain statement gives another answer.")
    return Measured(work, product, plain, len(counted), work.size(answer) if work.size else None)


def timed(call, server, cost):
    before = server()
    client, wall = time.thread_time(), time.perf_counter()
    call()
    wall, client = time.perf_counter() - wall, time.thread_time() - client
    after = server()
    cost.wall.append(wall * 1000)
    cost.client.append(client * 1000)
    if after is not None:
        cost.server.append((after - before) / 1e6)


def server_clock():
    """A function that gives nanoseconds on a processor of this connection's server process, or None.

    Read from the kernel, where the server runs on this machine: it holds planning and parsing, too, which
    pg_stat_statements leaves out.
    """
    connection.ensure_connection()
    path = Path(f"/proc/{connection.connection.info.backend_pid}/schedstat")
    try:
        path.read_text()
    except OSError:
        return lambda: None
    return lambda: int(path.read_text().split()[0])


@contextmanager
def driver_cursor():
    connection.ensure_connection()
    with connection.connection.cursor() as cursor:
        yield cursor


def count_statements(work):
    with counting() as sent:
        work.product()
    return len(sent)


@contextmanager
def counting():
    """The statements Django sends meanwhile."""
    sent = []

    def note(execute, sql, params, many, context):
        sent.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield sent


def median(values):
    return statistics.median(values)


def p95(values):
    return sorted(values)[int(0.95 * (len(values) - 1))]
