"""What the owner looks after: who may go against absolute rules, boxes in use, where a lot went."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from clinic.models import Role, RoleGrant, User
from treatment.models import AbsolutePermission, NeedleBox, NeedleSet, Note
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


def notes_of_lot(lot, user):
    """Every standing note with a needle of this lot whose patient this person may see, newest first. One statement."""
    sets = NeedleSet.objects.filter(lot=lot.strip().upper(), note=OuterRef("pk"))
    rows = Note.objects.visible_to(user).standing().filter(Exists(sets))
    return list(with_people(rows).order_by("-opened_at", "pk"))
