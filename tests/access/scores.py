"""Score checks of each patient of the matrix, answered and open, with words that only those who treat may read."""

from datetime import timedelta

from messaging.models import StaffTask
from outcomes.actions.handing import hashed
from outcomes.models import Activity, AnswerLink, Assessment, Score
from tests.cast import NOW, canary


def scores_of_everybody(world, names, token):
    """`checks`, `given` and `talks` of the world; whoever has the token may answer Maria's open check."""
    for name in names:
        patient = getattr(world.cast, name)
        said = {
            "patient": patient,
            "measures": ["NRS", "ACT3", "PHQ2"],
            "asked_at": NOW,
            "asked_by": world.cast.mei,
        }
        done = Assessment.objects.create(
            occasion="baseline",
            due_on=NOW.date() - timedelta(days=20),
            status="answered",
            answered_at=NOW,
            **said,
        )
        world.checks[name] = Assessment.objects.create(occasion="during", due_on=NOW.date(), **said)
        Activity.objects.create(
            patient=patient, assessment=done, position=1, words=canary(name, "activity"), named_at=NOW
        )
        kept = {
            "patient": patient,
            "assessment": done,
            "definition_sha256": "0" * 64,
            "at": NOW,
            "how": "tablet",
        }
        given = world.given[name] = Score.objects.create(
            measure="NRS", answers={"nrs_avg": 7}, score=7, **kept
        )
        given.version = 1
        world.talks[name] = StaffTask.objects.create(
            kind="mood_answer", title="Talk with the patient in private today", about=f"outcomes.assessment:{done.pk}",
            patient=patient.pk, for_user=world.cast.mei, opened_at=NOW, closed_at=None,
        )  # fmt: skip
    # Not the check with her own words: whoever holds the token reads what it asks, as on the tablet.
    asked = Assessment.objects.create(
        patient=world.cast.maria, measures=["NRS", "PHQ2"], occasion="during", due_on=NOW.date(), asked_at=NOW
    )
    AnswerLink.objects.create(
        patient=world.cast.maria, assessment=asked, token_sha256=hashed(token), made_at=NOW,
        made_by=world.cast.ana, expires_at=NOW + timedelta(hours=1),
    )  # fmt: skip
