"""Measures to hide or name; what was asked and answered to look up without its words."""

from django.contrib import admin

from clinic.admin import ClinicalAdmin
from clinic.reference_admin import LaidOverAdmin
from outcomes.models import Activity, AnswerLink, Assessment, Measure, Score


@admin.register(Measure)
class MeasureAdmin(LaidOverAdmin):
    """The wording and scoring of a measure belong to its authors: read here, and changed by nobody."""

    list_display = ["key", "name", "domain"]
    search_fields = ["key", "name", "domain"]

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), "definition", "position"]

    def has_add_permission(self, request):
        return False


@admin.register(Activity, AnswerLink, Assessment, Score)
class OfPatientAdmin(ClinicalAdmin):
    patient_path = "patient_id"
