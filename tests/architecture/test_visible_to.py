"""Pages reach what belongs to a patient only through `visible_to`."""

import ast

from django.apps import apps
from django.conf import settings

from patients.models import Patient
from tests.architecture.source import chain, views

GET_OR_404 = {"get_object_or_404", "get_list_or_404", "aget_object_or_404"}
SIMPLE = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.Assert)


def of_patients():
    """Names of our models that are a patient or lead to one by foreign keys."""
    found = {Patient}
    while True:
        more = {
            model
            for model in apps.get_models()
            if model._meta.app_label in settings.OUR_APPS and model not in found
            for field in model._meta.local_fields
            if field.many_to_one and field.related_model in found
        }
        if not more:
            return {model.__name__ for model in found}
        found |= more


def reached_directly(tree, names):
    """Lines of statements that reach rows of these models without `visible_to`, or a name that stands for it."""
    statements = [node for node in ast.walk(tree) if isinstance(node, SIMPLE)]
    scoped = {
        target.id
        for statement in statements
        if isinstance(statement, ast.Assign) and says_visible_to(statement.value)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    found = set()
    for statement in statements:
        nodes = list(ast.walk(statement))
        if says_visible_to(statement) or any(
            isinstance(node, ast.Name) and node.id in scoped for node in nodes
        ):
            continue
        found |= {node.lineno for node in nodes if reaches(node, names)}
    return sorted(found)


def says_visible_to(tree):
    return any(isinstance(node, ast.Attribute) and node.attr == "visible_to" for node in ast.walk(tree))


def reaches(node, names):
    """Whether this is Model.objects… or get_object_or_404(Model…) of one of these models."""
    if isinstance(node, ast.Call) and chain(node) and chain(node)[-1] in GET_OR_404 and node.args:
        return bool(chain(node.args[0])) and chain(node.args[0])[0] in names
    return (
        isinstance(node, ast.Attribute)
        and len(parts := chain(node)) >= 2
        and parts[0] in names
        and parts[1] == "objects"
    )


def test_the_models_that_belong_to_patients():
    assert {
        "Patient",
        "Appointment",
        "VisitPart",
        "VisitPhase",
        "ActualTime",
        "Call",
        "CareTeam",
    } <= of_patients()
    assert of_patients().isdisjoint({"Location", "Practitioner", "Service", "User", "Absence"})


def test_views_reach_patients_rows_only_through_visible_to():
    names = of_patients()
    found = {path: lines for path, tree in views().items() if (lines := reached_directly(tree, names))}
    assert found == {}


def test_the_rule_sees_what_it_should():
    tree = ast.parse(
        "a = Patient.objects.get(pk=1)\n"
        "b = Patient.objects.visible_to(user).get(pk=1)\n"
        "c = get_object_or_404(Appointment, pk=1)\n"
        "d = get_object_or_404(Appointment.objects.visible_to(user), pk=1)\n"
        "e = Location.objects.all()\n"
        "f = get_object_or_404(Appointment.objects.select_related('patient'), pk=1)\n"
        "g = Merge.objects.filter(kept__in=Patient.objects.visible_to(user))\n"
        "if a:\n"
        "    return [row for row in Appointment.objects.all()]\n"
        "seen = Patient.objects.visible_to(user)\n"
        "h = Merge.objects.filter(kept__in=seen)\n"
    )
    assert reached_directly(tree, of_patients()) == [1, 3, 6, 9]
