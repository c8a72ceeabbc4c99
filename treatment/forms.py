"""Shape and type of what is written beside notes."""

from django import forms
from django.utils.translation import gettext_lazy as _

from treatment.models import ChartSettings, ContactNote

LONG = 10_000
WRITE_FIRST = _("Write a few words first.")


def words(label, help_text="", required=True, rows=3, missing=WRITE_FIRST):
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=LONG,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


class AddendumForm(forms.Form):
    words = words(_("What is to be added"), _("It stands below the note with your name and the time."))


class ErrorForm(forms.Form):
    words = words(
        _("Why it was entered in error"),
        _("The note leaves the chart: only you and the owner can read it from now on."),
        missing=_("Say why, such as “wrong chart”."),
    )


class ResolutionForm(forms.Form):
    words = words(
        _("Where the needles were"),
        _("Such as “two found in the sheet, put into the sharps box”. The board stops showing it."),
        missing=_("Say where the needles were."),
    )


class ContactForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=ContactNote.Kind.choices, widget=forms.RadioSelect)
    words = words(_("What was said or done"), rows=5)

    def __init__(self, data=None, *, reads, **more):
        super().__init__(data, **more)
        if not reads:
            self.fields["words"].help_text = _(
                "Providers read it in the chart. At the desk only you see your words; the others see that you called."
            )


class HandoverForm(forms.Form):
    to = forms.TypedChoiceField(
        label=_("To"), coerce=int, error_messages={"required": _("Choose a colleague who treats patients.")}
    )
    words = words(_("Message"), _("It stands on their board until they have seen it."))

    def __init__(self, data=None, *, people, **more):
        super().__init__(data, **more)
        self.fields["to"].choices = [("", _("Choose …")), *((one["id"], one["name"]) for one in people)]


def short(label, length, help_text="", **attrs):
    return forms.CharField(
        label=label,
        max_length=length,
        required=False,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}),
    )


def day(label, help_text="", required=False):
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


class ReactionForm(forms.Form):
    """What happened, in the words that the list has for this kind."""

    grade = forms.TypedChoiceField(
        label=_("How severe"),
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how severe it was.")},
    )
    serious = forms.BooleanField(
        label=_("Serious"), required=False, help_text=_("Hospital, lasting harm, or danger to life.")
    )
    onset = short(_("When it began"), 120)
    duration = short(_("How long"), 120)
    outcome = short(_("Outcome"), 200, _("Such as “gone”, “better”, “sent to the emergency room”."))
    told = short(_("Who was told"), 200, _("Such as the patient’s physician, with the time."))
    words = words(_("In words"), required=False, rows=2)
    follow_up_on = day(_("Look again on"))

    def __init__(self, data=None, *, grades, usual_onset="", hours=None, **more):
        super().__init__(data, **more)
        self.fields["grade"].choices = grades
        if usual_onset:
            self.fields["onset"].help_text = _("Usually: %(when)s.") % {"when": usual_onset}
        if hours:
            self.fields["follow_up_on"].help_text = _("Left empty: within %(hours)s hours.") % {
                "hours": hours
            }


class FollowUpForm(ReactionForm):
    closed = forms.BooleanField(
        label=_("It is over"), required=False, help_text=_("Nothing more has to be asked about it.")
    )


class ReportedForm(forms.Form):
    outcome = forms.CharField(
        label=_("Who was told, when"),
        max_length=300,
        error_messages={"required": _("Say who was told, and when.")},
    )


class PeriodForm(forms.Form):
    """By GET: which days the rates are about."""

    since = day(_("From"), required=True)
    until = day(_("To"), required=True)

    def clean(self):
        given = super().clean()
        if given.get("since") and given.get("until") and given["until"] < given["since"]:
            raise forms.ValidationError(_("The first day is after the last one. Change one of the two."))
        return given


class SettingsForm(forms.ModelForm):
    class Meta:
        model = ChartSettings
        fields = ["tongue_and_pulse"]
        labels = {"tongue_and_pulse": _("Notes ask for tongue and pulse")}


class BoxForm(forms.Form):
    size = forms.ChoiceField(label=_("Size"))
    brand = short(_("Brand"), 80)
    lot = forms.CharField(
        label=_("Lot"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    expires_on = day(_("Expires"), _("As on the label; of a month, its last day."), required=True)
    press = forms.BooleanField(label=_("Press needles"), required=False)

    def __init__(self, data=None, *, sizes, **more):
        super().__init__(data, **more)
        self.fields["size"].choices = [("", _("Choose …")), *sizes]


class ReasonForm(forms.Form):
    """Why somebody who does not treat opens clinical text."""

    reason = forms.CharField(
        label=_("Why you open it"), max_length=300, error_messages={"required": _("Say why you open it.")}
    )


class ProgressForm(forms.Form):
    to = forms.CharField(label=_("To"), max_length=150)
    problem = forms.CharField(label=_("About"), max_length=150, required=False)
    words = forms.CharField(
        label=_("In your words"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=8000,
        help_text=_("What the record holds is added below it."),
    )
