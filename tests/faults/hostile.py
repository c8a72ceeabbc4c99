"""Requests nobody means well with: real forms of real pages, with one or two values that no form would send."""

import inspect
import re
import sys
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.urls import get_resolver, resolve, reverse

from clinic.management.commands.show_routes import routes
from clinic.submissions import new_key
from tests.access.table import QUERIES, ROLES_OF, ROUTES
from tests.access.world import ROLES
from tests.faults.pages import forms_of

ASKED_FOR = re.compile(r"(?:GET|POST|asked|data)(?:\.get|\.getlist)?[\(\[]\"([a-z_]+)\"")
FOR_EVERYBODY = ["request_key", "version", "next", "page", "q"]
NAMED_BY_NUMBER = ["who_0", "where_0", "row-0", "who_9"]
# What a refusal may write: that it was read or refused, how often somebody tried, who is signed in.
MAY_CHANGE = {"clinic_auditevent", "clinic_cache", "django_session"}
VALUES = [
    "",
    " ",
    "x" * 10_000,
    "9" * 10_000,
    "\x00",
    "a\x00b",
    "🪡🧘🏽‍♀️" * 40,
    "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "‮txet‬\r\nX-Injected: yes",
    "'; DROP TABLE patients_patient; --",
    "' OR '1'='1",
    "%' AND pg_sleep(9) --",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ settings.SECRET_KEY }}{% debug %}",
    "../../../../etc/passwd",
    "2026-02-30",
    "0000-00-00",
    "9999-12-31",
    "0001-01-01",
    "2026-11-24T25:61Z",
    "2026-03-08",
    "02:30",
    "24:00",
    "-1",
    "0",
    "1e309",
    "NaN",
    "Infinity",
    "-99999999999999999999999999",
    "32768",
    "2147483648",
    "9223372036854775808",
    "٣",
    "１２",
    "²",
    "true",
    "null",
    "[]",
    '{"$ne": 1}',
    "1,2;3,4",
    "1|2026-11-25T14:00Z|1;1",
    "1|9999-12-31T23:55Z|1;1",
    "00000000-0000-0000-0000-000000000000",
    "not-a-uuid",
    "//evil.example/",
    "javascript:alert(1)",
    "https://evil.example/",
]
PATH_NUMBERS = [0, 1, 32768, 2**31, 2**63, 10**30]
PATH_TEXTS = ["x", "x" * 3000, "%00", "t🪡", "'--", "<b>", ".."]


@dataclass(frozen=True)
class Place:
    """One parameter of one route, asked by GET or sent by POST; "" stands for the route without any."""

    route: str
    method: str
    name: str


@dataclass
class Sent:
    person: str
    method: str
    url: str
    fields: dict = field(default_factory=dict)
    htmx: bool = False
    place: Place | None = None

    def __str__(self):
        how = " by htmx" if self.htmx else ""
        return f"{self.person}: {self.method} {self.url[:200]} {str(self.fields)[:600]}{how}"


def our_routes(urlconf=None):
    return [one for one in routes(get_resolver(urlconf)) if one.permission not in ("library", "admin")]


def parameters(route):
    """Names that the route's module reads: of its forms, and those it asks the request for."""
    view = resolve_view(route)
    module = sys.modules[inspect.unwrap(view).__module__]
    names = set(FOR_EVERYBODY) | set(ASKED_FOR.findall(inspect.getsource(module)))
    for value in vars(module).values():
        if inspect.isclass(value) and issubclass(value, forms.BaseForm):
            names |= set(value.base_fields)
    return sorted(names | set(NAMED_BY_NUMBER if "scheduling" in module.__name__ else ()))


def resolve_view(route):
    samples = {"uuid": str(UUID(int=1)), "int": "1", "str": "x"}
    return resolve(re.sub(r"<(?:(\w+):)?\w+>", lambda found: samples[found[1] or "str"], route.path)).func


def places(found):
    """Every parameter of every route, by every method that it takes."""
    made = []
    for route in found:
        for method in set(route.methods) & {"GET", "POST"}:
            made += [Place(route.name, method, name) for name in ["", *route.arguments, *parameters(route)]]
    return made


class Attacker:
    """Signed-in people who send what they should not. Every request is rolled back unless it was refused."""

    def __init__(self, world, random, found, fills):
        self.world, self.random = world, random
        self.routes = {route.name: route for route in found}
        self.fills = fills
        self.clients, self.pages, self.targets = {}, {}, {}
        for person in ROLES:
            self.clients[person] = Client(raise_request_exception=False)
            if person != "nobody":
                row = getattr(world.cast, person)
                self.clients[person].force_login(getattr(row, "user", row))
        self.statuses, self.faults, self.covered = defaultdict(int), [], set()

    def request_for(self, place):
        route = self.routes[place.route]
        person = self.person_for(route)
        target = self.random.choice(self.targets_of(route))
        arguments = self.arguments(route, dict(target.kwargs), place.name)
        url = address(route, arguments)
        fields = {key: str(value) for key, value in target.query.items()}
        if place.method == "POST":
            fields |= self.filled_in(person, route, target)
            fields |= {"request_key": new_key()}
            fields.setdefault("version", str(target.version))
        elif place.route in QUERIES and not fields and self.random.random() < 0.5:
            url += "?" + self.random.choice(QUERIES[place.route])
        if place.name and place.name not in route.arguments:
            fields[place.name] = self.value(fields.get(place.name))
        for name in self.random.sample(sorted(fields), min(len(fields), self.random.choice([0, 0, 1, 2]))):
            fields[name] = self.value(fields[name])
        return Sent(person, place.method, url, fields, self.random.random() < 0.3, place)

    def person_for(self, route):
        """Mostly somebody who may, so that more than the door is tried."""
        may = [person for person, role in ROLES.items() if role in ROLES_OF.get(route.permission, set())]
        return self.random.choice(may if may and self.random.random() < 0.9 else list(ROLES))

    def targets_of(self, route):
        if route.name not in self.targets:
            self.targets[route.name] = self.fills(route)
        return self.targets[route.name]

    def arguments(self, route, kwargs, attacked):
        for name in route.arguments:
            if name != attacked:
                continue
            old = kwargs.get(name)
            if isinstance(old, UUID):
                strangers = [row.pk for row in self.world.visits.values()]
                kwargs[name] = self.random.choice([uuid4(), UUID(int=0), *strangers])
            elif isinstance(old, int):
                kwargs[name] = self.random.choice(PATH_NUMBERS)
            else:
                kwargs[name] = self.random.choice(PATH_TEXTS)
        return kwargs

    def filled_in(self, person, route, target):
        """The form of the page, as the page was filled in; nothing where there is no such page."""
        key = (person, route.name, str(target.kwargs), str(target.query))
        if key not in self.pages:
            url = reverse(route.name, kwargs=target.kwargs)
            with rolled_back():
                answer = self.clients[person].get(url, target.query) if "GET" in route.methods else None
            html = answer.content.decode() if answer is not None and answer.status_code == 200 else ""
            posting = [
                form for form in forms_of(html, url) if form.method == "post" and form.action.startswith(url)
            ]
            self.pages[key] = max((form.fields for form in posting), key=len, default={})
        return dict(self.pages[key])

    def value(self, old):
        """Something hostile: alone, several times, or stuck to what was there."""
        chosen = self.random.choice(VALUES)
        kind = self.random.random()
        if kind < 0.1:
            return [chosen, self.random.choice(VALUES), "1"]
        if kind < 0.2:
            return f"{old}{chosen}"
        return chosen

    def send(self, sent):
        """The status. What was done is undone; what was refused stays, to be found by the checksums."""
        headers = {"HX-Request": "true"} if sent.htmx else {}
        client = self.clients[sent.person]
        before = client.cookies.get(settings.SESSION_COOKIE_NAME)
        kept = before.value if before else None
        with transaction.atomic():
            if sent.method == "POST":
                answer = client.post(sent.url, sent.fields, headers=headers)
            else:
                asked = urlencode(sent.fields, doseq=True)
                url = f"{sent.url}{'&' if '?' in sent.url else '?'}{asked}" if asked else sent.url
                answer = client.get(url, headers=headers)
            if 400 <= answer.status_code < 500:
                at_once()
            else:
                transaction.set_rollback(True)
        if kept:
            client.cookies[settings.SESSION_COOKIE_NAME] = kept
        self.note(sent, answer)
        return answer.status_code

    def note(self, sent, answer):
        self.statuses[answer.status_code] += 1
        if sent.place:
            self.covered.add(sent.place)
        if answer.status_code >= 500:
            why = repr(answer.exc_info[1])[:300] if getattr(answer, "exc_info", None) else ""
            where = last_line_of_ours(answer)
            self.faults.append(f"{answer.status_code} {sent} {why} {where}")
        if "X-Injected" in answer.headers:
            self.faults.append(f"a header was injected: {sent}")


def last_line_of_ours(answer):
    trace = answer.exc_info[2] if getattr(answer, "exc_info", None) else None
    found = ""
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if str(settings.BASE_DIR) in name and ".venv" not in name and "/tests/" not in name:
            found = f"{name.removeprefix(str(settings.BASE_DIR))}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def address(route, arguments):
    """The path with these arguments, also with those that `reverse` would not write."""
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: quote(str(arguments[found[1]]), safe="%"), route.path)


def at_once():
    """Constraints that wait for the end of the transaction are asked now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@contextmanager
def rolled_back():
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def checksums():
    """{table: what its rows add up to}, without the tables in which a refusal may write."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall() if name not in MAY_CHANGE]
        sums = " UNION ALL ".join(
            f"SELECT '{name}', count(*), sum(hashtextextended(t::text, 0)::numeric) FROM {name} t"
            for name in tables
        )
        cursor.execute(sums)
        return {name: (count, total) for name, count, total in cursor.fetchall()}


def fills_of(world):
    return lambda route: ROUTES[route.name][1](world)
