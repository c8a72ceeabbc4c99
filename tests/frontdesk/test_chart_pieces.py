"""What the Summary of a chart fetches comes in one request."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from clinic.models import AuditEvent
from tests.browser import assert_accessible, sign_in
from tests.frontdesk.test_today import adjustment
from tests.intake.rows import allergy, flag
from treatment.actions.after import write_contact_note

HTMX = {"HX-Request": "true"}


def pieces(patient):
    return reverse("frontdesk:chart_pieces", args=[patient.pk])


def lived(cast):
    adjustment(cast, cast.maria, "11:15")
    flag(cast.maria, cast.mei)
    allergy(cast.maria, "qnickelz")
    write_contact_note(by=cast.mei, patient=cast.maria, kind="call", words="qsorez since Tuesday")


@pytest.mark.django_db
def test_a_clinician_gets_every_piece_and_one_event(cast, client_of):
    lived(cast)
    body = client_of(cast.mei).get(pieces(cast.maria), headers=HTMX).content.decode()
    for place in (
        'id="summary"',
        'id="chart-head-alerts"',
        'id="chart-head-plan"',
        'id="chart-visits"',
        'id="chart-timeline"',
    ):
        assert body.count(place) == 1
    assert (body.count("qnickelz"), body.count("qsorez"), body.count("red flag: refer now")) == (1, 1, 1)
    assert body.count('hx-swap-oob="true"') == 4
    verbs = AuditEvent.objects.filter(by=cast.mei, patient=cast.maria.pk).exclude(verb="write contact note")
    assert list(verbs.values_list("verb", flat=True)) == ["read summary"]


@pytest.mark.django_db
def test_the_desk_gets_no_clinical_word(cast, client_of):
    lived(cast)
    body = client_of(cast.ana).get(pieces(cast.maria), headers=HTMX).content.decode()
    assert [body.count(word) for word in ("qnickelz", "qsorez", 'id="summary"', "red flag")] == [0, 0, 0, 0]
    assert [body.count(word) for word in ("Clinician first", 'id="chart-timeline"')] == [1, 1]
    assert AuditEvent.objects.filter(by=cast.ana, patient=cast.maria.pk, verb="read visits").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("who, status", [("hana", 404), ("rita", 403)])
def test_who_must_not_see_them(cast, client_of, who, status):
    person = cast.rita.user if who == "rita" else getattr(cast, who)
    assert client_of(person).get(pieces(cast.maria), headers=HTMX).status_code == status


@pytest.mark.django_db
def test_without_script_they_lead_back_to_the_chart(cast, client_of):
    chart = reverse("patients:chart", args=[cast.maria.pk])
    assert client_of(cast.mei).get(pieces(cast.maria))["Location"] == chart
    page = client_of(cast.mei).get(chart).content.decode()
    assert page.count(f'hx-get="{pieces(cast.maria)}"') == 1
    for route in ("intake:alerts", "frontdesk:summary", "scheduling:of_patient", "frontdesk:timeline"):
        address = reverse(route, args=[cast.maria.pk])
        assert (page.count(f'href="{address}"'), page.count(f'hx-get="{address}"')) == (1, 0)


@pytest.mark.django_db
def test_one_request_asks_less_than_four(cast, client_of, django_assert_num_queries):
    lived(cast)
    client = client_of(cast.mei)
    client.get(pieces(cast.maria), headers=HTMX)
    with django_assert_num_queries(PIECES):
        client.get(pieces(cast.maria), headers=HTMX)
    routes = ("intake:alerts", "frontdesk:summary", "scheduling:of_patient", "frontdesk:timeline")
    with django_assert_num_queries(ONE_BY_ONE):
        for route in routes:
            client.get(reverse(route, args=[cast.maria.pk]), headers=HTMX)


PIECES, ONE_BY_ONE = 36, 54


@pytest.mark.browser
def test_the_summary_fills_by_itself(cast, committed, desktop):
    lived(cast)
    sign_in(desktop, cast.mei)
    desktop.goto(f"/patients/{cast.maria.pk}/")
    expect(desktop.locator("#summary")).to_be_visible()
    expect(desktop.locator("#chart-timeline")).to_contain_text("qsorez")
    expect(desktop.locator("#chart-visits")).to_contain_text("Upcoming")
    expect(desktop.locator("#chart-alerts")).to_contain_text("qnickelz")
    desktop.locator("#timeline").get_by_role("link", name="Changes").click()
    expect(desktop.locator("#timeline")).not_to_contain_text("qsorez")
    assert_accessible(desktop)
