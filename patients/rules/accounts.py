"""Who may be invited to sign in, as a patient or for one, and what a link may still open. No database, no clock."""

from django.utils.translation import gettext as _

from patients.rules.shown import ADULT_AT


def reasons_not_to_invite_patient(*, email, has_account, age, address_taken=False, invited=False):
    """Empty if this patient may get a link. `age` is None without a birth date; the sentences are for staff."""
    reasons = reasons_against_a_link(email=email, has_account=has_account, invited=invited)
    if age is not None and age < ADULT_AT:
        reasons.append(
            _("This patient is a minor. Invite a guardian instead, under “Guardians and companions”.")
        )
    if address_taken:
        reasons.append(
            _(
                "Another patient signs in with this e-mail address, or is invited to, and an address opens one"
                " record. Write another address, or add whose address it is under “Guardians and companions”"
                " and invite them there."
            )
        )
    return reasons


def reasons_not_to_invite_related(*, email, has_account, has_right, ended, invited=False):
    """Empty if this related person may get a link. The sentences are for staff."""
    if ended:
        return [_("This person does not count for the patient any more.")]
    reasons = reasons_against_a_link(email=email, has_account=has_account, invited=invited)
    if not has_right:
        reasons.append(_("Choose first what this person may do online, and save."))
    return reasons


def reasons_against_a_link(*, email, has_account, invited):
    if has_account:
        return [_("This person can sign in already.")]
    reasons = [] if email else [_("Write down an e-mail address first: the invitation goes there.")]
    if invited:
        reasons.append(_("This person is invited already. Send that invitation again, or withdraw it first."))
    return reasons


def reasons_not_to_link_patient(*, address_changed, has_account, age, opens_another):
    """Empty if accepting may open this record to the account. The sentences are for the invited person."""
    if has_account:
        return [_("Somebody signs in for this record already. If that is not you, call the clinic.")]
    reasons = [address_has_changed()] if address_changed else []
    if age is not None and age < ADULT_AT:
        reasons.append(_("Only adults have an account of their own. Ask the clinic to invite a guardian."))
    if opens_another:
        reasons.append(
            _(
                "Your account opens another patient’s record, and an address opens one. Ask the clinic to write"
                " you down under that person’s guardians and companions instead."
            )
        )
    return reasons


def reasons_not_to_link_related(*, address_changed, has_account, has_right, ended):
    """Empty if accepting may let this account act for the patient. The sentences are for the invited person."""
    if has_account:
        return [_("Somebody signs in with this invitation already. If that is not you, call the clinic.")]
    if ended or not has_right:
        return [_("What you were invited to has ended. If you think that is wrong, call the clinic.")]
    return [address_has_changed()] if address_changed else []


def address_has_changed():
    return _("The clinic has another e-mail address for you now. Ask it to send the invitation again.")


def reasons_not_to_switch(*, has_account, worked_here, opens_unseen):
    """Empty if staff may switch this account off or on from a patient's record."""
    if not has_account:
        return [_("This person has no account. Reload the page to see where they stand.")]
    if worked_here:
        return [_("This account also works here. Only an owner can change that, under “People and roles”.")]
    if opens_unseen:
        return [_("This account also opens records of another location. Ask an owner to change it.")]
    return []
