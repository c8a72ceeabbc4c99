"""Guardians, adults who may come along, and what each may do for a patient."""

from django.db import transaction
from django.urls import reverse

from clinic import audit
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from patients.actions.records import refuse_merged
from patients.models import Patient, RelatedPerson
from patients.rules import reasons_not_to_relate


@transaction.atomic
def set_related_person(*, by, request_key, patient_pk, fields, now, pk=None, version=None):
    """Add a related person, or change the one with this id. `fields` are columns of RelatedPerson."""
    claim(request_key, location=reverse("patients:chart", args=[patient_pk]))
    patient = Patient.objects.visible_to(by).get(pk=patient_pk)
    refuse_merged(patient)
    person = (
        lock_version(patient.related_people.all(), pk, version)
        if pk
        else RelatedPerson(patient=patient, since=now)
    )
    changed = sorted(name for name, value in fields.items() if getattr(person, name) != value)
    for name in changed:
        setattr(person, name, fields[name])
    reasons = reasons_not_to_relate(
        name=person.name,
        relation=person.relation,
        guardian=person.guardian,
        custody=person.custody,
        may_sign=person.may_sign,
    )
    if reasons:
        raise Refused(reasons)
    person.save()
    verb = "edit related person" if pk else "add related person"
    audit.record(by=by, verb=verb, about=person, patient=patient, fields=changed)
    return person


@transaction.atomic
def end_related_person(*, by, request_key, patient_pk, pk, version, now):
    """From now on this person has no say and does not come along; the row stays and says until when it held."""
    claim(request_key, location=reverse("patients:chart", args=[patient_pk]))
    patient = Patient.objects.visible_to(by).get(pk=patient_pk)
    person = lock_version(patient.related_people.filter(until=None), pk, version)
    person.until = now
    person.save()
    audit.record(by=by, verb="end related person", about=person, patient=patient)
    return person
