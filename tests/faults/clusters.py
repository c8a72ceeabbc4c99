"""A PostgreSQL server of a test's own, to be killed: in a temporary folder, from the wheel's programs."""

import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg2
from django.conf import settings
from django.db import connection, connections

from clinic import postgres
from clinic.postgres import cluster as files
from clinic.postgres.making import initialize, make_roles, unprivileged_account
from clinic.postgres.running import launch, shut_down
from tests.faults.serving import url_of


@contextmanager
def own_cluster():
    """A running cluster with the two roles and an empty database. It ends with the test, and so do its files."""
    as_root = os.geteuid() == 0
    folder = Path(tempfile.mkdtemp(prefix="mrd-"))
    passwords = [secrets.token_urlsafe(16) for _ in range(3)]
    made = files.Cluster(str(folder), *passwords)
    try:
        # The server's account must pass through; what it must not read is closed in itself.
        folder.chmod(0o755)
        share_programs(made)
        uid, gid = unprivileged_account() if as_root else (os.geteuid(), os.getegid())
        for each in (made.data, made.log.parent):
            files.make_private(each, uid, gid)
        initialize(made, uid, gid)
        launch(made)
        make_roles(made)
        yield made
    finally:
        shut_down(made, "immediate")
        shutil.rmtree(folder, ignore_errors=True)


def share_programs(made):
    """The copy of the wheel that the checkout's own server has, where it has one."""
    own = files.recorded()
    for copy in own.root.glob("wheel-*") if own else ():
        if not copy.name.endswith(".new"):
            (made.root / copy.name).symlink_to(copy)


def app_url(made):
    return made.url(files.APP, made.app_password)


def owner_url(made):
    return made.url(files.OWNER, made.owner_password)


def fill(made, database):
    """Everything of a database of the tests' server, with its triggers, constraints and grants."""
    copied = run("pg_dump", url_of(database, settings.OWNER_URL), "--no-comments")
    run("psql", owner_url(made), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", given=copied)


def run(program, url, *arguments, given=None):
    """A program of the wheel at a database; what it wrote. The password is in its environment, not in its name."""
    at = postgres.django_settings(url)
    names = {"PGHOST": at["HOST"], "PGPORT": at["PORT"], "PGUSER": at["USER"], "PGDATABASE": at["NAME"]}
    environment = {
        **os.environ,
        **{name: value for name, value in names.items() if value},
        "PGPASSWORD": at["PASSWORD"],
    }
    command = [str(postgres.binary(program)), *arguments]
    done = subprocess.run(command, input=given, capture_output=True, check=False, env=environment)
    assert done.returncode == 0, f"{program}: {done.stderr.decode()}"
    return done.stdout


@contextmanager
def working_at(made):
    """Point Django at the cluster's database."""
    before = dict(connection.settings_dict)
    connections.close_all()
    chosen = postgres.django_settings(app_url(made))
    connection.settings_dict.update(
        {name: chosen[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    )
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict.update(before)


def kill(made):
    """kill -9 of the postmaster. Its children notice by themselves, in their own time."""
    os.kill(int(files.pid_file(made)[0]), signal.SIGKILL)


def revive(made):
    """As the product starts its server after a crash: recovery included."""
    launch(made)
    for _ in range(100):
        if files.is_ready(made):
            return
        time.sleep(0.1)
    raise AssertionError(f"PostgreSQL does not come back:\n{made.log.read_text()[-2000:]}")


def stop_writing(made):
    """Hold the process that writes the log of changes to disk by and by; its id. For a control only."""
    ((writer,),) = as_superuser(made, "SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'")
    os.kill(writer, signal.SIGSTOP)
    return writer


def as_superuser(made, *statements):
    """Each statement by itself; the rows of the last."""
    opened = psycopg2.connect(made.url(files.SUPERUSER, made.superuser_password))
    opened.autocommit = True
    with opened.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        rows = cursor.fetchall()
    opened.close()
    return rows
