"""The demo clinic: nothing overlaps, every row agrees with the others, and the day lives whenever it is loaded."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import pairwise
from random import Random

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import Max
from django.urls import reverse

from clinic import walltime
from clinic.database import as_owner
from clinic.models import AuditEvent, Clinic, Location, Role, Room, User
from clinic.refusal import Refused
from clinic.timespan import TimeSpan
from frontdesk.actions.demo import loading
from frontdesk.actions.demo.accounts import PASSPHRASE, accounts_to_show
from frontdesk.actions.demo.bulk import bare
from frontdesk.actions.demo.names import FIRST_VISITS
from frontdesk.actions.demo.rows import COLUMNS, SECONDS, copy, random_id
from frontdesk.queries.account import account_of
from frontdesk.queries.board import board
from frontdesk.queries.lists import closing
from intake.models import (
    Allergy,
    CareElsewhere,
    Condition,
    Consent,
    ListCheck,
    Medication,
    RaisedFlag,
    Referral,
)
from intake.queries.consents import missing
from intake.queries.flags import clinician_first
from intake.queries.forms import progress
from messaging.models import StaffTask
from outcomes.models import Score
from outcomes.queries import trends
from outcomes.queries.due import due
from outcomes.queries.measures import answerable
from outcomes.rules.scoring import score_of
from packages.models import Coverage, CoverageKind
from patients.models import CareTeam, Patient, PatientLocation, RelatedPerson, Restriction, Why
from patients.queries.charts import OPENED
from plans.models import HomeTick, Plan
from plans.queries.progress import of_plans
from practitioners.models import Practitioner
from practitioners.queries import licenses_ending
from scheduling.actions.booking import Wanted, book
from scheduling.models import (
    ActualTime,
    Appointment,
    Change,
    PartStatus,
    Reservation,
    Status,
    VisitPart,
    What,
)
from scheduling.queries.offers import availability
from services.models import Price, Service
from tests.cast import NOW
from tests.database import working_in
from treatment.models import (
    Addendum,
    ContactNote,
    Handover,
    NeedleBox,
    Note,
    NoteSave,
    NoteTemplate,
    Reaction,
    RegionFinding,
)
from treatment.queries.safety import spoken_about
from treatment.queries.states import states_of
from treatment.rules.against import ASKS
from treatment.rules.missing import consents_needed, signing_of
from treatment.rules.picking import needles_of
from treatment.rules.signing import reasons_not_to_sign
from treatment.rules.state import SERVER_KEYS, cleaned

SEED = 7
# Each counts what must not be there.
PRACTITIONER_OVERLAPS = """
SELECT count(*) FROM (SELECT starts_at < max(ends_at) OVER (PARTITION BY practitioner_id ORDER BY starts_at
  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS clashes
  FROM scheduling_reservation WHERE practitioner_id IS NOT NULL) r WHERE clashes
"""
ROOM_OVERLAPS = PRACTITIONER_OVERLAPS.replace("practitioner_id", "room_id")
PATIENT_OVERLAPS = """
SELECT count(*) FROM (SELECT starts_at < max(ends_at) OVER (PARTITION BY patient_id ORDER BY starts_at
  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS clashes
  FROM scheduling_appointment WHERE status NOT IN ('cancelled', 'no_show', 'held', 'expired')) a WHERE clashes
"""
# Minutes agreed with somebody or somewhere, and minutes reserved, by visit, practitioner and room.
MINUTES = """
SELECT count(*) FROM (
  SELECT a.id, a.status, coalesce(f.practitioner_id, 0) AS p, coalesce(f.room_id, 0) AS r,
         sum(f.ends_at - f.starts_at) FILTER (WHERE v.status <> 'not_done') AS agreed
  FROM scheduling_appointment a JOIN scheduling_visitpart v ON v.appointment_id = a.id
  JOIN scheduling_visitphase f ON f.visitpart_id = v.id
  WHERE f.practitioner_id IS NOT NULL OR f.room_id IS NOT NULL GROUP BY 1, 2, 3, 4
) agreed FULL JOIN (
  SELECT appointment_id AS id, coalesce(practitioner_id, 0) AS p, coalesce(room_id, 0) AS r,
         sum(ends_at - starts_at) AS reserved
  FROM scheduling_reservation WHERE appointment_id IS NOT NULL GROUP BY 1, 2, 3
) reserved USING (id, p, r) WHERE
"""
NOT_RESERVED = (
    MINUTES + " status IN ('held', 'booked', 'arrived', 'in_treatment') AND agreed IS DISTINCT FROM reserved"
)
RESERVED_FOR_NOTHING = (
    MINUTES + " reserved IS NOT NULL AND (status IN ('cancelled', 'no_show', 'expired') OR agreed IS NULL)"
)
RESERVED_TOO_LONG = MINUTES + " status = 'completed' AND reserved > agreed"
PHASES_UNLIKE_THEIR_SERVICE = """
SELECT count(*) FROM scheduling_appointment a
WHERE (SELECT array_agg((p.position, f.position, f.kind, f.minutes, f.patient_present,
                         f.practitioner_id IS NOT NULL, f.room_id IS NOT NULL) ORDER BY f.position)
       FROM scheduling_visitpart p JOIN scheduling_visitphase f ON f.visitpart_id = p.id
       WHERE p.appointment_id = a.id)
   IS DISTINCT FROM
      (SELECT array_agg((p.position, f.position, f.kind, f.minutes, f.patient_present,
                         f.practitioner_needed, f.room_kind_id IS NOT NULL) ORDER BY f.position)
       FROM services_part p JOIN services_phase f ON f.part_id = p.id WHERE p.service_id = a.service_id)
"""
SPAN_UNLIKE_ITS_PHASES = """
SELECT count(*) FROM scheduling_appointment a WHERE (a.starts_at, a.ends_at) <>
  (SELECT min(f.starts_at), max(f.ends_at) FROM scheduling_visitpart p
   JOIN scheduling_visitphase f ON f.visitpart_id = p.id WHERE p.appointment_id = a.id AND f.patient_present)
"""
FACTS_OUT_OF_ORDER = """
SELECT count(*) FROM scheduling_actualtime first JOIN scheduling_actualtime later USING (appointment_id)
WHERE (first.what, later.what) IN (('arrived', 'in_room'), ('in_room', 'left'), ('first_needle', 'last_needle_in'),
  ('last_needle_in', 'needles_out'), ('needles_out', 'left'), ('treatment', 'treated'), ('treated', 'left'))
  AND first.at >= later.at
"""
COMPLETED_WITHOUT_END = """
SELECT count(*) FROM scheduling_appointment a WHERE a.status = 'completed' AND (
  NOT EXISTS (SELECT 1 FROM scheduling_actualtime f WHERE f.appointment_id = a.id AND f.what = 'left')
  OR EXISTS (SELECT 1 FROM scheduling_visitpart p WHERE p.appointment_id = a.id AND p.status = 'planned'))
"""
HELD_AFTER_THE_END = """
SELECT count(*) FROM scheduling_reservation r JOIN scheduling_appointment a ON a.id = r.appointment_id
JOIN scheduling_actualtime f ON f.appointment_id = a.id AND f.what = 'left'
WHERE r.ends_at >= f.at + interval '5 minutes'
"""
LIVE_OF_DAYS_OVER = """
SELECT count(*) FROM scheduling_reservation WHERE live <> (ends_at > date_trunc('day', %(now)s::timestamptz, 'UTC'))
"""
INVARIANTS = {
    name: sql
    for name, sql in globals().items()
    if isinstance(sql, str) and sql[:1] == "\n" and name != "MINUTES"
}


# {who: how many}, counted in the demo of SEED.
ACUPUNCTURE_NOTES = {
    "Grace": 5, "Ida": 6, "Jo": 4, "Linh": 6, "Maria": 8, "Paul": 4, "Rita": 4, "Sun-hee": 5, "Tunde": 7,
}  # fmt: skip
CHIROPRACTIC_NOTES = {"Grace": 5, "Marta": 4, "Rebecca": 8, "Rita": 4, "Samuel": 6, "Sun-hee": 5, "Walter": 4}
# {(who, movement): degrees at the first and at the last visit}
DEGREES = {
    ("Samuel", "flexion"): (42, 68), ("Samuel", "extension"): (12, 22),
    ("Sun-hee", "abduction"): (85, 140), ("Sun-hee", "rotation_out"): (20, 45),
    ("Marta", "rotation_left"): (52, 72), ("Marta", "rotation_right"): (66, 76),
    ("Walter", "flexion"): (35, 55), ("Walter", "extension"): (8, 15),
    ("Rebecca", "rotation_left"): (52, 72), ("Rebecca", "rotation_right"): (66, 76),
    ("Grace", "rotation_left"): (58, 70), ("Grace", "rotation_right"): (64, 74),
    ("Rita", "flexion"): (30, 60), ("Rita", "extension"): (14, 20),
}  # fmt: skip
# {who: (pace, whether a look-back is due)}
PLANS_SAY = {
    "Maria": ("8 of 10, on track", False), "Linh": ("6 of 8, 2 behind", False),
    "Tunde": ("7 of 10, on track", True), "Ida": ("6 of 8, paused", False),
    "Marta": ("4 of 5, discharged", False), "Walter": ("4 of 4, discharged", False),
    "Sun-hee": ("5 of 8, 1 behind", True), "Samuel": ("6 of 8, on track", False),
    "Rebecca": ("8 of 10, on track", False),
}  # fmt: skip
# What the safety rules are told of.
CODES = [
    ("Ida", "osteoporosis"), ("Malik", "asthma"), ("Paul", "pacemaker"), ("Rita", "radiculopathy"),
    ("Sun-hee", "diabetes"),
]  # fmt: skip


@pytest.fixture(scope="module")
def empty_database(databases, django_db_setup, django_db_blocker):
    """A migrated database without the cast."""
    name = f"{databases.name}_demo"
    databases.run(f"CREATE DATABASE {name}")
    with django_db_blocker.unblock(), working_in(name):
        call_command("migrate", verbosity=0)
    return name


@pytest.fixture
def empty(databases, empty_database, django_db_blocker):
    """A copy of it for one test."""
    databases.count += 1
    name = f"{databases.name}_{databases.count}"
    databases.run(f"CREATE DATABASE {name} TEMPLATE {empty_database}")
    with django_db_blocker.unblock(), working_in(name):
        yield name
    databases.retire(name)


@pytest.fixture(scope="module")
def small_database(databases, empty_database, django_db_blocker):
    name = f"{databases.name}_small"
    databases.run(f"CREATE DATABASE {name} TEMPLATE {empty_database}")
    with django_db_blocker.unblock(), working_in(name):
        loading.load_small(seed=SEED, now=NOW)
        with as_owner() as owner, owner.cursor() as cursor:
            cursor.execute("ANALYZE")
    return name


@pytest.fixture
def small(small_database, django_db_blocker):
    """The whole demo, loaded once; only for looking."""
    with django_db_blocker.unblock(), working_in(small_database):
        yield


def one_day(now, seed=SEED):
    loading.load_small(seed=seed, now=now, days=(-1, 1))


def broken():
    with connection.cursor() as cursor:
        found = {}
        for name, sql in INVARIANTS.items():
            cursor.execute(sql, {"now": NOW})
            found[name] = cursor.fetchone()[0]
    return {name: count for name, count in found.items() if count}


def story():
    """{patient's first and last name: visit} of the people whom only the living day calls."""
    names = [
        ("Linh", "Dang"), ("Tunde", "Okoye"), ("Samuel", "Adeyemi"), ("Grace", "Abernathy"), ("Rita", "Lopez"),
        ("Jo", "Ruiz"), ("Sun-hee", "Park"), ("Maria", "Garcia"), ("Marta", "Garcia"), ("Rebecca", "Cole"),
        ("Noah", "Cole"), ("Lily", "Cole"), ("Walter", "Hughes"), ("Pilar", "Quintana"),
    ]  # fmt: skip
    found = {}
    for visit in Appointment.objects.select_related("patient", "service").filter(
        ended_reason__in=["", "did not come"]
    ):
        # The latest one: before it lie the weeks of their course.
        name = " ".join(name_of(visit))
        if name_of(visit) in names and (name not in found or found[name].starts_at < visit.starts_at):
            found[name] = visit
    return found


def name_of(visit):
    return visit.patient.given_name, visit.patient.family_name


def minutes_since(visit, what, now):
    return (now - ActualTime.objects.get(appointment=visit, what=what).at) / timedelta(minutes=1)


def test_nothing_overlaps_and_all_rows_agree(small):
    assert broken() == {}


def test_what_there_is(small):
    assert list(Location.objects.values_list("name", "zone")) == [
        ("Uptown", "America/New_York"),
        ("Lakeside", "America/Chicago"),
    ]
    assert Patient.objects.count() == 243
    outcomes = Counter(
        Appointment.objects.filter(starts_at__lt=NOW - timedelta(days=1)).values_list("status", flat=True)
    )
    assert set(outcomes) == {Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW}
    assert Appointment.objects.filter(starts_at__gt=NOW + timedelta(days=40)).exists()
    assert RelatedPerson.objects.filter(guardian=True).count() >= 3
    assert Price.objects.filter(part__discipline__key="acupuncture", amount__lt=50).count() == 0
    assert Price.objects.filter(part__discipline__key="acupuncture", amount__gt=150).count() == 0


def test_one_license_ends_soon_and_one_has_ended(small):
    today = NOW.date()
    ending = [(row.practitioner, row.days_left) for row in licenses_ending(90, today)]
    assert ending == [("Ruth Becker", -12), ("Marcus Bell", 25)]
    later = NOW + timedelta(days=26)
    booked = Reservation.objects.filter(practitioner__name="Marcus Bell", starts_at__gt=later)
    stretching = booked.filter(appointment__service__key="stretching")
    assert booked.count() == stretching.count()


def test_the_living_day(small):
    at = story()
    assert at["Linh Dang"].status == at["Tunde Okoye"].status == Status.IN_TREATMENT
    assert minutes_since(at["Linh Dang"], What.LAST_NEEDLE_IN, NOW) == 14
    assert minutes_since(at["Tunde Okoye"], What.LAST_NEEDLE_IN, NOW) == 34
    assert minutes_since(at["Samuel Adeyemi"], What.ADJUSTMENT, NOW) == 4
    assert list(at["Grace Abernathy"].parts.values_list("status", flat=True)) == [
        PartStatus.DONE,
        PartStatus.PLANNED,
    ]
    assert list(at["Rita Lopez"].parts.values_list("status", "reason")) == [
        (PartStatus.DONE, ""),
        (PartStatus.NOT_DONE, "unwell"),
    ]
    assert at["Rita Lopez"].status == Status.COMPLETED
    assert NOW - at["Jo Ruiz"].starts_at == timedelta(minutes=12)
    assert (at["Jo Ruiz"].status, at["Sun-hee Park"].status) == (Status.BOOKED, Status.ARRIVED)
    assert at["Walter Hughes"].status == Status.NO_SHOW
    assert at["Pilar Quintana"].held_until == NOW + timedelta(minutes=10)
    assert Appointment.objects.filter(walk_in=True, status=Status.ARRIVED).count() == 1
    new = [
        visit
        for visit in Appointment.objects.filter(service__first_visit=True)
        if name_of(visit) in FIRST_VISITS
    ]
    assert [visit.status for visit in new] == [Status.BOOKED]


def test_a_family_follows_one_another_with_one_adjuster(small):
    at = story()
    visits = [at[name] for name in ("Rebecca Cole", "Noah Cole", "Lily Cole")]
    assert [after.starts_at - before.ends_at for before, after in pairwise(visits)] == [
        timedelta(0),
        timedelta(0),
    ]
    adjusters = {phase.practitioner_id for visit in visits for phase in visit.parts.get().phases.all()} - {
        None
    }
    assert len(adjusters) == 1


def test_every_role_signs_in(small):
    shown = accounts_to_show()
    assert [role for role, _email in shown] == [Role.OWNER, Role.FRONT_DESK, Role.PRACTITIONER, Role.PATIENT]
    for role, email in shown:
        assert User.objects.get(email=email).roles == {role}
    out = StringIO()
    call_command("show_accounts", stdout=out)
    assert [line.split()[-2:] for line in out.getvalue().splitlines()] == [
        [email, PASSPHRASE] for _role, email in shown
    ]


def test_front_desk_finds_no_clinical_words(small):
    words = ["thinner", "pregnan", "diabet", "allerg", "cancer", "pacemaker", "medication"]
    notes = " ".join(Patient.objects.values_list("staff_notes", flat=True)).lower()
    assert [word for word in words if word in notes] == []


@pytest.mark.parametrize(
    "hour, minute",
    [(3, 0), (7, 5), (8, 31), (12, 17), (14, 20), (16, 3), (19, 59), (20, 31), (23, 40)],
)
def test_the_day_lives_whenever_it_is_loaded(empty, hour, minute):
    one_day(datetime(2026, 11, 24, 5, 0, tzinfo=UTC) + timedelta(hours=hour, minutes=minute))
    at = story()
    assert sorted(at) == [
        "Grace Abernathy", "Jo Ruiz", "Lily Cole", "Linh Dang", "Maria Garcia", "Marta Garcia", "Noah Cole",
        "Pilar Quintana", "Rebecca Cole", "Rita Lopez", "Samuel Adeyemi", "Sun-hee Park", "Tunde Okoye",
        "Walter Hughes",
    ]  # fmt: skip
    # Nobody has walked in before the hour that the day is told around.
    assert Appointment.objects.filter(walk_in=True).count() == (hour >= 8)
    assert set(broken()) <= {"LIVE_OF_DAYS_OVER"}


# Local time in Uptown, and whether the day has not begun or is over.
HOURS = {
    (3, 10): "due", (6, 50): "due", (7, 40): None, (13, 0): None, (21, 20): None, (22, 30): "over",
    (23, 50): "over",
}  # fmt: skip


@pytest.mark.parametrize(
    "clock, later", [*((clock, False) for clock in HOURS), ((3, 10), True), ((22, 30), True)], ids=str
)
def test_nothing_is_told_that_has_not_happened_yet(empty, clock, later, client_of):
    now = datetime(2026, 11, 24, 5, tzinfo=UTC) + timedelta(hours=clock[0], minutes=clock[1])
    if later:
        one_day(now - timedelta(days=1, hours=2))
        loading.add_today(seed=SEED, now=now)
    else:
        one_day(now)
    for name, latest in latest_of_all().items():
        assert latest is None or latest <= now + SECONDS, name
    uptown, desk = Location.objects.get(name="Uptown"), User.objects.get(email__startswith="desk@")
    with time_machine.travel(now, tick=False):
        made = board(user=desk, location=uptown, now=now)
        left = closing(user=desk, location=uptown, now=now)
        assert client_of(desk).get(reverse("frontdesk:today"), {"location": uptown.pk}).status_code == 200
    here = [line for line in made.lines if line.visit.status in {Status.ARRIVED, Status.IN_TREATMENT}]
    assert [line.minutes_left for line in here if abs(line.minutes_left or 0) > 60] == []
    assert [line.when for line in made.lines if line.late and line.late > 110] == []
    if HOURS[clock] == "due":
        assert (here, made.done) == ([], [])
        assert {line.visit.status for line in made.not_coming} <= {Status.CANCELLED}
        assert made.coming_later > 12
    elif HOURS[clock] == "over":
        assert (made.next, made.later, len(made.done) > 8) == ([], [], True)
        assert {who.visit.given_name for who in here} == {"Grace", "Samuel"}
        assert [len(left[name]) for name in ("unsettled", "still_here", "not_checked_in")] == [1, 1, 0]
    assert set(broken()) <= {"LIVE_OF_DAYS_OVER"}


def latest_of_all():
    """{what: the latest instant}, of everything that is told as having happened."""
    told = [
        (ActualTime, "at"), (ActualTime, "entered_at"), (Note, "opened_at"), (Note, "signed_at"),
        (Handover, "at"), (Reaction, "at"), (Change, "at"), (Appointment, "created_at"),
        (Appointment, "confirmed_at"), (Score, "at"), (Consent, "given_at"), (PatientLocation, "needles_in_since"),
    ]  # fmt: skip
    return {
        f"{model.__name__}.{name}": model.objects.aggregate(latest=Max(name))["latest"]
        for model, name in told
    }


def test_while_needles_are_in_it_is_kept_beside_the_patient(small):
    rows = PatientLocation.objects.filter(needles_in_since__isnull=False)
    found = {row.patient.given_name: (NOW - row.needles_in_since) // timedelta(minutes=1) for row in rows}
    assert set(found) >= {"Tunde", "Linh"}
    assert all(14 <= found[name] <= 60 for name in ("Tunde", "Linh"))


def test_the_chart_of_somebody_who_works_here_is_restricted_and_was_opened_with_a_reason(small):
    row = Restriction.objects.get(lifted_at=None)
    assert (row.because, row.patient.name) == ("staff", "Lindqvist, Jonas")
    mei, daniel = (User.objects.get(email__startswith=name) for name in ("mei.chen@", "daniel.weiss@"))
    (member,) = CareTeam.objects.filter(why=Why.REASON)
    assert (member.user, member.patient, member.until - member.since) == (
        daniel,
        row.patient,
        timedelta(hours=1),
    )
    assert timedelta(0) < NOW - member.since < timedelta(days=1)
    assert Patient.objects.charts_written_by(mei, NOW).filter(pk=row.patient_id).exists()
    assert not Patient.objects.charts_read_by(daniel, NOW).filter(pk=row.patient_id).exists()
    event = AuditEvent.objects.get(verb=OPENED)
    assert (event.by, event.patient) == (daniel, row.patient_id)
    assert StaffTask.objects.get(kind="chart_opened", closed_at=None).for_role == "owner"
    assert Clinic.objects.get().charts_open_to == "clinic"


@pytest.mark.parametrize("day", [datetime(2026, 3, 8, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC)])
def test_the_day_lives_when_the_clocks_change(empty, day):
    one_day(day + timedelta(hours=16))
    assert len(story()) == 14
    assert set(broken()) <= {"LIVE_OF_DAYS_OVER"}


def test_one_seed_and_one_moment_make_one_clinic(databases, empty_database, empty, django_db_blocker):
    one_day(NOW)
    first = everything()
    other = f"{databases.name}_twin"
    databases.run(f"CREATE DATABASE {other} TEMPLATE {empty_database}")
    with working_in(other):
        one_day(NOW)
        second = everything()
        assert Appointment.objects.count() > 100
    databases.drop(other)
    assert first == second


def everything():
    """A hash of the rows of each table that the seed decides."""
    tables = [
        *COLUMNS,
        "patients_patient",
        "patients_careteam",
        "patients_household",
        "practitioners_license",
        "treatment_note",
        "treatment_needling",
        "treatment_needlebox",
        "treatment_reaction",
    ]
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            found[table] = cursor.fetchone()[0]
        # Rows that the product's own actions make have ids that nobody decides.
        for table in ("intake_condition", "intake_medication", "intake_consent", "intake_raisedflag"):
            ids = "ARRAY['id', 'signature_id', 'response_id', 'screening_id']"
            row = f"(to_jsonb(t) - {ids})::text"
            cursor.execute(f"SELECT md5(string_agg({row}, '|' ORDER BY {row})) FROM {table} t")
            found[table] = cursor.fetchone()[0]
    return found


def test_another_seed_makes_another_clinic(empty):
    one_day(NOW, seed=8)
    starts = set(Appointment.objects.values_list("starts_at", flat=True))
    names = Patient.objects.values_list("family_name", flat=True)
    assert len(starts) > 50
    assert Patient.objects.count() == 243
    assert len(set(names)) > 40


def test_every_offer_around_the_story_can_be_booked(empty):
    one_day(NOW)
    desk, uptown = User.objects.get(email__startswith="desk@"), Location.objects.get(name="Uptown")
    patient = Patient.objects.get(given_name="Ida", family_name="Bell")
    service = Service.objects.get(key="acupuncture_adjustment")
    window = walltime.day_span(NOW.date() + timedelta(days=1), uptown.tz)
    offer = availability(service=service, location=uptown, window=window, now=NOW, patient=patient)[0]
    wanted = Wanted(patient, service, uptown, offer.starts_at, offer.practitioners, offer.rooms)
    assert book(by=desk, wanted=[wanted])[0].status == Status.BOOKED
    assert broken() == {}


def test_it_is_loaded_into_an_empty_database_only(empty):
    one_day(NOW)
    visits, notes, consents = Appointment.objects.count(), Note.objects.count(), Consent.objects.count()
    with pytest.raises(Refused):
        one_day(NOW)
    with pytest.raises(CommandError):
        call_command("demo")
    call_command("demo", "--if-empty")
    call_command("demo", "--living")
    assert (Appointment.objects.count(), Note.objects.count()) == (visits, notes)
    assert (Consent.objects.count(), consents) == (29, 29)


def test_accounts_are_shown_of_the_demo_only(empty):
    with pytest.raises(CommandError):
        call_command("show_accounts")


def test_a_later_day_comes_to_life_once(empty):
    loading.load_small(seed=SEED, now=NOW, days=(-1, 4))
    later = NOW + timedelta(days=2, hours=4)
    assert loading.add_today(seed=SEED, now=later) is True
    over = Appointment.objects.filter(ends_at__lt=later - timedelta(hours=12))
    assert set(over.values_list("status", flat=True)) <= {
        Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW, Status.EXPIRED, Status.HELD,
    }  # fmt: skip
    tunde = Appointment.objects.get(patient__family_name="Okoye", status=Status.IN_TREATMENT)
    assert minutes_since(tunde, What.LAST_NEEDLE_IN, later) == 34
    # A note of that day is being written too, and the forms of its new patient are half done.
    assert Note.objects.filter(appointment=tunde, signed_at=None).count() == 1
    flagged = RaisedFlag.objects.values_list("patient", flat=True)
    assert sorted(flagged) == sorted(patient.pk for patient in newcomers())
    assert set(broken()) <= {"LIVE_OF_DAYS_OVER"}
    before = Appointment.objects.count()
    assert loading.add_today(seed=SEED, now=later + timedelta(hours=1)) is False
    assert Appointment.objects.count() == before


def test_a_later_day_leaves_alone_what_people_booked(empty):
    loading.load_small(seed=SEED, now=NOW, days=(-1, 4))
    desk, uptown = User.objects.get(email__startswith="desk@"), Location.objects.get(name="Uptown")
    later = NOW + timedelta(days=2)
    service, patient = (
        Service.objects.get(key="adjustment"),
        Patient.objects.get(family_name="Bell", given_name="Ida"),
    )
    window = TimeSpan(later, later + timedelta(hours=2))
    offer = availability(service=service, location=uptown, window=window, now=NOW)[0]
    own = book(
        by=desk, wanted=[Wanted(patient, service, uptown, offer.starts_at, offer.practitioners, offer.rooms)]
    )[0]
    loading.add_today(seed=SEED, now=later)
    own.refresh_from_db()
    assert (own.starts_at, own.status) == (offer.starts_at, Status.BOOKED)
    assert set(broken()) <= {"LIVE_OF_DAYS_OVER"}


def test_the_large_clinic_has_exactly_what_was_asked_for(empty):
    assert loading.load_large(seed=SEED, now=NOW, past=900, future=300, patients=400) == 1200
    midnight = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    assert Appointment.objects.filter(starts_at__lt=midnight).count() == 900
    assert Appointment.objects.filter(starts_at__gte=midnight).count() == 300
    assert (Patient.objects.count(), Practitioner.objects.count(), Room.objects.count()) == (400, 12, 10)
    assert Reservation.objects.filter(live=True, ends_at__lte=NOW.replace(hour=0, minute=0)).count() == 0
    assert broken() == {}


def schema():
    """Every constraint and index of the database, as it is written down."""
    definition = "conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {definition} FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2"
        )
        constraints = cursor.fetchall()
        cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1")
        return constraints, cursor.fetchall()


def test_the_large_clinic_is_held_by_every_constraint_and_index_of_an_empty_one(empty):
    before = schema()
    loading.load_large(seed=SEED, now=NOW, past=60, future=40, patients=400)
    assert schema() == before


def test_what_was_copied_without_checks_is_checked_in_the_end(empty):
    with as_owner(), pytest.raises(IntegrityError, match="appointment_id"):
        copy_a_part_of_no_visit()
    assert VisitPart.objects.count() == 0


@transaction.atomic
def copy_a_part_of_no_visit():
    table = "scheduling_visitpart"
    row = (1, *[random_id(Random(SEED)).hex] * 2, 1, "Adjustment", 1, 1, PartStatus.PLANNED, "")
    with bare([table]):
        copy(table, COLUMNS[table].split(), [row])
        assert VisitPart.objects.count() == 1


def test_the_large_clinic_stores_telephone_numbers_as_forms_do(empty):
    loading.load_large(seed=SEED, now=NOW, past=20, future=10, patients=400)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM patients_patient WHERE phone !~ '^[+]1[0-9]{10}$'")
        assert cursor.fetchone() == (0,)


def test_the_large_clinic_can_be_worked_with(empty):
    loading.load_large(seed=SEED, now=NOW, past=300, future=200, patients=300)
    desk, uptown = User.objects.get(email__startswith="desk@"), Location.objects.get()
    patient, service = Patient.objects.visible_to(desk)[0], Service.objects.get(key="acupuncture_follow_up")
    window = TimeSpan(NOW, NOW + timedelta(days=1))
    offer = availability(service=service, location=uptown, window=window, now=NOW, patient=patient)[0]
    book(
        by=desk, wanted=[Wanted(patient, service, uptown, offer.starts_at, offer.practitioners, offer.rooms)]
    )
    assert broken() == {}


# ---- clinical life


def by_patient(rows, name="patient__given_name"):
    return Counter(rows.values_list(name, flat=True))


def test_ten_and_more_people_have_signed_notes_of_both_disciplines(small):
    signed = Note.objects.signed()
    assert by_patient(signed.filter(discipline__key="acupuncture")) == ACUPUNCTURE_NOTES
    assert by_patient(signed.filter(discipline__key="chiropractic")) == CHIROPRACTIC_NOTES
    assert Addendum.objects.count() == 0


def test_pain_falls_from_the_first_note_to_the_last(small):
    for patient in Patient.objects.filter(pk__in=Note.objects.values("patient")):
        rows = Note.objects.filter(patient=patient).signed().order_by("opened_at")
        pains = [row.said_pain_now for row in rows]
        assert pains[-1] < pains[0], patient.name


def test_a_routine_note_has_ten_points_and_its_needles_are_counted_out(small):
    notes = Note.objects.signed().filter(discipline__key="acupuncture").order_by("opened_at")
    firsts = {notes.filter(patient=one).first().pk for one in set(notes.values_list("patient", flat=True))}
    states = states_of(notes)
    assert {len(states[pk]["needlings"]) for pk in states if pk not in firsts} == {10}
    assert {len(states[pk]["needlings"]) for pk in firsts} == {6}
    assert [pk for pk, state in states.items() if not needles_of(state).is_even] == []


def test_what_the_demo_wrote_is_what_the_product_would_keep_and_sign(small):
    notes = list(Note.objects.select_related("patient", "location", "author"))
    for note, state in [(note, states_of([note])[note.pk]) for note in notes]:
        assert cleaned(as_sent(state))[1] == []
        asked = [one for one in spoken_about(note, state) if one.severity in ASKS and not one.asks_where]
        assert [one.rule for one in asked] == []
        consents = missing(note.patient, consents_needed(state), note.opened_at)
        if note.signed_at:
            signing = signing_of(state, is_author=True, signed=False, entered_in_error=False)
            assert (reasons_not_to_sign(signing), consents) == ([], [])
        assert NoteSave.objects.get(note=note).state == state


def as_sent(state):
    """As a page sends it: without what only the server writes."""
    sent = {name: value for name, value in state.items() if name not in SERVER_KEYS}
    bare_counts = [{key: row[key] for key in row if key not in ("at", "by")} for row in state["counts"]]
    return {**sent, "counts": bare_counts}


def test_a_shoulder_and_a_back_move_further(small):
    found = {}
    for row in RegionFinding.objects.order_by("note__opened_at", "position").select_related("note__patient"):
        key = row.note.patient.given_name, row.motion
        found.setdefault(key, []).append(row.degrees)
    assert {key: (degrees[0], degrees[-1]) for key, degrees in found.items()} == DEGREES


def test_one_note_is_being_written_and_one_of_yesterday_is_not_signed(small):
    mei = User.objects.get(email__startswith="mei.chen@")
    drafts = Note.objects.filter(signed_at=None).order_by("-opened_at")
    assert [(row.patient.given_name, row.author) for row in drafts] == [("Tunde", mei), ("Paul", mei)]
    assert [row.opened_at.date() for row in drafts] == [NOW.date(), NOW.date() - timedelta(days=1)]
    writing = states_of(drafts)[drafts[0].pk]
    assert (len(writing["needlings"]), writing["counts"], writing["sets"][0]["ended_at"]) == (10, [], None)
    assert (writing["felt"], writing["clean_technique"], writing["sharps_box"]) == ("", False, False)


def test_plans(small):
    """On track, behind, a look-back due, paused, ended; and everybody's activities are ticked on some days."""
    day = NOW.astimezone(Location.objects.get(name="Uptown").tz).date()
    found = {
        one.plan.patient.given_name: (one.said, bool(one.review and one.review.due))
        for one in of_plans(Plan.objects.all(), day)
    }
    assert found == PLANS_SAY
    assert HomeTick.objects.filter(activity__plan__patient__given_name="Rebecca").count() > 20
    walter = Patient.objects.get(given_name="Walter", family_name="Hughes")
    assert [trend.key for trend in trends.of_patient(walter) if trend.returned] == ["NRS", "PEG"]


def test_histories(small):
    codes = Condition.objects.exclude(code="").values_list("patient__given_name", "code")
    assert sorted(codes) == CODES
    thinners = Medication.objects.filter(effect="anticoagulant").order_by("name")
    assert [(row.patient.given_name, row.name, row.doses.count()) for row in thinners] == [
        ("Tunde", "Apixaban", 2),
        ("Ida", "Warfarin", 3),
    ]
    assert sorted(Allergy.objects.values_list("patient__given_name", "substance")) == [
        ("Ida", "Penicillin"), ("Linh", "Eucalyptus oil"), ("Marta", "Nickel"), ("Samuel", "Latex"),
    ]  # fmt: skip
    pregnant = ListCheck.objects.get(what="pregnancy", answer="yes")
    assert (pregnant.patient.given_name, pregnant.due_on - NOW.date()) == ("Grace", timedelta(days=126))
    assert CareElsewhere.objects.filter(assessed=True).exclude(assessed_by="").count() == 6


def test_who_is_in_treatment_has_signed_but_for_one_consent(small):
    now_here = Appointment.objects.filter(status=Status.IN_TREATMENT, location__name="Uptown")
    found = {}
    for visit in now_here:
        disciplines = set(visit.parts.values_list("discipline__key", flat=True))
        kinds = ["acupuncture"] * ("acupuncture" in disciplines)
        kinds += ["adjustment", "neck_adjustment"] * ("chiropractic" in disciplines)
        found[visit.patient.given_name] = missing(visit.patient, kinds, NOW)
    assert found == {"Tunde": [], "Linh": [], "Grace": [], "Samuel": ["neck_adjustment"], "Paul": []}
    assert Consent.objects.count() == 29
    by_mother = Consent.objects.exclude(signature__related_person=None)
    assert sorted(by_patient(by_mother).items()) == [("Lily", 2), ("Noah", 2)]


def newcomers():
    """Patients whom a living day calls to their first visit."""
    visits = Appointment.objects.filter(service__first_visit=True).select_related("patient")
    return [visit.patient for visit in visits if name_of(visit) in FIRST_VISITS]


def test_a_new_patient_of_today_is_seen_by_a_clinician_first(small):
    (new,) = newcomers()
    assert progress([new.pk]) == {new.pk: (2, 4)}
    assert [(row.patient, row.flag, row.action) for row in RaisedFlag.objects.all()] == [
        (new, "RF005", "refer_now")
    ]
    assert clinician_first([new.pk]) == {new.pk}
    asked = Referral.objects.filter(closed_at=None, sent_at=None).values_list(
        "patient__given_name", flat=True
    )
    assert sorted(asked) == sorted([new.given_name, "Walter"])


def test_what_came_after_and_beside(small):
    reactions = Reaction.objects.order_by("kind")
    assert [(row.patient.given_name, row.kind, row.closed_at is None) for row in reactions] == [
        ("Maria", "BRUISE", False),
        ("Rita", "DIZZY", True),
    ]
    assert by_patient(ContactNote.objects.all(), "kind") == {"call": 3, "message": 1, "event": 1}
    handover = Handover.objects.get()
    assert (handover.patient.given_name, handover.seen_at) == ("Grace", None)
    assert handover.by != handover.to_user
    in_use = NeedleBox.objects.filter(ended_at=None)
    assert (in_use.count(), NeedleBox.objects.count()) == (5, 6)
    assert [box.lot for box in in_use.filter(expires_on__lte=NOW.date().replace(day=30))] == ["DB2312K"]
    assert sorted(NoteTemplate.objects.values_list("name", "owner__email")) == [
        ("Headache", "mei.chen@demo.meridian.example"),
        ("Neck, ten points", None),
    ]


def test_what_the_desk_reads_of_it_says_no_reason(small):
    rows = StaffTask.objects.filter(for_user=None).exclude(for_role="owner")
    titles = rows.values_list("title", flat=True)
    assert sorted(titles) == ["Ask for more visits", "Clinician first: look at the history before the visit"]


def test_scores_go_with_what_was_said_at_the_visits(small):
    pains = Score.objects.filter(patient__given_name="Maria", measure="NRS").order_by("at")
    assert list(pains.values_list("score", flat=True)) == [7, 6, 6, 5, 4, 4, 3, 2]
    maria = Patient.objects.get(given_name="Maria", family_name="Garcia")
    found = {trend.key: trend for trend in trends.of_patient(maria)}
    assert found["NRS"].sentence.startswith("Down 5 since ")
    assert (found["NRS"].improved, found["PEG"].improved, found["PGIC"].improved) == (True, True, True)
    assert len(found["ACT3"].own) == 2
    talked = StaffTask.objects.get(kind="mood_answer")
    assert (talked.for_user.name, talked.closed_at is None) == ("Mei Chen", False)
    rebecca = Patient.objects.get(given_name="Rebecca", family_name="Cole")
    assert len(due(rebecca, NOW.date())) == 1
    measures = answerable()
    wrong = [row for row in Score.objects.all() if row.score != score_of(measures[row.measure], row.answers)]
    assert (wrong, Score.objects.count() > 200) == ([], True)


def account_in_demo(given, family):
    patient = Patient.objects.get(given_name=given, family_name=family)
    return account_of(patient, walltime.local(NOW, Location.objects.get(name="Uptown").tz).date())


def test_packages_of_every_state(small):
    people = [
        ("Maria", "Garcia"),
        ("Linh", "Dang"),
        ("Samuel", "Adeyemi"),
        ("Jo", "Ruiz"),
        ("Rebecca", "Cole"),
        ("Rita", "Lopez"),
    ]
    states = {given: account_in_demo(given, family)["purchases"][0].state for given, family in people}
    assert states == {
        "Maria": "good",
        "Linh": "soon",
        "Samuel": "used",
        "Jo": "refunded",
        "Rebecca": "good",
        "Rita": "good",
    }


def test_visits_that_were_given_are_used_up_of_what_was_bought(small):
    found = account_in_demo("Maria", "Garcia")
    acupuncture = found["purchases"][0].lines[0]
    assert (acupuncture.used + acupuncture.reserved + acupuncture.left, acupuncture.used) == (8, 8)
    assert len(found["history"]) > 8


def test_who_pays_is_of_every_kind(small):
    assert set(Coverage.objects.values_list("kind", flat=True)) == set(CoverageKind.values)


def test_one_approval_is_almost_used_up_and_more_is_asked_for(small):
    (approval,) = account_in_demo("Tunde", "Okoye")["approvals"]
    assert (approval.lines[0].used, approval.lines[0].of, approval.request.status) == (7, 9, "to_send")
    assert StaffTask.objects.filter(kind="more_visits", closed_at=None).count() >= 1
