import sys

import pytest
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import HttpResponse
from django.test import Client, RequestFactory

from clinic.middleware import answer_refusals, bad_request, server_error
from tests.clinic.lost_sessions import WHEN_SAVED

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.clinic.faulty_urls")]


def get(path):
    return Client(raise_request_exception=False).get(path)


def test_a_refusal_that_no_form_shows_gets_a_page_with_its_reasons():
    answer = get("/refused/")
    assert answer.status_code == 422
    assert answer.content.decode().count("The room is taken.") == 1
    assert answer.content.decode().count("Choose another.") == 1


def test_a_conflict_is_409():
    assert get("/conflict/").status_code == 409


def test_a_missing_version_is_428():
    assert get("/no-version/").status_code == 428


def test_a_form_that_was_done_before_leads_to_what_it_did():
    answer = get("/done/")
    assert (answer.status_code, answer["Location"]) == (303, "/visits/1/")


@pytest.mark.parametrize("path", ["/away/", "/closed/", "/disk-full/"])
def test_a_database_fault_is_503_with_retry_after(path):
    answer = get(path)
    assert (answer.status_code, answer["Retry-After"]) == (503, "3")


def test_a_full_disk_is_named():
    assert "disk is full" in get("/disk-full/").content.decode()
    assert "disk is full" not in get("/away/").content.decode()


@pytest.mark.parametrize("path", ["/bad-data/", "/too-long/"])
def test_a_value_no_column_can_hold_is_400(path):
    assert get(path).status_code == 400


@pytest.mark.parametrize("path", ["/broken/", "/away/", "/bad-data/"])
def test_no_fault_shows_its_inside(path):
    text = get(path).content.decode()
    for word in (
        "Traceback",
        "ZeroDivisionError",
        "value 5",
        "closed the connection",
        "out of range",
        "psycopg2",
    ):
        assert word not in text
    assert "<h1" in text


# Faults outside views: what the last two answers say.


def at_last(fault):
    """What handler500 answers while this fault is being handled."""
    try:
        raise fault
    except type(fault):
        assert sys.exc_info()[1] is fault
        return server_error(RequestFactory().get("/"))


@pytest.mark.parametrize("fault", [OperationalError("gone"), InterfaceError("closed")])
def test_the_last_answer_says_that_the_database_is_away(fault):
    answer = at_last(fault)
    assert (answer.status_code, answer["Retry-After"]) == (503, "3")
    assert "Nothing was changed" in answer.content.decode()


def test_the_last_answer_says_that_a_value_does_not_fit():
    assert at_last(DataError("out of range")).status_code == 400


def test_the_last_answer_for_anything_else_is_500_and_says_nothing_of_it():
    answer = at_last(ZeroDivisionError("the value 5 of Maria"))
    assert answer.status_code == 500
    assert "Maria" not in answer.content.decode()


def test_a_bad_request_is_400():
    answer = bad_request(RequestFactory().get("/"), SuspiciousOperation("a strange host"))
    assert answer.status_code == 400
    assert "a strange host" not in answer.content.decode()


@pytest.mark.parametrize("said", ["cause", "context"])
def test_a_bad_request_because_the_database_is_away_is_503(said):
    outer, inner = BadRequest("the session was deleted"), BadRequest("could not be saved")
    setattr(outer, f"__{said}__", inner)
    setattr(inner, f"__{said}__", OperationalError("gone"))
    answer = bad_request(RequestFactory().get("/"), outer)
    assert (answer.status_code, answer["Retry-After"]) == (503, "3")


@pytest.mark.parametrize("key", ["r" * 32, WHEN_SAVED])
def test_a_session_whose_database_is_away_is_503(settings, key):
    settings.ROOT_URLCONF, settings.SESSION_ENGINE = "clinic.urls", "tests.clinic.lost_sessions"
    client = Client(raise_request_exception=False)
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    answer = client.get("/today/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "3")


@pytest.mark.parametrize(("status", "after"), [(503, "3"), (422, None), (200, None)])
def test_a_page_that_says_too_busy_itself_says_when_to_come_back(status, after):
    answer = answer_refusals(lambda request: HttpResponse(status=status))(RequestFactory().get("/"))
    assert answer.get("Retry-After") == after


def test_a_page_that_knows_better_when_to_come_back_keeps_its_word():
    page = HttpResponse(status=503, headers={"Retry-After": "60"})
    assert answer_refusals(lambda request: page)(RequestFactory().get("/"))["Retry-After"] == "60"
