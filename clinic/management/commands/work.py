"""The background worker: `manage.py work`."""

import hashlib
import logging
import signal
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.cache import cache
from django.core.management.base import BaseCommand, CommandError
from django.db import close_old_connections, connection
from django.utils import timezone
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)
# Each job with its pause in seconds; it is called with the time. Every job may run again at any moment and
# does nothing twice, so "nightly" and "daily" mean: looked at each hour, done when due. Named by string,
# as in INSTALLED_APPS: the frame imports none of the apps above it.
DUE_JOBS = [
    ("scheduling.tasks.expire_holds", 5),
    ("messaging.tasks.send_due", 5),
    ("clinic.sealing.seal_new_events", 60),
    ("scheduling.tasks.sweep_live", 3600),
    ("practitioners.tasks.check_licenses", 3600),
    ("intake.tasks.sweep_birthdays", 3600),
    ("packages.tasks.expire_packages", 3600),
    ("packages.tasks.ask_for_more_visits", 3600),
]
TICK_SECONDS = 1
# Where health pages and people find when the worker last went round: an ISO instant, kept in the database's cache.
HEARTBEAT = "worker_heartbeat"


@dataclass
class Job:
    name: str
    pause: float
    due: float = 0.0  # on the monotonic clock

    @property
    def lock(self):
        """One number for each job, the same in every worker; a signed bigint."""
        return int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:8], signed=True)

    def run(self, now):
        """Whether it ran without a fault. A job that another worker is doing just now counts as done."""
        try:
            close_old_connections()
            with held(self.lock) as mine:
                if mine:
                    import_string(self.name)(now)
        except Exception:
            log.exception("job %s failed", self.name)
            # Nothing half done stays behind, and a broken connection is replaced.
            connection.close()
            return False
        return True


@contextmanager
def held(number):
    """A session's advisory lock: true if it is ours now. It ends with the connection, so a killed worker frees it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [number])
        mine = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine and connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


class Worker:
    def __init__(self, jobs):
        self.jobs = [Job(name, pause) for name, pause in jobs]
        self.stopping = threading.Event()

    def stop(self, number=None, frame=None):
        """The job under way is finished, no other is begun."""
        self.stopping.set()

    def round(self):
        """Every job that is due; the names of those that failed."""
        failed = []
        for job in self.jobs:
            if self.stopping.is_set() or job.due > time.monotonic():
                continue
            if not job.run(timezone.now()):
                failed.append(job.name)
            job.due = time.monotonic() + job.pause
        return failed

    def work(self):
        while not self.stopping.is_set():
            self.round()
            beat()
            self.stopping.wait(TICK_SECONDS)


def beat():
    """Note that the worker lives; it works on even where that cannot be written."""
    try:
        cache.set(HEARTBEAT, timezone.now().isoformat(), timeout=None)
    except Exception:
        log.exception("no heartbeat")
        connection.close()


class Command(BaseCommand):
    help = (
        "Sends mail, seals the audit log, ends holds, tells about licenses. Runs until it is asked to stop."
    )

    # Migrating and the web server check the same configuration; a worker that comes back at once is worth more.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="do what is due once, then end")

    def handle(self, *args, once, **options):
        worker = Worker(DUE_JOBS)
        if once:
            failed = worker.round()
            beat()
            if failed:
                raise CommandError("These jobs failed: " + ", ".join(failed))
            return
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, worker.stop)
        worker.work()
