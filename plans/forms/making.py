"""The one page on which a plan is made or revised."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from plans.forms import phases
from plans.forms.fields import amount, line, number
from plans.models import HomeKind
from plans.queries.making import GOAL_MEASURES
from plans.rules import making as rules
from plans.rules.prefill import MOST_PHASES

OWN_GOALS = 3
HOME_ROWS = 7


class PlanForm(forms.Form):
    """`choices` are plans.queries.making.Choices; `draft` gives what was typed as a rules.making.Draft."""

    template = forms.ChoiceField(label=_l("Template"), required=False, widget=forms.RadioSelect)
    region = forms.ChoiceField(label=_l("Region"), choices=rules.REGIONS)
    code = line(
        _l("Diagnosis code"), 60, _l("Type a code or a word, such as M54.2 or “neck”."), list="plan-codes"
    )
    code_2 = line(_l("Second code"), 60, list="plan-codes")
    condition = line(_l("Condition"), 200, _l("Empty: the words of the code."))
    symptoms = forms.CharField(
        label=_l("Symptoms"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2})
    )
    lead = forms.TypedChoiceField(label=_l("Led by"), coerce=int)
    starts_on = forms.DateField(
        label=_l("First treatment"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    phases = forms.IntegerField(required=False, widget=forms.HiddenInput)
    goal_measure = forms.ChoiceField(label=_l("Measure"), required=False)
    goal_baseline = amount(_l("Now"))
    goal_target = amount(_l("Target"))
    purchase = forms.ChoiceField(label=_l("Package"), required=False)
    authorization = forms.ChoiceField(label=_l("Insurance visits"), required=False)
    measures = forms.MultipleChoiceField(
        label=_l("Scores asked for"), required=False, widget=forms.CheckboxSelectMultiple
    )
    why_beside = line(_l("Why another plan for this region"), 300)

    def __init__(self, data=None, *, choices, measures, others=False, **more):
        super().__init__(data, **more)
        self.choices = choices
        self.count = phases.how_many(self.initial if data is None else data)
        services = [(row.pk, row.name) for row in choices.services]
        offered = {
            "template": [*((row.key, row.name) for row in choices.templates), ("", _("No template"))],
            "lead": [(row.pk, str(row)) for row in choices.leads],
            "goal_measure": [
                ("", _("none")),
                *((key, name) for key, name in measures if key in GOAL_MEASURES),
            ],
            "purchase": [("", _("none")), *((str(row.pk), row.name) for row in choices.purchases)],
            "authorization": [("", _("none")), *((str(row.pk), said(row)) for row in choices.authorizations)],
            "measures": measures,
        }
        for name, values in offered.items():
            self.fields[name].choices = values
        for index in range(1, self.count + 1):
            self.fields |= phases.fields_of(index, services, typing=self.focus == f"visits-{index}")
        for index in range(1, OWN_GOALS + 1):
            self.fields[f"goal_{index}"] = line(_("Goal in the patient’s words"), 200)
        for index in range(1, HOME_ROWS + 1):
            self.add_home(index)
        if not others:
            del self.fields["why_beside"]

    def add_home(self, index):
        self.fields[f"home_{index}"] = forms.BooleanField(label=_("At home"), required=False)
        self.fields[f"home_{index}_kind"] = forms.ChoiceField(
            label=_("Kind"), choices=HomeKind.choices, required=False
        )
        self.fields[f"home_{index}_name"] = line(_("Activity at home"), 150)
        self.fields[f"home_{index}_per_week"] = number(_("Times a week"), 1, 21, required=False)
        self.fields[f"home_{index}_how"] = line(_("How"), 500, placeholder=_("how, if it needs saying"))

    @property
    def focus(self):
        """Where the keyboard goes on after the phases were rearranged: up-2, down-2, line-2 or visits-2."""
        return self.initial.get("focus", "")

    @property
    def phase_rows(self):
        return phases.lines_of(self, self.count)

    @property
    def more_phases(self):
        """[(what the button sends, what it says)] while there is room for more."""
        if self.count >= MOST_PHASES:
            return []
        return [("more", _("Add a phase")), ("maintenance", _("Add maintenance"))]

    @property
    def goal_rows(self):
        return [self[f"goal_{index}"] for index in range(1, OWN_GOALS + 1)]

    @property
    def home_rows(self):
        """[{"on", "kind", "name", "per_week", "how"}] of bound fields."""
        parts = {"kind": "_kind", "name": "_name", "per_week": "_per_week", "how": "_how", "on": ""}
        return [
            {name: self[f"home_{index}{suffix}"] for name, suffix in parts.items()}
            for index in range(1, HOME_ROWS + 1)
        ]

    def clean(self):
        typed = super().clean()
        for index in range(1, HOME_ROWS + 1):
            if typed.get(f"home_{index}") and not (
                typed.get(f"home_{index}_name") and typed.get(f"home_{index}_per_week")
            ):
                self.add_error(
                    f"home_{index}_name", _("Say what is to be done and how often, or take the tick away.")
                )
        return typed

    def draft(self, location):
        """What was typed, as the action takes it."""
        typed = self.cleaned_data
        codes = tuple(filter(None, (code_in(typed["code"]), code_in(typed["code_2"]))))
        return rules.Draft(
            condition=typed["condition"] or self.label_of(codes),
            region=typed["region"],
            lead=one_of(self.choices.leads, typed["lead"]),
            location=location,
            starts_on=typed["starts_on"],
            phases=tuple(phases.wishes_of(typed, self.count, self.services_by_id())),
            diagnosis_codes=codes,
            symptoms=typed["symptoms"],
            template=next((row for row in self.choices.templates if row.key == typed["template"]), None),
            measures=tuple(typed["measures"]),
            goals=tuple(self.goals()),
            home=tuple(self.home()),
            purchase=one_of(self.choices.purchases, typed["purchase"]),
            authorization=one_of(self.choices.authorizations, typed["authorization"]),
            why_beside=typed.get("why_beside", ""),
        )

    def label_of(self, codes):
        return next((row.label for row in self.choices.codes if codes and row.code == codes[0]), "")

    def services_by_id(self):
        return {row.pk: row for row in self.choices.services}

    def goals(self):
        typed = self.cleaned_data
        if typed["goal_measure"]:
            yield rules.GoalWish(
                measure=typed["goal_measure"],
                baseline=exact(typed["goal_baseline"]),
                target=exact(typed["goal_target"]),
            )
        for index in range(1, OWN_GOALS + 1):
            if typed[f"goal_{index}"].strip():
                yield rules.GoalWish(words=typed[f"goal_{index}"].strip())

    def home(self):
        typed = self.cleaned_data
        for index in range(1, HOME_ROWS + 1):
            if typed[f"home_{index}"]:
                yield rules.HomeWish(
                    typed[f"home_{index}_kind"],
                    typed[f"home_{index}_name"],
                    typed[f"home_{index}_per_week"],
                    typed[f"home_{index}_how"],
                )


class RevisionForm(PlanForm):
    """A plan as it stands, to change; why is asked for."""

    why = forms.CharField(
        label=_l("Why it is changed"),
        max_length=300,
        error_messages={"required": _l("Say why, in a few words.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class WhyForm(forms.Form):
    """A step that needs only its reason; `label` where it is asked for in other words."""

    why = forms.CharField(
        label=_l("Why"),
        max_length=200,
        error_messages={"required": _l("Say why, in a few words.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data=None, *, label=None):
        super().__init__(data)
        if label:
            self.fields["why"].label = label


def one_of(rows, key):
    """The offered row with that id (as a form sends it), or None."""
    return next((row for row in rows if str(row.pk) == str(key)), None)


def code_in(text):
    """M54.2, of what stands in the field: a choice of the list ("M54.2 Neck pain") or a code as typed."""
    return text.split(" ")[0].strip().upper()


def exact(number):
    """Two places, as the table keeps it, so that a goal that is not changed stays the same one."""
    return None if number is None else number.quantize(Decimal("0.01"))


def said(authorization):
    return f"{authorization.coverage} {authorization.number}"
