import pytest
import time_machine

from tests.access.matrix import Visitors, rolled_back
from tests.access.world import build_world
from tests.cast import NOW, Cast
from tests.database import working_in


@pytest.fixture(scope="session")
def walked(databases, django_db_setup, django_db_blocker):
    """(database, world, visitors): made once, committed in a copy of its own, and never changed."""
    name = databases.copy()
    with django_db_blocker.unblock(), working_in(name), time_machine.travel(NOW, tick=False):
        world = build_world(Cast(databases.cast))
        visitors = Visitors(world.cast)
    return name, world, visitors


@pytest.fixture
def at_the_clinic(walked, django_db_blocker):
    """(world, visitors), with everything rolled back afterwards."""
    name, world, visitors = walked
    with django_db_blocker.unblock(), working_in(name), rolled_back():
        yield world, visitors
