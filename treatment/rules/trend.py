"""Pain over time, as a line with the sentence that says what it shows. No database, no clock."""

from datetime import date
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.translation import gettext as _

# Of a scale from 0 to 10: Farrar and others, Pain 2001; 94:149-158.
NOTICED = 2
WIDTH, HEIGHT = 560, 200  # units of the picture
LEFT, RIGHT, TOP, BOTTOM = 34, 546, 12, 168
STEPS = (0, 2, 4, 6, 8, 10)


class Dot(NamedTuple):
    """One value; x and y in units of the picture, `at` the day on the wall."""

    x: int
    y: int
    pain: int
    at: date


class Trend(NamedTuple):
    """`band` is (y, height) of what nobody would notice, around the first value."""

    sentence: str
    dots: list[Dot]
    line: str
    grid: list[tuple[int, int]]
    band: tuple[int, int]


def trend(points):
    """Of [(day, pain)], oldest first; None where there is nothing to draw."""
    if not points:
        return None
    dots = [Dot(x, height_of(pain), pain, day) for x, (day, pain) in zip(across(points), points, strict=True)]
    first = points[0][1]
    top, bottom = height_of(min(first + NOTICED, 10)), height_of(max(first - NOTICED, 0))
    return Trend(
        sentence=sentence(points),
        dots=dots,
        line=" ".join(f"{dot.x},{dot.y}" for dot in dots),
        grid=[(height_of(step), step) for step in STEPS],
        band=(top, bottom - top),
    )


def across(points):
    """Where each day stands from left to right; one alone stands in the middle."""
    first, days = points[0][0], (points[-1][0] - points[0][0]).days
    if not days:
        step = (RIGHT - LEFT) / (len(points) + 1)
        return [round(LEFT + step * number) for number in range(1, len(points) + 1)]
    return [round(LEFT + 8 + (RIGHT - LEFT - 16) * (day - first).days / days) for day, _pain in points]


def height_of(pain):
    return round(BOTTOM - (BOTTOM - TOP) * pain / 10)


def sentence(points):
    (since, before), (_last, now) = points[0], points[-1]
    if len(points) == 1:
        return _("%(now)d of 10 on %(day)s; one value is no trend yet.") % {"now": now, "day": said(since)}
    change = {"by": abs(now - before), "day": said(since), "noticed": NOTICED}
    if now == before:
        return _("The same as on %(day)s.") % change
    if now < before:
        return _("Down %(by)d since %(day)s; %(noticed)d is a change people notice.") % change
    return _("Up %(by)d since %(day)s; %(noticed)d is a change people notice.") % change


def said(day):
    return date_format(day, "M j")


def movement_words(first, last, since):
    """“45° on Oct 20, 60° now”; one value says only itself."""
    if first == last:
        return _("%(last)d°") % {"last": last}
    return _("%(first)d° on %(day)s, %(last)d° now") % {"first": first, "day": said(since), "last": last}
