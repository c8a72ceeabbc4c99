"""Scores of the demo's people: what each said of their pain at visits, measured, and what the plans ask."""

from datetime import datetime, time, timedelta
from random import Random

from clinic import walltime
from frontdesk.actions.demo.charts import accounts_of_practitioners
from frontdesk.actions.demo.courses import COURSES, WEEKLY
from frontdesk.actions.demo.rows import random_id
from messaging.models import StaffTask
from outcomes.models import Activity, Assessment, Given, Occasion, Score, Status
from outcomes.queries.care import KIND
from outcomes.queries.measures import answerable
from outcomes.rules.definitions import OWN
from outcomes.rules.scoring import score_of

AT_EACH_VISIT = ["NRS", "PEG"]
AT_THE_START = ["NRS", "PEG", "BOTHER", "ACT3", "GAD2", "PHQ2"]
HALFWAY = [*AT_THE_START, "PGIC"]
BACKS = {"tunde", "rita", "samuel", "walter"}
ANSWERED_AT = time(9, 50)
# Whose answers were hard at the start, who talked with them, and what was done.
TALKED = {"linh": ("Mei Chen", "Talked in private. Sees her own doctor on Friday; safe.")}
# Rebecca answers at home: days from loading, and pain.
AT_HOME = ("rebecca", WEEKLY, (7, 7, 6, 5, 5, 4, 3, 3))
# Whose pain came back after the last visit: days from loading, and pain.
CAME_BACK = ("walter", -2, 7)
NO_ACTIVITIES = ("Sitting through a meeting", "Carrying the groceries")
ACTIVITIES = {
    "maria": ("Driving to work", "Reading in bed"),
    "rebecca": ("Lifting Lily", "Working at the desk", "Sleeping through"),
    "ida": ("Climbing the stairs", "Kneeling in the garden"),
    "rita": ("Standing at the counter", "Bending to the oven"),
    "jo": ("Sleeping through the night",),
    "walter": ("Walking the dog", "Getting out of the car"),
}


def tell_scores(people, location, *, seed, now, day):
    """Once, after the plans: their checks up to today are answered, and what visits said stands between."""
    teller = Teller(Random(f"{seed} scores"), location, now, day)
    for course in COURSES:
        if course.who in people.named and course.who != AT_HOME[0]:
            teller.tell(course.who, people.named[course.who], course.days, course.pains, Given.TABLET)
    who, number, pain = CAME_BACK
    if who in people.named:
        teller.tell_once(who, people.named[who], number, pain)
    who, days, pains = AT_HOME
    if who in people.named:
        teller.tell(who, people.named[who], days, pains, Given.PORTAL)
        teller.leave_open(people.named[who])
    teller.write()


class Teller:
    """Collects rows and writes them together."""

    def __init__(self, rng, location, now, day):
        self.rng, self.location, self.now, self.day = rng, location, now, day
        self.measures, self.accounts = answerable(), accounts_of_practitioners()
        self.assessments, self.activities, self.scores, self.tasks = [], [], [], []

    def tell(self, who, patient, days, pains, how):
        """One person's: the start, halfway, and pain in between. Checks that a plan set are the ones answered."""
        planned = {
            row.occasion: row for row in Assessment.objects.filter(patient=patient, status=Status.OPEN)
        }
        halfway = min(days, key=lambda number: abs(number - days[0] - 28))
        own = []
        for number, pain in zip(days, pains, strict=True):
            occasion = self.occasion_of(number, days[0], halfway)
            row = self.check(patient, number, occasion, who, planned.get(occasion))
            if occasion == Occasion.BASELINE:
                own = self.name_activities(who, patient, row)
            self.answer(row, who, pain, pains[0], own, how)
            if occasion == Occasion.BASELINE and who in TALKED:
                self.talk(row, who)

    def tell_once(self, who, patient, number, pain):
        row = self.check(patient, number, Occasion.DURING, who, None)
        self.answer(row, who, pain, pain, [], Given.TABLET)

    def occasion_of(self, number, first, halfway):
        if number == first:
            return Occasion.BASELINE
        return Occasion.MID_COURSE if number == halfway else Occasion.DURING

    def check(self, patient, number, occasion, who, planned):
        """The score check of that day, answered: the plan's, moved to the day it was answered, or a new one."""
        at = self.instant(number)
        wanted = {Occasion.BASELINE: AT_THE_START, Occasion.MID_COURSE: HALFWAY}.get(occasion, AT_EACH_VISIT)
        keys = [*wanted, "RMDQ"] if who in BACKS and wanted is not AT_EACH_VISIT else wanted
        if planned:
            planned.status, planned.answered_at = Status.ANSWERED, at
            planned.save(update_fields=["status", "answered_at"])
            return planned
        row = Assessment(
            id=random_id(self.rng), patient=patient, measures=keys, occasion=occasion,
            due_on=self.day + timedelta(days=number), status=Status.ANSWERED, asked_at=at, answered_at=at,
        )  # fmt: skip
        self.assessments.append(row)
        return row

    def instant(self, number) -> datetime:
        return walltime.instant(self.day + timedelta(days=number), ANSWERED_AT, self.location.tz)

    def name_activities(self, who, patient, row):
        named = [
            Activity(
                id=random_id(self.rng), patient=patient, assessment=row, position=position, words=words,
                named_at=row.answered_at,
            )
            for position, words in enumerate(ACTIVITIES.get(who, NO_ACTIVITIES), start=1)
        ]  # fmt: skip
        self.activities += named
        return named

    def answer(self, row, who, pain, first, own, how):
        for key in row.measures:
            measure = self.measures.get(key)
            given = measure and answers_of(key, who, pain, first, own)
            if given:
                self.scores.append(
                    Score(
                        id=random_id(self.rng), patient_id=row.patient_id, assessment=row, measure=key,
                        definition_sha256=measure.sha256, answers=given, score=score_of(measure, given),
                        at=row.answered_at, how=how,
                    )
                )  # fmt: skip

    def talk(self, row, who):
        name, outcome = TALKED[who]
        by, at = self.accounts[name], row.answered_at
        self.tasks.append(
            StaffTask(
                id=random_id(self.rng), kind=KIND, title="Talk with the patient in private today",
                about=f"outcomes.assessment:{row.pk}", patient=row.patient_id, for_user=by, opened_at=at,
                due_at=at + timedelta(hours=8), closed_at=at + timedelta(hours=1), closed_by=by, outcome=outcome,
            )
        )  # fmt: skip

    def leave_open(self, patient):
        """One check waits today, unless a plan's does."""
        rows = Assessment.objects.filter(patient=patient, status=Status.OPEN)
        if any(abs((row.due_on - self.day).days) <= row.window_days for row in rows):
            return
        self.assessments.append(
            Assessment(
                id=random_id(self.rng), patient=patient, measures=["PEG"], occasion=Occasion.DURING,
                due_on=self.day, asked_at=self.now, asked_by=self.accounts["Mei Chen"],
            )
        )  # fmt: skip

    def write(self):
        for model, rows in [
            (Assessment, self.assessments),
            (Activity, self.activities),
            (Score, self.scores),
            (StaffTask, self.tasks),
        ]:
            model.objects.bulk_create(rows)


def answers_of(key, who, pain, first, own):
    """Answers that go with that pain; `first` is the pain at the start."""
    better = first - pain
    hard = who in TALKED and not better
    return {
        "NRS": {"nrs_now": max(pain - 1, 0), "nrs_avg": pain, "nrs_worst": min(pain + 2, 10)},
        "PEG": {"peg_p": pain, "peg_e": max(pain - 1, 0), "peg_g": max(pain - (better > 2), 0)},
        "BOTHER": {"bother_1": pain},
        "RMDQ": {f"rmdq_{number:02}": 1 for number in range(1, 2 * pain + 1)},
        "GAD2": {"gad_1": 1, "gad_2": int(pain > 5)},
        "PHQ2": {"phq_1": 2 if hard else int(pain > 5), "phq_2": 2 if hard else 0},
        "PGIC": {"pgic_1": 2 if better > 2 else 3},
        OWN: {str(row.pk): max(9 - pain - position, 0) for position, row in enumerate(own)},
    }[key]
