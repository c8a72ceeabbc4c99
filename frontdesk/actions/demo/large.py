"""The clinic of the measurements: one location, 12 practitioners, 10 rooms, years of visits. Loaded by COPY."""

import random
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import count

from clinic import audit
from clinic.models import User
from frontdesk.actions.demo import bulk, rows, staff
from frontdesk.actions.demo.accounts import DOMAIN
from frontdesk.actions.demo.living import as_of
from frontdesk.actions.demo.names import CULTURES
from frontdesk.actions.demo.packing import PackedDay, Packer
from frontdesk.actions.demo.places import LOCATIONS, UPTOWN, make_places
from frontdesk.actions.demo.planning import Catalog, Moment, Plan
from frontdesk.actions.demo.staff import EARLY, LATE, Person
from frontdesk.actions.demo.weeks import MIX, end_past, promise_future
from frontdesk.actions.reference import load_reference
from patients.models import Patient
from practitioners.models import Practitioner
from scheduling.models import What

PATIENTS, PAST, FUTURE = 20_000, 250_000, 6_000
SHARE = 0.6  # of a practitioner's hours with their hands on somebody, where rooms allow it
STEPS_KEPT = 60  # days for which every step is there; of older visits, when somebody came and went
CHUNK = 5_000  # visits written together
ROOMS = [
    *[(UPTOWN, f"Room {number}", "treatment", True) for number in range(1, 6)],
    (UPTOWN, "Adjusting 1", "adjusting", True),
    (UPTOWN, "Adjusting 2", "adjusting", True),
    (UPTOWN, "Massage", "massage", True),
    (UPTOWN, "Studio", "open", True),
    (UPTOWN, "Consulting", "consult", True),
]
PEOPLE = [
    *[
        Person(name, "L.Ac.", gender, UPTOWN, "lac", ["acupuncture"], hours)
        for name, gender, hours in [
            ("Mei Chen", "female", EARLY),
            ("David Okafor", "male", EARLY),
            ("Hannah Kowalczyk", "female", EARLY),
            ("Sofía Ramírez Ortega", "female", LATE),
            ("Thanh Nguyen", "nonbinary", LATE),
            ("Anton Berg", "male", LATE),
        ]
    ],
    *[
        Person(name, "D.C.", gender, UPTOWN, "dc", ["chiropractic", "stretching"], hours)
        for name, gender, hours in [
            ("Daniel Weiss", "male", EARLY),
            ("Omar Haddad", "male", EARLY),
            ("Priya Raman", "female", LATE),
            ("Marcus Bell", "male", LATE),
        ]
    ],
    Person("Jonas Lindqvist", "LMT", "male", UPTOWN, "lmt", ["massage", "stretching"], [("10:00", "19:00")]),
    Person("Amina Diallo", "RD", "female", UPTOWN, "rd", ["nutrition"], [("9:00", "17:00")]),
]  # fmt: skip
PATIENT_COLUMNS = (
    "version id given_name family_name preferred_name pronouns birth_date phone email reach_by language"
    " emergency_name emergency_phone emergency_relation physician_name physician_phone prefers_gender"
    " prefers_time needs_step_free anyone_is_fine staff_notes registered_at search_text"
)


def load_large(*, seed, now, past=PAST, future=FUTURE, patients=PATIENTS):
    """Load it into an empty database, inside the caller's transaction; returns the number of visits written."""
    load_reference()
    rng = random.Random(seed)
    since = now - timedelta(days=4000)
    places = make_places(locations=LOCATIONS[:1], rooms=ROOMS)
    location = places[UPTOWN]
    accounts = staff.make_accounts(places, since=since)
    moment = Moment.of(now, location.tz)
    team = staff.make_staff(places, owner=accounts["owner"], today=moment.day, since=since, people=PEOPLE)
    people = make_patients(rng, location, now, patients)
    maker = Maker(location, team, people, moment, rng, now)
    with bulk.bare([*rows.COLUMNS, "patients_careteam"]):
        written = write_all(maker, maker.plans(past, future))
        maker.scribe.copy_care()
    audit.record(by=None, verb="load_demo", about=f"demo:{DOMAIN}", seed=seed, size="large")
    return written


def write_all(maker, plans):
    """Copy one chunk while the next one is made; the number of visits."""
    ids, opened, written = count(1), rows.driver(), 0
    with ThreadPoolExecutor(max_workers=1) as copier:
        copied = None
        for chunk in chunks(plans):
            texts = maker.scribe.texts(chunk, ids)
            if copied:
                copied.result()
            copied = copier.submit(rows.copy_all, opened, texts)
            written += len(chunk)
        copied.result()
    rows.set_next_id(rows.PHASE_IDS, next(ids))
    return written


def chunks(plans) -> Iterator[list]:
    chunk = []
    for plan in plans:
        chunk.append(plan)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def make_patients(rng, location, now, number_of):
    found = []
    for number in range(number_of):
        row = Patient(
            id=uuid.UUID(int=rng.getrandbits(128), version=4),
            given_name=rng.choice(rng.choice(CULTURES)[0]),
            family_name=family_name(rng),
            birth_date=date(rng.randint(1935, 2018), rng.randint(1, 12), rng.randint(1, 28)),
            phone=f"+1{rng.choice([704, 980, 336, 919, 828, 252])}{rng.randint(2_000_000, 9_999_999)}",
            email=f"p{number:05d}@mail.example" if rng.random() < 0.8 else "",
            registered_at=now - timedelta(days=rng.randint(1, 3000)),
        )
        row.search_text = row.text_to_search()
        found.append(row)
    columns = PATIENT_COLUMNS.split()
    rows.copy("patients_patient", columns, [tuple(stored(row, name) for name in columns) for row in found])
    rows.copy(
        "patients_patientlocation", ["patient_id", "location_id"], [(row.pk, location.pk) for row in found]
    )
    return found


def family_name(rng):
    name = rng.choice(rng.choice(CULTURES)[1])
    return f"{name}-{rng.choice(rng.choice(CULTURES)[1])}" if rng.random() < 0.35 else name


class Maker:
    """Makes plans day by day, from yesterday back and from today on."""

    def __init__(self, location, team, people, moment, rng, now):
        self.location, self.people, self.moment, self.rng, self.now = location, people, moment, rng, now
        self.catalog = Catalog()
        disciplines = {row.pk: set(row.disciplines.values_list("pk", flat=True)) for row in team.values()}
        self.packer = Packer(self.catalog, location, disciplines)
        names = {
            part.discipline_id: part.discipline.key
            for parts in self.catalog.parts.values()
            for part in parts.values()
        }
        self.keys = {
            practitioner: [
                key for pk in sorted(practiced) for key, weight in MIX[names[pk]] for _time in range(weight)
            ]
            for practitioner, practiced in disciplines.items()
        }
        users = dict(Practitioner.objects.values_list("pk", "user_id"))
        desk = User.objects.get(email=f"desk@{DOMAIN}")
        self.scribe = rows.Scribe(self.catalog, desk, users, rng, now)

    def plans(self, past, future):
        yield from self.days(past, -1)
        yield from self.days(future, 1)

    def days(self, wanted, direction):
        """So many plans, walking away from today."""
        number = 0 if direction > 0 else -1
        while wanted > 0:
            plans = self.day(self.moment.day + timedelta(days=number))[:wanted]
            for plan in plans:
                self.tell(plan, number)
            yield from plans
            wanted -= len(plans)
            number += direction

    def tell(self, plan, number):
        if number < 0:
            end_past(plan, self.rng)
            if number < -STEPS_KEPT:
                plan.facts = [fact for fact in plan.facts if fact.what in {What.ARRIVED, What.LEFT}]
        elif number == 0:
            as_of(plan, self.moment, self.rng)
        else:
            promise_future(plan, self.rng, self.now)

    def day(self, date):
        day, plans, here = PackedDay(self.packer, date), [], set()
        for practitioner in sorted(day.people):
            cursor = 0
            while True:
                key = self.rng.choice(self.keys[practitioner])
                hands = self.packer.shapes[key].hands
                cursor = day.next_free(practitioner, cursor, hands)
                if cursor is None:
                    break
                phases = day.place(key, cursor, practitioner)
                if phases:
                    plans.append(self.plan(key, phases, here))
                    cursor += hands + self.gap(hands)
                else:
                    cursor += 3
        return plans

    def gap(self, hands):
        return min(36, round(self.rng.expovariate(SHARE / (hands * (1 - SHARE)))))

    def plan(self, key, phases, here):
        patient = self.rng.choice(self.people)
        while patient.pk in here:
            patient = self.rng.choice(self.people)
        here.add(patient.pk)
        starts_at = phases[0].starts_at
        ahead = timedelta(minutes=self.rng.randint(1_440, 43_200))
        return Plan(
            id=self.scribe.random_id(),
            patient=patient,
            service=self.catalog.services[key],
            location=self.location,
            starts_at=starts_at,
            ends_at=max(phase.ends_at for phase in phases if phase.patient_present),
            phases=phases,
            created_at=min(starts_at - ahead, self.now - timedelta(minutes=30)),
        )


def stored(row, name):
    """A value as the table keeps it: phone numbers in E.164, not as people read them."""
    value = getattr(row, Patient._meta.get_field(name).attname)
    return value.as_e164 if name == "phone" else value
