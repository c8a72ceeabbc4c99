"""What is asked when somebody comes in, and what a toast says afterwards."""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import walltime
from frontdesk.queries.board import NOT_COMING
from frontdesk.rules import similar
from outcomes.queries.due import due
from patients.queries import related_people_of
from patients.rules import age, on_list
from patients.rules.shown import ADULT_AT
from scheduling.models import ActualTime, Appointment, Status, What
from scheduling.queries.progress import progress_of


def todays(user, location):
    """Visits of the location's local day that this person may see."""
    now = timezone.now()
    rows = Appointment.objects.visible_to(user).filter(
        location=location, wall_date=walltime.local(now, location.tz).date()
    )
    return rows.select_related("patient", "patient__household", "service", "location").order_by(
        "starts_at", "patient__birth_date"
    )


def household_today(user, location, household):
    """The household's visits that are still to come in, oldest member first."""
    rows = todays(user, location).filter(patient__household=household, status=Status.BOOKED)
    return list(rows.order_by("patient__birth_date", "starts_at"))


def twins_today(visit):
    """[(name, starts at)] of others who come to the location that day and can be taken for this patient."""
    rows = (
        Appointment.objects.filter(location=visit.location_id, wall_date=visit.wall_date)
        .exclude(status__in=[*NOT_COMING, Status.COMPLETED, Status.EXPIRED])
        .exclude(patient=visit.patient_id)
    )
    found = rows.order_by("starts_at").values_list("patient__given_name", "patient__family_name", "starts_at")
    names = [(on_list(given, family), at) for given, family, at in found]
    return [(name, at) for name, at in names if similar(name, visit.patient.name)]


def about_check_in(visit):
    """What the desk needs to know while it asks."""
    minor = is_minor(visit)
    people = related_people_of(visit.patient, timezone.now()) if minor else []
    return {
        "minor": minor,
        "companions": [one for one in people if one.guardian or one.may_accompany],
        "twins": twins_today(visit),
        "score_check_due": bool(due(visit.patient, visit.wall_date)),
    }


def is_minor(visit):
    years = age(visit.patient.birth_date, visit.wall_date)
    return years is not None and years < ADULT_AT


def about_household(visits):
    """Grown-up members come first among those who can have come along; then who stands in the records."""
    minors = [visit for visit in visits if is_minor(visit)]
    if not minors:
        return {"minors": [], "companions": []}
    names = [str(in_order(visit.patient)) for visit in visits if visit not in minors]
    for visit in minors:
        names += [
            one.name
            for one in related_people_of(visit.patient, timezone.now())
            if one.guardian or one.may_accompany
        ]
    return {"minors": minors, "companions": list(dict.fromkeys(names))}


def in_order(patient):
    return f"{patient.given_name} {patient.family_name}".strip()


def facts_of(visit):
    """What holds of a visit's facts: [(id, words, at)], by time."""
    return [(fact.id, What(fact.what).label, fact.at) for fact in progress_of(visit).facts]


def said_of(visit, change):
    """The toast of a step: who, and what was stamped."""
    stamped = list(
        ActualTime.objects.filter(pk__in=change.before.get("facts", [])).values_list("what", "room__name")
    )
    what, room = stamped[-1]
    name = visit.patient.name
    if what == What.IN_ROOM:
        return _("%(name)s: %(what)s %(room)s") % {"name": name, "what": What(what).label, "room": room}
    return _("%(name)s: %(what)s") % {"name": name, "what": What(what).label}
