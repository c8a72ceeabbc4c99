"""What the worker does with the outbox, mail servers with faults included."""

from datetime import timedelta
from smtplib import SMTPRecipientsRefused

import pytest
from django.core import mail

from messaging.actions import queue, withdraw
from messaging.models import OutboxMessage
from messaging.tasks import send_due
from tests.threads import in_threads

MINUTE = timedelta(minutes=1)
DOWN = "tests.messaging.mail_servers.Down"
DIES_AFTER = "tests.messaging.mail_servers.DiesAfterDelivery"
DIES_BEFORE = "tests.messaging.mail_servers.DiesBeforeDelivery"
SLOW = "tests.messaging.mail_servers.Slow"


def message(now, to="maria@mail.example", **more):
    return queue(kind="booked", to=to, subject="Your visit", body="See you.", now=now, **more)


def state(row):
    row.refresh_from_db()
    return row.attempts, row.sent_at, row.dead_at, row.last_error


@pytest.mark.django_db
def test_a_due_message_leaves_with_its_own_id(now, mailoutbox):
    row = message(now)
    assert send_due(now) == 1
    sent = mailoutbox[0].message()
    assert (sent["To"], sent["Subject"], sent.get_all("Message-ID")) == (
        "maria@mail.example",
        "Your visit",
        [row.message_id],
    )
    assert state(row) == (1, now, None, "")


@pytest.mark.django_db
@pytest.mark.parametrize("kind, body", [("booked", "See you."), ("invitation", ""), ("account", "")])
def test_a_link_that_opens_an_account_is_forgotten_once_it_has_left(now, mailoutbox, kind, body):
    row = queue(kind=kind, to="maria@mail.example", subject="Hello", body="See you.", now=now)
    send_due(now)
    row.refresh_from_db()
    assert (mailoutbox[0].body, row.body) == ("See you.", body)


@pytest.mark.django_db
def test_it_leaves_once(now, mailoutbox):
    message(now)
    assert [send_due(now), send_due(now), send_due(now + 500 * MINUTE)] == [1, 0, 0]
    assert len(mailoutbox) == 1


@pytest.mark.django_db
def test_it_waits_for_the_end_of_the_undo_time(now, mailoutbox):
    message(now, not_before=now + 10 * MINUTE)
    assert [send_due(now + 9 * MINUTE), send_due(now + 10 * MINUTE)] == [0, 1]


@pytest.mark.django_db
def test_what_an_undo_took_back_never_leaves(now, mailoutbox):
    message(now, about="change:1", not_before=now + 10 * MINUTE)
    withdraw(about="change:1", now=now + 5 * MINUTE)
    assert send_due(now + 60 * MINUTE) == 0
    assert mailoutbox == []


@pytest.mark.django_db
def test_a_round_ends_at_its_limit(now, mailoutbox):
    for _number in range(5):
        message(now)
    assert [send_due(now, limit=3), send_due(now, limit=3)] == [3, 2]


@pytest.mark.django_db
def test_a_server_that_is_down_is_tried_six_times_with_growing_pauses(now, settings):
    settings.EMAIL_BACKEND = DOWN
    row, tries = message(now), []
    for minute in range(330):
        before = row.attempts
        send_due(now + minute * MINUTE)
        if state(row)[0] > before:
            tries.append(minute)
    assert tries == [0, 1, 6, 21, 81, 321]
    assert state(row) == (6, None, now + 321 * MINUTE, "ConnectionRefusedError")


@pytest.mark.django_db
def test_a_message_that_fails_does_not_hold_up_the_next(now, settings, mailoutbox):
    refused, row = message(now - MINUTE, to="maria@mail.example"), message(now)
    OutboxMessage.objects.filter(pk=refused.pk).update(to="not an address\nat all")
    assert send_due(now) == 1
    assert (state(refused)[:3], state(row)[:3]) == ((1, None, None), (1, now, None))


@pytest.mark.django_db
def test_it_leaves_when_the_server_is_back(now, settings, mailoutbox):
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, DOWN
    row = message(now)
    send_due(now)
    settings.EMAIL_BACKEND = backend
    assert send_due(now + MINUTE) == 1
    assert state(row) == (2, now + MINUTE, None, "")


@pytest.mark.django_db
def test_a_worker_that_dies_between_sending_and_noting_repeats_a_mail_that_is_recognized(
    now, settings, mailoutbox
):
    backend, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, DIES_AFTER
    row = message(now)
    with pytest.raises(SystemExit):
        send_due(now)
    assert state(row) == (1, None, None, "")
    settings.EMAIL_BACKEND = backend
    assert [send_due(now), send_due(now + MINUTE), send_due(now + 2 * MINUTE)] == [0, 1, 0]
    assert [sent.extra_headers["Message-ID"] for sent in mailoutbox] == [row.message_id] * 2


@pytest.mark.django_db
def test_a_message_on_which_every_worker_dies_is_given_up(now, settings):
    settings.EMAIL_BACKEND = DIES_BEFORE
    row, deaths = message(now), 0
    for hour in range(20):
        try:
            send_due(now + hour * 60 * MINUTE)
        except SystemExit:
            deaths += 1
    assert deaths == 6
    assert state(row)[2:] == (row.dead_at, "StoppedWhileSending")
    assert row.dead_at is not None


@pytest.mark.django_db
def test_a_withdrawal_that_comes_too_late_says_so(now, mailoutbox):
    row = message(now, about="change:1")
    send_due(now)
    assert withdraw(about="change:1", now=now) == 0
    assert state(row)[1] == now


def test_the_mail_librarys_faults_are_among_those_caught():
    assert issubclass(SMTPRecipientsRefused, OSError)


@pytest.mark.alone
def test_two_workers_send_each_message_once(committed, now, settings):
    settings.EMAIL_BACKEND = SLOW
    ids = sorted(message(now).message_id for _number in range(20))
    mail.outbox.clear()
    counts = in_threads([lambda: send_due(now, limit=100)] * 2)
    assert sorted(sent.extra_headers["Message-ID"] for sent in mail.outbox) == ids
    assert (sum(counts), min(counts) > 0) == (20, True)


@pytest.mark.alone
def test_control_two_workers_that_claim_nothing_send_twice(committed, now, settings):
    """Shows that the race above is a race: the same threads without the claim."""
    settings.EMAIL_BACKEND = SLOW
    for _number in range(5):
        message(now)
    mail.outbox.clear()
    in_threads([lambda: [send_without_claim(row) for row in OutboxMessage.objects.filter(sent_at=None)]] * 2)
    assert len(mail.outbox) > 5


def send_without_claim(row):
    mail.EmailMessage(subject=row.subject, to=[row.to]).send()
    OutboxMessage.objects.filter(pk=row.pk).update(sent_at=row.not_before)
