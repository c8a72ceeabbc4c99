import pytest
from django.db import connection
from django.test import Client


def test_live_says_ok_without_asking_the_database(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        answer = Client().get("/health/live")
    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"ok", "text/plain")


@pytest.mark.django_db
def test_ready_says_yes_and_nothing_else():
    answer = Client().get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"ready": True})


def test_without_a_database_it_is_not_ready_and_says_when_to_ask_again(committed):
    connection.close()
    connection.settings_dict["NAME"] = f"{committed}_is_gone"
    answer = Client().get("/health/ready")
    live = Client().get("/health/live")
    connection.settings_dict["NAME"] = committed
    assert (answer.status_code, answer["Retry-After"]) == (503, "3")
    assert (live.status_code, live.content) == (200, b"ok")
