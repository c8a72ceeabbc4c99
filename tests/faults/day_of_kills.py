"""People book while the web server, the worker and PostgreSQL are killed, and send again what got no answer.

Every form has a patient and a time of its own, so each of them must end done, once: what was acknowledged is
there, and what was sent again with the same key is there once.
"""

import queue
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice

from django.db import connection
from django.urls import reverse

from clinic.submissions import new_key
from messaging.models import OutboxMessage
from patients.models import Patient
from scheduling.models import Appointment
from tests.faults.crowd import patients
from tests.faults.pages import forms_of
from tests.faults.serving import CSRF, Visitor
from tests.scheduling.invariants import broken

CLIENTS = 4
SERVICES = ["adjustment", "massage", "acupuncture_follow_up"]
HOURS = range(8, 17)
FORMS_BETWEEN_KILLS = (3, 9)  # acknowledged
PASSING = {0, 500, 502, 503}  # no answer, or one that says so; 500 is noted as a fault beside it
GIVE_UP_AFTER = 240  # seconds for one form


@dataclass
class Form:
    """A booking, or a note on the patient's record."""

    path: str
    fields: dict
    patient: object
    note: str = ""
    acknowledged: list = field(default_factory=list)  # where it led, once for each 303
    tries: int = 0
    refused: str = ""


@dataclass
class Verdict:
    kills: dict = field(default_factory=lambda: {"web server": 0, "worker": 0, "PostgreSQL": 0})
    forms: int = 0
    sent_again: int = 0
    repeated_on_purpose: int = 0
    lost: list = field(default_factory=list)
    doubled: list = field(default_factory=list)
    refused: list = field(default_factory=list)
    faults: list = field(default_factory=list)
    broken: list = field(default_factory=list)

    @property
    def wrong(self):
        names = ("lost", "doubled", "refused", "faults", "broken")
        return {name: found for name in names if (found := getattr(self, name))}

    def __str__(self):
        return f"killed {self.kills}; {self.forms} forms done, {self.sent_again} of them sent again without an answer"


class Day:
    """`servers`: {name: (kill, start)}."""

    def __init__(self, cast, port, servers, random):
        self.cast, self.servers, self.random = cast, servers, random
        self.visitors = [Visitor(port, person) for person in (cast.ana, cast.mei, cast.daniel, cast.jo)]
        self.verdict = Verdict()
        self.todo, self.done = queue.Queue(), []
        self.stopping, self.counted = threading.Event(), threading.Condition()

    def prepare(self, count):
        """The forms, each with a free place of its own: nobody competes here. Every third saves a note."""
        for visitor in self.visitors:
            visitor.form(reverse("scheduling:book") + f"?patient={self.cast.maria.pk}")
        people = patients(self.cast.uptown, count)
        services = [self.cast.service(key) for key in SERVICES]
        days = (self.cast.uptown_today + timedelta(days=number) for number in range(1, 300))
        places = ((day, hour, service) for day in days for hour in HOURS for service in services)
        for number, (patient, (day, hour, service)) in enumerate(
            zip(people, islice(places, count), strict=True)
        ):
            fields = {"patient": patient.pk, "service": service.pk, "how": "back", "do": "book"}
            fields |= {"date": f"{day:%Y-%m-%d}", "time": f"{hour:02}:00", "request_key": new_key()}
            self.todo.put(Form(reverse("scheduling:book"), fields, patient))
            if number % 3 == 2:
                self.todo.put(self.note(people[number - 1], number))

    def note(self, patient, number):
        text = f"Prefers the window, number {number}."
        path = reverse("patients:edit", args=[patient.pk])
        (form,) = [
            one for one in forms_of(self.visitors[0].get(path).text, path) if "staff_notes" in one.fields
        ]
        fields = {name: value for name, value in form.fields.items() if name != CSRF}
        fields |= {"staff_notes": text, "version": int(fields["version"])}
        return Form(path, fields, patient, note=text)

    def run(self, kills):
        threads = [threading.Thread(target=self.work, args=[visitor]) for visitor in self.visitors]
        for thread in threads:
            thread.start()
        try:
            for victim in self.victims(kills):
                self.wait_for(self.random.randint(*FORMS_BETWEEN_KILLS))
                kill, start = self.servers[victim]
                time.sleep(self.random.uniform(0, 0.05))
                kill()
                self.verdict.kills[victim] += 1
                time.sleep(self.random.uniform(0.1, 0.5))
                start()
            self.wait_for(CLIENTS)
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join()
        self.judge()
        return self.verdict

    def victims(self, kills):
        """Every server in turn, in an order that differs from run to run."""
        names = list(self.servers)
        for number in range(kills):
            if number % len(names) == 0:
                self.random.shuffle(names)
            yield names[number % len(names)]

    def wait_for(self, more):
        with self.counted:
            goal = len(self.done) + more
            enough = self.counted.wait_for(lambda: len(self.done) >= goal, timeout=GIVE_UP_AFTER)
        assert enough, f"Nothing is done any more: {self.verdict.faults[-3:]}"

    def work(self, visitor):
        while not self.stopping.is_set():
            try:
                form = self.todo.get_nowait()
            except queue.Empty:
                return
            self.send(visitor, form)
            with self.counted:
                self.done.append(form)
                self.counted.notify_all()
        visitor.close()

    def send(self, visitor, form):
        """Until there is an answer; always with the same key. Every fifth form is sent once more after that."""
        deadline = time.monotonic() + GIVE_UP_AFTER
        while time.monotonic() < deadline:
            form.tries += 1
            answer = visitor.post(form.path, form.fields)
            if answer.done:
                form.acknowledged.append(answer.location)
                if len(self.done) % 5 == 0 and len(form.acknowledged) < 2:
                    self.verdict.repeated_on_purpose += 1
                    continue
                return
            if answer.status == 500:
                self.verdict.faults.append(f"{form.path} answered 500: {answer.text[:300]}")
            if answer.status not in PASSING:
                form.refused = f"{answer.status} {answer.text[:300]}"
                return
            time.sleep(0.2)

    def judge(self):
        # Ours was killed with the rest.
        connection.close()
        self.verdict.forms = len(self.done)
        for form in self.done:
            self.verdict.sent_again += form.tries > len(form.acknowledged)
            if form.refused or not form.acknowledged:
                self.verdict.refused.append(f"{form.path} {form.tries} times: {form.refused}")
            elif len(set(form.acknowledged)) > 1:
                self.verdict.doubled.append(f"{form.path} led to {form.acknowledged}")
            (self.judge_note if form.note else self.judge_booking)(form)
        self.verdict.broken = broken()

    def judge_note(self, form):
        row = Patient.objects.get(pk=form.patient.pk)
        if form.acknowledged and row.staff_notes != form.note:
            self.verdict.lost.append(f"the note of {form.patient.pk}")
        if row.version > form.fields["version"] + 1:
            self.verdict.doubled.append(f"the note of {form.patient.pk}: version {row.version}")

    def judge_booking(self, form):
        day, clock = form.fields["date"], form.fields["time"]
        visits = list(Appointment.objects.filter(patient=form.patient))
        if form.acknowledged and not visits:
            self.verdict.lost.append(f"{form.path} {day} {clock}")
        if len(visits) > 1 or OutboxMessage.objects.filter(to=form.patient.email).count() > 1:
            self.verdict.doubled.append(f"{form.path} {day} {clock}")
        shown = [reverse("scheduling:visit", args=[visit.pk]) for visit in visits]
        if visits and form.acknowledged and shown[:1] != form.acknowledged[:1]:
            self.verdict.doubled.append(f"{form.path} led to {form.acknowledged}, not {shown}")
