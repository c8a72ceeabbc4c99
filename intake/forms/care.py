"""Shape and type of red-flag answers, referrals and letters."""

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.forms.history import RowForm, date_input
from intake.models import AskedWhen, Referral
from intake.rules.letters import URGENCY_WORDS

REGIONS = [("neck", _("neck")), ("back", _("back")), ("headache", _("headache"))]
ANSWERS = [("yes", _("yes")), ("no", _("no"))]


class RegionsForm(forms.Form):
    """Which red flags are asked: by GET, before the questions."""

    regions = forms.MultipleChoiceField(
        label=_("Where is the problem?"), choices=REGIONS, widget=forms.CheckboxSelectMultiple
    )
    when = forms.ChoiceField(label=_("When"), choices=AskedWhen.choices, widget=forms.RadioSelect)


class ClearForm(forms.Form):
    why = forms.CharField(
        label=_("Why it is cleared"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        help_text=_("What was examined, or who assessed it and what they said."),
        error_messages={"required": _("Write why it is cleared: what was examined or who assessed it.")},
    )


class ReferralForm(RowForm):
    to = forms.CharField(label=_("To"), max_length=150, help_text=_("The physician or the department."))
    urgency = forms.ChoiceField(
        label=_("How soon"), choices=[(key, words) for key, words in URGENCY_WORDS.items() if key]
    )

    class Meta:
        model = Referral
        fields = ["to", "urgency", "why"]
        widgets = {"why": forms.Textarea(attrs={"rows": 4})}


class LetterForm(forms.Form):
    found = forms.CharField(
        label=_("What you found"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
        help_text=_("In your words. Why we ask and the history come from the record."),
    )


class SentForm(forms.Form):
    sent_on = forms.DateField(label=_("Sent on"), widget=date_input())
    how = forms.CharField(
        label=_("How"),
        max_length=100,
        help_text=_("For example fax to (919) 555-0100, or given to the patient."),
    )


class ReplyForm(forms.Form):
    reply_on = forms.DateField(label=_("Reply of"), widget=date_input())
    reply = forms.CharField(
        label=_("What it says"), widget=forms.Textarea(attrs={"rows": 5}), max_length=8000
    )


class ClearanceForm(forms.Form):
    cleared_until = forms.DateField(
        label=_("Treatment may go on until"),
        widget=date_input(),
        help_text=_("After this day the clearance has run out, and the list of referrals says so."),
    )


class CloseForm(forms.Form):
    why = forms.CharField(label=_("Why it is closed"), max_length=200)


class SignOffForm(forms.Form):
    clinician = forms.CharField(label=_("Clinician who signed"), max_length=150)
    signed_on = forms.DateField(label=_("Signed on"), widget=date_input())
    sha256 = forms.CharField(widget=forms.HiddenInput)
