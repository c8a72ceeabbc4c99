"""The two roles. The owner makes tables; the application owns nothing and may do only what is granted here."""

from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from clinic import postgres

# Rows the application may delete. Everything else is kept: cancelled, removed and ended rows say so.
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
    "treatment_adjunct",
    "treatment_adjustment",
    "treatment_againstrule",
    "treatment_needlecount",
    "treatment_needleset",
    "treatment_needling",
    "treatment_regionfinding",
    "treatment_segmentfinding",
    "treatment_vitals",
}
# Rows that are only ever added; triggers say the same to everybody.
APPEND_ONLY = {
    "clinic_auditevent",
    "clinic_auditseal",
    "clinic_referenceload",
    "clinic_submission",
    "intake_letter",
    "intake_listcheck",
    "intake_medicationdose",
    "intake_questionnaire",
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
}


@contextmanager
def as_owner():
    """Run with the owner's connection: migrations, bulk loading. Never inside a request."""
    application = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(postgres.django_settings(settings.OWNER_URL))
    connection.settings_dict["NAME"] = application["NAME"]
    connection.settings_dict["OPTIONS"] = {}
    try:
        yield connection
    finally:
        connection.close()
        connection.settings_dict.update(application)


def grant(cursor, application_role):
    """Give the application's role exactly what it may do, and nothing it was given before."""
    role = connection.ops.quote_name(application_role)
    cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
    cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
    cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in cursor.fetchall():
        rights = (
            "SELECT, INSERT"
            + ("" if table in APPEND_ONLY else ", UPDATE")
            + (", DELETE" if table in MAY_DELETE else "")
        )
        rights = "SELECT" if table == "django_migrations" else rights
        name = connection.ops.quote_name(table)
        cursor.execute(f"REVOKE ALL ON {name} FROM {role}")
        cursor.execute(f"GRANT {rights} ON {name} TO {role}")


def application_role():
    return postgres.django_settings(settings.APPLICATION_URL)["USER"]
