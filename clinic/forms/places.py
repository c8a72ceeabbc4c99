from datetime import date, time, timedelta

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.utils.translation import gettext_lazy as _

from clinic.models import WEEKDAYS, Clinic, Location, Room
from clinic.rules.places import MOST_OPENINGS
from clinic.walltime import instant, local

MIDNIGHT = time(0)
OPENINGS = range(MOST_OPENINGS)
PLAUSIBLE_DAYS = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2100, 12, 31))]


class SettingsForm(forms.ModelForm):
    class Meta:
        model = Clinic
        fields = ["name", "undo_minutes", "hold_minutes", "charts_open_to"]
        widgets = {"charts_open_to": forms.RadioSelect}


class LocationForm(forms.ModelForm):
    state = forms.CharField(
        label=_("State"),
        max_length=2,
        validators=[RegexValidator("^[A-Za-z]{2}$", _("Two letters, such as NC."))],
        help_text=_("Two letters; licenses are checked for it."),
    )

    class Meta:
        model = Location
        fields = ["name", "address", "state", "zone", "phone", "horizon_days", "active"]
        labels = {"active": _("Can be booked (visits already booked stay)")}
        help_texts = {
            "zone": _(
                "Such as America/New_York. Visits already booked keep their moment: check them after a change."
            ),
        }

    def validate_unique(self):
        """The action asks about the name, after it has claimed the form: sending twice is no clash with itself."""

    def clean_state(self):
        return self.cleaned_data["state"].upper()


class RoomForm(forms.ModelForm):
    class Meta:
        model = Room
        fields = ["name", "kind", "step_free", "active"]
        labels = {"active": _("Can be booked (visits already booked stay)")}
        help_texts = {
            "name": _("A place for one patient. A bay with three tables is three rooms."),
        }


def time_input():
    return forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M")


class HoursForm(forms.Form):
    """Two openings for each weekday. Empty means closed; closing at 12:00 am means the end of the day."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for weekday, day in WEEKDAYS:
            for n in OPENINGS:
                for end, label in (("opens", _("%(day)s, opens")), ("closes", _("%(day)s, closes"))):
                    label = label % {"day": day}
                    again = _("%(label)s again") % {"label": label} if n else label
                    self.fields[f"{end}_{weekday}_{n}"] = forms.TimeField(
                        label=again, required=False, widget=time_input()
                    )

    @staticmethod
    def initial_of(location):
        initial, seen = {}, {}
        for row in location.opening_hours.all():
            n = seen[row.weekday] = seen.get(row.weekday, -1) + 1
            initial |= {f"opens_{row.weekday}_{n}": row.opens, f"closes_{row.weekday}_{n}": row.closes}
        return initial

    def clean(self):
        for weekday, _day in WEEKDAYS:
            for n in OPENINGS:
                opens, closes = f"opens_{weekday}_{n}", f"closes_{weekday}_{n}"
                values = [self.cleaned_data.get(opens), self.cleaned_data.get(closes)]
                if values.count(None) == 1 and not {opens, closes} & set(self.errors):
                    missing = opens if values[0] is None else closes
                    self.add_error(missing, _("Fill in both times, or neither."))
        return self.cleaned_data

    def hours(self):
        """[(weekday, opens, closes)], as typed."""
        return [
            (weekday, self.cleaned_data[f"opens_{weekday}_{n}"], self.cleaned_data[f"closes_{weekday}_{n}"])
            for weekday, _day in WEEKDAYS
            for n in OPENINGS
            if self.cleaned_data[f"opens_{weekday}_{n}"] is not None
        ]

    def days(self):
        """For the page: (weekday's name, its bound fields two by two)."""
        return [
            (day, [(self[f"opens_{weekday}_{n}"], self[f"closes_{weekday}_{n}"]) for n in OPENINGS])
            for weekday, day in WEEKDAYS
        ]


def date_input():
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ClosureForm(forms.Form):
    """Days and times on the location's own clock; without times, whole days."""

    first_day = forms.DateField(
        label=_("First day"),
        widget=date_input(),
        validators=PLAUSIBLE_DAYS,
    )
    from_time = forms.TimeField(
        label=_("From"), required=False, widget=time_input(), help_text=_("Empty: all day.")
    )
    last_day = forms.DateField(
        label=_("Last day"),
        widget=date_input(),
        validators=PLAUSIBLE_DAYS,
    )
    until_time = forms.TimeField(
        label=_("Until"), required=False, widget=time_input(), help_text=_("Empty: all day.")
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("Staff read it: holiday, water damage.")
    )

    @staticmethod
    def initial_of(closure, zone):
        if closure.starts_at is None:
            return {}
        starts, ends = local(closure.starts_at, zone), local(closure.ends_at, zone)
        whole = ends.time() == MIDNIGHT
        return {
            "first_day": starts.date(),
            "from_time": None if starts.time() == MIDNIGHT else starts.time(),
            "last_day": ends.date() - timedelta(days=1) if whole else ends.date(),
            "until_time": None if whole else ends.time(),
            "reason": closure.reason,
        }

    def fields_in(self, zone):
        """What the row keeps: instants."""
        typed = self.cleaned_data
        last = typed["last_day"] if typed["until_time"] else typed["last_day"] + timedelta(days=1)
        return {
            "starts_at": instant(typed["first_day"], typed["from_time"] or MIDNIGHT, zone),
            "ends_at": instant(last, typed["until_time"] or MIDNIGHT, zone),
            "reason": typed["reason"],
        }
