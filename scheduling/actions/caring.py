"""Who is in a care team because they treat: it follows from the visits that stand."""

from django.db.models import Exists, OuterRef, Q

from patients.models import CareTeam, Patient, PatientLocation, Why
from practitioners.models import Practitioner
from scheduling.models import PartStatus, Status, VisitPhase

# Booked with, or treated.
STANDS = {Status.HELD, Status.BOOKED, Status.ARRIVED, Status.IN_TREATMENT, Status.COMPLETED}


def join_care(planned, *, by, now):
    """Whoever treats or books a patient may find them, and the patient comes to this location."""
    treating = {
        phase.practitioner for _a, _o, chosen in planned for phase in chosen.phases if phase.practitioner
    }
    users = dict(
        Practitioner.objects.filter(pk__in=treating, user__isnull=False).values_list("pk", "user_id")
    )
    team = {(one.patient.pk, by.pk, Why.BOOKING) for _a, one, _c in planned}
    for _appointment, one, chosen in planned:
        team |= {
            (one.patient.pk, users[p.practitioner], Why.TREATING)
            for p in chosen.phases
            if p.practitioner in users
        }
    join(team, now)
    PatientLocation.objects.bulk_create(
        [PatientLocation(patient=one.patient, location=one.location) for _a, one, _c in planned],
        ignore_conflicts=True,
    )


def join(team, now):
    """`team`: (patient, user, why). Who is in it for that reason already stays as they are. One statement."""
    CareTeam.objects.bulk_create(
        [
            CareTeam(patient_id=patient, user_id=user, why=why, since=now)
            for patient, user, why in sorted(team, key=str)
        ],
        ignore_conflicts=True,
    )


def treat_again(visit, *, now):
    """Whoever delivers a part of a visit that was put back is in the care team as before. Two statements."""
    if visit.status in STANDS:
        phases = delivered().filter(visitpart__appointment=visit)
        users = phases.values_list("practitioner__user", flat=True).distinct()
        join({(visit.patient_id, user, Why.TREATING) for user in users}, now)


def leave_care(patient, now):
    """Whoever delivers no part of any visit of this person that stands treats them no more. One statement.

    Records that were merged into one another count together. Who wrote a note, was handed over to or is in a plan's
    team stays in the care team for that.
    """
    records = Patient.objects.one_person(patient.merged_into_id or patient.pk).values("pk")
    standing = Q(visitpart__appointment__status__in=STANDS - {Status.HELD}) | Q(
        visitpart__appointment__status=Status.HELD, visitpart__appointment__held_until__gt=now
    )
    still = delivered().filter(
        standing, visitpart__appointment__patient__in=records, practitioner__user=OuterRef("user")
    )
    treating = CareTeam.objects.filter(patient__in=records, why=Why.TREATING, until=None)
    treating.filter(~Exists(still)).update(until=now)


def leave_if_replaced(visit, before, phases, *, now):
    """After a move: `before` is the snapshot, `phases` where the visit is now. No statement for the same people."""
    gone = {one["practitioner"] for one in before["phases"]} - {one.practitioner for one in phases} - {None}
    if gone:
        leave_care(visit.patient, now)


def delivered():
    """Phases of parts that stand, with an account to deliver them."""
    rows = VisitPhase.objects.filter(practitioner__user__isnull=False)
    return rows.exclude(visitpart__status=PartStatus.NOT_DONE)
