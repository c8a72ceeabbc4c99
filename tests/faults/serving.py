"""The web server and the worker as processes of their own, and people who send forms to them over HTTP."""

import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.test import Client
from django.utils import timezone

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN = 60  # seconds
ANSWERS_WITHIN = 30
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
CSRF = "csrfmiddlewaretoken"
SIGN_IN = "/account/login/"


def url_of(database, url=None):
    """The application's URL of that database, on the server of the settings or on the named one."""
    return urlsplit(url or settings.APPLICATION_URL)._replace(path=f"/{database}").geturl()


class Process:
    """A command of the clinic that can be killed without a word, with all its children."""

    def __init__(self, command, folder, name, **environment):
        self.command, self.log = [sys.executable, "-m", *command], folder / f"{name}.log"
        self.environment = {**os.environ, "AUDIT_HEAD_FILE": str(folder / "audit-head.jsonl"), **environment}
        self.child = None

    def start(self):
        now = {"MERIDIAN_TEST_NOW": timezone.now().isoformat()}
        with self.log.open("a") as log:
            self.child = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment | now,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self):
        """As a power cut would: kill -9, to the whole session."""
        if self.child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait()
            self.child = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *fault):
        self.kill()


class WebServer(Process):
    """Granian as `make serve` starts it, over plain HTTP: two processes with four threads each."""

    def __init__(self, database_url, folder, *, without=(), **environment):
        self.port = free_port()
        options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(self.port), "--no-ws"]
        size = [
            "--workers",
            "2",
            "--blocking-threads",
            "4",
            "--respawn-failed-workers",
            "--log-level",
            "warning",
        ]
        command = ["granian", *options, *size, "tests.faults.served:application"]
        more = {"MERIDIAN_WITHOUT": ",".join(without), **environment}
        super().__init__(command, folder, "web-server", DATABASE_URL=database_url, **more)

    def start(self):
        super().start()
        deadline = time.monotonic() + STARTS_WITHIN
        while not self.answers():
            if time.monotonic() > deadline or self.child.poll() is not None:
                raise AssertionError(f"The web server does not answer:\n{self.log.read_text()}")
            time.sleep(0.1)

    def answers(self):
        asking = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            asking.request("GET", "/health/live")
            return asking.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            asking.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class Answer:
    """Status 0: there was none."""

    status: int
    location: str = ""
    text: str = ""

    @property
    def done(self):
        return self.status in (302, 303) and SIGN_IN not in self.location


class Visitor:
    """A person with a session and a connection that stays open; used by one thread at a time."""

    def __init__(self, port, person):
        client = Client()
        client.force_login(person)
        self.cookies = {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}
        self.port, self.connection, self.token = port, None, ""

    def sharing(self):
        """The same session on another connection, as a second click has."""
        twin = Visitor.__new__(Visitor)
        twin.port, twin.connection, twin.cookies, twin.token = self.port, None, self.cookies, self.token
        return twin

    def get(self, path):
        return self.ask("GET", path)

    def form(self, path):
        """The hidden fields of a page's form: its key, its version, its token."""
        answer = self.get(path)
        assert answer.status == 200, (answer.status, path, answer.text[:500])
        fields = dict(HIDDEN.findall(answer.text))
        self.token = fields.pop(CSRF)
        return fields

    def post(self, path, fields):
        return self.ask("POST", path, urlencode({**fields, CSRF: self.token}, doseq=True))

    def ask(self, method, path, body=None):
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            if self.connection is None:
                self.connection = HTTPConnection("127.0.0.1", self.port, timeout=ANSWERS_WITHIN)
            self.connection.request(method, path, body, headers)
            got = self.connection.getresponse()
            text = got.read().decode(errors="replace")
        except (OSError, HTTPException):
            self.close()
            return Answer(0)
        for header in got.msg.get_all("Set-Cookie") or []:
            name, _, value = header.split(";")[0].partition("=")
            self.cookies[name] = value
        return Answer(got.status, got.getheader("Location", ""), text)

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None
