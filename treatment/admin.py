"""Kinds of reaction to edit; notes and what belongs to them to look up without their text."""

from django.contrib import admin

from clinic.admin import ClinicalAdmin, RecordAdmin
from clinic.reference_admin import LaidOverAdmin
from treatment.models import (
    AbsolutePermission,
    Addendum,
    Adjunct,
    Adjustment,
    AgainstRule,
    ChartSettings,
    ContactNote,
    Handover,
    NeedleBox,
    NeedleCount,
    NeedleSet,
    Needling,
    Note,
    NoteSave,
    NoteTemplate,
    Reaction,
    ReactionKind,
    RegionFinding,
    SegmentFinding,
    Vitals,
)


@admin.register(ReactionKind)
class ReactionKindAdmin(LaidOverAdmin):
    list_display = ["key", "event", "category", "expected_severity", "external_report"]
    list_filter = [*LaidOverAdmin.list_filter, "category", "external_report"]
    search_fields = ["key", "event"]


@admin.register(Note, ContactNote, Handover, Reaction)
class OfPatientAdmin(ClinicalAdmin):
    patient_path = "patient_id"


@admin.register(
    Addendum,
    Adjunct,
    Adjustment,
    AgainstRule,
    NeedleCount,
    NeedleSet,
    Needling,
    NoteSave,
    RegionFinding,
    SegmentFinding,
    Vitals,
)
class OfNoteAdmin(ClinicalAdmin):
    patient_path = "note.patient_id"


@admin.register(AbsolutePermission, ChartSettings, NeedleBox, NoteTemplate)
class LookedUpAdmin(RecordAdmin):
    """Changed on pages of their own."""
