"""Notes as JSON states, read from their rows: ten statements for any number of notes."""

from collections import defaultdict
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from treatment.models import (
    Adjunct,
    Adjustment,
    AgainstRule,
    NeedleCount,
    NeedleSet,
    Needling,
    RegionFinding,
    SegmentFinding,
    Vitals,
)
from treatment.rules.state import CHILDREN, FIELDS, SERVER_KEYS, STAMPED, TAPS, fresh

MODELS = {
    "sets": NeedleSet,
    "needlings": Needling,
    "counts": NeedleCount,
    "adjuncts": Adjunct,
    "segments": SegmentFinding,
    "regions": RegionFinding,
    "adjustments": Adjustment,
    "vitals": Vitals,
    "against": AgainstRule,
}


def note_state(note):
    """The state of one note, as rules.state describes it. Nine statements."""
    return states_of([note])[note.pk]


def states_of(notes):
    """{note id: state}. Nine statements, one per kind of child."""
    states = {note.pk: fields_of(note) for note in notes}
    for kind in CHILDREN:
        children = children_of(kind, list(states))
        for pk, state in states.items():
            state[kind] = children.get(pk, [])
    return states


def fields_of(note):
    values = {name: plain(getattr(note, name)) for name in FIELDS if name not in TAPS}
    for name, asked in FIELDS.items():
        if isinstance(asked.empty, dict):
            values[name] = {**fresh(asked.empty), **values[name]}
    taps = {tap: getattr(note, f"{tap}_at") is not None for tap in TAPS}
    server = {
        name: plain(getattr(note, f"{name}_id" if name.endswith("_by") else name)) for name in SERVER_KEYS
    }
    return {**values, **taps, **server, "carried": list(note.carried)}


def children_of(kind, ids):
    """{note id: [child]} of one kind, in their order."""
    columns = ["id", *CHILDREN[kind], *(("at", "by") if kind in STAMPED else ())]
    found = defaultdict(list)
    rows = MODELS[kind].objects.filter(note__in=ids).order_by("position").values_list("note", *columns)
    for note, *values in rows:
        found[note].append(dict(zip(columns, map(plain, values), strict=True)))
    return found


def plain(value):
    """As JSON has it."""
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
