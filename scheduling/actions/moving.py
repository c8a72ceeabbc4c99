"""Moving: one action, not a cancellation and a booking. The same visit, other minutes."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from clinic import walltime
from clinic.models import Room
from clinic.refusal import Refused
from clinic.submissions import claim
from clinic.timespan import TimeSpan
from practitioners.models import Practitioner
from scheduling import emails
from scheduling.actions.booking import Wanted, settle
from scheduling.actions.caring import join_care, leave_if_replaced
from scheduling.actions.changing import lock_visit, record_change, snapshot
from scheduling.actions.covering import uncovered
from scheduling.actions.locking import all_or_nothing
from scheduling.actions.occupying import expire_in_the_way, occupy, release, standing_phases
from scheduling.actions.settling import settle_visits
from scheduling.models import Appointment, Status, VisitPhase
from scheduling.queries.offers import nearest
from scheduling.queries.visits import agreed_layout, groups_of
from scheduling.queries.world import load_world
from scheduling.rules.bundles import marked
from scheduling.rules.life import has_run_out, reasons_not_to_move


def move(
    *,
    by,
    pk,
    starts_at,
    practitioners=None,
    rooms=None,
    anyone=False,
    pin_rooms=False,
    overbook_reason="",
    version=None,
    request_key=None,
    location_shown=None,
):
    """Move a visit; `practitioners` and `rooms` as in Wanted. Without practitioners the same people stay;
    with `anyone` whoever is free takes over.

    Returns the Change. Refused with the nearest free times where somebody else was faster.
    """
    visit = Appointment.objects.select_related("patient", "location", "service").get(pk=pk)
    if practitioners is None and not anyone:
        practitioners, own_rooms = groups_of(*agreed_layout(pk))
        rooms = own_rooms if rooms is None else rooms
    wanted = Wanted(
        patient=visit.patient,
        service=visit.service,
        location=visit.location,
        starts_at=starts_at,
        practitioners=practitioners,
        rooms=rooms,
        pin_rooms=pin_rooms,
        overbook_reason=overbook_reason,
        walk_in=True,  # the notice was given when it was booked
    )
    try:
        return move_now(
            by=by, pk=pk, wanted=wanted, version=version, request_key=request_key, shown=location_shown
        )
    except Refused as refusal:
        if refusal.conflict and not refusal.offers:
            with transaction.atomic():
                refusal.offers = nearest(wanted, now=timezone.now())
        raise


@all_or_nothing
def move_now(*, by, pk, wanted, version, request_key, shown, bundle=""):
    """`bundle`: it is part of (rules.bundles); whoever makes the bundle tells the patient."""
    claim(request_key, location=shown or reverse("scheduling:visit", args=[pk]))
    layout, phases = agreed_layout(pk)
    span = TimeSpan.of(wanted.starts_at, minutes=layout.quanta * 5)
    rooms = Room.objects.filter(location=wanted.location, active=True).values_list("pk", flat=True)
    people = wanted.practitioners
    if people is None:
        people = Practitioner.objects.filter(active=True).values_list("pk", flat=True)
    visit, now = lock_visit(pk, version=version, spans=[span], practitioners=people, rooms=rooms)
    run_out = has_run_out(visit.status, visit.held_until, now)
    reasons = reasons_not_to_move(visit.status, run_out=run_out)
    if reasons:
        raise Refused(reasons)
    expire_in_the_way(span=span, now=now)
    hour = span.start.replace(minute=0, second=0, microsecond=0)
    world = load_world(
        visit.location, TimeSpan(hour, span.end), now=now, patients=[visit.patient_id], ignoring=[visit.pk]
    )
    before = marked(snapshot(visit), bundle)
    chosen = settle(world, layout, wanted, now=now)
    release([visit])
    carry_out(visit, phases, chosen, wanted, by=by)
    join_care([(visit, wanted, chosen)], by=by, now=now)
    leave_if_replaced(visit, before, chosen.phases, now=now)
    settled = settle_visits([visit], by=by, now=now)
    change = record_change(
        visit, "move", by=by, now=now, before=before, starts_at=visit.starts_at.isoformat()
    )
    if not bundle and visit.status == Status.BOOKED and before["starts_at"] != visit.starts_at.isoformat():
        emails.tell_moved(visit, change=change, now=now, uncovered=uncovered(visit, settled))
    return change


def carry_out(visit, phases, chosen, wanted, *, by):
    """Write the new minutes into the visit and its phases, and occupy them."""
    wall = walltime.local(wanted.starts_at, visit.location.tz)
    visit.starts_at, visit.ends_at = wanted.starts_at, chosen.ends_at
    visit.wall_date, visit.wall_time = wall.date(), wall.time()
    if chosen.overbooked:
        visit.overbooked_reason, visit.overbooked_by = wanted.overbook_reason, by
    visit.save()
    place_phases(phases, {one.position: one for one in chosen.phases})
    occupy(visit, standing_phases(visit), overbook=chosen.overbooked)


def place_phases(phases, placed):
    """Update the agreed phases to where they are placed now. One statement."""
    for phase in phases:
        to = placed[phase.position]
        phase.starts_at, phase.ends_at = to.starts_at, to.ends_at
        phase.practitioner_id, phase.room_id = to.practitioner, to.room
        phase.version += 1
    VisitPhase.objects.bulk_update(phases, ["starts_at", "ends_at", "practitioner", "room", "version"])
