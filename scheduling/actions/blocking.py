"""Short blocks: meetings, cleaning, breaks. Reservations like any other."""

import uuid

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic import audit
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.timespan import TimeSpan
from scheduling.actions.locking import all_or_nothing, keys_for, lock
from scheduling.actions.occupying import clear_flags, expire_in_the_way, overlapping
from scheduling.models import Block, Reservation
from scheduling.rules.placing import reasons_not_to_block


@all_or_nothing
def block(
    *,
    by,
    location,
    span: TimeSpan,
    kind,
    practitioner=None,
    room=None,
    note="",
    request_key=None,
    shown=None,
    pk=None,
):
    """Take a practitioner, a room or both for a time; refused over anything that is booked."""
    claim(request_key, location=shown or reverse("scheduling:calendar"))
    lock(keys_for(spans=[span], practitioners=ids(practitioner), rooms=ids(room)))
    refuse_unless_free(span, practitioner=practitioner, room=room, location=location)
    made = Block.objects.create(
        pk=pk or uuid.uuid4(),
        location=location,
        practitioner=practitioner,
        room=room,
        starts_at=span.start,
        ends_at=span.end,
        kind=kind,
        note=note,
        created_by=by,
    )
    Reservation.objects.create(
        block=made, practitioner=practitioner, room=room, starts_at=span.start, ends_at=span.end
    )
    audit.record(by=by, verb="block", about=made, starts_at=span.start.isoformat())
    return made


def refuse_unless_free(span, *, practitioner, room, location):
    now = timezone.now()
    expire_in_the_way(span=span, now=now)
    reasons = reasons_not_to_block(span, now=now, practitioner=practitioner, room=room, location=location)
    taken = is_taken(span, practitioner, room)
    if taken:
        reasons.append(
            _("There is a visit or another block at that time. Move it first, or choose another time.")
        )
    if reasons:
        raise Refused(reasons, conflict=taken)


def is_taken(span, practitioner, room):
    return any(
        (practitioner and row.practitioner_id == practitioner.pk) or (room and row.room_id == room.pk)
        for row in overlapping([(None, None, span, None)])
    )


def ids(row):
    return [row.pk] if row else []


@all_or_nothing
def remove_block(*, by, pk, request_key=None, shown=None):
    """Free a blocked time. The row stays and says when it was removed."""
    claim(request_key, location=shown or reverse("scheduling:calendar"))
    made = Block.objects.select_related("practitioner", "room").get(pk=pk)
    if made.removed_at:
        raise Refused(_("This time has been freed already."), conflict=True)
    span = TimeSpan(made.starts_at, made.ends_at)
    lock(keys_for(spans=[span], practitioners=ids(made.practitioner), rooms=ids(made.room)))
    rows = list(Reservation.objects.filter(block=made, starts_at=made.starts_at))
    Reservation.objects.filter(pk__in=[row.pk for row in rows]).delete()
    clear_flags(rows)
    made.removed_at = timezone.now()
    made.save()
    audit.record(by=by, verb="remove block", about=made)
    return made
