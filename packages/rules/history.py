"""The entries of a purchase or an approval as sentences."""

from django.utils.translation import gettext as _

from packages.models.entries import EntryKind

K = EntryKind


def words(*, kind, taken_back, visits, approved=False):
    """What entries of one kind say together.

    `visits` are (number, what they are called), `taken_back` is the kind of what released entries reverse, and
    `approved` is whether an insurer grants them.
    """
    said = ", ".join(what if abs(number) == 1 else f"{abs(number)} × {what}" for number, what in visits)
    return sentence(kind, taken_back, approved) % {"visits": said}


def sentence(kind, taken_back, approved):
    if kind == K.RELEASED:
        given_back = {
            K.CONSUMED: _("%(visits)s no longer counted as used"),
            K.EXPIRED: _("%(visits)s back: it lasts longer"),
        }
        return given_back.get(taken_back, _("%(visits)s given back"))
    return {
        K.GRANTED: _("%(visits)s approved") if approved else _("%(visits)s bought"),
        K.RESERVED: _("%(visits)s booked"),
        K.CONSUMED: _("%(visits)s used"),
        K.EXPIRED: _("%(visits)s fewer approved") if approved else _("%(visits)s expired"),
        K.REFUNDED: _("%(visits)s refunded"),
    }[kind]


def is_step_of(row, others):
    """Whether this released row is only the first half of another entry of the same part at the same instant.

    A booked visit that is checked out is given back and used in one step; people want to read “used”.
    """
    return row.kind == K.RELEASED and (row.visitpart, row.at) in others


def second_halves(rows):
    """What is_step_of compares with: parts and instants at which something was booked or used."""
    return {(row.visitpart, row.at) for row in rows if row.kind in {K.RESERVED, K.CONSUMED}}
