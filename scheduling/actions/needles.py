"""While needles are in: kept beside the patient, so that whoever is on duty there may open the chart."""

from patients.models import Patient, PatientLocation
from scheduling.models import Appointment, Status, What
from scheduling.queries.progress import progress_of_all

NEEDLES = {What.FIRST_NEEDLE, What.LAST_NEEDLE_IN, What.NEEDLES_OUT}


def follow_needles(patient, location):
    """Make `needles_in_since` of a person at a location (its id) follow from the visits that go on there.

    Called wherever a fact of NEEDLES is entered, corrected or withdrawn, and a part closed or opened again. Of two
    visits the later counts: one that nobody ended would look as if its needles were in for a day. Four statements.
    Expects the patient's lock.
    """
    visits = Appointment.objects.filter(patient__in=records_of(patient), location=location)
    going_on = visits.filter(status=Status.IN_TREATMENT)
    progresses = progress_of_all(dict(going_on.values_list("pk", "status"))).values()
    since = max((one.needles_in_since for one in progresses if one.needles_are_in), default=None)
    changed = rows_of(patient, location).update(needles_in_since=since)
    if since and not changed:
        PatientLocation.objects.create(patient=patient, location_id=location, needles_in_since=since)


def needles_are_noted(patient, location):
    """Whether they are in as far as is kept. One statement."""
    return rows_of(patient, location).exclude(needles_in_since=None).exists()


def rows_of(patient, location):
    return PatientLocation.objects.filter(patient__in=records_of(patient), location=location)


def records_of(patient):
    """All records of this person: a visit under way stays with the record it began under."""
    return Patient.objects.one_person(patient.merged_into_id or patient.pk).values("pk")
