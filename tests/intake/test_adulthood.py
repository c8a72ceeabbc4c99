from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from intake.actions.consenting import sign_here
from intake.actions.loading import load_forms
from intake.queries.adulthood import comes_soon, has_come
from intake.queries.consents import missing, state
from intake.rules.signing import Signer
from intake.tasks import sweep_birthdays
from messaging.models import OutboxMessage, StaffTask
from patients.models import Patient, RelatedPerson
from tests.cast import NOW

pytestmark = pytest.mark.django_db
BIRTHDAY = date(2026, 12, 1)


@pytest.fixture
def leo(cast):
    """Leo is 17; in a week he is 18. His mother signed for him."""
    load_forms(now=NOW)
    Patient.objects.filter(pk=cast.leo.pk).update(birth_date=date(2008, 12, 1), version=cast.leo.version + 1)
    mother = RelatedPerson.objects.get(pk=cast.leos_mother.pk)
    mother.email = "iris@mail.example"
    mother.save()
    leo = Patient.objects.get(pk=cast.leo.pk)
    sign_here(
        by=cast.mei,
        patient_pk=leo.pk,
        kind="acupuncture",
        signer=Signer("Iris Cole", "guardian", mother.pk),
        talked_through=True,
        now=NOW,
        location="/",
    )
    return leo


def statuses(patient, at):
    return {each.kind: each.status for each in state(patient, at)}


def test_who_comes_of_age_soon_and_who_did(leo):
    assert comes_soon(BIRTHDAY - timedelta(days=8)) == []
    assert comes_soon(BIRTHDAY - timedelta(days=7)) == [leo]
    assert comes_soon(BIRTHDAY - timedelta(days=1)) == [leo]
    assert comes_soon(BIRTHDAY) == []
    assert has_come(BIRTHDAY - timedelta(days=1)) == []
    assert has_come(BIRTHDAY) == [leo]


def test_a_week_ahead_it_is_announced_once(leo, cast):
    sweep_birthdays(NOW)
    sweep_birthdays(NOW + timedelta(hours=1))
    mails = OutboxMessage.objects.filter(kind="of_age").order_by("to")
    assert [mail.to for mail in mails] == ["iris@mail.example", leo.email]
    assert "December 1, 2026" in mails[0].body
    assert [task.title for task in StaffTask.objects.all()] == [
        "Cole, Leo is 18 on Dec 1: ask for new signatures"
    ]
    assert RelatedPerson.objects.get(pk=cast.leos_mother.pk).until is None
    assert statuses(leo, NOW)["acupuncture"] == "valid"


def test_on_the_day_proxies_end_and_consents_are_asked_anew(leo, cast):
    # Five past midnight at the clinic, still the same day.
    midnight = datetime(2026, 12, 1, 5, 5, tzinfo=UTC)
    sweep_birthdays(midnight)
    mother = RelatedPerson.objects.get(pk=cast.leos_mother.pk)
    assert (mother.until, mother.guardian) == (midnight, True)
    iris = type(cast.iris.user).objects.get(pk=cast.iris.user_id)
    assert leo not in Patient.objects.visible_to(iris, at=midnight)
    assert statuses(leo, midnight)["acupuncture"] == "guardian_ended"
    assert missing(leo, ["acupuncture"], midnight) == ["acupuncture"]
    # The grandmother, who decides nothing, may still come along.
    assert RelatedPerson.objects.get(pk=cast.leos_grandmother.pk).until is None
    sweep_birthdays(midnight + timedelta(hours=1))
    assert RelatedPerson.objects.get(pk=cast.leos_mother.pk).until == midnight
    assert StaffTask.objects.count() == 1


def test_the_day_begins_at_the_clinic_not_in_greenwich(leo, cast):
    evening_before = datetime(2026, 12, 1, 4, 55, tzinfo=UTC)
    sweep_birthdays(evening_before)
    assert RelatedPerson.objects.get(pk=cast.leos_mother.pk).until is None


def test_nobody_is_told_where_nothing_changes(cast):
    Patient.objects.filter(pk=cast.maria.pk).update(
        birth_date=date(2008, 12, 1), version=cast.maria.version + 1
    )
    sweep_birthdays(timezone.now())
    assert not OutboxMessage.objects.filter(kind="of_age").exists()
    assert not StaffTask.objects.exists()


def test_whoever_an_adult_gives_a_right_to_keeps_it(leo, cast):
    friend = RelatedPerson.objects.create(
        patient=leo,
        name="A friend",
        relation="friend",
        appointments=True,
        since=datetime(2026, 12, 2, tzinfo=UTC),
    )
    sweep_birthdays(datetime(2026, 12, 3, 15, tzinfo=UTC))
    assert RelatedPerson.objects.get(pk=friend.pk).until is None
