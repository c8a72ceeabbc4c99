"""The people and places that tests speak of, one sentence each. It is Tuesday, 2026-11-24, in New York's zone.

Everything is plain rows: nothing is booked. Free text of each patient contains words that occur nowhere
else (`CANARIES`), so that a test can tell whether they reached somebody who must not read them.
"""

from datetime import UTC, date, datetime, time
from functools import cache
from uuid import UUID

from django.apps import apps
from django.contrib.auth.hashers import make_password

from clinic.models import (
    Clinic,
    Location,
    OpeningHours,
    Profile,
    Role,
    RoleGrant,
    Room,
    RoomKind,
    User,
    Workplace,
)
from frontdesk.actions.reference import load_reference
from intake.models import SignOff
from intake.queries.forms import latest, read_as
from intake.rules.signing import text_version
from patients.models import Household, Patient, PatientLocation, RelatedPerson
from practitioners.models import License, LicenseKind, Practitioner, WorkingHours
from services.models import Discipline, Service

NOW = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)  # 10:42 in Uptown
SET_UP_AT = datetime(2026, 1, 5, 14, 0, tzinfo=UTC)
PASSWORD = "a warm room and a quiet hour"
UPTOWN_ROOMS = [
    ("room_1", "Room 1", "treatment"),
    ("room_2", "Room 2", "treatment"),
    ("room_3", "Room 3", "treatment"),
    ("room_4", "Room 4", "adjusting"),
    ("room_5", "Room 5", "adjusting"),
    ("room_6", "Room 6", "massage"),
    ("room_7", "Open floor", "open"),
]
HARBOR_ROOMS = [("harbor_1", "Harbor 1", "treatment"), ("harbor_2", "Harbor 2", "adjusting")]


def canary(name, field):
    """A word that stands in no other text: qmariazstaffnotes."""
    return f"q{name}z{field.replace('_', '')}"


class Cast:
    """Rows by name, read on first use: `cast.mei` is Mei's account, `cast.maria` Maria's patient record."""

    def __init__(self, rows):
        self._rows = rows

    def __getattr__(self, name):
        try:
            model, key = self._rows[name]
        except KeyError:
            raise AttributeError(f"{name} is not in the cast of tests/cast.py") from None
        row = apps.get_model(model)._default_manager.get(pk=key)
        setattr(self, name, row)
        return row

    def service(self, key):
        return Service.objects.get(key=key)

    def names(self, model):
        """The names of everybody who is a row of this model, such as "patients.patient"."""
        return [name for name, (label, _) in self._rows.items() if label == model]


def build():
    """Make the cast in an empty database; what each name stands for, as JSON can keep it."""
    load_reference()
    rows = places()
    rows |= staff(rows["uptown"], rows["harbor"])
    rows |= patients(rows["uptown"], rows["harbor"])
    texts_read(rows["olive"])
    return {name: (row._meta.label_lower, str(row.pk)) for name, row in rows.items()}


def places():
    clinic = Clinic.objects.create(id=1, name="Meridian Integrative Care", undo_minutes=10)
    # Two floors of treatment rooms in North Carolina; most of the tests happen here.
    uptown = location("Uptown", "NC", "America/New_York", "12 Elm Street")
    # A small second office in another state and another time zone.
    harbor = location("Harbor", "IL", "America/Chicago", "3 Pier Road")
    rooms = {name: room(uptown, label, kind) for name, label, kind in UPTOWN_ROOMS}
    rooms |= {name: room(harbor, label, kind) for name, label, kind in HARBOR_ROOMS}
    return {"clinic": clinic, "uptown": uptown, "harbor": harbor, **rooms}


def texts_read(owner):
    """The owner has read what patients sign: it can be handed out."""
    SignOff.objects.bulk_create(
        SignOff(
            what=read_as(key), content_sha256=text_version(row.definition), clinician="Olive Owner",
            signed_on=SET_UP_AT.date(), at=SET_UP_AT, by=owner,
        )
        for key, row in latest().items()
    )  # fmt: skip


def location(name, state, zone, address):
    made = Location.objects.create(name=name, state=state, zone=zone, address=address, phone="(919) 555-0100")
    for weekday in range(7):
        OpeningHours.objects.create(location=made, weekday=weekday, opens=time(7), closes=time(22))
    return made


def room(at, name, kind):
    return Room.objects.create(location=at, name=name, kind=RoomKind.objects.get(key=kind))


def staff(uptown, harbor):
    rows = {
        # Owns the clinic, treats nobody, and works everywhere.
        "olive": account("Olive Owner", [Role.OWNER], []),
        # Runs the front desk in Uptown.
        "ana": account("Ana Desk", [Role.FRONT_DESK], [uptown]),
        # Runs the front desk in Harbor and has nothing to do with Uptown.
        "hana": account("Hana Desk", [Role.FRONT_DESK], [harbor]),
        # Acupuncturist in Uptown, every day.
        "mei": practitioner("Mei Tan", "L.Ac.", "female", ["acupuncture"], uptown, [("lac", "2028-06-30")]),
        # Chiropractor in Uptown, every day.
        "daniel": practitioner(
            "Daniel Lee", "D.C.", "male", ["chiropractic"], uptown, [("dc", "2028-06-30")]
        ),
        # Massage therapist in Uptown who stretches people, too.
        "jo": practitioner(
            "Jo Ruiz", "LMT", "nonbinary", ["massage", "stretching"], uptown, [("lmt", "2028-06-30")]
        ),
        # Acupuncturist in Uptown whose license ends next Tuesday: November 30 is its last day.
        "sam": practitioner("Sam Park", "L.Ac.", "male", ["acupuncture"], uptown, [("lac", "2026-12-01")]),
        # Acupuncturist in Uptown whose license ended in the summer.
        "ken": practitioner("Ken Moss", "L.Ac.", "male", ["acupuncture"], uptown, [("lac", "2026-08-01")]),
        # Acupuncturist in Harbor only.
        "theo": practitioner("Theo Vance", "L.Ac.", "male", ["acupuncture"], harbor, [("lac", "2028-06-30")]),
        # Was at Uptown's front desk until the end of October; the account still opens, and shows nothing.
        "dana": account("Dana Former", [Role.FRONT_DESK], [uptown]),
    }
    RoleGrant.objects.filter(user=rows["dana"]).update(until=datetime(2026, 11, 1, tzinfo=UTC))
    return rows


def account(name, roles, locations):
    email = f"{name.lower().replace(' ', '.')}@meridian.example"
    user = User.objects.create(email=email, password=hashed_password())
    Profile.objects.create(user=user, name=name)
    RoleGrant.objects.bulk_create(RoleGrant(user=user, role=role, since=SET_UP_AT) for role in roles)
    Workplace.objects.bulk_create(Workplace(user=user, location=at) for at in locations)
    return user


@cache
def hashed_password():
    """Hashed once: all accounts have the same password, and hashing is slow on purpose."""
    return make_password(PASSWORD)


def practitioner(name, credentials, gender, disciplines, at, licenses):
    user = account(name, [Role.PRACTITIONER], [at])
    made = Practitioner.objects.create(user=user, name=name, credentials=credentials, gender=gender)
    made.disciplines.set(Discipline.objects.filter(key__in=disciplines))
    for kind, expires in licenses:
        License.objects.create(
            practitioner=made,
            kind=LicenseKind.objects.get(key=kind),
            number=f"{kind.upper()}-{made.pk:04d}",
            state=at.state,
            issued_on=date(2020, 7, 1),
            expires_on=date.fromisoformat(expires),
        )
    for weekday in range(7):
        WorkingHours.objects.create(
            practitioner=made,
            location=at,
            weekday=weekday,
            starts=time(8),
            ends=time(18),
            valid_from=date(2026, 1, 1),
        )
    return user


def patients(uptown, harbor):
    coles = Household.objects.create(name="Cole")
    rows = {
        # Comes for acupuncture; somebody with nearly her name comes as well.
        "maria": patient("maria", "Maria", "Garcia", date(1985, 3, 14), "+19195550111", [uptown]),
        # Is not Maria.
        "marta": patient("marta", "Marta", "Garcia", date(1985, 3, 19), "+19195550112", [uptown]),
        # Wants to be called Sunny.
        "sunny": patient(
            "sunny", "Sun-hee", "Park", date(1990, 7, 2), "+19195550113", [uptown], preferred_name="Sunny"
        ),
        # Mother of Leo and Mia, herself a patient, with an account through which she books for Leo.
        "iris": patient("iris", "Iris", "Cole", date(1988, 5, 30), "+19195550114", [uptown], household=coles),
        # Nine years old.
        "leo": patient("leo", "Leo", "Cole", date(2017, 2, 8), "", [uptown], household=coles),
        # Seven years old; her mother has no rights on line for her.
        "mia": patient("mia", "Mia", "Cole", date(2019, 9, 21), "", [uptown], household=coles),
        # A new patient with a chronic illness and no e-mail address.
        "tunde": patient("tunde", "Tunde", "Okafor", date(1971, 12, 1), "+19195550115", [uptown], email=""),
        # Comes to Harbor only: nobody in Uptown may find her.
        "priya": patient("priya", "Priya", "Shah", date(1979, 4, 17), "+13125550116", [harbor]),
        # Has an account of her own.
        "rita": patient("rita", "Rita", "Lopez", date(1993, 1, 25), "+19195550117", [uptown]),
    }
    for name in ("rita", "iris"):
        row = rows[name]
        row.user = account(f"{row.given_name} {row.family_name}", [Role.PATIENT], [])
        row.save()
    return rows | relatives(rows)


def patient(name, given, family, born, phone, locations, **more):
    made = Patient.objects.create(
        id=UUID(bytes=name.encode().ljust(16, b"."), version=4),
        given_name=given,
        family_name=family,
        birth_date=born,
        phone=phone,
        **{"email": f"{canary(name, 'email')}@mail.example", **more},
        staff_notes=f"Note: {canary(name, 'staff_notes')}.",
        physician_name=f"Dr. {canary(name, 'physician_name')}",
        emergency_name=f"{canary(name, 'emergency_name')} {family}",
    )
    PatientLocation.objects.bulk_create(PatientLocation(patient=made, location=at) for at in locations)
    return made


def relatives(rows):
    mother = {"name": "Iris Cole", "relation": "mother", "guardian": True, "since": SET_UP_AT}
    return {
        "leos_mother": RelatedPerson.objects.create(
            patient=rows["leo"], user=rows["iris"].user, appointments=True, **mother
        ),
        "mias_mother": RelatedPerson.objects.create(patient=rows["mia"], **mother),
        # May bring Leo and decides nothing.
        "leos_grandmother": RelatedPerson.objects.create(
            patient=rows["leo"], name="Nora Cole", relation="grandmother", since=SET_UP_AT
        ),
    }
