"""Many people book, move and repeat at one moment, over HTTP, on the real server.

Nobody is booked over somebody else, nobody is refused who would have fitted, and every answer is an answer.
Each control takes one guard away and must see the fault that the guard prevents.
"""

import random
import secrets
import threading
import time

import pytest
from django.db import connection, connections
from django.utils import timezone

from clinic.database import as_owner
from clinic.walltime import local
from tests.faults.contest import Contest, deadlocks
from tests.faults.serving import WebServer, url_of
from tests.threads import in_threads

SMALL, LARGE, CONTROL = 300, 10_000, 72


@pytest.fixture
def contest(cast, committed, tmp_path):
    """`contest(forms, without=())`: the verdict on that many forms; what was done and the seed are printed."""

    def contest(forms, *, without=()):
        seed = secrets.randbelow(10**6)
        cast.moment = timezone.now()
        cast.uptown_today = local(cast.moment, cast.uptown.tz).date()
        begun = time.monotonic()
        with WebServer(url_of(committed), tmp_path, without=without) as server:
            verdict = Contest(cast, server.port, random.Random(seed)).run(forms)
        print(f"\nseed {seed}: {verdict}, in {time.monotonic() - begun:.0f} s")
        return verdict

    return contest


def assert_real(verdict, forms):
    """A contest in which nobody lost, or nobody won, has shown nothing."""
    assert verdict.sent >= forms
    assert verdict.twice >= forms // 12
    assert min(verdict.done.values()) >= max(1, forms // 100), verdict.done
    assert min(verdict.refused["book"], verdict.refused["repeat"]) >= max(1, forms // 100), verdict.refused
    assert sum(verdict.refused.values()) >= forms // 10


@pytest.mark.alone
@pytest.mark.timeout(300)
def test_contested_times_over_http(contest):
    verdict = contest(SMALL)
    assert verdict.wrong == {}
    assert_real(verdict, SMALL)


def what_is_noticed(contest, without, fault):
    """What the harness says of this fault with a guard away. Whether it happens is chance: three contests at most."""
    contests = (contest(CONTROL, without=[without]).wrong for _ in range(3))
    return next((wrong for wrong in contests if wrong.get(fault)), {})


@pytest.mark.torture
@pytest.mark.alone
@pytest.mark.timeout(7200)
def test_contested_times_over_http_at_length(contest):
    verdict = contest(LARGE)
    assert verdict.wrong == {}
    assert_real(verdict, LARGE)


@pytest.mark.alone
@pytest.mark.timeout(300)
def test_without_locks_and_constraints_visits_overlap(contest):
    with as_owner(), connection.cursor() as cursor:
        for name in ("practitioner_is_in_one_place_at_a_time", "room_holds_one_patient_at_a_time"):
            cursor.execute(f"ALTER TABLE scheduling_reservation DROP CONSTRAINT {name}")
    assert what_is_noticed(contest, "locks", "broken")


@pytest.mark.alone
@pytest.mark.timeout(300)
def test_without_claims_a_second_click_is_told_something_else(contest):
    assert what_is_noticed(contest, "claims", "unequal")


@pytest.mark.alone
@pytest.mark.timeout(300)
def test_a_refusal_without_need_is_noticed(contest):
    assert what_is_noticed(contest, "patience", "false_refusals")


@pytest.mark.alone
@pytest.mark.timeout(300)
def test_a_visit_without_an_answer_is_noticed(contest):
    wrong = what_is_noticed(contest, "answers", "lost_or_doubled")
    assert {fault.split(" ")[1] for fault in wrong["faults"]} == {"500"}


@pytest.mark.alone
def test_a_deadlock_is_noticed(committed):
    before = deadlocks()
    both_hold_one = threading.Barrier(2)

    def take(first, second):
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [first])
            both_hold_one.wait(10)
            cursor.execute("SELECT pg_advisory_lock(%s)", [second])

    results = in_threads([lambda: take(1, 2), lambda: take(2, 1)])
    assert sum(isinstance(one, Exception) for one in results) == 1
    assert deadlocks() == before + 1
