"""Questions about people and places that span tables."""

from datetime import time, timedelta

from django.db.models import Prefetch, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

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
from clinic.walltime import local

MIDNIGHT = time(0)
DAY = "D M j"


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
    """Invitations of staff that can be sent again or withdrawn."""
    return Invitation.objects.for_staff().waiting().order_by("invited_at")


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
    """[(closure, its times in words)] of those that are on now or to come, the next one first."""
    rows = Closure.objects.filter(location=location, ends_at__gt=now).order_by("starts_at")
    return [(row, times_in_words(row, location.tz)) for row in rows]


def times_in_words(closure, zone):
    """Thu Nov 26, all day; Thu Nov 26 – Fri Nov 27, all day; Thu Nov 26, 1:00 pm – Thu Nov 26, 5:00 pm."""
    starts, ends = local(closure.starts_at, zone), local(closure.ends_at, zone)
    if starts.time() == ends.time() == MIDNIGHT:
        days = dict.fromkeys([date_format(starts, DAY), date_format(ends - timedelta(days=1), DAY)])
        return _("%(days)s, all day") % {"days": " – ".join(days)}
    return " – ".join(
        date_format(one, f"{DAY}, g:i A").replace("AM", "am").replace("PM", "pm") for one in (starts, ends)
    )


def other_active_locations(pk):
    return Location.objects.filter(~Q(pk=pk), active=True).count()
