from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError

from clinic.admin import ReferenceAdmin, ReferenceInline
from clinic.reference_admin import LaidOverAdmin
from services.models import Code, Discipline, KindOfCare, Part, Phase, Price, Service
from services.queries import steps_of
from services.rules import Step, is_acupuncture_session, price_warnings, reasons_not_to_save_service

STEP_FIELDS = [
    "position",
    "kind",
    "minutes",
    "max_minutes",
    "practitioner_needed",
    "patient_present",
    "same_practitioner_as",
    "same_room_as",
]


class PhaseFormSet(forms.BaseInlineFormSet):
    """The phases of one part, held to the rules together with those of the service's other parts."""

    def clean(self):
        super().clean()
        if any(self.errors) or self.instance.position is None:
            return
        others = Part.objects.filter(service=self.instance.service_id).exclude(pk=self.instance.pk)
        parts = sorted([*others.prefetch_related("phases"), self.instance], key=lambda part: part.position)
        steps = [step for step in steps_of(parts) if parts[step.part - 1] is not self.instance]
        steps += self._steps(parts.index(self.instance) + 1)
        steps.sort(key=lambda step: step.position)
        reasons = reasons_not_to_save_service([part.name for part in parts], steps)
        if reasons:
            raise ValidationError(reasons)

    def _steps(self, part):
        rows = [
            form.cleaned_data
            for form in self.forms
            if form.cleaned_data and not form.cleaned_data.get("DELETE")
        ]
        return [
            Step(
                part=part,
                room_kind=getattr(row["room_kind"], "pk", None),
                **{name: row[name] for name in STEP_FIELDS},
            )
            for row in rows
        ]


class PhaseInline(ReferenceInline):
    model = Phase
    formset = PhaseFormSet


@admin.register(Discipline)
class DisciplineAdmin(ReferenceAdmin):
    list_display = ["name", "key", "license_needed"]


@admin.register(KindOfCare)
class KindOfCareAdmin(ReferenceAdmin):
    list_display = ["name", "key"]


@admin.register(Service)
class ServiceAdmin(ReferenceAdmin):
    list_display = ["name", "key", "active", "position"]


@admin.register(Part)
class PartAdmin(ReferenceAdmin):
    inlines = [PhaseInline]
    list_display = ["name", "service", "position", "discipline", "kind_of_care"]
    list_select_related = ["service", "discipline", "kind_of_care"]

    def get_object(self, request, object_id, from_field=None):
        if request.method == "POST":
            # Whoever changes the steps of a service locks the service first: see services.actions.
            list(Service.objects.select_for_update().filter(parts__pk=object_id))
        return super().get_object(request, object_id, from_field)


@admin.register(Price)
class PriceAdmin(ReferenceAdmin):
    list_display = ["part", "location", "amount"]
    list_select_related = ["part", "location"]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        session = is_acupuncture_session(
            obj.part.discipline.key, set(obj.part.phases.values_list("kind", flat=True))
        )
        for warning in price_warnings(obj.part.name, obj.amount, acupuncture_session=session):
            messages.warning(request, warning)


@admin.register(Code)
class CodeAdmin(LaidOverAdmin):
    list_display = ["code_system", "code", "label", "region", "role"]
    list_filter = [*LaidOverAdmin.list_filter, "code_system", "role", "region"]
    search_fields = ["code", "label"]
