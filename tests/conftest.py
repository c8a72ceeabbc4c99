"""Fixtures for every test; README.md here shows how to use them."""

import os

import pytest
import time_machine
from django.db import connection
from django.test import Client

from tests.cast import NOW, Cast
from tests.database import Databases, working_in

# Playwright's loop runs in the main thread, where Django would refuse the database otherwise.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

pytest_plugins = ["tests.browser"]
REAL_TIME_PASSES = ("browser", "alone", "torture")


@pytest.fixture(scope="session")
def databases(worker_id, django_test_environment, django_db_blocker):
    with django_db_blocker.unblock():
        made = Databases(worker_id)
    yield made
    made.close()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, databases):
    """Replaces pytest-django's: ordinary tests roll back in a copy of the template, as the application's role."""
    with django_db_blocker.unblock():
        connection.settings_dict["NAME"] = databases.copy()
    yield
    with django_db_blocker.unblock():
        connection.close()


@pytest.fixture
def committed(databases, django_db_setup, django_db_blocker):
    """A database of this test's own, for threads, browsers and kills: commits are real, nothing is flushed."""
    name = databases.copy()
    with django_db_blocker.unblock(), working_in(name):
        yield name
    databases.drop(name)


@pytest.fixture(autouse=True)
def now(request):
    """It is Tuesday, 2026-11-24, 10:42 in Uptown. The clock stands still, unless a browser or threads need it."""
    ticks = any(request.node.get_closest_marker(name) for name in REAL_TIME_PASSES)
    with time_machine.travel(NOW, tick=ticks):
        yield NOW


@pytest.fixture
def cast(databases):
    """The people, places and services of tests/cast.py: `cast.maria`, `cast.room_1`, `cast.service("massage")`."""
    return Cast(databases.cast)


@pytest.fixture
def client_of():
    """`client_of(cast.ana).get(url)`: a test client with that person signed in."""

    def client_of(person, **options):
        client = Client(**options)
        client.force_login(getattr(person, "user", person))
        return client

    return client_of
