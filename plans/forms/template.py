"""A plan template as the owner edits it: days, points and checks as people write them."""

import re

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from outcomes.models import Occasion
from plans.forms.fields import line, number
from plans.rules.making import REGIONS
from plans.rules.templates import LATEST_DAY, MOST_VISITS, POINTS, Check, Wish

OCCASIONS = [(key, label) for key, label in Occasion.choices if key != Occasion.DURING]
NAMES = {"local": _l("Near the pain"), "distal": _l("Far from it"), "calming": _l("Calming")}


def text(label, length, rows=2):
    return forms.CharField(
        label=label, required=False, max_length=length, widget=forms.Textarea(attrs={"rows": rows})
    )


class TemplateForm(forms.Form):
    """`sources` are (key, title) of the studies the dose came from as it ships."""

    name = forms.CharField(label=_l("Name"), max_length=150)
    region = forms.ChoiceField(label=_l("Region"), choices=[*REGIONS, ("any", _l("any"))])
    days = forms.CharField(
        label=_l("Days of the visits"),
        max_length=300,
        help_text=_l("From the first treatment, which is day 0: 0, 3, 7, 14."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    least = number(_l("Visits, at least"), 1, MOST_VISITS)
    most = number(_l("Visits, at most"), 1, MOST_VISITS)
    minutes = number(_l("Minutes a visit"), 5, 240)
    later_visits = number(_l("Maintenance visits"), 1, MOST_VISITS, required=False)
    later_every = number(_l("Days between them"), 1, 90, required=False)
    measures = forms.MultipleChoiceField(
        label=_l("Scores asked for"), required=False, widget=forms.CheckboxSelectMultiple
    )
    dose_source = forms.MultipleChoiceField(
        label=_l("The dose comes from"), required=False, widget=forms.CheckboxSelectMultiple
    )
    dose_note = text(_l("About the dose"), 1000)
    note = text(_l("Note"), 1000)
    hidden = forms.BooleanField(label=_l("Off: not offered when a plan is made"), required=False)

    def __init__(self, data=None, *, measures, sources, **more):
        super().__init__(data, **more)
        self.fields["measures"].choices = measures
        self.fields["dose_source"].choices = sources
        for group in POINTS:
            self.fields[f"points_{group}"] = line(NAMES[group], 600)
        for key, label in OCCASIONS:
            self.fields[f"day_{key}"] = number(label, 0, LATEST_DAY, required=False)
            self.fields[f"window_{key}"] = number(_("give or take"), 0, 90, required=False)

    @property
    def point_rows(self):
        return [self[f"points_{group}"] for group in POINTS]

    @property
    def check_rows(self):
        return [(self[f"day_{key}"], self[f"window_{key}"]) for key, _label in OCCASIONS]

    def clean_days(self):
        found = re.split(r"[\s,;]+", self.cleaned_data["days"].strip(" ,;"))
        if not all(day.isascii() and day.isdigit() and len(day) < 4 for day in found):
            raise forms.ValidationError(_("Write the days as numbers with commas: 0, 3, 7, 14."))
        return tuple(map(int, found))

    def clean(self):
        typed = super().clean()
        if bool(typed.get("later_visits")) != bool(typed.get("later_every")):
            self.add_error("later_visits", _("Say how many and how far apart, or leave both empty."))
        return typed

    def wish(self):
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        later = (typed["later_visits"], typed["later_every"]) if typed["later_visits"] else None
        return Wish(
            later=later,
            points={group: codes_in(typed[f"points_{group}"]) for group in POINTS},
            measures=tuple(typed["measures"]),
            checks=tuple(self.checks()),
            dose_source=tuple(typed["dose_source"]),
            **{name: typed[name] for name in PLAIN},
        )

    def checks(self):
        typed = self.cleaned_data
        for key, _label in OCCASIONS:
            if typed[f"day_{key}"] is not None:
                yield Check(key, typed[f"day_{key}"], typed[f"window_{key}"] or 0)


PLAIN = ("name", "region", "days", "least", "most", "minutes", "dose_note", "note", "hidden")


def first_values(wish):
    """The form's first values for a template as it stands."""
    visits, every = wish.later or (None, None)
    checks = {one.at: one for one in wish.checks}
    return {
        **{name: getattr(wish, name) for name in PLAIN},
        "days": ", ".join(map(str, wish.days)),
        "later_visits": visits,
        "later_every": every,
        "measures": list(wish.measures),
        "dose_source": list(wish.dose_source),
        **{f"points_{group}": ", ".join(codes) for group, codes in wish.points.items()},
        **{f"day_{key}": one.day for key, one in checks.items()},
        **{f"window_{key}": one.window for key, one in checks.items()},
    }


def codes_in(typed):
    """Codes in order, each once, as the catalog writes them."""
    return tuple(dict.fromkeys(code.upper() for code in re.split(r"[\s,;]+", typed) if code))
