"""Records a test needs before it begins, and two of them made one."""

from frontdesk.actions.merging import merge
from patients.models import Patient, PatientLocation


def patient(cast, given="Maria", family="Garcia", **more):
    made = Patient.objects.create(given_name=given, family_name=family, **more)
    PatientLocation.objects.create(patient=made, location=cast.uptown)
    return made


def merge_into(cast, kept, merged):
    kept, merged = Patient.objects.get(pk=kept.pk), Patient.objects.get(pk=merged.pk)
    versions = {row.pk: row.version for row in (kept, merged)}
    return merge(by=cast.ana, request_key=None, kept=kept.pk, merged=merged.pk, versions=versions, chosen={})
