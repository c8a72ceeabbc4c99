"""Who may treat, who is at work and whose license ends: answers as plain values, in few statements."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import Exists, OuterRef, Prefetch, Q

from clinic.models import Location, Role, RoleGrant, User
from clinic.roles import may
from clinic.timespan import TimeSpan, subtract
from practitioners import rules
from practitioners.models import Absence, Certification, License, Practitioner, WorkingHours

# What each license covers in the state it is of, and what is practiced without one; one row each, in one statement.
COVER = """
SELECT p.id, p.name, p.credentials, p.gender, d.id, NULL, l.issued_on, l.expires_on
FROM practitioners_practitioner p
JOIN practitioners_practitioner_disciplines pd ON pd.practitioner_id = p.id
JOIN services_discipline d ON d.id = pd.discipline_id
LEFT JOIN (practitioners_license l JOIN practitioners_coverage c
           ON c.license_kind_id = l.kind_id AND c.state = l.state AND l.state = %(state)s)
  ON l.practitioner_id = p.id AND c.discipline_id = d.id AND d.license_needed
WHERE p.active AND (l.id IS NOT NULL OR NOT d.license_needed)
UNION ALL
SELECT p.id, p.name, p.credentials, p.gender, NULL, c.discipline_id, l.issued_on, l.expires_on
FROM practitioners_practitioner p
JOIN practitioners_license l ON l.practitioner_id = p.id AND l.state = %(state)s
JOIN practitioners_coverage c ON c.license_kind_id = l.kind_id AND c.state = l.state AND c.may_remove_needles
WHERE p.active
ORDER BY 1
"""
# Written out because every search for a time asks for them: as querysets they took a sixth of its time.
WEEKLY_HOURS = """
SELECT h.practitioner_id, h.weekday, h.starts, h.ends, h.valid_from, h.valid_until
FROM practitioners_workinghours h JOIN practitioners_practitioner p ON p.id = h.practitioner_id
WHERE h.location_id = %(location)s AND p.active
"""
OPENING_HOURS = "SELECT weekday, opens, closes FROM clinic_openinghours WHERE location_id = %(location)s"
CLOSURES = """
SELECT starts_at, ends_at FROM clinic_closure
WHERE location_id = %(location)s AND starts_at < %(end)s AND ends_at > %(start)s
"""
ABSENCES = """
SELECT practitioner_id, starts_at, ends_at FROM practitioners_absence
WHERE withdrawn_at IS NULL AND starts_at < %(end)s AND ends_at > %(start)s
"""
DateSpan = tuple[date, date]  # the first day, and the first day on which it no longer counts


@dataclass(frozen=True, slots=True)
class Person:
    id: int
    name: str
    credentials: str
    gender: str

    @property
    def full(self):
        return f"{self.name}, {self.credentials}" if self.credentials else self.name


@dataclass(frozen=True, slots=True)
class Cover:
    """Who may do what. treats: {discipline id: {practitioner id: days}}; removes: {practitioner id: days}."""

    people: dict[int, Person]
    treats: dict[int, dict[int, list[DateSpan]]]
    removes: dict[int, list[DateSpan]]

    def disciplines_of(self, practitioner_id):
        return sum(practitioner_id in able for able in self.treats.values())


def cover(location, first_day, last_day):
    """What active practitioners may do at a location from one local date to another, both included; one statement.

    They practice the discipline and, where it needs a license, hold one of the location's state whose kind
    covers it there. Needles may be taken out by whoever holds a license that says so.
    """
    rows = fetched(COVER, {"state": location.state})
    people, treats, removes = {}, defaultdict(lambda: defaultdict(list)), defaultdict(list)
    for pid, name, credentials, gender, discipline, removing, issued, expires in rows:
        people[pid] = Person(pid, name, credentials, gender)
        days = removes[pid] if removing else treats[discipline][pid]
        days.append((issued or date.min, expires or date.max))
    return Cover(
        people=people,
        treats={discipline: within(able, first_day, last_day) for discipline, able in treats.items()},
        removes=within(removes, first_day, last_day),
    )


def within(days_of, first_day, last_day):
    """{id: days} cut to the dates asked for; whoever has none of them is left out."""
    cut = {who: rules.days_within(days, first_day, last_day) for who, days in days_of.items()}
    return {who: days for who, days in cut.items() if days}


def working_spans(location, window: TimeSpan) -> dict[int, list[TimeSpan]]:
    """When each active practitioner is at work at the location within the window; four statements.

    Weekly hours in the location's wall time, within its opening hours, without closures and absences:
    merged, in order, cut to the window. Somebody without any is left out.
    """
    zone, values = location.tz, {"location": location.pk, "start": window.start, "end": window.end}
    hours, away = defaultdict(list), defaultdict(list)
    for practitioner, *row in fetched(WEEKLY_HOURS, values):
        hours[practitioner].append(row)
    days = rules.local_days(window, zone)
    opening = rules.expand_hours(
        [(*row, date.min, None) for row in fetched(OPENING_HOURS, values)], zone, days
    )
    opened = subtract(opening, [TimeSpan(*row) for row in fetched(CLOSURES, values)])
    opened = rules.overlap_of(opened, [window])
    for practitioner, start, end in fetched(ABSENCES, values):
        away[practitioner].append(TimeSpan(start, end))
    spans = {}
    for practitioner, rows in hours.items():
        working = rules.overlap_of(rules.expand_hours(rows, zone, days), opened)
        left = subtract(working, away[practitioner]) if practitioner in away else working
        if left:
            spans[practitioner] = left
    return spans


def fetched(sql, values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


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
    return Absence.objects.filter(practitioner=practitioner, withdrawn_at=None, ends_at__gt=since).order_by(
        "starts_at", "id"
    )


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
