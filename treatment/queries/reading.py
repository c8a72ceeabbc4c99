"""Notes in words: what the pages that show them are made of."""

from dataclasses import dataclass, field

from acupoints.models import Acupoint, Term
from acupoints.queries import catalogue
from acupoints.rules.names import shown as shown_name
from clinic.models import User
from messaging.models import Text
from services.models import Code
from treatment.models import Addendum, Note
from treatment.queries.notes import Written
from treatment.rules import shown
from treatment.rules.pickers import VIEWS
from treatment.rules.picking import needles_of
from treatment.rules.summary import lines_of


@dataclass(frozen=True, slots=True)
class Reading:
    """One note as it reads. Rows are (label, text); what is empty is not there."""

    note: Note
    addenda: list[Addendum]
    said: list
    found: list
    assessed: list
    needles: list
    sets: list
    counted: list
    missing: list
    needles_in: int
    adjustments: list
    adjuncts: list
    confirmed: list
    after: list
    against: list
    charts: list = field(default_factory=list)

    @property
    def location(self):
        return self.note.appointment.location if self.note.appointment else self.note.location

    @property
    def is_wrong(self):
        return any(one.kind == Addendum.Kind.ENTERED_IN_ERROR for one in self.addenda)

    @property
    def is_resolved(self):
        return any(one.kind == Addendum.Kind.NEEDLE_RESOLUTION for one in self.addenda)

    @property
    def is_empty(self):
        parts = (self.said, self.found, self.assessed, self.needles, self.adjustments, self.adjuncts)
        return not any((*parts, self.after, self.against))


def readings(notes: list[Written]):
    """Each note in words. At most six statements for any number of notes."""
    states = [one.state for one in notes]
    points = catalogue()
    names = names_of(states, points)
    spots = spots_of(states)
    return [reading(one, names, spots) for one in notes]


def reading(this, names, spots):
    state, count = this.state, needles_of(this.state)
    counted = bool(state["counts"])
    marks = shown.marks(state["needlings"], spots, names.label)
    return Reading(
        note=this.note,
        addenda=this.addenda,
        said=shown.said(state),
        found=shown.found(state, names),
        assessed=shown.assessed(state, names),
        needles=shown.needles(state, names),
        sets=shown.sets(state, names),
        counted=shown.counted(state),
        missing=shown.missing_where(count.missing) if counted or this.note.signed_at else [],
        needles_in=count.needles_in + count.press,
        adjustments=shown.adjustments(state, names),
        adjuncts=shown.adjuncts(state, names),
        confirmed=shown.confirmed(state, names),
        after=shown.after(state, names),
        against=shown.against(state, names),
        charts=[(view, marks[view]) for view in VIEWS if view in marks],
    )


def names_of(states, points):
    """The words of everything these notes name. Four statements at most."""
    codes = {key for state in states for key in state["codes"]}
    texts = {key for state in states for key in state["advice"]["texts"]}
    people = {row["by"] for state in states for kind in ("counts", "against") for row in state[kind]}
    people |= {state[f"{tap}_by"] for state in states for tap in ("clean_technique", "sharps_box")}
    terms = {}
    for kind, key, name in Term.objects.in_force().values_list("kind", "key", "name"):
        terms.setdefault(kind, {})[key] = name
    found = Code.objects.in_force().filter(key__in=codes).values_list("key", "code", "label")
    return shown.Names(
        terms=terms,
        codes={key: f"{code} {label}" for key, code, label in found},
        texts=dict(Text.objects.in_force().filter(key__in=texts).values_list("key", "title")),
        people=dict(User.objects.filter(pk__in=people - {None}).values_list("pk", "profile__name")),
        label=lambda code: shown_name(code, points),
    )


def spots_of(states):
    """{code: (on both sides, (view, x, y))} of the points these notes needle; one statement."""
    codes = {row["code"] for state in states for row in state["needlings"] if row["kind"] == "point"}
    rows = Acupoint.objects.in_force().filter(key__in=codes)
    columns = ("key", "bilateral", "view", "x", "y")
    return {key: (paired, spot) for key, paired, *spot in rows.values_list(*columns)}


def in_lines(notes: list[Written]):
    """[(note, lines)]: each note in a few lines. One statement."""
    points = catalogue()
    return [(one, lines_of(one.state, label=lambda code: shown_name(code, points))) for one in notes]
