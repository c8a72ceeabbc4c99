"""Each guard is taken away once, on a page made for it, and the harness must notice."""

import pytest
from django.urls import get_resolver

from clinic.management.commands.show_routes import routes
from patients.actions import note_read
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
    assert wrong(at_the_clinic, "gated", "read_chart", patient) == []


def test_a_page_that_forgets_visible_to_is_noticed(at_the_clinic):
    found = wrong(at_the_clinic, "unscoped", "find_patients", patient)
    statuses = [line for line in found if "answered 200 instead of [404]" in line]
    # Ana, Mei and Daniel reach Priya, Hana six of Uptown's people, Theo five; as a piece once more each, by HEAD once.
    assert len(statuses) == (1 + 1 + 1 + 6 + 5) + 5 + 1
    assert [line.split(":")[0] for line in found if "says “shah”" in line] == [
        *["ana (priya)"] * 2,
        *["mei (priya)"] * 2,
        *["daniel (priya)"] * 2,
    ]


def test_a_page_for_the_wrong_role_is_noticed(at_the_clinic):
    found = wrong(at_the_clinic, "scoped", "manage_clinic", patient)
    assert {line.split(" (")[0] for line in found if "instead of [403]" in line} == {
        "ana",
        "mei",
        "hana",
        "theo",
    }


def of_whom(found, words):
    """{who, with whom}: of the lines that say this."""
    return {line.split(":")[0] for line in found if words in line}


def test_a_chart_that_opens_for_everybody_who_finds_the_patient_is_noticed(at_the_clinic):
    found = wrong(at_the_clinic, "ungated", "read_chart", patient)
    closed = {"mei (mia)", "daniel (mia)", *(f"olive ({name})" for name in ("maria", "priya", "rita", "mia"))}
    assert closed < of_whom(found, "answered 200 instead of [403]")
    assert closed < of_whom(found, "zhistorywords")
    assert "olive (leo)" not in of_whom(found, "zhistorywords")


def test_a_chart_that_nobody_notes_as_read_is_noticed(at_the_clinic):
    found = wrong(at_the_clinic, "ungated", "read_chart", patient)
    assert {"mei (maria)", "daniel (rita)", "olive (leo)", "theo (priya)"} <= of_whom(
        found, "0 events say so"
    )


def test_a_chart_that_is_noted_twice_is_noticed(at_the_clinic, monkeypatch):
    monkeypatch.setattr(
        "tests.access.leaky_urls.note_read", lambda **who: [note_read(**who), note_read(**who)]
    )
    found = wrong(at_the_clinic, "gated", "read_chart", patient)
    assert "mei (maria)" in of_whom(found, "2 events say so")


def test_a_closed_chart_that_is_said_to_be_nobodys_is_noticed(at_the_clinic):
    found = wrong(at_the_clinic, "gated_with_404", "read_chart", patient)
    assert {"mei (mia)", "olive (maria)"} <= of_whom(found, "answered 404 instead of [403]")


def test_a_chart_opened_to_read_that_is_written_in_is_noticed(at_the_clinic):
    found = wrong(at_the_clinic, "written_by_readers", "write_chart", patient)
    assert of_whom(found, "answered 200 instead of [403]") == {"daniel (rita)"}


def test_words_in_a_document_are_noticed(at_the_clinic):
    found = wrong(at_the_clinic, "as_pdf", "find_patients", patient)
    assert {"ana (maria)", "mei (mia)", "olive (rita)"} <= of_whom(found, "zletterwords")
    assert not {"mei (maria)", "daniel (rita)", "olive (leo)"} & of_whom(found, "zletterwords")


def test_words_in_a_mail_are_noticed(at_the_clinic):
    found = wrong(at_the_clinic, "mails", "find_patients", patient)
    assert {"ana (maria)", "mei (leo)", "hana (priya)"} <= of_whom(found, "zhistorywords” to ")


def test_words_in_the_log_are_noticed(at_the_clinic):
    found = wrong(at_the_clinic, "logs", "find_patients", patient)
    assert "ana (leo)" in of_whom(found, "logs “leo”")
    assert "ana (leo)" in of_whom(found, "logs what was sent")


def test_a_denied_attempt_without_an_event_is_noticed(at_the_clinic, monkeypatch):
    monkeypatch.setattr("clinic.middleware.DENIED", set())
    found = wrong(at_the_clinic, "gated", "read_chart", patient)
    assert {"ana (maria)", "mei (mia)", "mei (priya)"} <= of_whom(found, "was denied, and no event says so")
    assert "nobody (maria)" not in of_whom(found, "was denied")


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
    assert [line.split(":")[0] for line in found] == ["olive"]
    assert found[0].endswith(" answered 422, but GET answered 200")


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
