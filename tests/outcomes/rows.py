"""Score checks and scores that were there already, for these tests."""

from datetime import timedelta

from outcomes.actions.answering import Source, answer
from outcomes.models import Assessment, Given
from outcomes.rules.sheet import Answered
from tests.cast import NOW
from tests.rows import at, visit

TODAY = NOW.date()
PEG = {"peg_p": 6, "peg_e": 5, "peg_g": 4}


def a_check(cast, *measures, patient=None, **more):
    """A check that is due today."""
    values = {"occasion": "during", "due_on": TODAY, "asked_at": NOW, "asked_by": cast.mei, **more}
    return Assessment.objects.create(patient=patient or cast.maria, measures=list(measures), **values)


def answered(cast, given, *, days=0, patient=None, named=None, how=Given.TABLET, **more):
    """The scores of a check answered so many days ago."""
    now = NOW - timedelta(days=days)
    measures = [*given, *(["ACT3"] if named else [])]
    check = a_check(cast, *measures, patient=patient, due_on=now.date(), asked_at=now, **more)
    source = Source(by=None, how=how, location=cast.uptown)
    return answer(
        source=source, assessment=check.pk, answered=Answered(given, named or {}), today=now.date(), now=now
    )


def nrs(number):
    return {"NRS": {"nrs_avg": number}}


def treated(cast, patient, day, by=None):
    """A visit that was done, on that day at 10."""
    return visit(
        patient,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at("10:00", cast.uptown, day),
        practitioners={"acupuncture": (by or cast.mei).practitioner},
        rooms={"treatment": cast.room_1},
        status="completed",
    )
