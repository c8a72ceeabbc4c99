from itertools import groupby

from django.core.management import call_command
from django.core.management.commands import migrate
from django.db import connection
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.operations.base import Operation
from pgtrigger.migrations import AddTrigger

from clinic.database import application_role, as_owner, grant

ADDITIONS = (AddField, AddConstraint, AddIndex, AddTrigger)


class Command(migrate.Command):
    """Migrates as the owner role, then grants the application's role what it may do."""

    def handle(self, *args, **options):
        with as_owner():
            super().handle(*args, **options)
            call_command("createcachetable", "clinic_cache", verbosity=0)
            with connection.cursor() as cursor:
                grant(cursor, application_role())

    def migration_progress_callback(self, action, migration=None, fake=False):
        if action == "apply_start":
            migration.operations = in_runs(migration.operations)
        super().migration_progress_callback(action, migration, fake)


class Run(Operation):
    """Operations that only add, and read from the models no more than what they add: the same SQL, in the same order.

    Django makes the classes of most models anew for each operation, which is nearly all of the time that an empty
    database takes. Here they are made once, after the last one.
    """

    def __init__(self, operations):
        self.operations = operations
        self.reduces_to_sql = all(operation.reduces_to_sql for operation in operations)

    def state_forwards(self, app_label, state):
        made = state.__dict__.pop("apps", None)  # Without classes made already, none are made anew.
        for operation in self.operations:
            operation.state_forwards(app_label, state)
        if made:
            state.apps = made
            state.reload_models(
                [(app_label, subject(operation)) for operation in self.operations], delay=False
            )

    def database_forwards(self, app_label, schema_editor, from_state, to_state):
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self):
        return "; ".join(operation.describe() for operation in self.operations)


def in_runs(operations):
    runs = [(kind, list(run)) for kind, run in groupby(operations, key=kind_of)]
    return [made for kind, run in runs for made in ([Run(run)] if kind and len(run) > 1 else run)]


def kind_of(operation):
    """Tables are made as they are before anything is added to them, so there are two kinds of runs."""
    if type(operation) is CreateModel:
        return "tables"
    return "additions" if type(operation) in ADDITIONS else None


def subject(operation):
    return operation.name_lower if type(operation) is CreateModel else operation.model_name.lower()
