"""May somebody be registered, and who might be the same person? No database, no clock."""

from datetime import timedelta

from django.utils.translation import gettext as _

from patients.models import plain
from patients.rules.names import letters, same_or_one_typo

OLDEST_YEARS = 125  # The oldest person whose age is documented reached 122.
NO_CUSTODY = "none"


def reasons_not_to_register(*, given_name, phone, email, birth_date, today):
    """Empty if this is enough to keep a record: a name, one way to reach them, a possible birth date."""
    reasons = []
    if not given_name.strip():
        reasons.append(_("Write a name. The first name is enough to begin with."))
    if not phone and not email:
        reasons.append(_("Write a phone number or an e-mail address. One of them is enough."))
    return reasons + reasons_against_birth_date(birth_date, today)


def reasons_not_to_edit(*, given_name, phone, email, birth_date, reached_through_others, today):
    """As for registering; a child or a cared-for adult may be reached through somebody else."""
    through = email or ("others" if reached_through_others else "")
    return reasons_not_to_register(
        given_name=given_name, phone=phone, email=through, birth_date=birth_date, today=today
    )


def reasons_against_birth_date(birth_date, today):
    if birth_date is None:
        return []
    if birth_date > today:
        return [_("The birth date lies in the future. Check the year.")]
    if birth_date < today - timedelta(days=round(OLDEST_YEARS * 365.25)):
        return [
            _("The birth date is more than %(years)s years ago. Check the year.") % {"years": OLDEST_YEARS}
        ]
    return []


def reasons_not_to_relate(*, name, relation, guardian=False, custody="", may_sign=False):
    """Empty if this person may be written down as somebody who belongs to a patient."""
    reasons = []
    if not name.strip():
        reasons.append(_("Write the person's name."))
    if not relation.strip():
        reasons.append(_("Write how they are related, for example mother, husband or neighbor."))
    if guardian and custody == NO_CUSTODY and may_sign:
        reasons.append(
            _("Without custody nobody signs for a minor. Take out “may sign”, or change the custody.")
        )
    return reasons


def may_sign_for(person):
    """Whether a related person's name can stand under a consent."""
    return person.guardian and person.may_sign and person.custody != NO_CUSTODY


def may_be_told_of(person):
    """Whether a related person may be written or told to about health."""
    return person.guardian and person.may_be_told


def reasons_not_to_share_household(*, other_name, household, other_household, same_record):
    """Empty if these two can be put into one household; each argument that is None means none."""
    if same_record:
        return [_("Choose somebody else: this is the same record.")]
    if household is not None and household == other_household:
        return [_("%(other)s is in this household already.") % {"other": other_name}]
    if household is not None and other_household is not None:
        return [
            _("%(other)s is in another household. Take them out of it first, then add them here.")
            % {"other": other_name}
        ]
    return []


SAME_PERSON = 4


def likeness(a, b):
    """How much two records look like one person; from SAME_PERSON on they probably are.

    `a` and `b` have given_name, family_name, phone, email and birth_date. A shared telephone alone is a
    family; a similar first name with the same telephone, e-mail or birth date is a duplicate; so is the same
    full name, unless the birth dates say otherwise.
    """
    if a.birth_date and b.birth_date and a.birth_date != b.birth_date and not same_names(a, b):
        return 0
    points = 2 * similar_given(a, b) + similar_family(a, b) + same_names(a, b)
    points += 2 * bool(a.phone and a.phone == b.phone)
    points += 2 * bool(a.email and plain(a.email) == plain(b.email))
    if a.birth_date and b.birth_date:
        points += 2 if a.birth_date == b.birth_date else -1
    return points if similar_given(a, b) else 0


def similar_given(a, b):
    """Maria and Marie, Liz and Lizbeth: what people write for the same person."""
    one, other = letters(plain(a.given_name)), letters(plain(b.given_name))
    return same_or_one_typo(one, other) or (
        min(len(one), len(other)) >= 3 and (one.startswith(other) or other.startswith(one))
    )


def similar_family(a, b):
    return same_or_one_typo(letters(plain(a.family_name)), letters(plain(b.family_name)))


def same_names(a, b):
    return letters(plain(a.given_name + a.family_name)) == letters(plain(b.given_name + b.family_name))
