"""The page on which somebody is registered."""

import uuid

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.submissions import new_key
from patients.models import Patient

pytestmark = pytest.mark.django_db
NEW = "/patients/new/"
NOBODY = {"given_name": "Nora", "family_name": "Lind", "phone": "(919) 555-0170"}


def post(client, **fields):
    return client.post(NEW, {"request_key": new_key(), **fields})


def counted():
    return Patient.objects.count(), AuditEvent.objects.filter(patient__isnull=False).count()


def reasons(answer):
    """Everything the page says against what was typed, by field ("" for the whole form)."""
    errors = {name: list(found) for name, found in answer.context["form"].errors.items()}
    return {**errors, **({"": list(answer.context["reasons"])} if answer.context["reasons"] else {})}


def test_a_name_and_a_phone_number_are_enough(cast, client_of):
    answer = post(client_of(cast.ana), **NOBODY)
    made = Patient.objects.get(family_name="Lind")
    assert (answer.status_code, answer["Location"]) == (302, reverse("patients:chart", args=[made.pk]))
    assert (made.phone.as_e164, made.birth_date) == ("+19195550170", None)
    assert Patient.objects.visible_to(cast.mei).filter(pk=made.pk).exists()


def test_a_first_name_and_an_e_mail_are_enough(cast, client_of):
    assert post(client_of(cast.mei), given_name="Nora", email="nora@mail.example").status_code == 302


def test_it_goes_back_to_the_page_that_asked(cast, client_of):
    answer = post(client_of(cast.ana), **NOBODY, next="/calendar/book/?service=2")
    made = Patient.objects.get(family_name="Lind")
    assert answer["Location"] == f"/calendar/book/?service=2&patient={made.pk}"


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "x" * 400]
)
def test_it_never_leaves_the_site(cast, client_of, elsewhere):
    answer = post(client_of(cast.ana), **NOBODY, next=elsewhere)
    made = Patient.objects.get(family_name="Lind")
    assert answer["Location"] == reverse("patients:chart", args=[made.pk])


def test_what_was_searched_in_vain_is_filled_in(cast, client_of):
    answer = client_of(cast.ana).get(NEW, {"name": "nora lind 919 555 0170", "next": "/calendar/"})
    form = answer.context["form"]
    assert [form[name].value() for name in NOBODY] == ["Nora", "Lind", "919 555 0170"]
    assert answer.context["next"] == "/calendar/"


@pytest.mark.parametrize(
    "changed, said",
    [
        ({"given_name": ""}, {"given_name": ["Write a name. The first name is enough to begin with."]}),
        ({"phone": ""}, {"": ["Write a phone number or an e-mail address. One of them is enough."]}),
        (
            {"phone": "12"},
            {
                "phone": [
                    "This is not a phone number. Write the area code and all digits, for example (919) 555-0123."
                ]
            },
        ),
        ({"email": "nora"}, {"email": ["This is not an e-mail address. It looks like name@example.com."]}),
        (
            {"birth_date": "2/30/1987"},
            {"birth_date": ["This is not a date. Write month/day/year, for example 3/14/1987."]},
        ),
        ({"birth_date": "12/1/2030"}, {"": ["The birth date lies in the future. Check the year."]}),
        ({"birth_date": "1/1/0001"}, {"": ["The birth date is more than 125 years ago. Check the year."]}),
        (
            {"given_name": "N" * 10_000},
            {"given_name": ["At most 100 characters fit here; this has 10000. Shorten it."]},
        ),
        ({"given_name": "No\0ra"}, {"given_name": ["Null characters are not allowed."]}),
    ],
)
def test_bad_input_gets_a_sentence_keeps_what_was_typed_and_changes_nothing(cast, client_of, changed, said):
    before = counted()
    typed = {**NOBODY, **changed}
    answer = post(client_of(cast.ana), **typed)
    assert (answer.status_code, reasons(answer)) == (422, said)
    assert {name: answer.context["form"][name].value() for name in typed} == typed
    assert counted() == before


def test_each_error_leads_to_its_field(cast, client_of):
    html = post(client_of(cast.ana), given_name="", phone="12").content.decode()
    assert html.count('<a href="#id_given_name">') == html.count('<a href="#id_phone">') == 1
    assert html.count('id="id_given_name"') == html.count('id="id_phone"') == 1


def test_a_likely_duplicate_is_shown_before_anything_is_registered(cast, client_of):
    before = counted()
    answer = post(
        client_of(cast.ana), given_name="María", family_name="García", phone="9195550199", next="/calendar/"
    )
    assert answer.status_code == 422
    (row,) = answer.context["alike"]
    assert (row["name"], row["use"]) == ("Garcia, Maria", f"/calendar/?patient={cast.maria.pk}")
    assert answer.context["form"]["given_name"].value() == "María"
    assert answer.content.decode().count('name="anyway"') == 1
    assert counted() == before


def test_somebody_else_of_that_name_is_registered_anyway(cast, client_of):
    fields = {"given_name": "Maria", "family_name": "Garcia", "phone": "9195550199", "anyway": "on"}
    assert post(client_of(cast.ana), **fields).status_code == 302
    assert Patient.objects.filter(given_name="Maria", family_name="Garcia").count() == 2


def test_patients_of_other_locations_are_no_duplicates_one_may_read_of(cast, client_of):
    answer = post(client_of(cast.ana), given_name="Priya", family_name="Shah", phone="+1 312 555 0116")
    assert answer.status_code == 302


def test_the_same_form_twice_registers_once(cast, client_of):
    client, fields = client_of(cast.ana), {"request_key": new_key(), **NOBODY, "anyway": "on"}
    first, second = client.post(NEW, fields), client.post(NEW, fields)
    assert (first.status_code, second.status_code) == (302, 303)
    assert first["Location"] == second["Location"]
    assert Patient.objects.filter(family_name="Lind").count() == 1


def test_a_form_without_a_key_changes_nothing(cast, client_of):
    before = counted()
    answer = client_of(cast.ana).post(NEW, NOBODY)
    assert (answer.status_code, counted()) == (422, before)


@pytest.mark.parametrize("person, status", [("rita", 403), ("dana", 403), ("olive", 200), ("theo", 200)])
def test_who_may_register(cast, client_of, person, status):
    assert client_of(getattr(cast, person)).get(NEW).status_code == status


def test_the_clinic_remembers_nothing_of_one_patient_for_the_next(cast, client_of):
    html = client_of(cast.ana).get(NEW).content.decode()
    assert html.count('autocomplete="off"') >= 6


def test_pages_of_unknown_records_do_not_exist(cast, client_of):
    for name in ("chart", "edit", "household", "new_related_person"):
        assert client_of(cast.ana).get(reverse(f"patients:{name}", args=[uuid.uuid4()])).status_code == 404
