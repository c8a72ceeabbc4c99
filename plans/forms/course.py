"""What a patient wishes for the visits of a course, and the times that a form carries."""

from datetime import UTC, date, datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.queries.course import Wanted
from plans.rules.course.values import AFTERNOON, EVENING, MORNING

WEEKDAYS = [
    (0, _("Mon")),
    (1, _("Tue")),
    (2, _("Wed")),
    (3, _("Thu")),
    (4, _("Fri")),
    (5, _("Sat")),
    (6, _("Sun")),
]
TIMES = [(MORNING, _("Morning")), (AFTERNOON, _("Afternoon")), (EVENING, _("Evening"))]
TIME_OF = {"morning": MORNING, "afternoon": AFTERNOON, "evening": EVENING}
LONGEST_AWAY = timedelta(days=120)
LONGEST_COURSE = timedelta(days=400)


FIRST_YEAR, LAST_YEAR = 2000, 2199


def in_these_years(day):
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise forms.ValidationError(_("Choose a date between 2000 and 2199."))


def date_field(label, *, needed=""):
    return forms.DateField(
        label=label,
        required=bool(needed),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[in_these_years],
        error_messages={"invalid": _("Write the date as 2026-11-24."), "required": needed},
    )


def boxes(label, choices, needed):
    return forms.TypedMultipleChoiceField(
        label=label,
        choices=choices,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": needed},
    )


def hidden(**more):
    return forms.CharField(required=False, max_length=300, widget=forms.HiddenInput, **more)


class WishForm(forms.Form):
    """`treating`: [(discipline, [(practitioner id, name)])] of the plan. Hidden fields keep what was relaxed."""

    starts = date_field(_("From"), needed=_("Choose the first day."))
    weekdays = boxes(_("Days"), WEEKDAYS, _("Choose at least one day."))
    times = boxes(_("Times"), TIMES, _("Choose at least one time of day."))
    away_from = date_field(_("Away from"))
    away_until = date_field(_("Back after"))
    until = date_field(_("All visits by"))
    also, come, anyone = hidden(), hidden(), hidden()
    wider = forms.BooleanField(required=False, widget=forms.HiddenInput)
    singly = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, data, *, treating, gender=""):
        super().__init__(data)
        self.gender, self.disciplines = gender, {}
        for discipline, people in treating:
            name = f"provider_{discipline.pk}"
            self.disciplines[name] = discipline.pk
            self.fields[name] = forms.TypedChoiceField(
                label=discipline.name,
                required=False,
                coerce=int,
                empty_value=None,
                choices=[("", _("Anyone, the same if possible")), *people],
            )

    def providers(self):
        return [self[name] for name in self.disciplines]

    def clean(self):
        values = super().clean()
        starts, until = values.get("starts"), values.get("until")
        away, back = values.get("away_from"), values.get("away_until")
        if starts and until and not starts <= until <= starts + LONGEST_COURSE:
            self.add_error("until", _("Choose a day after the first one, within a year."))
        if back and (not away or not away <= back <= away + LONGEST_AWAY):
            self.add_error("away_until", _("Choose the first day away, then a later day within four months."))
        return values

    def wanted(self):
        values = self.cleaned_data
        return Wanted(
            starts=values["starts"],
            until=values["until"],
            weekdays=frozenset(values["weekdays"]),
            times=frozenset(values["times"]),
            also=cells_in(values["also"]),
            people={pk: values[name] for name, pk in self.disciplines.items() if values[name]},
            gender=self.gender,
            anyone=frozenset(int(one) for one in values["anyone"].split() if one.isdecimal()),
            away_from=values["away_from"],
            away_until=values["away_until"],
            come=frozenset(filter(None, map(day_in, values["come"].split()))),
            wider=values["wider"],
            singly=values["singly"],
        )


def cells_in(text):
    """{(weekday, time of day)} of "3-0 4-2"."""
    found = set()
    for word in text.split():
        weekday, _dash, time = word.partition("-")
        if weekday in set("0123456") and time in set("012"):
            found.add((int(weekday), int(time)))
    return frozenset(found)


def day_in(text):
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def carried(text):
    """(start, people, rooms) of "2026-12-01T14:00Z;1,2;3,4", or None: who made it up gets no time for it."""
    start, _semicolon, choice = text[:200].partition(";")
    people, _semicolon, rooms = choice.partition(";")
    try:
        at = datetime.strptime(start, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
        return at, ids_in(people), ids_in(rooms)
    except ValueError:
        return None


def ids_in(text):
    ids = tuple(int(one) for one in text.split(",") if one)
    if len(ids) > 20 or any(not 0 <= one < 2**31 for one in ids):
        raise ValueError(text)
    return ids


class RepairForm(forms.Form):
    """Why a booked course cannot stay as it is."""

    reason = forms.ChoiceField(
        label=_("What happened"),
        choices=[
            ("ill", _("The patient is ill or away")),
            ("away", _("A provider is away")),
            ("pace", _("Visits lag behind: catch up")),
        ],
    )
    until = date_field(_("Until and including"))

    def clean(self):
        values = super().clean()
        if values.get("reason") == "ill" and not values.get("until") and not self.errors:
            self.add_error("until", _("Choose the last day on which the patient cannot come."))
        return values
