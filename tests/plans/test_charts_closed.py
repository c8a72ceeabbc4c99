"""Plans of a patient whose chart is closed to who asks; the lead of a plan in the care team."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.submissions import new_key
from patients.models import CareTeam, Patient, Why
from plans.actions import plans as actions
from plans.models import Plan
from plans.queries.making import draft_of
from practitioners.models import Practitioner
from tests.cast import NOW
from tests.intake.closed import CLOSED, opens, restricted, to_the_team, treats
from tests.intake.rows import allergy
from tests.plans.pages import shown
from tests.plans.rows import WORDS, a_draft, a_plan

pytestmark = pytest.mark.django_db
FORMS = ["new", "revise", "review", "pause", "discharge"]
BUTTONS = ["resume", "goal"]
BOOKING = ["course", "schedule", "course_repair"]
CLINICAL = ["Neck pain", WORDS, "Chin tucks", "M54.2", "qnickelz"]


@pytest.fixture
def plan(cast, now):
    allergy(cast.maria, "qnickelz")
    return a_plan(cast)


def url(name, plan):
    if name in ("of_patient", "new"):
        return reverse(f"plans:{name}", args=[plan.patient_id])
    row = [plan.goals.get().pk] if name == "goal" else []
    return reverse(f"plans:{name}", args=[plan.pk, *row])


def words_of(answer):
    assert answer.status_code == 200
    return [word for word in CLINICAL if word in shown(answer)]


def reason_page(cast):
    return reverse("patients:open_with_reason", args=[cast.maria.pk])


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_for_who_treats(cast, client_of, plan, name, closed):
    CLOSED[closed](cast)
    daniel, where = client_of(cast.daniel), url(name, plan)
    refused = daniel.get(where)
    assert (refused.status_code, reason_page(cast) in shown(refused)) == (403, True)
    opens(cast.daniel, cast.maria)
    for answer in (daniel.get(where), daniel.post(where, {"request_key": new_key(), "version": 1})):
        assert (answer.status_code, "Open to read only" in shown(answer)) == (403, True)
    treats(cast.daniel, cast.maria)
    assert daniel.get(where).status_code == 200


@pytest.mark.parametrize("closed", CLOSED)
@pytest.mark.parametrize("name", BUTTONS)
def test_a_button_is_for_who_treats(cast, client_of, plan, name, closed):
    actions.pause(by=cast.mei, plan=plan, version=1, why="Travels", now=NOW)
    CLOSED[closed](cast)
    daniel, where = client_of(cast.daniel), url(name, plan)

    def sent():
        version = Plan.objects.get().version if name == "resume" else plan.goals.get().version
        values = {"request_key": new_key(), "version": version, "reached": "1"}
        return daniel.post(where, values).status_code

    assert sent() == 403
    opens(cast.daniel, cast.maria)
    assert sent() == 403
    assert (Plan.objects.get().status, plan.goals.get().reached_on) == ("paused", None)
    treats(cast.daniel, cast.maria)
    assert sent() == 303


@pytest.mark.parametrize("closed", CLOSED)
def test_of_a_closed_chart_the_page_shows_what_the_desk_sees(cast, client_of, plan, closed):
    CLOSED[closed](cast)
    daniel, where = client_of(cast.daniel), url("of_patient", plan)
    writing = [url(name, plan) for name in [*FORMS, "goal"]]
    answer = daniel.get(where)
    assert (words_of(answer), "0 of 8 done" in shown(answer)) == ([], True)
    assert not AuditEvent.objects.filter(by=cast.daniel, verb="read").exists()
    opens(cast.daniel, cast.maria)
    answer = daniel.get(where)
    assert (words_of(answer), [one for one in writing if one in shown(answer)]) == (CLINICAL, [])
    assert AuditEvent.objects.filter(by=cast.daniel, verb="read", patient=cast.maria.pk).count() == 1
    treats(cast.daniel, cast.maria)
    answer = daniel.get(where)
    assert (words_of(answer), [one for one in writing if one in shown(answer)]) == (CLINICAL, writing)


def test_an_owner_who_treats_nobody_reads_with_a_reason_and_changes_nothing(cast, client_of, plan):
    olive, where = client_of(cast.olive), url("of_patient", plan)
    assert words_of(olive.get(where)) == []
    opens(cast.olive, cast.maria)
    answer = olive.get(where)
    assert words_of(answer) == CLINICAL
    for name in FORMS:
        assert url(name, plan) not in shown(answer)
        assert olive.get(url(name, plan)).status_code == 403


@pytest.mark.parametrize("name", BOOKING)
def test_a_course_of_a_closed_chart_is_booked_without_a_clinical_word(cast, client_of, plan, name):
    restricted(cast)
    daniel, where = client_of(cast.daniel), url(name, plan)
    assert words_of(daniel.get(where)) == []
    treats(cast.daniel, cast.maria)
    assert words_of(daniel.get(where)) == ["qnickelz"]


def test_a_repair_offers_a_revision_to_who_may_make_it(cast, client_of, plan):
    restricted(cast)
    daniel, where = client_of(cast.daniel), url("course_repair", plan) + "?reason=pace"
    assert daniel.get(where).context["revises"] is False
    treats(cast.daniel, cast.maria)
    assert daniel.get(where).context["revises"] is True


def test_the_list_says_what_for_where_the_chart_is_open_in_one_statement_more(
    cast, client_of, plan, django_assert_num_queries
):
    a_plan(cast, patient=cast.rita, condition="Stiff shoulder")
    where, daniel = reverse("plans:list"), client_of(cast.daniel)

    def told(who):
        page = shown(client_of(who).get(where))
        return [word for word in ("Garcia, Maria", "Neck pain", "Stiff shoulder") if word in page]

    assert told(cast.daniel) == ["Garcia, Maria", "Neck pain", "Stiff shoulder"]
    restricted(cast)
    assert told(cast.daniel) == ["Garcia, Maria", "Stiff shoulder"]
    assert told(cast.mei) == ["Garcia, Maria", "Neck pain", "Stiff shoulder"]
    assert told(cast.olive) == told(cast.ana) == ["Garcia, Maria"]
    opens(cast.olive, cast.maria)
    assert told(cast.olive) == ["Garcia, Maria", "Neck pain"]
    daniel.get(where)
    with django_assert_num_queries(LIST):
        daniel.get(where)
    a_plan(cast, patient=cast.sunny)
    with django_assert_num_queries(LIST):
        daniel.get(where)


LIST = 17


# ---- the lead


def team_for_a_plan(patient):
    rows = CareTeam.objects.filter(patient=patient, why=Why.PLAN).order_by("since", "user__profile__name")
    return [(row.user.name, row.until) for row in rows]


def writes(who, patient):
    return Patient.objects.charts_written_by(who).filter(pk=patient.pk).exists()


def led_by(cast, plan, who, now):
    plan.refresh_from_db()
    draft = replace(draft_of(plan), lead=who.practitioner)
    return actions.revise(
        by=cast.mei, plan=plan, version=plan.version, draft=draft, why="Takes over", now=now
    )


def test_who_leads_a_plan_has_the_chart_open(cast, client_of, now):
    to_the_team(cast)
    assert not writes(cast.jo, cast.maria)
    a_plan(cast, lead=cast.jo.practitioner)
    assert writes(cast.jo, cast.maria)
    assert team_for_a_plan(cast.maria) == [("Jo Ruiz", None)]


def test_who_leads_it_no_more_has_it_closed_and_the_next_one_open(cast, now):
    to_the_team(cast)
    plan, later = a_plan(cast, lead=cast.jo.practitioner), NOW - timedelta(minutes=1)
    CareTeam.objects.filter(why=Why.PLAN).update(since=NOW - timedelta(days=3))
    led_by(cast, plan, cast.daniel, later)
    assert (writes(cast.jo, cast.maria), writes(cast.daniel, cast.maria)) == (False, True)
    assert team_for_a_plan(cast.maria) == [("Jo Ruiz", later), ("Daniel Lee", None)]
    led_by(cast, plan, cast.jo, NOW)
    assert (writes(cast.jo, cast.maria), writes(cast.daniel, cast.maria)) == (True, False)


def test_who_leads_another_plan_of_the_same_person_stays(cast, now):
    to_the_team(cast)
    plan = a_plan(cast, lead=cast.jo.practitioner)
    a_plan(cast, lead=cast.jo.practitioner, region="back", condition="Back", diagnosis_codes=("M54.50",))
    led_by(cast, plan, cast.daniel, NOW)
    assert writes(cast.jo, cast.maria)


def test_who_treated_too_stays_for_that(cast, now):
    to_the_team(cast)
    plan = a_plan(cast, lead=cast.jo.practitioner)
    treats(cast.jo, cast.maria)
    led_by(cast, plan, cast.daniel, NOW)
    assert writes(cast.jo, cast.maria)
    assert ("Jo Ruiz", NOW) in team_for_a_plan(cast.maria)


def test_a_revision_by_the_same_lead_and_the_end_of_the_plan_change_no_team(cast, now):
    plan = a_plan(cast)
    draft = replace(a_draft(cast), condition="Neck pain", starts_on=date(2026, 11, 25))
    actions.revise(by=cast.mei, plan=plan, version=1, draft=draft, why="Later", now=NOW)
    actions.discharge(by=cast.mei, plan=plan, version=2, why="Goals reached", now=NOW)
    assert team_for_a_plan(cast.maria) == [("Mei Tan", None)]


def test_a_lead_without_an_account_joins_nothing(cast, now):
    left = Practitioner.objects.create(name="Noor Vale")
    plan = a_plan(cast, lead=left)
    assert team_for_a_plan(cast.maria) == []
    led_by(cast, plan, cast.daniel, NOW)
    assert team_for_a_plan(cast.maria) == [("Daniel Lee", None)]
