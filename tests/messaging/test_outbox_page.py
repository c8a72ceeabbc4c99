import pytest
from django.urls import reverse

from clinic.submissions import new_key
from messaging.actions import queue
from messaging.models import OutboxMessage
from messaging.queries import oldest_overdue, undelivered_count

pytestmark = pytest.mark.django_db
OUTBOX = "/clinic/messages/"


def undelivered(now, to="maria@mail.example"):
    row = queue(kind="booked", to=to, subject="Your visit", body="A door: https://example.org/qdoor", now=now)
    OutboxMessage.objects.filter(pk=row.pk).update(
        dead_at=now, attempts=6, last_error="ConnectionRefusedError"
    )
    return row


def test_the_owner_sees_what_was_given_up_and_not_what_it_says(now, cast, client_of):
    undelivered(now)
    page = client_of(cast.olive).get(OUTBOX)
    text = page.content.decode()
    assert page.status_code == 200
    assert [text.count(words) for words in ("maria@mail.example", "given up after 6 tries", "qdoor")] == [
        2,
        1,
        0,
    ]


@pytest.mark.parametrize("person", ["ana", "hana", "mei", "dana"])
def test_other_staff_may_not(now, cast, client_of, person):
    row = undelivered(now)
    client = client_of(getattr(cast, person))
    again = reverse("messaging:send_again", args=[row.pk])
    assert [client.get(OUTBOX).status_code, client.post(again, {"request_key": new_key()}).status_code] == [
        403,
        403,
    ]
    assert undelivered_count() == 1


def test_a_patient_may_not(now, cast, client_of):
    assert client_of(cast.rita.user).get(OUTBOX).status_code == 403


def test_somebody_not_signed_in_is_asked_to(client):
    assert client.get(OUTBOX).status_code == 302


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_statements_does_not_depend_on_the_rows(
    now, cast, client_of, rows, django_assert_num_queries
):
    for number in range(rows):
        undelivered(now, to=f"person{number}@mail.example")
    client = client_of(cast.olive)
    # Session, account, roles, counts, rows; for the frame locations and the clinic.
    with django_assert_num_queries(7):
        assert client.get(OUTBOX).status_code == 200


@pytest.mark.parametrize("show", ["waiting", "sent", "withdrawn", "undelivered", "nonsense"])
def test_each_list_says_what_belongs_there(cast, client_of, show):
    page = client_of(cast.olive).get(OUTBOX, {"show": show})
    assert page.status_code == 200
    assert page.content.decode().count("empty-state") == 1


def test_send_again_leads_to_the_waiting_ones(now, cast, client_of):
    row = undelivered(now)
    answer = client_of(cast.olive).post(
        reverse("messaging:send_again", args=[row.pk]), {"request_key": new_key()}
    )
    assert (answer.status_code, answer.url) == (302, OUTBOX + "?show=waiting")
    assert undelivered_count() == 0


def test_send_again_without_a_key_changes_nothing(now, cast, client_of):
    row = undelivered(now)
    answer = client_of(cast.olive).post(reverse("messaging:send_again", args=[row.pk]))
    assert answer.status_code == 422
    assert undelivered_count() == 1


def test_the_outboxs_age_is_that_of_the_longest_waiting(now):
    queue(kind="booked", to="maria@mail.example", subject="Later", body="-", now=now, not_before=now)
    assert oldest_overdue(now) == now
    OutboxMessage.objects.update(sent_at=now)
    assert oldest_overdue(now) is None
