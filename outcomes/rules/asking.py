"""Which score checks there are, when they can be answered, and why not. No database, no clock."""

from datetime import timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

BASELINE = "baseline"
DURING = "during"
AFTER_THE_START = {"PGIC"}  # "since treatment began": asks nothing on the first day
ASKED_NOW_DAYS = 7
IS_DUE, LATER, MISSED, ANSWERED, CANCELLED = "due", "later", "missed", "answered", "cancelled"


class Wanted(NamedTuple):
    """One score check that a plan asks for."""

    occasion: str
    due_on: object
    window_days: int
    measures: tuple[str, ...]


def wanted(schedule, baseline_on, measures):
    """What a schedule of a template asks: entries {"at", "day", "window_days"}, days counted from the baseline."""
    return [
        Wanted(
            entry["at"],
            baseline_on + timedelta(days=entry["day"]),
            entry["window_days"],
            asked_at(entry["at"], measures),
        )
        for entry in schedule
    ]


def asked_at(occasion, measures):
    """The measures of one occasion: nothing about change on the first day."""
    left_out = AFTER_THE_START if occasion == BASELINE else set()
    return tuple(key for key in measures if key not in left_out)


def state_of(*, status, due_on, window_days, today):
    """answered and cancelled as stored; else later, due or missed, as the day says."""
    if status != "open":
        return status
    window = timedelta(days=window_days)
    if today < due_on - window:
        return LATER
    return IS_DUE if today <= due_on + window else MISSED


def reasons_not_to_answer(state):
    """Why a score check cannot be answered now; the words are for whoever has it in hand."""
    return {
        IS_DUE: [],
        ANSWERED: [_("This is answered already. Thank you, there is nothing left to do.")],
        CANCELLED: [_("This is not needed any more. There is nothing to do.")],
        MISSED: [_("The time for this has passed. Your clinic asks you again when it is useful.")],
        LATER: [_("It is too early for this. Your clinic asks you when it is time.")],
    }[state]


def reasons_not_to_ask(*, measures, known, merged, open_now):
    """Why nothing can be asked now. `known` are keys of measures a patient can answer."""
    reasons = []
    if merged:
        reasons.append(_("This is an old record. Open the one it was merged into."))
    if not measures:
        reasons.append(_("Choose at least one measure."))
    if set(measures) - set(known):
        reasons.append(_("One of these measures is not offered any more. Reload the page and choose again."))
    if open_now:
        reasons.append(_("A score check is open already. Hand that one over, or cancel it first."))
    return reasons


def reasons_not_to_type_in(measure, total):
    """Why a total cannot be kept. Totals of restricted measures come from the paper form."""
    if measure is None:
        return [_("This measure is not offered any more. Reload the page and choose again.")]
    if not measure.least <= total <= measure.most:
        return [
            _("The total of %(name)s lies between %(least)s and %(most)s. Look at the form again.")
            % {"name": measure.name, "least": measure.least, "most": measure.most}
        ]
    return []
