"""Questions about records."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from patients.actions import note_read
from patients.models import Patient, PatientLocation
from patients.queries import (
    Recipient,
    duplicates_of,
    household_of,
    ids_of,
    merge_of,
    recently_opened,
    recipient,
    related_people_of,
    who_looked,
)
from tests.cast import NOW
from tests.patients.rows import merge_into, patient

pytestmark = pytest.mark.django_db


def test_the_ids_of_one_person_are_those_of_all_their_records(cast, django_assert_num_queries):
    first, second = patient(cast), patient(cast)
    merge_into(cast, kept=second, merged=first)
    merge_into(cast, kept=cast.maria, merged=second)
    with django_assert_num_queries(1):
        found = ids_of(cast.maria)
    assert found == [cast.maria.pk, *sorted([first.pk, second.pk])]
    assert ids_of(cast.marta) == [cast.marta.pk]


def test_a_message_goes_to_the_name_the_person_wants(cast):
    cast.sunny.language = "es"
    assert recipient(cast.sunny) == Recipient(email=cast.sunny.email, name="Sunny", language="es")


def test_the_household_are_the_others_by_age(cast):
    assert household_of(cast.iris, cast.ana) == [cast.leo, cast.mia]
    assert household_of(cast.maria, cast.ana) == []


def test_members_of_the_household_who_come_elsewhere_are_not_shown(cast):
    PatientLocation.objects.filter(patient=cast.leo).update(location=cast.harbor)
    assert household_of(cast.iris, cast.ana) == [cast.mia]
    assert household_of(cast.iris, cast.olive) == [cast.leo, cast.mia]


def test_guardians_come_first_and_ended_relations_not_at_all(cast):
    now = timezone.now()
    assert related_people_of(cast.leo, now) == [cast.leos_mother, cast.leos_grandmother]
    cast.leos_mother.until = now
    cast.leos_mother.save()
    assert related_people_of(cast.leo, now) == [cast.leos_grandmother]
    assert related_people_of(cast.leo, now - timedelta(seconds=1)) == [
        cast.leos_mother,
        cast.leos_grandmother,
    ]


@pytest.mark.parametrize(
    "typed, found",
    [
        ({"given_name": "María", "family_name": "García"}, ["Garcia, Maria"]),
        ({"given_name": "Marai", "phone": "+19195550111"}, ["Garcia, Maria"]),
        ({"given_name": "Mary", "phone": "+19195550111"}, []),
        ({"given_name": "Maria", "birth_date": date(1985, 3, 14)}, ["Garcia, Maria"]),
        ({"given_name": "Maria", "email": "QMARIAZEMAIL@mail.example"}, ["Garcia, Maria"]),
        ({"given_name": "Priya", "family_name": "Shah"}, []),
        ({"given_name": "Luis", "phone": "+19195550111"}, []),
        ({"given_name": "%"}, []),
    ],
)
def test_likely_duplicates(cast, django_assert_num_queries, typed, found):
    cast.ana.roles, cast.ana.location_ids  # noqa: B018 - the page has read them already
    with django_assert_num_queries(1):
        rows = duplicates_of(cast.ana, Patient(**typed))
    assert [row.name for row in rows] == found


def test_the_likeliest_duplicate_comes_first(cast):
    twin = patient(cast, phone="+19195550111", birth_date=date(1985, 3, 14))
    typed = Patient(given_name="Maria", family_name="Garcia", phone="+19195550111", email=cast.maria.email)
    assert duplicates_of(cast.ana, typed) == [cast.maria, twin]
    assert duplicates_of(cast.ana, cast.maria) == [twin]


def test_old_records_are_no_duplicates(cast):
    merge_into(cast, kept=cast.maria, merged=patient(cast))
    assert duplicates_of(cast.ana, Patient(given_name="Maria", family_name="Garcia")) == [cast.maria]


def test_who_looked_names_everybody_who_opened_any_of_the_records(cast, django_assert_num_queries):
    old = patient(cast)
    note_read(by=cast.mei, patient=old)
    merge_into(cast, kept=cast.maria, merged=old)
    note_read(by=cast.ana, patient=cast.maria)
    with django_assert_num_queries(2):
        looked, more = who_looked(cast.maria, cast.uptown.tz, NOW)
    assert (sorted(row.name for row in looked), more) == (["Ana Desk", "Mei Tan"], False)
    assert who_looked(cast.marta, cast.uptown.tz, NOW) == ([], False)


def test_records_opened_lately_are_ones_own_and_still_visible(cast):
    now = timezone.now()
    for one in (cast.maria, cast.tunde):
        note_read(by=cast.ana, patient=one)
    assert {row.pk for row in recently_opened(cast.ana, now)} == {cast.maria.pk, cast.tunde.pk}
    assert recently_opened(cast.mei, now) == []
    assert recently_opened(cast.ana, now + timedelta(days=15)) == []
    PatientLocation.objects.filter(patient=cast.tunde).update(location=cast.harbor)
    assert recently_opened(cast.ana, now) == [cast.maria]


def test_the_merge_of_an_old_record(cast):
    old = patient(cast)
    made = merge_into(cast, kept=cast.maria, merged=old)
    assert merge_of(Patient.objects.get(pk=old.pk)) == made
    assert merge_of(cast.maria) is None
