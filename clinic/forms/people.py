from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.models import STAFF_ROLES, Location, Role, User

STAFF_CHOICES = [(role.value, role.label) for role in Role if role in STAFF_ROLES]


class StaffForm(forms.Form):
    """Who somebody is, what they do and where: the same for a member of staff and for an invitation."""

    name = forms.CharField(label=_("Name"), max_length=150)
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=STAFF_CHOICES, required=False, widget=forms.CheckboxSelectMultiple
    )
    locations = forms.MultipleChoiceField(
        label=_("Works at"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Front desk and providers find the patients and see the day of these locations; owners of all."
        ),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["locations"].choices = list(Location.objects.values_list("pk", "name"))

    def chosen(self):
        """What the actions take."""
        typed = self.cleaned_data
        return {
            "name": typed["name"],
            "roles": typed["roles"],
            "location_ids": [int(pk) for pk in typed["locations"]],
        }


class InvitationForm(StaffForm):
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    field_order = ["name", "email", "roles", "locations"]


class AcceptForm(forms.Form):
    """Name and password of a new account."""

    name = forms.CharField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 15 characters. A sentence is easy to remember and hard to guess."),
    )
    again = forms.CharField(
        label=_("The same password once more"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args, email, **kwargs):
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self):
        typed = super().clean()
        password = typed.get("password")
        if password and typed.get("again") and password != typed["again"]:
            self.add_error("again", _("The two passwords differ. Type the same one twice."))
        if password:
            try:
                validate_password(password, User(email=self.email))
            except ValidationError as fault:
                self.add_error("password", fault)
        return typed
