"""Every answer carries the same headers: pages, errors, redirects, downloads, static files."""

import pytest
from django.test import Client

from tests.cast import PASSWORD

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def directives(policy):
    return sorted(part.strip() for part in policy.split(";"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path, status",
    [
        ("/account/login/", 200),
        ("/health/live", 200),
        ("/nothing-here/", 404),
        ("/calendar/", 302),
        ("/static/clinic/mark.svg", 200),
    ],
)
def test_the_headers_of_an_answer(path, status):
    answer = Client().get(path)
    assert answer.status_code == status
    assert directives(answer["Content-Security-Policy"]) == directives(POLICY)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in answer["Permissions-Policy"]
    assert "Server" not in answer
    assert "X-Powered-By" not in answer


@pytest.mark.django_db
def test_errors_have_them_too(cast, client_of):
    refused = client_of(cast.rita).get("/clinic/")
    wrong_method = client_of(cast.rita).post("/health/live")
    for answer, status in [(refused, 403), (wrong_method, 405)]:
        assert answer.status_code == status
        assert directives(answer["Content-Security-Policy"]) == directives(POLICY)
        assert answer["X-Frame-Options"] == "DENY"
        assert sorted(answer["Cache-Control"].split(", ")) == ["no-store", "private"]


@pytest.mark.django_db
def test_pages_are_kept_nowhere(cast, client_of):
    assert Client().get("/account/login/")["Cache-Control"].split(", ").count("no-store") == 1
    assert client_of(cast.olive).get("/clinic/")["Cache-Control"].split(", ").count("no-store") == 1


@pytest.mark.django_db
def test_cookies_are_out_of_reach_of_scripts_and_other_sites(cast):
    browser = Client()
    browser.get("/account/login/")
    answer = browser.post("/account/login/", {"login": cast.rita.user.email, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    kept = {name: (cookie["httponly"], cookie["samesite"]) for name, cookie in browser.cookies.items()}
    assert kept == {"csrftoken": (True, "Lax"), "sessionid": (True, "Lax")}


@pytest.mark.django_db
def test_a_made_up_host_is_refused():
    assert Client().get("/health/live", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.django_db
def test_static_files_may_be_kept():
    assert "no-store" not in Client().get("/static/clinic/mark.svg").get("Cache-Control", "")
