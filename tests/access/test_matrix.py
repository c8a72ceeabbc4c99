"""Role × method × route × relation: everybody calls every route in every way."""

import pytest

from clinic.management.commands.show_routes import routes
from tests.access.matrix import faults, questions, told, wrong_answers
from tests.access.table import QUERIES, ROUTES

OURS = {route.name: route for route in routes() if route.permission not in ("library", "admin")}


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_route_answers_everybody_as_it_should(name, at_the_clinic):
    world, visitors = at_the_clinic
    assert name in ROUTES, "Give this route a line in tests/access/table.py."
    permission, fill = ROUTES[name]
    wrong = wrong_answers(visitors, OURS[name], permission, fill(world))
    assert not wrong, told(wrong)


@pytest.mark.parametrize("name", sorted(QUERIES))
def test_nobody_finds_whom_they_may_not_see(name, at_the_clinic):
    _, visitors = at_the_clinic
    wrong = []
    for cell in questions(OURS[name], ROUTES[name][0], QUERIES[name]):
        wrong += faults(visitors.call(cell), cell)
    assert not wrong, told(wrong)
