"""Calls a route as everybody, in every way, and says which answers are wrong.

Wrong is also what an answer leaves behind: a word in a mail or in the log, or no line in the audit log where a
chart was shown or somebody kept out.
"""

import io
import logging
import re
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from clinic.logs import json_formatter
from clinic.models import AuditEvent
from clinic.submissions import new_key
from messaging.models import OutboxMessage
from tests.access.table import CHARTS, NOT_LOGGED, ROLES_OF, Target
from tests.access.world import (
    EVERYBODY,
    OPENS,
    OPENS_TEAM,
    ROLES,
    SEES,
    WORKS_AT,
    WRITES,
    WRITES_TEAM,
    forbidden_in_logs,
    forbidden_in_mail,
    forbidden_words,
)

CANARIES = re.compile(r"q\w+")
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "MADEUP"]
GATED = {"read_chart", "write_chart"}
# Daniel differs from Mei in whose chart is open to him.
ONLY_CHARTS = {"daniel"}
DENIED = {403, 404}
DONE = {200, 204, 302, 303, 400, 409, 422, 428}
ANYTHING = Target({})
SIGN_IN = "/account/login/"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True)
class Cell:
    person: str
    method: str
    url: str
    expected: frozenset
    target: Target = ANYTHING
    htmx: bool = False
    # The patient whose chart is shown if the answer is 200, and whether the clinic is set to "team".
    shows: str | None = None
    team: bool = False

    def __str__(self):
        about = f" ({self.target.about})" if self.target.about else ""
        return f"{self.person}{about}: {self.method} {self.url}{' by htmx' if self.htmx else ''}"


def cells(route, permission, targets, people=ROLES, team=False):
    """Everybody × declared methods × relations, then an undeclared method once per person.

    As a piece of a page once for each way in which it can go for a person, and without its body once for each at
    all; neither where all this is asked again of a clinic set to "team".
    """
    without_body = set()
    for person in people:
        if person in ONLY_CHARTS and permission not in CHARTS:
            continue
        mine, as_piece = targets if expected(permission, person) >= DONE else targets[:1], set()
        for target in mine:
            url = reverse(route.name, kwargs=target.kwargs)
            status = right_for(target, permission, person, team)
            said = {"shows": shown_by(route, permission, target), "team": team}
            for method in set(route.methods) - {"HEAD"}:
                yield Cell(person, method, url, status, target, **said)
            if "GET" not in route.methods or team:
                continue
            if status not in as_piece:
                as_piece.add(status)
                yield Cell(person, "GET", url, status, target, htmx=True, **said)
            if status not in without_body:
                without_body.add(status)
                yield Cell(person, "HEAD", url, status, target, **said)
        if not team:
            yield one_of(list(undeclared(route, permission, targets, person)), route.name, person)


def undeclared(route, permission, targets, person):
    """The methods that the route does not declare, of the first of its addresses."""
    url = reverse(route.name, kwargs=targets[0].kwargs)
    refused = {302} if person == "nobody" and permission != "public" else {405}
    for method in METHODS:
        if method not in route.methods:
            yield Cell(person, method, url, frozenset(refused))


def one_of(cells, route_name, person):
    """Always the same one; each person's is the next, so that a route is asked by all methods."""
    return cells[(zlib.crc32(route_name.encode()) + list(ROLES).index(person)) % len(cells)]


def shown_by(route, permission, target):
    """The patient whose chart the page shows, and who so has a line in the log of who read it."""
    logged = permission == "read_chart" and route.name not in NOT_LOGGED
    return target.about if logged and target.about in EVERYBODY and not target.mixed else None


def questions(route, permission, queries):
    """Everybody asks the page for these things, as a page and as a piece of one."""
    for person in ROLES:
        for query in queries:
            url = f"{reverse(route.name)}?{query}"
            for htmx in (False, True):
                yield Cell(person, "GET", url, frozenset(expected(permission, person)), htmx=htmx)


def right_for(target, permission, person, team=False):
    found = expected(permission, person, target.about)
    if found == {404} and target.query:
        found = {404, 422}
    if found >= DONE and permission in GATED and not target.closed_too:
        found = by_the_chart(target, permission, person, team)
    return frozenset({404} if target.mixed and found >= DONE else found)


def by_the_chart(target, permission, person, team):
    """As `expected`, of somebody whom this person finds: a closed chart says so where the address names them."""
    opens, writes = (OPENS_TEAM, WRITES_TEAM) if team else (OPENS, WRITES)
    charts = (opens if permission == "read_chart" else writes).get(person, set())
    if target.about not in EVERYBODY or target.about in charts:
        return DONE
    return {403} if target.named else DENIED


def expected(permission, person, about=None):
    """The statuses that are right. 403: not for this role. 404: not for this person."""
    if permission == "public":
        return DONE | {404}
    if person == "nobody":
        return {302}
    if ROLES[person] not in ROLES_OF[permission]:
        return {403}
    needed = set(about.split("+")) if about else set()
    return DONE if needed <= SEES[person] | WORKS_AT.get(person, set()) else {404}


def wrong_answers(visitors, route, permission, targets, **among):
    """Every fault of every cell of the route, as sentences; none is right."""
    found, got = [], {}
    for cell in cells(route, permission, targets, **among):
        answer = visitors.call(cell)
        found += faults(answer, cell)
        if not cell.htmx:
            got[cell.person, f"{cell.url} {cell.target.about or ''}".strip(), cell.method] = (
                answer.status_code
            )
    for (person, url, method), status in got.items():
        as_get = got.get((person, url, "GET"), status)
        if method == "HEAD" and status != as_get:
            found.append(f"{person}: HEAD {url} answered {status}, but GET answered {as_get}")
    return found


def told(wrong):
    """The first of what is wrong, and how much more there is."""
    return "\n".join(["", *wrong[:20], f"({len(wrong)} in all)"])


def faults(answer, cell):
    """What is wrong with an answer, as sentences."""
    found = []
    if answer.status_code not in cell.expected:
        why = repr(answer.exc_info[1]) if getattr(answer, "exc_info", None) else ""
        found.append(f"{cell} answered {answer.status_code} instead of {sorted(cell.expected)} {why}")
    signed_out = cell.person == "nobody" and cell.expected == {302}
    if signed_out and SIGN_IN not in answer.get("Location", answer.get("HX-Redirect", "")):
        found.append(f"{cell} did not lead to sign-in")
    found += [f"{cell} says “{word}”" for word in leaks(answer, cell.person, cell.team)]
    found += [f"{cell} lacks {name}" for name, value in HEADERS.items() if value not in answer.get(name, "")]
    if cell.method == "HEAD" and answer.content:
        found.append(f"{cell} has a body")
    found += left_behind(answer, cell)
    return found


def leaks(answer, person, team=False):
    """Words in body or headers that this person must not read."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = readable(body, answer) + "\n" + "\n".join(map(str, answer.headers.values()))
    return found_in(text, forbidden_words(person, team))


def readable(body, answer):
    """A body as text: of a PDF what its pages say."""
    if body and answer.get("Content-Type", "").startswith("application/pdf"):
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    return body.decode(errors="replace")


def found_in(text, words):
    """Which of these words stand in the text, whole, in whichever case.

    Pages are long and words many: canaries are the words that begin with a q, and of the others only those that
    are there at all are looked at closely.
    """
    text = text.lower()
    others = (
        word
        for word in words
        if word[0] != "q" and word in text and re.search(rf"\b{re.escape(word)}\b", text)
    )
    return sorted(words.intersection(CANARIES.findall(text)).union(others))


def left_behind(answer, cell):
    """What is wrong with what the call wrote: audit log, mails, the application's log."""
    verbs = [verb for verb, _patient in answer.events]
    if cell.person != "nobody" and answer.status_code in DENIED and "denied" not in verbs:
        yield f"{cell} was denied, and no event says so"
    # Sent on to load the whole page, by htmx, nothing of the chart was shown yet.
    sent_on = "HX-Redirect" in answer
    if cell.shows and cell.method == "GET" and not sent_on and answer.status_code == 200:
        times = [patient for verb, patient in answer.events if verb != "denied"].count(
            answer.patients[cell.shows]
        )
        if times != 1:
            yield f"{cell} shows a chart, and {times} events say so"
    for mail in answer.mails:
        said = found_in(f"{mail.subject}\n{mail.body}", forbidden_in_mail(mail.to))
        yield from (f"{cell} writes “{word}” to {mail.to}" for word in said)
    yield from (f"{cell} logs “{word}”" for word in found_in(answer.logged, forbidden_in_logs()))
    yield from (f"{cell} logs what was sent: {sent}" for sent in answer.typed if sent in answer.logged)


class Log:
    """What the application logs, written as in production."""

    def __init__(self):
        self.text = io.StringIO()
        self.handler = logging.StreamHandler(self.text)
        self.handler.setFormatter(json_formatter())

    @contextmanager
    def kept(self, level=logging.WARNING):
        """It alone takes what is logged; from production's level on, unless another is named."""
        self.taken()
        root = logging.getLogger()
        before, level_before = root.handlers[:], root.level
        root.handlers[:] = [self.handler]
        root.setLevel(level)
        try:
            yield self
        finally:
            root.handlers[:] = before
            root.setLevel(level_before)

    def taken(self):
        """What was logged since it was asked last."""
        said = self.text.getvalue()
        self.text.seek(0)
        self.text.truncate()
        return said


class Visitors:
    """A client per person, signed in once; each call is rolled back."""

    def __init__(self, cast):
        self.clients, self.users = {}, {}
        for person in ROLES:
            self.clients[person] = Client(raise_request_exception=False)
            if person != "nobody":
                row = getattr(cast, person)
                self.users[person] = getattr(row, "user", row)
                self.clients[person].force_login(self.users[person])
        self.patients = {name: getattr(cast, name).pk for name in EVERYBODY}
        self.log = Log()
        # What was there before anybody called.
        self.events = set(AuditEvent.objects.values_list("pk", flat=True))
        self.mails = set(OutboxMessage.objects.values_list("pk", flat=True))

    def call_from_elsewhere(self, person, route, target):
        """The form as another site would send it: with the session, without the token."""
        stranger = Client(enforce_csrf_checks=True)
        stranger.cookies = self.clients[person].cookies
        with rolled_back(), self.log.kept():
            return stranger.post(reverse(route.name, kwargs=target.kwargs), {"request_key": new_key()})

    def call(self, cell, level=logging.WARNING):
        """The answer, with what the call left behind; `level` is from where on it is logged."""
        signed_in = signed_in_as_before(self.clients[cell.person])
        with signed_in as client, rolled_back(), self.log.kept(level):
            extra = {"headers": {"HX-Request": "true"}} if cell.htmx else {}
            key = new_key()
            if cell.method == "POST":
                sent = {"request_key": key, "version": cell.target.version, **cell.target.query}
                answer = client.post(cell.url, sent, **extra)
            else:
                asked = {"QUERY_STRING": urlencode(cell.target.query)} if cell.target.query else {}
                answer = client.generic(cell.method, cell.url, **asked, **extra)
            self.gather(answer, cell, key)
            return answer

    def gather(self, answer, cell, key):
        """What the call left behind, before it is rolled back. The database is asked only where it matters."""
        answer.patients, answer.logged = self.patients, self.log.taken()
        answer.typed = [key, *(f"{name}={value}" for name, value in parse_qsl(cell.url.partition("?")[2]))]
        answer.events, answer.mails = [], []
        if cell.person != "nobody" and (cell.shows or answer.status_code in DENIED):
            rows = AuditEvent.objects.filter(by=self.users[cell.person]).exclude(pk__in=self.events)
            answer.events = list(rows.values_list("verb", "patient"))
        if cell.method == "POST" and answer.status_code < 400:
            answer.mails = list(OutboxMessage.objects.exclude(pk__in=self.mails))


@contextmanager
def rolled_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def signed_in_as_before(client):
    """Whatever a call did to the cookies is undone: signing out, a new session."""
    before = client.cookies.get(settings.SESSION_COOKIE_NAME)
    kept = before.value if before else None
    yield client
    if kept:
        client.cookies[settings.SESSION_COOKIE_NAME] = kept
