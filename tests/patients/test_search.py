"""Searching for a patient: one statement, whatever was typed, and only whom one may see."""

from datetime import date, timedelta

import pytest
import time_machine
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import User
from frontdesk.actions.merging import merge
from patients.models import Patient, PatientLocation
from patients.queries import search
from tests.cast import NOW, canary

pytestmark = pytest.mark.django_db


def names(user, text, **more):
    return [hit.name for hit in search(user, text, **more)]


def patient(cast, given, family, **more):
    made = Patient.objects.create(given_name=given, family_name=family, **more)
    PatientLocation.objects.create(patient=made, location=cast.uptown)
    return made


@pytest.mark.parametrize(
    "typed",
    [
        "Garcia, Maria",
        "maria garcia",
        "GARCÍA MARÍA",
        "mari garc",
        "arcia 3/14/1985",
        "(919) 555-0111",
        "919.555.0111",
        "+1 919 555 0111",
        "5550111",
        "3/14/1985",
        "03/14/1985",
        "1985-03-14",
        "03141985",
        "3-14-1985",
        canary("maria", "email"),
        f"{canary('maria', 'email')}@mail.example",
        "grcia 3/14/1985",
        "garcai 3/14/1985",
    ],
)
def test_maria_is_found_first(cast, typed):
    assert names(cast.ana, typed)[0] == "Garcia, Maria"


@pytest.mark.parametrize(
    "typed", ["okafro", "okafo", "okaffor", "okafer", "Okafr", "tunbe okafor", "9195551015"]
)
def test_one_typo_is_forgiven(cast, typed):
    assert names(cast.ana, typed) == ["Okafor, Tunde"]


@pytest.mark.parametrize(
    "typed", ["okfaro", "kofaro", "tunbe okafro", "xqzw", "", "   ", "-", "\0", "%", "_", "\\", "'; --"]
)
def test_what_finds_nobody(cast, typed):
    assert names(cast.ana, typed) == []


def test_whole_words_come_first_then_beginnings_then_parts_then_typos(cast):
    for first, family in [
        ("Bo", "Lind"),
        ("Bo", "Lindqvist"),
        ("Bo", "Berglind"),
        ("Bo", "Lindt"),
        ("Bo", "Ling"),
    ]:
        patient(cast, first, family)
    assert names(cast.ana, "lind") == ["Lind, Bo", "Lindqvist, Bo", "Lindt, Bo", "Berglind, Bo", "Ling, Bo"]


def test_typos_are_only_looked_for_when_few_are_found(cast):
    for number in range(5):
        patient(cast, "Ann", f"Lind {number}")
    patient(cast, "Ann", "Ling")
    assert names(cast.ana, "lind") == [f"Lind {number}, Ann" for number in range(5)]


def test_the_preferred_name_is_found(cast):
    assert [hit.full_name for hit in search(cast.ana, "sunny")] == ["Park, Sun-hee “Sunny”"]


def test_a_hit_carries_what_the_desk_reads(cast):
    (hit,) = search(cast.ana, "okafor")
    assert (hit.id, hit.name, hit.called, hit.born, hit.phone, hit.email) == (
        cast.tunde.pk,
        "Okafor, Tunde",
        "Tunde",
        "12/1/1971",
        "(919) 555-0115",
        "",
    )
    assert hit.age_on(date(2026, 11, 24)) == 54


def test_the_limit_holds(cast):
    for number in range(30):
        patient(cast, "Ann", f"Lind{number}")
    assert len(search(cast.ana, "lind")) == 20
    assert len(search(cast.ana, "lind", limit=3)) == 3


@pytest.mark.parametrize(
    "person, found", [("ana", []), ("hana", ["Shah, Priya"]), ("olive", ["Shah, Priya"]), ("mei", [])]
)
def test_only_people_of_ones_own_locations_are_found(cast, person, found):
    assert names(getattr(cast, person), "shah") == found
    assert names(getattr(cast, person), "shha") == found


def test_somebody_without_a_role_finds_nobody(cast):
    assert names(cast.dana, "garcia") == []


@pytest.mark.parametrize("typed", ["garcia", "okafro", "m", "garcia maria 1985-03-14 9195550111"])
def test_it_is_one_statement(cast, django_assert_num_queries, typed):
    for user in (cast.ana, cast.olive, cast.mei):
        user.roles, user.location_ids  # noqa: B018 - the page has read them already
        with django_assert_num_queries(1):
            search(user, typed)


def test_a_merged_record_leads_to_the_kept_one(cast):
    old = patient(cast, "Mariechen", "Oldname", phone="+19195550188")
    merge_into(cast, kept=cast.maria, merged=old)
    for typed in ("mariechen", "oldname", "9195550188", "oldnmae"):
        assert names(cast.ana, typed) == ["Garcia, Maria"]


def merge_into(cast, *, kept, merged):
    versions = {row.pk: row.version for row in (kept, merged)}
    return merge(by=cast.ana, request_key=None, kept=kept.pk, merged=merged.pk, versions=versions, chosen={})


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=60))
def test_any_text_is_answered(cast, text):
    search(User.objects.get(pk=cast.ana.pk), text)


# The pages


def test_the_field_of_the_frame_gets_a_list(cast, client_of):
    answer = client_of(cast.ana).get(
        reverse("patients:search"), {"q": "garcia"}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    assert [hit["name"] for hit in answer.context["hits"]] == ["Garcia, Maria", "Garcia, Marta"]
    assert answer.context["hits"][0]["detail"] == "3/14/1985 · (919) 555-0111"
    assert answer.content.decode().count('role="option"') == 2


def test_without_script_the_field_leads_to_the_page(cast, client_of):
    answer = client_of(cast.ana).get(reverse("patients:search"), {"q": "garcia"})
    assert [row["name"] for row in answer.context["rows"]] == ["Garcia, Maria", "Garcia, Marta"]
    assert "patients/list.html" in [template.name for template in answer.templates]


def test_what_was_typed_is_escaped(cast, client_of):
    for headers in ({}, {"HX-Request": "true"}):
        answer = client_of(cast.ana).get(reverse("patients:search"), {"q": "<script>x"}, headers=headers)
        assert answer.content.decode().count("<script>x") == 0


def picking(client, **query):
    return client.get(reverse("patients:search"), {"pick": "1", **query}, headers={"HX-Request": "true"})


def test_picking_carries_the_patient_to_the_page_that_asked(cast, client_of):
    answer = picking(client_of(cast.ana), q="okafor", next="/calendar/book/?service=1&patient=old")
    (hit,) = answer.context["hits"]
    assert hit["url"] == f"/calendar/book/?service=1&patient={cast.tunde.pk}"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "calendar/", "/\\evil.example"],
)
def test_picking_stays_on_this_site(cast, client_of, elsewhere):
    answer = picking(client_of(cast.ana), q="okafor", next=elsewhere)
    assert answer.content.decode().count("evil.example") == 0
    assert [hit["url"] for hit in answer.context["hits"]] == [reverse("patients:chart", args=[cast.tunde.pk])]


@pytest.mark.parametrize("found", [1, 3])
def test_the_page_takes_the_same_statements_for_one_and_for_three(
    cast, client_of, django_assert_num_queries, found
):
    for number in range(found):
        patient(cast, "Ann", f"Lindgren{number}")
    client = client_of(cast.ana)
    with django_assert_num_queries(PAGE_STATEMENTS):
        answer = client.get(reverse("patients:list"), {"q": "lindgren"})
    assert len(answer.context["rows"]) == found


PAGE_STATEMENTS = 7


def test_opened_records_are_listed_newest_first(cast, client_of):
    client = client_of(cast.ana)
    for minute, one in enumerate((cast.maria, cast.tunde, cast.maria)):
        with time_machine.travel(NOW + timedelta(minutes=minute), tick=False):
            client.get(reverse("patients:chart", args=[one.pk]))
    assert [row["name"] for row in client.get(reverse("patients:list")).context["rows"]] == [
        "Garcia, Maria",
        "Okafor, Tunde",
    ]
    assert client_of(cast.mei).get(reverse("patients:list")).context["rows"] == []


@pytest.mark.parametrize("page", ["patients:list", "patients:search"])
@pytest.mark.parametrize("person, status", [("rita", 403), ("dana", 403), ("mei", 200), ("olive", 200)])
def test_who_may_search(cast, client_of, page, person, status):
    assert client_of(getattr(cast, person)).get(reverse(page)).status_code == status


def test_somebody_signed_out_is_sent_to_sign_in(client):
    answer = client.get(reverse("patients:list"))
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/patients/")
