"""Score checks of a patient: due, later, missed, answered."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from outcomes.models import Activity, Assessment, Status
from outcomes.queries.measures import answerable
from outcomes.rules.asking import IS_DUE, LATER, MISSED, state_of
from outcomes.rules.definitions import Measure
from patients.queries import ids_of


@dataclass(frozen=True, slots=True)
class Check:
    """One score check. `measures` are those that can be answered by whoever asks."""

    pk: UUID
    version: int
    occasion: str
    occasion_words: str
    due_on: date
    opens_on: date
    until: date
    state: str
    plan: UUID | None
    measures: tuple[Measure, ...]

    @property
    def questions(self):
        return sum(1 if measure.method == "count_ticked" else len(measure.items) for measure in self.measures)


def checks_of(patient, today, *, proxy=False):
    """Every check that was not cancelled, by date. Three statements.

    `proxy`: for somebody who acts for the patient, without mood and without the patient's own words.
    """
    rows = Assessment.objects.filter(patient__in=ids_of(patient)).exclude(status=Status.CANCELLED)
    found, measures = list(rows.order_by("due_on", "asked_at", "pk")), answerable()
    checks = [check_of(row, measures, today, proxy) for row in found]
    return [check for check in checks if check.measures or check.state != IS_DUE]


def check_of(row, measures, today, proxy=False):
    window = timedelta(days=row.window_days)
    state = state_of(status=row.status, due_on=row.due_on, window_days=row.window_days, today=today)
    return Check(
        pk=row.pk,
        version=row.version,
        occasion=row.occasion,
        occasion_words=row.get_occasion_display(),
        due_on=row.due_on,
        opens_on=row.due_on - window,
        until=row.due_on + window,
        state=state,
        plan=row.plan,
        measures=asked_in(row, measures, proxy),
    )


def asked_in(row, measures, proxy=False):
    """The measures of a check, in the order of the list, as far as they are offered."""
    asked = [measure for key, measure in measures.items() if key in row.measures]
    return tuple(m for m in asked if not (proxy and (m.is_mood or m.is_own)))


def due(patient, on, *, proxy=False):
    """What can be answered on that day. Three statements."""
    return [check for check in checks_of(patient, on, proxy=proxy) if check.state == IS_DUE]


def upcoming(checks):
    """(due, later, missed) of some checks; a missed one counts until something newer was answered."""
    answered = [check.due_on for check in checks if check.state == "answered"]
    missed = [c for c in checks if c.state == MISSED and not any(day > c.due_on for day in answered)]
    return (
        [check for check in checks if check.state == IS_DUE],
        [check for check in checks if check.state == LATER],
        missed,
    )


def row_of(patient, pk):
    """One check of this patient's as its row, or None."""
    return Assessment.objects.filter(patient__in=ids_of(patient), pk=pk).first()


def check_on(row, today):
    """One check as whoever answers it sees it; one statement."""
    return check_of(row, answerable(), today)


def activities_of(patient):
    """What the patient named for this course, in order; two statements."""
    rows = Activity.objects.filter(patient__in=ids_of(patient), ended_at=None)
    return list(rows.order_by("position", "named_at")[:3])
