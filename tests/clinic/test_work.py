"""The worker: jobs by name, one at a time, none stops another, and it ends when asked to."""

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings as project_settings
from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from clinic.management.commands.work import DUE_JOBS, HEARTBEAT, Job, Worker, held
from messaging.actions import queue
from messaging.models import OutboxMessage
from tests.threads import in_threads

ROOT = Path(__file__).resolve().parent.parent.parent
# The processes started here live in the machine's own time, whenever that is.
PAST = datetime(2020, 1, 1, tzinfo=UTC)
SEEN = []
GATE = threading.Event()


def note(now):
    SEEN.append(now)


def fail(now):
    SEEN.append("failed")
    raise RuntimeError("this job is broken")


def break_the_connection(now):
    connection.close()
    raise RuntimeError("the database went away")


def take_a_while(now):
    SEEN.append("begun")
    GATE.wait(2)


NOTE, FAIL, BREAK, SLOW = (
    f"tests.clinic.test_work.{job.__name__}" for job in (note, fail, break_the_connection, take_a_while)
)


@pytest.fixture(autouse=True)
def fresh(settings, tmp_path):
    SEEN.clear()
    GATE.clear()
    settings.AUDIT_HEAD_FILE = tmp_path / "audit-head.jsonl"


def test_every_job_exists_and_has_a_lock_of_its_own():
    assert [callable(import_string(name)) for name, _pause in DUE_JOBS] == [True] * len(DUE_JOBS)
    assert len({Job(name, pause).lock for name, pause in DUE_JOBS}) == len(DUE_JOBS)


@pytest.mark.alone
def test_a_job_is_told_the_time(committed):
    before = timezone.now()
    assert Worker([(NOTE, 5)]).round() == []
    assert [before <= seen <= timezone.now() for seen in SEEN] == [True]


@pytest.mark.alone
def test_a_job_waits_for_its_pause(committed):
    worker = Worker([(NOTE, 5)])
    worker.round()
    worker.round()
    worker.jobs[0].due = time.monotonic()
    worker.round()
    assert len(SEEN) == 2


@pytest.mark.alone
@pytest.mark.parametrize("broken", [FAIL, BREAK, "nowhere.at.all", "clinic.sealing.no_such_job"])
def test_a_job_that_fails_stops_no_other(committed, caplog, broken):
    assert Worker([(broken, 5), (NOTE, 5)]).round() == [broken]
    assert isinstance(SEEN[-1], datetime)
    assert [record.getMessage() for record in caplog.records] == [f"job {broken} failed"]


@pytest.mark.alone
def test_a_failed_job_leaves_its_lock_free(committed):
    Worker([(FAIL, 5)]).round()
    with held(Job(FAIL, 5).lock) as mine:
        assert mine is True


@pytest.mark.alone
def test_two_workers_do_not_do_one_job_at_once(committed):
    workers = [Worker([(SLOW, 5)]) for _number in range(4)]
    threading.Timer(0.5, GATE.set).start()
    results = in_threads([worker.round for worker in workers])
    assert (results, SEEN) == ([[]] * 4, ["begun"])


@pytest.mark.alone
def test_asked_to_stop_it_begins_no_other_job(committed):
    worker = Worker([(NOTE, 0), (NOTE, 0)])
    worker.stop()
    worker.work()
    assert SEEN == []


@pytest.mark.alone
def test_the_real_process_works_beats_and_stops_when_asked(committed):
    row = queue(kind="booked", to="maria@mail.example", subject="Your visit", body="See you.", now=PAST)
    with process("work") as worker:
        until(lambda: OutboxMessage.objects.filter(pk=row.pk, sent_at=None).count() == 0)
        until(lambda: cache.get(HEARTBEAT) is not None)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0


@pytest.mark.alone
def test_a_worker_killed_in_the_middle_leaves_nothing_locked(committed):
    """The next one sends what is left, each message once or with the ID it had."""
    ids = {queue(kind="x", to="a@b.example", subject="s", body="b", now=PAST).pk for _number in range(20)}
    with process("work") as worker:
        until(lambda: OutboxMessage.objects.exclude(sent_at=None).count() > 0)
        worker.kill()
        worker.wait(30)
    OutboxMessage.objects.filter(sent_at=None).update(not_before=PAST)
    with process("work", "--once") as again:
        assert again.wait(60) == 0
    sent = OutboxMessage.objects.filter(kind="x").exclude(sent_at=None)
    assert set(sent.values_list("pk", flat=True)) == ids


class process(subprocess.Popen):
    """manage.py in a process of its own, on the test's database, with mail into nowhere."""

    def __init__(self, *arguments):
        name = connection.settings_dict["NAME"]
        url = "postgresql://{user}:{password}@/{name}?host={host}".format(
            user=connection.settings_dict["USER"],
            password=connection.settings_dict["PASSWORD"],
            host=connection.settings_dict["HOST"],
            name=name,
        )
        env = {**os.environ, "DATABASE_URL": url, "EMAIL_URL": "dummymail://"}
        env["AUDIT_HEAD_FILE"] = str(project_settings.AUDIT_HEAD_FILE)
        super().__init__([sys.executable, "manage.py", *arguments], cwd=ROOT, env=env)

    def __exit__(self, *fault):
        if self.poll() is None:
            self.kill()
        super().__exit__(*fault)


def until(done, seconds=60):
    ends = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.05)
