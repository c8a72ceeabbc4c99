"""The chart: who this is, who belongs to them, and who looked."""

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from tests.cast import canary

pytestmark = pytest.mark.django_db


def chart(client, patient):
    return client.get(reverse("patients:chart", args=[patient.pk]))


def test_the_strip_says_who_it_is(cast, client_of):
    cast.sunny.pronouns = "she/her"
    cast.sunny.needs_step_free = True
    cast.sunny.save()
    answer = chart(client_of(cast.ana), cast.sunny)
    strip = answer.context["strip"]
    assert (strip["name"], strip["age"], strip["born"]) == ("Park, Sun-hee “Sunny”", 36, "7/2/1990")
    assert (strip["phone"], strip["alerts"]) == ("(919) 555-0113", ["No stairs"])
    assert answer.content.decode().count("she/her") == 1


def test_a_minor_is_marked(cast, client_of):
    assert chart(client_of(cast.ana), cast.leo).context["strip"]["alerts"] == ["Minor: ask who came along"]


def test_household_guardians_and_companions_are_there(cast, client_of):
    context = chart(client_of(cast.mei), cast.leo).context
    assert [row["name"] for row in context["household"]] == ["Cole, Iris", "Cole, Mia"]
    assert [person for person, _access in context["related_people"]] == [
        cast.leos_mother,
        cast.leos_grandmother,
    ]


def test_opening_a_chart_is_written_down_once(cast, client_of):
    chart(client_of(cast.ana), cast.maria)
    found = AuditEvent.objects.filter(patient=cast.maria.pk).values_list("by", "verb", "object", "detail")
    assert list(found) == [(cast.ana.pk, "read", f"patients.patient:{cast.maria.pk}", {})]


def test_what_may_not_be_opened_is_not_written_down_as_read(cast, client_of):
    assert chart(client_of(cast.hana), cast.maria).status_code == 404
    assert AuditEvent.objects.filter(patient=cast.maria.pk, verb="read").count() == 0


def test_owners_see_who_looked_and_others_do_not(cast, client_of):
    chart(client_of(cast.ana), cast.maria)
    answer = chart(client_of(cast.olive), cast.maria)
    assert sorted(row.name for row in answer.context["looked"]) == ["Ana Desk", "Olive Owner"]
    assert " ".join(answer.content.decode().split()).count("10:42 am </span> Ana Desk") == 1
    for person in (cast.ana, cast.mei):
        answer = chart(client_of(person), cast.maria)
        assert answer.context["looked"] is None
        assert answer.content.decode().count("Who looked") == 0


def test_an_old_record_leads_to_the_kept_one(cast, client_of):
    cast.marta.merged_into = cast.maria
    cast.marta.save()
    answer = chart(client_of(cast.ana), cast.marta)
    html = answer.content.decode()
    assert answer.context["strip"]["alerts"] == ["Old record"]
    assert html.count(f'href="{reverse("patients:chart", args=[cast.maria.pk])}"') == 1
    assert html.count(reverse("patients:edit", args=[cast.marta.pk])) == 0


def test_one_chart_says_nothing_of_another(cast, client_of):
    html = chart(client_of(cast.ana), cast.maria).content.decode()
    assert html.count(canary("maria", "staff_notes")) == 1
    for other in cast.names("patients.patient"):
        if other != "maria":
            assert html.count(f"q{other}z") == 0


def test_what_was_typed_is_escaped(cast, client_of):
    cast.maria.staff_notes = "<script>alert(1)</script>"
    cast.maria.preferred_name = "<b>M"
    cast.maria.save()
    html = chart(client_of(cast.ana), cast.maria).content.decode()
    assert html.count("<script>alert") == html.count("<b>M") == 0


@pytest.mark.parametrize("patient", ["mia", "leo"])
def test_the_statements_do_not_grow_with_the_family(cast, client_of, django_assert_num_queries, patient):
    client, row = client_of(cast.ana), getattr(cast, patient)
    with django_assert_num_queries(CHART_STATEMENTS):
        chart(client, row)


CHART_STATEMENTS = 13


@pytest.mark.parametrize(
    "person, patient, status",
    [
        ("ana", "maria", 200),
        ("mei", "maria", 200),
        ("olive", "priya", 200),
        ("hana", "priya", 200),
        ("ana", "priya", 404),
        ("hana", "maria", 404),
        ("theo", "maria", 404),
        ("rita", "rita", 403),
        ("iris", "leo", 403),
        ("dana", "maria", 403),
    ],
)
def test_who_may_open_a_chart(cast, client_of, person, patient, status):
    assert chart(client_of(getattr(cast, person)), getattr(cast, patient)).status_code == status


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_other_methods_are_refused(cast, client_of, method):
    url = reverse("patients:chart", args=[cast.maria.pk])
    assert getattr(client_of(cast.ana), method)(url).status_code == 405
