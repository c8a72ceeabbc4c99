"""The owner's admin: reference data to edit, everything else to look up. What is looked at is in the audit log.

Other apps' admins build on `ReferenceAdmin` and `RecordAdmin` here.
"""

# These register tables of libraries, which are taken out again below.
import allauth.account.admin
import allauth.mfa.admin  # noqa: F401
import django.contrib.auth.admin  # noqa: F401
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic import audit, queries
from clinic.database import MAY_DELETE
from clinic.models import (
    AuditEvent,
    AuditSeal,
    Clinic,
    Closure,
    Invitation,
    Location,
    OpeningHours,
    Profile,
    RoleGrant,
    Room,
    RoomKind,
    Submission,
    User,
    Workplace,
)
from clinic.rules.places import reasons_not_to_save_hours, reasons_not_to_save_location

admin.site.site_header = admin.site.site_title = _("Reference data and records")
admin.site.index_title = _("Everything the clinic keeps")
admin.site.disable_action("delete_selected")
# Nobody gets rights through groups, and addresses and second factors change only in their owner's hands.
for model in (Group, EmailAddress, EmailConfirmation, Authenticator):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


class RowForm(forms.ModelForm):
    """A form that knows which version it was filled from, and refuses to overwrite a newer one."""

    row_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.stored_version = None if self.instance._state.adding else self.instance.version
        self.fields["row_version"].initial = self.stored_version

    def clean(self):
        typed = super().clean()
        if self.stored_version is not None and self.cleaned_data.get("row_version") != self.stored_version:
            raise ValidationError(
                _("Somebody else changed this meanwhile. Open it again and repeat your change.")
            )
        return typed


class Audited(admin.ModelAdmin):
    """Reads and changes are audit events; `patient_path` leads from a row to its patient's id."""

    patient_path = None
    show_full_result_count = False
    list_per_page = 50

    def changelist_view(self, request, extra_context=None):
        audit.record(by=request.user, verb="admin read", about=self.opts.label_lower)
        return super().changelist_view(request, extra_context)

    def history_view(self, request, object_id, extra_context=None):
        audit.record(by=request.user, verb="admin read", about=self.opts.label_lower, what="history")
        return super().history_view(request, object_id, extra_context)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            audit.record(by=request.user, verb="admin read", about=obj, patient=self.patient_of(obj))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def log_addition(self, request, obj, message):
        audit.record(by=request.user, verb="admin add", about=obj)
        return super().log_addition(request, obj, message)

    def log_change(self, request, obj, message):
        audit.record(by=request.user, verb="admin change", about=obj, changed=message)
        return super().log_change(request, obj, message)

    def log_deletions(self, request, queryset):
        for obj in queryset:
            audit.record(by=request.user, verb="admin delete", about=obj)
        return super().log_deletions(request, queryset)

    def patient_of(self, obj):
        for name in (self.patient_path or "").split("."):
            obj = getattr(obj, name, None) if name else None
        return obj


class RecordAdmin(Audited):
    """Rows to look up, never to change: they have pages and rules of their own."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


# What a clinical row shows here: whose, when, by whom, and numbers of its own; words need a reason to be read.
WORDLESS = (models.ForeignKey, models.OneToOneField, models.DateField, models.UUIDField, models.BooleanField)


class ClinicalAdmin(RecordAdmin):
    """Clinical rows without their text: it stands in the chart, which an owner opens with a reason."""

    change_form_template = "admin/clinic/clinical_change_form.html"
    list_display = ["pk"]

    def get_fields(self, request, obj=None):
        return [field.name for field in self.opts.concrete_fields if isinstance(field, WORDLESS)]

    def get_readonly_fields(self, request, obj=None):
        """As ids: what a row is called can be clinical, too."""
        return [f"{name}_id" if name in self.relations() else name for name in self.get_fields(request)]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None:
            context["reason_at"] = reverse("patients:open_with_reason", args=[self.patient_of(obj)])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def relations(self):
        return {field.name for field in self.opts.concrete_fields if field.is_relation}


class ReferenceAdmin(Audited):
    """Rows to edit; only those of tables the application may delete from can be deleted."""

    form = RowForm

    def get_object(self, request, object_id, from_field=None):
        found = super().get_object(request, object_id, from_field)
        if found is not None and request.method == "POST":
            # Locked and read again: of two people who save one row, the second reads that it changed.
            found = self.model._default_manager.select_for_update(of=("self",)).get(pk=found.pk)
        return found

    def has_delete_permission(self, request, obj=None):
        return self.opts.db_table in MAY_DELETE and super().has_delete_permission(request, obj)


class ReferenceInline(admin.TabularInline):
    form = RowForm
    extra = 0

    def has_delete_permission(self, request, obj=None):
        return self.opts.db_table in MAY_DELETE and super().has_delete_permission(request, obj)


class LocationForm(RowForm):
    def clean(self):
        typed = super().clean()
        active = self.cleaned_data.get("active", True)
        others = queries.other_active_locations(self.instance.pk)
        reasons = reasons_not_to_save_location(active=active, others_active=others)
        if reasons:
            raise ValidationError(reasons)
        return typed


class HoursFormSet(forms.BaseInlineFormSet):
    def clean(self):
        super().clean()
        rows = [form.cleaned_data for form in self.forms if form.is_valid() and form.cleaned_data]
        hours = [
            (row["weekday"], row["opens"], row["closes"]) for row in rows if row and not row.get("DELETE")
        ]
        reasons = [] if any(self.errors) else reasons_not_to_save_hours(hours)
        if reasons:
            raise ValidationError(reasons)


class OpeningHoursInline(ReferenceInline):
    model = OpeningHours
    formset = HoursFormSet

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("location")


@admin.register(Clinic)
class ClinicAdmin(ReferenceAdmin):
    def has_add_permission(self, request):
        return False


@admin.register(Location)
class LocationAdmin(ReferenceAdmin):
    form = LocationForm
    inlines = [OpeningHoursInline]
    list_display = ["name", "state", "zone", "active"]


@admin.register(RoomKind)
class RoomKindAdmin(ReferenceAdmin):
    list_display = ["name", "key"]


@admin.register(Room)
class RoomAdmin(ReferenceAdmin):
    list_display = ["name", "location", "kind", "step_free", "active"]
    list_filter = ["location", "kind"]
    list_select_related = ["location", "kind"]


@admin.register(Closure)
class ClosureAdmin(RecordAdmin):
    list_display = ["reason", "location", "starts_at", "ends_at"]
    list_select_related = ["location"]


@admin.register(User)
class UserAdmin(RecordAdmin):
    fields = ["email", "is_active", "date_joined", "last_login"]
    list_display = ["email", "profile", "is_active"]
    search_fields = ["email", "profile__name"]


@admin.register(Profile)
class ProfileAdmin(RecordAdmin):
    list_display = ["name", "user"]
    list_select_related = ["user__profile"]


@admin.register(RoleGrant)
class RoleGrantAdmin(RecordAdmin):
    list_display = ["user", "role", "since", "until"]
    list_select_related = ["user__profile"]


@admin.register(Workplace)
class WorkplaceAdmin(RecordAdmin):
    list_display = ["user", "location"]
    list_select_related = ["user__profile", "location"]


@admin.register(Invitation)
class InvitationAdmin(RecordAdmin):
    exclude = ["token_sha256"]
    list_display = ["name", "email", "invited_at", "expires_at", "accepted_at"]


@admin.register(AuditEvent)
class AuditEventAdmin(RecordAdmin):
    list_display = ["at", "by", "verb", "object", "patient"]
    list_select_related = ["by__profile"]
    ordering = ["-at"]


@admin.register(AuditSeal)
class AuditSealAdmin(RecordAdmin):
    list_display = ["number", "sealed_at"]
    raw_id_fields = ["event"]
    ordering = ["-number"]


@admin.register(Submission)
class SubmissionAdmin(RecordAdmin):
    fields = ["at", "user", "answer_status", "answer_location"]
    list_display = ["at", "user", "answer_status", "answer_location"]
    list_select_related = ["user__profile"]
    ordering = ["-at"]
