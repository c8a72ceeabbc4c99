"""Progress read from the database: merged records, linked visits, several plans, and a fixed number of statements."""

from datetime import date, timedelta

import pytest

from packages.models import Authorization, Coverage
from plans.actions import plans as actions
from plans.models import HomeTick, Plan, PlanVisit
from plans.queries import home
from plans.queries.progress import of_patient, of_plans, running_of
from scheduling.models import Status
from tests.cast import NOW
from tests.plans.rows import TODAY, a_plan, booked, given

pytestmark = pytest.mark.django_db
SINCE = date(2026, 11, 2)


def only(patient):
    (found,) = of_patient(patient, TODAY)
    return found


def test_visits_of_the_plans_kinds_count_from_its_beginning(cast, now):
    a_plan(cast, starts_on=SINCE)
    given(cast, "2026-10-30")  # before it
    first = given(cast, "2026-11-02")
    given(cast, "2026-11-05", service="adjustment")  # not of its kinds
    second = given(cast, "2026-11-06", service="acupuncture_adjustment")  # one part of two is
    third = booked(cast, "2026-11-25")
    booked(cast, "2026-11-26", status=Status.CANCELLED)
    found = only(cast.maria)
    assert (found.done, found.booked, found.owed, found.day_zero) == (2, 1, 5, SINCE)
    assert [visit.appointment for visit in found.visits[:3]] == [first.pk, second.pk, third.pk]


def test_a_visit_of_which_nothing_happened_is_missed_and_owed(cast, now):
    a_plan(cast, starts_on=SINCE)
    given(cast, "2026-11-02")
    given(cast, "2026-11-05", not_done=("acupuncture",))
    booked(cast, "2026-11-09", status=Status.NO_SHOW)
    found = only(cast.maria)
    assert (found.done, found.missed, found.owed) == (1, 2, 7)


def test_a_part_that_did_not_happen_is_owed(cast, now):
    a_plan(cast, starts_on=SINCE, service="acupuncture_adjustment")
    given(cast, "2026-11-02", service="acupuncture_adjustment", not_done=("chiropractic",))
    found = only(cast.maria)
    assert (found.done, [(one.total, one.done, one.owed) for one in found.kinds]) == (
        1,
        [(8, 1, 7), (8, 0, 8)],
    )


def test_a_visit_booked_for_one_plan_counts_for_no_other(cast, now):
    first = a_plan(cast, starts_on=SINCE)
    second = a_plan(
        cast,
        region="back",
        condition="Back",
        diagnosis_codes=("M54.50",),
        starts_on=SINCE,
        now=NOW + timedelta(minutes=1),
    )
    linked, loose = given(cast, "2026-11-02"), given(cast, "2026-11-05")
    PlanVisit.objects.create(
        plan=second,
        phase=second.phases.get(),
        number=1,
        appointment=linked,
        linked_at=NOW,
        linked_by=cast.ana,
    )
    by_plan = {one.plan.pk: one for one in of_patient(cast.maria, TODAY)}
    assert by_plan[second.pk].visits[0].appointment == linked.pk
    assert (by_plan[second.pk].done, by_plan[first.pk].done) == (1, 1)
    assert by_plan[first.pk].visits[0].appointment == loose.pk


def test_visits_after_a_discharge_belong_to_the_next_plan(cast, now):
    first = a_plan(cast, starts_on=SINCE)
    given(cast, "2026-11-02")
    then = NOW - timedelta(days=14)
    actions.discharge(by=cast.mei, plan=first, version=first.version, why="Done", now=then)
    a_plan(cast, starts_on=date(2026, 11, 12))
    given(cast, "2026-11-17")
    newest, oldest = of_patient(cast.maria, TODAY)
    assert (newest.done, oldest.done, oldest.pace) == (1, 1, "discharged")
    assert running_of(cast.maria, TODAY).plan == newest.plan
    # The list reads running plans alone, and still gives no visit to two.
    (listed,) = of_plans(Plan.objects.running(), TODAY)
    assert listed.done == 1


def test_a_merged_record_brings_its_visits_and_its_plan(cast, now):
    a_plan(cast, patient=cast.marta, starts_on=SINCE)
    given(cast, "2026-11-02", patient=cast.marta)
    cast.marta.merged_into = cast.maria
    cast.marta.save()
    given(cast, "2026-11-05")
    assert (only(cast.maria).done, only(cast.maria).visits[1].on) == (2, date(2026, 11, 5))


def test_a_payers_limits_count_where_the_plan_draws_on_it(cast, now):
    plan = a_plan(cast, starts_on=SINCE)
    given(cast, "2026-11-02")
    assert only(cast.maria).limits == ()
    medicare = Coverage.objects.create(
        patient=cast.maria, kind="medicare", insurer="Medicare", created_at=NOW, created_by=cast.ana
    )
    plan.refresh_from_db()
    plan.authorization = Authorization.objects.create(
        coverage=medicare,
        patient=cast.maria,
        number="A1",
        discipline=cast.service("acupuncture_follow_up").parts.get().discipline,
        starts_on=SINCE,
        ends_on=date(2027, 1, 31),
        created_at=NOW,
        created_by=cast.ana,
    )
    plan.save()
    assert [(limit.used, limit.visits) for limit in only(cast.maria).limits] == [(1, 12), (1, 20)]


def test_nothing_without_a_plan(cast, now, django_assert_num_queries):
    patient = cast.maria
    with django_assert_num_queries(1):
        assert of_patient(patient, TODAY) == []
    assert running_of(cast.maria, TODAY) is None


@pytest.mark.parametrize("plans", [1, 4])
def test_statements_do_not_grow(cast, now, plans, django_assert_num_queries):
    people = [cast.maria, cast.rita, cast.sunny, cast.tunde][:plans]
    for number, patient in enumerate(people):
        a_plan(cast, patient=patient, starts_on=SINCE)
        given(cast, "2026-11-02", patient=patient, clock=f"{9 + number:02}:00")
        given(cast, "2026-11-05", patient=patient, clock=f"{9 + number:02}:00")
    with django_assert_num_queries(11):
        assert {one.done for one in of_plans(Plan.objects.running(), TODAY)} == {2}


def test_home_activities_count_the_last_tick_of_a_day(cast, now):
    plan = a_plan(cast)
    activity = plan.home_activities.get()
    activity.started_on = TODAY - timedelta(days=13)
    activity.save()
    for ago, done, minute in [
        (0, True, 0),
        (0, False, 1),
        (1, True, 0),
        (2, True, 0),
        (8, True, 0),
        (9, True, 0),
    ]:
        HomeTick.objects.create(
            activity=activity,
            on=TODAY - timedelta(days=ago),
            done=done,
            at=NOW + timedelta(minutes=minute),
            by=cast.mei,
        )
    (one,) = home.of_plans([plan.pk], TODAY)[plan.pk]
    # Tuesday: yesterday is this week, the day before is not; four of ten agreed in two weeks.
    assert (one.this_week, one.per_week, one.percent, TODAY in one.days) == (1, 5, 40, False)


def test_the_first_week_has_no_percent(cast, now):
    plan = a_plan(cast)
    (one,) = home.of_plans([plan.pk], TODAY)[plan.pk]
    assert (one.this_week, one.percent) == (0, None)
