import pytest
from django.db import transaction

from clinic import audit
from clinic.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_an_event_says_who_did_what_to_whom_and_when(cast, now):
    made = audit.record(by=cast.ana, verb="read", about=cast.maria, patient=cast.maria, page="chart")
    kept = AuditEvent.objects.get(pk=made.pk)
    assert (kept.at, kept.by, kept.verb) == (now, cast.ana, "read")
    assert (kept.object, kept.patient) == (f"patients.patient:{cast.maria.pk}", cast.maria.pk)
    assert kept.detail == {"page": "chart"}


def test_a_patient_may_be_given_by_id_and_an_object_by_name(cast):
    made = audit.record(by=None, verb="load", about="clinic.reference", patient=cast.maria.pk)
    kept = AuditEvent.objects.get(pk=made.pk)
    assert (kept.by, kept.object, kept.patient, kept.detail) == (None, "clinic.reference", cast.maria.pk, {})


def record_and_fail(user):
    with transaction.atomic():
        audit.record(by=user, verb="read", about="clinic.test")
        raise ZeroDivisionError


def test_an_event_goes_with_the_transaction_it_belongs_to(cast):
    before = AuditEvent.objects.count()
    with pytest.raises(ZeroDivisionError):
        record_and_fail(cast.ana)
    assert AuditEvent.objects.count() == before


def test_an_event_costs_one_statement(cast, django_assert_num_queries):
    ana, maria = cast.ana, cast.maria
    with django_assert_num_queries(1):
        audit.record(by=ana, verb="read", about=maria, patient=maria)
