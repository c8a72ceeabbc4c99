"""Two database roles: what the application's may not do, PostgreSQL refuses, whatever the code says."""

import psycopg2.errors
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.utils import DatabaseError, IntegrityError, InternalError, ProgrammingError
from django.utils import timezone

from clinic import audit, postgres
from clinic.models import AuditEvent, AuditSeal, Submission
from intake.models import Letter, ListCheck, Medication, MedicationDose, Screening, Signature, SignOff
from plans.models import HomeTick
from scheduling.models import ActualTime, What
from tests.database import connect
from tests.outcomes.rows import answered, nrs
from tests.packages.rows import rows_of_packages
from tests.plans.rows import a_plan
from tests.rows import at, visit
from tests.treatment.rows import a_note
from treatment.models import Addendum, ContactNote

# Written out: a right to delete is given here, too, and not only in clinic/database.py.
MAY_DELETE = {
    "account_emailaddress",
    "account_emailconfirmation",
    "clinic_cache",
    "clinic_openinghours",
    "clinic_workplace",
    "django_admin_log",
    "django_session",
    "mfa_authenticator",
    "patients_patientlocation",
    "practitioners_coverage",
    "practitioners_practitioner_disciplines",
    "practitioners_workinghours",
    "scheduling_reservation",
    "services_phase",
    "services_price",
    "treatment_adjunct",  # children of a note, while it is a draft: a trigger refuses afterwards
    "treatment_adjustment",
    "treatment_againstrule",
    "treatment_needlecount",
    "treatment_needleset",
    "treatment_needling",
    "treatment_regionfinding",
    "treatment_segmentfinding",
    "treatment_vitals",
}
APPEND_ONLY = [
    "clinic_auditevent",
    "clinic_auditseal",
    "clinic_referenceload",  # what was loaded into every database of the tests
    "clinic_submission",
    "intake_letter",
    "intake_listcheck",
    "intake_medicationdose",
    "intake_questionnaire",  # loaded into every database of the tests
    "intake_screening",
    "intake_signature",
    "intake_signoff",
    "outcomes_score",
    "packages_authorizationentry",
    "packages_creditentry",
    "packages_extension",
    "packages_policy",
    "packages_policyuse",
    "packages_purchasedvisits",
    "packages_refund",
    "packages_waiver",
    "plans_hometick",
    "plans_planrevision",
    "scheduling_actualtime",
    "treatment_addendum",
    "treatment_contactnote",
    "treatment_notesave",
]


def tables_where(privilege, held=True):
    """Tables on which the application's role has, or has not, the privilege."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND has_table_privilege(oid, %s) = %s",
            [privilege, held],
        )
        return {name for (name,) in cursor.fetchall()}


def application_role():
    return postgres.django_settings(settings.APPLICATION_URL)["USER"]


@pytest.mark.django_db
def test_tests_run_as_the_application():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == (application_role(),)


@pytest.mark.django_db
def test_the_application_owns_nothing_and_has_no_special_power():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls, rolreplication FROM pg_roles"
            " WHERE rolname = current_user"
        )
        assert cursor.fetchone() == (False,) * 5
        cursor.execute("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = current_user")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_nothing_can_be_truncated_and_little_deleted():
    assert tables_where("TRUNCATE") == set()
    assert tables_where("DELETE") == MAY_DELETE
    assert tables_where("TRIGGER") == set()


@pytest.mark.django_db
def test_append_only_tables_take_no_update():
    assert tables_where("UPDATE", held=False) == {*APPEND_ONLY, "django_migrations"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE made_up (id int)",
        "CREATE TEMPORARY TABLE made_up (id int)",
        "CREATE SCHEMA made_up",
        "ALTER TABLE patients_patient ADD COLUMN made_up int",
        "ALTER TABLE patients_patient DISABLE TRIGGER ALL",
        "DROP TABLE patients_patient",
        "SET session_replication_role = replica",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'y', now())",
    ],
)
def test_the_application_cannot_change_the_schema(sql):
    with pytest.raises(ProgrammingError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert isinstance(refusal.value.__cause__, psycopg2.errors.InsufficientPrivilege)


def append_only_rows(cast):
    """A row in each append-only table."""
    event = audit.record(by=cast.ana, verb="test", about="clinic.test")
    AuditSeal.objects.create(number=1, event=event, hash="0" * 64, sealed_at=timezone.now())
    Submission.objects.create(
        user=cast.ana, key="k" * 20, body_sha256="0" * 64, answer_status=303, answer_location="/", at=event.at
    )
    booked = visit(
        cast.maria,
        cast.service("adjustment"),
        cast.uptown,
        at("11:00", cast.uptown),
        practitioners={"chiropractic": cast.daniel.practitioner},
        rooms={"adjusting": cast.room_4},
    )
    ActualTime.objects.create(
        appointment=booked, what=What.ARRIVED, at=event.at, by=cast.ana, entered_at=event.at
    )
    clinical_rows(cast, event.at)


def clinical_rows(cast, now):
    said = {"patient": cast.maria, "at": now, "by": cast.mei}
    Letter.objects.create(
        patient=cast.maria,
        kind="progress",
        to="Dr. Amos",
        data={},
        pdf=b"%PDF-",
        made_at=now,
        made_by=cast.mei,
    )
    ListCheck.objects.create(what="bleeding", answer="unchanged", **said)
    taken = Medication.objects.create(
        patient=cast.maria, name="Xarelto", medication_class="other", source="said", entered_at=now
    )
    MedicationDose.objects.create(medication=taken, from_day=now.date(), dose="20 mg", at=now, by=cast.mei)
    Screening.objects.create(asked_when="intake", regions=["neck"], answers={}, **said)
    Signature.objects.create(
        patient=cast.maria, document="consent", document_version="1", text="I agree.", name="Maria", at=now
    )
    SignOff.objects.create(
        what="red_flags",
        content_sha256="0" * 64,
        clinician="Mei Tan",
        signed_on=now.date(),
        at=now,
        by=cast.olive,
    )
    note = a_note(cast)  # and its first save
    Addendum.objects.create(note=note, kind="addendum", words="More.", at=now, by=cast.mei)
    ContactNote.objects.create(kind="call", words="Called.", **said)
    rows_of_packages(cast, now)
    answered(cast, nrs(5))
    plan = a_plan(cast)  # and its first revision
    HomeTick.objects.create(
        activity=plan.home_activities.get(), on=now.date(), done=True, at=now, by=cast.mei
    )


CHANGES = ["UPDATE {table} SET id = id", "DELETE FROM {table}", "TRUNCATE {table} CASCADE"]


def change(form, table):
    return form.format(table=table).replace(
        "id = id", "number = number" if table == "clinic_auditseal" else "id = id"
    )


@pytest.mark.django_db
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("form", CHANGES)
def test_the_application_cannot_change_what_is_kept_for_ever(cast, form, table):
    append_only_rows(cast)
    with pytest.raises(ProgrammingError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change(form, table))
    assert isinstance(refusal.value.__cause__, psycopg2.errors.InsufficientPrivilege)


def test_nor_can_the_owner(cast, committed):
    append_only_rows(cast)
    owner = connect(settings.OWNER_URL, committed)
    refused = []
    with owner.cursor() as cursor:
        for table in APPEND_ONLY:
            for form in CHANGES:
                with pytest.raises(psycopg2.errors.RaiseException):
                    cursor.execute(change(form, table))
                refused.append((table, form))
    owner.close()
    assert len(refused) == len(APPEND_ONLY) * len(CHANGES)
    assert AuditEvent.objects.filter(verb="test").count() == Submission.objects.count() == 1


def test_without_its_triggers_a_table_would_lose_its_rows(cast, committed):
    """The control of the test above: it is the triggers that refuse."""
    append_only_rows(cast)
    owner = connect(settings.OWNER_URL, committed)
    with owner.cursor() as cursor:
        cursor.execute("ALTER TABLE clinic_submission DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM clinic_submission")
        assert cursor.rowcount == 1
    owner.close()


@pytest.mark.django_db
def test_an_update_must_raise_the_version(cast):
    patient = cast.maria
    with pytest.raises((IntegrityError, InternalError, DatabaseError)) as refusal, transaction.atomic():
        type(patient).objects.filter(pk=patient.pk).update(given_name="Marie")
    assert "version of patients_patient must rise" in str(refusal.value)
    patient.given_name = "Marie"
    patient.save(update_fields=["given_name"])
    patient.refresh_from_db()
    assert (patient.given_name, patient.version) == ("Marie", 2)
