"""Scores of a chart that is closed to who asks, and who talks with its patient."""

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from messaging.models import StaffTask
from outcomes.models import Activity, Assessment, Score
from outcomes.queries import care
from tests.cast import NOW
from tests.intake.closed import CLOSED, opens, restricted, treats
from tests.intake.rows import posted
from tests.outcomes.rows import a_check, answered

pytestmark = pytest.mark.django_db
SHOWS = ["answer", "correct", "talk"]
FORMS = [*SHOWS, "ask", "type_in"]
HARD = {"PHQ2": {"phq_1": 2, "phq_2": 2}}


@pytest.fixture
def addresses(cast):
    """{route: its address} in Maria's chart: a hard answer, what she named, and a check that is due."""
    (score, *_more) = answered(cast, HARD, named={1: ("Driving", 2)}, days=1)
    due, maria = a_check(cast, "PEG").pk, cast.maria.pk
    named = {
        "scores": [maria],
        "hand": [maria],
        "ask": [maria],
        "type_in": [maria],
        "answer": [maria, due],
        "cancel": [maria, due],
        "give": [maria, due],
        "correct": [maria, score.pk],
        "talk": [StaffTask.objects.get(kind="mood_answer").pk],
    }
    return {name: reverse(f"outcomes:{name}", args=args) for name, args in named.items()}


def said(answer):
    return answer.content.decode()


@pytest.mark.parametrize("closed", CLOSED)
def test_scores_open_with_a_reason(cast, addresses, client_of, closed):
    CLOSED[closed](cast)
    daniel = client_of(cast.daniel)
    answer = daniel.get(addresses["scores"])
    assert answer.status_code == 403
    assert reverse("patients:open_with_reason", args=[cast.maria.pk]) in said(answer)
    opens(cast.daniel, cast.maria)
    page = daniel.get(addresses["scores"])
    assert page.status_code == 200
    assert [one for one in [*FORMS, "cancel", "give"] if f'"{addresses[one]}"' in said(page)] == []


@pytest.mark.parametrize("closed", CLOSED)
def test_scores_are_open_to_who_treats(cast, addresses, client_of, closed):
    CLOSED[closed](cast)
    treats(cast.daniel, cast.maria)
    page = said(client_of(cast.daniel).get(addresses["scores"]))
    offered = [one for one in [*FORMS, "cancel", "give"] if f'"{addresses[one]}"' in page]
    assert offered == ["answer", "correct", "talk", "type_in", "cancel", "give"]  # nothing to ask: one is due


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_for_who_treats(cast, addresses, client_of, name, closed):
    CLOSED[closed](cast)
    daniel, where = client_of(cast.daniel), addresses[name]
    assert daniel.get(where).status_code == 403
    opens(cast.daniel, cast.maria)
    for answer in (daniel.get(where), daniel.post(where, posted())):
        assert answer.status_code == 403
        assert "Open to read only" in said(answer)
    treats(cast.daniel, cast.maria)
    assert daniel.get(where).status_code == 200


@pytest.mark.parametrize("closed", CLOSED)
def test_a_check_is_cancelled_by_who_treats(cast, addresses, client_of, closed):
    CLOSED[closed](cast)
    daniel, sends = client_of(cast.daniel), {"version": 1}
    opens(cast.daniel, cast.maria)
    assert daniel.post(addresses["cancel"], posted(**sends)).status_code == 403
    treats(cast.daniel, cast.maria)
    assert daniel.post(addresses["cancel"], posted(**sends)).status_code == 303


def test_an_owner_who_treats_nobody_reads_with_a_reason(cast, addresses, client_of):
    olive = client_of(cast.olive)
    assert olive.get(addresses["scores"]).status_code == 403
    opens(cast.olive, cast.maria)
    assert olive.get(addresses["scores"]).status_code == 200
    assert olive.get(addresses["talk"]).status_code == 403


@pytest.mark.parametrize("name", ["scores", *SHOWS])
def test_what_shows_the_chart_is_written_down_once(cast, addresses, client_of, name):
    client_of(cast.mei).get(addresses[name])
    assert AuditEvent.objects.filter(by=cast.mei, patient=cast.maria.pk, verb="read").count() == 1


@pytest.mark.parametrize("closed", CLOSED)
def test_the_tablet_is_handed_over_whosever_chart_it_is(cast, addresses, client_of, closed):
    CLOSED[closed](cast)
    for who in (cast.ana, cast.daniel):
        page = client_of(who).get(addresses["hand"])
        assert page.status_code == 200
        assert f'"{addresses["scores"]}"' not in said(page)
    opens(cast.daniel, cast.maria)
    assert f'"{addresses["scores"]}"' in said(client_of(cast.daniel).get(addresses["hand"]))
    given = client_of(cast.ana).post(addresses["give"], posted())
    assert given["Location"].startswith("/scores/t/")


@pytest.mark.parametrize("model", [Assessment, Score, Activity])
def test_rows_are_those_of_open_charts(cast, addresses, model):
    restricted(cast)
    for who in (cast.daniel, cast.olive, cast.ana):
        assert not model.objects.visible_to(who).exists()
    for who in (cast.daniel, cast.olive):
        opens(who, cast.maria)
        assert model.objects.visible_to(who).count() == model.objects.count() > 0


def taker(cast, lead):
    return care.taker_of(patient=cast.maria, lead=lead, location=cast.uptown, now=NOW).user


@pytest.mark.parametrize("closed", CLOSED)
def test_who_talks_with_a_patient_writes_in_the_chart(cast, closed):
    assert taker(cast, cast.daniel) == cast.daniel
    CLOSED[closed](cast)
    opens(cast.daniel, cast.maria)
    assert taker(cast, cast.daniel) is None
    treats(cast.jo, cast.maria)
    assert taker(cast, cast.daniel) == cast.jo
    treats(cast.daniel, cast.maria)
    assert taker(cast, cast.daniel) == cast.daniel
