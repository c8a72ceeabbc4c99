"""Writing a draft: its row, its children, and the save that can be read later."""

from dataclasses import dataclass

from django.db import IntegrityError
from django.db.models import Exists
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit
from clinic.refusal import Refused
from treatment.models import Note, NoteSave
from treatment.models.notes import errors
from treatment.queries.states import MODELS
from treatment.rules.carrying import merged
from treatment.rules.opening import reasons_not_to_write
from treatment.rules.picking import needles_missing
from treatment.rules.state import CHILDREN, FIELDS, SERVER_KEYS, TAPS

TAKEN = "23505"  # unique violation


@dataclass(frozen=True, slots=True)
class Saved:
    """A draft as it now stands; `problems` are what was refused in it or needs a look."""

    note: Note
    state: dict
    problems: list


class NotUnderstood(Refused):
    """What was sent cannot be kept as it is; `problems` say where."""

    def __init__(self, problems):
        self.problems = problems
        super().__init__([problem.says for problem in problems])


class Stale(Refused):
    """The draft was saved elsewhere meanwhile. Both states are here; nothing was applied."""

    def __init__(self, note, stored, yours):
        self.version, self.stored, self.yours = note.version, stored, yours
        super().__init__(
            _("This note was changed in another window. Compare both, then save the one to keep."),
            conflict=True,
        )


def draft_of(by, pk):
    """(note, state), the note's row locked; refused unless this person may write on it. Two statements."""
    rows = Note.objects.select_for_update(of=("self",)).select_related("patient", "discipline", "location")
    note = rows.annotate(wrong=Exists(errors())).get(pk=pk)
    reasons = reasons_not_to_write(
        is_author=note.author_id == by.pk, signed=note.signed_at is not None, entered_in_error=note.wrong
    )
    if reasons:
        raise Refused(reasons)
    return note, NoteSave.objects.get(note=note, of_version=note.version).state


def keep(note, old, new, version, *, by, verb, problems=(), added=()):
    """Write `new` over `old`, the state stored; only the kinds of children that differ are touched.

    What changes nothing writes nothing, whatever its version: so a save whose answer was lost can be sent again.
    """
    now = timezone.now()
    state = merged(old, new, by=by.pk, now=now.isoformat(), added=added)
    if state == old:
        return Saved(note, old, list(problems))
    if note.version != version:
        raise Stale(note, old, new)
    write(note, old, state, by=by, now=now)
    audit.record(by=by, verb=verb, about=note, patient=note.patient_id, version=note.version)
    return Saved(note, state, list(problems))


def write(note, old, state, *, by, now):
    """The note's row, the kinds of children that differ, and the save."""
    for name in FIELDS:
        if name not in TAPS:
            setattr(note, name, state[name])
    for name in SERVER_KEYS:
        setattr(note, f"{name}_id" if name.endswith("_by") else name, state[name])
    note.carried = state["carried"]
    note.needles_missing = needles_missing(state)
    note.save()
    for kind in CHILDREN:
        if with_confirmed(kind, state) != with_confirmed(kind, old):
            replace(note, kind, with_confirmed(kind, state))
    NoteSave.objects.create(note=note, of_version=note.version, state=state, at=now, by=by)


def with_confirmed(kind, state):
    """The children as their table has them: a needling also says whether it is confirmed."""
    if kind != "needlings":
        return state[kind]
    carried = set(state["carried"])
    return [{**child, "confirmed": child["id"] not in carried} for child in state[kind]]


def replace(note, kind, children):
    """All rows of one kind, in two statements."""
    model = MODELS[kind]
    model.objects.filter(note=note).delete()
    columns = {field.name: field.attname for field in model._meta.concrete_fields}
    rows = [
        model(note=note, position=number, **{columns[name]: value for name, value in child.items()})
        for number, child in enumerate(children)
    ]
    try:
        model.objects.bulk_create(rows)
    except IntegrityError as fault:
        if getattr(fault.__cause__, "pgcode", "") != TAKEN:
            raise
        raise Refused(_("Two notes claim the same row. Reload the page and enter it again.")) from fault
