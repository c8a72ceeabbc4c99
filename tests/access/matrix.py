"""Calls a route as everybody, in every way, and says which answers are wrong."""

from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from clinic.submissions import new_key
from tests.access.table import ROLES_OF, Target
from tests.access.world import ROLES, SEES, WORKS_AT, forbidden_words

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "MADEUP"]
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

    def __str__(self):
        about = f" ({self.target.about})" if self.target.about else ""
        return f"{self.person}{about}: {self.method} {self.url}{' by htmx' if self.htmx else ''}"


def cells(route, permission, targets):
    """Everybody × declared methods × relations, then undeclared methods once per person."""
    for person in ROLES:
        mine, seen = targets if expected(permission, person) >= DONE else targets[:1], set()
        for target in mine:
            url = reverse(route.name, kwargs=target.kwargs)
            status = right_for(target, permission, person)
            for method in set(route.methods) - {"HEAD"}:
                yield Cell(person, method, url, status, target)
            # As a piece of a page, and without its body: once for each way in which it can go.
            if "GET" in route.methods and status not in seen:
                seen.add(status)
                yield Cell(person, "HEAD", url, status, target)
                yield Cell(person, "GET", url, status, target, htmx=True)
        url = reverse(route.name, kwargs=targets[0].kwargs)
        for method in set(METHODS) - set(route.methods):
            refused = {302} if person == "nobody" and permission != "public" else {405}
            yield Cell(person, method, url, frozenset(refused))


def questions(route, permission, queries):
    """Everybody asks the page for these things, as a page and as a piece of one."""
    for person in ROLES:
        for query in queries:
            url = f"{reverse(route.name)}?{query}"
            for htmx in (False, True):
                yield Cell(person, "GET", url, frozenset(expected(permission, person)), htmx=htmx)


def right_for(target, permission, person):
    found = expected(permission, person, target.about)
    if found == {404} and target.query:
        found = {404, 422}
    return frozenset({404} if target.mixed else found)


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


def wrong_answers(visitors, route, permission, targets):
    """Every fault of every cell of the route, as sentences; none is right."""
    found, got = [], {}
    for cell in cells(route, permission, targets):
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
    found += [f"{cell} says “{word}”" for word in leaks(answer, cell.person)]
    found += [f"{cell} lacks {name}" for name, value in HEADERS.items() if value not in answer.get(name, "")]
    if cell.method == "HEAD" and answer.content:
        found.append(f"{cell} has a body")
    return found


def leaks(answer, person):
    """Words in body or headers that this person must not read."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    text = body.decode(errors="replace") + "\n" + "\n".join(map(str, answer.headers.values()))
    return sorted({found.group().lower() for found in forbidden_words(person).finditer(text)})


class Visitors:
    """A client per person, signed in once; each call is rolled back."""

    def __init__(self, cast):
        self.clients = {}
        for person in ROLES:
            self.clients[person] = Client(raise_request_exception=False)
            if person != "nobody":
                row = getattr(cast, person)
                self.clients[person].force_login(getattr(row, "user", row))

    def call_from_elsewhere(self, person, route, target):
        """The form as another site would send it: with the session, without the token."""
        stranger = Client(enforce_csrf_checks=True)
        stranger.cookies = self.clients[person].cookies
        with rolled_back():
            return stranger.post(reverse(route.name, kwargs=target.kwargs), {"request_key": new_key()})

    def call(self, cell):
        with signed_in_as_before(self.clients[cell.person]) as client, rolled_back():
            extra = {"headers": {"HX-Request": "true"}} if cell.htmx else {}
            if cell.method == "POST":
                sent = {"request_key": new_key(), "version": cell.target.version, **cell.target.query}
                return client.post(cell.url, sent, **extra)
            asked = {"QUERY_STRING": urlencode(cell.target.query)} if cell.target.query else {}
            return client.generic(cell.method, cell.url, **asked, **extra)


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
