import pytest
from django.test import Client

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
