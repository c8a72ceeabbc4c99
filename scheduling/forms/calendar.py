"""What somebody asks of the calendar, where something was dropped, and blocked time."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from clinic import walltime
from clinic.models import Room
from clinic.timespan import TimeSpan
from practitioners.models import Practitioner
from scheduling.models import BlockKind
from scheduling.queries.calendar import Asked
from scheduling.rules.drawing import PROVIDER, ROOM

DAY_VIEW, WEEK_VIEW, LIST_VIEW = "day", "week", "list"
PLAUSIBLE = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 12, 31))]
NO_SUCH_DATE = _("There is no such date. Choose one from the year 2000 to 2100; this is today.")
SMALL_ID = {"min_value": 1, "max_value": 32767}


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at: always complete. `chosen`: the view was asked for; else narrow screens show the list."""

    date: date
    view: str = DAY_VIEW
    by: str = PROVIDER
    who: int | None = None
    chosen: bool = False

    @property
    def asked(self):
        if self.view == WEEK_VIEW:
            return Asked(self.date - timedelta(days=self.date.weekday()), 7, self.by, self.who)
        return Asked(self.date, 1, self.by)

    @property
    def query(self):
        said = {"date": self.date.isoformat(), "by": self.by}
        if self.chosen:
            said["view"] = self.view
        if self.view == WEEK_VIEW and self.who:
            said["who"] = self.who
        return urlencode(said)

    def links(self, today):
        """Queries of everywhere one can go from here."""
        step = timedelta(days=7 if self.view == WEEK_VIEW else 1)
        views = {view: replace(self, view=view, chosen=True) for view in (DAY_VIEW, WEEK_VIEW, LIST_VIEW)}
        places = {
            "earlier": replace(self, date=max(self.date - step, date(2000, 1, 1))),
            "later": replace(self, date=min(self.date + step, date(2100, 12, 31))),
            "today": replace(self, date=today),
            **views,
            **{by: replace(self, by=by, who=self.who if by == self.by else None) for by in (PROVIDER, ROOM)},
        }
        return {name: look.query for name, look in places.items()}


class LookForm(forms.Form):
    """The query of the calendar. What makes no sense is left out, so that an old link still shows something."""

    date = forms.DateField(required=False, validators=PLAUSIBLE)
    view = forms.ChoiceField(required=False, choices=[(v, v) for v in (DAY_VIEW, WEEK_VIEW, LIST_VIEW)])
    by = forms.ChoiceField(required=False, choices=[(PROVIDER, PROVIDER), (ROOM, ROOM)])
    who = forms.IntegerField(required=False, **SMALL_ID)

    def look(self, today):
        self.full_clean()
        said = self.cleaned_data
        view = said.get("view") or DAY_VIEW
        return Look(
            date=said.get("date") or today,
            view=view,
            by=said.get("by") or PROVIDER,
            who=said.get("who") if view == WEEK_VIEW else None,
            chosen=bool(said.get("view")),
        )

    @property
    def remark(self):
        return NO_SUCH_DATE if "date" in self.errors else ""


class WallTimeForm(forms.Form):
    """Fields of local wall-clock time at one location."""

    def __init__(self, *args, location, **kwargs):
        super().__init__(*args, **kwargs)
        self.location = location

    def instant(self, name):
        """The instant of a date and the named time, or None with an error where clocks skip it."""
        day, at = self.cleaned_data.get("date"), self.cleaned_data.get(name)
        if day is None or at is None:
            return None
        if not walltime.is_real(day, at, self.location.tz):
            self.add_error(name, _("Clocks go forward that day and skip this time. Choose another one."))
            return None
        return walltime.instant(day, at, self.location.tz)


class DropForm(WallTimeForm):
    """A piece of a visit was dropped: which (`position` of its first phase), where its start is now, which column."""

    date = forms.DateField(validators=PLAUSIBLE)
    time = forms.TimeField(input_formats=["%H:%M"])
    position = forms.IntegerField(**SMALL_ID)
    by = forms.ChoiceField(choices=[(PROVIDER, PROVIDER), (ROOM, ROOM)])
    column = forms.IntegerField(required=False, **SMALL_ID)

    def clean(self):
        self.cleaned_data["starts_at"] = self.instant("time")
        return self.cleaned_data

    @property
    def landing(self):
        return {name: self.cleaned_data[name] for name in ("position", "starts_at", "by", "column")}

    @property
    def sentences(self):
        return [error for errors in self.errors.values() for error in errors]


class FitsForm(forms.Form):
    """Which service is being booked, for whom if that is known, and the day that is looked at."""

    service = forms.IntegerField(**SMALL_ID)
    patient = forms.UUIDField(required=False)
    date = forms.DateField(validators=PLAUSIBLE)
    by = forms.ChoiceField(choices=[(PROVIDER, PROVIDER), (ROOM, ROOM)])


def clock_input():
    return forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M")


class BlockForm(WallTimeForm):
    kind = forms.ChoiceField(label=_("What for"))
    date = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=PLAUSIBLE,
    )
    starts = forms.TimeField(label=_("From"), widget=clock_input())
    ends = forms.TimeField(label=_("Until"), widget=clock_input())
    practitioner = forms.ModelChoiceField(
        label=_("Provider"), queryset=Practitioner.objects.none(), required=False, empty_label=_("Nobody")
    )
    room = forms.ModelChoiceField(
        label=_("Room"), queryset=Room.objects.none(), required=False, empty_label=_("No room")
    )
    note = forms.CharField(label=_("Note"), max_length=200, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label.capitalize()) for kind in BlockKind]
        people = Practitioner.objects.filter(active=True, working_hours__location=self.location)
        self.fields["practitioner"].queryset = people.distinct()
        self.fields["room"].queryset = Room.objects.filter(location=self.location, active=True)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.layout = Layout(
            "kind",
            "date",
            Row(Column("starts"), Column("ends")),
            Row(Column("practitioner"), Column("room")),
            "note",
        )

    def clean(self):
        start, end = self.instant("starts"), self.instant("ends")
        if end is not None and self.cleaned_data["ends"] == walltime.MIDNIGHT:
            end += timedelta(days=1)
        if start is not None and end is not None and start >= end:
            self.add_error("ends", _("This is not after the start. Choose a later time."))
        elif start is not None and end is not None:
            self.cleaned_data["span"] = TimeSpan(start, end)
        return self.cleaned_data

    @property
    def values(self):
        """What the action takes."""
        return {name: self.cleaned_data[name] for name in ("span", "kind", "practitioner", "room", "note")}
