"""May two records be made one, and what of either goes into the one that is kept?"""

from django.utils.translation import gettext as _

# Columns that a person compares when two records become one. Everything else stays where it is.
COMPARED = [
    "given_name",
    "family_name",
    "preferred_name",
    "pronouns",
    "birth_date",
    "phone",
    "email",
    "reach_by",
    "language",
    "household",
    "emergency_name",
    "emergency_relation",
    "emergency_phone",
    "physician_name",
    "physician_phone",
    "prefers_gender",
    "prefers_time",
    "needs_step_free",
    "anyone_is_fine",
    "staff_notes",
]


def is_blank(value):
    return value is None or str(value) == ""


def reasons_not_to_merge(*, same_record, kept_is_old, merged_is_old, both_have_accounts, overlaps):
    """Empty if these two records may become one. `overlaps` are sentences that name two visits at one time."""
    if same_record:
        return [_("Choose another record: one record cannot be merged with itself.")]
    reasons = []
    if kept_is_old or merged_is_old:
        reasons.append(
            _("One of these was merged already. Open the record that was kept and start from there.")
        )
    if both_have_accounts:
        reasons.append(
            _(
                "Both people sign in with accounts of their own. Ask the owner to close one of the accounts first."
            )
        )
    return reasons + list(overlaps)


def reasons_not_to_undo_merge(*, undone, kept_is_old):
    if undone:
        return [_("This merge was undone already.")]
    if kept_is_old:
        return [_("The record that was kept was merged into another one later. Undo that merge first.")]
    return []


def values_to_take(kept, merged, chosen):
    """{column: value} that changes in the kept record: what was chosen from the other, and what fills a gap.

    `chosen` maps columns to the id of the record whose value somebody picked.
    """
    take = {}
    for name in COMPARED:
        mine, other = getattr(kept, name), getattr(merged, name)
        gap = is_blank(mine) and chosen.get(name) != str(kept.pk)
        if mine != other and (chosen.get(name) == str(merged.pk) or (gap and not is_blank(other))):
            take[name] = other
    return take
