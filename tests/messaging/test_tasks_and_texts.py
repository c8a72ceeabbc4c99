"""To-dos for staff: opened once about a cause, closed once, seen by whom they are for; and texts by key."""

import uuid
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from clinic.models import AuditEvent, Origin
from clinic.refusal import Refused
from messaging.actions import close_task, close_tasks_about, open_task
from messaging.models import StaffTask, Text
from messaging.queries import open_tasks, text, texts
from messaging.rules import items_of_lines
from tests.threads import in_threads


def opened(about="reaction:1", **more):
    return open_task(kind="report", title="Report to the carrier", about=about, **more)


@pytest.mark.django_db
class TestOpening:
    def test_one_is_open_about_a_cause(self, now):
        first, again = opened(now=now), opened(now=now + timedelta(hours=1))
        assert (again.pk, again.opened_at) == (first.pk, now)
        assert StaffTask.objects.count() == 1

    def test_another_kind_or_cause_is_another(self):
        opened(), opened("reaction:2"), open_task(kind="call", title="Call", about="reaction:1")
        assert StaffTask.objects.count() == 3

    def test_after_it_was_closed_there_can_be_a_new_one(self, cast):
        first = opened()
        close_task(by=cast.mei, pk=first.pk, outcome="told the carrier")
        assert opened().pk != first.pk

    def test_a_patient_or_an_id(self, cast):
        assert opened(patient=cast.maria).patient == cast.maria.pk
        assert opened("reaction:2", patient=cast.maria.pk).patient == cast.maria.pk

    def test_a_role_that_is_not_of_staff_is_refused_by_the_table(self):
        with pytest.raises(DatabaseError), transaction.atomic():
            opened(for_role="patient")


@pytest.mark.django_db
class TestClosing:
    def test_says_who_when_and_what(self, cast, now):
        task = close_task(by=cast.mei, pk=opened(patient=cast.maria).pk, outcome=" told them ", now=now)
        task.refresh_from_db()
        assert (task.closed_at, task.closed_by, task.outcome) == (now, cast.mei, "told them")
        event = AuditEvent.objects.get(verb="close task")
        assert (event.by, event.patient, event.detail) == (*(cast.mei, cast.maria.pk, {"kind": "report"}),)

    def test_twice_is_a_conflict_and_keeps_the_first(self, cast):
        task = opened()
        close_task(by=cast.mei, pk=task.pk, outcome="first")
        with pytest.raises(Refused) as refusal:
            close_task(by=cast.ana, pk=task.pk, outcome="second")
        assert (refusal.value.conflict, StaffTask.objects.get().outcome) == (True, "first")

    def test_needs_a_word(self, cast):
        with pytest.raises(Refused) as refusal:
            close_task(by=cast.mei, pk=opened().pk, outcome="  ")
        assert refusal.value.reasons == ["Say in a few words what was done."]
        assert StaffTask.objects.get().closed_at is None

    def test_all_about_a_cause_that_is_gone(self, cast, now):
        opened(), opened("reaction:2")
        assert close_tasks_about(by=cast.mei, kind="report", about="reaction:1", outcome="gone", now=now) == 1
        assert list(StaffTask.objects.filter(closed_at=None).values_list("about", flat=True)) == [
            "reaction:2"
        ]


@pytest.mark.django_db
class TestSeeing:
    def test_whose_they_are(self, cast, now):
        everybody = opened("a", now=now)
        meis = opened("b", for_user=cast.mei, now=now + timedelta(minutes=1))
        clinicians = opened("c", for_role="practitioner", now=now + timedelta(minutes=2))
        owners = opened("d", for_role="owner", now=now + timedelta(minutes=3))
        seen = {name: open_tasks(getattr(cast, name)) for name in ("mei", "daniel", "ana", "olive")}
        assert seen == {
            "mei": [everybody, meis, clinicians],
            "daniel": [everybody, clinicians],
            "ana": [everybody],
            "olive": [everybody, owners],
        }

    def test_not_for_patients(self, cast):
        opened()
        assert open_tasks(cast.rita.user) == []

    def test_due_ones_first_in_one_statement(self, cast, now, django_assert_num_queries):
        later = opened("a", due_at=now + timedelta(days=2), now=now)
        never = opened("b", now=now)
        soon = opened("c", due_at=now + timedelta(hours=1), now=now)
        _ = cast.ana.roles
        with django_assert_num_queries(1):
            assert open_tasks(cast.ana) == [soon, later, never]


@pytest.mark.alone
def test_two_at_once_open_one(committed):
    about = f"reaction:{uuid.uuid4()}"
    results = in_threads([lambda: opened(about).pk, lambda: opened(about).pk])
    assert len(set(results)) == 1
    assert StaffTask.objects.filter(about=about).count() == 1


@pytest.mark.django_db
class TestTexts:
    def test_the_clinics_words_count(self):
        ours = text("aftercare_acupuncture")
        own = Text.objects.get(pk=ours.pk)
        own.pk, own._state.adding, own.origin, own.title = None, True, Origin.CLINIC, "After your visit"
        own.save()
        assert text("aftercare_acupuncture").title == "After your visit"
        assert [row.title for row in texts("aftercare") if row.key == "aftercare_acupuncture"] == [
            "After your visit"
        ]

    def test_what_is_hidden_is_not_offered_and_still_found(self):
        Text.objects.filter(key="emergency_988").update(hidden=True, version=2)
        assert [row.key for row in texts("emergency") if row.key == "emergency_988"] == []
        assert text("emergency_988").title == "You do not have to be alone with this"

    def test_groups(self):
        assert [row.key for row in texts("aftercare")] == [
            *(
                "aftercare_acupuncture",
                "aftercare_adjustment",
                "aftercare_cupping",
                "aftercare_water_movement",
            ),
        ]


@pytest.mark.parametrize(
    ("lines", "items"),
    [
        ("One\nTwo", [("k_01", "One"), ("k_02", "Two")]),
        ("Two\n\n  One ", [("k_02", "Two"), ("k_01", "One")]),
        ("One\nThree", [("k_01", "One"), ("k_03", "Three")]),
        ("One\nOne", [("k_01", "One")]),
        ("", []),
    ],
)
def test_a_line_keeps_its_id_while_its_words_stay(lines, items):
    before = [{"id": "k_01", "text": "One"}, {"id": "k_02", "text": "Two"}]
    assert [(item["id"], item["text"]) for item in items_of_lines("k", lines, before)] == items
