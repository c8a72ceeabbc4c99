"""What a part of a visit should draw on a package or an insurer's approval, from how the visit stands. No database."""

from datetime import timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from packages.rules.ledger import Wanted
from scheduling.models import PartStatus, Status
from scheduling.rules.sentences import listed

STILL_TO_BE_GIVEN = {Status.BOOKED, Status.ARRIVED, Status.IN_TREATMENT}
NEVER_TOOK_PLACE = {Status.CANCELLED, Status.NO_SHOW}


def wanted(status, part_status, takes_visit=False):
    """`takes_visit`: the clinic's policy uses the visit up although it did not take place, and nobody waived that."""
    if status in STILL_TO_BE_GIVEN:
        return Wanted.NOTHING if part_status == PartStatus.NOT_DONE else Wanted.RESERVED
    if status == Status.COMPLETED:
        return Wanted.CONSUMED if part_status == PartStatus.DONE else Wanted.NOTHING
    if status in NEVER_TOOK_PLACE and takes_visit and part_status != PartStatus.NOT_DONE:
        return Wanted.CONSUMED
    return Wanted.NOTHING


def is_kept(status):
    """Whether the patient came, or still may: what they are charged for by policy alone is not."""
    return status not in NEVER_TOOK_PLACE


def is_late(starts_at, now, late_hours):
    """Whether notice given now comes fewer hours before the visit than the policy asks for."""
    return starts_at - now < timedelta(hours=late_hours)


def reasons_not_to_have_told(notice_at, *, booked_at, now):
    """Whether the patient can have given notice then: not later than now, not before the visit was booked."""
    if notice_at > now:
        return [_("Nobody can have told us later than now. Correct the time, or leave it empty.")]
    if notice_at < booked_at.replace(second=0, microsecond=0):
        return [_("The visit was not booked yet at that time. Correct the time, or leave it empty.")]
    return []


def judged(policy, *, missed, starts_at, now):
    """Whether the policy has anything to say: the visit was missed, or notice comes late. No policy says nothing.

    `now`: when notice is or was given.
    """
    return policy is not None and (missed or is_late(starts_at, now, policy.late_hours))


def takes(policy, *, missed):
    """Whether the policy uses up the package visits of a visit that it judged."""
    return policy.no_show_takes_visit if missed else policy.late_takes_visit


def cost_in_words(cost, name):
    """What canceling now, or having missed the visit, costs this person: one sentence, said before it is done.

    `cost`: queries.policy.Cost; `name`: what the patient is called.
    """
    if not cost.kinds:
        return (
            _("This is a missed visit.")
            if cost.missed
            else _("This is a late cancellation: less than %(hours)s hours before.") % {"hours": cost.hours}
        )
    words = {
        "hours": cost.hours,
        "visits": visits_in_words(cost.kinds),
        "accepted": accepted_in_words(cost.accepted_on, name),
    }
    if cost.missed:
        return _("A missed visit: this uses up %(visits)s, by the policy %(accepted)s.") % words
    return _("Less than %(hours)s hours before: this uses up %(visits)s, by the policy %(accepted)s.") % words


def accepted_in_words(day, name):
    if day is None:
        return _("which %(name)s has not signed") % {"name": name}
    return _("that %(name)s accepted on %(day)s") % {"name": name, "day": date_format(day, "M j")}


def waived_in_words(name, ways):
    """What became of the visits that were given back. `ways`: how those left that came back to what is over."""
    if "refunded" in ways:
        return _(
            "Waived for %(name)s. The package was refunded before: their account says what is owed besides."
        ) % {"name": name}
    if "expired" in ways:
        return _(
            "Waived for %(name)s. The package is past its last day: make it last longer, and the visits are back."
        ) % {"name": name}
    return _("Waived for %(name)s. The visits are back.") % {"name": name}


def gained_in_words(days):
    """“What became free covers the visit on Dec 3 now.” Empty for none."""
    if not days:
        return ""
    return _("What became free covers the visit on %(days)s now.") % {
        "days": listed(date_format(day, "D M j") for day in days)
    }


def visits_in_words(kinds):
    """“the acupuncture visit and the adjustment visit”, from names of kinds of care."""
    return listed(_("the %(kind)s") % {"kind": name.lower()} for name in kinds)
