"""One score check answered from several places at once is kept once."""

import pytest

from clinic.refusal import Refused
from messaging.models import StaffTask
from outcomes.actions import answering
from outcomes.actions.answering import Source
from outcomes.models import Assessment, Given, Score
from outcomes.rules.sheet import Answered
from tests.cast import NOW
from tests.outcomes.rows import TODAY, a_check
from tests.threads import in_threads


@pytest.mark.alone
def test_eight_answers_at_once_are_kept_once(cast, committed):
    check = a_check(cast, "PHQ2", "ACT3", lead=cast.mei)
    answered = Answered({"PHQ2": {"phq_1": 3, "phq_2": 3}}, {1: ("Driving", 3)})

    def answer():
        source = Source(by=None, how=Given.TABLET, location=cast.uptown)
        try:
            answering.answer(source=source, assessment=check.pk, answered=answered, today=TODAY, now=NOW)
        except Refused as refusal:
            return refusal.reasons
        return "kept"

    results = in_threads([answer] * 8)
    assert results.count("kept") == 1
    assert results.count(["This is answered already. Thank you, there is nothing left to do."]) == 7
    assert (Score.objects.count(), StaffTask.objects.count()) == (2, 1)
    assert Assessment.objects.get().version == check.version + 1
