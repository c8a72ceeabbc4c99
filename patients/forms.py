"""Shape and type of what is written about a patient, and in which order it is asked."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Fieldset, Layout, Row
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator, MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from patients.models import Patient, RelatedPerson, RestrictedBecause
from patients.rules.searching import DATE_FORMATS

TOO_LONG = _("At most %(limit_value)s characters fit here; this has %(show_value)s. Shorten it.")
NO_PHONE = _("This is not a phone number. Write the area code and all digits, for example (919) 555-0123.")
NO_EMAIL = _("This is not an e-mail address. It looks like name@example.com.")
NO_DATE = _("This is not a date. Write month/day/year, for example 3/14/1987.")
LONGEST_NOTE = 5000


class PlainForm(forms.ModelForm):
    """Errors that say what to do, and a layout without a form tag of its own."""

    layout = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            say_what_to_do(name, field)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        # The refusals at the top of the page name every error: not a second time here.
        self.helper.template = "patients/_layout.html"
        self.helper.layout = Layout(*self.layout)

    def clean(self):
        """Without the checks of constraints: the actions say the same in sentences."""
        return self.cleaned_data

    @property
    def values(self):
        return {name: self.cleaned_data[name] for name in self._meta.fields}


def say_what_to_do(name, field):
    for validator in field.validators:
        if isinstance(validator, MaxLengthValidator):
            validator.message = TOO_LONG
    if isinstance(field, PhoneNumberField):
        field.error_messages["invalid"] = NO_PHONE
        field.validators = [phone_is_possible]
    elif isinstance(field, forms.EmailField):
        field.error_messages["invalid"] = NO_EMAIL
        field.validators = [
            EmailValidator(NO_EMAIL) if isinstance(one, EmailValidator) else one for one in field.validators
        ]
    # What a browser remembers of one patient must not turn up in the record of the next.
    field.widget.attrs.setdefault("autocomplete", "off")


def phone_is_possible(number):
    if not (number and number.is_valid()):
        raise ValidationError(NO_PHONE)


def date_field(label):
    return forms.DateField(
        label=label,
        required=False,
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(format="%m/%d/%Y"),
        help_text=_("Month/day/year"),
        error_messages={"invalid": NO_DATE},
    )


def side_by_side(*names):
    return Row(*(Column(name, css_class="col-md") for name in names), css_class="gx-3")


def group(legend, *fields):
    return Fieldset(legend, *fields, css_class="border-top pt-3 mt-2")


class RegisterForm(PlainForm):
    birth_date = date_field(_("Birth date"))
    anyway = forms.BooleanField(
        required=False,
        label=_("None of these is the same person"),
        help_text=_("Register a new record anyway."),
    )
    layout = (
        side_by_side("given_name", "family_name"),
        side_by_side("phone", "email"),
        side_by_side("birth_date", "preferred_name"),
    )

    class Meta:
        model = Patient
        fields = ["given_name", "family_name", "phone", "email", "birth_date", "preferred_name"]
        error_messages = {
            "given_name": {"required": _("Write a name. The first name is enough to begin with.")}
        }

    def ask_whether_anyway(self):
        """Likely duplicates are on the page: the form gets the field that says they are not."""
        self.helper.layout.fields.append("anyway")


class PatientForm(PlainForm):
    birth_date = date_field(_("Birth date"))
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    layout = (
        group(
            _("Who"),
            side_by_side("given_name", "family_name"),
            side_by_side("preferred_name", "pronouns", "birth_date"),
        ),
        group(_("How to reach them"), side_by_side("phone", "email"), side_by_side("reach_by", "language")),
        group(
            _("What booking looks at"),
            side_by_side("prefers_gender", "prefers_time"),
            "needs_step_free",
            "anyone_is_fine",
        ),
        group(_("In an emergency"), side_by_side("emergency_name", "emergency_relation", "emergency_phone")),
        group(_("Care elsewhere"), side_by_side("physician_name", "physician_phone")),
        group(_("Among ourselves"), "staff_notes"),
    )

    class Meta:
        model = Patient
        fields = [
            "given_name", "family_name", "preferred_name", "pronouns", "birth_date", "phone", "email", "reach_by",
            "language", "prefers_gender", "prefers_time", "needs_step_free", "anyone_is_fine",
            "emergency_name", "emergency_relation", "emergency_phone", "physician_name", "physician_phone",
            "staff_notes",
        ]  # fmt: skip
        error_messages = {
            "given_name": {"required": _("Write a name. The first name is enough to begin with.")}
        }
        help_texts = {
            "pronouns": _("For example she/her"),
            "anyone_is_fine": _("When a provider is away, another one may be booked without asking."),
            "needs_step_free": _("Only rooms that are reached without stairs are offered."),
            "staff_notes": _("Only staff read this. Nothing about health: that belongs in the chart."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["staff_notes"].widget.attrs["rows"] = 4
        self.fields["staff_notes"].validators.append(MaxLengthValidator(LONGEST_NOTE, TOO_LONG))
        for name in ("prefers_gender", "prefers_time"):
            no_preference(self.fields[name])


def not_said(field):
    field.choices = [(value, label if value else _("not said")) for value, label in field.choices]


def no_preference(field):
    field.choices = [(value, label if value else _("no preference")) for value, label in field.choices]


class RelatedPersonForm(PlainForm):
    layout = (
        side_by_side("name", "relation"),
        side_by_side("phone", "email"),
        "may_accompany",
        "guardian",
        group(
            _("As a guardian"),
            side_by_side("custody", "custody_note"),
            side_by_side("may_sign", "may_be_told"),
        ),
        group(_("What this person may do online"), "appointments", "forms", "payments", "health_details"),
    )

    class Meta:
        model = RelatedPerson
        fields = [
            "name", "relation", "phone", "email", "guardian", "may_accompany", "custody", "custody_note", "may_sign",
            "may_be_told", "appointments", "forms", "payments", "health_details",
        ]  # fmt: skip
        error_messages = {
            "name": {"required": _("Write the person's name.")},
            "relation": {
                "required": _("Write how they are related, for example mother, husband or neighbor.")
            },
        }
        help_texts = {
            "guardian": _("Decides for a minor, or for an adult who cannot."),
            "custody_note": _("Such as the court order and its date."),
            "may_accompany": _("The desk finds this name when the patient is checked in."),
            "appointments": _("These four count from the day this person has an account."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        not_said(self.fields["custody"])


class OpenForm(forms.Form):
    """Why somebody opens what is not open to them."""

    reason = forms.CharField(
        label=_("Why you open it"), max_length=300, error_messages={"required": _("Say why you open it.")}
    )


class RestrictForm(forms.Form):
    because = forms.ChoiceField(
        label=_("The patient"),
        choices=RestrictedBecause.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose why the chart is closed.")},
    )
