"""What the booking panel takes: wishes, a chosen time, people and rooms. Shape only; actions say what may be."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from clinic.models import WEEKDAYS
from patients.models import TimeOfDay
from scheduling.queries.together import How
from scheduling.rules.covering import SAY_TELL_FIRST
from services.models import Service

FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)
LARGEST_ID = 32767
ID = re.compile("[0-9]{1,5}")
IDS = "([0-9]{1,5}(?:,[0-9]{1,5})*)?"
PICKED = re.compile(rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}T[0-9]{{2}}:[0-9]{{2}}Z)\|{IDS};{IDS}")
WEEKDAYS_ONLY = "weekdays"
TIMES_OF_DAY = [
    ("", _("Any time")),
    (TimeOfDay.MORNING, _("Morning")),
    (TimeOfDay.AFTERNOON, _("Afternoon")),
    (TimeOfDay.EVENING, _("Evening")),
]
DAYS = [
    ("", _("Any day")),
    (WEEKDAYS_ONLY, _("Weekdays")),
    *((str(number), name) for number, name in WEEKDAYS),
]
SAY_DATE = _("This is not a date of the calendar. Type it like 2026-11-26.")
SAY_TIME = _("This is not a time. Type it like 9:30 or 14:30.")
SAY_CHOOSE_AGAIN = _("This time cannot be read. Choose one of the times below.")
SAY_CHOOSE = _("Choose one of the list.")


def say(**more):
    return {"invalid_choice": SAY_CHOOSE, "invalid": SAY_CHOOSE, **more}


def small_select():
    return forms.Select(attrs={"class": "form-select form-select-sm"})


def in_these_years(day):
    if not FIRST_DAY <= day < LAST_DAY:
        raise forms.ValidationError(_("Choose a date between 2000 and 2099."))


def date_field(label, *, needed="", **more):
    return forms.DateField(
        label=label,
        required=bool(needed),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[in_these_years],
        error_messages={"invalid": SAY_DATE, "required": needed},
        **more,
    )


def time_field(label, *, needed="", **more):
    return forms.TimeField(
        label=label,
        required=bool(needed),
        widget=forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M"),
        input_formats=["%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M%p"],
        error_messages={"invalid": SAY_TIME, "required": needed},
        **more,
    )


def text_field(label, longest, **more):
    """Free text with a limit that is said in words; the browser is not told, so that nothing is cut off."""
    field = forms.CharField(label=label, required=False, **more)
    field.validators.append(
        MaxLengthValidator(longest, _("Keep this under %(limit_value)d characters; it has %(show_value)d."))
    )
    return field


@dataclass(frozen=True, slots=True)
class Picked:
    """One visit of a chosen option: its start, and ids group by group."""

    starts_at: datetime
    practitioners: tuple[int, ...]
    rooms: tuple[int, ...]


def packed(service_id, option):
    """How a form carries an option: "7|2026-11-26T14:30Z|1,2;3,4", one time after another for a family.

    The service stands in front, so that a time found for one service is not booked for another.
    """
    visits = " ".join(f"{one.starts_at.astimezone(UTC):%Y-%m-%dT%H:%MZ}|{one.choice}" for one in option)
    return f"{service_id}|{visits}"


class OptionField(forms.CharField):
    """`packed` back into (service id, [Picked])."""

    widget = forms.HiddenInput

    def to_python(self, value):
        text = super().to_python(value)
        if text in self.empty_values:
            return None
        service, _bar, visits = text[:1000].partition("|")
        matches = [PICKED.fullmatch(one) for one in visits.split(" ")]
        if not ID.fullmatch(service) or not all(matches):
            raise forms.ValidationError(SAY_CHOOSE_AGAIN)
        return int(service), [picked(*match.groups()) for match in matches]

    def validate(self, value):
        """Whether a time is needed at all is the form's question."""

    def run_validators(self, value):
        """The pattern has said it."""


def picked(start, practitioners, rooms):
    try:
        starts_at = datetime.strptime(start, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
        in_these_years(starts_at.date())
    except ValueError as fault:
        raise forms.ValidationError(SAY_DATE) from fault
    return Picked(starts_at, ids(practitioners), ids(rooms))


def ids(text):
    """Numbers of a text; ValidationError for one that no table could hold."""
    numbers = tuple(int(one) for one in (text or "").split(",") if one)
    if any(number > LARGEST_ID for number in numbers):
        raise forms.ValidationError(SAY_CHOOSE_AGAIN)
    return numbers


class WishesForm(forms.Form):
    """What, when and with whom. `people`: [(id, name)] of providers; `rooms`: [(id, name)]."""

    service = forms.ModelChoiceField(
        Service.objects.none(),
        label=_("What"),
        empty_label=_("Choose a service"),
        widget=forms.Select(attrs={"autofocus": True}),
        error_messages=say(required=_("Choose what to book.")),
    )
    day = forms.ChoiceField(
        label=_("Day"), choices=DAYS, required=False, widget=small_select(), error_messages=say()
    )
    date = date_field(_("From this date"))
    time_of_day = forms.ChoiceField(
        label=_("Time of day"),
        choices=TIMES_OF_DAY,
        required=False,
        widget=small_select(),
        error_messages=say(),
    )
    provider = forms.TypedChoiceField(
        label=_("Provider"),
        coerce=int,
        empty_value=None,
        required=False,
        widget=small_select(),
        error_messages=say(),
    )
    time = time_field(_("Exact time"))
    room = forms.TypedChoiceField(
        label=_("Room"), coerce=int, empty_value=None, required=False, error_messages=say()
    )
    also = forms.MultipleChoiceField(
        label=_("Also for"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=say(invalid_choice=_("Choose among the members of the household.")),
    )
    how = forms.ChoiceField(
        label=_("How"), choices=How.choices, initial=How.BACK, required=False, error_messages=say()
    )

    def __init__(self, *args, people=(), rooms=(), household=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = Service.objects.filter(active=True)
        self.fields["provider"].choices = [("", _("Anyone")), *people]
        self.fields["room"].choices = [("", _("Any room")), *rooms]
        self.fields["also"].choices = [(str(one.pk), one.called) for one in household]

    def clean(self):
        values = super().clean()
        if values.get("time") and not values.get("date") and "date" not in self.errors:
            self.add_error("date", _("Which day? An exact time needs a date."))
        return values


class BookingForm(WishesForm):
    """The whole panel: wishes, the chosen time (or a typed one), and what goes with it.

    Without `final` a time need not be chosen yet.
    """

    offer = OptionField(label=_("Time"), required=False)
    note = text_field(_("Note for the visit"), 500, widget=forms.Textarea(attrs={"rows": 2}))
    overbook_reason = text_field(_("Double-book on purpose: why?"), 200)
    beyond_reason = text_field(_("Book although nothing covers it: why?"), 200)
    patient_knows = forms.BooleanField(label=_("The patient knows"), required=False)

    def __init__(self, *args, final=True, **kwargs):
        super().__init__(*args, **kwargs)
        self.final = final

    def clean(self):
        values = super().clean()
        if self.final and values.get("beyond_reason") and not values.get("patient_knows"):
            self.add_error("beyond_reason", SAY_TELL_FIRST)
        option, service = values.get("offer"), values.get("service")
        typed = values.get("time") and values.get("date")
        if not self.final or "offer" in self.errors or service is None:
            return values
        if option is None and not typed and not self.errors:
            self.add_error("offer", _("Choose a time."))
        if option and (option[0] != service.pk or len(option[1]) != 1 + len(values.get("also") or [])):
            self.add_error("offer", _("The service or the people have changed. Choose a time again."))
        return values


class HappenedForm(forms.Form):
    """A visit that took place: what, when, with whom and where, and why it is entered later.

    `people` and `rooms`: [(label, [(id, name)])] for each group of the chosen service.
    """

    service = forms.ModelChoiceField(
        Service.objects.none(),
        label=_("What"),
        empty_label=_("Choose a service"),
        error_messages=say(required=_("Choose what was done.")),
    )
    date = date_field(_("Date"), needed=_("On which day was it?"))
    time = time_field(_("Started at"), needed=_("When did it start?"))
    reason = text_field(_("Why it is entered later"), 200)
    note = text_field(_("Note for the visit"), 500, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args, people=(), rooms=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["service"].queryset = Service.objects.filter(active=True)
        for prefix, groups in (("who", people), ("where", rooms)):
            for number, (label, choices) in enumerate(groups):
                self.fields[f"{prefix}_{number}"] = forms.TypedChoiceField(
                    label=label,
                    choices=[("", _("Not known")), *choices],
                    coerce=int,
                    empty_value=None,
                    required=False,
                    error_messages=say(),
                )

    def groups(self):
        """The fields for who and where, in order."""
        return [self[name] for name in self.fields if name.startswith(("who_", "where_"))]

    def group_ids(self, prefix):
        """The chosen ids, group by group."""
        names = [name for name in self.fields if name.startswith(f"{prefix}_")]
        return tuple(self.cleaned_data[name] for name in names)


def chosen_ids(data, prefix, count):
    """The ids of selects who_0, who_1, … or where_0, …; None where one is missing or no number."""
    values = [data.get(f"{prefix}_{number}", "") for number in range(count)]
    if not all(ID.fullmatch(value) for value in values):
        return None
    return ids(",".join(values))
