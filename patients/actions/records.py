"""Registering and editing a record, and who may find it."""

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from clinic import audit
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from patients.models import CareTeam, Patient, PatientLocation
from patients.rules import reasons_not_to_edit, reasons_not_to_register


@transaction.atomic
def register(*, by, request_key, pk, location, fields, today, shown=None):
    """A new record with this id, found by the staff of `location`. `fields` are columns of Patient."""
    claim(request_key, location=shown or reverse("patients:chart", args=[pk]))
    patient = Patient(pk=pk, **fields)
    reasons = reasons_not_to_register(
        given_name=patient.given_name,
        phone=patient.phone,
        email=patient.email,
        birth_date=patient.birth_date,
        today=today,
    )
    if reasons:
        raise Refused(reasons)
    patient.save()
    if location:
        PatientLocation.objects.create(patient=patient, location=location)
    audit.record(by=by, verb="register", about=patient, patient=patient, fields=filled_in(fields))
    return patient


def filled_in(fields):
    return sorted(name for name, value in fields.items() if value not in ("", None, False))


@transaction.atomic
def edit(*, by, request_key, pk, version, fields, today, shown=None):
    """Change columns of a record. The audit names the columns, never what stood or stands in them."""
    claim(request_key, location=shown or reverse("patients:chart", args=[pk]))
    patient = lock_version(Patient.objects.visible_to(by), pk, version)
    changed = sorted(name for name, value in fields.items() if getattr(patient, name) != value)
    for name in changed:
        setattr(patient, name, fields[name])
    refuse_impossible(patient, today)
    patient.save()
    audit.record(by=by, verb="edit", about=patient, patient=patient, fields=changed)
    return patient


def refuse_impossible(patient, today):
    refuse_merged(patient)
    reasons = reasons_not_to_edit(
        given_name=patient.given_name,
        phone=patient.phone,
        email=patient.email,
        birth_date=patient.birth_date,
        reached_through_others=patient.household_id is not None or patient.related_people.exists(),
        today=today,
    )
    if reasons:
        raise Refused(reasons)


def refuse_merged(patient):
    if patient.merged_into_id:
        raise Refused(_("This is an old record. Open the one it was merged into and change that."))


@transaction.atomic
def note_read(*, by, patient):
    """Opening a record is an event, which its patient can ask for."""
    audit.record(by=by, verb="read", about=patient, patient=patient)


def note_location(*, patient, location):
    """The patient comes here: staff of the location may find them. Part of another action's transaction."""
    PatientLocation.objects.bulk_create(
        [PatientLocation(patient=patient, location=location)], ignore_conflicts=True
    )


def join_care_team(*, patient, user, why, now):
    """This person may see the patient, for this reason. Part of another action's transaction; twice is once."""
    CareTeam.objects.bulk_create(
        [CareTeam(patient=patient, user=user, why=why, since=now)], ignore_conflicts=True
    )
