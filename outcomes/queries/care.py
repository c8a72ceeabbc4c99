"""Who talks with a patient whose answers are hard: somebody at work, by name."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.models import Location, Role, User
from clinic.timespan import TimeSpan
from clinic.walltime import local
from messaging.models import StaffTask
from patients.models import Patient, PatientLocation
from patients.queries import ids_of
from practitioners.models import Practitioner
from practitioners.queries import working_spans
from scheduling.models import Appointment, Status, VisitPhase

KIND = "mood_answer"
LOOKED_AHEAD = timedelta(days=14)
TREATED = [Status.COMPLETED, Status.IN_TREATMENT, Status.ARRIVED]


@dataclass(frozen=True, slots=True)
class Taker:
    """Who gets the task, and by when; `user` None where nobody by name could be found."""

    user: User | None
    due_at: datetime


def taker_of(*, patient, lead, location, now):
    """The lead, else whoever treated last, else a clinician on duty; by the end of the working day.

    Outside working hours it is the next working day. Somebody who is away that day is passed over; when nobody
    is at work at all it is the lead or the last one all the same.
    """
    location = location or location_of(patient)
    at_work, ends_at = day_at_work(location, now)
    wished = [user for user in (lead, last_treated_by(patient)) if may_take(user, patient)]
    here = {row.user_id: row.user for row in accounts_of(at_work)}
    on_duty = [user for user in here.values() if may_take(user, patient)]
    order = [user for user in wished if user.pk in here] + on_duty + wished
    return Taker(order[0] if order else None, ends_at or now)


def day_at_work(location, now):
    """({practitioner: …} of the first day on which anybody works from now on, when that day ends)."""
    if location is None:
        return {}, None
    spans = working_spans(location, TimeSpan(now, now + LOOKED_AHEAD))
    starts = [each.start for found in spans.values() for each in found]
    if not starts:
        return {}, None
    day = local(min(starts), location.tz).date()
    of_day = {
        who: [each for each in found if local(each.start, location.tz).date() == day]
        for who, found in spans.items()
    }
    at_work = {who: found for who, found in of_day.items() if found}
    return at_work, max(each.end for found in at_work.values() for each in found)


def accounts_of(practitioners):
    rows = Practitioner.objects.filter(pk__in=list(practitioners), user__is_active=True)
    return rows.select_related("user").order_by("pk")


def may_take(user, patient):
    """Whether this is a clinician to whom the patient's chart is open: who opens it with a reason is not sent."""
    if user is None or not user.is_active or Role.PRACTITIONER not in user.roles:
        return False
    return Patient.objects.charts_written_by(user).filter(pk=patient.pk).exists()


def last_treated_by(patient):
    rows = VisitPhase.objects.filter(
        visitpart__appointment__patient__in=ids_of(patient),
        visitpart__appointment__status__in=TREATED,
        practitioner__user__isnull=False,
    )
    row = rows.select_related("practitioner__user").order_by("-starts_at").first()
    return row.practitioner.user if row else None


def location_of(patient):
    """Where the patient was last, else where the record is kept."""
    visit = (
        Appointment.objects.filter(patient__in=ids_of(patient), status__in=TREATED)
        .select_related("location")
        .order_by("-starts_at")
        .first()
    )
    if visit:
        return visit.location
    kept = PatientLocation.objects.filter(patient=patient).order_by("location").values("location")
    return Location.objects.filter(pk__in=kept, active=True).order_by("pk").first()


def talks_about(patient):
    """All tasks about this patient's hard answers, newest first; whoever reads the chart may read them."""
    rows = StaffTask.objects.filter(kind=KIND, patient__in=ids_of(patient))
    return list(rows.select_related("for_user__profile", "closed_by__profile").order_by("-opened_at"))


def talk(pk):
    rows = StaffTask.objects.filter(kind=KIND, pk=pk)
    return rows.select_related("for_user__profile", "closed_by__profile").first()
