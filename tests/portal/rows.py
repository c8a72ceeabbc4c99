"""A patient with everything that can stand on the Plan page, as the product's actions leave it."""

from datetime import date, timedelta

from messaging.models import Text
from outcomes.models import Assessment
from plans.models import HomeTick
from plans.rules.making import GoalWish, HomeWish
from tests.cast import NOW
from tests.outcomes.rows import answered
from tests.packages.rows import approved, sold
from tests.plans.rows import TODAY, a_plan, booked, given
from tests.treatment.rows import child, part_of, saved
from treatment.actions.drafts import open_note
from treatment.models import Note

BEGAN = date(2026, 11, 5)
GOAL = "Turn my head when I park."
HOW = "Sit tall, draw the chin back."
BOTH = "acupuncture_adjustment"
NEXT = "2026-11-26"


def a_page(cast, patient, *, activities=2, goals=1, packages=1):
    """Four visits done, one booked, scores since the start, a package, an approval, things to do at home."""
    plan = planned(cast, patient, activities=activities, goals=goals)
    for day in ("2026-11-05", "2026-11-10", "2026-11-13", "2026-11-20"):
        given(cast, day, patient=patient, service=BOTH)
    booked(cast, NEXT, patient=patient, service=BOTH, clock="09:30")
    for days, number in ((19, 7), (11, 6), (4, 4)):
        answered(cast, {"NRS": {"nrs_avg": number}}, days=days, patient=patient)
    for _number in range(packages):
        sold(cast, patient)
    approved(cast, patient)
    return plan


def planned(cast, patient, *, activities=2, goals=1):
    """A plan begun on November 5, with goals in the patient's words and things to do at home."""
    home = [HomeWish("exercise", "Chin tucks", 5), HomeWish("movement", "10 minute walk", 7)]
    home += [HomeWish("exercise", f"Stretch {number}", 3) for number in range(activities - 2)]
    wishes = [GoalWish(words=GOAL), *(GoalWish(words=f"Goal {number}") for number in range(1, goals))]
    plan = a_plan(
        cast,
        patient=patient,
        service=BOTH,
        goals=tuple(wishes),
        home=tuple(home[:activities]),
        starts_on=BEGAN,
    )
    for row in plan.home_activities.all():
        row.started_on, row.instructions = BEGAN, HOW
        row.save()
    # What was asked first when it was made is asked on the way: the plan began before this test.
    for check in Assessment.objects.filter(plan=plan.pk, occasion="baseline"):
        check.occasion = "during"
        check.save()
    return plan


def ticked(activity, by, *, days=0, done=True, at=NOW):
    return HomeTick.objects.create(
        activity=activity, on=TODAY - timedelta(days=days), done=done, at=at, by=by.user
    )


def noted(cast, visit, *, by=None, discipline="acupuncture", signed=True, **changes):
    """A note of this visit, of what was done; signed as rows are, without what signing asks for."""
    note = open_note(by=by or cast.mei, part=part_of(visit, discipline).pk)
    saved(note, **{name: [child(name, **one) for one in many] for name, many in changes.items()})
    return sign(note, by or cast.mei) if signed else Note.objects.get(pk=note.pk)


def sign(note, by):
    row = Note.objects.get(pk=note.pk)
    row.signed_at, row.signed_by = NOW, by
    row.save()
    return row


def released(*keys):
    """The clinic has read these texts: its own rows lie over ours."""
    for row in Text.objects.filter(key__in=keys, origin="shipped"):
        row.pk, row.origin, row.needs_review = None, "clinic", False
        row._state.adding = True
        row.save()
