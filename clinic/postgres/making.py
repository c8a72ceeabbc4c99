"""Making a new cluster: its folders, its roles, its database."""

import contextlib
import os
import pwd
import secrets
import shutil
import subprocess

from clinic.postgres.cluster import (
    APP,
    DATABASE,
    FINGERPRINT,
    OWNER,
    SUPERUSER,
    Cluster,
    Unavailable,
    as_server,
    binary,
    make_private,
    record,
)
from clinic.postgres.running import launch, shut_down

ACCOUNT = "meridian-postgres"
EXTENSIONS = ("btree_gist", "pg_trgm", "unaccent", "pg_stat_statements")


def create() -> None:
    as_root = os.geteuid() == 0
    cluster = Cluster(
        home=f"/var/lib/meridian-{FINGERPRINT}" if as_root else "postgres",
        owner_password=secrets.token_urlsafe(24),
        app_password=secrets.token_urlsafe(24),
        superuser_password=secrets.token_urlsafe(24),
    )
    cluster.root.mkdir(mode=0o755, exist_ok=True)
    if as_root:
        cluster.root.chmod(0o755)
    set_aside_leftovers(cluster)
    uid, gid = unprivileged_account() if as_root else (os.geteuid(), os.getegid())
    for folder in (cluster.data, cluster.log.parent):
        make_private(folder, uid, gid)
    initialize(cluster, uid, gid)
    launch(cluster)
    make_roles(cluster)
    record(cluster)


def unprivileged_account() -> tuple[int, int]:
    """User and group of a server started by root: an account of its own, else nobody's."""
    add = ["useradd", "--system", "--no-create-home", "--home-dir", "/", "--shell", "/bin/false", ACCOUNT]
    with contextlib.suppress(FileNotFoundError):
        # It fails where the account exists already; that is as good.
        subprocess.run(add, check=False, capture_output=True)
    try:
        found = pwd.getpwnam(ACCOUNT)
    except KeyError:
        found = pwd.getpwnam("nobody")
    return found.pw_uid, found.pw_gid


def set_aside_leftovers(cluster: Cluster) -> None:
    """Data without a record (its `.data/` was removed) is kept once, as data.previous."""
    if cluster.data.exists():
        if (cluster.data / "PG_VERSION").exists():
            shut_down(cluster, "fast")
        previous = cluster.root / "data.previous"
        shutil.rmtree(previous, ignore_errors=True)
        cluster.data.rename(previous)
    if cluster.log.exists():
        cluster.log.unlink()


def initialize(cluster: Cluster, uid: int, gid: int) -> None:
    password_file = cluster.root / "superuser-password"
    password_file.touch(mode=0o600)
    try:
        os.chown(password_file, uid, gid)
        password_file.write_text(cluster.superuser_password)
        arguments = [
            *("--username", SUPERUSER, "--pwfile", str(password_file), "--auth", "scram-sha-256"),
            # Letters of all scripts count as letters, in the same order on every machine.
            *("--encoding", "UTF8", "--locale", "C.UTF-8"),
            *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
            *("--data-checksums", "--no-instructions"),
        ]
        as_server(cluster, "initdb", *arguments)
    finally:
        password_file.unlink()


def make_roles(cluster: Cluster) -> None:
    extensions = "".join(f"CREATE EXTENSION {name};\n" for name in EXTENSIONS)
    # Into template1, so that test databases, which the owner makes, have the extensions too.
    as_superuser(cluster, "template1", extensions)
    as_superuser(
        cluster,
        "template1",
        f"""
        CREATE ROLE {OWNER} LOGIN CREATEDB PASSWORD '{cluster.owner_password}';
        CREATE ROLE {APP} LOGIN PASSWORD '{cluster.app_password}';
        GRANT pg_read_all_stats TO {OWNER};
        GRANT EXECUTE ON FUNCTION pg_stat_statements_reset TO {OWNER};
        CREATE DATABASE {DATABASE} OWNER {OWNER};
        REVOKE TEMPORARY ON DATABASE {DATABASE} FROM PUBLIC;
        """,
    )


def as_superuser(cluster: Cluster, database: str, sql: str) -> None:
    command = [
        *(str(binary("psql")), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1"),
        *("--host", str(cluster.socket_folder), "--username", SUPERUSER, "--dbname", database),
    ]
    environment = {**os.environ, "PGPASSWORD": cluster.superuser_password}
    done = subprocess.run(command, input=sql, text=True, capture_output=True, env=environment, check=False)
    if done.returncode:
        raise Unavailable(f"PostgreSQL refused its set-up: {done.stderr.strip()}")
