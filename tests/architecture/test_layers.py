"""Which way the apps look. The import contracts themselves are run by import-linter."""

import ast
import tomllib

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from tests.architecture.source import ROOT, functions, modules

CONFIGURED = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
# Accounts are people of the frame; who of them is a patient or a provider is read from this side by name.
LOOKED_UP_FROM_ACCOUNTS = {
    "patients.Patient.user": "patient",
    "patients.RelatedPerson.user": "related_to",
    "practitioners.Practitioner.user": "practitioner",
}


def rows_of_apps():
    """Apps of each row of the contract, lowest first; those in brackets do not exist yet."""
    layers = reversed(CONFIGURED["contracts"][0]["layers"])
    return [{name.strip() for name in row.split("|") if "(" not in name} for row in layers]


def test_the_contract_the_settings_and_the_rows_name_the_same_apps():
    in_rows = set().union(*rows_of_apps())
    assert in_rows == set(CONFIGURED["root_packages"]) == set(settings.OUR_APPS)
    assert settings.INSTALLED_APPS[: len(settings.OUR_APPS)] == settings.OUR_APPS
    folders = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert folders == in_rows


def test_a_foreign_key_to_an_app_below_gives_it_no_way_back_up():
    height = {app: number for number, row in enumerate(rows_of_apps()) for app in row}
    ways_up = {}
    for model in apps.get_models():
        for field in model._meta.local_fields + model._meta.local_many_to_many:
            if model._meta.app_label not in height or not isinstance(
                field, models.ForeignKey | models.ManyToManyField
            ):
                continue
            target = field.related_model._meta.app_label
            if height.get(target, 99) < height[model._meta.app_label] and not field.remote_field.hidden:
                ways_up[f"{model._meta.label}.{field.name}"] = field.remote_field.related_name
    assert ways_up == LOOKED_UP_FROM_ACCOUNTS


def test_the_frame_does_not_use_the_ways_up_from_accounts():
    names = set(LOOKED_UP_FROM_ACCOUNTS.values())
    used = [
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        if path.startswith("clinic/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in names and isinstance(node.value, ast.Attribute)
    ]
    assert used == []


def test_no_import_inside_a_function():
    found = {
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        for function in functions(tree)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert found == set()


def test_no_signal_receivers():
    found = [
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith(("signals", "dispatch"))
    ]
    assert found == []


def test_the_driver_is_psycopg_2():
    """A package that pulls psycopg 3 in would switch Django to it without a word."""
    assert connection.Database.__name__ == "psycopg2"
