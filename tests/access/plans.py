"""A plan of each patient of the matrix: what clinicians wrote, and what only its patient reads beside them."""

from datetime import date

from plans.models import Goal, HomeActivity, Plan, PlanPhase, PlanRevision, PlanVisit
from tests.cast import NOW, canary

STARTS_ON = date(2026, 11, 24)


def plans_of_everybody(world, names):
    """`plans` and `activities` of the world."""
    for name in names:
        harbor = name == "priya"
        lead = world.cast.theo if harbor else world.cast.mei
        plan = world.plans[name] = Plan.objects.create(
            patient=getattr(world.cast, name), location=world.cast.harbor if harbor else world.cast.uptown,
            lead=lead.practitioner, condition=canary(name, "plan_condition"), symptoms=canary(name, "plan_symptoms"),
            region="neck", template_key="neck_6_8", starts_on=STARTS_ON, created_at=NOW, created_by=lead,
        )  # fmt: skip
        phase = PlanPhase.objects.create(
            plan=plan, position=1, service=world.cast.service("acupuncture_follow_up"), visits=4, offsets=[0, 3, 7, 10]
        )  # fmt: skip
        PlanVisit.objects.create(
            plan=plan, phase=phase, number=1, appointment=world.visits[name], linked_at=NOW, linked_by=lead
        )
        Goal.objects.create(plan=plan, position=1, words=canary(name, "plan_goal"))
        PlanRevision.objects.create(plan=plan, kind="reviewed", why=canary(name, "plan_why"), at=NOW, by=lead)
        world.activities[name] = HomeActivity.objects.create(
            plan=plan, position=1, kind="exercise", name=canary(name, "home_name"), per_week=5,
            instructions=canary(name, "home_how"), started_on=STARTS_ON,
        )  # fmt: skip
