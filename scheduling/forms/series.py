"""A weekly rule, and what is changed in a series."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.models import WEEKDAYS
from scheduling.forms.booking import date_field, text_field, time_field
from scheduling.rules.covering import SAY_TELL_FIRST
from scheduling.rules.recurrence import MOST, reasons_not_to_repeat
from services.models import Service

SCOPES = [("following", _("This visit and the following")), ("all", _("All that are still to come"))]


class RepeatForm(forms.Form):
    service = forms.ModelChoiceField(Service.objects.filter(active=True), label=_("What"))
    provider = forms.TypedChoiceField(label=_("Provider"), required=False, coerce=int, empty_value=None)
    weekdays = forms.TypedMultipleChoiceField(
        label=_("Every"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple, required=False
    )
    date = date_field(_("Starting on"), needed=_("Choose the first day."))
    time = time_field(_("At"), needed=_("Choose a time."))
    beyond_reason = text_field(_("Book them although nothing covers them: why?"), 200)
    patient_knows = forms.BooleanField(label=_("The patient knows"), required=False)
    count = forms.IntegerField(label=_("How many visits"), min_value=2, max_value=MOST, initial=8)

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = [("", _("Anyone who is free")), *people]

    def clean(self):
        values = super().clean()
        if values.get("beyond_reason") and not values.get("patient_knows"):
            self.add_error("beyond_reason", SAY_TELL_FIRST)
        if "count" in values:
            for reason in reasons_not_to_repeat(weekdays=values.get("weekdays"), count=values["count"]):
                self.add_error("weekdays" if not values.get("weekdays") else "count", reason)
        return values


class SeriesChangeForm(forms.Form):
    first = forms.UUIDField(widget=forms.HiddenInput, required=False)
    scope = forms.ChoiceField(label=_("Which visits"), choices=SCOPES)
    time = time_field(_("New time"))
    provider = forms.TypedChoiceField(label=_("Provider"), required=False, coerce=int, empty_value=None)
    reason = text_field(_("Why they are canceled"), 200)

    def __init__(self, *args, people, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = [("", _("The same as now")), *people]
