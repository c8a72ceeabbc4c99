"""Who works here, in which roles and where. A change counts from the person's next request."""

from django.contrib.sessions.models import Session
from django.db import transaction
from django.urls import reverse

from clinic import audit, queries
from clinic.models import STAFF_ROLES, Profile, Role, RoleGrant, User, Workplace
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.rules.people import reasons_not_to_change_roles, reasons_not_to_deactivate
from clinic.submissions import claim


def change_person(*, by, person, version, name, roles, location_ids, now, request_key=None):
    """Set name, staff roles and workplaces; the version is the profile's. Patients' roles stay as they are."""
    with transaction.atomic():
        claim(request_key, location=reverse("clinic:people"))
        _wait_for_other_owners()
        profile = lock_version(Profile.objects, person.profile.pk, version)
        last = _is_last_owner(person, now)
        reasons = reasons_not_to_change_roles(roles, location_ids, is_last_owner=last)
        if reasons:
            raise Refused(reasons)
        profile.name = name
        profile.save()
        ended = end_roles(person, STAFF_ROLES - set(roles), now)
        given = give_roles(person, roles, now)
        set_workplaces(person, location_ids)
        audit.record(
            by=by,
            verb="change person",
            about=person,
            given=given,
            ended=ended,
            locations=sorted(location_ids),
        )


def set_active(*, by, person, version, active, now, request_key=None):
    """Open or close an account. Closing ends its sessions at once; roles are kept for a return."""
    with transaction.atomic():
        claim(request_key, location=reverse("clinic:people"))
        _wait_for_other_owners()
        if not active:
            reasons = reasons_not_to_deactivate(
                is_last_owner=_is_last_owner(person, now), is_self=person.pk == by.pk
            )
            if reasons:
                raise Refused(reasons)
        switch(by=by, person=person, version=version, active=active, now=now)


def switch(*, by, person, version, active, now, patient=None):
    """The account itself, off or on. Part of another action's transaction, which has asked whether it may be."""
    lock_version(Profile.objects, person.profile.pk, version).save(update_fields=[])
    if not active:
        _end_sessions(person, now)
    User.objects.filter(pk=person.pk).update(is_active=active)
    verb = "activate account" if active else "deactivate account"
    audit.record(by=by, verb=verb, about=person, patient=patient)


def give_roles(person, roles, now):
    """Grant what the person does not hold; returns the new ones, sorted."""
    held = set(RoleGrant.objects.in_force(now).filter(user=person).values_list("role", flat=True))
    new = sorted(set(roles) - held)
    RoleGrant.objects.bulk_create(RoleGrant(user=person, role=role, since=now) for role in new)
    return [str(role) for role in new]


def end_roles(person, roles, now):
    """End what is in force or to come; returns the roles ended, sorted."""
    open_now = RoleGrant.objects.filter(user=person, role__in=roles).exclude(until__lte=now)
    ended = sorted(set(open_now.values_list("role", flat=True)))
    open_now.update(until=now)
    return ended


def set_workplaces(person, location_ids):
    held = Workplace.objects.filter(user=person)
    held.exclude(location__in=location_ids).delete()
    new = set(location_ids) - set(held.values_list("location_id", flat=True))
    Workplace.objects.bulk_create(Workplace(user=person, location_id=pk) for pk in sorted(new))


def _wait_for_other_owners():
    """Everybody who changes who owns the clinic waits here: two owners cannot remove each other at once."""
    list(
        RoleGrant.objects.filter(role=Role.OWNER, until=None)
        .select_for_update()
        .order_by("pk")
        .values_list("pk")
    )


def _is_last_owner(person, now):
    owner = RoleGrant.objects.in_force(now).filter(user=person, role=Role.OWNER).exists()
    return owner and queries.other_owners(person.pk, now) == 0


def _end_sessions(person, now):
    """An inactive account is signed out anyway; without its sessions a later return starts with a password."""
    rows = Session.objects.filter(expire_date__gt=now).iterator()
    theirs = [row.pk for row in rows if row.get_decoded().get("_auth_user_id") == str(person.pk)]
    Session.objects.filter(pk__in=theirs).delete()
