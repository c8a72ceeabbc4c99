"""What scores ask for: stop or refer, or maintenance when pain has come back."""

from decimal import Decimal

from plans.models import PlanStatus
from plans.rules.progress import reasons_to_stop

PAIN = ("NRS", "PEG")
WHEN_PAIN_RETURNS = "return_of_pain"


def percent_better(trends):
    """{measure: percent better than at the start}, None where the start was 0 or there is one score only."""
    return {trend.key: share(trend) for trend in trends}


def share(trend):
    if not trend.baseline.score or trend.baseline.pk == trend.latest.pk:
        return None
    return trend.better * 100 / Decimal(trend.baseline.score)


def pain_returned(progress, trends):
    """The trend by which pain has come back, once the course is over; None otherwise.

    While visits are still to come a rise is what they are for.
    """
    if progress is not None and progress.plan.status != PlanStatus.DISCHARGED and not progress.finished:
        return None
    return next((trend for trend in trends if trend.key in PAIN and trend.returned), None)


def stops(rules, progress, trends):
    return list(reasons_to_stop(rules, progress.done, percent_better(trends)))
