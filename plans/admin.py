"""The library, templates and review rules to edit; plans to look up without their text."""

from django.contrib import admin
from django.urls import reverse

from clinic.admin import ClinicalAdmin
from clinic.reference_admin import LaidOverAdmin
from plans.models import (
    Goal,
    HomeActivity,
    HomeTick,
    Plan,
    PlanPause,
    PlanPhase,
    PlanRevision,
    PlanTemplate,
    PlanVisit,
    ReviewRule,
    Study,
)


@admin.register(Study)
class StudyAdmin(LaidOverAdmin):
    list_display = ["key", "title", "year", "design", "n", "verification"]
    list_filter = [*LaidOverAdmin.list_filter, "design", "verification", "like_sham"]
    search_fields = ["key", "title", "condition"]


@admin.register(PlanTemplate)
class PlanTemplateAdmin(LaidOverAdmin):
    list_display = ["key", "name", "region", "visits_planned", "duration_weeks", "hidden"]
    list_filter = [*LaidOverAdmin.list_filter, "region", "payer"]
    search_fields = ["key", "name"]
    # What is a list of lists has a page that checks it: plans/views/library.py.
    readonly_fields = [
        *("visits", "visits_planned", "visits_min", "visits_max", "duration_weeks", "maintenance"),
        *("point_suggestions", "outcome_schedule", "dose_source", "measures"),
    ]

    def has_add_permission(self, request):
        """A new one is begun from another, on its page."""
        return False

    def view_on_site(self, obj):
        return reverse("plans:template", args=[obj.key])


@admin.register(ReviewRule)
class ReviewRuleAdmin(LaidOverAdmin):
    list_display = ["key", "kind", "text", "template", "payer"]
    list_filter = [*LaidOverAdmin.list_filter, "kind", "payer"]
    search_fields = ["key", "text"]


@admin.register(Plan)
class PlanAdmin(ClinicalAdmin):
    patient_path = "patient_id"


@admin.register(Goal, HomeActivity, PlanPause, PlanPhase, PlanRevision, PlanVisit)
class OfPlanAdmin(ClinicalAdmin):
    patient_path = "plan.patient_id"


@admin.register(HomeTick)
class HomeTickAdmin(ClinicalAdmin):
    patient_path = "activity.plan.patient_id"
