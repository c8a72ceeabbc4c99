"""Each guard is taken away once, on a page made for it, and the harness must notice."""

import pytest
from django.urls import get_resolver

from clinic.management.commands.show_routes import routes
from patients.models import Patient
from portal.queries import Person
from portal.rules.rights import OWN
from tests.access.matrix import wrong_answers
from tests.access.table import nothing, patient
from tests.access.test_routes import undeclared_or_unnamed

pytestmark = pytest.mark.urls("tests.access.leaky_urls")


def leaky(name):
    return next(route for route in routes(get_resolver("tests.access.leaky_urls")) if route.name == name)


def wrong(at_the_clinic, name, permission, fill):
    world, visitors = at_the_clinic
    return wrong_answers(visitors, leaky(name), permission, fill(world))


def test_a_route_without_a_declaration_is_noticed():
    assert undeclared_or_unnamed(routes(get_resolver("tests.access.leaky_urls"))) == [
        "/leaky/undeclared/: undeclared",
        "/leaky/public/: made_public is public without a reason here",
    ]


def test_a_page_that_keeps_all_guards_passes(at_the_clinic):
    assert wrong(at_the_clinic, "scoped", "find_patients", patient) == []


def test_a_page_that_forgets_visible_to_is_noticed(at_the_clinic):
    found = wrong(at_the_clinic, "unscoped", "find_patients", patient)
    statuses = [line for line in found if "answered 200 instead of [404]" in line]
    # Ana and Mei reach Priya, Hana six of Uptown's people, Theo five; each once more by HEAD and as a piece.
    assert len(statuses) == (1 + 1 + 6 + 5) + 4 * 2
    assert [line.split(":")[0] for line in found if "says “shah”" in line] == ["ana (priya)"] * 2 + [
        "mei (priya)"
    ] * 2


def test_a_page_for_the_wrong_role_is_noticed(at_the_clinic):
    found = wrong(at_the_clinic, "scoped", "manage_clinic", patient)
    assert {line.split(" (")[0] for line in found if "instead of [403]" in line} == {
        "ana",
        "mei",
        "hana",
        "theo",
    }


def test_a_note_for_staff_on_a_patients_page_is_noticed(at_the_clinic):
    found = wrong(at_the_clinic, "notes_for_staff", "see_own_visits", nothing)
    said = {line for line in found if "says" in line and "htmx" not in line}
    assert said == {
        "rita: GET /leaky/mine/ says “qritazstaffnotes”",
        "iris: GET /leaky/mine/ says “qiriszstaffnotes”",
        "iris: GET /leaky/mine/ says “qleozstaffnotes”",
    }


def test_a_head_that_is_not_a_get_is_noticed(at_the_clinic):
    found = wrong(at_the_clinic, "head_acts", "find_patients", patient)
    assert [line.split(":")[0] for line in found] == ["olive", "ana", "hana", "mei", "theo"]
    assert {line.split(" answered ", 1)[1] for line in found} == {"422, but GET answered 200"}


def test_a_page_of_a_patient_that_opens_for_every_patient_is_noticed(at_the_clinic, monkeypatch):
    """The patients' own pages have a rule of their own of whose they open; here it lets everybody in."""
    everybody = [Person(row, OWN) for row in Patient.objects.all()]
    monkeypatch.setattr("portal.views.people.people_of", lambda user, now: everybody)
    route = next(each for each in routes() if each.name == "portal:plan_of")
    world, visitors = at_the_clinic
    found = wrong_answers(visitors, route, "see_own_plan", patient(world))
    statuses = {line.split(":")[0] for line in found if "answered 200 instead of [404]" in line}
    assert {"rita (maria)", "rita (leo)", "iris (mia)", "iris (priya)"} <= statuses
    goals = {line.split(":")[0] for line in found if "zplangoal" in line}
    assert {"rita (maria)", "iris (leo)"} <= goals
