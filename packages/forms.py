"""Shape and type of packages, coverages and the policy; never whether something is allowed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from packages.models import Coverage, Policy

NO_DAYS = _("Write for how many days it is valid, for example 90.")


def day_input():
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class PackageForm(forms.Form):
    """`kinds` are the clinic's kinds of care: one number of visits for each."""

    name = forms.CharField(label=_("Name"), max_length=150, required=False)
    price = forms.DecimalField(
        label=_("Price in dollars"),
        max_digits=10,
        decimal_places=2,
        required=False,
        error_messages={"invalid": _("Write the price as a number, for example 950.")},
        help_text=_("Without a price it is not sold."),
    )
    valid_days = forms.IntegerField(
        label=_("Valid for (days)"),
        error_messages={"required": NO_DAYS, "invalid": NO_DAYS},
    )

    def __init__(self, data=None, *, kinds, **more):
        super().__init__(data, **more)
        self.kinds = {f"visits_{kind.pk}": kind for kind in kinds}
        for name, kind in self.kinds.items():
            self.fields[name] = forms.IntegerField(label=kind.name, min_value=0, max_value=99, required=False)

    @property
    def plain_fields(self):
        return [self[name] for name in ("name", "price", "valid_days")]

    @property
    def visit_fields(self):
        return [self[name] for name in self.kinds]

    @property
    def visits(self):
        return {kind.key: self.cleaned_data[name] or 0 for name, kind in self.kinds.items()}

    @property
    def values(self):
        return {name: self.cleaned_data[name] for name in ("name", "price", "valid_days")}


class CoverageForm(forms.ModelForm):
    """The row stays as it is stored: the action changes and judges it."""

    class Meta:
        model = Coverage
        fields = [
            *("kind", "insurer", "member_number", "claim_number", "injured_on"),
            *("contact", "starts_on", "ends_on", "note"),
        ]
        widgets = {name: day_input() for name in ("injured_on", "starts_on", "ends_on")}
        labels = {"insurer": _("Insurer or attorney")}
        help_texts = {"contact": _("Name and telephone, for example Ms. Reed, (919) 555-0188.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.setdefault("autocomplete", "off")

    def _post_clean(self):
        """Without Django's copying into the row and its checks of constraints, whose sentences are for programmers."""

    @property
    def values(self):
        return {name: self.cleaned_data[name] for name in self._meta.fields}


class PolicyForm(forms.ModelForm):
    class Meta:
        model = Policy
        fields = ["late_hours", "late_takes_visit", "no_show_takes_visit", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}
        labels = {"late_hours": _("Late is less than so many hours before")}
        help_texts = {
            "text": _("In plain words. It stands in every agreement, too."),
            "late_takes_visit": _("An insurance visit is never used up by a visit that did not happen."),
        }

    def _post_clean(self):
        """The action writes a row of its own."""


class NoteForm(forms.Form):
    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
