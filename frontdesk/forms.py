"""Shape and type of what is asked on the day; never whether something is allowed."""

import re
from datetime import datetime
from typing import NamedTuple

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from clinic import walltime
from patients.rules.searching import DATE_FORMATS
from services.models import Discipline, Service

NO_DATE = _("This is not a date. Write month/day/year, for example 3/14/1987.")
NO_VISITS = _("Write how many visits are approved.")
NO_DAY = _("This is not a date. Choose a day.")
NO_PHONE = _("This is not a phone number. Write the area code and all digits, for example (919) 555-0123.")
TOO_LONG = _("At most %(limit_value)s characters fit here; this has %(show_value)s. Shorten it.")


def text_field(label, length, **more):
    field = forms.CharField(label=label, required=False, **more)
    field.validators.append(MaxLengthValidator(length, TOO_LONG))
    return field


def birth_date_field(label, **attrs):
    shown = plain(inputmode="numeric", placeholder=_("such as 3/14/1987"), **attrs)
    return forms.DateField(
        label=label,
        required=False,
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(format="%m/%d/%Y", attrs=shown),
        error_messages={"invalid": NO_DATE},
    )


def plain(**attrs):
    """What a browser remembers of one patient must not turn up with the next."""
    return {"autocomplete": "off", "class": "form-control", **attrs}


class DoneForm(forms.Form):
    outcome = forms.CharField(
        label=_("In a few words"),
        max_length=300,
        error_messages={"required": _("Say in a few words what was done.")},
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off"}),
        help_text=_("Whoever sees the to-do can read it: nothing about health where the desk sees it."),
    )


class CheckInForm(forms.Form):
    """`companion` is a button: somebody of the record; `came_with` is typed."""

    # What the desk types first has the focus; that somebody has nearly this name is read out with it.
    born = birth_date_field(
        _("Birth date they say"), autofocus=True, **{"aria-describedby": "twins id_born_error"}
    )
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
        for number, visit in enumerate(self.visits):
            label = _("Birth date of %(name)s") % {"name": visit.patient.called}
            self.fields[f"born-{visit.pk}"] = birth_date_field(label, autofocus=not number)

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


# A patient's account: packages and what insurers approved


def day_field(label, **more):
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    said = {"invalid": NO_DAY, "required": _("Choose a day.")}
    return forms.DateField(label=label, widget=widget, error_messages=said, **more)


def reason_field(label, missing, **more):
    return forms.CharField(
        label=label, max_length=200, error_messages={"required": missing}, widget=without_memory(), **more
    )


def without_memory():
    return forms.TextInput(attrs={"autocomplete": "off"})


class SellForm(forms.Form):
    """Who pays is the patient, somebody of the record, or a name."""

    ELSE = "else"
    starts_on = day_field(_("First day"), help_text=_("The validity is counted from this day."))
    who_pays = forms.ChoiceField(
        label=_("Who pays"), widget=forms.RadioSelect, error_messages={"required": _("Choose who pays.")}
    )
    payer = forms.CharField(
        label=_("Name, if somebody else"), max_length=150, required=False, widget=without_memory()
    )

    def __init__(self, data=None, *, patient, related, **more):
        super().__init__(data, **more)
        self.names = {"": "", **{str(person.pk): person.name for person in related}}
        people = [(str(person.pk), f"{person.name} ({person.relation})") for person in related]
        choices = [("patient", patient), *people, (self.ELSE, _("somebody else"))]
        self.fields["who_pays"].choices = choices

    def clean(self):
        who, name = self.cleaned_data.get("who_pays"), self.cleaned_data.get("payer", "")
        if who == self.ELSE and not name:
            self.add_error("payer", _("Write the name of who pays."))
        self.cleaned_data["payer"] = name if who == self.ELSE else self.names.get(who, "")
        return self.cleaned_data


class RefundForm(forms.Form):
    reason = reason_field(_("Why"), _("Write why it is refunded."))


class ExtendForm(forms.Form):
    until = day_field(_("Valid until"))
    reason = reason_field(_("Why"), _("Write why it lasts longer."))


class ApprovalForm(forms.Form):
    """What an insurer approved. `visits` is asked of a new one only: a change of their number has a reason."""

    coverage = forms.ModelChoiceField(
        label=_("Insurer"),
        queryset=None,
        empty_label=None,
        error_messages={"required": _("Add the insurer first, then choose it here.")},
    )
    number = forms.CharField(
        label=_("Number of the approval"),
        max_length=60,
        required=False,
        widget=without_memory(),
    )
    discipline = forms.ModelChoiceField(
        label=_("For"), queryset=Discipline.objects.filter(license_needed=True), empty_label=None
    )
    visits = forms.IntegerField(
        label=_("Visits approved"), min_value=1, max_value=200, error_messages={"required": NO_VISITS}
    )
    starts_on = day_field(_("From"))
    ends_on = day_field(_("Until"), help_text=_("Both days included."))
    codes = forms.CharField(
        label=_("Procedure codes"),
        max_length=100,
        required=False,
        widget=without_memory(),
        help_text=_("If the approval names them, for example 97810, 97811."),
    )
    note = forms.CharField(label=_("Note"), max_length=300, required=False, widget=without_memory())

    def __init__(self, data=None, *, coverages, is_new, **more):
        super().__init__(data, **more)
        self.fields["coverage"].queryset = coverages
        if not is_new:
            del self.fields["visits"], self.fields["coverage"]

    def clean_codes(self):
        found = re.split(r"[\s,;]+", self.cleaned_data["codes"].upper().strip())
        codes = [code for code in found if code]
        if any(not re.fullmatch(r"[A-Z0-9]{5}(-[A-Z0-9]{2})?", code) for code in codes):
            raise forms.ValidationError(
                _("A procedure code has five letters or digits. Put commas between them.")
            )
        return codes

    @property
    def values(self):
        return {
            name: value for name, value in self.cleaned_data.items() if name not in {"coverage", "visits"}
        }


class VisitsForm(forms.Form):
    visits = forms.IntegerField(
        label=_("Visits approved in all"), min_value=0, max_value=200, error_messages={"required": NO_VISITS}
    )
    reason = reason_field(
        _("Why"),
        _("Write why the number changed."),
        help_text=_("For example: extension by phone, ref. 4711."),
    )


class MoreVisitsLetterForm(forms.Form):
    to = forms.CharField(label=_("To"), max_length=150, widget=without_memory())
    words = forms.CharField(
        label=_("What you want to add"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Visits used, scores and the plan come from the record."),
    )
