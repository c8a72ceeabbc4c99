"""Entries and uses of the policy, whose app lies below this one, point at parts and visits."""

from django.db import migrations

POINTS = [
    ("packages_creditentry", "visitpart_id", "scheduling_visitpart", "creditentry_visitpart_fk"),
    ("packages_authorizationentry", "visitpart_id", "scheduling_visitpart", "authorizationentry_visitpart_fk"),
    ("packages_policyuse", "appointment_id", "scheduling_appointment", "policyuse_appointment_fk"),
]


def point(table, column, to, name):
    return migrations.RunSQL(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {to} (id)"
        " DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("packages", "0001_initial"),
        ("scheduling", "0002_initial"),
    ]

    operations = [point(*one) for one in POINTS]
