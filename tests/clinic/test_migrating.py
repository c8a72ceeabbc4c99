"""Migrations are applied in runs: the same statements in the same order, and the same models afterwards."""

import pytest
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField, AddIndex, CreateModel, RemoveField, RunSQL
from django.db.migrations.state import StateApps

from clinic.management.commands.migrate import Command, Run, in_runs

# Tables that point at each other, triggers, constraints, indexes, and columns of tables that others point at.
MIGRATIONS = [
    ("clinic", "0002_reference_load"),
    ("services", "0001_initial"),
    ("acupoints", "0001_initial"),
    ("scheduling", "0002_initial"),
]


class Migrated:
    """One migration, as it would be applied: its statements, how often classes were made, and the models then."""

    def __init__(self, node, monkeypatch, *, in_runs):
        loader = MigrationLoader(None)
        migration = loader.graph.nodes[node]
        state = loader.project_state(node, at_end=False)
        self.made, self.before = 0, set(described(state))
        make = StateApps.render_multiple

        def counted(apps, states):
            self.made += bool(states)
            make(apps, states)

        monkeypatch.setattr(StateApps, "render_multiple", counted)
        if in_runs:
            command = Command()
            command.verbosity = 0
            command.migration_progress_callback("apply_start", migration)
        self.operations = migration.operations
        with connection.schema_editor(collect_sql=True, atomic=False) as editor:
            migration.apply(state, editor, collect_sql=True)
        self.statements = [line for line in editor.collected_sql if not line.startswith("--")]
        self.models = described(state)
        monkeypatch.undo()


def described(state):
    return {
        model._meta.label: described_model(model)
        for model in state.apps.get_models(include_auto_created=True)
    }


def described_model(model):
    """Its columns in order, who points at it and at whom it points, and what guards it."""
    options = model._meta
    columns = [field.column for field in options.local_fields]
    relations = sorted(
        (field.name, str(field.related_model)) for field in options.get_fields() if field.is_relation
    )
    guards = [
        [one.name for one in options.original_attrs.get(kind, [])]
        for kind in ("constraints", "indexes", "triggers")
    ]
    return columns, relations, guards


@pytest.mark.django_db
@pytest.mark.parametrize("node", MIGRATIONS, ids=".".join)
def test_the_same_statements_and_the_same_models(node, monkeypatch):
    plain = Migrated(node, monkeypatch, in_runs=False)
    quick = Migrated(node, monkeypatch, in_runs=True)
    assert quick.statements == plain.statements
    assert quick.models == plain.models
    assert len(quick.operations) < len(plain.operations)


@pytest.mark.django_db
def test_classes_are_made_once_for_a_run(monkeypatch):
    plain = Migrated(("services", "0001_initial"), monkeypatch, in_runs=False)
    quick = Migrated(("services", "0001_initial"), monkeypatch, in_runs=True)
    assert (len(quick.operations), quick.made) == (2, 2)
    assert plain.made == len(plain.operations) > 20


def test_a_run_is_of_tables_or_of_additions_and_ends_at_everything_else():
    def table(name):
        return CreateModel(name, fields=[("id", models.BigAutoField(primary_key=True))])

    index = AddIndex("one", models.Index(fields=["word"], name="one_by_word"))
    field = AddField("one", "word", models.CharField(max_length=5))
    removal, statement = RemoveField("one", "word"), RunSQL("SELECT 1")
    given = [table("One"), table("Two"), field, index, statement, field, removal, index, field]
    taken = in_runs(given)
    assert [type(one) for one in taken] == [Run, Run, RunSQL, AddField, RemoveField, Run]
    assert [taken[place].operations for place in (0, 1, 5)] == [given[:2], given[2:4], given[7:]]
