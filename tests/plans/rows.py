"""Plans as the product makes them, and visits as booking and check-out leave them, for these tests."""

from dataclasses import replace
from datetime import date

from clinic.walltime import local
from plans.actions.plans import make
from plans.models import PhaseKind
from plans.queries.library import template
from plans.rules.making import Draft, GoalWish, HomeWish, PhaseWish
from plans.rules.phases import phases_of
from scheduling.models import PartStatus, Status
from tests.cast import NOW
from tests.rows import at, visit

TODAY = date(2026, 11, 24)
WORDS = "Drive to work without turning round."


def a_draft(cast, key="neck_6_8", service="acupuncture_follow_up", **changes):
    """A draft of the template with one phase of that service."""
    row = template(key).row
    first = phases_of(row)[0]
    draft = Draft(
        condition="Neck pain for three months",
        region="neck",
        lead=cast.mei.practitioner,
        location=cast.uptown,
        starts_on=TODAY,
        phases=(
            PhaseWish(
                PhaseKind.ACTIVE,
                cast.service(service),
                first.visits,
                first.offsets,
                first.min_days,
                first.max_days,
            ),
        ),
        diagnosis_codes=("M54.2",),
        symptoms="Stiff in the morning",
        template=row,
        measures=("NRS", "PEG"),
        goals=(GoalWish(words=WORDS),),
        home=(HomeWish("exercise", "Chin tucks", 5),),
    )
    return replace(draft, **changes)


def a_plan(cast, patient=None, by=None, now=NOW, **changes):
    """Made today. `starts_on` in the past is set afterwards, as time would have done."""
    starts_on = changes.pop("starts_on", None)
    plan = make(by=by or cast.mei, patient=patient or cast.maria, draft=a_draft(cast, **changes), now=now)
    if starts_on:
        plan.starts_on = starts_on
        plan.save(update_fields=["starts_on"])
    return plan


def given(cast, day, patient=None, service="acupuncture_follow_up", clock="10:00", not_done=()):
    """A visit that was completed; its parts of these disciplines were not done."""
    row = booked(cast, day, patient, service, clock, status=Status.COMPLETED)
    for part in row.parts.all():
        part.status = PartStatus.NOT_DONE if part.discipline.key in not_done else PartStatus.DONE
        part.reason = "no time" if part.discipline.key in not_done else ""
        part.save()
    return row


def booked(cast, day, patient=None, service="acupuncture_follow_up", clock="10:00", **more):
    return visit(
        patient or cast.maria,
        cast.service(service),
        cast.uptown,
        at(clock, cast.uptown, day),
        practitioners={
            "acupuncture": cast.mei.practitioner,
            "chiropractic": cast.daniel.practitioner,
            "massage": cast.mei.practitioner,
        },
        rooms={"treatment": cast.room_1, "adjusting": cast.room_4, "massage": cast.room_6},
        **more,
    )


def today(cast):
    return local(NOW, cast.uptown.tz).date()
