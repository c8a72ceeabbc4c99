"""The database of the measurements: made by the owner role, kept, and used again on the same day.

Its comment says from which code, seed and size it was made: loading takes minutes, so it is made again only
when one of these changes, or when its "today" is over.
"""

import hashlib
import json
import time
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from clinic import postgres
from clinic.database import as_owner
from frontdesk.actions.demo import large, loading
from scripts.measuring import written

ROOT = Path(__file__).resolve().parents[2]
MADE_FROM = [
    "*/migrations/*.py",
    "*/models.py",
    "*/models/*.py",
    "clinic/database.py",
    "frontdesk/actions/demo/*.py",
    "frontdesk/actions/reference*",
    "frontdesk/actions/reference/*",
    "scripts/measuring/written.py",
]
COUNTED = [
    "patients_patient",
    "practitioners_practitioner",
    "clinic_room",
    "scheduling_appointment",
    "scheduling_visitphase",
    "scheduling_reservation",
    "scheduling_actualtime",
    "treatment_note",
    "treatment_needling",
]


class Size(NamedTuple):
    """`name` becomes part of the database's: sizes stand beside one another."""

    name: str
    patients: int
    past: int
    future: int


FULL = Size("full", large.PATIENTS, large.PAST, large.FUTURE)
QUICK = Size("quick", 2_000, 5_000, 2_500)


def with_history(size, times):
    return size if times == 1 else size._replace(name=f"{size.name}_x{times}", past=size.past * times)


class Made(NamedTuple):
    """`now` is the moment of loading, at which everything is measured. `again`: it was there already."""

    database: str
    now: datetime
    load_seconds: float
    vacuum_seconds: float
    rows: dict[str, int]
    again: bool


def made(size, *, seed=1, prefix="meridian_bench"):
    """The database of this size and seed, made where it is missing or out of date."""
    name = f"{prefix}_{size.name}"
    wanted = {"from": fingerprint(), "seed": seed, "size": list(size), "day": f"{timezone.now():%Y-%m-%d}"}
    said = comment_of(name)
    if said and said["wanted"] == wanted:
        return of(name, said, again=True)
    drop(name)
    said = {"wanted": wanted, **make(name, size, seed)}
    run("COMMENT ON DATABASE {} IS %s", name, json.dumps(said))
    return of(name, said, again=False)


def of(name, said, *, again):
    now = datetime.fromisoformat(said["now"])
    return Made(name, now, said["load_seconds"], said["vacuum_seconds"], said["rows"], again)


def fingerprint():
    digest = hashlib.sha256()
    for path in sorted({found for pattern in MADE_FROM for found in ROOT.glob(pattern) if found.is_file()}):
        digest.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def make(name, size, seed):
    run("CREATE DATABASE {}", name)
    now = timezone.now()
    with working_in(name):
        call_command("migrate", verbosity=0)
        started = time.monotonic()
        loading.load_large(seed=seed, now=now, past=size.past, future=size.future, patients=size.patients)
        written.write(now)
        loaded = time.monotonic()
        vacuum()
        vacuumed = time.monotonic()
        rows = {table: count(table) for table in COUNTED}
    return {
        "now": now.isoformat(),
        "load_seconds": round(loaded - started, 1),
        "vacuum_seconds": round(vacuumed - loaded, 1),
        "rows": rows,
    }


def vacuum():
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '256MB'")
        cursor.execute("VACUUM ANALYZE")


def count(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


@contextmanager
def copy_of(database):
    """A copy to write in, dropped afterwards."""
    name = f"{database}_copy"
    drop(name)
    end_connections(database)
    run("CREATE DATABASE {} TEMPLATE " + database + " STRATEGY file_copy", name)
    try:
        yield name
    finally:
        drop(name)


@contextmanager
def working_in(name):
    """Point Django at another database; threads started inside get connections to it, too."""
    before = connection.settings_dict["NAME"]
    connections.close_all()
    connection.settings_dict["NAME"] = name
    try:
        yield name
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = before


def comment_of(name):
    rows = run("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", None, name)
    return json.loads(rows[0][0]) if rows and rows[0][0] else None


def drop(name):
    end_connections(name)
    run("DROP DATABASE IF EXISTS {}", name)


def end_connections(name):
    """Each role may only end its own."""
    ending = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = %s AND usename = current_user AND pid <> pg_backend_pid()"
    )
    for url in {settings.APPLICATION_URL, settings.OWNER_URL}:
        run(ending, None, name, url=url)


def run(sql, name, *values, url=None):
    """One statement outside any transaction; {} stands for the database's name."""
    chosen = postgres.django_settings(url or settings.OWNER_URL)
    opened = psycopg2.connect(
        dbname="postgres",
        user=chosen["USER"],
        password=chosen["PASSWORD"],
        host=chosen["HOST"],
        port=chosen["PORT"] or None,
    )
    opened.autocommit = True
    try:
        with opened.cursor() as cursor:
            cursor.execute(sql.format(name) if name else sql, values or None)
            return cursor.fetchall() if cursor.description else []
    finally:
        opened.close()
