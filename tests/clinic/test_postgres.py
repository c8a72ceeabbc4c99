"""The embedded server, started in a checkout of the test's own."""

import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from pathlib import Path

import psycopg2
import pytest

from clinic import postgres

PACKAGE = Path(postgres.__file__).parent
WHERE = "import json; from clinic import postgres; print(json.dumps([*postgres.urls(), str(postgres.log_path())]))"


def test_a_socket_url_becomes_django_settings():
    assert postgres.django_settings("postgres://ana:p%40ss@/clinic?host=/run/here") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "clinic",
        "USER": "ana",
        "PASSWORD": "p@ss",
        "HOST": "/run/here",
        "PORT": "",
        "OPTIONS": {},
    }


def test_a_network_url_becomes_django_settings():
    assert postgres.django_settings("postgresql://ana@db.example:6432/clinic?sslmode=verify-full") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "clinic",
        "USER": "ana",
        "PASSWORD": "",
        "HOST": "db.example",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "verify-full"},
    }


def test_a_named_server_is_used(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://app@db/clinic")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgres://owner@db/clinic")
    assert postgres.urls() == ("postgres://app@db/clinic", "postgres://owner@db/clinic")


def test_one_url_serves_for_both_roles(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgres://app@db/clinic")
    monkeypatch.delenv("DATABASE_OWNER_URL", raising=False)
    assert postgres.urls() == ("postgres://app@db/clinic", "postgres://app@db/clinic")


@pytest.fixture
def checkout(tmp_path):
    """A folder with nothing but the module; its server and data are gone afterwards."""
    shutil.copytree(PACKAGE, tmp_path / "clinic" / "postgres", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "clinic" / "__init__.py").touch()
    yield tmp_path
    command(tmp_path, "-m", "clinic.postgres", "stop")
    shutil.rmtree(home_of(tmp_path))


def home_of(checkout):
    record = json.loads((checkout / ".data" / "postgres.json").read_text())
    return checkout / ".data" / record["home"]


def command(checkout, *arguments):
    return begin(checkout, *arguments).communicate(timeout=60)[0]


def begin(checkout, *arguments):
    env = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_")}
    return subprocess.Popen(
        [sys.executable, *arguments], cwd=checkout, env=env, stdout=subprocess.PIPE, text=True
    )


def query(url, sql):
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


@pytest.mark.alone
def test_processes_that_begin_together_share_one_server_and_a_crash_is_mended(checkout):
    def all_at_once():
        answers = {begin_reading.communicate(timeout=60)[0] for begin_reading in begun()}
        assert len(answers) == 1
        return json.loads(answers.pop())

    def begun():
        return [begin(checkout, "-c", WHERE) for _ in range(6)]

    app, owner, log = all_at_once()
    query(owner, "CREATE TABLE kept (word text); INSERT INTO kept VALUES ('still here')")
    os.kill(int((home_of(checkout) / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    assert all_at_once() == [app, owner, log]
    assert query(owner, "SELECT word FROM kept") == [("still here",)]


@pytest.mark.alone
def test_the_server_is_safe_private_and_silent(checkout):
    app, owner, log = json.loads(command(checkout, "-c", WHERE))

    settings = ("listen_addresses", "fsync", "data_checksums", "TimeZone", "log_min_error_statement")
    shown = {name: query(app, f"SHOW {name}")[0][0] for name in settings}
    assert shown == dict(zip(settings, ("", "on", "on", "UTC", "panic"), strict=True))
    rights = {path.name: stat.S_IMODE(path.stat().st_mode) for path in home_of(checkout).glob("[ds]*")}
    assert set(rights.values()) == {0o700}
    assert stat.S_IMODE((checkout / ".data" / "postgres.json").stat().st_mode) == 0o600

    for forbidden in (
        "CREATE TABLE mine (a int)",
        "CREATE TEMPORARY TABLE mine (a int)",
        "CREATE SCHEMA mine",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            query(app, forbidden)
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        query(re.sub(r":[^:@]+@", ":wrong@", app), "SELECT 1")

    query(owner, "CREATE TABLE names (name text PRIMARY KEY); INSERT INTO names VALUES ('Maria Canary')")
    with pytest.raises(psycopg2.errors.UniqueViolation):
        query(owner, "INSERT INTO names VALUES ('Maria Canary')")
    lines = Path(log).read_text()
    assert "duplicate key value violates unique constraint" in lines
    assert "Canary" not in lines
