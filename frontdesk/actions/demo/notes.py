"""Notes of the demo made rows: all of them together, a few statements for each table.

The actions stamp the clock as they write; these notes are of earlier days, so that their rows are made here.
"""

from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from frontdesk.actions.demo.courses import half_of
from frontdesk.actions.demo.planning import MINUTE
from frontdesk.actions.demo.rows import random_id
from frontdesk.actions.demo.telling import facts_of_part, written_at
from intake.models import Screening
from intake.queries.flags import questions
from intake.rules import flags as rules
from intake.rules.flags import NECK_SCREEN
from scheduling.models import VisitPart
from treatment.actions.keeping import with_confirmed
from treatment.models import Note, NoteSave
from treatment.queries.states import MODELS
from treatment.rules.state import CHILDREN, FIELDS, SERVER_KEYS, TAPS
from treatment.rules.thrusting import NECK_THRUST

SAVED, SIGNED = 2, 3  # versions of a note: the first is an empty one


class Told(NamedTuple):
    """A note and its state; `signed_at` None: a draft."""

    note: Note
    state: dict
    signed_at: datetime | None


def tell_visits(comes, teller, users, rng):
    """[Told] for every part of the visits that its course says something of. `users`: {practitioner: account}."""
    parts = parts_of([come.plan for come in comes])
    return [
        tell_part(come, part, half, teller, users, rng)
        for come in comes
        for part in parts[come.plan.id]
        if (half := half_of(come.course, part.discipline.key))
    ]


def parts_of(plans):
    """{visit: its parts, in order}."""
    found = defaultdict(list)
    rows = VisitPart.objects.filter(appointment__in=[plan.id for plan in plans]).select_related("discipline")
    for part in rows.order_by("position"):
        found[part.appointment_id].append(part)
    return found


def author_of(plan, position, users):
    """The account of whoever has hands on the patient in a part; None where they have no account."""
    hands = [phase for phase in plan.phases if phase.part == position and phase.practitioner]
    return users.get(hands[0].practitioner) if hands else None


def tell_part(come, part, half, teller, users, rng):
    plan, by, at = come.plan, author_of(come.plan, part.position, users), written_at(come.plan)
    state = teller.tell(come, half, by=by, at=at, facts=facts_of_part(plan, part.position))
    signed = not (come.course.unsigned and come.last)
    if not signed:
        state["felt"] = ""
    note = note_of(plan, part, by, state, opened_at=at - 25 * MINUTE, rng=rng)
    return Told(note, state, at if signed else None)


def note_of(plan, part, by, state, *, opened_at, rng):
    """A row not yet written, as the action that keeps a draft fills it."""
    fields = {name: state[name] for name in FIELDS if name not in TAPS}
    server = {f"{name}_id" if name.endswith("_by") else name: state[name] for name in SERVER_KEYS}
    return Note(
        id=random_id(rng), appointment_id=plan.id, visitpart=part, patient=plan.patient,
        location=plan.location, author_id=by, discipline_id=part.discipline_id, opened_at=opened_at,
        version=SAVED, carried=state["carried"], **fields, **server,
    )  # fmt: skip


def write(told):
    """Notes with their children and the save that can be read later; then those that are signed are signed."""
    Note.objects.bulk_create(one.note for one in told)
    for kind in CHILDREN:
        model = MODELS[kind]
        columns = {field.name: field.attname for field in model._meta.concrete_fields}
        model.objects.bulk_create(
            model(note=one.note, position=number, **{columns[name]: value for name, value in child.items()})
            for one in told
            for number, child in enumerate(with_confirmed(kind, one.state))
        )
    NoteSave.objects.bulk_create(
        NoteSave(note=one.note, of_version=SAVED, state=one.state, at=saved_at(one), by_id=one.note.author_id)
        for one in told
    )
    screen_necks(told)
    sign([one for one in told if one.signed_at])


def screen_necks(told):
    """The questions of the day before a neck is adjusted, all answered no."""
    asked = [one for one in told if any(row["modality"] == NECK_THRUST for row in one.state["adjustments"])]
    answers = {row.key: "no" for row in rules.asked(questions(), ["neck"], NECK_SCREEN)} if asked else {}
    Screening.objects.bulk_create(
        Screening(
            patient=one.note.patient,
            asked_when=NECK_SCREEN,
            regions=["neck"],
            answers=answers,
            at=one.note.opened_at,
            by_id=one.note.author_id,
        )
        for one in asked
    )


def saved_at(one):
    return one.signed_at or one.note.opened_at + 10 * MINUTE


def sign(told):
    for one in told:
        one.note.version = SIGNED
        one.note.signed_at, one.note.signed_by_id = one.signed_at, one.note.author_id
    Note.objects.bulk_update([one.note for one in told], ["signed_at", "signed_by", "version"])
