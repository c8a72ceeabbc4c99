from django.contrib import admin

from acupoints.actions.reference import refresh_search_text
from acupoints.models import Acupoint, PointAlias, SafetyRule, Term
from clinic.reference_admin import LaidOverAdmin


@admin.register(Acupoint)
class AcupointAdmin(LaidOverAdmin):
    list_display = ["key", "pinyin", "english_name", "meridian", "region"]
    list_filter = [*LaidOverAdmin.list_filter, "meridian", "region"]
    search_fields = ["key", "pinyin_plain", "english_name"]

    def saved(self):
        refresh_search_text()


@admin.register(PointAlias)
class PointAliasAdmin(LaidOverAdmin):
    list_display = ["alias", "kind", "target", "usual_us"]
    list_filter = [*LaidOverAdmin.list_filter, "kind"]
    search_fields = ["alias", "target"]

    def saved(self):
        refresh_search_text()


@admin.register(SafetyRule)
class SafetyRuleAdmin(LaidOverAdmin):
    list_display = ["key", "condition", "applies_type", "severity", "action", "needs_clinician_review"]
    list_filter = [*LaidOverAdmin.list_filter, "severity", "needs_clinician_review"]
    search_fields = ["key", "condition", "rationale"]


@admin.register(Term)
class TermAdmin(LaidOverAdmin):
    list_display = ["key", "name", "kind", "group"]
    list_filter = [*LaidOverAdmin.list_filter, "kind"]
    search_fields = ["key", "name"]
