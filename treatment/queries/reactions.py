"""Reactions of one patient, and what the form about one offers."""

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef

from messaging.models import StaffTask
from patients.models import Patient
from patients.queries import ids_of
from treatment.models import NeedleSet, Reaction, ReactionKind
from treatment.rules.reactions import grade_choices

REPORT = "report_reaction"
OFTEN = ("very_common", "common", "uncommon")  # what is tapped first; the rest stands below it


@dataclass(frozen=True, slots=True)
class ReactionLine:
    """`report`: the to-do about telling somebody outside, open or done, or None. `lots`: of the note's needles."""

    reaction: Reaction
    event: str
    severity: str
    first_action: str
    report: StaffTask | None
    lots: list[str]


def kinds_to_record():
    """(those that happen often, the others) of what can happen to a patient; one statement."""
    rows = ReactionKind.objects.effective().filter(subject="patient").order_by("event", "key")
    kinds = list(rows)
    often = [kind for kind in kinds if kind.frequency_band in OFTEN and not kind.stops_session]
    return often, [kind for kind in kinds if kind not in often]


def kind_named(key):
    return ReactionKind.objects.effective().filter(key=key, subject="patient").first()


def reactions_of(patient):
    """Newest first. Five statements for any number of them."""
    rows = Reaction.objects.filter(patient__in=ids_of(patient)).order_by("-at", "pk")
    found = list(rows.select_related("by__profile", "appointment__location"))
    kinds = {
        kind.key: kind for kind in ReactionKind.objects.in_force().filter(key__in={r.kind for r in found})
    }
    lots, reports = lots_of(found), reports_of(found)
    return [line_of(row, kinds.get(row.kind), lots, reports) for row in found]


def line_of(row, kind, lots, reports):
    words = dict(grade_choices(kind)) if kind else {}
    return ReactionLine(
        reaction=row,
        event=kind.event if kind else row.kind,
        severity=words.get(row.grade, str(row.grade)),
        first_action=kind.first_action if kind else "",
        report=reports.get(f"treatment.reaction:{row.pk}"),
        lots=lots.get(row.note_id, []),
    )


def lots_of(reactions):
    """{note id: [lot]}."""
    found = {}
    rows = NeedleSet.objects.filter(note__in={row.note_id for row in reactions} - {None}).exclude(lot="")
    for note, lot in rows.order_by("note", "lot").values_list("note", "lot").distinct():
        found.setdefault(note, []).append(lot)
    return found


def reports_of(reactions):
    """{what it is about: the latest to-do}."""
    about = [f"treatment.reaction:{row.pk}" for row in reactions]
    rows = StaffTask.objects.filter(kind=REPORT, about__in=about).order_by(F("opened_at").asc())
    return {task.about: task for task in rows}


def reaction_seen(user, patient, pk):
    rows = Reaction.objects.visible_to(user).filter(patient__in=ids_of(patient), pk=pk)
    return rows.select_related("note").first()


def follow_ups_due(user, until):
    """Reactions that somebody is to look at again by then, in charts this person reads. A queryset."""
    opened = Patient.objects.charts_read_by(user).filter(pk=OuterRef("patient"))
    rows = Reaction.objects.filter(Exists(opened), follow_up_at__lt=until, closed_at=None)
    return rows.order_by("follow_up_at", "pk")
