"""Change read against the smallest change that people notice. No database, no clock.

The file's rule: improvement is the first score minus the one now where lower is better, the other way round
where higher is; it matters when it reaches the absolute figure or, where one is given, the share of the first.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

from django.utils import formats
from django.utils.translation import gettext as _

from outcomes.rules.scoring import band_of


@dataclass(frozen=True, slots=True)
class Change:
    """`better` is how much better, in points (negative: worse). `matters` is True where people notice it.

    None where the measure gives no figure. `worse` is the same the other way round. `by_percent`: it matters by
    the share of the first score alone.
    """

    points: Decimal
    better: Decimal
    matters: bool | None
    worse: bool | None
    by_percent: bool = False


def change_of(measure, first, now):
    """What became of a first score."""
    points = now - first
    better = points if measure.higher_is_better else -points
    if measure.smallest is None:
        return Change(points, better, None, None)
    absolute = better >= measure.smallest
    share = bool(measure.percent) and better > 0 and better * 100 >= first * measure.percent
    return Change(points, better, absolute or share, -better >= measure.smallest, share and not absolute)


def best_of(measure, scores):
    """The best of some scores, or None."""
    return (max if measure.higher_is_better else min)(scores, default=None)


def has_returned(measure, first, best, now):
    """Whether the trouble is back: it had been better than at first, and is worse than then by what people notice."""
    had_been_better = change_of(measure, first, best).better > 0
    return had_been_better and bool(change_of(measure, best, now).worse)


def returned_in_words(measure, best, now):
    """7 now, 5 at its best; a rise of 2 is one people notice."""
    known = {"now": figure(now), "best": figure(best), "size": figure(measure.smallest)}
    if measure.higher_is_better:
        return _("%(now)s now, %(best)s at its best; a drop of %(size)s is one people notice.") % known
    return _("%(now)s now, %(best)s at its best; a rise of %(size)s is one people notice.") % known


def sentence_of(measure, first, first_on, now, now_on):
    """What a trend shows, in one sentence: "Down 3 since Oct 20; a drop of 2 is one people notice.\""""
    if measure.responders:
        return _("%(words)s, on %(day)s.") % {"words": chosen(measure, now), "day": said(now_on)}
    if first_on == now_on:
        return _("%(score)s on %(day)s, the first score.") % {"score": figure(now), "day": said(now_on)}
    change = change_of(measure, first, now)
    known = {"points": figure(abs(change.points)), "day": said(first_on)}
    if not change.points:
        return _("The same as on %(day)s.") % known
    moved = _("Down %(points)s since %(day)s") if change.points < 0 else _("Up %(points)s since %(day)s")
    return moved % known + noticed(measure, change)


def noticed(measure, change):
    """The end of the sentence: the figure that the change is read against."""
    if measure.smallest is None:
        return "."
    if change.by_percent:
        figures = {"size": _("%(percent)s percent") % {"percent": measure.percent}}
    else:
        figures = {"size": figure(measure.smallest)}
    if measure.higher_is_better:
        return _("; a rise of %(size)s is one people notice.") % figures
    return _("; a drop of %(size)s is one people notice.") % figures


def chosen(measure, score):
    """The words of the answer that a score stands for."""
    labels = {option.value: option.label for option in measure.items[0].options}
    words = labels.get(int(score), str(score))
    return words[:1].upper() + words[1:]


def figure(number):
    """5, 4.3: no more decimals than there are."""
    number = Decimal(number)
    return str(number.quantize(Decimal(1))) if number == number.to_integral() else str(number.normalize())


def said(day):
    return formats.date_format(day, "M j")


def in_words(measure, score):
    """A score with the words of its band, without what the band remarks besides: "5, moderate"."""
    if measure.responders:
        return chosen(measure, score)
    band = re.split("[:;]", band_of(measure, score))[0]
    return f"{figure(score)}, {band}" if band else figure(score)
