"""Plans of the demo's people: on track, behind, a look-back due, paused, ended, and one whose pain came back."""

from datetime import datetime, time, timedelta
from random import Random
from typing import NamedTuple

from clinic import walltime
from frontdesk.actions.demo.charts import accounts_of_practitioners
from frontdesk.actions.demo.rows import random_id
from plans.actions import plans as actions
from plans.models import HomeActivity, HomeTick, PhaseKind, PlanTemplate
from plans.rules.making import Draft, GoalWish, HomeWish, PhaseWish
from plans.rules.phases import days_of, spacing
from services.models import Service

MADE_AT = time(10, 40)
MOVES = HomeWish("exercise", "Exercises shown at the visit", 5, "Five slow ones, twice")
CALM = HomeWish("mind", "Mindfulness exercise", 3, "Ten minutes in the evening")
TAI_CHI = HomeWish("movement", "Tai chi", 2, "The group in the park")
LIKELY = {"exercise": 0.6, "mind": 0.4, "movement": 0.25}  # how likely on one day


class Planned(NamedTuple):
    """`every`: visits so many days apart, `visits` of them; 0 for the days of the template."""

    who: str
    template: str
    service: str
    lead: str
    condition: str
    region: str
    codes: tuple[str, ...]
    since: int
    every: int = 0
    visits: int = 0
    goals: tuple[str, ...] = ()
    home: tuple[HomeWish, ...] = ()


class Step(NamedTuple):
    """What became of a plan, so many days from loading."""

    who: str
    days: int
    step: str
    why: str


PLANS = [
    Planned("maria", "neck_6_8", "acupuncture_follow_up", "Mei Chen", "Neck pain since the winter", "neck",
            ("M54.2",), -53, 7, 10, ("Drive to work without turning round",), (MOVES, CALM)),
    Planned("linh", "neck_6_8", "acupuncture_follow_up", "Mei Chen", "Tension headache", "neck", ("G44.219",), -39,
            goals=("An evening without a headache",), home=(CALM,)),
    Planned("tunde", "back_cherkin", "acupuncture_follow_up", "Mei Chen", "Low back pain at work", "back",
            ("M54.59",), -46, 7, 10, ("Stand through a shift",), (MOVES, TAI_CHI)),
    Planned("ida", "", "acupuncture_follow_up", "David Okafor", "Knee pain on stairs", "knee", (), -39, 7, 8,
            ("Climb to the second floor",), (TAI_CHI,)),
    Planned("marta", "neck_irnich", "adjustment", "Daniel Weiss", "Stiff neck", "neck", ("M54.2",), -32, 7, 5),
    Planned("walter", "back_6_8", "adjustment", "Daniel Weiss", "Back pain with an old fracture", "back",
            ("M54.59",), -32, 7, 4, ("Walk the dog",)),
    Planned("sunhee", "", "acupuncture_adjustment", "Mei Chen", "Stiff right shoulder", "shoulder", (), -39, 7, 8,
            ("Reach the top shelf",), (MOVES,)),
    Planned("samuel", "back_6_8", "adjustment", "Daniel Weiss", "Low back pain after lifting", "back", ("M54.59",),
            -39, 7, 8, ("Lift a box again",), (MOVES,)),
    Planned("rebecca", "neck_6_8", "adjustment", "Daniel Weiss", "Neck pain after long days", "neck", ("M54.2",),
            -53, 7, 10, ("Carry Lily on my shoulders",), (MOVES, CALM, TAI_CHI)),
]  # fmt: skip
STEPS = [
    Step("maria", -18, "review", "Turns left further; sleeps through. Carry on weekly."),
    Step("linh", -10, "review", "Two headaches a week instead of four. Carry on."),
    Step("marta", -8, "discharge", "Goals reached, one visit fewer than planned."),
    Step("walter", -9, "discharge", "Walks again; wants to wait and see."),
    Step("samuel", -3, "review", "Back at work for half days. Carry on."),
    Step("rebecca", -11, "review", "Down from 7 to 4. Carry on as agreed."),
    Step("ida", -2, "pause", "Visits her daughter for three weeks."),
]


def make_plans(people, location, *, seed, day):
    """Made and changed as the product does it, at the instants at which it was."""
    told = Teller(people, location, day)
    for planned in PLANS:
        if planned.who in people.named:
            told.make(planned)
    for step in sorted(STEPS, key=lambda step: step.days):
        if step.who in told.plans:
            told.take(step)
    tick(Random(f"{seed} home"), told, day=day)


class Teller:
    def __init__(self, people, location, day):
        self.people, self.location, self.day = people, location, day
        self.accounts = accounts_of_practitioners()
        self.services = {row.key: row for row in Service.objects.all()}
        self.templates = {row.key: row for row in PlanTemplate.objects.effective()}
        self.plans, self.leads = {}, {}

    def instant(self, days) -> datetime:
        return walltime.instant(self.day + timedelta(days=days), MADE_AT, self.location.tz)

    def make(self, planned):
        template = self.templates.get(planned.template)
        offsets = self.offsets(planned, template)
        by = self.leads[planned.who] = self.accounts[planned.lead]
        draft = Draft(
            condition=planned.condition,
            region=planned.region,
            lead=by.practitioner,
            location=self.location,
            starts_on=self.day + timedelta(days=planned.since),
            phases=(
                PhaseWish(
                    PhaseKind.ACTIVE,
                    self.services[planned.service],
                    len(offsets),
                    offsets,
                    *spacing(offsets),
                ),
            ),
            diagnosis_codes=planned.codes,
            template=template,
            measures=tuple(template.measures) if template else ("NRS", "PEG", "ACT3"),
            goals=tuple(GoalWish(words=words) for words in planned.goals),
            home=planned.home,
        )
        self.plans[planned.who] = actions.make(
            by=by, patient=self.people.named[planned.who], draft=draft, now=self.instant(planned.since)
        )

    def offsets(self, planned, template):
        if planned.every:
            return tuple(range(0, planned.every * planned.visits, planned.every))
        return days_of(template.visits)

    def take(self, step):
        plan = self.plans[step.who]
        plan.refresh_from_db(fields=["version"])
        do = getattr(actions, step.step)
        do(
            by=self.leads[step.who],
            plan=plan,
            version=plan.version,
            why=step.why,
            now=self.instant(step.days),
        )


def tick(rng, told, *, day):
    """What was done at home: ticked in the evening, by the patient where there is an account."""
    rows = []
    for who, plan in told.plans.items():
        by = told.people.named[who].user or told.leads[who]
        for activity in HomeActivity.objects.filter(plan=plan).order_by("position"):
            for on in days_between(activity.started_on, day):
                if rng.random() < LIKELY[activity.kind]:
                    at = walltime.instant(on, time(20, 15), told.location.tz)
                    rows.append(
                        HomeTick(id=random_id(rng), activity=activity, on=on, done=True, at=at, by=by)
                    )
    HomeTick.objects.bulk_create(rows)


def days_between(first, today):
    """Days before today, the last four weeks at most."""
    start = max(first, today - timedelta(days=28))
    return [start + timedelta(days=number) for number in range((today - start).days)]
