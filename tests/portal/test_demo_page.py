"""The demo's patient who signs in has a full page: whoever tries the clinic out sees all of it."""

import pytest
from django.core.management import call_command

from clinic.models import Role, User
from frontdesk.actions.demo import loading
from frontdesk.actions.demo.accounts import accounts_to_show
from messaging.models import Text
from portal.queries import people_of
from portal.queries.page import page_of
from tests.cast import NOW
from tests.database import working_in


@pytest.fixture(scope="module")
def demo(databases, django_db_setup, django_db_blocker):
    """A few days around today: what plans, scores and packages tell of people does not depend on the calendar."""
    name = f"{databases.name}_patients_page"
    databases.run(f"CREATE DATABASE {name}")
    with django_db_blocker.unblock(), working_in(name):
        call_command("migrate", verbosity=0)
        loading.load_small(seed=1, now=NOW, days=(-1, 1))
        yield
    databases.drop(name)


def shown():
    email = dict(accounts_to_show())[Role.PATIENT]
    return User.objects.get(email=email)


def test_nothing_on_the_page_is_missing(demo):
    user = shown()
    people = people_of(user, NOW)
    assert [one.called for one in people] == ["Rebecca", "Lily", "Noah"]
    page = page_of(people[0], user, NOW)
    assert page.plan.done >= 5
    assert [goal.words for goal in page.goals] == ["Carry Lily on my shoulders"]
    assert (page.trends[0].trend.key, page.trends[0].head) == ("NRS", "7 at the start, 3 now.")
    assert [len(page.left.packages), len(page.left.insurance), len(page.home), len(page.checks)] == [
        1,
        1,
        3,
        1,
    ]
    assert [text.key for text in page.after.texts] == ["aftercare_adjustment", "aftercare_water_movement"]
    assert [text.key for text in page.after.emergencies][-1] == "call_us_after_any_visit"
    assert [text.title for text in page.why.texts] == [
        "Neck pain: what studies found, and what they did not",
        "Together with your doctor, not instead",
    ]


def test_the_words_are_ours_as_the_clinic_has_read_them(demo):
    own = Text.objects.filter(origin="clinic")
    assert set(own.values_list("group", "needs_review").distinct()) == {
        ("aftercare", False),
        ("education", False),
        ("studies", False),
    }
    for row in own:
        ours = Text.objects.get(key=row.key, origin="shipped")
        assert (row.body, row.shipped_sha256) == (ours.body, ours.shipped_sha256)
