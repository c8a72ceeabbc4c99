"""Who may sign for a minor, and who may be told: as registered, whatever a page sends."""

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.refusal import Refused
from clinic.submissions import new_key
from intake.actions.asking import hand_out
from intake.actions.consenting import sign_here
from intake.actions.loading import load_forms
from intake.models import Signature
from intake.queries.forms import addressees, signers_of, told_of
from intake.rules.signing import Signer
from patients.actions import set_related_person
from patients.models import RelatedPerson
from patients.rules import may_be_told_of, may_sign_for, reasons_not_to_relate
from tests.cast import NOW

NO_CUSTODY = "Without custody nobody signs for a minor. Take out “may sign”, or change the custody."


@pytest.mark.parametrize(
    "guardian, custody, may_sign, signs",
    [
        (True, "", True, True),
        (True, "sole", True, True),
        (True, "shared", True, True),
        (True, "shared", False, False),
        (True, "none", True, False),
        (False, "sole", True, False),
    ],
)
def test_who_may_sign(guardian, custody, may_sign, signs):
    person = RelatedPerson(guardian=guardian, custody=custody, may_sign=may_sign)
    assert may_sign_for(person) is signs


@pytest.mark.parametrize(
    "guardian, told, wanted", [(True, True, True), (True, False, False), (False, True, False)]
)
def test_who_may_be_told(guardian, told, wanted):
    assert may_be_told_of(RelatedPerson(guardian=guardian, may_be_told=told)) is wanted


@pytest.mark.parametrize(
    "more, reasons",
    [
        ({}, []),
        ({"guardian": True, "custody": "none", "may_sign": True}, [NO_CUSTODY]),
        ({"guardian": True, "custody": "none", "may_sign": False}, []),
        ({"guardian": True, "custody": "shared", "may_sign": True}, []),
        ({"guardian": False, "custody": "none", "may_sign": True}, []),
    ],
)
def test_nobody_signs_without_custody(more, reasons):
    assert reasons_not_to_relate(name="Iris", relation="mother", **more) == reasons


def register(cast, person, **fields):
    return set_related_person(
        by=cast.ana,
        request_key=None,
        patient_pk=person.patient_id,
        pk=person.pk,
        version=person.version,
        fields={"name": person.name, "relation": person.relation, **fields},
        now=timezone.now(),
    )


def sign_for_leo(cast):
    return sign_here(
        by=cast.mei,
        patient_pk=cast.leo.pk,
        kind="acupuncture",
        signer=Signer("Iris Cole", "guardian", cast.leos_mother.pk),
        talked_through=False,
        now=NOW,
        location="/",
    )


@pytest.mark.django_db
def test_a_guardian_who_may_sign_signs(cast):
    load_forms(now=NOW)
    register(cast, cast.leos_mother, custody="shared", custody_note="Court order of March 3, 2025")
    sign_for_leo(cast)
    assert Signature.objects.get(patient=cast.leo).related_person == cast.leos_mother


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"custody": "none", "may_sign": False}, {"may_sign": False}])
def test_one_who_may_not_does_not_and_is_not_offered(cast, client_of, fields):
    load_forms(now=NOW)
    register(cast, cast.leos_mother, **fields)
    with pytest.raises(Refused, match="This guardian is not registered, or may not sign"):
        sign_for_leo(cast)
    assert signers_of(cast.leo, timezone.now()) == []
    page = client_of(cast.mei).get(reverse("intake:sign", args=[cast.leo.pk, "acupuncture"]))
    assert page.context["guardians"] == []
    assert page.content.count(b"none who may sign is registered") == 1


@pytest.mark.django_db
def test_forms_are_not_mailed_to_a_guardian_who_is_not_to_be_told(cast):
    load_forms(now=NOW)
    register(cast, cast.leos_mother, email="iris@example.com")
    now = timezone.now()
    before = [each.related for each in addressees(cast.leo, told_of(cast.leo, now))]
    person = RelatedPerson.objects.get(pk=cast.leos_mother.pk)
    register(cast, person, may_be_told=False)
    after = [each.related for each in addressees(cast.leo, told_of(cast.leo, now))]
    assert set(before) - set(after) == {person.pk}
    with pytest.raises(Refused):
        hand_out(
            by=cast.ana,
            patient_pk=cast.leo.pk,
            keys=["health_history"],
            channel="email",
            related=person.pk,
            now=now,
        )


@pytest.mark.django_db
def test_a_contradiction_is_refused_and_the_words_stay(cast, client_of):
    person = cast.leos_mother
    url = reverse("patients:related_person", args=[cast.leo.pk, person.pk])
    posted = {
        "request_key": new_key(), "version": person.version, "name": "Iris Cole", "relation": "mother",
        "guardian": "on", "custody": "none", "may_sign": "on", "custody_note": "Order shown",
    }  # fmt: skip
    answer = client_of(cast.ana).post(url, posted)
    assert answer.status_code == 422
    assert answer.context["form"].non_field_errors() == [NO_CUSTODY]
    assert answer.context["form"]["custody_note"].value() == "Order shown"
    assert RelatedPerson.objects.get(pk=person.pk).custody == ""
    posted.pop("may_sign")
    assert client_of(cast.ana).post(url, {**posted, "request_key": new_key()}).status_code == 302
    row = RelatedPerson.objects.get(pk=person.pk)
    assert (row.custody, row.may_sign, row.may_be_told, row.custody_note) == (
        "none",
        False,
        False,
        "Order shown",
    )
    chart = client_of(cast.ana).get(reverse("patients:chart", args=[cast.leo.pk])).content.decode()
    assert [chart.count(words) for words in ("guardian, no custody", "may not sign", "not to be told")] == [
        1,
        1,
        1,
    ]
