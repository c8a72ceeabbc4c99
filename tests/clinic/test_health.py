import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.templatetags.static import static
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


def test_whoever_asks_for_an_icon_gets_the_clinics_mark():
    """Chromium asks for it on every answer that is no page of ours: the admin, a PDF, a refusal."""
    answer = Client().get("/favicon.ico")
    assert (answer.status_code, answer["Location"]) == (302, static("clinic/mark.svg"))
    assert finders.find("clinic/mark.svg")
