"""Guards that PostgreSQL keeps: on every table that needs them, as the migrated database has them."""

import pytest
from django.apps import apps
from django.db import connection

from clinic.database import APPEND_ONLY, MAY_DELETE
from clinic.models import Versioned

pytestmark = pytest.mark.django_db


def triggers():
    """{table: names of its enabled triggers}, as written in the models."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, array_agg(tgname::text) FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE NOT tgisinternal AND tgenabled = 'O' GROUP BY relname"
        )
        return dict(cursor.fetchall())


def has(found, table, name):
    return any(trigger.startswith(f"pgtrigger_{name}_") for trigger in found.get(table, []))


def test_every_versioned_table_refuses_an_update_that_does_not_raise_the_version():
    found = triggers()
    versioned = [model._meta for model in apps.get_models() if issubclass(model, Versioned)]
    assert len(versioned) > 20
    without = [
        each.db_table
        for each in versioned
        if not has(found, each.db_table, f"{each.model_name}_version_rises")
    ]
    assert without == []


def test_every_version_column_is_guarded():
    columns = {
        model._meta.label
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.name == "version"
    }
    assert columns == {model._meta.label for model in apps.get_models() if issubclass(model, Versioned)}


def test_append_only_tables_refuse_update_delete_and_truncate():
    found = triggers()
    for table in APPEND_ONLY:
        name = table.split("_")[1]
        assert has(found, table, f"{name}_keeps_rows"), table
        assert has(found, table, f"{name}_no_truncate"), table


def test_what_is_kept_for_ever_may_not_be_deleted():
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    assert set() == APPEND_ONLY & MAY_DELETE
    assert tables | {"clinic_cache"} >= APPEND_ONLY | MAY_DELETE


def test_clinical_tables_have_random_keys():
    """What a patient could meet in an address is a UUID; the columns of the busy index are small integers."""
    kinds = {model._meta.label: model._meta.pk.get_internal_type() for model in apps.get_models()}
    random = ["patients.Patient", "scheduling.Appointment", "scheduling.VisitPart", "scheduling.ActualTime"]
    small = ["practitioners.Practitioner", "clinic.Room", "clinic.Location", "services.Service"]
    assert {kinds[name] for name in random} == {"UUIDField"}
    assert {kinds[name] for name in small} == {"SmallAutoField"}
