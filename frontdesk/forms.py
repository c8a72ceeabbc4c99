"""Shape and type of what is asked on the day; never whether something is allowed."""

from datetime import datetime
from typing import NamedTuple

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from clinic import walltime
from patients.rules.searching import DATE_FORMATS
from services.models import Service

NO_DATE = _("This is not a date. Write month/day/year, for example 3/14/1987.")
NO_PHONE = _("This is not a phone number. Write the area code and all digits, for example (919) 555-0123.")
TOO_LONG = _("At most %(limit_value)s characters fit here; this has %(show_value)s. Shorten it.")


def text_field(label, length, **more):
    field = forms.CharField(label=label, required=False, **more)
    field.validators.append(MaxLengthValidator(length, TOO_LONG))
    return field


def birth_date_field(label):
    return forms.DateField(
        label=label,
        required=False,
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(format="%m/%d/%Y", attrs=plain(inputmode="numeric", placeholder="3/14/1987")),
        error_messages={"invalid": NO_DATE},
    )


def plain(**attrs):
    """What a browser remembers of one patient must not turn up with the next."""
    return {"autocomplete": "off", "class": "form-control", **attrs}


class CheckInForm(forms.Form):
    """`companion` is a button: somebody of the record; `came_with` is typed."""

    born = birth_date_field(_("Birth date they say"))
    another_way = forms.BooleanField(
        label=_("Checked another way"),
        required=False,
        help_text=_("A card with a photo, or somebody here knows them."),
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )
    companion = text_field("", 150, widget=forms.HiddenInput)
    came_with = text_field(_("Somebody else: name"), 150, widget=forms.TextInput(attrs=plain()))

    @property
    def who_came(self):
        return self.cleaned_data["companion"] or self.cleaned_data["came_with"]


class HouseholdForm(CheckInForm):
    """One birth date for each member: fields born-<visit id>."""

    def __init__(self, *args, visits, **kwargs):
        super().__init__(*args, **kwargs)
        del self.fields["born"]
        self.visits = [visit for visit in visits if visit.patient.birth_date]
        for visit in self.visits:
            label = _("Birth date of %(name)s") % {"name": visit.patient.called}
            self.fields[f"born-{visit.pk}"] = birth_date_field(label)

    @property
    def dates(self):
        return [self[f"born-{visit.pk}"] for visit in self.visits]

    @property
    def born(self):
        """{visit id: what they say}"""
        return {visit.pk: self.cleaned_data[f"born-{visit.pk}"] for visit in self.visits}


class StepForm(forms.Form):
    what = forms.CharField(max_length=20)
    part = forms.UUIDField(required=False)
    room = forms.IntegerField(required=False, min_value=1, max_value=32767)


class RoomForm(forms.Form):
    room = forms.IntegerField(min_value=1, max_value=32767)


class ReasonForm(forms.Form):
    reason = text_field(_("Why"), 200)


class LongerForm(forms.Form):
    minutes = forms.TypedChoiceField(choices=[(5, "5"), (10, "10")], coerce=int)


class WayForm(forms.Form):
    """One way out: a time with people and rooms, for one visit; `minutes` of needles where fewer are left."""

    starts_at = forms.DateTimeField()
    practitioners = forms.RegexField(r"^(\d{1,5}(,\d{1,5}){0,9})?$", required=False)
    rooms = forms.RegexField(r"^(\d{1,5}(,\d{1,5}){0,9})?$", required=False)
    minutes = forms.IntegerField(required=False, min_value=5, max_value=240)

    def ids(self, name):
        return tuple(int(one) for one in self.cleaned_data[name].split(",") if one)


class TimeForm(forms.Form):
    fact = forms.UUIDField()
    clock = forms.TimeField(
        error_messages={
            "required": _("Write the time, for example 10:42 am."),
            "invalid": _("This is not a time. Write for example 10:42 am."),
        },
        input_formats=["%H:%M:%S", "%H:%M", "%I:%M %p", "%I:%M%p"],
    )

    def at(self, day, zone):
        """The instant meant, on the local day of the visit."""
        return walltime.instant(day, self.cleaned_data["clock"], zone)


class Chosen(NamedTuple):
    """The time that was tapped, with whom and where, group by group."""

    starts_at: datetime
    practitioners: tuple[int, ...]
    rooms: tuple[int, ...]


class WalkInForm(forms.Form):
    given_name = text_field(_("First name"), 100, widget=forms.TextInput(attrs=plain()))
    family_name = text_field(_("Last name"), 100, widget=forms.TextInput(attrs=plain()))
    phone = PhoneNumberField(
        label=_("Phone"), required=False, widget=forms.TextInput(attrs=plain(inputmode="tel"))
    )
    service = forms.ModelChoiceField(
        label=_("What"),
        queryset=Service.objects.filter(active=True),
        empty_label=None,
        widget=forms.Select(attrs={"class": "form-select"}),
        error_messages={"invalid_choice": _("Choose a service from the list.")},
    )
    anyway = forms.BooleanField(
        label=_("None of these is the same person"),
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    came_with = text_field(_("Who came along?"), 150, widget=forms.TextInput(attrs=plain()))
    choice = forms.RegexField(
        r"^[0-9T:+.-]{16,40}\|(\d{1,5}(,\d{1,5}){0,9})?;(\d{1,5}(,\d{1,5}){0,9})?$",
        required=False,
        error_messages={"invalid": _("Choose one of the times.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["phone"].error_messages["invalid"] = NO_PHONE

    @property
    def values(self):
        return {name: self.cleaned_data[name] for name in ("given_name", "family_name", "phone")}

    def clean_choice(self):
        """The Chosen that was tapped; None while nothing is."""
        text = self.cleaned_data["choice"]
        if not text:
            return None
        at, _bar, ids = text.partition("|")
        starts_at = instant_of(at)
        if starts_at is None:
            raise forms.ValidationError(_("Choose one of the times."))
        people, rooms = (tuple(int(one) for one in part.split(",") if one) for part in ids.split(";"))
        return Chosen(starts_at, people, rooms)


def instant_of(text):
    """An instant written by a page of ours, or None."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
