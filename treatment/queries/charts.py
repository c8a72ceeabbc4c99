"""What the tab Notes and the visit record list."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce

from patients.models import Patient
from patients.queries import ids_of
from practitioners.models import Practitioner
from scheduling.models import ActualTime, Appointment, PartStatus, Status, VisitPart
from services.models import Discipline
from treatment.models import ContactNote, Handover, Note
from treatment.models.notes import errors
from treatment.queries.notes import with_people, written
from treatment.queries.reading import in_lines

PAGE = 25
HERE = (Status.BOOKED, Status.ARRIVED, Status.IN_TREATMENT, Status.COMPLETED)


@dataclass(frozen=True, slots=True)
class NoteLine:
    """One note of the list: in one line of words."""

    note: Note
    words: str
    wrong: bool
    added: int


def notes_of(patient, user, page=1):
    """(lines, more): the notes this person may read, newest first, 25 a page. Thirteen statements."""
    rows = Note.objects.visible_to(user).filter(patient__in=ids_of(patient))
    start = (page - 1) * PAGE
    when = Coalesce("appointment__starts_at", "opened_at")
    found = list(with_people(rows).order_by(when.desc(), "-opened_at", "pk")[start : start + PAGE + 1])
    lines = [
        NoteLine(one.note, " · ".join(words), one.entered_in_error, len(one.addenda))
        for one, words in in_lines(written(found[:PAGE]))
    ]
    return lines, len(found) > PAGE


def contacts_of(patient, limit=20):
    """Calls, messages and events, newest first."""
    rows = ContactNote.objects.filter(patient__in=ids_of(patient)).order_by("-at", "pk")
    return list(rows.select_related("by__profile")[:limit])


def handovers_about(patient, limit=10):
    """Messages between practitioners about a patient, newest first."""
    rows = Handover.objects.filter(patient__in=ids_of(patient)).order_by("-at", "pk")
    return list(rows.select_related("by__profile", "to_user__profile")[:limit])


def disciplines_of(user):
    """What this person can write notes of."""
    providers = Practitioner.objects.filter(user=user, active=True)
    return list(Discipline.objects.filter(pk__in=providers.values("disciplines")).order_by("pk"))


def parts_to_note(patient, user, span):
    """Parts of the patient’s visits in that time that this person could note and has not yet."""
    providers = Practitioner.objects.filter(user=user, active=True)
    mine = Note.objects.filter(visitpart=OuterRef("pk"), author=user).filter(~Exists(errors()))
    rows = VisitPart.objects.filter(
        appointment__patient__in=ids_of(patient),
        appointment__status__in=HERE,
        appointment__starts_at__gte=span.start,
        appointment__starts_at__lt=span.end,
        discipline__in=providers.values("disciplines"),
    ).exclude(status=PartStatus.NOT_DONE)
    rows = rows.filter(~Exists(mine)).select_related("appointment", "discipline")
    return list(rows.order_by("appointment__starts_at", "position"))


def facts_of_visit(appointment):
    """[(what, when)] of what happened in a visit, in the order of time; what was corrected counts as corrected."""
    latest = {}
    for row in ActualTime.objects.filter(appointment=appointment).order_by("entered_at", "pk"):
        latest[row.what, row.visitphase_id] = row
    stood = sorted((row for row in latest.values() if not row.withdrawn), key=lambda row: row.at)
    return [(row.get_what_display(), row.at) for row in stood]


def patient_of(note, user):
    """The patient of a note that this person reads, with what they may do with the chart. One statement."""
    return Patient.objects.with_chart(user).get(pk=note.patient_id)


def visit_seen(user, pk):
    rows = Appointment.objects.visible_to(user).filter(pk=pk)
    return rows.select_related("patient", "service", "location").first()


def handovers_of_visit(appointment):
    rows = Handover.objects.filter(appointment=appointment).order_by("at", "pk")
    return list(rows.select_related("by__profile", "to_user__profile"))


def own_part(visit, user):
    """The id of the first part of a visit that this person's disciplines deliver, or None. One statement."""
    mine = Practitioner.objects.filter(user=user, active=True).values("disciplines")
    parts = VisitPart.objects.filter(appointment=visit, discipline__in=mine).order_by("position")
    return parts.values_list("pk", flat=True).first()
