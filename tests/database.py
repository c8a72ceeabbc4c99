"""Databases for tests: one template, made once by the owner role, and cheap copies of it.

The template is migrated, has the reference data and the cast, and is named after a hash of everything it is
made from: it is used again until one of those files changes. Every run works in a copy of its own, so that
several runs (and workers) share a server. Session-level advisory locks on one connection say which copies
are still in use; what a crashed run left behind is dropped by the next one.
"""

import hashlib
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import time_machine
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections

from clinic import postgres
from tests.cast import SET_UP_AT, build

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "test_meridian"
RETIRED = f"{PREFIX}_retired"
ENOUGH = 12  # Retired databases that are dropped together; each takes 20 MB.
# Advisory locks are of one database: all runs take them in this one, whichever DATABASE_URL names.
MEETING_PLACE = "postgres"
LOCKS = 7_315_904  # The first half of every advisory lock taken here; the product's are single bigints.
MADE_FROM = [
    "*/migrations/*.py",
    "*/models.py",
    "*/models/*.py",
    "*/data/*",
    "intake/data/questionnaires/*",
    "intake/actions/loading.py",
    "intake/rules/screens.py",
    "*/actions/reference.py",
    "clinic/database.py",
    "clinic/management/commands/migrate.py",
    "frontdesk/actions/reference*",
    "frontdesk/actions/reference/*",
    "requirements.txt",
    "tests/cast.py",
    "tests/database.py",
]


def template_name():
    digest = hashlib.sha256()
    for path in sorted({found for pattern in MADE_FROM for found in ROOT.glob(pattern) if found.is_file()}):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return f"{PREFIX}_template_{digest.hexdigest()[:12]}"


class Databases:
    """The databases of one run (of one worker); `close` drops them."""

    def __init__(self, worker):
        self.name = f"{PREFIX}_{worker}_{secrets.token_hex(4)}"
        self.count = 0
        self.owner = connect(settings.OWNER_URL, MEETING_PLACE)
        self.run("SELECT pg_advisory_lock(%s, hashtext(%s))", LOCKS, self.name)
        self.template = template_name()
        self.run("SELECT pg_advisory_lock(%s, 0)", LOCKS)
        try:
            self.run("SELECT pg_advisory_lock_shared(%s, hashtext(%s))", LOCKS, self.template)
            self.drop_leftovers()
            if self.template not in self.existing():
                self.make_template()
        finally:
            self.run("SELECT pg_advisory_unlock(%s, 0)", LOCKS)
        self.cast = json.loads(
            self.run(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
                self.template,
            )[0][0]
        )

    def run(self, sql, *values):
        with self.owner.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall() if cursor.description else []

    def existing(self):
        rows = self.run("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", f"{PREFIX}_")
        return {name for (name,) in rows}

    def drop_leftovers(self):
        """Templates nobody uses, and copies whose run is gone: their locks are free. Retired ones wait on."""
        for name in sorted(self.existing() - {self.template}):
            if name.startswith(RETIRED):
                continue
            run = name if "_template_" in name else "_".join(name.split("_")[:4])
            lock = "pg_try_advisory_lock(%s, hashtext(%s))"
            if run != self.name and self.run(f"SELECT {lock}", LOCKS, run)[0][0]:
                self.drop(name)
                self.run("SELECT pg_advisory_unlock(%s, hashtext(%s))", LOCKS, run)

    def make_template(self):
        draft = f"{self.name}_draft"
        self.run(f"CREATE DATABASE {draft}")
        with working_in(draft), time_machine.travel(SET_UP_AT, tick=False):
            call_command("migrate", verbosity=0)
            cast = build()
        end_connections(draft)
        self.run(f"COMMENT ON DATABASE {draft} IS %s", json.dumps(cast))
        self.run(f"ALTER DATABASE {draft} RENAME TO {self.template}")

    def copy(self):
        """A new database with everything in the template; its name."""
        self.count += 1
        name = f"{self.name}_{self.count}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        self.run(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")
        return name

    def drop(self, name):
        end_connections(name)
        self.run(f"DROP DATABASE IF EXISTS {name}")

    def retire(self, name):
        """Drop it, together with others: each drop has all that was written anywhere brought to the disk first.

        Drops that ask for this at one moment share it, and what is dropped is not brought there. So databases
        wait under a name that says so until there are enough, whichever worker they come from.
        """
        end_connections(name)
        waiting = f"{RETIRED}_{secrets.token_hex(6)}"
        self.run(f"ALTER DATABASE {name} RENAME TO {waiting}")
        # Where another worker has the lock, that one is at it.
        if self.run("SELECT pg_try_advisory_lock(%s, hashtext(%s))", LOCKS, RETIRED) == [(True,)]:
            self.drop_retired(at_least=ENOUGH)
        return waiting

    def drop_retired(self, at_least):
        """With the lock that lets one worker at a time do it, which is given back."""
        try:
            names = sorted(name for name in self.existing() if name.startswith(RETIRED))
            if len(names) >= at_least:
                with ThreadPoolExecutor(2 * ENOUGH) as pool:
                    list(pool.map(drop_by_itself, names))
        finally:
            self.run("SELECT pg_advisory_unlock(%s, hashtext(%s))", LOCKS, RETIRED)

    def close(self):
        for name in sorted(self.existing()):
            if name.startswith(self.name):
                self.drop(name)
        self.run("SELECT pg_advisory_lock(%s, hashtext(%s))", LOCKS, RETIRED)
        self.drop_retired(at_least=1)
        self.owner.close()


def drop_by_itself(name):
    """On a connection of its own, so that any thread can do it."""
    end_connections(name)
    opened = connect(settings.OWNER_URL, MEETING_PLACE)
    with opened.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
    opened.close()


def connect(url, name=None):
    """A plain connection in autocommit, outside Django; to another database of the server if named."""
    chosen = postgres.django_settings(url)
    opened = psycopg2.connect(
        dbname=name or chosen["NAME"],
        user=chosen["USER"],
        password=chosen["PASSWORD"],
        host=chosen["HOST"],
        port=chosen["PORT"] or None,
    )
    opened.autocommit = True
    return opened


def end_connections(name):
    """End every connection to the database. Each role may only end its own."""
    for url in {settings.APPLICATION_URL, settings.OWNER_URL}:
        opened = connect(url, MEETING_PLACE)
        with opened.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = %s AND usename = current_user AND pid <> pg_backend_pid()",
                [name],
            )
        opened.close()


@contextmanager
def working_in(name):
    """Point Django at another database; threads opened inside get connections to it, too."""
    before = connection.settings_dict["NAME"]
    connections.close_all()
    connection.settings_dict["NAME"] = name
    try:
        yield name
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = before
