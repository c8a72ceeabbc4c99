"""Patients' rows to look up, without free text; every look is in the patient's log."""

from django.contrib import admin

from clinic.admin import RecordAdmin
from patients.models import CareTeam, Household, Merge, Patient, PatientLocation, RelatedPerson, Restriction


@admin.register(Patient)
class PatientAdmin(RecordAdmin):
    patient_path = "pk"
    exclude = ["staff_notes", "search_text"]
    list_display = ["name", "birth_date", "registered_at", "merged_into"]
    list_select_related = ["merged_into"]
    search_fields = ["search_text"]


@admin.register(Household)
class HouseholdAdmin(RecordAdmin):
    pass


@admin.register(PatientLocation)
class PatientLocationAdmin(RecordAdmin):
    patient_path = "patient_id"
    list_display = ["patient", "location"]
    list_select_related = ["patient", "location"]


@admin.register(RelatedPerson)
class RelatedPersonAdmin(RecordAdmin):
    patient_path = "patient_id"
    list_display = ["name", "relation", "patient", "guardian", "until"]
    list_select_related = ["patient"]


@admin.register(CareTeam)
class CareTeamAdmin(RecordAdmin):
    patient_path = "patient_id"
    list_display = ["patient", "user", "why", "since", "until"]
    list_select_related = ["patient", "user__profile"]


@admin.register(Merge)
class MergeAdmin(RecordAdmin):
    patient_path = "kept_id"
    # What was moved is a copy of the merged record.
    exclude = ["moved"]
    list_display = ["kept", "merged", "at", "by", "undone_at"]
    list_select_related = ["kept", "merged", "by__profile"]


@admin.register(Restriction)
class RestrictionAdmin(RecordAdmin):
    patient_path = "patient_id"
    list_display = ["patient", "because", "since", "by", "lifted_at"]
    list_select_related = ["patient", "by__profile"]
