"""The way to forms without an account: how long it is open, and what its page says when it is not. Pure."""

import hashlib
from datetime import timedelta

from django.utils.translation import gettext as _

TOKEN_BYTES = 32  # 256 bits
LINK_LASTS = timedelta(days=14)
TABLET_LASTS = timedelta(hours=2)


def hashed(token):
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def lasts(channel):
    return TABLET_LASTS if channel == "tablet" else LINK_LASTS


def reasons_not_to_open(*, expires_at, ended_at, waiting, now):
    """Why the forms behind a link are closed; `waiting` is how many are still to be filled in."""
    if not waiting:
        return [_("Everything is filled in. Thank you, there is nothing left to do.")]
    if ended_at is not None and ended_at <= now:
        return [_("This link was ended by the clinic. Call us if you still want to fill in your forms.")]
    if expires_at <= now:
        return [_("This link has run out. What you filled in is kept. Call us and we send you a new one.")]
    return []


def reasons_not_to_hand_out_to(*, channel, email, may_contact, keys, merged):
    reasons = []
    if merged:
        reasons.append(_("This is an old record. Open the one it was merged into."))
    if not keys:
        reasons.append(_("Choose at least one form."))
    if channel == "email" and not email:
        reasons.append(_("There is no e-mail address on record. Add one, or use the tablet."))
    if channel == "email" and not may_contact:
        reasons.append(_("This patient does not want to be contacted. Use the tablet."))
    return reasons
