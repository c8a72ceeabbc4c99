"""Shape and type of what the owner enters. Whether it may be so is said by the rules."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.models import WEEKDAYS
from practitioners.models import Certification, License, Practitioner, WorkingHours

DATE = "%Y-%m-%d"
MINUTE = "%Y-%m-%dT%H:%M"


def date_input():
    return forms.DateInput(attrs={"type": "date"}, format=DATE)


def time_input():
    return forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M")


def apart(cleaned, name):
    """The fields of the row as `values`, and one that is none of them by its own name: what actions take."""
    return {"values": {key: value for key, value in cleaned.items() if key != name}, name: cleaned[name]}


class RowForm(forms.ModelForm):
    """Fields and first values of a row. The row itself stays as it is stored: the action changes and judges it."""

    def _post_clean(self):
        """Without Django's copying into the row and its checks of constraints, whose sentences are for programmers."""


class PractitionerForm(RowForm):
    class Meta:
        model = Practitioner
        fields = ["name", "credentials", "gender", "disciplines", "user", "active"]
        widgets = {"disciplines": forms.CheckboxSelectMultiple}
        labels = {"user": _("Account"), "active": _("Works here"), "disciplines": _("Practices")}
        help_texts = {
            "user": _(
                "The account with which this person signs in. Invite somebody first, then choose them here."
            ),
            "active": _("Without this tick nobody is offered or booked with this provider. Visits stay."),
        }

    def __init__(self, *args, accounts, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = accounts
        self.fields["user"].empty_label = _("none")

    def split(self):
        return apart(self.cleaned_data, "disciplines")


class CheckedForm(RowForm):
    """A license or certification with the owner's word that it was looked up."""

    checked = forms.BooleanField(
        required=False,
        label=_("I checked this with the issuer today"),
        help_text=_("Without this tick a change takes the mark of an earlier check away."),
    )

    def split(self):
        return apart(self.cleaned_data, "checked")


class LicenseForm(CheckedForm):
    state = forms.RegexField(
        r"^[A-Za-z]{2}$",
        label=_("State"),
        help_text=_("Two letters, for example NC."),
        error_messages={"invalid": _("Enter the state’s two letters, for example NC.")},
    )

    class Meta:
        model = License
        fields = ["kind", "number", "state", "issuer", "issued_on", "expires_on"]
        widgets = {"issued_on": date_input(), "expires_on": date_input()}
        help_texts = {"expires_on": _("From this day on it no longer counts.")}

    def clean_state(self):
        return self.cleaned_data["state"].upper()


class CertificationForm(CheckedForm):
    class Meta:
        model = Certification
        fields = ["name", "number", "issuer", "issued_on", "expires_on"]
        widgets = {"issued_on": date_input(), "expires_on": date_input()}


class HoursForm(RowForm):
    """One line of weekly hours."""

    class Meta:
        model = WorkingHours
        fields = ["weekday", "location", "starts", "ends", "valid_from", "valid_until"]
        widgets = {
            "starts": time_input(),
            "ends": time_input(),
            "valid_from": date_input(),
            "valid_until": date_input(),
        }
        help_texts = {
            "ends": _("12:00 am means the end of the day."),
            "valid_until": _("Leave empty for hours without an end."),
        }


class NewHoursForm(HoursForm):
    """The same hours on several weekdays at once."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("Weekdays"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )
    field_order = ["weekdays"]

    class Meta(HoursForm.Meta):
        fields = ["location", "starts", "ends", "valid_from", "valid_until"]

    def split(self):
        return apart(self.cleaned_data, "weekdays")


class BackEarlyForm(forms.Form):
    back_at = forms.DateTimeField(
        label=_("Back from"),
        input_formats=[MINUTE],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "step": 300}, format=MINUTE),
        error_messages={"invalid": _("Enter a day and a time.")},
    )
