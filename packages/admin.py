"""Packages to edit; purchases, approvals and their entries to look up. Every look is in the patient's log."""

from django.contrib import admin

from clinic.admin import RecordAdmin
from clinic.reference_admin import LaidOverAdmin
from packages.models import (
    Authorization,
    AuthorizationEntry,
    Coverage,
    CreditEntry,
    Extension,
    MoreVisits,
    Package,
    Policy,
    PolicyUse,
    Purchase,
    PurchasedVisits,
    Refund,
    Waiver,
)


@admin.register(Package)
class PackageAdmin(LaidOverAdmin):
    list_display = ["key", "name", "price", "valid_days"]
    search_fields = ["key", "name"]


@admin.register(Policy)
class PolicyAdmin(RecordAdmin):
    list_display = ["at", "late_hours", "late_takes_visit", "no_show_takes_visit"]


@admin.register(Purchase)
class PurchaseAdmin(RecordAdmin):
    """The agreement as PDF is opened from the patient's account."""

    patient_path = "patient_id"
    list_display = ["sold_at", "name", "price", "valid_until"]
    exclude = ["pdf"]


@admin.register(PurchasedVisits, CreditEntry, Extension, Refund)
class OfPurchaseAdmin(RecordAdmin):
    patient_path = "purchase.patient_id"


@admin.register(Coverage, Authorization, MoreVisits, PolicyUse)
class OfPatientAdmin(RecordAdmin):
    patient_path = "patient_id"


@admin.register(AuthorizationEntry)
class AuthorizationEntryAdmin(RecordAdmin):
    patient_path = "authorization.patient_id"


@admin.register(Waiver)
class WaiverAdmin(RecordAdmin):
    patient_path = "use.patient_id"
