"""Role × method × route × relation: everybody calls every route in every way."""

import logging

import pytest
from django.db.models import F

from clinic.management.commands.show_routes import routes
from clinic.models import Clinic
from tests.access.matrix import faults, questions, told, undeclared, wrong_answers
from tests.access.table import CHARTS, NOT_LOGGED, QUERIES, ROUTES
from tests.access.world import ROLES

OURS = {route.name: route for route in routes() if route.permission not in ("library", "admin")}


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_route_answers_everybody_as_it_should(name, at_the_clinic):
    world, visitors = at_the_clinic
    assert name in ROUTES, "Give this route a line in tests/access/table.py."
    permission, fill = ROUTES[name]
    wrong = wrong_answers(visitors, OURS[name], permission, fill(world))
    assert not wrong, told(wrong)


@pytest.mark.parametrize("name", sorted(name for name in OURS if ROUTES.get(name, ("",))[0] in CHARTS))
def test_charts_are_open_to_those_who_treat_where_the_clinic_has_set_it_so(name, at_the_clinic):
    world, visitors = at_the_clinic
    Clinic.objects.update(charts_open_to="team", version=F("version") + 1)
    permission, fill = ROUTES[name]
    people = ["mei", "daniel", "theo", "olive", "ana"]
    wrong = wrong_answers(visitors, OURS[name], permission, fill(world), people=people, team=True)
    assert not wrong, told(wrong)


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_no_route_answers_a_method_that_it_does_not_declare(at_the_clinic):
    """Every one by everybody; beside the other routes each person tries one."""
    world, visitors = at_the_clinic
    wrong, asked = [], 0
    for name, route in OURS.items():
        permission, fill = ROUTES[name]
        for cell in (cell for person in ROLES for cell in undeclared(route, permission, fill(world), person)):
            wrong += faults(visitors.call(cell), cell)
            asked += 1
    print(f"{asked} calls of methods that no route declares")
    assert not wrong, told(wrong)
    assert asked > 5 * len(ROLES) * len(OURS)


def test_what_leaves_no_line_in_the_log_is_a_page_of_a_chart():
    assert {ROUTES[name][0] for name in NOT_LOGGED} == {"read_chart"}


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_nobody_finds_whom_they_may_not_see(name, at_the_clinic):
    _, visitors = at_the_clinic
    wrong = []
    # With every request in the log, as a clinic may have it written: without what was looked for.
    for cell in questions(OURS[name], ROUTES[name][0], QUERIES[name]):
        wrong += faults(visitors.call(cell, logging.INFO), cell)
    assert not wrong, told(wrong)
