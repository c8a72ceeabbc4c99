"""What the panels of an existing visit take."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic import walltime
from scheduling.forms.booking import OptionField, date_field, say, text_field, time_field

SAME_PEOPLE, ANYONE = "same", "anyone"
WHO = [(SAME_PEOPLE, _("The same people")), (ANYONE, _("Whoever is free"))]
# What is said most on the phone; anything else is typed.
CLINICS_WISH = _("clinic’s wish")
CANCEL_REASONS = [_("ill"), _("no time"), _("feels better"), _("weather or traffic"), CLINICS_WISH]
NOT_DONE_REASONS = [_("unwell"), _("provider away"), _("patient’s wish"), _("no time")]


class MoveForm(forms.Form):
    """Where a visit goes: an offered time, or a typed one. Without `final` a time need not be chosen yet."""

    who = forms.ChoiceField(
        label=_("With"), choices=WHO, initial=SAME_PEOPLE, required=False, error_messages=say()
    )
    date = date_field(_("From"))
    time = time_field(_("Exact time"))
    offer = OptionField(label=_("Time"), required=False)
    overbook_reason = text_field(_("Double-book on purpose: why?"), 200)

    def __init__(self, *args, final=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.final = final

    def clean(self):
        values = super().clean()
        typed = values.get("date") and values.get("time")
        if values.get("time") and not values.get("date") and "date" not in self.errors:
            self.add_error("date", _("Which day? An exact time needs a date."))
        elif self.final and not self.errors and values.get("offer") is None and not typed:
            self.add_error("offer", _("Choose a time."))
        return values


class ReasonForm(forms.Form):
    """Why: typed, or tapped where nothing is typed."""

    reason = text_field(_("Another reason"), 200)
    tapped = text_field(_("Reason"), 200, widget=forms.HiddenInput)

    @property
    def said(self):
        return self.cleaned_data["reason"] or self.cleaned_data["tapped"]


class CancelForm(ReasonForm):
    """Canceling, late too: `waive` gives the package visits back in the same breath, with a reason of its own.

    `told_on` and `told_at`: when the patient told us, if not just now. A time without a day is one of today.
    """

    told_on = date_field(_("Told us on"))
    told_at = time_field(_("at"))
    waive = forms.BooleanField(label=_("Waive it"), required=False)
    waive_reason = text_field(_("Why it is waived"), 200)

    def clean(self):
        values = super().clean()
        if values.get("waive") and not values.get("waive_reason"):
            self.add_error("waive_reason", _("Say why it is waived, in a word or two."))
        if values.get("told_on") and not values.get("told_at") and "told_at" not in self.errors:
            self.add_error("told_at", _("At what time did the patient tell us? A day alone is not enough."))
        return values

    def notice_at(self, zone, now):
        """The instant that was typed, or None for now."""
        at, day = self.cleaned_data["told_at"], self.cleaned_data["told_on"]
        return walltime.instant(day or walltime.local(now, zone).date(), at, zone) if at else None

    @property
    def waived_because(self):
        return self.cleaned_data["waive_reason"] if self.cleaned_data["waive"] else ""

    @property
    def by_clinic(self):
        """The clinic wished it: no policy holds against the patient then."""
        return self.said == str(CLINICS_WISH)
