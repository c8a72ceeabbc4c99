"""Who has come for what in the weeks before: visits of the demo's people at one practitioner's, week after week."""

from datetime import time
from typing import NamedTuple

from clinic import walltime
from frontdesk.actions.demo import adjustments, complaints
from frontdesk.actions.demo.adjustments import Hands
from frontdesk.actions.demo.complaints import Needles
from frontdesk.actions.demo.planning import MINUTE, Plan, happen
from frontdesk.actions.demo.weeks import booked_at

WEEKLY = (-53, -46, -39, -32, -25, -18, -11, -4)
STARTS = time(8)
LATER = 11 * 60  # minutes after that up to which a place is looked for


class Course(NamedTuple):
    """`pains` are said visit by visit, one for each of `days`. `unsigned`: the last note still is."""

    who: str
    service: str
    practitioner: str
    days: tuple[int, ...]
    pains: tuple[int, ...]
    needles: Needles | None = None
    hands: Hands | None = None
    unsigned: bool = False


COURSES = [
    Course("maria", "acupuncture_follow_up", "Mei Chen", WEEKLY, (7, 6, 6, 5, 4, 4, 3, 2), complaints.NECK),
    Course("linh", "acupuncture_follow_up", "Mei Chen", WEEKLY[2:], (7, 6, 6, 4, 4, 3), complaints.HEADACHE),
    Course("tunde", "acupuncture_follow_up", "Mei Chen", WEEKLY[1:], (6, 6, 5, 5, 4, 3, 3), complaints.LOW_BACK),
    Course("ida", "acupuncture_follow_up", "David Okafor", WEEKLY[2:], (6, 5, 5, 4, 4, 3), complaints.KNEE),
    Course("jo", "acupuncture_follow_up", "David Okafor", WEEKLY[4:], (5, 4, 4, 2), complaints.SLEEP),
    Course("paul", "acupuncture_follow_up", "Mei Chen", (-25, -18, -11, -4, -1), (6, 5, 5, 4, 3), complaints.HIP,
           unsigned=True),
    Course("grace", "adjustment_acupuncture", "Daniel Weiss", WEEKLY[3:], (6, 5, 4, 4, 3),
           complaints.PREGNANT_NECK, adjustments.GENTLE_NECK),
    Course("sunhee", "acupuncture_adjustment", "Mei Chen", WEEKLY[2:], (7, 6, 5, 5, 4, 3), complaints.SHOULDER,
           adjustments.SHOULDER_HANDS),
    Course("rita", "acupuncture_adjustment", "David Okafor", WEEKLY[3:], (8, 7, 5, 4, 4), complaints.SCIATICA,
           adjustments.SLOW_BACK),
    Course("samuel", "adjustment", "Daniel Weiss", WEEKLY[2:], (7, 6, 4, 4, 3, 2), hands=adjustments.BACK_HANDS),
    Course("rebecca", "adjustment", "Daniel Weiss", WEEKLY, (7, 7, 6, 5, 5, 4, 3, 3), hands=adjustments.NECK_HANDS),
    Course("marta", "adjustment", "Daniel Weiss", WEEKLY[3:7], (6, 5, 5, 4), hands=adjustments.NECK_HANDS),
    Course("walter", "adjustment", "Daniel Weiss", WEEKLY[3:7], (6, 6, 5, 5), hands=adjustments.GENTLE_BACK),
]  # fmt: skip


class Come(NamedTuple):
    """One visit of a course: `number` counts from 0."""

    course: Course
    number: int
    plan: Plan

    @property
    def last(self):
        return self.number + 1 == len(self.course.days)


def visits_on(day, number, people):
    """The visits of that day, counted from loading; one that finds no place does not happen."""
    found, team = [], {one.name: pk for pk, one in day.world.cover.people.items()}
    at = walltime.instant(day.date, STARTS, day.location.tz)
    for course in COURSES:
        patient = people.named.get(course.who)
        if number not in course.days or patient is None:
            continue
        own = team[course.practitioner]
        place = look(day, course, at, patient, own) or look(day, course, at, patient, None)
        if place is None:
            continue
        plan = day.plan(course.service, place, patient, created_at=booked_at(day, at, patient))
        happen(plan, until=plan.ends_at + 60 * MINUTE, early=7 * MINUTE, drift=MINUTE)
        found.append(Come(course, course.days.index(number), plan))
    return found


def look(day, course, at, patient, practitioner):
    """An offer at the day's first free quarter hour; `practitioner` None: with anybody."""
    for quarter in range(LATER // 15):
        found = day.find(course.service, at + 15 * quarter * MINUTE, patient, practitioner=practitioner)
        if found:
            return found
    return None


def days_before(first):
    """Days of visits that lie before the first day of the calendar, in order."""
    return sorted({number for course in COURSES for number in course.days if number < first})


def half_of(course, discipline):
    """What the course says of one discipline, None where it has no such half."""
    return {"acupuncture": course.needles, "chiropractic": course.hands}.get(discipline)
