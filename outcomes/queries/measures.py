"""The measures in use, as values."""

from outcomes.models import Measure
from outcomes.rules.definitions import measure_from


def offered():
    """{key: measure} of those that are not hidden, in order; one statement."""
    return as_values(Measure.objects.effective())


def known():
    """{key: measure}, hidden ones too: scores that were given stay readable. One statement."""
    return as_values(Measure.objects.in_force())


def as_values(rows):
    rows = rows.order_by("position", "key").values_list("key", "definition", "name")
    return {key: measure_from(definition, name) for key, definition, name in rows}


def answerable():
    """{key: measure} a patient can be asked; one statement."""
    return {key: measure for key, measure in offered().items() if measure.answerable}
