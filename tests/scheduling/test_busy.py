"""Others hold the locks for too long: 503 with Retry-After, what was typed stays, and the same form books once."""

import threading
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection, connections
from django.urls import reverse

from clinic.timespan import TimeSpan
from scheduling.actions.locking import TRIES, TooBusy, all_or_nothing, keys_for
from scheduling.models import Appointment, Change, Status
from tests.rows import at, visit
from tests.scheduling.invariants import broken
from tests.scheduling.test_book_page import BOOK, form, sentences, tomorrow, value

BUSY = "Many people are changing this day at the moment. Nothing was changed. Send it again in a moment."
PANEL = {"HX-Request": "true"}


@contextmanager
def locked(keys):
    """Another connection has these advisory locks until the block ends."""
    held, done = threading.Event(), threading.Event()

    def hold():
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(pg_advisory_lock(k)) FROM unnest(%s::bigint[]) AS k", [sorted(keys)]
                )
                held.set()
                done.wait(60)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(30)
        yield
    finally:
        done.set()
        thread.join(30)


def wait_at_most(milliseconds):
    """For the rest of this connection, which ends with the test's database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{milliseconds}ms"])


def keys_of_room_1(cast, start):
    return keys_for(spans=[TimeSpan.of(start, minutes=60)], rooms=[cast.room_1.pk])


@pytest.mark.alone
@pytest.mark.parametrize("options", [{}, {"headers": PANEL}])
def test_a_booking_that_waits_in_vain_can_be_sent_again(cast, committed, client_of, options):
    client, sent = client_of(cast.ana, **options), form(cast, offer=value(cast, 9), note="by the window")
    wait_at_most(200)
    with locked(keys_of_room_1(cast, tomorrow(cast, 9))):
        answer = client.post(BOOK, sent)
        assert (answer.status_code, answer["Retry-After"]) == (503, "3")
        assert sentences(answer) == [BUSY]
        assert answer.content.decode().count("by the window") == 1
        assert Appointment.objects.count() == 0
    again = client.post(BOOK, sent)
    assert again.status_code == 303
    once_more = client.post(BOOK, sent)
    assert (once_more.status_code, once_more.url) == (303, again.url)
    assert Appointment.objects.get().starts_at == tomorrow(cast, 9)
    assert broken() == []


@pytest.mark.alone
def test_a_verb_on_the_visit_panel_waits_in_vain(cast, committed, client_of):
    row = visit(
        cast.maria,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at("13:00", cast.uptown),
        practitioners={"acupuncture": cast.mei.practitioner},
        rooms={"treatment": cast.room_1},
    )
    client, url = client_of(cast.ana), reverse("scheduling:cancel", args=[row.pk])
    sent = {"reason": "moved away", "version": row.version, "request_key": form(cast)["request_key"]}
    wait_at_most(200)
    with locked(keys_of_room_1(cast, row.starts_at)):
        answer = client.post(url, sent)
        assert (answer.status_code, answer["Retry-After"]) == (503, "3")
        assert answer.content.decode().count('value="moved away"') == 1
        row.refresh_from_db()
        assert row.status == Status.BOOKED
    assert [client.post(url, sent).status_code for _time in range(2)] == [303, 303]
    row.refresh_from_db()
    assert (row.status, Change.objects.filter(appointment=row).count()) == (Status.CANCELLED, 1)


class Fault(Exception):
    def __init__(self, pgcode):
        super().__init__(pgcode)
        self.pgcode = pgcode


def failing(code, times):
    """An action that PostgreSQL breaks off so many times; it counts its calls."""
    calls = []

    @all_or_nothing
    def action():
        calls.append(1)
        if len(calls) <= times:
            raise OperationalError("broken off") from Fault(code)
        return "done"

    return action, calls


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["40P01", "40001"])
def test_a_deadlock_or_serialization_failure_is_tried_three_times(code):
    action, calls = failing(code, TRIES - 1)
    assert (action(), len(calls)) == ("done", TRIES)
    action, calls = failing(code, TRIES)
    with pytest.raises(TooBusy) as refusal:
        action()
    assert (refusal.value.status, refusal.value.reasons, len(calls)) == (503, [BUSY], TRIES)


@pytest.mark.django_db
def test_a_lock_that_is_waited_for_in_vain_is_not_tried_again():
    action, calls = failing("55P03", 1)
    with pytest.raises(TooBusy):
        action()
    assert len(calls) == 1


@pytest.mark.django_db
def test_another_fault_of_the_database_is_none_of_these():
    action, calls = failing("57014", 1)
    with pytest.raises(OperationalError):
        action()
    assert len(calls) == 1
