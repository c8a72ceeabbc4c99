"""A draft: opened, read, saved whole, filled from elsewhere. The note's script calls these."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.places import here
from clinic.refusal import Refused
from clinic.roles import needs
from clinic.submissions import request_key
from patients.actions import note_read
from patients.models import Patient
from patients.queries import charts
from scheduling.models import VisitPart
from services.models import Discipline
from treatment.actions import drafts
from treatment.models import Note
from treatment.queries.draft import judged, opened
from treatment.queries.notes import saved_state, saves_of
from treatment.queries.stock import may_override_absolute
from treatment.views.answers import body_of, in_json, note_for, note_written, uuid_in, version_in


@needs("write_chart", methods=("POST",))
def open_note(request, part):
    """Each clinician has one note of a part: the one there is, or a new one."""
    return begun(request, part_to_note(request, part).pk)


def part_to_note(request, part):
    """The part. Its chart is open to write in before a note is: opening one opens the chart from then on."""
    patients = Patient.objects.visible_to(request.user)
    row = get_object_or_404(
        VisitPart.objects.select_related("appointment"), pk=part, appointment__patient__in=patients
    )
    charts.written(request.user, row.appointment.patient_id)
    return row


def begun(request, part):
    note = drafts.open_note(
        by=request.user,
        part=part,
        request_key=request_key(request),
        location_shown=reverse("treatment:of_part", args=[part]),
    )
    return redirect("treatment:note", pk=note.pk)


@needs("write_chart")
def of_part(request, part):
    """One's own note of a part, else the patient's chart: where a form leads that was sent twice."""
    row = part_to_note(request, part)
    mine = Note.objects.visible_to(request.user).standing().filter(author=request.user, visitpart=row).first()
    if mine is None:
        return redirect("patients:chart", pk=row.appointment.patient_id)
    return redirect("treatment:note", pk=mine.pk)


@needs("write_chart", methods=("POST",))
def open_without_visit(request, pk):
    """A note about a patient who has no visit now; `discipline` is a key."""
    patient = charts.written(request.user, pk)
    if patient.merged_into_id:
        raise Http404
    discipline = Discipline.objects.filter(key=request.POST.get("discipline", "")).first()
    if discipline is None:
        raise Refused(_("Choose which discipline this note is of."))
    note = drafts.open_note_without_visit(
        by=request.user,
        patient=patient,
        discipline=discipline,
        location=here(request),
        request_key=request_key(request),
        location_shown=reverse("patients:chart", args=[patient.pk]),
    )
    return redirect("treatment:note", pk=note.pk)


@needs("read_chart")
@in_json
def state(request, pk):
    note = note_for(request, pk)
    note_read(by=request.user, patient=note.patient)
    return opened(note, request.user, now=timezone.now())


def answer(saved, user):
    """After a save: what stands now, and what the rules say about it."""
    return {
        "version": saved.note.version,
        "saved_at": timezone.now().isoformat(),
        "state": saved.state,
        "problems": [problem._asdict() for problem in saved.problems],
        **judged(saved.note, saved.state, user, may_override_absolute(user)),
    }


@needs("write_chart", methods=("POST",))
@in_json
def save(request, pk):
    note, body = note_written(request, pk), body_of(request)
    saved = drafts.save_draft(by=request.user, pk=note.pk, version=version_in(body), state=body.get("state"))
    return answer(saved, request.user)


@needs("write_chart", methods=("POST",))
@in_json
def copy(request, pk):
    note, body = note_written(request, pk), body_of(request)
    return answer(drafts.copy_forward(by=request.user, pk=note.pk, version=version_in(body)), request.user)


@needs("write_chart", methods=("POST",))
@in_json
def apply(request, pk):
    note, body = note_written(request, pk), body_of(request)
    saved = drafts.apply_template(
        by=request.user, pk=note.pk, version=version_in(body), template=uuid_in(body, "template")
    )
    return answer(saved, request.user)


@needs("write_chart", methods=("POST",))
@in_json
def confirm(request, pk):
    note, body = note_written(request, pk), body_of(request)
    names = body.get("names")
    if names != "all" and not (isinstance(names, list) and all(isinstance(one, str) for one in names)):
        raise Refused(_("Say what is confirmed."))
    saved = drafts.confirm_carried(by=request.user, pk=note.pk, version=version_in(body), names=names)
    return answer(saved, request.user)


@needs("read_chart")
@in_json
def saves(request, pk):
    """The saves of a draft; with ?version=N what stood in one of them."""
    note = note_for(request, pk)
    note_read(by=request.user, patient=note.patient)
    asked = request.GET.get("version", "")
    if not asked:
        lines = [{"version": version, "at": at.isoformat(), "by": who} for version, at, who in saves_of(note)]
        return {"saves": lines}
    found = saved_state(note, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 9 else None
    if found is None:
        raise Refused(_("There is no such save. Choose one of the list."))
    return {"version": found.of_version, "at": found.at.isoformat(), "state": found.state}
