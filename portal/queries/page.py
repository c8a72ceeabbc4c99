"""The Plan page of one person, as far as whoever opens it may look."""

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.walltime import local
from outcomes.models import Assessment
from outcomes.queries import due, trends
from outcomes.queries.measures import known
from outcomes.queries.trends import Trend
from outcomes.rules.change import figure
from patients.queries import ids_of
from plans.models import Goal
from plans.queries import progress
from portal.queries.after import after_visit
from portal.queries.home import activities_of
from portal.queries.left import left_of
from portal.queries.people import Person
from portal.queries.visits import last_of, next_of, place_of
from portal.queries.why import why_of

# The measure whose trend stands first; the others follow on demand.
FIRST = "NRS"


@dataclass(frozen=True, slots=True)
class Shown:
    """One measure over time with its figures in words."""

    trend: Trend
    head: str


@dataclass(frozen=True, slots=True)
class Wished:
    """A goal. `own`: in the person's own words, which are quoted."""

    words: str
    own: bool
    reached_on: date | None


@dataclass(frozen=True)
class PlanPage:
    """What is None or empty is not there or not for this reader. `plan` is a plans.rules.progress.Progress."""

    person: Person
    place: object
    today: object
    next: object
    plan: object
    goals: list
    trends: list
    left: object
    home: list
    after: object
    why: object
    checks: list


def page_of(person, user, now):
    """A fixed number of statements for what stands on the page, whatever the number of rows."""
    rights, patient = person.rights, person.patient
    place = place_of(person)
    today = today_in(place, now)
    running = progress.running_of(patient, today) if rights.visits or rights.health else None
    zone = place.tz if place else None
    return PlanPage(
        person=person,
        place=place,
        today=today,
        next=next_of(person, user, now) if rights.visits else None,
        plan=running if rights.visits else None,
        goals=goals_of(running, rights),
        trends=trends_of(patient, zone, rights) if rights.health else [],
        left=left_of(patient, today) if rights.payments else None,
        home=activities_of(running.plan, today, own=rights.own) if running and rights.health else [],
        after=after_visit(last_of(person), today) if rights.health else None,
        why=why_of(running) if running and rights.health else None,
        checks=due.due(patient, today, proxy=not rights.own) if rights.forms else [],
    )


def today_in(place, now):
    """The date on the wall of a location."""
    return local(now, place.tz).date() if place else timezone.localtime(now).date()


def check_row(person, pk):
    """A score check of that person's, for somebody who may fill in their forms, or None."""
    rows = Assessment.objects.filter(patient__in=ids_of(person.patient), pk=pk).select_related("patient")
    return rows.first() if person.rights.forms else None


def goals_of(plan, rights):
    """[Wished] of the person's own plan, for nobody else. One statement, two with a goal in a measure."""
    if plan is None or not rights.own:
        return []
    rows = list(Goal.objects.filter(plan=plan.plan, dropped_on=None).order_by("position"))
    measures = known() if any(not row.words for row in rows) else {}
    said = [(row, row.words or in_a_measure(row, measures.get(row.measure))) for row in rows]
    return [Wished(words, bool(row.words), row.reached_on) for row, words in said if words]


def in_a_measure(goal, measure):
    """Pain intensity from 7 to 5. Empty for a measure of mood and for one that is gone."""
    if measure is None or measure.is_mood:
        return ""
    words = {"what": measure.domain, "target": figure(goal.target)}
    if goal.baseline is None:
        return _("%(what)s: %(target)s") % words
    return _("%(what)s: from %(start)s to %(target)s") % {**words, "start": figure(goal.baseline)}


def trends_of(patient, zone, rights):
    """[Shown] without mood, pain first. Five statements."""
    found = trends.of_patient(patient, zone=zone, proxy=not rights.own)
    shown = [trend for trend in found if not trend.measure.is_mood]
    return [Shown(trend, head_of(trend)) for trend in sorted(shown, key=lambda trend: trend.key != FIRST)]


def head_of(trend):
    """7 at the start, 4 now. Empty where the sentence below says it all."""
    if trend.measure.responders or trend.baseline.pk == trend.latest.pk:
        return ""
    return _("%(first)s at the start, %(latest)s now.") % {
        "first": figure(trend.baseline.score),
        "latest": figure(trend.latest.score),
    }
