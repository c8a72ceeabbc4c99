"""May somebody be checked in, and if not, what to ask. No database, no clock."""

from django.utils.translation import gettext as _

from scheduling.models import Status


def reasons_not_to_check_in(
    *, status, called, birth_date, born, checked_another_way, is_minor, came_with, same_name=False
):
    """`born` is what the person said; None where nothing was said."""
    if status != Status.BOOKED:
        return [
            _("%(name)s is %(status)s already. Reload the page to see how it stands.")
            % {"name": called, "status": Status(status).label}
        ]
    reasons = []
    if birth_date and not checked_another_way and born != birth_date:
        reasons.append(wrong_birth_date(called, born, same_name))
    if is_minor and not came_with.strip():
        reasons.append(_("%(name)s is a minor. Say who came along.") % {"name": called})
    return reasons


def wrong_birth_date(called, born, same_name):
    if born is None:
        return _("Ask %(name)s for the birth date, or tick “Checked another way”.") % {"name": called}
    if same_name:
        return _(
            "That is not %(name)s's birth date, and somebody of nearly this name comes today. Check the last "
            "name, or tick “Checked another way”."
        ) % {"name": called}
    return _(
        "That is not %(name)s's birth date. Ask again, or look at a card and tick “Checked another way”."
    ) % {"name": called}
