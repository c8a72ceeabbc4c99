"""What PostgreSQL itself refuses, whoever asks."""

import pytest
from django.db import IntegrityError, InternalError, connection, transaction
from django.db.models import F
from django.utils import timezone

from patients.models import CareTeam, Patient, PatientLocation

pytestmark = pytest.mark.django_db


def refused(act, *faults):
    with pytest.raises(faults or IntegrityError), transaction.atomic():
        act()


def test_a_patient_has_a_name(cast):
    refused(lambda: Patient.objects.create(given_name="", family_name="Garcia"))


def test_a_record_is_not_merged_into_itself(cast):
    mine = Patient.objects.filter(pk=cast.maria.pk)
    refused(lambda: mine.update(merged_into=cast.maria.pk, version=F("version") + 1))


def test_an_update_raises_the_version(cast):
    mine = Patient.objects.filter(pk=cast.maria.pk)
    refused(lambda: mine.update(given_name="Mary"), IntegrityError, InternalError)
    refused(lambda: cast.leos_mother.__class__.objects.update(name="Nobody"), IntegrityError, InternalError)
    mine.update(given_name="Mary", version=F("version") + 1)
    assert mine.get().given_name == "Mary"


def test_saving_raises_the_version(cast):
    before = cast.maria.version
    cast.maria.save()
    assert Patient.objects.get(pk=cast.maria.pk).version == before + 1


def test_a_location_is_named_once(cast):
    refused(lambda: PatientLocation.objects.create(patient=cast.maria, location=cast.uptown))


def test_a_reason_to_be_in_the_care_team_is_open_once(cast):
    row = {"patient": cast.maria, "user": cast.mei, "why": "visit", "since": timezone.now()}
    first = CareTeam.objects.create(**row)
    refused(lambda: CareTeam.objects.create(**row))
    first.until = timezone.now()
    first.save()
    assert CareTeam.objects.create(**row).pk


@pytest.mark.parametrize("table", ["patient", "relatedperson", "careteam", "merge", "household"])
def test_the_application_deletes_no_record(cast, table):
    with (
        pytest.raises(Exception, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM patients_{table}")


def test_the_search_text_follows_every_save(cast):
    cast.maria.family_name = "Núñez"
    cast.maria.save(update_fields=["family_name"])
    assert Patient.objects.get(pk=cast.maria.pk).search_text.startswith("maria nunez maria")
