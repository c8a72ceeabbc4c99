"""The day of loading in Uptown, told around the moment: what a front desk has to deal with at once."""

from datetime import timedelta
from typing import NamedTuple

from frontdesk.actions.demo.names import FIRST_VISITS, WALK_INS
from frontdesk.actions.demo.people import adult
from frontdesk.actions.demo.places import UPTOWN
from frontdesk.actions.demo.planning import MINUTE, Fact, drift_to, happen, take_back_after
from frontdesk.actions.demo.weeks import CANCELED, booked_at, end, fill, leave_out_second
from scheduling.models import Status, What

AFTERNOON = 150  # minutes later that a visit may begin where the sketch's time is taken
HOLD = 10 * MINUTE
# Starts that are left to the story, in minutes around the moment.
STORY_FROM, STORY_UNTIL = -95, 25
SHARE = 0.45


class Scene(NamedTuple):
    """`at`: planned start, minutes from the grid's now. `fact`: what happened when, minutes from now itself."""

    who: str
    services: list[str]
    at: int
    fact: tuple[str, int] | None = None
    tolerance: int = 0


# In the order in which places are taken: what is under way first.
UNDER_WAY = [
    # Needles over by four minutes: thirty were agreed.
    Scene("tunde", ["acupuncture_follow_up"], -50, (What.LAST_NEEDLE_IN, -34)),
    # Adjusted already, needles in: half way through both.
    Scene("grace", ["adjustment_acupuncture"], -45, (What.LAST_NEEDLE_IN, -8)),
    # Sixteen minutes left.
    Scene("linh", ["acupuncture_follow_up"], -30, (What.LAST_NEEDLE_IN, -14)),
    Scene("samuel", ["adjustment"], -10, (What.ADJUSTMENT, -4)),
    Scene("paul", ["massage"], -20, (What.TREATMENT, -18)),
]
UNWELL = Scene("rita", ["acupuncture_adjustment"], -85)
MISSED = Scene("walter", ["adjustment"], -60)
LATE = Scene("jo", ["acupuncture_follow_up"], -10)
WAITING = Scene("sunhee", ["acupuncture_adjustment"], 20, (What.ARRIVED, -9), AFTERNOON)
# Two people of nearly one name; who has said that they come.
EXPECTED = [
    (Scene("marta", ["adjustment"], 15, tolerance=AFTERNOON), True),
    (Scene("maria", ["acupuncture_follow_up"], 20, tolerance=AFTERNOON), True),
    (Scene("ida", ["acupuncture_follow_up"], 35, tolerance=AFTERNOON), False),
]
# After closing: whose second part nobody settled, and who was not checked out.
UNSETTLED, STILL_HERE = "grace", "samuel"
FAMILY = ["rebecca", "noah", "lily"]
NEW = Scene("new", ["acupuncture_first", "chiropractic_first"], 40, tolerance=AFTERNOON)
WALK_IN = Scene("walk_in", ["adjustment", "acupuncture_follow_up"], 5, (What.ARRIVED, -4), AFTERNOON)
HELD = Scene("pilar", ["adjustment", "acupuncture_follow_up", "stretching"], 30, tolerance=AFTERNOON)


class Story:
    """Places scenes into one day; scenes that find no place are left out."""

    def __init__(self, day, people, moment, *, held_from):
        self.day, self.people, self.moment = day, people, moment
        self.held_from = held_from
        self.plans = []
        self.late = people.named.get(LATE.who)
        # Later than the hour of the story: until when it has gone on since.
        self.gone_on = moment.until if moment.until > moment.at else None

    def place(self, scene, *, patient=None, practitioner=None, created_at=None):
        patient = patient or self.people.named.get(scene.who)
        if patient is None:
            return None
        at = self.moment.plus(scene.at)
        found = self.day.first(
            scene.services, at, patient, tolerance=scene.tolerance, practitioner=practitioner
        )
        if found is None:
            return None
        key, offer = found
        plan = self.day.plan(key, offer, patient, created_at=created_at or booked_at(self.day, at, patient))
        plan.confirmed_at = max(plan.created_at, self.moment.at - timedelta(hours=20))
        self.plans.append(plan)
        return plan

    def arrive(self, plan, scene):
        plan.status, plan.facts = (
            Status.ARRIVED,
            [Fact(What.ARRIVED, self.moment.at + scene.fact[1] * MINUTE)],
        )


def tell(day, people, moment, *, held_from):
    """Plans of the living day in Uptown. `held_from`: the clock of the hold, which runs in real time."""
    story = Story(day, people, moment, held_from=held_from)
    for scene in UNDER_WAY:
        plan = story.place(scene)
        if plan:
            what, at = scene.fact[0], moment.at + scene.fact[1] * MINUTE
            drift = drift_to(plan.phases, what, at)
            happen(plan, until=story.gone_on or at, early=6 * MINUTE, drift=drift)
    tell_unwell(story)
    missed = story.place(MISSED)
    if missed:
        end(missed, Status.NO_SHOW, "did not come", missed.starts_at + 20 * MINUTE)
    story.place(LATE)
    waiting = story.place(WAITING)
    if waiting:
        story.arrive(waiting, WAITING)
    expect(story)
    tell_newcomers(story)
    for plan in story.plans:
        come_to_now(plan, story)
    if moment.is_over:
        close_day(story)
    return story.plans


def come_to_now(plan, story):
    """The story is built around an hour of its own; on a clock before or after it less or more has happened."""
    if story.gone_on and plan.status in {Status.BOOKED, Status.ARRIVED} and plan.patient is not story.late:
        happen(plan, until=story.gone_on)
    take_back_after(plan, story.moment.until)


def close_day(story):
    """After closing the day is over but for two things: a part that nobody settled, and somebody not checked out."""
    named = {plan.patient.pk: plan for plan in story.plans}
    found = {who: named.get(row.pk) for who, row in story.people.named.items()}
    if found.get(LATE.who):
        late = found[LATE.who]
        end(late, Status.NO_SHOW, "did not come", late.starts_at + 20 * MINUTE)
    if found.get(UNSETTLED):
        stop_after(found[UNSETTLED], What.TREATED)
    if found.get(STILL_HERE):
        stop_after(found[STILL_HERE], What.TREATED)


def stop_after(plan, what):
    """Nothing was entered after this fact."""
    last = next((fact.at for fact in plan.facts if fact.what == what), None)
    if last:
        take_back_after(plan, last)


def tell_unwell(story):
    """Dizzy with needles in: needles out first, and the adjustment does not happen."""
    plan = story.place(UNWELL)
    if plan is None:
        return
    happen(plan, until=plan.ends_at + timedelta(hours=1))
    leave_out_second(plan, "unwell")
    out = next(fact for fact in plan.facts if fact.what == What.NEEDLES_OUT)
    out.at -= 3 * MINUTE
    plan.facts.insert(plan.facts.index(out), Fact(What.UNWELL, out.at - 2 * MINUTE))


def expect(story):
    for scene, confirmed in EXPECTED:
        plan = story.place(scene)
        if plan and not confirmed:
            plan.confirmed_at = None
    bring_family(story)


def bring_family(story):
    """The three follow one another with one adjuster."""
    adjuster, at = first_chain(story)
    for number, who in enumerate(FAMILY if adjuster else []):
        story.place(Scene(who, ["adjustment"], at + 15 * number), practitioner=adjuster)


def first_chain(story):
    """(practitioner, minutes from the grid's now) with room for the whole family; (None, None) if there is none."""
    patients = [story.people.named[who] for who in FAMILY if who in story.people.named]
    for at in range(30, 30 + AFTERNOON, 5):
        for adjuster in sorted(story.day.world.working):
            offers = [
                story.day.find(
                    "adjustment",
                    story.moment.plus(at + 15 * number),
                    patient,
                    practitioner=adjuster,
                    keep=False,
                )
                for number, patient in enumerate(patients)
            ]
            if all(offer and offer.practitioners == (adjuster,) for offer in offers):
                return adjuster, at
    return None, None


def tell_newcomers(story):
    """A first visit, somebody who walked in, and a time kept for a caller."""
    number = story.moment.day.toordinal()
    new = newcomer(story, FIRST_VISITS[number % len(FIRST_VISITS)], days=3)
    plan = story.place(NEW, patient=new)
    if plan:
        plan.confirmed_at = None
    if story.moment.until >= story.moment.at:
        walk_in = newcomer(story, WALK_INS[number % len(WALK_INS)], days=0)
        plan = story.place(WALK_IN, patient=walk_in, created_at=story.moment.at - 3 * MINUTE)
        if plan:
            plan.walk_in, plan.confirmed_at = True, None
            story.arrive(plan, WALK_IN)
    if story.moment.is_night:  # nobody calls
        story.place(HELD)
        return
    plan = story.place(HELD, created_at=story.held_from)
    if plan:
        plan.status, plan.held_until, plan.confirmed_at = Status.HELD, story.held_from + HOLD, None


def newcomer(story, name, *, days):
    row = story.people.add(
        *name,
        UPTOWN,
        born=adult(story.people.rng, story.moment.at),
        registered_days=days,
        **story.people.reach(UPTOWN),
    )
    return row


def tell_around(day, attendance, moment, rng):
    """The rest of the day in Uptown: over by now, or to come, so that the story has the rooms of the moment."""
    grid = day.world.grid
    story = grid.mask(moment.plus(STORY_FROM), moment.plus(STORY_UNTIL), outward=True)
    plans = fill(day, attendance, share=SHARE, allowed=~story)
    kept = [plan for plan in plans if not plan.starts_at < moment.grid < plan.ends_at]
    return [as_of(plan, moment, rng) for plan in kept]


def as_of(plan, moment, rng):
    """How far an ordinary visit has come at the moment."""
    dice = rng.random()
    if plan.starts_at > moment.until + 10 * MINUTE:
        plan.confirmed_at = plan.created_at + MINUTE if dice < 0.75 else None
        return (
            end(plan, Status.CANCELLED, rng.choice(CANCELED), moment.until - 90 * MINUTE)
            if dice > 0.95
            else plan
        )
    drift = timedelta(seconds=rng.randint(-60, 200))
    happen(plan, until=moment.until, early=rng.randint(2, 12) * MINUTE, drift=drift)
    return plan
