"""Who works in the demo. Hours are long, and every day: between 7 and 22 somebody is always at work."""

from datetime import date, time, timedelta
from typing import NamedTuple

from clinic import walltime
from clinic.models import WEEKDAYS, Role
from frontdesk.actions.demo.accounts import account
from frontdesk.actions.demo.places import LAKESIDE, UPTOWN
from practitioners.models import (
    Absence,
    AbsenceKind,
    Certification,
    License,
    LicenseKind,
    Practitioner,
    WorkingHours,
)
from services.models import Discipline

EARLY, LATE = [("7:00", "15:30")], [("13:30", "22:00")]
EVERY_DAY = range(len(WEEKDAYS))
GOOD = 700  # days until a license ends that is in no danger
BOARD = {
    "lac": "National board certification in acupuncture",
    "dc": "National board of chiropractic, parts I to IV",
    "lmt": "Therapeutic massage and bodywork",
    "rd": "Dietetic registration",
}


class Person(NamedTuple):
    """`ends_in`: days from loading to the first day on which the license no longer counts."""

    name: str
    credentials: str
    gender: str
    at: str
    kind: str
    disciplines: list[str]
    hours: list[tuple[str, str]]
    ends_in: int = GOOD
    weekdays: range = EVERY_DAY


PEOPLE = [
    Person("Mei Chen", "L.Ac.", "female", UPTOWN, "lac", ["acupuncture"], EARLY),
    Person("David Okafor", "L.Ac.", "male", UPTOWN, "lac", ["acupuncture"], EARLY),
    Person("Sofía Ramírez Ortega", "L.Ac.", "female", UPTOWN, "lac", ["acupuncture"], LATE),
    Person("Thanh Nguyen", "L.Ac.", "nonbinary", UPTOWN, "lac", ["acupuncture"], LATE),
    Person("Daniel Weiss", "D.C.", "male", UPTOWN, "dc", ["chiropractic", "stretching"], EARLY),
    Person("Priya Raman", "D.C.", "female", UPTOWN, "dc", ["chiropractic"], LATE),
    # The license that ends soon.
    Person("Marcus Bell", "D.C.", "male", UPTOWN, "dc", ["chiropractic", "stretching"],
           [("7:00", "11:30"), ("17:00", "22:00")], ends_in=25),
    Person("Jonas Lindqvist", "LMT", "male", UPTOWN, "lmt", ["massage", "stretching"], [("10:00", "19:00")]),
    # The license that has ended: works still, and can be booked for nothing that needs it.
    Person("Ruth Becker", "LMT", "female", UPTOWN, "lmt", ["massage"], [("8:00", "14:00")], ends_in=-12,
           weekdays=range(5)),
    Person("Hannah Kowalczyk", "L.Ac.", "female", LAKESIDE, "lac", ["acupuncture"], [("7:00", "20:00")]),
    Person("Omar Haddad", "D.C.", "male", LAKESIDE, "dc", ["chiropractic", "stretching"], [("9:00", "22:00")]),
    Person("Amina Diallo", "RD", "female", LAKESIDE, "rd", ["nutrition"], [("9:00", "17:00")], weekdays=range(5)),
]  # fmt: skip
# name, first day from loading, number of days, kind, note
AWAY = [
    ("Jonas Lindqvist", 10, 2, AbsenceKind.LEAVE, "Family visit"),
    ("Hannah Kowalczyk", 16, 1, AbsenceKind.TRAINING, "Clean needle technique course"),
    ("Daniel Weiss", -9, 1, AbsenceKind.ILL, ""),
]


def make_accounts(places, *, since):
    """{mailbox: account} of owner and front desk."""
    everywhere = list(places.values())
    return {
        "owner": account("owner", "Olivia Hart", [Role.OWNER], [], since=since),
        "desk": account("desk", "Ana Flores", [Role.FRONT_DESK], everywhere, since=since),
        "lakeside.desk": account(
            "lakeside.desk", "Ben Carter", [Role.FRONT_DESK], everywhere[-1:], since=since
        ),
    }


def make_staff(places, *, owner, today, since, people=PEOPLE):
    """{name: practitioner}, with account, license, certification and hours."""
    made = {}
    disciplines = {row.key: row for row in Discipline.objects.all()}
    kinds = {row.key: row for row in LicenseKind.objects.all()}
    for number, person in enumerate(people, start=1):
        mailbox = mailbox_of(person.name)
        user = account(mailbox, person.name, [Role.PRACTITIONER], [places[person.at]], since=since)
        row = Practitioner.objects.create(
            user=user, name=person.name, credentials=person.credentials, gender=person.gender
        )
        row.disciplines.set([disciplines[key] for key in person.disciplines])
        add_papers(
            row, person, kinds[person.kind], number, state=places[person.at].state, by=owner, today=today
        )
        add_hours(row, person, places[person.at], today - timedelta(days=3650))
        made[person.name] = row
    return made


def mailbox_of(name):
    plain = name.lower().translate(str.maketrans("áíñöçé", "ainoce"))
    return ".".join(plain.split()[:2])


def add_papers(row, person, kind, number, *, state, by, today):
    """A license since long ago, so that what has been was licensed too, and a certification."""
    license_number = f"{kind.key.upper()}-{10_000 + 137 * number}"
    verified = today - timedelta(days=200)
    License.objects.create(
        practitioner=row,
        kind=kind,
        number=license_number,
        state=state,
        issuer=f"{state} licensing board",
        issued_on=date(2012, 7, 1),
        expires_on=today + timedelta(days=person.ends_in),
        verified_by=by,
        verified_on=verified,
    )
    Certification.objects.create(
        practitioner=row,
        name=BOARD[kind.key],
        number=f"C-{52_000 + 91 * number}",
        issuer="National board",
        issued_on=date(2013, 3, 1),
        expires_on=today + timedelta(days=900 + 30 * number),
        verified_by=by,
        verified_on=verified,
    )


def add_hours(row, person, location, first_day):
    WorkingHours.objects.bulk_create(
        WorkingHours(
            practitioner=row,
            location=location,
            weekday=weekday,
            starts=clock(starts),
            ends=clock(ends),
            valid_from=first_day,
        )
        for weekday in person.weekdays
        for starts, ends in person.hours
    )


def clock(text):
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def make_absences(staff, places, *, today):
    for name, first, days, kind, note in AWAY:
        zone = next(places[person.at].tz for person in PEOPLE if person.name == name)
        start = today + timedelta(days=first)
        Absence.objects.create(
            practitioner=staff[name],
            starts_at=walltime.day_span(start, zone).start,
            ends_at=walltime.day_span(start + timedelta(days=days - 1), zone).end,
            kind=kind,
            note=note,
        )
