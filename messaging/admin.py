from django.contrib import admin

from clinic.admin import RecordAdmin
from messaging.models import OutboxMessage


@admin.register(OutboxMessage)
class OutboxMessageAdmin(RecordAdmin):
    # The text is left out: it may hold a link that opens an account.
    exclude = ["body"]
    list_display = ["created_at", "kind", "to", "sent_at", "withdrawn_at", "dead_at"]
    ordering = ["-created_at"]
