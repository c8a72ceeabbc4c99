"""Scores over time, measure by measure, as values: for the chart, letters and the patient's own page."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from clinic.walltime import local
from outcomes.models import Activity, Given, Occasion, Score
from outcomes.queries.measures import known
from outcomes.rules.change import (
    best_of,
    change_of,
    has_returned,
    in_words,
    returned_in_words,
    sentence_of,
)
from outcomes.rules.definitions import Measure
from outcomes.rules.drawing import Picture, picture_of
from outcomes.rules.scoring import alerts_of, band_of, is_positive, mean
from patients.queries import ids_of
from scheduling.models import Appointment
from scheduling.models import Status as VisitStatus


@dataclass(frozen=True, slots=True)
class Point:
    pk: UUID
    on: date
    at: datetime
    score: Decimal
    words: str
    occasion: str
    occasion_words: str
    how: str
    typed: bool
    answers: dict


@dataclass(frozen=True, slots=True)
class OwnLine:
    """One activity by itself: first and latest number; `matters` as the measure says for a single one."""

    words: str
    first: int
    latest: int
    matters: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """One measure of one patient. `improved` and `worse` are None where the measure gives no figure to read by.

    `change` is in points, `better` in the good direction. `best` is the best score since the baseline and
    `returned` whether the latest is worse than that by what people notice, after it had been better. `review`:
    an alert of the measure calls.
    """

    measure: Measure
    points: tuple[Point, ...]
    baseline: Point
    latest: Point
    best: Decimal
    change: Decimal
    better: Decimal
    improved: bool | None
    worse: bool | None
    returned: bool
    review: bool
    positive: bool
    band: str
    sentence: str
    picture: Picture
    own: tuple[OwnLine, ...] = ()

    @property
    def key(self):
        return self.measure.key

    @property
    def returned_words(self):
        """What a trend that `returned` shows."""
        return returned_in_words(self.measure, self.best, self.latest.score)


def of_patient(patient, *, measures=None, since=None, zone=None, proxy=False):
    """[Trend], in the order of the measures, of those with a score. Five statements.

    `measures` are keys, None for all; `since` a date before which nothing counts; `zone` whose days the dates
    are (UTC where none is named); `proxy` leaves out mood and the patient's own words.
    """
    ids = ids_of(patient)
    rows = Score.objects.filter(patient__in=ids, replaced_by=None, score__isnull=False)
    if measures is not None:
        rows = rows.filter(measure__in=measures)
    rows = rows.order_by("at", "pk").select_related("assessment")
    found = {}
    for point, key in (point_of(row, zone) for row in rows):
        if since is None or point.on >= since:
            found.setdefault(key, []).append(point)
    named = {str(row.pk): row for row in Activity.objects.filter(patient__in=ids).order_by("position")}
    visits = visit_days(ids)
    shown = [(measure, found[key]) for key, measure in known().items() if key in found]
    trends = [
        trend_of(measure, points, named, visits)
        for measure, points in shown
        if not (proxy and (measure.is_mood or measure.is_own))
    ]
    return [trend for trend in trends if trend]


def point_of(row, zone):
    day = local(row.at, zone).date() if zone else row.at.date()
    occasion = row.assessment.occasion
    point = Point(
        pk=row.pk,
        on=day,
        at=row.at,
        score=row.score,
        words="",
        occasion=occasion,
        occasion_words=str(Occasion(occasion).label),
        how=row.get_how_display(),
        typed=row.how == Given.TYPED,
        answers=row.answers,
    )
    return point, row.measure


def visit_days(ids):
    rows = Appointment.objects.filter(patient__in=ids, status=VisitStatus.COMPLETED)
    return list(rows.order_by("starts_at").values_list("wall_date", flat=True))


def trend_of(measure, points, named, visits):
    """A Trend of points in order, or None where no point belongs to this course's activities."""
    if measure.is_own:
        points = of_this_course(measure, points, named)
    if not points:
        return None
    points = [with_words(measure, point) for point in points]
    start = baseline_at(points)
    first, latest = points[start], points[-1]
    change = change_of(measure, first.score, latest.score)
    scores = [point.score for point in points[start:]]
    best = best_of(measure, scores)
    before = points[-2].score if len(points) > 1 else None
    return Trend(
        measure=measure,
        points=tuple(points),
        baseline=first,
        latest=latest,
        best=best,
        change=change.points,
        better=change.better,
        improved=int(latest.score) in measure.responders if measure.responders else change.matters,
        worse=change.worse,
        returned=has_returned(measure, first.score, best, latest.score),
        review="review" in alerts_of(measure, latest.score, before),
        positive=is_positive(measure, latest.score),
        band=band_of(measure, latest.score),
        sentence=sentence_of(measure, first.score, first.on, latest.score, latest.on),
        picture=picture_of(measure, [(point.on, point.score) for point in points[start:]], visits),
        own=own_lines(measure, points[start:], named),
    )


def with_words(measure, point):
    return copy_of(point, words=in_words(measure, point.score))


def copy_of(point, **changed):
    values = {name: getattr(point, name) for name in point.__slots__}
    return Point(**(values | changed))


def baseline_at(points):
    """The number of the point that counts as the first: the latest answer given at the start of a course."""
    starts = [number for number, point in enumerate(points) if point.occasion == Occasion.BASELINE]
    return starts[-1] if starts else 0


def of_this_course(measure, points, named):
    """The points about the activities in force, each with the mean of those rated the first time, too."""
    current = {key for key, row in named.items() if row.ended_at is None}
    points = [(point, rated(point, current)) for point in points if rated(point, current)]
    if not points:
        return []
    first = points[0][1]
    both = [(point, {key: answers[key] for key in answers if key in first}) for point, answers in points]
    return [copy_of(point, score=mean(measure, answers)) for point, answers in both if answers]


def rated(point, activities):
    return {key: value for key, value in point.answers.items() if key in activities}


def own_lines(measure, points, named):
    if not measure.is_own:
        return ()
    first, latest = points[0].answers, points[-1].answers
    return tuple(
        OwnLine(row.words, first[key], latest[key], latest[key] - first[key] >= measure.smallest_single)
        for key, row in named.items()
        if key in first and key in latest
    )
