from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from clinic.admin import RecordAdmin, RowForm
from clinic.reference_admin import LaidOverAdmin
from messaging.models import OutboxMessage, StaffTask, Text
from messaging.rules import items_of_lines


@admin.register(OutboxMessage)
class OutboxMessageAdmin(RecordAdmin):
    # The text is left out: it may hold a link that opens an account.
    exclude = ["body"]
    list_display = ["created_at", "kind", "to", "sent_at", "withdrawn_at", "dead_at"]
    ordering = ["-created_at"]


@admin.register(StaffTask)
class StaffTaskAdmin(RecordAdmin):
    # The title can hold what only clinicians read.
    exclude = ["title", "outcome"]
    patient_path = "patient"
    list_display = ["opened_at", "kind", "for_role", "due_at", "closed_at"]
    ordering = ["-opened_at"]


class TextForm(RowForm):
    """The lines of a consent as lines; each keeps its id as long as its words stay."""

    lines = forms.CharField(
        label=_("lines to agree to"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 12, "cols": 100}),
        help_text=_("One line each."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["lines"].initial = "\n".join(item["text"] for item in self.instance.items)

    def save(self, commit=True):
        key = self.cleaned_data.get("key") or self.instance.key
        self.instance.items = items_of_lines(key, self.cleaned_data["lines"], self.instance.items)
        return super().save(commit)


@admin.register(Text)
class TextAdmin(LaidOverAdmin):
    form = TextForm
    exclude = ["items"]
    list_display = ["key", "title", "group", "needs_review"]
    list_filter = [*LaidOverAdmin.list_filter, "group", "needs_review"]
    search_fields = ["key", "title", "body"]
