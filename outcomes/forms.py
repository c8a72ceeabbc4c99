"""The side panels' forms: shape of input only."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AskForm(forms.Form):
    measures = forms.MultipleChoiceField(
        label=_("Measures"), widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["measures"].choices = choices


class TypedForm(forms.Form):
    """A total from a paper form."""

    measure = forms.ChoiceField(label=_("Measure"))
    total = forms.DecimalField(
        label=_("Total"),
        max_digits=4,
        decimal_places=1,
        min_value=0,
        help_text=_("As the paper form’s own rules give it."),
    )

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["measure"].choices = choices


class CorrectedTotalForm(forms.Form):
    total = forms.DecimalField(label=_("Total"), max_digits=4, decimal_places=1, min_value=0)


class TalkForm(forms.Form):
    outcome = forms.CharField(
        label=_("What was done"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("In a few words and without details: those belong in a note."),
    )
