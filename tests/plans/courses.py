"""Plans whose visits are to be booked, and wishes for them."""

from datetime import UTC, date, datetime

from plans.models import Plan, PlanPhase
from plans.queries.course import Wanted, load, propose
from scheduling.queries.bundles import latest_bundle

NOW = datetime(2026, 11, 24, 15, 42, tzinfo=UTC)  # Tuesday, 10:42 in Uptown
WEDNESDAY = date(2026, 11, 25)
EVERY_3_OR_4 = (0, 3, 7, 10, 14, 17, 21, 24, 28, 31, 35, 38)


def a_plan(cast, patient=None, *, phases=(("acupuncture_follow_up", 4),), spacing=(2, 5), **more):
    """An active plan led by Mei, begun today; `phases`: (key of a service, visits)."""
    plan = Plan.objects.create(
        patient=patient or cast.maria,
        location=cast.uptown,
        lead=cast.mei.practitioner,
        condition="Neck pain qplanzcondition",
        region="neck",
        starts_on=NOW.date(),
        created_at=NOW,
        created_by=cast.mei,
        **more,
    )
    before = 0
    for position, (key, visits) in enumerate(phases, 1):
        PlanPhase.objects.create(
            plan=plan,
            position=position,
            service=cast.service(key),
            visits=visits,
            offsets=list(EVERY_3_OR_4[before : before + visits]),
            min_days=spacing[0],
            max_days=spacing[1],
        )
        before += visits
    return plan


def proposed(plan, now=NOW, **wanted):
    """What would be booked for these wishes, from tomorrow on."""
    wished = Wanted(**{"starts": WEDNESDAY, **wanted})
    return propose(load(plan, wished, now=now), wished)


def at_once(visit):
    """What names everything that was done at once with the latest change of a visit, for undo_course."""
    return {"first": visit, "bundle": latest_bundle(visit)}
