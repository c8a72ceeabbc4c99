"""What a way on changes about a booked course, in sentences; and when the plan itself would have it over."""

from datetime import date
from itertools import pairwise

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def what_changes(was: list[date], then: list[date], *, planned: date | None = None) -> list[str]:
    """The end of the course, then the days between its visits. `was`, `then`: their days in order, now and this way.

    `planned`: the day the plan's own distances lead to, where the course lags behind it.
    """
    said = [end_in_words(was[-1], then[-1])]
    if planned is not None:
        said.append(against_plan(then[-1], planned))
    if spacing(was) != spacing(then):
        said.append(
            _("%(then)s between visits instead of %(was)s.") % {"then": between(then), "was": between(was)}
        )
    return said


def end_in_words(was, then):
    days, words = (then - was).days, {"day": date_format(then, "D M j")}
    if not days:
        return _("The course ends on %(day)s, as now.") % words
    words["n"] = abs(days)
    if days > 0:
        return (
            ngettext(
                "The course ends %(n)s day later, on %(day)s.",
                "The course ends %(n)s days later, on %(day)s.",
                days,
            )
            % words
        )
    return (
        ngettext(
            "The course ends %(n)s day sooner, on %(day)s.",
            "The course ends %(n)s days sooner, on %(day)s.",
            -days,
        )
        % words
    )


def against_plan(end, planned):
    days = (end - planned).days
    if days <= 0:
        return _("That is as planned.")
    return ngettext("That is %(n)s day after the plan.", "That is %(n)s days after the plan.", days) % {
        "n": days
    }


def spacing(days):
    """(shortest, longest) distance of two visits, or None."""
    gaps = [(later - before).days for before, later in pairwise(days)]
    return (min(gaps), max(gaps)) if gaps else None


def between(days):
    """“3 days”, “3 to 5 days”."""
    least, most = spacing(days)
    if least == most:
        return ngettext("%(n)s day", "%(n)s days", most) % {"n": most}
    return _("%(least)s to %(most)s days") % {"least": least, "most": most}


def given_up(*, wider: bool, unpaid: int) -> list[str]:
    """What had to give way so that every visit finds a place."""
    said = []
    if wider:
        said.append(_("Some visits are a day closer together or further apart than the plan says."))
    if unpaid:
        said.append(
            ngettext(
                "The package or insurance does not cover %(n)s visit any more.",
                "The package or insurance does not cover %(n)s visits any more.",
                unpaid,
            )
            % {"n": unpaid}
        )
    return said
