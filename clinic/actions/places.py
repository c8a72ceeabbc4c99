"""Locations, their hours, rooms and closures, and the clinic's own settings: owners change them."""

from datetime import timedelta

from django.db import transaction
from django.urls import reverse

from clinic import audit, queries
from clinic.models import Clinic, Closure, Location, OpeningHours, Room
from clinic.pages import lock_version
from clinic.refusal import Refused
from clinic.rules.places import (
    reasons_not_to_close,
    reasons_not_to_save_hours,
    reasons_not_to_save_location,
    reasons_not_to_use_name,
)
from clinic.submissions import claim


def page_of(location_id):
    return reverse("clinic:location", args=[location_id])


def _refuse(reasons):
    if reasons:
        raise Refused(reasons)


def _taken(rows, pk):
    return set(rows.exclude(pk=pk).values_list("name", flat=True))


def _write(row, fields):
    """Set the fields, save, and return what changed as text for the audit event."""
    adding = row._state.adding
    changed = {
        name: [None if adding else str(getattr(row, name)), str(value)]
        for name, value in fields.items()
        if adding or getattr(row, name) != value
    }
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return changed


def save_settings(*, by, version, fields, request_key=None):
    with transaction.atomic():
        claim(request_key, location=reverse("clinic:manage"))
        row = lock_version(Clinic.objects, 1, version)
        changed = _write(row, fields)
        audit.record(by=by, verb="change settings", about=row, changed=changed)
    return row


def save_location(*, by, fields, pk=None, version=None, request_key=None):
    """Change a location, or add one where `pk` is None."""
    with transaction.atomic():
        claim(request_key, location=page_of(pk) if pk else reverse("clinic:locations"))
        # Whoever switches a location off waits here for everybody else who does.
        list(Location.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        row = lock_version(Location.objects, pk, version) if pk else Location()
        others = queries.other_active_locations(pk)
        _refuse(reasons_not_to_save_location(active=fields["active"], others_active=others))
        _refuse(reasons_not_to_use_name(fields["name"], taken=_taken(Location.objects, pk)))
        changed = _write(row, fields)
        audit.record(by=by, verb="change location" if pk else "add location", about=row, changed=changed)
    return row


def save_hours(*, by, location_id, version, hours, request_key=None):
    """Put these opening hours in place of the location's; the location's own version guards them."""
    _refuse(reasons_not_to_save_hours(hours))
    with transaction.atomic():
        claim(request_key, location=page_of(location_id))
        row = lock_version(Location.objects, location_id, version)
        row.opening_hours.all().delete()
        OpeningHours.objects.bulk_create(
            OpeningHours(location=row, weekday=weekday, opens=opens, closes=closes)
            for weekday, opens, closes in sorted(hours)
        )
        row.save(update_fields=[])
        said = [[weekday, f"{opens:%H:%M}", f"{closes:%H:%M}"] for weekday, opens, closes in sorted(hours)]
        audit.record(by=by, verb="change opening hours", about=row, hours=said)
    return row


def save_room(*, by, location_id, fields, pk=None, version=None, request_key=None):
    with transaction.atomic():
        claim(request_key, location=page_of(location_id))
        # Two rooms of one name: the second waits here and then reads the first.
        place = Location.objects.select_for_update(no_key=True).get(pk=location_id)
        row = lock_version(Room.objects, pk, version) if pk else Room(location=place)
        _refuse(reasons_not_to_use_name(fields["name"], taken=_taken(place.rooms, pk)))
        changed = _write(row, fields)
        audit.record(by=by, verb="change room" if pk else "add room", about=row, changed=changed)
    return row


def save_closure(*, by, location_id, fields, pk=None, version=None, request_key=None):
    """Record or change a closure. Visits inside are no reason against it: they stay, and are settled one by one."""
    _refuse(reasons_not_to_close(fields["starts_at"], fields["ends_at"]))
    with transaction.atomic():
        claim(request_key, location=page_of(location_id))
        row = lock_version(Closure.objects, pk, version) if pk else Closure(location_id=location_id)
        changed = _write(row, fields)
        audit.record(by=by, verb="change closure" if pk else "close location", about=row, changed=changed)
    return row


def lift_closure(*, by, closure, version, now, request_key=None):
    """Open again from now on.

    A row of a closure is kept for ever: one that is on ends now, and one to come shrinks to the second in
    which it was lifted; the audit event keeps the times it had.
    """
    with transaction.atomic():
        claim(request_key, location=page_of(closure.location_id))
        row = lock_version(Closure.objects, closure.pk, version)
        had = [row.starts_at.isoformat(), row.ends_at.isoformat()]
        if row.ends_at > now:
            row.ends_at = now
            row.starts_at = min(row.starts_at, now - timedelta(seconds=1))
            row.save()
        audit.record(by=by, verb="lift closure", about=row, had=had)
    return row
