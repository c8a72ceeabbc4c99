"""Visits to look up, without free text; every look is in the patient's log."""

from django.contrib import admin

from clinic.admin import RecordAdmin
from scheduling.models import (
    ActualTime,
    Appointment,
    Block,
    Call,
    Change,
    Reservation,
    Series,
    VisitPart,
    VisitPhase,
)


@admin.register(Appointment)
class AppointmentAdmin(RecordAdmin):
    patient_path = "patient_id"
    exclude = ["note", "ended_reason"]
    list_display = ["starts_at", "patient", "service", "location", "status"]
    list_filter = ["status", "location"]
    list_select_related = ["patient", "service", "location"]
    ordering = ["-starts_at"]


@admin.register(VisitPart)
class VisitPartAdmin(RecordAdmin):
    patient_path = "appointment.patient_id"
    exclude = ["reason"]
    raw_id_fields = ["appointment"]
    list_display = ["name", "appointment_id", "discipline", "status"]
    list_select_related = ["discipline"]


@admin.register(VisitPhase)
class VisitPhaseAdmin(RecordAdmin):
    patient_path = "visitpart.appointment.patient_id"
    raw_id_fields = ["visitpart"]
    list_display = ["starts_at", "kind", "minutes", "practitioner", "room"]
    list_select_related = ["practitioner", "room"]


@admin.register(ActualTime)
class ActualTimeAdmin(RecordAdmin):
    patient_path = "appointment.patient_id"
    raw_id_fields = ["appointment", "visitphase"]
    list_display = ["at", "what", "appointment_id", "by", "withdrawn"]
    list_select_related = ["by__profile"]
    ordering = ["-at"]


@admin.register(Change)
class ChangeAdmin(RecordAdmin):
    patient_path = "appointment.patient_id"
    # What undoing needs is a copy of the visit.
    exclude = ["before"]
    list_display = ["at", "verb", "appointment_id", "by", "undone_at"]
    list_select_related = ["by__profile"]
    ordering = ["-at"]


@admin.register(Series)
class SeriesAdmin(RecordAdmin):
    patient_path = "patient_id"
    list_display = ["patient", "wall_time", "created_at"]
    list_select_related = ["patient"]


@admin.register(Block)
class BlockAdmin(RecordAdmin):
    list_display = ["starts_at", "ends_at", "kind", "practitioner", "room", "removed_at"]
    list_select_related = ["practitioner", "room"]


@admin.register(Reservation)
class ReservationAdmin(RecordAdmin):
    patient_path = "appointment.patient_id"
    list_display = ["starts_at", "ends_at", "practitioner", "room", "live"]
    list_select_related = ["practitioner", "room"]
    raw_id_fields = ["appointment", "block"]


@admin.register(Call)
class CallAdmin(RecordAdmin):
    patient_path = "appointment.patient_id"
    raw_id_fields = ["appointment", "proposal"]
    list_display = ["appointment_id", "answer", "messages_left", "answered_at"]
