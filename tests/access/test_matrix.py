"""Role × method × route × relation: everybody calls every route in every way."""

import pytest

from clinic.management.commands.show_routes import routes
from tests.access.matrix import cells, faults
from tests.access.table import QUERIES, ROUTES

OURS = {route.name: route for route in routes() if route.permission not in ("library", "admin")}


@pytest.mark.parametrize("name", sorted(OURS))
def test_every_route_answers_everybody_as_it_should(name, at_the_clinic):
    world, visitors = at_the_clinic
    assert name in ROUTES, "Give this route a line in tests/access/table.py."
    permission, fill = ROUTES[name]
    wrong = []
    for cell in cells(OURS[name], permission, fill(world)):
        wrong += faults(visitors.call(cell), cell)
    assert not wrong, "\n" + "\n".join(wrong)
