"""Where a small picture of a trend has its lines. Plain numbers; the template draws them. No database, no clock."""

from dataclasses import dataclass
from datetime import timedelta

WIDTH, HEIGHT = 360, 150
LEFT, RIGHT, TOP, BOTTOM = 34, 346, 12, 112
SHORTEST = 28  # days across, so that two days do not look like a course


@dataclass(frozen=True, slots=True)
class Dot:
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Picture:
    """`band` is (y, height) of changes too small to notice, or None; `ticks` are the x of visits."""

    dots: tuple[Dot, ...]
    line: str
    grid: tuple[tuple[float, int], ...]
    band: tuple[float, float] | None
    ticks: tuple[float, ...]
    first: object
    last: object


def picture_of(measure, points, visits=()):
    """`points` are (day, score) in order, at least one; `visits` are days."""
    first = points[0][0]
    last = max(points[-1][0], first + timedelta(days=SHORTEST))
    days = (last - first).days

    def across(day):
        return round(LEFT + (RIGHT - LEFT) * (day - first).days / days, 1)

    dots = tuple(Dot(across(day), up(measure, score)) for day, score in points)
    return Picture(
        dots=dots,
        line=" ".join(f"{dot.x},{dot.y}" for dot in dots),
        grid=tuple((up(measure, value), value) for value in values_on_axis(measure)),
        band=band_around(measure, points[0][1]),
        ticks=tuple(sorted({across(day) for day in visits if first <= day <= last})),
        first=first,
        last=last,
    )


def up(measure, score):
    """The y of a score: the axis is the measure's whole range, the same in every picture."""
    share = (float(score) - measure.least) / (measure.most - measure.least)
    return round(BOTTOM - (BOTTOM - TOP) * share, 1)


def values_on_axis(measure):
    middle = (measure.least + measure.most) / 2
    return (measure.least, *([int(middle)] if middle == int(middle) else []), measure.most)


def band_around(measure, first):
    """Around the first score: what stays inside is less than people notice."""
    if measure.smallest is None:
        return None
    high, low = min(first + measure.smallest, measure.most), max(first - measure.smallest, measure.least)
    top = up(measure, high)
    return top, round(up(measure, low) - top, 1)
