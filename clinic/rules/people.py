"""Whether roles, accounts and invitations may change, and if not, why."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.models import STAFF_ROLES, Role

INVITATION_LASTS = timedelta(days=7)
LAST_OWNER = gettext_lazy(
    "This is the only owner, and the clinic needs one. Make somebody else an owner first."
)


def reasons_not_to_give_roles(roles, location_ids):
    """Roles and workplaces that make no working account."""
    reasons = []
    if not set(roles) & STAFF_ROLES:
        reasons.append(_("Choose at least one role. To end somebody's access, deactivate the account."))
    if set(roles) & {Role.FRONT_DESK, Role.PRACTITIONER} and not location_ids:
        reasons.append(_("Choose at least one location: front desk and providers see only where they work."))
    return reasons


def reasons_not_to_change_roles(roles, location_ids, *, is_last_owner):
    reasons = reasons_not_to_give_roles(roles, location_ids)
    if is_last_owner and Role.OWNER not in roles:
        reasons.append(LAST_OWNER)
    return reasons


def reasons_not_to_deactivate(*, is_last_owner, is_self):
    if is_last_owner:
        return [LAST_OWNER]
    if is_self:
        return [_("You cannot deactivate your own account. Ask another owner.")]
    return []


def reasons_not_to_invite(roles, location_ids, *, open_already):
    reasons = reasons_not_to_give_roles(roles, location_ids)
    if open_already:
        reasons.append(_("This address has an open invitation. Send that one again, or withdraw it first."))
    return reasons


def reasons_not_to_accept(*, accepted_at, expires_at, now, account_active=True):
    if accepted_at:
        return [_("This invitation was used already. Sign in with the password you chose then.")]
    if expires_at <= now:
        return [_("This invitation has run out. Ask the clinic to send it again.")]
    if not account_active:
        return [_("Your account is switched off. Ask the clinic’s owner.")]
    return []
