"""What the owner looks after: who may go against absolute rules, boxes in use, where a lot went."""

from dataclasses import dataclass

from django.db.models import Exists

from clinic.models import Role, RoleGrant, User
from treatment.models import AbsolutePermission, Addendum, NeedleBox, Note
from treatment.models.notes import errors
from treatment.queries.notes import with_people


@dataclass(frozen=True, slots=True)
class Permitted:
    """A clinician, and the permission they hold now, if any."""

    user: User
    permission: AbsolutePermission | None


def permitted_clinicians(now):
    """Every active clinician with their permission; two statements."""
    treating = RoleGrant.objects.in_force(now).filter(role=Role.PRACTITIONER).values("user")
    users = User.objects.filter(pk__in=treating, is_active=True).order_by("profile__name", "pk")
    rows = AbsolutePermission.objects.filter(ended_at=None).select_related("given_by__profile")
    held = {row.user_id: row for row in rows}
    return [Permitted(user, held.get(user.pk)) for user in users]


def boxes_at(location):
    """Boxes in use at a location, the newest first."""
    rows = NeedleBox.objects.filter(location=location, ended_at=None).select_related("opened_by__profile")
    return list(rows.order_by("-opened_at", "pk"))


def notes_in_error(user):
    """Addenda that say a note was entered in error, newest first, with the note and its patient. One statement.

    Of every patient whom this person finds: such a note has left the chart, and opens with a reason of its own.
    """
    notes = Note.objects.found_by(user)
    rows = Addendum.objects.filter(kind=Addendum.Kind.ENTERED_IN_ERROR, note__in=notes).order_by("-at", "pk")
    people = ("note__patient", "note__author__profile", "note__discipline", "by__profile")
    return list(rows.select_related(*people))


def note_in_error(user, pk):
    """That note, if it is one entered in error."""
    rows = with_people(Note.objects.found_by(user).filter(pk=pk)).filter(Exists(errors()))
    return rows.first()
