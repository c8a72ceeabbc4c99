"""What may be added to a note, by whom. No database, no clock."""

from django.utils.translation import gettext as _

from treatment.models import Addendum


def reasons_not_to_add(kind, *, words, is_author, signed, entered_in_error, needles_missing):
    """Empty if an addendum of this kind may be written."""
    if not words.strip():
        return [_("Write a few words first.")]
    if entered_in_error:
        return [_("This note was entered in error. Write in the right one.")]
    if kind == Addendum.Kind.ENTERED_IN_ERROR and not is_author:
        return [_("Only its author can say that a note was entered in error. Ask them.")]
    if kind != Addendum.Kind.ENTERED_IN_ERROR and not signed:
        return [_("This note is not signed yet. Write in the note itself.")]
    if kind == Addendum.Kind.NEEDLE_RESOLUTION and not needles_missing:
        return [_("No needles are missing from this note.")]
    return []
