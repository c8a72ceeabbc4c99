"""Fixtures for every test; README.md here shows how to use them."""

import os

import pytest
import time_machine
from django.db import connection
from django.test import Client
from zeal import zeal_context
from zeal.constants import initialize_app_registry
from zeal.patch import patch

from tests.cast import NOW, Cast
from tests.database import Databases, working_in

# Playwright's loop runs in the main thread, where Django would refuse the database otherwise.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

initialize_app_registry()
patch()
pytest_plugins = ["tests.browser"]
REAL_TIME_PASSES = ("browser", "alone", "torture")


class WatchfulClient(Client):
    """A page that asks the database once for each of its rows fails the test that gets the page."""

    def get(self, *args, **kwargs):
        with zeal_context():
            return super().get(*args, **kwargs)


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
    databases.retire(name)


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
    """`client_of(cast.ana).get(url)`: a test client with that person signed in, which fails on N+1 queries."""

    def client_of(person, **options):
        client = WatchfulClient(**options)
        client.force_login(getattr(person, "user", person))
        return client

    return client_of
