"""Who may treat, who is at work and whose license ends: answers as plain values, in few statements."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q

from clinic.models import Closure, Location, OpeningHours, Role, RoleGrant, User
from clinic.roles import may
from clinic.timespan import TimeSpan, merge, subtract
from practitioners import rules
from practitioners.models import Absence, Certification, License, Practitioner, WorkingHours

HOURS = ("weekday", "starts", "ends", "valid_from", "valid_until")


def eligible(location, disciplines, first_day, last_day):
    """On which local dates who may be booked for each discipline at the location; two statements.

    `disciplines` are ids, `first_day` and `last_day` both included. Answers
    {discipline id: {practitioner id: [(from, to), …]}}, `to` being the first date that no longer counts:
    active practitioners who practice it and, where it needs a license, hold one of the location's state
    whose kind covers it there. Somebody without a single day is left out.
    """
    wanted = list(disciplines)
    licensed = defaultdict(list)
    rows = licenses_in_force(location.state, first_day, last_day, kind__coverages__discipline__in=wanted)
    for discipline, practitioner, issued, expires in rows.values_list(
        "kind__coverages__discipline", "practitioner", "issued_on", "expires_on"
    ):
        licensed[discipline, practitioner].append((issued, expires))
    found = {discipline: {} for discipline in wanted}
    practicing = Practitioner.objects.filter(active=True, disciplines__in=wanted)
    for practitioner, discipline, needed in practicing.values_list(
        "id", "disciplines", "disciplines__license_needed"
    ):
        held = licensed[discipline, practitioner] if needed else [(date.min, date.max)]
        days = rules.days_within(held, first_day, last_day)
        if days:
            found[discipline][practitioner] = days
    return found


def needle_removers(location, first_day, last_day):
    """On which local dates who may take needles out at the location: {practitioner id: [(from, to), …]}.

    One statement. `to` is the first date that no longer counts, as in `eligible`.
    """
    held = defaultdict(list)
    rows = licenses_in_force(location.state, first_day, last_day, kind__coverages__may_remove_needles=True)
    for practitioner, issued, expires in rows.values_list("practitioner", "issued_on", "expires_on"):
        held[practitioner].append((issued, expires))
    return {practitioner: rules.days_within(days, first_day, last_day) for practitioner, days in held.items()}


def licenses_in_force(state, first_day, last_day, **covering):
    """Licenses of one state with a day among these, and with a line in the table of coverage like that.

    One call of filter: in a second one kind__coverages would mean any other line of the table.
    """
    return License.objects.filter(
        practitioner__active=True,
        state=state,
        issued_on__lte=last_day,
        expires_on__gt=first_day,
        kind__coverages__state=state,
        **covering,
    )


def working_spans(location, window: TimeSpan) -> dict[int, list[TimeSpan]]:
    """When each active practitioner is at work at the location within the window; four statements.

    Weekly hours in the location's wall time, within its opening hours, without closures and absences:
    merged, in order, cut to the window. Somebody without any is left out.
    """
    zone, hours = location.tz, defaultdict(list)
    rows = WorkingHours.objects.filter(location=location, practitioner__active=True)
    for practitioner, *row in rows.order_by().values_list("practitioner", *HOURS):
        hours[practitioner].append(row)
    days = rules.local_days(window, zone)
    opening = [rules.Hours(*row) for row in opening_rows(location)]
    closed = spans_in(Closure.objects.filter(location=location), window)
    opened = subtract(rules.expand_hours(opening, zone, days), closed)
    opened = rules.overlap_of(opened, [window])
    away = absences_in(window)
    spans = {}
    for practitioner, rows in hours.items():
        working = rules.overlap_of(rules.expand_hours(rows, zone, days), opened)
        left = subtract(working, away[practitioner]) if practitioner in away else working
        if left:
            spans[practitioner] = left
    return spans


def opening_rows(location):
    return OpeningHours.objects.filter(location=location).order_by().values_list("weekday", "opens", "closes")


def spans_in(rows, window):
    inside = rows.filter(starts_at__lt=window.end, ends_at__gt=window.start)
    return merge(TimeSpan(start, end) for start, end in inside.values_list("starts_at", "ends_at"))


def absences_in(window):
    """{practitioner id: [spans]}: who is away at some time of the window, at every location alike; one statement."""
    away = defaultdict(list)
    rows = Absence.objects.filter(starts_at__lt=window.end, ends_at__gt=window.start)
    for practitioner, start, end in rows.values_list("practitioner", "starts_at", "ends_at"):
        away[practitioner].append(TimeSpan(start, end))
    return away


def reasons_not_to_treat(practitioner, discipline, state, day):
    """`rules.reasons_not_to_treat` for rows; two statements."""
    return rules.reasons_not_to_treat(
        name=practitioner.name,
        active=practitioner.active,
        practices=set(practitioner.disciplines.values_list("pk", flat=True)),
        discipline=discipline,
        state=state,
        licenses=list(
            practitioner.licenses.filter(
                state=state, kind__coverages__state=state, kind__coverages__discipline=discipline
            )
        ),
        day=day,
    )


@dataclass(frozen=True)
class LicenseEnding:
    license_id: int
    practitioner_id: int
    practitioner: str
    kind: str
    number: str
    state: str
    expires_on: date
    days_left: int  # 0 or less: it does not count any more


def licenses_ending(within_days, today, state=None):
    """Licenses that end within so many days or have ended, soonest first; one statement.

    Only of active practitioners, and not where a later license of the same kind and state replaces it.
    """
    renewed = License.objects.filter(
        practitioner=OuterRef("practitioner"),
        kind=OuterRef("kind"),
        state=OuterRef("state"),
        expires_on__gt=OuterRef("expires_on"),
    ).filter(Q(issued_on__lte=OuterRef("expires_on")) | Q(issued_on__lte=today))
    rows = License.objects.filter(
        ~Exists(renewed), practitioner__active=True, expires_on__lte=today + timedelta(days=within_days)
    )
    if state is not None:
        rows = rows.filter(state=state)
    named = rows.order_by("expires_on", "id").values_list(
        "id", "practitioner", "practitioner__name", "kind__name", "number", "state", "expires_on"
    )
    return [LicenseEnding(*row, days_left=(row[-1] - today).days) for row in named]


def practitioners_visible_to(user):
    """Everybody on staff may know who treats; nobody else comes here."""
    return Practitioner.objects.all() if may(user, "see_the_day") else Practitioner.objects.none()


def managed(model, user):
    """Licenses, certifications or weekly hours, for those who manage the clinic; nobody else has any."""
    rows = model.objects.select_related("practitioner")
    return rows if may(user, "manage_clinic") else rows.none()


def absences_visible_to(user):
    rows = Absence.objects.select_related("practitioner")
    return rows if may(user, "see_the_day") else rows.none()


def practitioner_list(user):
    """Practitioners with their disciplines, and for owners their licenses; active ones first. Three statements."""
    rows = practitioners_visible_to(user).order_by("-active", "name", "id").prefetch_related("disciplines")
    if may(user, "manage_clinic"):
        held = License.objects.select_related("kind").order_by("expires_on")
        rows = rows.prefetch_related(Prefetch("licenses", held))
    return list(rows)


def hours_of(practitioner):
    return WorkingHours.objects.filter(practitioner=practitioner).select_related("location")


def licenses_of(practitioner):
    rows = License.objects.filter(practitioner=practitioner).select_related("kind", "verified_by__profile")
    return rows.order_by("-expires_on", "id")


def certifications_of(practitioner):
    rows = Certification.objects.filter(practitioner=practitioner).select_related("verified_by__profile")
    return rows.order_by("name", "id")


def absences_of(practitioner, since):
    """Absences that end after an instant, the next first."""
    return Absence.objects.filter(practitioner=practitioner, ends_at__gt=since).order_by("starts_at", "id")


def owners(now):
    """The accounts of the clinic's owners, who are told about licenses."""
    held = RoleGrant.objects.in_force(now).filter(role=Role.OWNER)
    return list(User.objects.filter(is_active=True, pk__in=held.values("user")).order_by("pk"))


def accounts_to_link(practitioner, now):
    """Accounts with the provider's role that belong to no practitioner yet, and this one's own."""
    held = RoleGrant.objects.in_force(now).filter(role=Role.PRACTITIONER)
    free = Q(pk__in=held.values("user"), practitioner=None)
    return User.objects.filter(free | Q(pk=practitioner.user_id)).order_by("profile__name")


def first_location():
    """Whose local day is the clinic's day where none is named; None before there is a location."""
    return Location.objects.filter(active=True).order_by("pk").first()


def holder_of_account(user_id, except_pk=None):
    """The practitioner whom an account belongs to, or None."""
    return Practitioner.objects.filter(user=user_id).exclude(pk=except_pk).first()


def holder_of_license(state, kind, number, except_pk=None):
    """The practitioner whose license has that number in the state, or None."""
    rows = License.objects.filter(state=state, kind=kind, number=number).exclude(pk=except_pk)
    row = rows.select_related("practitioner").first()
    return row and row.practitioner
