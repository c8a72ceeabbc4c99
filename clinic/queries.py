"""Questions about people and places that span tables."""

from django.db.models import F, Prefetch, Q

from clinic.models import (
    STAFF_ROLES,
    Clinic,
    Closure,
    Invitation,
    Location,
    Role,
    RoleGrant,
    Room,
    User,
    Workplace,
)


def clinic_name():
    return Clinic.objects.values_list("name", flat=True).first() or "Meridian"


def staff(now):
    """Accounts that hold a staff role or held one, by name, with `grants` in force and `places`."""
    ever = RoleGrant.objects.filter(role__in=STAFF_ROLES).values("user")
    return (
        User.objects.filter(pk__in=ever)
        .order_by("-is_active", "profile__name", "pk")
        .prefetch_related(
            Prefetch("role_grants", RoleGrant.objects.in_force(now).order_by("role"), to_attr="grants"),
            Prefetch(
                "workplaces",
                Workplace.objects.select_related("location").order_by("location"),
                to_attr="places",
            ),
        )
    )


def waiting_invitations():
    """Not accepted and not withdrawn; those that ran out stay until they are sent again or withdrawn."""
    return Invitation.objects.filter(accepted_at=None, expires_at__gt=F("invited_at")).order_by("invited_at")


def has_open_invitation(email, now):
    return waiting_invitations().filter(email__iexact=email, expires_at__gt=now).exists()


def other_owners(user_id, now):
    """How many other people own the clinic and can sign in."""
    owners = RoleGrant.objects.in_force(now).filter(role=Role.OWNER, user__is_active=True)
    return owners.exclude(user=user_id).values("user").distinct().count()


def locations():
    return Location.objects.prefetch_related(
        "opening_hours", Prefetch("rooms", Room.objects.filter(active=True))
    )


def rooms_of(location):
    return location.rooms.select_related("kind").order_by("-active", "id")


def closures_of(location, now):
    """Those that are on now or to come, the next one first."""
    return Closure.objects.filter(location=location, ends_at__gt=now).order_by("starts_at")


def other_active_locations(pk):
    return Location.objects.filter(~Q(pk=pk), active=True).count()
