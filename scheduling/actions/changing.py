"""What every verb on an existing visit does first and last: locks, a fresh row, a Change that can be undone."""

from django.db import OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit
from clinic.refusal import Refused
from clinic.timespan import TimeSpan
from scheduling.actions.locking import PASSING_FAULTS, keys_for, lock
from scheduling.models import Appointment, Change, VisitPart, VisitPhase


class ChangedMeanwhile(OperationalError):
    """The visit was moved between reading and locking it: the action is tried again from the start."""

    pgcode = sorted(PASSING_FAULTS)[0]

    def __init__(self):
        super().__init__("changed meanwhile")
        self.__cause__ = self


def lock_together(pks, *, spans=(), practitioners=(), rooms=()):
    """Every lock of several visits at once and in order; taking them visit by visit could deadlock."""
    phases = list(VisitPhase.objects.filter(visitpart__appointment__in=pks))
    lock(
        keys_for(
            spans=[*(TimeSpan(phase.starts_at, phase.ends_at) for phase in phases), *spans],
            practitioners={phase.practitioner_id for phase in phases if phase.practitioner_id}
            | set(practitioners),
            rooms={phase.room_id for phase in phases if phase.room_id} | set(rooms),
            patients=Appointment.objects.filter(pk__in=pks).values_list("patient_id", flat=True),
        )
    )


def lock_visit(pk, *, version=None, spans=(), practitioners=(), rooms=()):
    """(visit, now): the visit with everything it occupies locked, and more where the verb needs it.

    `version` is what the form was filled from; another one is refused (409).
    """
    seen = Appointment.objects.get(pk=pk)
    phases = list(VisitPhase.objects.filter(visitpart__appointment=pk))
    own = [TimeSpan(phase.starts_at, phase.ends_at) for phase in phases]
    lock(
        keys_for(
            spans=[*own, *spans],
            practitioners={phase.practitioner_id for phase in phases if phase.practitioner_id}
            | set(practitioners),
            rooms={phase.room_id for phase in phases if phase.room_id} | set(rooms),
            patients=[seen.patient_id],
        )
    )
    visit = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("patient", "location", "service")
        .get(pk=pk)
    )
    if version is not None and visit.version != version:
        raise Refused(
            _("Somebody else changed this visit meanwhile. See how it stands now, then do it again."),
            conflict=True,
        )
    if visit.version != seen.version:
        raise ChangedMeanwhile
    return visit, timezone.now()


def snapshot(visit):
    """What undoing a change puts back: JSON of the visit, its parts and its phases."""
    return {
        "status": visit.status,
        "location": visit.location_id,
        "starts_at": visit.starts_at.isoformat(),
        "ends_at": visit.ends_at.isoformat(),
        "held_until": visit.held_until and visit.held_until.isoformat(),
        "ended_reason": visit.ended_reason,
        "came_with": visit.came_with,
        "confirmed_at": visit.confirmed_at and visit.confirmed_at.isoformat(),
        "parts": [
            {"id": str(part.pk), "status": part.status, "reason": part.reason}
            for part in VisitPart.objects.filter(appointment=visit)
        ],
        "phases": [
            {
                "id": str(phase.pk),
                "practitioner": phase.practitioner_id,
                "room": phase.room_id,
                "minutes": phase.minutes,
                "starts_at": phase.starts_at.isoformat(),
                "ends_at": phase.ends_at.isoformat(),
            }
            for phase in VisitPhase.objects.filter(visitpart__appointment=visit)
        ],
    }


def record_change(visit, verb, *, by, now, before, facts=(), **detail):
    """The Change and the audit event of one verb. `facts`: actual times it entered, withdrawn by an undo."""
    change = Change.objects.create(
        appointment=visit,
        verb=verb,
        at=now,
        by=by,
        before={**before, "facts": [str(fact.pk) for fact in facts]},
    )
    audit.record(by=by, verb=verb, about=visit, patient=visit.patient_id, **detail)
    return change
