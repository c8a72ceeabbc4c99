"""So many clients after the same day, each with a connection of its own, booking as fast as they can.

Always exactly as many as fit: nothing overlaps, asked of the rows alone; and whoever was refused still does not
fit when all is quiet.
"""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

from django.db import connection, connections

from clinic import postgres, walltime
from clinic.models import Location
from clinic.refusal import Refused
from patients.models import Patient
from scheduling.actions.booking import Wanted, book
from scheduling.actions.locking import TooBusy
from scheduling.models import Reservation
from scripts.measuring.calendar import reader
from services.models import Service

CLIENTS = [1, 8, 32]
ATTEMPTS = 160
SERVICES = ["acupuncture_adjustment", "acupuncture_follow_up", "adjustment"]
FIRST_HOUR, HOURS = 7, 14

OVERLAPS = """
SELECT count(*) FROM scheduling_reservation a JOIN scheduling_reservation b
  ON a.id < b.id AND (a.practitioner_id = b.practitioner_id OR a.room_id = b.room_id)
 AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.live AND b.live AND a.starts_at >= %(start)s AND a.starts_at < %(end)s
  AND b.starts_at >= %(start)s AND b.starts_at < %(end)s
"""
PATIENTS_TWICE = """
SELECT count(*) FROM scheduling_appointment a JOIN scheduling_appointment b
  ON a.id < b.id AND a.patient_id = b.patient_id AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
WHERE a.status IN ('booked', 'arrived', 'in_treatment') AND b.status IN ('booked', 'arrived', 'in_treatment')
  AND a.starts_at >= %(start)s AND a.starts_at < %(end)s AND b.starts_at >= %(start)s AND b.starts_at < %(end)s
"""


@dataclass(slots=True)
class Race:
    clients: int
    booked: int = 0
    refused: int = 0
    sent_again: int = 0  # after waiting as long as the database lets anybody wait
    faults: list = field(default_factory=list)  # what a person would have got as an error of ours
    seconds: float = 0
    waits: list[float] = field(default_factory=list)  # milliseconds for each attempt
    overlaps: int = 0
    fitted_later: int = 0
    deadlocks: int | None = None  # None where the server's log cannot be read

    @property
    def holds(self):
        return not (self.faults or self.overlaps or self.fitted_later or self.deadlocks) and self.booked > 0


def races(now, *, attempts=ATTEMPTS, clients=CLIENTS):
    """One race for each number of clients, each on a day of its own, the next ones after the last booked day."""
    location, by = Location.objects.get(), reader("front_desk")
    last = Reservation.objects.order_by("-starts_at").values_list("starts_at", flat=True).first()
    day = walltime.local(max(last, now), location.tz).date()
    for number, many in enumerate(clients, start=1):
        yield race(by, location, day + timedelta(days=number), many, attempts)


def race(by, location, day, clients, attempts):
    wanted = wishes_for(location, day, attempts)
    found, before = Race(clients), deadlocks()
    started = time.perf_counter()
    outcomes = run_all(by, wanted, clients)
    found.seconds = time.perf_counter() - started
    losers = []
    for one, (answer, sent_again), milliseconds in outcomes:
        found.sent_again += sent_again
        found.waits.append(milliseconds)
        if isinstance(answer, Refused):
            losers.append(one)
        elif isinstance(answer, Exception):
            found.faults.append(answer)
        else:
            found.booked += 1
    found.refused = len(losers)
    found.overlaps = overlapping(walltime.day_span(day, location.tz))
    found.fitted_later = sum(not isinstance(attempt(by, one)[0], Exception) for one in losers)
    found.deadlocks = None if before is None else deadlocks() - before
    return found


def wishes_for(location, day, attempts):
    """A visit for each of so many patients, every 5 minutes of the day, in an order that is always the same."""
    services = list(Service.objects.filter(key__in=SERVICES).order_by("key"))
    patients = list(Patient.objects.filter(merged_into=None).order_by("id")[:attempts])
    span, rng = walltime.day_span(day, location.tz), random.Random(attempts)
    starts = [
        span.start + timedelta(minutes=5 * number)
        for number in range(FIRST_HOUR * 12, (FIRST_HOUR + HOURS) * 12)
    ]
    return [Wanted(one, rng.choice(services), location, rng.choice(starts)) for one in patients]


def run_all(by, wanted, clients):
    """[(what was wanted, the answer or what was raised, milliseconds)]"""
    barrier, work = threading.Barrier(clients), iter(wanted)
    taking = threading.Lock()

    def client():
        outcomes = []
        try:
            connection.ensure_connection()
            barrier.wait(30)
            while True:
                with taking:
                    one = next(work, None)
                if one is None:
                    return outcomes
                began = time.perf_counter()
                answer = attempt(by, one)
                outcomes.append((one, answer, (time.perf_counter() - began) * 1000))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(clients) as pool:
        return [
            outcome for done in [pool.submit(client) for _ in range(clients)] for outcome in done.result()
        ]


def attempt(by, one):
    """(the answer or what was raised, how often it was sent again): told that the day is busy, people send it again."""
    for sent_again in count():
        try:
            return book(by=by, wanted=[one]), sent_again
        except TooBusy:
            continue
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is counted
            return fault, sent_again
    return None


def overlapping(span):
    with connection.cursor() as cursor:
        cursor.execute(OVERLAPS, {"start": span.start, "end": span.end})
        found = cursor.fetchone()[0]
        cursor.execute(PATIENTS_TWICE, {"start": span.start, "end": span.end})
        return found + cursor.fetchone()[0]


def deadlocks():
    """So many in the server's log; None where this machine has none, as with DATABASE_URL."""
    path = postgres.log_path()
    return path.read_text(errors="replace").count("deadlock detected") if path and path.exists() else None
