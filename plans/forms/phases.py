"""The phases of a plan on its page: lines one below the other, to add, take out and put in another order."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from plans.forms.fields import number
from plans.models import PhaseKind
from plans.rules import making as rules
from plans.rules.phases import laid_out, offsets_after
from plans.rules.prefill import MOST_PHASES

# What a line consists of; `gaps` and `row` are hidden: days as they lie now, and the phase that is changed.
PARTS = ("kind", "visits", "service", "least", "most", "gaps", "row")


def how_many(values):
    """How many lines there are: as the form that was sent says, at least one."""
    said = str(values.get("phases") or 1)
    return min(max(int(said), 1), MOST_PHASES) if said.isascii() and said.isdigit() and len(said) < 3 else 1


def fields_of(index, services, *, typing=False):
    """{name: field} of one line. `typing`: the keyboard goes on in it."""
    hidden = forms.HiddenInput
    parts = {
        "kind": forms.ChoiceField(label=_l("Phase"), choices=PhaseKind.choices),
        "visits": number(_l("Visits"), 1, rules.LONGEST),
        "service": forms.TypedChoiceField(label=_l("Kind of visit"), coerce=int, choices=services),
        "least": number(_l("Days between, at least"), 1, 90),
        "most": number(_l("Days between, at most"), 1, 90),
        "gaps": forms.RegexField(r"^\d{1,3}(,\d{1,3})*$", required=False, widget=hidden, max_length=300),
        "row": forms.UUIDField(required=False, widget=hidden),
    }
    if typing:
        parts["visits"].widget.attrs["data-focus"] = True
    return {f"phase_{index}_{name}": field for name, field in parts.items()}


def lines_of(form, count):
    """[{"number", and a bound field for each part}], with whether there is one above and one below."""
    return [
        {
            "number": index,
            "above": index > 1,
            "below": index < count,
            **{name: form[f"phase_{index}_{name}"] for name in PARTS},
            "fields": [form[f"phase_{index}_{name}"] for name in PARTS],
        }
        for index in range(1, count + 1)
    ]


def wishes_of(typed, count, services):
    """[PhaseWish] in order. `services`: {id: service} on offer."""
    found, last = [], None
    for index in range(1, count + 1):
        line = {name: typed[f"phase_{index}_{name}"] for name in PARTS}
        kept = [int(gap) for gap in line["gaps"].split(",") if gap]
        gaps = laid_out(kept, line["visits"], line["least"], max(line["least"], line["most"]))
        offsets = offsets_after(last, gaps)
        last, service = offsets[-1], services[line["service"]]
        found.append(
            rules.PhaseWish(
                line["kind"],
                service,
                line["visits"],
                offsets,
                line["least"],
                line["most"],
                order_of(service),
                row=line["row"],
            )
        )
    return found


def order_of(service):
    """Acupuncture, then adjustment: the order of the parts, where there are several."""
    names = [part.name for part in service.parts.all()]
    return _(", then ").join(names) if len(names) > 1 else ""
