"""Rounds of bookings, moves and series after the same minutes, and what came of them.

In one round everything that is sent wants the same hour of one day, and nothing there becomes free. So who
was refused then must be refused again afterwards, alone: else the first refusal was false. Each form has a
patient of its own (a move its visit), so that what the database holds can be compared form by form.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from django.db import connection
from django.urls import reverse

from clinic import postgres
from clinic.submissions import new_key
from clinic.timespan import TimeSpan
from clinic.walltime import instant
from scheduling.forms.booking import packed
from scheduling.models import Appointment, Status
from scheduling.queries.offers import availability
from tests.faults.crowd import patients
from tests.faults.serving import Visitor
from tests.scheduling.invariants import broken

CLIENTS = 12
HOURS = [9, 11, 13, 15]
SERVICES = ["adjustment", "massage", "acupuncture_follow_up", "acupuncture_adjustment"]
MOVES, SERIES, TWICE = 3, 2, 2  # of the forms of a round
REFUSALS = {409, 422}


@dataclass
class Form:
    """What one person sends. `rows` are the visits it makes when it is done."""

    kind: str
    path: str
    fields: dict
    patient: object = None
    visit: object = None
    target: datetime | None = None
    rows: int = 1
    answers: list = field(default_factory=list)

    @property
    def done(self):
        return any(answer.done for answer in self.answers)


@dataclass
class Verdict:
    """What must not have happened, and how much did."""

    sent: int = 0
    retried: int = 0
    faults: list = field(default_factory=list)  # answers that are neither done nor a refusal
    false_refusals: list = field(default_factory=list)
    unequal: list = field(default_factory=list)  # the same form sent twice, answered in two ways
    lost_or_doubled: list = field(default_factory=list)
    broken: list = field(default_factory=list)
    deadlocks: int = 0
    done: dict = field(default_factory=lambda: {"book": 0, "move": 0, "repeat": 0})
    refused: dict = field(default_factory=lambda: {"book": 0, "move": 0, "repeat": 0})
    twice: int = 0

    @property
    def wrong(self):
        return {
            name: found
            for name in ("faults", "false_refusals", "unequal", "lost_or_doubled", "broken", "deadlocks")
            if (found := getattr(self, name))
        }

    def __str__(self):
        return (
            f"{self.sent} forms by {CLIENTS} clients, {self.retried} of them again alone;"
            f" done {self.done}, refused {self.refused}, sent twice at once {self.twice}"
        )


class Contest:
    def __init__(self, cast, port, random):
        self.cast, self.random = cast, random
        people = [cast.ana, cast.mei, cast.daniel, cast.jo]
        self.visitors = [Visitor(port, people[number % len(people)]) for number in range(CLIENTS)]
        self.services = {key: cast.service(key) for key in SERVICES}
        self.booked, self.forms, self.verdict = [], [], Verdict()
        self.deadlocks_before = deadlocks()
        for visitor in self.visitors:
            visitor.form(self.page("book", patient=cast.maria.pk))

    def page(self, name, *args, **query):
        asked = "&".join(f"{key}={value}" for key, value in query.items())
        return reverse(f"scheduling:{name}", args=args) + (f"?{asked}" if asked else "")

    def run(self, forms):
        """Rounds until that many forms were sent; the verdict."""
        number = 0
        with ThreadPoolExecutor(CLIENTS) as self.pool:
            while self.verdict.sent < forms:
                day = self.cast.uptown_today + timedelta(days=1 + number // len(HOURS))
                self.round(day, HOURS[number % len(HOURS)])
                number += 1
        for visitor in self.visitors:
            visitor.close()
        self.judge()
        return self.verdict

    def round(self, day, hour):
        forms = self.forms_for(day, hour)
        twice = self.random.sample(forms, min(TWICE, len(forms)))
        sends = [*forms, *twice][:CLIENTS]
        self.random.shuffle(sends)
        self.send_together(sends)
        self.verdict.sent += len(sends)
        self.verdict.twice += sum(len(form.answers) > 1 for form in forms)
        for form in forms:
            self.settle(form)
        self.forms += forms
        self.retry([form for form in forms if not form.done])

    def forms_for(self, day, hour):
        start = instant(day, time(hour), self.cast.uptown.tz)
        movable = self.random.sample(self.booked, min(MOVES, len(self.booked)))
        new = patients(self.cast.uptown, CLIENTS - TWICE - len(movable))
        return [
            *(self.move(visit, self.near(start)) for visit in movable),
            *(self.series(patient, self.near(start)) for patient in new[:SERIES]),
            *self.bookings(new[SERIES:], start),
        ]

    def near(self, start):
        return start + timedelta(minutes=5 * self.random.randrange(4))

    def bookings(self, people, start):
        """Half of them with an offered time, people and room; half with a time that was typed."""
        forms, offered = [], {}
        for number, patient in enumerate(people):
            key = self.random.choice(SERVICES)
            if key not in offered:
                offered[key] = self.offers(self.services[key], start)
            fields = {"patient": patient.pk, "service": self.services[key].pk, "how": "back", "do": "book"}
            if number % 2 and offered[key]:
                fields["offer"] = packed(self.services[key].pk, [self.random.choice(offered[key])])
            else:
                fields |= self.typed(self.near(start))
            forms.append(self.form("book", self.page("book"), fields, patient=patient))
        return forms

    def offers(self, service, start):
        window = TimeSpan(start, start + timedelta(minutes=20))
        return availability(
            service=service, location=self.cast.uptown, window=window, now=self.cast.moment, limit=4
        )

    def typed(self, starts_at):
        wall = starts_at.astimezone(self.cast.uptown.tz)
        return {"date": f"{wall:%Y-%m-%d}", "time": f"{wall:%H:%M}"}

    def series(self, patient, start):
        service = self.services[self.random.choice(SERVICES[:2])]
        fields = {"patient": patient.pk, "service": service.pk, "count": 2, **self.typed(start)}
        fields["weekdays"] = [start.astimezone(self.cast.uptown.tz).weekday()]
        return self.form("repeat", self.page("repeat"), fields, patient=patient, rows=2)

    def move(self, visit, target):
        path = self.page("move", visit.pk)
        hidden = self.visitors[0].form(path)
        fields = {"who": "anyone", "version": hidden["version"], **self.typed(target)}
        return self.form("move", path, fields, visit=visit, target=target)

    def form(self, kind, path, fields, **more):
        return Form(kind, path, {**fields, "request_key": new_key()}, **more)

    def send_together(self, sends):
        """Each from its own client at the same moment; a form sent twice from the same person."""
        barrier = threading.Barrier(len(sends))
        sender = {}

        def send(visitor, form):
            barrier.wait(30)
            return visitor.post(form.path, form.fields)

        jobs = []
        for visitor, form in zip(self.visitors, sends, strict=False):
            first = sender.setdefault(id(form), visitor)
            used = visitor if first is visitor else first.sharing()
            jobs.append((form, self.pool.submit(send, used, form)))
        for form, job in jobs:
            form.answers.append(job.result(90))

    def settle(self, form):
        """Note what a form's answers say; a visit that is booked may be moved in a later round."""
        self.note(form, form.answers)
        # What a second sending is told is where the first one led.
        if len({(answer.status, answer.location) for answer in form.answers if answer.done}) > 1 or (
            form.done and not all(answer.done for answer in form.answers)
        ):
            self.verdict.unequal.append(told(form))
        if form.done:
            self.verdict.done[form.kind] += 1
        else:
            self.verdict.refused[form.kind] += 1
        if form.done and form.kind == "move":
            form.visit.moved_to = form.target
        if form.done and form.kind == "book":
            visit = Appointment.objects.filter(patient=form.patient).first()
            if visit is not None:
                visit.moved_to = None
                self.booked.append(visit)

    def note(self, form, answers):
        self.verdict.faults += [
            f"{form.kind}: {answer.status} {answer.text[:200]}"
            for answer in answers
            if not answer.done and answer.status not in REFUSALS
        ]

    def retry(self, refused):
        """One by one, with all the time in the world."""
        for form in refused:
            again = replace(form, fields={**form.fields, "request_key": new_key()}, answers=[])
            if form.kind == "move":
                again.fields["version"] = self.visitors[0].form(form.path)["version"]
            answer = self.visitors[0].post(again.path, again.fields)
            self.verdict.retried += 1
            self.note(again, [answer])
            if answer.done:
                self.verdict.false_refusals.append(told(form))
                again.answers.append(answer)
                form.answers.append(answer)

    def judge(self):
        self.verdict.broken = broken()
        self.verdict.deadlocks = deadlocks() - self.deadlocks_before
        standing = Appointment.objects.filter(status=Status.BOOKED)
        rows = {}
        for patient, starts_at in standing.values_list("patient_id", "starts_at"):
            rows.setdefault(patient, []).append(starts_at)
        for form in self.forms:
            if form.patient is not None:
                found, wanted = len(rows.get(form.patient.pk, [])), form.rows if form.done else 0
                self.verdict.lost_or_doubled += [f"{told(form)}: {found} visits"] if found != wanted else []
        for visit in self.booked:
            wanted = (visit.moved_to or visit.starts_at).astimezone(UTC)
            if rows.get(visit.patient_id, [])[:1] != [wanted]:
                self.verdict.lost_or_doubled.append(f"{visit.pk} is not at {wanted}")


def told(form):
    said = ", ".join(f"{answer.status} {answer.location}" for answer in form.answers)
    fields = {name: str(value) for name, value in form.fields.items() if name != "request_key"}
    return f"{form.kind} {fields}: {said}"


def deadlocks():
    """How many PostgreSQL has broken in this database: by its statistics, and by its log where we can read it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks, datname FROM pg_stat_database WHERE datname = current_database()")
        count, name = cursor.fetchone()
    path = postgres.log_path()
    if path is None:
        return count
    with path.open(errors="replace") as log:
        return max(count, sum("deadlock detected" in line and f"@{name} " in line for line in log))
