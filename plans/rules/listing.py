"""What a plan wants from the clinic, in one word each: the order of the list."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from plans.models import PlanStatus


class Want(NamedTuple):
    key: str
    words: str


def wants(progress):
    """[Want], the most urgent first."""
    if progress.plan.status == PlanStatus.PAUSED:
        return []
    found = []
    if progress.review and progress.review.due:
        found.append(Want("review", _("look-back due")))
    if progress.behind:
        found.append(Want("behind", progress.pace))
    if progress.owed and not progress.booked:
        found.append(Want("book", _("nothing booked")))
    elif progress.owed:
        found.append(Want("more", _("%(n)s to book") % {"n": progress.owed}))
    if progress.finished:
        found.append(Want("finished", _("all visits done")))
    return found


ORDER = ["review", "behind", "book", "finished", "more"]


def in_order(found):
    """[(Progress, wants)]: those that want something first, then by name."""
    rows = [(progress, wants(progress)) for progress in found]
    return sorted(rows, key=lambda row: (urgency(row[1]), row[0].plan.patient.name.casefold()))


def urgency(wanted):
    return min((ORDER.index(want.key) for want in wanted), default=len(ORDER))


def counts(rows):
    """{key: how many plans want it}."""
    found = dict.fromkeys(ORDER, 0)
    for _progress, wanted in rows:
        for want in wanted:
            found[want.key] += 1
    return found
