"""Which visits are in the way of an absence or a closure, and which calls about them are open."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, Subquery

from clinic import walltime
from clinic.models import Closure
from clinic.timespan import TimeSpan
from practitioners.models import Absence
from practitioners.queries import working_spans
from scheduling.models import Appointment, Call, PartStatus, Status, VisitPhase
from scheduling.queries.world import LONGEST
from scheduling.rules.proposals import FINAL, Away
from services.models import PhaseKind

TO_COME = [Status.BOOKED, Status.ARRIVED]
# What needs the clinic to be open (rules.proposals.takes says the same of one row).
UNDER_CARE = Q(practitioner__isnull=False) | Q(kind=PhaseKind.RETENTION)
STANDS = Q(visitpart__status=PartStatus.PLANNED)


def away_of(cause):
    """What an absence or a closure takes away, as a value."""
    span = TimeSpan(cause.starts_at, cause.ends_at)
    if isinstance(cause, Closure):
        return Away(span, location=cause.location_id)
    return Away(span, practitioner=cause.practitioner_id, over=cause.withdrawn_at is not None)


def named(cause):
    """{"absence": row} or {"closure": row}: how a Call names its cause."""
    return {"closure" if isinstance(cause, Closure) else "absence": cause}


def calls_about(cause):
    return Call.objects.filter(**named(cause))


def touched_phases(away, now):
    """Phases of visits not yet treated that need what is away; what is over stays as it was."""
    rows = VisitPhase.objects.filter(
        STANDS,
        starts_at__lt=away.span.end,
        ends_at__gt=max(away.span.start, now),
        visitpart__appointment__status__in=TO_COME,
    )
    if away.over:
        return rows.none()
    if away.practitioner is not None:
        return rows.filter(practitioner=away.practitioner)
    return rows.filter(
        UNDER_CARE,
        visitpart__appointment__location=away.location,
        visitpart__appointment__starts_at__gt=away.span.start - LONGEST,
        visitpart__appointment__starts_at__lt=away.span.end,
    )


def touched(away, *, now, only=None):
    """Visits that need what is away, in order of time, with `agreed` phases. Three statements."""
    ids = touched_phases(away, now).values_list("visitpart__appointment", flat=True)
    rows = Appointment.objects.filter(pk__in=ids)
    standing = VisitPhase.objects.select_related("visitpart", "room").order_by("position")
    return list(
        (rows if only is None else rows.filter(pk__in=only))
        .select_related("patient", "service", "location")
        .prefetch_related(Prefetch("parts__phases", standing, to_attr="agreed"))
        .order_by("starts_at", "id")
    )


def count_touched(away, user, *, now):
    """How many visits, of patients whom this person may see. One statement."""
    rows = touched_phases(away, now).filter(visitpart__appointment__in=Appointment.objects.visible_to(user))
    return rows.values("visitpart__appointment").distinct().count()


def closures_in_the_way(location, *, now):
    """Closures of a location, on or to come, that have visits inside, with `visits`: how many. One statement."""
    inside = VisitPhase.objects.filter(
        UNDER_CARE & STANDS,
        starts_at__lt=OuterRef("ends_at"),
        ends_at__gt=OuterRef("starts_at"),
        visitpart__appointment__location=location,
        visitpart__appointment__status__in=TO_COME,
        visitpart__appointment__ends_at__gt=now,
    )
    inside = inside.order_by().values("visitpart__appointment__location")
    number = inside.annotate(n=Count("visitpart__appointment", distinct=True)).values("n")
    rows = Closure.objects.filter(location=location, ends_at__gt=now).annotate(visits=Subquery(number))
    return list(rows.filter(visits__gt=0).select_related("location").order_by("starts_at", "id"))


def default_end(practitioner, location, now):
    """When somebody's working day ends here, else the day itself."""
    day = walltime.day_span(walltime.local(now, location.tz).date(), location.tz)
    spans = working_spans(location, TimeSpan(now, day.end)).get(practitioner.pk)
    return spans[-1].end if spans else day.end


def absences_to_come(practitioner, now):
    """Absences that are not over, with `calls`: how many people stand on the list of each. One statement."""
    rows = Absence.objects.filter(practitioner=practitioner, withdrawn_at=None, ends_at__gt=now)
    calls = Call.objects.filter(absence=OuterRef("pk")).order_by().values("absence")
    return list(rows.annotate(calls=calls.annotate(n=Count("pk")).values("n")).order_by("starts_at"))


def covered_already(practitioner, span):
    return Absence.objects.filter(
        practitioner=practitioner, withdrawn_at=None, starts_at__lte=span.start, ends_at__gte=span.end
    ).exists()


def unsettled_calls():
    """Calls about visits that still need what is away: nobody has settled them, here or elsewhere."""
    of_absence = Q(
        practitioner=OuterRef("absence__practitioner"),
        starts_at__lt=OuterRef("absence__ends_at"),
        ends_at__gt=OuterRef("absence__starts_at"),
    )
    of_closure = UNDER_CARE & Q(
        visitpart__appointment__location=OuterRef("closure__location"),
        starts_at__lt=OuterRef("closure__ends_at"),
        ends_at__gt=OuterRef("closure__starts_at"),
    )
    needed = VisitPhase.objects.filter(
        STANDS, of_absence | of_closure, visitpart__appointment=OuterRef("appointment")
    )
    return Call.objects.filter(
        Exists(needed), appointment__status__in=TO_COME, absence__withdrawn_at=None
    ).exclude(answer__in=FINAL)


@dataclass(frozen=True, slots=True)
class OpenCalls:
    """How many people of one list are still to be called: that of an absence or that of a closure (ids)."""

    absence: int | None
    closure: int | None
    people: int


def open_calls(location):
    """[OpenCalls] about visits at a location. One statement."""
    rows = unsettled_calls().filter(appointment__location=location).order_by("absence", "closure")
    counted = rows.values("absence", "closure").annotate(people=Count("id"))
    return [OpenCalls(*row) for row in counted.values_list("absence", "closure", "people")]


def proposal_stands(call, now):
    """Whether what is proposed is held, and whoever it is with is at work by now. At most one statement."""
    held = call.proposal
    if held is None or held.status != Status.HELD or held.held_until <= now:
        return False
    return held.pk not in spoiled([held.pk])


def spoiled(proposals):
    """Those proposals whose own practitioner is away then, or whose location is closed. One statement."""
    then = {"starts_at__lt": OuterRef("ends_at"), "ends_at__gt": OuterRef("starts_at")}
    absent = Absence.objects.filter(practitioner=OuterRef("practitioner"), withdrawn_at=None, **then)
    closed = Closure.objects.filter(location=OuterRef("visitpart__appointment__location"), **then)
    rows = VisitPhase.objects.filter(
        Exists(absent) | (UNDER_CARE & Exists(closed)), visitpart__appointment__in=proposals
    )
    return set(rows.values_list("visitpart__appointment", flat=True))
