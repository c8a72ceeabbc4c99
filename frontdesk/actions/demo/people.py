"""Patients of the demo. Notes for staff say nothing about health: the front desk reads them."""

import uuid
from datetime import date, timedelta

from clinic.models import Role
from frontdesk.actions.demo.accounts import account
from frontdesk.actions.demo.names import CULTURES, LONG
from frontdesk.actions.demo.places import LAKESIDE, UPTOWN
from patients.models import Household, Patient, PatientLocation, RelatedPerson

PATIENTS = 240
LAKESIDE_SHARE = 0.25
NEWCOMERS = 40  # registered lately; their first visit of all is a first visit
# The people of the living day: key, first and last name, birth date, what else is known.
NAMED = [
    ("maria", "Maria", "Garcia", date(1984, 3, 14), {"reach_by": "text"}),
    ("marta", "Marta", "Garcia", date(1984, 5, 30), {}),
    ("rebecca", "Rebecca", "Cole", date(1986, 9, 2), {"prefers_time": "morning"}),
    ("noah", "Noah", "Cole", None, {}),
    ("lily", "Lily", "Cole", None, {}),
    ("sunhee", "Sun-hee", "Park", date(1972, 1, 19), {
        "preferred_name": "Sunny", "pronouns": "she/her", "prefers_time": "morning"}),
    ("jo", "Jo", "Ruiz", date(1990, 11, 8), {"pronouns": "they/them", "staff_notes": "Often late by bus 11."}),
    ("tunde", "Tunde", "Okoye", date(1968, 7, 21), {}),
    ("linh", "Linh", "Dang", date(1995, 4, 3), {"prefers_gender": "female"}),
    ("paul", "Paul", "Brandt", date(1959, 12, 12), {"needs_step_free": True, "staff_notes": "Walks with a cane."}),
    ("rita", "Rita", "Lopez", date(1979, 6, 25), {"anyone_is_fine": True}),
    ("ida", "Ida", "Bell", date(1947, 2, 10), {"staff_notes": "Prefers to be called before noon."}),
    ("grace", "Grace", "Abernathy", date(1988, 8, 17), {}),
    ("samuel", "Samuel", "Adeyemi", date(1981, 10, 5), {}),
    ("pilar", "Pilar", "Quintana", date(1964, 5, 9), {"language": "es"}),
    ("walter", "Walter", "Hughes", date(1951, 3, 28), {"needs_step_free": True}),
]  # fmt: skip
MINORS = {"noah": 9, "lily": 6}
NOTES = [
    "Parks behind the house; tell them about the construction.",
    "Please offer the first time of the day.",
    "Prefers the quiet room.",
    "Comes with an assistance dog.",
    "Pays by check.",
    "Needs an invoice for the employer.",
]
AREA_CODES = {UPTOWN: [704, 980, 336, 919], LAKESIDE: [312, 773, 872, 630]}


class People:
    """Patients by key and by location; `taken` are those whom only the living day calls."""

    def __init__(self, rng, places, *, now):
        self.rng, self.places, self.now = rng, places, now
        self.rows, self.at, self.related = [], [], []
        self.named, self.newcomers = {}, {name: [] for name in places}
        self.regulars = {name: [] for name in places}
        self.phones = 0

    def add(self, given, family, at, *, born=None, registered_days=None, **more):
        """One patient row, not yet written."""
        days = self.rng.randint(60, 1500) if registered_days is None else registered_days
        row = Patient(
            id=uuid.UUID(int=self.rng.getrandbits(128), version=4),
            given_name=given,
            family_name=family,
            birth_date=born,
            registered_at=self.now - timedelta(days=days),
            **more,
        )
        row.search_text = row.text_to_search()
        self.rows.append(row)
        self.at.append(PatientLocation(patient=row, location=self.places[at]))
        return row

    def reach(self, at):
        """A telephone number of the block kept for fiction, and where there is one an address."""
        self.phones += 1
        codes = AREA_CODES[at]
        code = codes[(self.phones // 100) % len(codes)]
        return {"phone": f"+1{code}55501{self.phones % 100:02d}", "email": f"p{self.phones:04d}@mail.example"}

    def write(self, households=()):
        Household.objects.bulk_create(households)
        self.write_since(0)
        RelatedPerson.objects.bulk_create(self.related)

    def write_since(self, number):
        """Write the patients added after the first so many."""
        Patient.objects.bulk_create(self.rows[number:])
        PatientLocation.objects.bulk_create(self.at[number:])


def make_people(rng, places, staff, *, now, count=PATIENTS):
    people = People(rng, places, now=now)
    add_named(people, now)
    households = add_coles(people)
    for given, family in LONG:
        people.regulars[UPTOWN].append(
            people.add(given, family, UPTOWN, born=adult(rng, now), **people.reach(UPTOWN))
        )
    while len(people.rows) < count:
        add_somebody(people, staff, households, alone=len(people.rows) == count - 1)
    people.write(households)
    return people


def recall_people(rng, places, *, now):
    """The people of a demo loaded on an earlier day, as far as a living day needs them."""
    people = People(rng, places, now=now)
    people.phones = Patient.objects.count()
    for key, given, family, born, _more in NAMED:
        rows = Patient.objects.filter(given_name=given, family_name=family, merged_into=None)
        row = rows.filter(birth_date=born).first() if born else rows.order_by("registered_at").first()
        if row:
            people.named[key] = row
    return people


def add_named(people, now):
    for key, given, family, born, more in NAMED:
        if key in MINORS:
            born = date(now.year - MINORS[key], 1 + MINORS[key] % 6, 11)
        reach = {} if key in MINORS else people.reach(UPTOWN)
        people.named[key] = people.add(given, family, UPTOWN, born=born, **{**reach, **more})


def add_coles(people):
    """Rebecca, who books for all, her two children, and the grandmother who brings them."""
    household = new_household(people, "Cole")
    mother = people.named["rebecca"]
    mother.user = account("rebecca.cole", "Rebecca Cole", [Role.PATIENT], [], since=mother.registered_at)
    for key in ("rebecca", "noah", "lily"):
        people.named[key].household = household
    for key in ("noah", "lily"):
        related = {"patient": people.named[key], "since": mother.registered_at}
        people.related += [
            RelatedPerson(
                name="Rebecca Cole", phone=mother.phone, relation="mother", guardian=True, user=mother.user,
                appointments=True, forms=True, payments=True, health_details=True, **related,
            ),
            RelatedPerson(name="Ruth Cole", phone="+17045550199", relation="grandmother", **related),
        ]  # fmt: skip
    return [household]


def new_household(people, name):
    return Household(id=uuid.UUID(int=people.rng.getrandbits(128), version=4), name=name)


def add_somebody(people, staff, households, *, alone):
    """One more patient; one in twenty brings a child, and the two are a household."""
    rng = people.rng
    at = LAKESIDE if rng.random() < LAKESIDE_SHARE else UPTOWN
    given, family = nobody_yet(people)
    row = people.add(
        given, family, at, born=adult(rng, people.now), **people.reach(at), **wishes(rng, at, staff)
    )
    lists = people.regulars
    if sum(len(found) for found in people.newcomers.values()) < NEWCOMERS and rng.random() < 0.3:
        row.registered_at, lists = people.now - timedelta(days=rng.randint(15, 40)), people.newcomers
    lists[at].append(row)
    if rng.random() < 0.05 and not alone:
        add_child(people, row, at, households)


def add_child(people, parent, at, households):
    rng = people.rng
    household = new_household(people, parent.family_name)
    households.append(household)
    born = date(people.now.year - rng.randint(5, 16), rng.randint(1, 12), rng.randint(1, 28))
    child = people.add(nobody_yet(people, parent.family_name)[0], parent.family_name, at, born=born)
    parent.household = child.household = household
    people.regulars[at].append(child)
    people.related.append(
        RelatedPerson(
            patient=child, name=f"{parent.given_name} {parent.family_name}", phone=parent.phone,
            relation="parent", guardian=True, since=child.registered_at,
        )
    )  # fmt: skip


def nobody_yet(people, family=None):
    """A name that no patient has: two of one name are part of the story, and there only."""
    used = {(row.given_name, row.family_name) for row in people.rows}
    while True:
        given, drawn = somebody(people.rng)
        if (given, family or drawn) not in used:
            return given, family or drawn


def somebody(rng):
    firsts, lasts = rng.choice(CULTURES)
    if rng.random() < 0.1:
        lasts = rng.choice(CULTURES)[1]
    return rng.choice(firsts), rng.choice(lasts)


def adult(rng, now):
    return date(now.year - rng.randint(19, 88), rng.randint(1, 12), rng.randint(1, 28))


def wishes(rng, at, staff):
    """What some people want: how to be reached, whom, when, without stairs."""
    found = {"reach_by": rng.choice(["call", "call", "text", "text", "email"])}
    if rng.random() < 0.06:
        found["needs_step_free"] = True
    if rng.random() < 0.1:
        found["prefers_time"] = rng.choice(["morning", "afternoon", "evening"])
    if rng.random() < 0.08:
        found["prefers_gender"] = rng.choice(["female", "male"])
    if rng.random() < 0.15:
        found["anyone_is_fine"] = True
    if rng.random() < 0.1:
        found["staff_notes"] = rng.choice(NOTES)
    if rng.random() < 0.5:
        found["emergency_name"], found["emergency_relation"] = " ".join(somebody(rng)), "partner"
        found["emergency_phone"] = f"+1{AREA_CODES[at][0]}5550{rng.randint(100, 199)}"
    if rng.random() < 0.4:
        found["physician_name"] = "Dr. " + " ".join(somebody(rng))
    return found
