"""Processes that run together until one ends or the person at the terminal ends them all."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from ssl import create_default_context

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from clinic import postgres  # noqa: E402 (needs the path above)

PYTHON = sys.executable
GRACE_SECONDS = 10


class Stopped(Exception):
    """The person at the terminal, or the system, asked for the end."""


def manage(*arguments: str, env: dict[str, str] | None = None) -> None:
    """Runs a command of manage.py, and ends everything if it fails."""
    done = subprocess.run([PYTHON, "manage.py", *arguments], cwd=ROOT, env=env, check=False)
    if done.returncode:
        sys.exit(f"manage.py {arguments[0]} failed; the reason is above.")


def port_of(default: int) -> int:
    """The port to serve on, from PORT; ends with a sentence where it is taken or is none."""
    said = os.environ.get("PORT", str(default))
    if not said.isdigit() or not 0 < int(said) < 65536:
        sys.exit(f"PORT must be a number from 1 to 65535, not {said!r}.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(said)))
        except OSError:
            sys.exit(
                f"Port {said} is in use. Stop what uses it, or choose another: PORT={int(said) + 1} make …"
            )
    return int(said)


def run_together(commands: dict[str, list[str]], env: dict[str, str], announce: Callable[[], None]) -> None:
    """Starts each command, calls `announce`, and returns when asked to stop; then all are ended.

    `announce` may raise Stopped or take its time. A command that ends by itself ends the others.
    """
    children: dict[str, subprocess.Popen] = {}
    try:
        for name, command in commands.items():
            # A session of its own: Ctrl-C reaches this process only, which then ends the children in order.
            children[name] = subprocess.Popen(command, cwd=ROOT, env=env, start_new_session=True)
        announce()
        while True:
            for name, child in children.items():
                if child.poll() is not None:
                    sys.exit(
                        f"The {name} ended by itself (exit code {child.returncode}), so everything stops."
                    )
            time.sleep(0.3)
    finally:
        for child in reversed(children.values()):
            end(child)


def end(child: subprocess.Popen) -> None:
    if child.poll() is not None:
        return
    child.terminate()
    try:
        child.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def wait_until_served(port: int, certificate: Path | None = None) -> bool:
    """Whether the server answers its health page within half a minute."""
    context = create_default_context(cafile=certificate) if certificate else None
    for _ in range(300):
        connection = (
            HTTPSConnection("localhost", port, context=context)
            if context
            else HTTPConnection("127.0.0.1", port)
        )
        try:
            connection.request("GET", "/health/live")
            connection.getresponse()
            return True
        except OSError:
            time.sleep(0.1)
        finally:
            connection.close()
    return False


def with_database(work: Callable[[], None]) -> None:
    """Does the work; afterwards the embedded server is stopped if it was not running before."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, _stop)
    embedded = not os.environ.get("DATABASE_URL")
    started = False
    try:
        started = embedded and postgres.start()
        work()
    except postgres.Unavailable as reason:
        sys.exit(str(reason))
    except Stopped:
        print("\nStopping …", flush=True)
    finally:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        if started:
            postgres.stop()


def _stop(number: int, frame: object) -> None:
    raise Stopped
