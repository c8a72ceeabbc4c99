"""What the worker does for this app."""

from clinic.walltime import local
from practitioners import actions, queries, rules


def check_licenses(now):
    """The daily job: notices that are due on the clinic's local day. Running it again gives none twice."""
    place = queries.first_location()
    return tell_owner_about_licenses(local(now, place.tz).date(), now) if place else 0


def tell_owner_about_licenses(today, now):
    """Tell the owners 90, 60 and 30 days before a license ends; how many notices were given.

    Each notice of a license and end date is given once. After days on which the worker did not run only the
    nearest one is: at 25 days the notice of 30, not also those of 90 and 60. A license that ended unnoticed
    counts as the notice of 30.
    """
    given = 0
    for ending in queries.licenses_ending(max(rules.NOTICE_DAYS), today):
        days = rules.notice_due(ending.days_left)
        given += actions.tell_owners_about_license(ending=ending, days=days, now=now)
    return given
