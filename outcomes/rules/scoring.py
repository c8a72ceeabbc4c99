"""From answers to a score, its band, and what a score asks for. No database, no clock.

`answers` is {item id: number}; of the patient's own activities {activity id: number}. A score is a Decimal, or
None where the measure says that too little was answered.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

from outcomes.rules.definitions import NONE_TICKED

# What stands in `alerts` of the file, and how it is read.
AT_LEAST = re.compile(r"score >= (\d+)")
WORSE_BY = re.compile(r"increase >= (\d+) from last visit|score falls by (\d+) or more from last time")


def score_of(measure, answers):
    """The score of one copy, rounded as the measure says; None without enough answers."""
    return SCORED[measure.method](measure, answers)


def single(measure, answers):
    value = answers.get(measure.use or measure.items[0].id)
    return None if value is None else Decimal(value)


def mean(measure, answers):
    """All items needed; of the patient's own activities, those that were rated."""
    if measure.is_own:
        values = list(answers.values())
    else:
        values = [answers.get(item.id) for item in measure.items]
    if not values or None in values:
        return None
    return rounded(Decimal(sum(values)) / len(values), measure.decimals)


def total(measure, answers):
    values = [answers.get(item.id) for item in measure.items]
    return None if None in values else Decimal(sum(values))


def ticked(measure, answers):
    """A sentence left alone counts 0, but somebody must have looked: at least one tick, or “None of these”."""
    count = sum(1 for item in measure.items if answers.get(item.id))
    return Decimal(count) if count or answers.get(NONE_TICKED) else None


def only_typed(_measure, _answers):
    """The items are not ours to show; a clinician types in the total."""
    return None


SCORED = {
    "single": single,
    "mean": mean,
    "sum": total,
    "count_ticked": ticked,
    "sum_or_percent": only_typed,
    "percent": only_typed,
}


def rounded(number, decimals):
    return number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)


def band_of(measure, score):
    """The words of the band a score lies in, or "". Bands are whole numbers; what lies between belongs below."""
    found = [band.label for band in measure.bands if score is not None and band.least <= score]
    return found[-1] if found else ""


def is_positive(measure, score):
    return bool(measure.on_positive and score is not None and score >= measure.on_positive.least)


def alerts_of(measure, score, before=None):
    """The actions that the measure's alerts ask for: "review", "clinician_task". `before` is the score last time."""
    if score is None:
        return []
    return [action for when, action in measure.alerts if calls(measure, when, score, before)]


def calls(measure, when, score, before):
    found = AT_LEAST.fullmatch(when)
    if found:
        return score >= int(found[1])
    found = WORSE_BY.fullmatch(when)
    if not found:
        raise ValueError(f"An alert that nobody reads: {when}")
    worse = None if before is None else (before - score if measure.higher_is_better else score - before)
    return worse is not None and worse >= int(found[1] or found[2])


def wrong_in(measure, answers):
    """Ids in the answers that are no item of the measure, or carry a value that the item does not offer."""
    items = {item.id: item.values for item in measure.items} | {NONE_TICKED: {1}}
    return [key for key, value in answers.items() if value not in items.get(key, ())]
