"""Red-flag questions to edit; everything else to look up without its text. Every look is in the patient's log."""

from django.contrib import admin

from clinic.admin import ClinicalAdmin, RecordAdmin
from clinic.reference_admin import LaidOverAdmin
from intake.models import (
    Allergy,
    CareElsewhere,
    Condition,
    Consent,
    FormLink,
    Letter,
    ListCheck,
    Medication,
    MedicationDose,
    Questionnaire,
    RaisedFlag,
    RedFlag,
    Referral,
    Response,
    Screening,
    Signature,
    SignOff,
)


@admin.register(RedFlag)
class RedFlagAdmin(LaidOverAdmin):
    list_display = ["key", "region", "group", "question", "action", "needs_clinician_review"]
    list_filter = [*LaidOverAdmin.list_filter, "region", "action", "needs_clinician_review"]
    search_fields = ["key", "question"]


@admin.register(
    Allergy,
    CareElsewhere,
    Condition,
    Consent,
    FormLink,
    Letter,
    ListCheck,
    Medication,
    RaisedFlag,
    Referral,
    Response,
    Screening,
    Signature,
)
class OfPatientAdmin(ClinicalAdmin):
    patient_path = "patient_id"


@admin.register(MedicationDose)
class MedicationDoseAdmin(ClinicalAdmin):
    patient_path = "medication.patient_id"


@admin.register(Questionnaire)
class QuestionnaireAdmin(RecordAdmin):
    """Wording is edited under Forms, where each change is a new version."""

    list_display = ["title", "number", "origin", "made_at"]


@admin.register(SignOff)
class SignOffAdmin(RecordAdmin):
    list_display = ["what", "clinician", "signed_on", "at"]
