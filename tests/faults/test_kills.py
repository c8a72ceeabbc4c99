"""kill -9 of the web server, the worker and PostgreSQL while people book and write notes.

Nothing that was acknowledged is lost, nothing is done twice. PostgreSQL is one of the test's own: the tests'
server is everybody's. The controls switch off what makes it true, and the same judge must say so.
"""

import os
import random
import secrets
import signal
import time
from collections import defaultdict
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import F
from django.utils import timezone

from clinic.models import Clinic
from clinic.postgres.cluster import APP
from clinic.walltime import local
from messaging.models import OutboxMessage
from messaging.tasks import send_due
from tests.faults import clusters
from tests.faults.day_of_kills import Day
from tests.faults.mailbox import Mailbox
from tests.faults.serving import Process, WebServer

SMALL, LARGE = 5, 40
FORMS_FOR_A_KILL = 40  # as many as are filled in while a kill is waited for, and some
MAIL_WITHIN = 15  # seconds; the worker looks for mail every 5, and has to start first
NOTHING_WAITS_FOR_THE_DISK = [
    f"ALTER ROLE {APP} SET synchronous_commit = off",
    f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{APP}'",
]


@pytest.fixture
def day_at(cast, committed, databases, tmp_path):
    """`with day_at(forms) as (day, cluster, mailbox)`: everything runs, and the forms are filled in."""

    @contextmanager
    def day_at(forms, *, without=(), worker=True):
        seed = secrets.randbelow(10**6)
        print(f"\nseed {seed}")
        with ExitStack() as stack:
            made = stack.enter_context(clusters.own_cluster())
            clusters.fill(made, committed)
            mailbox = stack.enter_context(Mailbox())
            stack.enter_context(clusters.working_at(made))
            # Mail leaves at once, so that the worker has something to do when it is killed.
            Clinic.objects.update(undo_minutes=0, version=F("version") + 1)
            cast.uptown_today = local(timezone.now(), cast.uptown.tz).date()
            url, mail_url = clusters.app_url(made), {"EMAIL_URL": mailbox.url}
            web = stack.enter_context(WebServer(url, tmp_path, without=without))
            work = Process(["tests.faults.worker"], tmp_path, "worker", DATABASE_URL=url, **mail_url)
            if worker:
                stack.enter_context(work)
            servers = {
                "web server": (web.kill, web.start),
                "worker": (lambda: kill_at_its_mail(work, mailbox), work.start),
                "PostgreSQL": (lambda: clusters.kill(made), lambda: clusters.revive(made)),
            }
            day = Day(cast, web.port, servers, random.Random(seed))
            day.prepare(forms)
            yield day, made, mailbox

    return day_at


def kill_at_its_mail(work, mailbox):
    """The worker dies with mail in its hands, not while it is still starting: wait for one to arrive."""
    before, deadline = len(mailbox.mails), time.monotonic() + MAIL_WITHIN
    while len(mailbox.mails) == before and time.monotonic() < deadline:
        time.sleep(0.01)
    work.kill()


def assert_nothing_lost(day_at, kills):
    begun = time.monotonic()
    with day_at(kills * FORMS_FOR_A_KILL) as (day, _made, mailbox):
        verdict = day.run(kills)
        print(f"{verdict}, in {time.monotonic() - begun:.0f} s")
        assert verdict.wrong == {}
        assert sum(verdict.kills.values()) == kills
        assert min(verdict.kills.values()) >= kills // 5
        assert verdict.forms >= kills * 3
        assert verdict.sent_again >= 1
        assert verdict.repeated_on_purpose >= 1
        assert_each_mail_is_one(mailbox)


def assert_each_mail_is_one(mailbox):
    """Each booking is written about in one mail, however often the worker died: one Message-ID for each person."""
    by_worker = len(mailbox.mails)
    send_due(timezone.now() + timedelta(hours=4), limit=10_000)
    got = defaultdict(set)
    for to, message_id in mailbox.mails:
        got[to].add(message_id)
    for message in mail.outbox:
        got[message.to[0]].add(message.extra_headers["Message-ID"])
    booked = OutboxMessage.objects.filter(kind="booked")
    queued = {message.to: {message.message_id} for message in booked}
    assert len(queued) == booked.count()
    assert {to: got[to] for to in queued} == queued
    print(f"{len(queued)} people were written to, {by_worker} mails by the worker that was killed")
    assert by_worker >= 1


@pytest.mark.alone
@pytest.mark.timeout(400)
def test_kills_while_people_book(day_at):
    assert_nothing_lost(day_at, SMALL)


@pytest.mark.torture
@pytest.mark.alone
@pytest.mark.timeout(3600)
def test_many_kills_while_people_book(day_at):
    assert_nothing_lost(day_at, LARGE)


@pytest.mark.alone
@pytest.mark.timeout(300)
def test_a_server_that_does_not_flush_loses_what_it_acknowledged(day_at):
    with day_at(12, worker=False) as (day, made, _mailbox):
        clusters.as_superuser(made, *NOTHING_WAITS_FOR_THE_DISK)
        writer = clusters.stop_writing(made)

        def kill():
            clusters.kill(made)
            os.kill(writer, signal.SIGKILL)

        day.servers = {"PostgreSQL": (kill, day.servers["PostgreSQL"][1])}
        assert len(day.run(1).lost) > 0


@pytest.mark.alone
@pytest.mark.timeout(300)
def test_without_claims_a_form_sent_again_is_not_the_same_form(day_at):
    with day_at(12, without=["claims"], worker=False) as (day, _made, _mailbox):
        day.servers = {"web server": day.servers["web server"]}
        assert len(day.run(1).refused) > 0
