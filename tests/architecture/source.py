"""The product's source as syntax trees, for rules that no linter knows."""

import ast
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parents[2]


@cache
def modules():
    """{path: tree} of everything in our apps but migrations."""
    paths = [path for app in settings.OUR_APPS for path in sorted((ROOT / app).rglob("*.py"))]
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text())
        for path in paths
        if "migrations" not in path.parts
    }


def views():
    """{path: tree} of the modules whose functions answer requests."""
    return {path: tree for path, tree in modules().items() if path.split("/")[1] in ("views", "views.py")}


def functions(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def chain(node):
    """Names of an attribute chain from left to right: Patient.objects.filter(…) is Patient, objects, filter."""
    names = []
    while isinstance(node, ast.Attribute | ast.Call):
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        else:
            node = node.func
    return [node.id, *reversed(names)] if isinstance(node, ast.Name) else []
