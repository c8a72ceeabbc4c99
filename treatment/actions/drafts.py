"""A draft: opened once per part and author, saved whole, filled from an earlier note or a template."""

from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from acupoints.models import Acupoint, SafetyRule
from clinic import audit
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.walltime import local
from patients.actions import join_care_team
from patients.models import Patient, Why
from practitioners.models import Practitioner
from scheduling.models import VisitPart
from treatment.actions.keeping import NotUnderstood, draft_of, keep
from treatment.models import Note, NoteSave, NoteTemplate
from treatment.queries.notes import last_notes
from treatment.queries.stock import boxes_in_use, boxes_named, may_override_absolute
from treatment.rules.against import newly_against, with_severities, without_forbidden
from treatment.rules.carrying import TEMPLATE_FIELDS, confirmed, taken_over
from treatment.rules.choices import FLAG
from treatment.rules.opening import reasons_not_to_open
from treatment.rules.picking import picked, with_regions, without_region
from treatment.rules.state import cleaned, empty_state
from treatment.rules.thrusting import PRESSURE, SCREEN, SEVERITY, half_pressures


@transaction.atomic
def open_note(*, by, part, request_key=None, location_shown=None):
    """The draft of this person for a part of a visit: the one there is, or a new one. `part`: its id."""
    claim(request_key, location=location_shown)
    row = (
        VisitPart.objects.select_for_update(of=("self",))
        .select_related("appointment__patient", "appointment__location", "discipline")
        .get(pk=part)
    )
    visit = row.appointment
    reasons = reasons_not_to_open(
        practices=practices(by, row.discipline_id),
        discipline=row.discipline.name,
        status=visit.status,
        part_status=row.status,
    )
    return standing_or_new(
        Note.objects.filter(visitpart=row, author=by),
        reasons,
        by=by,
        patient=visit.patient,
        appointment=visit,
        visitpart=row,
        location=visit.location,
        discipline=row.discipline,
    )


@transaction.atomic
def open_note_without_visit(*, by, patient, discipline, location, request_key=None, location_shown=None):
    """The draft of this person about a patient, outside any visit."""
    claim(request_key, location=location_shown)
    row = Patient.objects.select_for_update(of=("self",)).get(pk=patient.pk)
    mine = Note.objects.filter(visitpart=None, author=by, patient=row, discipline=discipline, signed_at=None)
    reasons = reasons_not_to_open(practices=practices(by, discipline.pk), discipline=discipline.name)
    return standing_or_new(mine, reasons, by=by, patient=row, location=location, discipline=discipline)


def practices(user, discipline):
    return Practitioner.objects.filter(user=user, active=True, disciplines=discipline).exists()


def standing_or_new(mine, reasons, *, by, **fields):
    """The caller holds a lock under which nobody else opens the same note."""
    found = mine.standing().first()
    if found:
        return found
    if reasons:
        raise Refused(reasons)
    now = timezone.now()
    note = Note.objects.create(author=by, opened_at=now, number=mine.count() + 1, **fields)
    NoteSave.objects.create(note=note, of_version=note.version, state=empty_state(), at=now, by=by)
    join_care_team(patient=note.patient, user=by, why=Why.NOTE, now=now)
    audit.record(by=by, verb="open note", about=note, patient=note.patient_id)
    return note


@transaction.atomic
def save_draft(*, by, pk, version, state):
    """Keep the whole draft; as many statements for twenty points as for one."""
    note, old = draft_of(by, pk)
    new, problems = cleaned(state)
    if problems:
        raise NotUnderstood(problems)
    new = with_regions(new, regions_of(without_region(new)))
    boxes = boxes_named({one["box"] for one in new["sets"] if one["box"]}, note.location_id)
    new["sets"], problems = picked(new["sets"], old["sets"], boxes, today=day_at(note))
    new, forbidden = permitted(new, old, by)
    problems += [*forbidden, *half_pressures(new)]
    return keep(note, old, new, version, by=by, verb="save note", problems=problems)


def permitted(new, old, by):
    """(state, problems): what stands against rules, as far as this person may choose it."""
    rules = {row["rule"] for row in newly_against(new, old)}
    if not rules:
        return new, []
    rows = SafetyRule.objects.effective().filter(key__in=rules).values_list("key", "severity")
    own = {FLAG: "absolute", SCREEN: SEVERITY, PRESSURE: SEVERITY}
    new = with_severities(new, {**dict(rows), **own})
    return without_forbidden(new, old, may_override=may_override_absolute(by))


def regions_of(codes):
    """{code: region} of catalogue points; no statement for none."""
    return (
        dict(Acupoint.objects.effective().filter(key__in=codes).values_list("key", "region")) if codes else {}
    )


def day_at(note):
    """The day the note is about: a lot that ran out since then was good."""
    return (local(note.opened_at, note.location.tz) if note.location else note.opened_at).date()


@transaction.atomic
def confirm_carried(*, by, pk, version, names):
    """Confirm what was taken over: names of fields and ids of children, or "all"."""
    note, old = draft_of(by, pk)
    return keep(note, old, confirmed(old, names), version, by=by, verb="confirm carried")


@transaction.atomic
def copy_forward(*, by, pk, version):
    """Same as last time: from the patient's last signed note of this discipline, all of it unconfirmed."""
    note, old = draft_of(by, pk)
    last = next(iter(last_notes(note.patient, note.discipline_id)), None)
    if last is None:
        raise Refused(_("There is no signed note to take over yet. Enter this one by hand."))
    return take_over(note, old, last.state, version, by=by, verb="copy forward")


@transaction.atomic
def apply_template(*, by, pk, version, template):
    """Add what a template holds, all of it unconfirmed. `template`: its id."""
    note, old = draft_of(by, pk)
    row = NoteTemplate.objects.filter(pk=template, discipline=note.discipline_id, hidden=False).first()
    if row is None or row.owner_id not in (None, by.pk):
        raise Refused(_("This template is not there any more. Choose another one."))
    return take_over(note, old, row.content, version, by=by, verb="apply template", fields=TEMPLATE_FIELDS)


def take_over(note, old, source, version, *, by, verb, fields=()):
    boxes = {
        box.size: {"box": str(box.pk), "lot": box.lot, "expires_on": box.expires_on.isoformat()}
        for box in boxes_in_use(note.location_id)
        if box.expires_on >= day_at(note)
    }
    new, added = taken_over(old, source, boxes=boxes, new_id=lambda: str(uuid4()), fields=fields)
    return keep(note, old, new, version, by=by, verb=verb, added=added)
