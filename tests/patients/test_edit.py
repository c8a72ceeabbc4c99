"""The pages on which a record, its household and the people around it are changed."""

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.submissions import new_key
from patients.models import Patient, RelatedPerson

pytestmark = pytest.mark.django_db


def edit_url(patient):
    return reverse("patients:edit", args=[patient.pk])


def typed(patient, **changed):
    """The whole form as it would be sent from the page."""
    return {
        "request_key": new_key(),
        "version": patient.version,
        "given_name": patient.given_name,
        "family_name": patient.family_name,
        "birth_date": f"{patient.birth_date:%m/%d/%Y}",
        "phone": str(patient.phone),
        "email": patient.email,
        "emergency_name": patient.emergency_name,
        "physician_name": patient.physician_name,
        "staff_notes": patient.staff_notes,
        "reach_by": patient.reach_by,
        "language": "en",
        **changed,
    }


def test_every_field_of_the_record_can_be_changed(cast, client_of):
    fields = {
        "given_name": "Mary",
        "family_name": "Garza",
        "preferred_name": "May",
        "pronouns": "she/her",
        "birth_date": "4/15/1986",
        "phone": "(919) 555-0177",
        "email": "may@mail.example",
        "reach_by": "text",
        "language": "es",
        "prefers_gender": "female",
        "prefers_time": "morning",
        "needs_step_free": "on",
        "anyone_is_fine": "on",
        "emergency_name": "Luis Garza",
        "emergency_relation": "husband",
        "emergency_phone": "(919) 555-0178",
        "physician_name": "Dr. Amos",
        "physician_phone": "(919) 555-0179",
        "staff_notes": "Prefers the window.",
    }
    answer = client_of(cast.ana).post(edit_url(cast.maria), typed(cast.maria, **fields))
    assert (answer.status_code, answer["Location"]) == (302, reverse("patients:chart", args=[cast.maria.pk]))
    form = client_of(cast.ana).get(edit_url(cast.maria)).context["form"]
    shown = {name: form[name].value() for name in fields}
    assert {name: str(value) for name, value in shown.items()} == {
        **fields,
        "birth_date": "1986-04-15",
        "needs_step_free": "True",
        "anyone_is_fine": "True",
    }


def test_phone_numbers_and_dates_stand_in_the_form_as_people_write_them(cast, client_of):
    html = client_of(cast.ana).get(edit_url(cast.maria)).content.decode()
    assert html.count('value="(919) 555-0111"') == 1
    assert html.count('value="03/14/1985"') == 1


def test_without_the_version_nothing_is_saved(cast, client_of):
    fields = typed(cast.maria, pronouns="she/her")
    del fields["version"]
    assert client_of(cast.ana).post(edit_url(cast.maria), fields).status_code == 428
    assert Patient.objects.get(pk=cast.maria.pk).pronouns == ""


def test_when_somebody_else_was_faster_both_texts_are_shown(cast, client_of):
    stale = typed(cast.maria, pronouns="they/them")
    cast.maria.pronouns = "she/her"
    cast.maria.save()
    answer = client_of(cast.ana).post(edit_url(cast.maria), stale)
    assert answer.status_code == 409
    assert answer.context["changes"] == [("Pronouns", "they/them", "she/her")]
    assert answer.context["row"].version == cast.maria.version
    assert Patient.objects.get(pk=cast.maria.pk).pronouns == "she/her"
    again = {**stale, "request_key": new_key(), "version": cast.maria.version}
    assert client_of(cast.ana).post(edit_url(cast.maria), again).status_code == 302
    assert Patient.objects.get(pk=cast.maria.pk).pronouns == "they/them"


@pytest.mark.parametrize(
    "changed, where",
    [
        ({"birth_date": "13/13/1987"}, "birth_date"),
        ({"birth_date": "tomorrow"}, "birth_date"),
        ({"emergency_phone": "call me"}, "emergency_phone"),
        ({"email": "a@b"}, "email"),
        ({"staff_notes": "x" * 10_000}, "staff_notes"),
        ({"family_name": "x" * 10_000}, "family_name"),
        ({"reach_by": "pigeon"}, "reach_by"),
        ({"language": "xx"}, "language"),
        ({"phone": "", "email": ""}, "__all__"),
        ({"birth_date": "1/1/2099"}, "__all__"),
    ],
)
def test_bad_input_keeps_what_was_typed_and_changes_nothing(cast, client_of, changed, where):
    answer = client_of(cast.ana).post(edit_url(cast.tunde), typed(cast.tunde, **changed))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [where])
    assert {name: answer.context["form"][name].value() for name in changed} == changed
    assert answer.context["row"].version == cast.tunde.version
    assert Patient.objects.get(pk=cast.tunde.pk).version == cast.tunde.version


# The people around a patient


def person(**changed):
    fields = {"name": "Nora Lind", "relation": "aunt", "phone": "(919) 555-0170", "may_accompany": "on"}
    return {"request_key": new_key(), **fields, **changed}


def test_a_related_person_is_added(cast, client_of):
    url = reverse("patients:new_related_person", args=[cast.leo.pk])
    answer = client_of(cast.ana).post(url, person(payments="on"))
    assert answer.status_code == 302
    made = RelatedPerson.objects.get(name="Nora Lind")
    rights = (made.guardian, made.appointments, made.forms, made.payments, made.health_details)
    assert (made.patient, rights, made.may_accompany) == (cast.leo, (False, False, False, True, False), True)


def test_a_related_person_is_changed_and_taken_off(cast, client_of):
    aunt = cast.leos_grandmother
    url = reverse("patients:related_person", args=[cast.leo.pk, aunt.pk])
    client = client_of(cast.ana)
    assert client.post(url, person(version=aunt.version)).status_code == 302
    assert RelatedPerson.objects.get(pk=aunt.pk).name == "Nora Lind"
    assert client.post(url, person(version=aunt.version, name="Other")).status_code == 409
    end = reverse("patients:end_related_person", args=[cast.leo.pk, aunt.pk])
    assert client.post(end, {"request_key": new_key(), "version": aunt.version + 1}).status_code == 302
    assert RelatedPerson.objects.get(pk=aunt.pk).until == timezone.now()
    assert client.get(url).status_code == 404


def test_a_related_person_needs_a_name_and_a_relation(cast, client_of):
    url = reverse("patients:new_related_person", args=[cast.leo.pk])
    answer = client_of(cast.ana).post(url, person(name="", relation=""))
    assert (answer.status_code, sorted(answer.context["form"].errors)) == (422, ["name", "relation"])


def test_a_related_person_is_reached_through_their_own_patient_only(cast, client_of):
    url = reverse("patients:related_person", args=[cast.maria.pk, cast.leos_mother.pk])
    assert client_of(cast.ana).get(url).status_code == 404


# The household


def household_url(patient):
    return reverse("patients:household", args=[patient.pk])


def test_somebody_is_found_and_added_to_the_household(cast, client_of):
    client = client_of(cast.ana)
    page = client.get(household_url(cast.iris), {"q": "okafor"})
    assert [row["name"] for row in page.context["members"]] == ["Cole, Leo", "Cole, Mia"]
    assert [row["id"] for row in page.context["hits"]] == [cast.tunde.pk]
    fields = {"request_key": new_key(), "version": cast.iris.version, "member": str(cast.tunde.pk)}
    assert client.post(household_url(cast.iris), fields).status_code == 302
    assert cast.iris.household.members.count() == 4


def test_a_refusal_keeps_the_search(cast, client_of):
    fields = {"request_key": new_key(), "version": cast.iris.version, "member": str(cast.leo.pk), "q": "leo"}
    answer = client_of(cast.ana).post(household_url(cast.iris), fields)
    assert (answer.status_code, answer.context["q"]) == (422, "leo")
    assert answer.context["reasons"] == ["Cole, Leo is in this household already."]


@pytest.mark.parametrize("member", ["not-an-id", "00000000-0000-4000-8000-000000000000"])
def test_an_unknown_member_does_not_exist(cast, client_of, member):
    fields = {"request_key": new_key(), "version": cast.iris.version, "member": member}
    assert client_of(cast.ana).post(household_url(cast.iris), fields).status_code == 404


def test_nobody_adds_a_patient_of_another_location(cast, client_of):
    fields = {"request_key": new_key(), "version": cast.iris.version, "member": str(cast.priya.pk)}
    assert client_of(cast.ana).post(household_url(cast.iris), fields).status_code == 404


def test_somebody_leaves_the_household(cast, client_of):
    url = reverse("patients:leave_household", args=[cast.leo.pk])
    fields = {"request_key": new_key(), "version": cast.leo.version}
    client = client_of(cast.ana)
    assert client.post(url, fields)["Location"] == household_url(cast.leo)
    assert cast.iris.household.members.count() == 2
    assert client.get(url).status_code == 405


# Who may


PAGES = ["edit", "household", "new_related_person"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "person, patient, status",
    [
        ("rita", "rita", 403),
        ("dana", "maria", 403),
        ("hana", "maria", 404),
        ("ana", "priya", 404),
        ("mei", "maria", 200),
    ],
)
def test_who_may_change_a_record(cast, client_of, page, person, patient, status):
    url = reverse(f"patients:{page}", args=[getattr(cast, patient).pk])
    assert client_of(getattr(cast, person)).get(url).status_code == status


def test_nobody_chosen_gets_a_sentence(cast, client_of):
    answer = client_of(cast.ana).post(
        household_url(cast.iris), {"request_key": new_key(), "version": cast.iris.version, "member": ""}
    )
    assert (answer.status_code, answer.context["reasons"]) == (422, ["Choose who belongs to this household."])
