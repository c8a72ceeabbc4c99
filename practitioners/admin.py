from django.contrib import admin

from clinic.admin import RecordAdmin, ReferenceAdmin
from practitioners.models import (
    Absence,
    Certification,
    Coverage,
    License,
    LicenseKind,
    LicenseNotice,
    Practitioner,
    WorkingHours,
)


@admin.register(LicenseKind)
class LicenseKindAdmin(ReferenceAdmin):
    list_display = ["name", "key"]


@admin.register(Coverage)
class CoverageAdmin(ReferenceAdmin):
    list_display = ["license_kind", "state", "discipline", "may_remove_needles"]
    list_filter = ["state", "license_kind"]
    list_select_related = ["license_kind", "discipline"]


@admin.register(Practitioner)
class PractitionerAdmin(ReferenceAdmin):
    list_display = ["name", "credentials", "user", "active"]
    list_select_related = ["user__profile"]


@admin.register(License)
class LicenseAdmin(RecordAdmin):
    list_display = ["practitioner", "kind", "number", "state", "expires_on", "verified_on"]
    list_select_related = ["practitioner", "kind"]


@admin.register(LicenseNotice)
class LicenseNoticeAdmin(RecordAdmin):
    list_display = ["license", "expires_on", "days", "at"]
    list_select_related = ["license__kind"]


@admin.register(Certification)
class CertificationAdmin(RecordAdmin):
    list_display = ["practitioner", "name", "number", "expires_on"]
    list_select_related = ["practitioner"]


@admin.register(WorkingHours)
class WorkingHoursAdmin(RecordAdmin):
    list_display = ["practitioner", "location", "weekday", "starts", "ends", "valid_from", "valid_until"]
    list_select_related = ["practitioner", "location"]


@admin.register(Absence)
class AbsenceAdmin(RecordAdmin):
    # The note may say why somebody is ill.
    exclude = ["note"]
    list_display = ["practitioner", "starts_at", "ends_at", "kind"]
    list_select_related = ["practitioner"]
