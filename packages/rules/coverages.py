"""Who pays, and what an insurer approved: what may be written down, and when more visits are asked for."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from packages.models import CoverageKind, MoreVisitsStatus

LEFT = 2  # so many visits left: ask for more
DAYS = 7  # so many days before the end
CLAIMS = {CoverageKind.AUTO, CoverageKind.WORKERS_COMP, CoverageKind.ATTORNEY}
# What a verification vouches for: when one of these changes, it is to be verified again.
VERIFIED = ("kind", "insurer", "member_number", "claim_number", "starts_on", "ends_on")
MORE_NEXT = {
    MoreVisitsStatus.TO_SEND: {MoreVisitsStatus.SENT, MoreVisitsStatus.NOT_NEEDED},
    MoreVisitsStatus.SENT: {
        MoreVisitsStatus.APPROVED,
        MoreVisitsStatus.REFUSED,
        MoreVisitsStatus.NOT_NEEDED,
    },
    MoreVisitsStatus.APPROVED: set(),
    MoreVisitsStatus.REFUSED: set(),
    MoreVisitsStatus.NOT_NEEDED: set(),
}
ASK = gettext_lazy("Ask for more visits")


def reasons_not_to_save_coverage(*, kind, insurer, injured_on, starts_on, ends_on, today):
    reasons = []
    if kind != CoverageKind.SELF_PAY and not insurer.strip():
        who = _("the attorney") if kind == CoverageKind.ATTORNEY else _("the insurer")
        reasons.append(_("Write the name of %(who)s.") % {"who": who})
    if injured_on and injured_on > today:
        reasons.append(_("The date of injury is in the future. Choose today or an earlier day."))
    if starts_on and ends_on and ends_on < starts_on:
        reasons.append(_("It ends before it begins. Correct one of the two days."))
    return reasons


def missing(*, kind, member_number, claim_number, injured_on):
    """What is still to be asked for, in words; nothing of it stands in the way."""
    asked = []
    if kind in CLAIMS:
        asked += [] if claim_number else [_("claim number")]
        asked += [] if injured_on else [_("date of injury")]
    elif kind in {CoverageKind.HEALTH_PLAN, CoverageKind.MEDICARE} and not member_number:
        asked.append(_("member number"))
    return asked


def reasons_not_to_approve(*, kind, number, visits, starts_on, ends_on):
    """Whether these visits can be written down as approved. `kind` is the coverage's."""
    reasons = []
    if kind == CoverageKind.SELF_PAY:
        reasons.append(_("Nobody approves visits for somebody who pays alone. Add the insurer first."))
    if not number.strip():
        reasons.append(_("Write the number of the approval."))
    if visits is not None and visits < 1:
        reasons.append(_("An approval is for one visit at least."))
    if ends_on < starts_on:
        reasons.append(_("It ends before it begins. Correct one of the two days."))
    return reasons


def reasons_not_to_change_visits(*, withdrawn, approved, visits, left, reason):
    """From `approved` in all to `visits`; `left` are neither booked nor used."""
    reasons = []
    if withdrawn:
        reasons.append(_("This approval is withdrawn. Add a new one instead."))
    if visits == approved:
        reasons.append(_("It is for that many visits already."))
    if approved - visits > left:
        reasons.append(
            _("%(n)s are booked or used already. Approve that many at least, or cancel visits first.")
            % {"n": approved - left}
        )
    if not reason.strip():
        reasons.append(_("Write why the number changed."))
    return reasons


def asks_for_more(*, left, taken, owed, starts_on, ends_on, today):
    """Whether it is time: two left of those that were taken from, or seven days with visits that can still be had.

    `taken` are used or booked, `owed` left or booked.
    """
    if not starts_on <= today <= ends_on:
        return False
    few = left <= LEFT and taken > 0
    soon = (ends_on - today).days <= DAYS and owed > 0
    return few or soon


def reasons_not_to_step(*, status, to, note):
    """From one state of a request for more visits to the next."""
    if to not in MORE_NEXT[status]:
        return [
            _("It is marked as “%(state)s”. Reload the page.") % {"state": MoreVisitsStatus(status).label}
        ]
    if to in {MoreVisitsStatus.REFUSED, MoreVisitsStatus.NOT_NEEDED} and not note.strip():
        return [_("Write in a few words why.")]
    return []
