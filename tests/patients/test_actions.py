"""What changes records: one transaction, one audit event, once per form."""

import uuid
from datetime import date

import pytest
from django.utils import timezone

from clinic.models import AuditEvent
from clinic.refusal import AlreadyDone, Refused
from clinic.submissions import RequestKey
from patients import actions
from patients.models import CareTeam, Household, Patient, PatientLocation, RelatedPerson

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def events(**having):
    """What was recorded about patients."""
    found = AuditEvent.objects.filter(patient__isnull=False, **having)
    return list(found.values_list("verb", "object", "patient", "detail"))


def register(cast, **more):
    fields = {"given_name": "Nora", "family_name": "Lind", "phone": "+19195550170"}
    arguments = {
        "by": cast.ana,
        "request_key": None,
        "pk": uuid.uuid4(),
        "location": cast.uptown,
        "today": TODAY,
    }
    return actions.register(**{**arguments, "fields": fields, **more})


def test_registering_writes_the_record_the_place_and_one_event(cast):
    made = register(cast)
    assert Patient.objects.visible_to(cast.ana).get(pk=made.pk).name == "Lind, Nora"
    assert not Patient.objects.visible_to(cast.hana).filter(pk=made.pk).exists()
    fields = ["family_name", "given_name", "phone"]
    assert events() == [("register", f"patients.patient:{made.pk}", made.pk, {"fields": fields})]


def test_a_refused_registration_changes_nothing(cast):
    before = Patient.objects.count()
    with pytest.raises(Refused) as refusal:
        register(cast, fields={"given_name": "Nora"})
    assert refusal.value.reasons == ["Write a phone number or an e-mail address. One of them is enough."]
    assert (Patient.objects.count(), events()) == (before, [])


def test_registering_twice_with_one_key_registers_once(cast):
    key = RequestKey(key="k" * 20, body_sha256="0" * 64, user_id=cast.ana.pk)
    made = register(cast, request_key=key)
    with pytest.raises(AlreadyDone) as done:
        register(cast, request_key=key)
    assert done.value.location == f"/patients/{made.pk}/"
    assert Patient.objects.filter(family_name="Lind").count() == 1


def edit(cast, patient, **fields):
    return actions.edit(
        by=cast.ana, request_key=None, pk=patient.pk, version=patient.version, fields=fields, today=TODAY
    )


def test_the_audit_names_changed_columns_and_never_their_values(cast):
    edit(cast, cast.maria, staff_notes="owes us a book", pronouns="she/her", given_name="Maria")
    row = Patient.objects.get(pk=cast.maria.pk)
    assert (row.staff_notes, row.pronouns) == ("owes us a book", "she/her")
    changed = {"fields": ["pronouns", "staff_notes"]}
    assert events() == [("edit", f"patients.patient:{row.pk}", row.pk, changed)]


def test_a_stale_edit_is_a_conflict(cast):
    edit(cast, cast.maria, pronouns="she/her")
    with pytest.raises(Refused) as refusal:
        edit(cast, cast.maria, pronouns="they/them")
    assert refusal.value.status == 409
    assert Patient.objects.get(pk=cast.maria.pk).pronouns == "she/her"


def test_an_adult_keeps_a_way_to_be_reached(cast):
    with pytest.raises(Refused) as refusal:
        edit(cast, cast.tunde, phone="")
    assert refusal.value.reasons == ["Write a phone number or an e-mail address. One of them is enough."]
    edit(cast, cast.leo, email="")
    assert Patient.objects.get(pk=cast.leo.pk).email == ""


def test_nobody_edits_who_they_may_not_see(cast):
    with pytest.raises(Patient.DoesNotExist):
        edit(cast, cast.priya, pronouns="she/her")


def test_old_records_are_not_edited(cast):
    cast.marta.merged_into = cast.maria
    cast.marta.save()
    with pytest.raises(Refused) as refusal:
        edit(cast, cast.marta, pronouns="she/her")
    assert refusal.value.reasons == [
        "This is an old record. Open the one it was merged into and change that."
    ]


def set_person(cast, patient, pk=None, version=None, **fields):
    row = {"name": "Nora Lind", "relation": "aunt", "guardian": False, **fields}
    return actions.set_related_person(
        by=cast.ana,
        request_key=None,
        patient_pk=patient.pk,
        pk=pk,
        version=version,
        fields=row,
        now=timezone.now(),
    )


def test_a_related_person_is_added_changed_and_ended(cast):
    made = set_person(cast, cast.maria)
    assert (made.patient, made.since, made.until) == (cast.maria, timezone.now(), None)
    set_person(cast, cast.maria, pk=made.pk, version=made.version, guardian=True, appointments=True)
    row = RelatedPerson.objects.get(pk=made.pk)
    assert (row.guardian, row.appointments, row.version) == (True, True, 2)
    actions.end_related_person(
        by=cast.ana, request_key=None, patient_pk=cast.maria.pk, pk=row.pk, version=2, now=timezone.now()
    )
    assert RelatedPerson.objects.get(pk=made.pk).until == timezone.now()
    about = f"patients.relatedperson:{made.pk}"
    assert sorted(events(object=about)) == [
        ("add related person", about, cast.maria.pk, {"fields": ["name", "relation"]}),
        ("edit related person", about, cast.maria.pk, {"fields": ["appointments", "guardian"]}),
        ("end related person", about, cast.maria.pk, {}),
    ]


def test_a_related_person_belongs_to_the_patient_named(cast):
    with pytest.raises(RelatedPerson.DoesNotExist):
        set_person(cast, cast.maria, pk=cast.leos_mother.pk, version=1)
    with pytest.raises(Patient.DoesNotExist):
        set_person(cast, cast.priya)


def test_ended_rights_end_at_once(cast):
    assert Patient.objects.visible_to(cast.iris.user).filter(pk=cast.leo.pk).exists()
    actions.end_related_person(
        by=cast.ana,
        request_key=None,
        patient_pk=cast.leo.pk,
        pk=cast.leos_mother.pk,
        version=cast.leos_mother.version,
        now=timezone.now(),
    )
    assert not Patient.objects.visible_to(cast.iris.user).filter(pk=cast.leo.pk).exists()


def join(cast, patient, other):
    patient = Patient.objects.get(pk=patient.pk)
    return actions.join_household(
        by=cast.ana, request_key=None, pk=patient.pk, version=patient.version, other_pk=other.pk
    )


def test_two_people_without_a_household_get_a_new_one(cast):
    made = join(cast, cast.maria, cast.marta)
    assert made.name == "Garcia"
    assert sorted(made.members.values_list("given_name", flat=True)) == ["Maria", "Marta"]
    detail = {"other": str(cast.marta.pk)}
    assert events() == [("join household", f"patients.household:{made.pk}", cast.maria.pk, detail)]


@pytest.mark.parametrize("first, second", [("maria", "iris"), ("iris", "maria")])
def test_one_who_has_none_joins_the_one_who_has(cast, first, second):
    assert join(cast, getattr(cast, first), getattr(cast, second)) == cast.iris.household
    assert cast.iris.household.members.count() == 4
    assert Household.objects.count() == 1


def test_two_households_are_not_mixed(cast):
    join(cast, cast.maria, cast.marta)
    with pytest.raises(Refused) as refusal:
        join(cast, cast.maria, cast.iris)
    assert refusal.value.reasons == [
        "Cole, Iris is in another household. Take them out of it first, then add them here."
    ]


def test_leaving_a_household_leaves_the_others(cast):
    actions.leave_household(by=cast.ana, request_key=None, pk=cast.leo.pk, version=cast.leo.version)
    assert Patient.objects.get(pk=cast.leo.pk).household is None
    assert cast.iris.household.members.count() == 2
    with pytest.raises(Refused) as refusal:
        actions.leave_household(by=cast.ana, request_key=None, pk=cast.tunde.pk, version=cast.tunde.version)
    assert refusal.value.reasons == [
        "This person is in no household. Reload the page to see where they stand."
    ]


def test_nobody_puts_a_stranger_into_a_household(cast):
    with pytest.raises(Patient.DoesNotExist):
        join(cast, cast.maria, cast.priya)


def test_joining_the_care_team_and_a_location_twice_is_once(cast):
    for _time in range(2):
        actions.join_care_team(patient=cast.priya, user=cast.mei, why="visit", now=timezone.now())
        actions.note_location(patient=cast.priya, location=cast.uptown)
    assert CareTeam.objects.filter(patient=cast.priya).count() == 1
    assert PatientLocation.objects.filter(patient=cast.priya).count() == 2
    assert Patient.objects.visible_to(cast.mei).filter(pk=cast.priya.pk).exists()
