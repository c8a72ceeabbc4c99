"""The history of a patient: lines added, changed and ended, doses, lists gone through, care elsewhere."""

from django.db import transaction

from clinic import audit
from clinic.models import Location
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.walltime import local
from intake.models import (
    Allergy,
    CareElsewhere,
    Condition,
    ListCheck,
    Medication,
    MedicationDose,
    Source,
)
from intake.queries.history import condition_names
from intake.rules import history as rules
from patients.actions.records import refuse_merged
from patients.queries import ids_of

FORM_OF_HISTORY = "health_history"


@transaction.atomic
def keep(
    *, by, model, patient, values, now, today, pk=None, version=None, dose="", request_key=None, location=""
):
    """Write a line down, or change one at that version. `values` are columns of the model.

    `dose` is a new medicine's first dose.
    """
    claim(request_key, location=location)
    refuse_merged(patient)
    row = lock_version(model.objects, pk, version) if pk else new_row(model, patient, by, now)
    for name, value in values.items():
        setattr(row, name, value)
    refuse_if(
        rules.reasons_not_to_keep(
            started=getattr(row, "started", None), ended=getattr(row, "ended", None), today=today
        )
    )
    row.save()
    if dose:
        add_dose_row(row, dose, row.started or today, None, by, now)
    verb = "change_history" if pk else "add_history"
    # The audit names the row and the columns, never what stands in them.
    audit.record(by=by, verb=verb, about=row, patient=patient, fields=sorted(values))
    return row


def new_row(model, patient, by, now):
    return model(patient=patient, entered_at=now, entered_by=by)


@transaction.atomic
def end(*, by, model, pk, version, ended, why, today, request_key=None, location=""):
    """A line is over from this day: it stays, below the ones that count."""
    claim(request_key, location=location)
    row = lock_version(model.objects, pk, version)
    refuse_if(
        rules.reasons_not_to_end(started=row.started, ended=ended, already=row.ended is not None, today=today)
    )
    row.ended, row.ended_why = ended, why
    row.save()
    audit.record(by=by, verb="end_history", about=row, patient=row.patient_id)
    return row


@transaction.atomic
def end_care(*, by, pk, version, now, request_key=None, location=""):
    """This problem is not treated any more, here or elsewhere."""
    claim(request_key, location=location)
    row = lock_version(CareElsewhere.objects, pk, version)
    row.ended_at = row.ended_at or now
    row.save()
    audit.record(by=by, verb="end_care_elsewhere", about=row, patient=row.patient_id)
    return row


@transaction.atomic
def add_dose(
    *, by, medication, version, from_day, dose, mg_per_day, now, today, request_key=None, location=""
):
    """From this day on, so much: a new point of the medicine's line."""
    claim(request_key, location=location)
    row = lock_version(Medication.objects, medication.pk, version)
    refuse_if(rules.reasons_not_to_keep(started=from_day, ended=None, today=today))
    row.save()
    made = add_dose_row(row, dose, from_day, mg_per_day, by, now)
    audit.record(by=by, verb="add_dose", about=row, patient=row.patient_id)
    return made


def add_dose_row(row, dose, from_day, mg_per_day, by, now):
    return MedicationDose.objects.create(
        medication=row, from_day=from_day, dose=dose, mg_per_day=mg_per_day, at=now, by=by
    )


@transaction.atomic
def check_list(*, by, patient, what, answer, now, today, due_on=None, request_key=None, location=""):
    """A list was gone through with the patient: bleeding, devices, or whether there is a pregnancy."""
    claim(request_key, location=location)
    refuse_merged(patient)
    made = ListCheck.objects.create(
        patient=patient, what=what, answer=answer, due_on=due_on, day=today, at=now, by=by
    )
    audit.record(by=by, verb="check_list", about=made, patient=patient)
    return made


@transaction.atomic
def note_alerts_read(*, by, patient):
    """A clinician read the head of a chart: an event of its own, since the page around it notes its own."""
    audit.record(by=by, verb="read_alerts", about=patient, patient=patient)


def refuse_if(reasons):
    if reasons:
        raise Refused(list(dict.fromkeys(reasons)))


@transaction.atomic
def take_over(*, response, by, now):
    """What a finished health history says becomes lines of the record; how many lines are new.

    Part of another action, which writes the audit event. A line that stands already and has not ended is left
    as it is; what the form does not name is not ended: a clinician decides. Other forms give nothing.
    """
    if response.questionnaire.key != FORM_OF_HISTORY:
        return 0
    found = rules.taken(response.answers, condition_names())
    day = day_at(response.patient, now)
    shared = {
        "patient": response.patient,
        "response": response,
        "source": Source.FORM,
        "entered_at": now,
        "entered_by": by,
    }
    added = add_lines(Condition, found.conditions, shared, condition_fields)
    added += add_medication(found.medication, shared, day)
    added += add_lines(Allergy, found.allergies, shared, allergy_fields)
    ListCheck.objects.bulk_create(
        ListCheck(patient=response.patient, what=what, answer=answer, due_on=due_on, day=day, at=now, by=by)
        for what, answer, due_on in found.checks
    )
    return added + add_care(found.care, response, by, now)


def day_at(patient, now):
    """The date where the patient comes, or of the first location for somebody who comes nowhere yet."""
    here = patient.patient_locations.select_related("location").order_by("pk").first()
    place = here.location if here else Location.objects.first()
    return local(now, place.tz).date() if place else now.date()


def condition_fields(line):
    return {"code": line.code, "name": line.name, "region": line.region, "side": line.side}


def medication_fields(line):
    return {"effect": line.code, "name": line.name, "medication_class": line.medication_class}


def allergy_fields(line):
    return {"code": line.code, "substance": line.name, "reaction": line.reaction}


def add_lines(model, lines, shared, fields_of):
    """Rows of the lines that do not stand in the record yet. Two statements."""
    known = standing(model, shared["patient"])
    rows = [
        model(**shared, **fields_of(line), started=line.started, words=line.words)
        for line in lines
        if not any(rules.same(line, one) for one in known)
    ]
    model.objects.bulk_create(rows)
    return len(rows)


def add_medication(lines, shared, day):
    """As add_lines; a new medicine brings its first dose."""
    known = standing(Medication, shared["patient"])
    new = [line for line in lines if not any(line.name.casefold() == one.name.casefold() for one in known)]
    rows = Medication.objects.bulk_create(
        Medication(**shared, **medication_fields(line), started=line.started, words=line.words)
        for line in new
    )
    MedicationDose.objects.bulk_create(
        MedicationDose(
            medication=row,
            from_day=line.started or day,
            dose=line.dose,
            at=shared["entered_at"],
            by=shared["entered_by"],
        )
        for row, line in zip(rows, new, strict=True)
        if line.dose
    )
    return len(rows)


def standing(model, patient):
    """The lines that have not ended, as the rules compare them."""
    rows = model.objects.filter(patient__in=ids_of(patient), ended=None)
    return [
        rules.Line(
            code=getattr(row, "code", ""),
            name=getattr(row, "substance", None) or row.name,
            region=getattr(row, "region", ""),
            side=getattr(row, "side", ""),
        )
        for row in rows
    ]


def add_care(care, response, by, now):
    """Who assessed the problem. The same problem again says what it says now: the earlier line is ended."""
    if care is None:
        return 0
    ids = ids_of(response.patient)
    for old in CareElsewhere.objects.filter(patient__in=ids, problem__iexact=care.problem, ended_at=None):
        old.ended_at = now
        old.save()
    CareElsewhere.objects.create(patient=response.patient, entered_at=now, entered_by=by, **care._asdict())
    return 1
