"""What is known of the day when a thrust to the neck is chosen."""

from zoneinfo import ZoneInfo

from clinic.walltime import local
from intake.queries.flags import neck_screened, open_flags
from patients.queries import ids_of
from treatment.models import Note, Vitals
from treatment.rules.thrusting import Before, why_pressure

UTC = ZoneInfo("UTC")
RE_EVALUATION = "re_evaluation"


def before_thrust(note):
    """Eight statements."""
    return Before(
        screened=screened_on_the_day(note),
        why_pressure=why_pressure_of(note, open_flags(note.patient)),
        measured=Vitals.objects.filter(note=note, systolic__isnull=False, diastolic__isnull=False).exists(),
    )


def screened_on_the_day(note):
    """On the day of the visit, wherever and whenever the note is written. Two statements."""
    zone = note.location.tz if note.location else UTC
    at = note.appointment.starts_at if note.appointment else note.opened_at
    return neck_screened(note.patient, local(at, zone).date(), zone)


def why_pressure_of(note, flags):
    """Why the blood pressure is asked for in this note, or "". `flags`: those open. Three statements."""
    earlier = (
        Note.objects.standing()
        .signed()
        .filter(patient__in=ids_of(note.patient), discipline=note.discipline_id, opened_at__lt=note.opened_at)
    )
    return why_pressure(
        first_visit=not earlier.exists(), re_evaluation=is_re_evaluation(note), positive=bool(flags)
    )


def is_re_evaluation(note):
    kind = note.visitpart.kind_of_care if note.visitpart else None
    return kind is not None and kind.key == RE_EVALUATION
