"""What PostgreSQL keeps of score checks and scores, whoever writes."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.utils import DatabaseError, IntegrityError

from outcomes.models import Activity, AnswerLink, Assessment, Score
from tests.cast import NOW
from tests.outcomes.rows import TODAY, a_check, answered, nrs

pytestmark = pytest.mark.django_db


def refused(kind, constraint, write):
    with pytest.raises(kind, match=constraint), transaction.atomic():
        write()


def activity(check, **changed):
    values = {
        "patient": check.patient,
        "assessment": check,
        "position": 1,
        "words": "Driving",
        "named_at": NOW,
    }
    return Activity.objects.create(**values | changed)


def test_a_score_is_never_changed_or_removed(cast):
    (row,) = answered(cast, nrs(7))
    refused(DatabaseError, "permission denied", lambda: Score.objects.filter(pk=row.pk).update(score=1))
    refused(DatabaseError, "permission denied", lambda: Score.objects.filter(pk=row.pk).delete())
    row.score = 1
    refused(DatabaseError, "permission denied", row.save)
    assert Score.objects.get().score == 7


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"measures": []}, "assessment_asks_something"),
        ({"status": "answered"}, "assessment_answered_has_its_time"),
        ({"answered_at": NOW}, "assessment_answered_has_its_time"),
        ({"status": "lost", "answered_at": None}, "assessment_status_is_known"),
        ({"occasion": "some_day"}, "assessment_occasion_is_known"),
    ],
)
def test_checks_say_what_they_are(cast, changed, constraint):
    values = {
        "patient": cast.maria,
        "measures": ["NRS"],
        "occasion": "during",
        "due_on": TODAY,
        "asked_at": NOW,
    }
    refused(IntegrityError, constraint, lambda: Assessment.objects.create(**values | changed))


def test_a_plan_asks_once_per_occasion(cast):
    plan = uuid4()
    a_check(cast, "NRS", plan=plan, occasion="baseline")
    refused(
        IntegrityError,
        "plan_asks_once_per_occasion",
        lambda: a_check(cast, "PEG", plan=plan, occasion="baseline"),
    )
    a_check(cast, "PEG", plan=plan, occasion="baseline", status="cancelled")
    a_check(cast, "PEG", plan=uuid4(), occasion="baseline")
    a_check(cast, "PEG", plan=plan)
    a_check(cast, "PEG", plan=plan)  # during treatment as often as somebody asks
    assert Assessment.objects.count() == 5


def test_a_measure_is_answered_once_in_a_check_and_corrected_once(cast):
    (row,) = answered(cast, nrs(7))
    values = {
        "patient": cast.maria,
        "assessment": row.assessment,
        "measure": "NRS",
        "definition_sha256": "0" * 64,
        "at": NOW,
        "how": "tablet",
    }
    refused(IntegrityError, "measure_is_answered_once_per_assessment", lambda: Score.objects.create(**values))
    Score.objects.create(**values, replaces=row, score=6)
    refused(IntegrityError, "replaces_id", lambda: Score.objects.create(**values, replaces=row, score=5))
    assert Score.objects.count() == 2


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [({"how": "by pigeon"}, "score_says_how_it_was_given"), ({"score": -1}, "score_is_not_below_zero")],
)
def test_scores_say_what_they_are(cast, changed, constraint):
    check = a_check(cast, "NRS")
    values = {"patient": cast.maria, "assessment": check, "measure": "NRS", "at": NOW, "how": "tablet"}
    refused(IntegrityError, constraint, lambda: Score.objects.create(**values | changed))


def test_three_activities_at_most_each_in_its_place(cast):
    check = a_check(cast, "ACT3")
    first = activity(check)
    refused(IntegrityError, "activity_has_its_place", lambda: activity(check, words="Digging"))
    refused(IntegrityError, "activities_are_three_at_most", lambda: activity(check, position=4))
    refused(IntegrityError, "activity_has_words", lambda: activity(check, position=2, words=""))
    first.ended_at = NOW
    first.save()
    activity(check, words="Digging")
    assert Activity.objects.filter(ended_at=None).get().words == "Digging"


def test_versions_rise(cast):
    check = a_check(cast, "ACT3")
    named = activity(check)
    link = AnswerLink.objects.create(
        patient=cast.maria,
        assessment=check,
        token_sha256="0" * 64,
        made_at=NOW,
        made_by=cast.ana,
        expires_at=NOW + timedelta(hours=1),
    )
    for row in (check, named, link):
        refused(
            IntegrityError,
            "must rise",
            lambda row=row: type(row).objects.filter(pk=row.pk).update(version=row.version),
        )
