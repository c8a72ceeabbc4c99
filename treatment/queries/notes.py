"""Notes of one patient: the last ones, one visit's, the timeline, the saves of a draft."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Exists

from patients.queries import ids_of
from treatment.models import Addendum, ContactNote, Handover, Note, NoteSave, Reaction
from treatment.models.notes import errors
from treatment.queries.states import states_of

LISTED = 50


@dataclass(frozen=True, slots=True)
class Written:
    """A note as it reads: with its state and what was added after signing."""

    note: Note
    state: dict
    addenda: list[Addendum] = field(default_factory=list)

    @property
    def entered_in_error(self):
        return any(one.kind == Addendum.Kind.ENTERED_IN_ERROR for one in self.addenda)


def written(notes):
    """Each note with its state and addenda: ten statements for any number."""
    states = states_of(notes)
    addenda = {}
    for one in Addendum.objects.filter(note__in=list(states)).select_related("by__profile").order_by("at"):
        addenda.setdefault(one.note_id, []).append(one)
    return [Written(note, states[note.pk], addenda.get(note.pk, [])) for note in notes]


def with_people(notes):
    return notes.select_related(
        "patient", "discipline", "author__profile", "appointment__location", "visitpart"
    )


def notes_written(user):
    """Notes of the charts that this person writes in."""
    return with_people(Note.objects.written_by(user))


def last_notes(patient, discipline, limit=1):
    """The last signed notes of the patient in a discipline, newest first. Twelve statements."""
    rows = Note.objects.standing().signed().filter(patient__in=ids_of(patient), discipline=discipline)
    return written(list(with_people(rows).order_by("-opened_at", "pk")[:limit]))


def visit_record(appointment, user):
    """All notes of one visit that this person may read, in the order of its parts. Eleven statements."""
    rows = Note.objects.visible_to(user).filter(appointment=appointment)
    return written(list(with_people(rows).order_by("visitpart__position", "opened_at", "pk")))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `kind`: note, contact, reaction, handover; `what` narrows it."""

    kind: str
    at: datetime
    id: UUID
    who: str
    what: str = ""
    words: str = ""
    signed_at: datetime | None = None
    visit: UUID | None = None
    entered_in_error: bool = False


def timeline(patient, user, limit=LISTED):
    """What was written about a patient, newest first, at most `limit` of each kind. Five statements."""
    ids = ids_of(patient)
    found = [
        *timeline_notes(ids, user, limit),
        *timeline_contacts(ids, limit),
        *timeline_reactions(ids, limit),
        *timeline_handovers(ids, limit),
    ]
    return sorted(found, key=lambda entry: entry.at, reverse=True)


def timeline_notes(ids, user, limit):
    rows = Note.objects.visible_to(user).filter(patient__in=ids).annotate(wrong=Exists(errors()))
    columns = (
        "opened_at",
        "pk",
        "author__profile__name",
        "discipline__key",
        "signed_at",
        "appointment",
        "wrong",
    )
    return [
        Entry("note", at, pk, who or "", what, "", signed, visit, wrong)
        for at, pk, who, what, signed, visit, wrong in rows.order_by("-opened_at").values_list(*columns)[
            :limit
        ]
    ]


def timeline_contacts(ids, limit):
    rows = ContactNote.objects.filter(patient__in=ids).order_by("-at")
    columns = ("at", "pk", "by__profile__name", "kind", "words")
    return [Entry("contact", *row) for row in rows.values_list(*columns)[:limit]]


def timeline_reactions(ids, limit):
    rows = Reaction.objects.filter(patient__in=ids).order_by("-at")
    columns = ("at", "pk", "by__profile__name", "kind", "words")
    return [Entry("reaction", *row) for row in rows.values_list(*columns)[:limit]]


def timeline_handovers(ids, limit):
    rows = Handover.objects.filter(patient__in=ids).order_by("-at")
    columns = ("at", "pk", "by__profile__name", "to_user__profile__name", "words")
    return [Entry("handover", *row) for row in rows.values_list(*columns)[:limit]]


def handovers_to(user):
    """Messages to this person that they have not seen, oldest first; each with whether its chart is open to them.

    One about a chart that was closed meanwhile stays, for whoever left it counts on its reader.
    """
    rows = Handover.objects.found_by(user).with_chart(user).filter(to_user=user, seen_at=None)
    return list(rows.select_related("patient", "by__profile").order_by("at"))


def unsigned_notes(user):
    """Drafts of this person, oldest first."""
    rows = Note.objects.standing().filter(author=user, signed_at=None)
    return list(with_people(rows).order_by("opened_at", "pk"))


def saves_of(note):
    """[(version, at, who)] of a draft's saves, newest first."""
    rows = NoteSave.objects.filter(note=note).order_by("-of_version")
    return list(rows.values_list("of_version", "at", "by__profile__name"))


def saved_state(note, version):
    """The draft as it was saved with that version, or None."""
    return NoteSave.objects.filter(note=note, of_version=version).first()
