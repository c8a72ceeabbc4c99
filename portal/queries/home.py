"""What is done at home: the activities in force with how often they were done this week."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from patients.queries import ids_of
from plans.models import HomeActivity, HomeTick
from portal.rules.home import often, said, standing, week_of


@dataclass(frozen=True, slots=True)
class Activity:
    """One activity. `instructions` is empty for somebody who acts for the patient."""

    pk: UUID
    name: str
    often: str
    instructions: str
    done_today: bool
    this_week: str


def may_tick(person, pk):
    """Whether this is an activity of that person's, for somebody who may see it. At most two statements."""
    theirs = HomeActivity.objects.filter(plan__patient__in=ids_of(person.patient), pk=pk)
    return person.rights.health and theirs.exists()


def in_force(plan, today):
    rows = HomeActivity.objects.filter(plan=plan, started_on__lte=today)
    return rows.filter(Q(ended_on=None) | Q(ended_on__gte=today)).order_by("position")


def activities_of(plan, today, *, own):
    """[Activity] in order. Two statements."""
    rows, week = list(in_force(plan, today)), week_of(today)
    ticks = HomeTick.objects.filter(activity__in=rows, on__in=week).order_by("at", "pk")
    done = standing(ticks)
    return [
        Activity(
            pk=row.pk,
            name=row.name,
            often=often(row.per_week),
            instructions=row.instructions if own else "",
            done_today=(row.pk, today) in done,
            this_week=said(sum((row.pk, day) in done for day in week), row.per_week),
        )
        for row in rows
    ]
