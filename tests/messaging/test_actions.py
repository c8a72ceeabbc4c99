from datetime import timedelta

import pytest

from clinic.models import AuditEvent
from clinic.refusal import AlreadyDone, Refused
from clinic.submissions import RequestKey, new_key
from messaging.actions import queue, send_again, withdraw
from messaging.models import OutboxMessage

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def booked(now, about="change:1", **more):
    values = {
        "kind": "booked",
        "to": "maria@mail.example",
        "subject": "Your visit",
        "body": "See you.",
        **more,
    }
    return queue(about=about, now=now, **values)


def test_a_message_is_a_row_with_its_id_made_at_once(now):
    row = OutboxMessage.objects.get(pk=booked(now, not_before=now + 10 * MINUTE).pk)
    assert (row.kind, row.to, row.subject, row.body) == (
        "booked",
        "maria@mail.example",
        "Your visit",
        "See you.",
    )
    assert (row.created_at, row.not_before) == (now, now + 10 * MINUTE)
    assert (row.attempts, row.sent_at, row.dead_at, row.withdrawn_at) == (0, None, None, None)
    assert (row.message_id[0], row.message_id[-11:]) == ("<", "@localhost>")


def test_without_a_time_it_may_leave_at_once(now):
    assert booked(now).not_before == now


def test_two_messages_have_two_ids(now):
    assert booked(now).message_id != booked(now).message_id


def test_without_an_address_nothing_is_written(now):
    assert booked(now, to="") is None
    assert OutboxMessage.objects.count() == 0


@pytest.mark.parametrize(
    "to", ["maria at home", "maria@mail.example\nBcc: all@example.org", "m" * 300 + "@mail.example"]
)
def test_what_is_no_address_is_kept_as_undelivered(now, to):
    row = OutboxMessage.objects.get(pk=booked(now, to=to).pk)
    assert (row.dead_at, row.last_error) == (now, "NotAnAddress")


def test_a_subject_cannot_add_headers(now):
    assert booked(now, subject="Hello\r\nBcc: all@example.org").subject == "Hello Bcc: all@example.org"


def test_an_undo_takes_back_what_it_is_about_and_nothing_else(now):
    taken, other = booked(now), booked(now, about="change:2")
    sent = booked(now)
    OutboxMessage.objects.filter(pk=sent.pk).update(sent_at=now)
    assert withdraw(about="change:1", now=now + MINUTE) == 1
    rows = dict(OutboxMessage.objects.values_list("pk", "withdrawn_at"))
    assert rows == {taken.pk: now + MINUTE, other.pk: None, sent.pk: None}


def test_an_undo_can_name_the_kinds(now):
    booked(now)
    moved = booked(now, kind="moved")
    assert withdraw(about="change:1", kinds=["moved"], now=now) == 1
    assert list(OutboxMessage.objects.exclude(withdrawn_at=None)) == [moved]


def dead(now, **more):
    row = booked(now, **more)
    row.attempts, row.dead_at, row.last_error = 6, now, "ConnectionRefusedError"
    row.save()
    return row


def test_send_again_gives_all_tries_again(now, cast):
    row = dead(now)
    send_again(by=cast.olive, message=row, now=now + MINUTE, location="/")
    row.refresh_from_db()
    assert (row.attempts, row.dead_at, row.last_error, row.not_before) == (0, None, "", now + MINUTE)
    event = AuditEvent.objects.get(verb="send_again")
    assert (event.by, event.verb, event.object) == (
        cast.olive,
        "send_again",
        f"messaging.outboxmessage:{row.pk}",
    )


def test_send_again_is_for_undelivered_messages_only(now, cast):
    with pytest.raises(Refused) as refusal:
        send_again(by=cast.olive, message=booked(now), now=now, location="/")
    assert refusal.value.reasons == [
        "This message is not among the undelivered ones any more. Reload the page."
    ]
    assert AuditEvent.objects.filter(verb="send_again").count() == 0


def test_what_is_no_address_is_not_sent_again(now, cast):
    with pytest.raises(Refused) as refusal:
        send_again(by=cast.olive, message=booked(now, to="maria"), now=now, location="/")
    assert refusal.value.reasons == ["“maria” is not an e-mail address. Correct it where it is kept."]


def test_the_same_form_sends_again_once(now, cast):
    row, key = dead(now), RequestKey(key=new_key(), body_sha256="0" * 64, user_id=cast.olive.pk)
    send_again(by=cast.olive, message=row, now=now, location="/there/", request_key=key)
    with pytest.raises(AlreadyDone) as done:
        send_again(by=cast.olive, message=row, now=now, location="/there/", request_key=key)
    assert done.value.location == "/there/"
    assert AuditEvent.objects.filter(verb="send_again").count() == 1
