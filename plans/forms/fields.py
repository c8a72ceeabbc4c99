"""Fields of the plan's page that come more than once."""

from django import forms


def number(label, least, most, required=True):
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        required=required,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


def line(label, length, help_text="", **attrs):
    return forms.CharField(
        label=label,
        max_length=length,
        required=False,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}),
    )


def amount(label):
    return forms.DecimalField(label=label, required=False, max_digits=6, decimal_places=2, min_value=0)
