"""To-dos of one person: what it is, about whom, when it is due, and where it is done."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from clinic.roles import may
from messaging.models import StaffTask
from messaging.queries import tasks_visible_to
from patients.models import Patient
from treatment.models import Reaction
from treatment.queries.reactions import follow_ups_due

LISTED = 200
# Where a to-do of a kind is worked on, by the patient; the others lead to the chart.
OF_PATIENT = {
    "clinician_first": "intake:history",
    "report_reaction": "treatment:reactions",
    "of_age": "intake:forms",
    "more_visits": "frontdesk:account",
    "refund_more": "frontdesk:account",
}
# By the row it is about.
OF_ROW = {"press_needles": "treatment:note"}
# These are closed on a page of their own, where the steps stand.
OF_TASK = {"mood_answer": "outcomes:talk"}
# Lists over all patients.
OF_ALL = {"chart_opened": "patients:opened"}
# Into a chart: these lead to the record where the chart is closed to the reader.
READS, WRITES = {"clinician_first", "report_reaction", "press_needles"}, {"mood_answer"}


@dataclass(frozen=True, slots=True)
class Todo:
    """`mine`: for this person by name, not for a role. `closes_here`: it is closed on the list of to-dos.
    `panel`: `url` opens beside the list."""

    task: StaffTask
    patient: Patient | None
    url: str
    mine: bool
    overdue: bool
    closes_here: bool
    panel: bool


def open_todos(user):
    """What this person can do: of patients they may see, or theirs by name. A queryset."""
    seen = Patient.objects.visible_to(user).filter(pk=OuterRef("patient"))
    rows = tasks_visible_to(user).filter(closed_at=None)
    return rows.filter(Q(patient=None) | Q(for_user=user) | Exists(seen))


def todos_of(user, now):
    """Due ones first. Two statements."""
    rows = open_todos(user).order_by(F("due_at").asc(nulls_last=True), "opened_at", "pk")[:LISTED]
    tasks = list(rows)
    people = (
        Patient.objects.visible_to(user).with_chart(user).in_bulk({one.patient for one in tasks} - {None})
    )
    return [todo_of(one, people.get(one.patient), user, now) for one in tasks]


def todo_of(task, patient, user, now):
    leads = patient is not None and leads_in(task, patient)
    return Todo(
        task=task,
        patient=patient,
        url=address_of(task, leads) if patient else "",
        mine=task.for_user_id == user.pk,
        overdue=task.due_at is not None and task.due_at < now,
        closes_here=task.kind not in OF_TASK,
        panel=leads and task.kind in OF_TASK,
    )


def leads_in(task, patient):
    """Whether it leads to where it is done; False where that is in a chart that is closed to the reader."""
    if task.kind in WRITES:
        return patient.chart_written
    return patient.chart_read or task.kind not in READS


def address_of(task, leads=True):
    if not leads:
        return reverse("patients:chart", args=[task.patient])
    if task.kind in OF_ALL:
        return reverse(OF_ALL[task.kind])
    if task.kind in OF_TASK:
        return reverse(OF_TASK[task.kind], args=[task.pk])
    row = row_about(task)
    if task.kind in OF_ROW and row:
        return reverse(OF_ROW[task.kind], args=[row])
    return reverse(OF_PATIENT.get(task.kind, "patients:chart"), args=[task.patient])


def row_about(task):
    """The id in "treatment.note:<id>", or None."""
    try:
        return UUID(task.about.rpartition(":")[2])
    except ValueError:
        return None


def counts(user, until):
    """(to-dos, reactions to look at again by then). Two statements.

    The desk counts those of all its patients, to see that somebody asks; who treats, those on their list.
    """
    due = follow_ups_due(user, until) if may(user, "treat") else nobody_asked(user, until)
    return open_todos(user).count(), due.count()


def nobody_asked(user, until):
    """Reactions to look at again by then, of every patient this person may find: to be counted, never shown."""
    seen = Patient.objects.visible_to(user).filter(pk=OuterRef("patient"))
    return Reaction.objects.filter(Exists(seen), follow_up_at__lt=until, closed_at=None)
