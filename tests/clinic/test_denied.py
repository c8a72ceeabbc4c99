"""What is noted when a signed-in person is kept out, and what is not."""

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import AuditEvent

pytestmark = pytest.mark.django_db
TOKEN = "Zk3vQ9fJx1mB7sT0pLr8aWc5dEyH2uNi"


def denied():
    return list(AuditEvent.objects.filter(verb="denied").values_list("by__profile__name", "object", "detail"))


def test_somebody_elses_patient(cast, client_of):
    page = reverse("patients:chart", args=[cast.priya.pk])
    assert client_of(cast.ana).get(page).status_code == 404
    detail = {"status": 404, "method": "GET", "pk": str(cast.priya.pk)}
    assert denied() == [("Ana Desk", "patients:chart", detail)]
    assert AuditEvent.objects.get(verb="denied").patient is None


def test_a_page_for_another_role(cast, client_of):
    assert client_of(cast.mei).post(reverse("clinic:settings")).status_code == 403
    assert denied() == [("Mei Tan", "clinic:settings", {"status": 403, "method": "POST"})]


def test_a_form_from_another_site(cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.olive)
    assert client.post(reverse("clinic:settings")).status_code == 403
    assert denied() == [("Olive Owner", "clinic:settings", {"status": 403, "method": "POST"})]


@pytest.mark.parametrize("typed", ["Maria Garcia", "%FF%FE", "x" * 3000])
def test_what_is_typed_is_not_kept(cast, client_of, typed):
    assert client_of(cast.mei).get(f"/points/{typed}/").status_code == 404
    assert denied() == [("Mei Tan", "acupoints:point", {"status": 404, "method": "GET"})]


def test_a_link_that_carries_power_is_not_kept(cast, client_of):
    client_of(cast.ana).get(reverse("portal:join", args=[TOKEN]))
    assert TOKEN not in str(denied())


def test_whoever_is_not_signed_in_is_nobody(cast, client):
    assert client.get(reverse("patients:chart", args=[cast.priya.pk])).status_code == 302
    client.get(reverse("portal:join", args=[TOKEN]))
    assert denied() == []


def test_pages_that_do_not_exist_are_nobodys(cast, client_of):
    assert client_of(cast.ana).get("/nothing/here/").status_code == 404
    assert denied() == []


@pytest.mark.parametrize("page", ["patients:list", "patients:new"])
def test_who_may_is_not_denied(cast, client_of, page):
    assert client_of(cast.ana).get(reverse(page)).status_code == 200
    assert denied() == []
