"""Signing in by e-mail and password: who gets in, what is counted, and how passwords are kept."""

import pytest
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from clinic.models import User
from messaging.models import OutboxMessage
from messaging.tasks import send_due
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN = "/account/login/"


def sign_in(email, password=PASSWORD, client=None, network="10.0.0.1"):
    return (client or Client()).post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=network)


def test_the_right_password_opens_the_day(cast):
    answer = sign_in(cast.ana.email)
    assert (answer.status_code, answer.url) == (302, "/")


def test_the_address_may_be_typed_in_capitals(cast):
    assert sign_in(cast.ana.email.upper()).status_code == 302


@pytest.mark.parametrize("email", ["ana.desk@meridian.example", "nobody@meridian.example"])
def test_a_wrong_password_and_an_unknown_address_read_the_same(cast, email):
    answer = sign_in(email, "not the right sentence")
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors() == [
        "The email address and/or password you specified are not correct."
    ]


def test_a_deactivated_account_does_not_open(cast):
    User.objects.filter(pk=cast.ana.pk).update(is_active=False)
    client = Client()
    sign_in(cast.ana.email, client=client)
    assert client.get(reverse("home")).url.startswith(LOGIN)


def test_after_five_wrong_passwords_the_right_one_waits_too(cast):
    """Per account, whatever network the tries come from; the count is in the database."""
    for number in range(5):
        sign_in(cast.ana.email, "not the right sentence", network=f"10.0.0.{number}")
    answer = sign_in(cast.ana.email, network="10.0.1.1")
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors() == ["Too many failed login attempts. Try again later."]
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) > 0 FROM clinic_cache")
        assert cursor.fetchone() == (True,)
    assert sign_in(cast.mei.email, network="10.0.1.1").status_code == 302


def test_one_network_may_not_try_every_account(cast):
    for number in range(10):
        sign_in(f"guess{number}@meridian.example", "not the right sentence")
    answer = sign_in(cast.ana.email)
    assert answer.context["form"].non_field_errors() == ["Too many failed login attempts. Try again later."]


def test_counts_are_kept_in_the_database():
    cache.set("seen", 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM clinic_cache WHERE cache_key LIKE '%seen'")
        assert cursor.fetchone() == (1,)


def test_passwords_are_hashed_with_argon2id_in_19_mib_and_one_lane():
    assert make_password("a sentence of words").split("$")[:4] == [
        "argon2",
        "argon2id",
        "v=19",
        "m=19456,t=2,p=1",
    ]


def test_nobody_signs_up(cast):
    client, users = Client(), User.objects.count()
    form = {"email": "new@meridian.example", "password1": PASSWORD, "password2": PASSWORD}
    assert client.post("/account/signup/", form).templates[0].name == "account/signup_closed.html"
    assert User.objects.count() == users


def test_a_forgotten_password_is_set_anew_by_mail(cast, now):
    client = Client()
    assert client.post("/account/password/reset/", {"email": cast.ana.email}).status_code == 302
    assert mail.outbox == []  # the worker sends it
    assert send_due(now) == 1
    assert OutboxMessage.objects.get().body == ""
    assert [message.to for message in mail.outbox] == [[cast.ana.email]]
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    page = client.get(link.removeprefix("http://testserver"), follow=True)
    short = client.post(page.request["PATH_INFO"], {"password1": "too short", "password2": "too short"})
    assert short.context["form"].errors["password1"] == [
        "This password is too short. It must contain at least 15 characters."
    ]
    good = {"password1": "seven quiet rivers run", "password2": "seven quiet rivers run"}
    assert client.post(page.request["PATH_INFO"], good).status_code == 302
    assert sign_in(cast.ana.email, "seven quiet rivers run").status_code == 302


def test_an_unknown_address_gets_the_same_answer(cast):
    answer = Client().post("/account/password/reset/", {"email": "nobody@meridian.example"})
    assert (answer.status_code, answer.url) == (302, "/account/password/reset/done/")


def test_a_mail_server_that_is_down_holds_up_nobody_who_forgot_their_password(cast, now, settings):
    settings.EMAIL_BACKEND = "tests.messaging.mail_servers.Down"
    assert Client().post("/account/password/reset/", {"email": cast.ana.email}).status_code == 302
    assert send_due(now) == 0
    row = OutboxMessage.objects.get()
    assert (row.kind, row.to, row.last_error) == ("account", cast.ana.email, "ConnectionRefusedError")
    assert row.body.count("/password/reset/key/") == 1  # kept for the next try
