"""When somebody is away, and an answer on the call list. Shape only; rules and actions say what may be."""

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic import walltime
from clinic.timespan import TimeSpan
from practitioners.models import AbsenceKind
from scheduling.forms.booking import date_field, say, text_field, time_field
from scheduling.models import Answer

UNDO, PROPOSE = "undo", "propose"
ANSWERS = [Answer.AGREED, Answer.LEFT_MESSAGE, Answer.ANOTHER_TIME, Answer.CANCELLED, UNDO, PROPOSE]


class AwayForm(forms.Form):
    """Wall-clock times at one location."""

    kind = forms.ChoiceField(label=_("Why"), choices=AbsenceKind.choices, error_messages=say())
    from_date = date_field(_("From"), needed=_("Choose the first day."))
    from_time = time_field(_("At"))
    until_date = date_field(_("Until"), needed=_("Choose the last day."))
    until_time = time_field(_("At"))
    whole_days = forms.BooleanField(label=_("Whole days"), required=False)
    note = text_field(_("Note"), 200)

    def __init__(self, *args, location, **kwargs):
        super().__init__(*args, **kwargs)
        self.location = location

    @staticmethod
    def filled(start, end, zone):
        """What the form begins with: two instants as clocks of the zone show them."""
        start, end = walltime.local(start, zone), walltime.local(end, zone)
        return {
            "from_date": start.date(),
            "from_time": start.time().replace(second=0, microsecond=0),
            "until_date": end.date(),
            "until_time": end.time(),
        }

    def clean(self):
        values = super().clean()
        if self.errors:
            return values
        if not values["whole_days"]:
            for name in ("from_time", "until_time"):
                if values[name] is None:
                    self.add_error(name, _("Choose a time, or tick “Whole days”."))
        if not self.errors:
            self.take_span(values)
        return values

    def take_span(self, values):
        """`span`: whole days from local midnight to the midnight after the last."""
        zone = self.location.tz
        if values["whole_days"]:
            after = values["until_date"] + timedelta(days=1)
            start = walltime.instant(values["from_date"], walltime.MIDNIGHT, zone)
            end = walltime.instant(after, walltime.MIDNIGHT, zone)
        else:
            start = walltime.instant(values["from_date"], values["from_time"], zone)
            end = walltime.instant(values["until_date"], values["until_time"], zone)
        if start >= end:
            self.add_error("until_date", _("This is not after the start. Choose a later end."))
        else:
            values["span"] = TimeSpan(start, end)


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(
        choices=[(value, value) for value in ANSWERS],
        error_messages={
            "required": _("Choose one of the answers."),
            "invalid_choice": _("Choose one of the answers."),
        },
    )
