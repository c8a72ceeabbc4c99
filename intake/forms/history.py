"""Shape and type of what a clinician writes into a history. Whether it may be so is said by the rules."""

from django import forms
from django.utils.translation import gettext_lazy as _

from intake.models import Allergy, CareElsewhere, Condition, ListCheck, Medication, Source
from intake.rules.history import EFFECT_WORDS

DATE = "%Y-%m-%d"
# The vocabulary of acupoints.csv: a rule about a region looks for one of these.
REGIONS = [
    ("", _("not said")),
    ("head", _("head")),
    ("face", _("face")),
    ("neck", _("neck")),
    ("chest", _("chest")),
    ("abdomen", _("abdomen or groin")),
    ("upper back", _("upper back")),
    ("lower back/sacrum", _("lower back or sacrum")),
    ("shoulder", _("shoulder or armpit")),
    ("upper arm", _("upper arm")),
    ("elbow", _("elbow")),
    ("forearm", _("forearm")),
    ("wrist", _("wrist")),
    ("hand", _("hand")),
    ("hip/buttock", _("hip or buttock")),
    ("thigh", _("thigh")),
    ("knee", _("knee")),
    ("lower leg", _("lower leg")),
    ("ankle", _("ankle")),
    ("foot", _("foot")),
    ("perineum", _("perineum")),
]
EFFECTS = [("", _("nothing special")), *EFFECT_WORDS.items()]
ALLERGIES = [
    ("", _("another one")),
    ("metal_allergy", _("nickel or chromium")),
    ("latex_allergy", _("latex")),
    ("oil_allergy", _("oils or fragrances")),
]
ASSESSED = [("", _("not asked yet")), ("true", _("yes")), ("false", _("no, nobody has"))]
SOURCES = [(Source.SAID, Source.SAID.label), (Source.LETTER, Source.LETTER.label)]


def date_input():
    return forms.DateInput(attrs={"type": "date"}, format=DATE)


class RowForm(forms.ModelForm):
    """Fields and first values of a row. The row stays as it is stored: the action changes and judges it."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    def _post_clean(self):
        """Without Django's copying into the row and its checks of constraints, whose sentences are for programmers."""

    @property
    def values(self):
        return {name: self.cleaned_data[name] for name in self._meta.fields if name in self.cleaned_data}


class LineForm(RowForm):
    """What every line has: since when, who says so, more in words."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # A line that a form brought keeps saying so.
        if self.instance.source != Source.FORM:
            self.fields["source"].choices = SOURCES
            self.fields["source"].initial = self.instance.source or Source.SAID


class ConditionForm(LineForm):
    code = forms.ChoiceField(
        label=_("Kind"), required=False, help_text=_("Safety rules ask about these. Leave empty for others.")
    )
    name = forms.CharField(
        label=_("Condition"),
        required=False,
        max_length=150,
        help_text=_("Empty: it is called as the kind above."),
    )
    region = forms.ChoiceField(label=_("Region"), required=False, choices=REGIONS)

    class Meta:
        model = Condition
        fields = ["code", "name", "region", "side", "started", "source", "words"]
        widgets = {"started": date_input(), "words": forms.Textarea(attrs={"rows": 2})}

    def __init__(self, *args, codes, **kwargs):
        super().__init__(*args, **kwargs)
        self.names = dict(codes)
        stored = self.instance.code
        more = [(stored, stored)] if stored and stored not in self.names else []
        self.fields["code"].choices = [("", _("none of these")), *codes, *more]

    def clean(self):
        given = super().clean()
        given["name"] = given.get("name") or self.names.get(given.get("code"), "")
        if not given["name"]:
            self.add_error("name", _("Write what it is, or choose a kind."))
        return given


class MedicationForm(LineForm):
    effect = forms.ChoiceField(label=_("Means for treatment"), required=False, choices=EFFECTS)

    class Meta:
        model = Medication
        fields = ["name", "medication_class", "effect", "started", "source", "words"]
        widgets = {"started": date_input(), "words": forms.Textarea(attrs={"rows": 2})}


class NewMedicationForm(MedicationForm):
    dose = forms.CharField(
        label=_("Dose"), required=False, max_length=80, help_text=_("For example 5 mg twice a day.")
    )
    field_order = ["name", "dose"]


class AllergyForm(LineForm):
    code = forms.ChoiceField(label=_("Kind"), required=False, choices=ALLERGIES)

    class Meta:
        model = Allergy
        fields = ["code", "substance", "reaction", "started", "source", "words"]
        widgets = {"started": date_input(), "words": forms.Textarea(attrs={"rows": 2})}


class CareForm(RowForm):
    assessed = forms.TypedChoiceField(
        label=_("Assessed by a physician"),
        required=False,
        choices=ASSESSED,
        coerce=lambda value: value == "true",
        empty_value=None,
    )

    class Meta:
        model = CareElsewhere
        fields = [
            "problem",
            "assessed",
            "assessed_by",
            "assessed_on",
            "finding",
            "primary_treatment",
            "referring_physician",
            "physician_fax",
            "physician_email",
        ]
        widgets = {
            "assessed_on": date_input(),
            "finding": forms.Textarea(attrs={"rows": 2}),
            "primary_treatment": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        stored = self.instance.assessed
        self.initial["assessed"] = "" if stored is None else str(stored).lower()


class EndForm(forms.Form):
    ended = forms.DateField(label=_("Until"), widget=date_input())
    why = forms.CharField(
        label=_("Why it ended"),
        max_length=200,
        required=False,
        help_text=_("For example healed, stopped, or written down by mistake."),
    )


class DoseForm(forms.Form):
    from_day = forms.DateField(label=_("From"), widget=date_input())
    dose = forms.CharField(label=_("Dose"), max_length=80, help_text=_("For example 5 mg twice a day."))
    mg_per_day = forms.DecimalField(
        label=_("mg a day"),
        required=False,
        max_digits=9,
        decimal_places=2,
        min_value=0,
        help_text=_("For the line over time; leave empty if it cannot be told."),
    )


class PregnancyForm(forms.Form):
    answer = forms.ChoiceField(
        label=_("Pregnant?"),
        widget=forms.RadioSelect,
        choices=[
            (one.value, one.label)
            for one in (
                ListCheck.Answer.NO,
                ListCheck.Answer.YES,
                ListCheck.Answer.UNSURE,
                ListCheck.Answer.NEVER,
            )
        ],
        error_messages={"required": _("Choose an answer.")},
    )
    due_on = forms.DateField(
        label=_("Due date"), required=False, widget=date_input(), help_text=_("If the answer is yes.")
    )
