from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.models import RoomKind
from services.models import Discipline, KindOfCare, PhaseKind, Service
from services.rules import Step

MOST_PARTS = 3
SPARE_STEPS = 3
FEWEST_STEPS = 10
NO_SUCH_PART = MOST_PARTS + 1


class ServiceForm(forms.ModelForm):
    """What a service is called and when it is offered; `prices` of its parts stand beside it."""

    class Meta:
        model = Service
        fields = ["name", "notice_minutes", "first_visit", "active", "position"]
        labels = {"active": _("Can be booked (visits already booked stay)")}

    def __init__(self, *args, parts=(), locations=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.parts, self.locations = parts, locations
        for part in parts:
            had = {price.location_id: price.amount for price in part.prices.all()}
            for place in locations:
                self.fields[price_field(part, place)] = forms.DecimalField(
                    label=_("%(part)s, %(place)s") % {"part": part.name, "place": place.name},
                    required=False,
                    min_value=Decimal(0),
                    max_digits=10,
                    decimal_places=2,
                    initial=had.get(place.pk),
                    widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
                )

    def own(self):
        """For the page: the bound fields that are no prices."""
        return [self[name] for name in self.Meta.fields]

    def price_rows(self):
        """For the page: (part, [(location, its bound price field)])."""
        return [
            (part, [(place, self[price_field(part, place)]) for place in self.locations])
            for part in self.parts
        ]

    def chosen(self):
        """What the action takes: (fields, prices)."""
        fields = {name: self.cleaned_data[name] for name in self.Meta.fields}
        prices = {
            (part.pk, place.pk): self.cleaned_data[price_field(part, place)]
            for part in self.parts
            for place in self.locations
        }
        return fields, prices


def price_field(part, location):
    return f"price_{part.pk}_{location.pk}"


class NewServiceForm(forms.ModelForm):
    class Meta:
        model = Service
        fields = ["name", "notice_minutes", "first_visit", "position"]


class PartForm(forms.Form):
    """A part; without a name it is left out."""

    name = forms.CharField(label=_("Name"), max_length=100, required=False)
    discipline = forms.ModelChoiceField(
        label=_("Discipline"), queryset=Discipline.objects.all(), required=False
    )
    kind_of_care = forms.ModelChoiceField(
        label=_("Uses up"), queryset=KindOfCare.objects.all(), required=False
    )

    def clean(self):
        if self.cleaned_data.get("name") and not self.cleaned_data.get("discipline"):
            self.add_error("discipline", _("Choose the discipline that delivers this part."))
        return self.cleaned_data


class StepForm(forms.Form):
    """One step; without a kind it is left out. Provider and room: none, any (of a kind), or an earlier step's."""

    part = forms.TypedChoiceField(
        label=_("Part"), coerce=int, choices=[(n, n) for n in range(1, MOST_PARTS + 1)], initial=1
    )
    kind = forms.ChoiceField(label=_("Step"), choices=[("", "–"), *PhaseKind.choices], required=False)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=1, max_value=999, required=False)
    max_minutes = forms.IntegerField(label=_("At most"), min_value=1, max_value=999, required=False)
    provider = forms.ChoiceField(label=_("Provider"), required=False)
    room = forms.ChoiceField(label=_("Room"), required=False)
    patient_present = forms.BooleanField(label=_("Patient is there"), required=False, initial=True)

    def __init__(self, *args, number, room_kinds, **kwargs):
        super().__init__(*args, **kwargs)
        self.number = number
        same = [(f"same_{n}", _("same as step %(n)s") % {"n": n}) for n in range(1, number)]
        self.fields["provider"].choices = [("", _("none")), ("any", _("any")), *same]
        self.fields["room"].choices = [
            ("", _("none")),
            *((f"kind_{pk}", name) for pk, name in room_kinds),
            *same,
        ]

    def clean(self):
        kind, minutes = self.cleaned_data.get("kind"), self.cleaned_data.get("minutes")
        if kind and minutes is None and "minutes" not in self.errors:
            self.add_error("minutes", _("Say how many minutes."))
        if minutes and not kind and "kind" not in self.errors:
            self.add_error("kind", _("Choose what happens, or empty the minutes."))
        return self.cleaned_data

    def step(self, part_numbers, positions, earlier):
        """The Step that was typed; a shared room is of the kind of that room.

        `part_numbers` and `positions` give the numbers after the rows left empty are left out, `earlier` the
        steps before this one. What refers to an empty row gets a number that nothing has, and the rules say so.
        """
        typed = self.cleaned_data
        provider, room = typed["provider"], typed["room"]
        shared = _shared(room, positions)
        kinds = {step.position: step.room_kind for step in earlier}
        return Step(
            part=part_numbers.get(typed["part"], NO_SUCH_PART),
            position=positions[self],
            kind=typed["kind"],
            minutes=typed["minutes"],
            max_minutes=typed["max_minutes"],
            practitioner_needed=bool(provider),
            room_kind=int(room.removeprefix("kind_")) if room.startswith("kind_") else kinds.get(shared),
            patient_present=typed["patient_present"],
            same_practitioner_as=_shared(provider, positions),
            same_room_as=shared,
        )

    @staticmethod
    def initial_of(step):
        provider, room = (
            "any" if step.practitioner_needed else "",
            f"kind_{step.room_kind}" if step.room_kind else "",
        )
        return {
            "part": step.part,
            "kind": step.kind,
            "minutes": step.minutes,
            "max_minutes": step.max_minutes,
            "provider": f"same_{step.same_practitioner_as}" if step.same_practitioner_as else provider,
            "room": f"same_{step.same_room_as}" if step.same_room_as else room,
            "patient_present": step.patient_present,
        }


def _shared(choice, positions):
    """The position of the earlier step whose provider or room this is."""
    if not choice.startswith("same_"):
        return None
    row = int(choice.removeprefix("same_"))
    return next((position for form, position in positions.items() if form.number == row), 0)


class StepsForm:
    """What a service is made of, on one page: parts, steps, and for a new one its name."""

    def __init__(self, data=None, *, parts=(), steps=(), new=False):
        room_kinds = list(RoomKind.objects.values_list("pk", "name"))
        self.head = NewServiceForm(data) if new else None
        self.parts = [
            PartForm(data, prefix=f"part{n}", initial=_initial_part(parts, n)) for n in range(MOST_PARTS)
        ]
        self.steps = []
        for n in range(max(len(steps) + SPARE_STEPS, FEWEST_STEPS)):
            initial = StepForm.initial_of(steps[n]) if n < len(steps) else None
            self.steps.append(
                StepForm(data, prefix=f"step{n}", initial=initial, number=n + 1, room_kinds=room_kinds)
            )
        self.reasons = []
        # A stale page shows the stored steps beside the typed ones instead of a list of fields.
        self.changed_data = []

    def all(self):
        return [*([self.head] if self.head else []), *self.parts, *self.steps]

    def is_valid(self):
        # Every form is asked, so that every error is on the page.
        return not [form for form in self.all() if not form.is_valid()]

    def errors(self):
        """For the page: (bound field, error), in order."""
        return [(field, error) for form in self.all() for field in form for error in field.errors]

    def add_error(self, _field, reason):
        self.reasons.append(reason)

    def typed_parts(self):
        return [dict(form.cleaned_data) for form in self.parts if form.cleaned_data.get("name")]

    def typed_steps(self):
        named = [row for row, form in enumerate(self.parts, start=1) if form.cleaned_data.get("name")]
        part_numbers = {row: number for number, row in enumerate(named, start=1)}
        filled = [form for form in self.steps if form.cleaned_data.get("kind")]
        positions = {form: position for position, form in enumerate(filled, start=1)}
        made = []
        for form in filled:
            made.append(form.step(part_numbers, positions, made))
        return made


def _initial_part(parts, n):
    if n >= len(parts):
        return None
    return {
        "name": parts[n].name,
        "discipline": parts[n].discipline_id,
        "kind_of_care": parts[n].kind_of_care_id,
    }
