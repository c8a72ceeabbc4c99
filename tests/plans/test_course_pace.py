"""A course that lags behind its plan: end later, closer together, or fewer visits, the least change first."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from plans.actions.course import book_course
from plans.actions.course_repair import move_course
from plans.models import PlanPause
from plans.queries.course_repair import AWAY, CLOSER, FEWER, ILL, LATER, PACE, ways
from plans.queries.course_repair_shown import shown
from plans.rules.course.asking import Planned, as_they_stand, reasons_not_to_move
from plans.rules.course.repairing import given_up, what_changes
from plans.rules.course.values import Ask, Spot
from practitioners.models import Absence
from scheduling.models import Appointment
from tests.packages.entries import purchase
from tests.plans.checker import broken
from tests.plans.courses import NOW, a_plan, proposed
from tests.plans.rows import given
from tests.plans.test_course_moved import chosen_of, visits_of
from tests.rows import at

MONDAYS = {"weekdays": frozenset({0}), "starts": date(2026, 12, 7)}
MON_7, THU_17, MON_28 = date(2026, 12, 7), date(2026, 12, 17), date(2026, 12, 28)


def days_of(plan):
    return [visit.wall_date for visit in visits_of(plan)]


def booked(cast, plan, **wanted):
    book_course(by=cast.ana, plan=plan, chosen=chosen_of(proposed(plan, **wanted).offers.items()))
    return days_of(plan)


def take(cast, plan, stand, way):
    chosen = chosen_of((n, offer) for n, (_was, offer) in way.changes.items())
    return move_course(by=cast.ana, plan=plan, chosen=chosen, standing=stand, away=stand.wanted.away)


@pytest.fixture
def mondays(cast, now):
    """Four visits on Mondays, Dec 7 to 28, of a plan that has them over ten days: to Dec 17."""
    plan = a_plan(cast, spacing=(1, 14))
    booked(cast, plan, **MONDAYS)
    return plan


@pytest.mark.django_db
def test_the_three_ways_say_what_changes_and_the_least_comes_first(mondays):
    stand, found = ways(mondays, PACE, None, now=NOW)
    assert [way.kind for way in found] == [LATER, CLOSER, CLOSER]
    assert [len(way.changes) for way in found] == [0, 2, 3]
    later, closer, even = shown(stand, found)
    assert (later["title"], later["lines"]) == ("End later: no visit moves", [])
    assert later["facts"] == ["The course ends on Mon Dec 28, as now.", "That is 11 days after the plan."]
    assert closer["title"] == "Closer together: 2 visits move"
    assert closer["facts"] == [
        "The course ends 11 days sooner, on Thu Dec 17.",
        "That is as planned.",
        "1 to 7 days between visits instead of 7 days.",
    ]
    assert even["title"] == "Closer together: 3 visits move"
    assert even["facts"][0] == "The course ends 11 days sooner, on Thu Dec 17."
    assert even["facts"][2] == "3 to 4 days between visits instead of 7 days."
    assert [way["first"] for way in (later, closer, even)] == [False, True, False]


@pytest.mark.django_db
@pytest.mark.parametrize("which", [1, 2])
def test_each_keeps_order_and_the_plans_limits(cast, mondays, which):
    stand, found = ways(mondays, PACE, None, now=NOW)
    take(cast, mondays, stand, found[which])
    after = days_of(mondays)
    assert after == sorted(after)
    assert (after[0], after[-1]) == (MON_7, THU_17)
    assert after == list(found[which].days.values())
    assert broken(mondays) == []
    assert ways(mondays, PACE, None, now=NOW)[1] == []


@pytest.mark.django_db
def test_where_the_limits_leave_no_room_fewer_visits_are_said_and_nothing_is_left_out_by_itself(
    cast, client_of, now
):
    """The first visit was on Nov 17, so that the plan ends on the 27th: of three left two can be over by then."""
    given(cast, "2026-11-17")
    plan = a_plan(cast, spacing=(2, 14))
    plan.starts_on = date(2026, 11, 17)
    plan.save()
    before = booked(cast, plan, **MONDAYS)
    assert before == [MON_7, date(2026, 12, 14), date(2026, 12, 21)]
    stand, found = ways(plan, PACE, None, now=NOW)
    assert [way.kind for way in found] == [LATER, CLOSER, FEWER]
    assert list(found[1].days.values())[-1] == date(2026, 11, 28)
    _later, closer, fewer = shown(stand, found)
    assert closer["facts"][1] == "That is 1 day after the plan."
    assert fewer["title"] == "Fewer visits"
    assert fewer["facts"] == [
        "2 of the 3 visits can be over by Fri Nov 27, as planned.",
        "Leaving out 1 is a change of the plan, for whoever leads it.",
    ]
    url = f"{reverse('plans:course_repair', args=[plan.pk])}?reason=pace"
    revise = reverse("plans:revise", args=[plan.pk])
    assert revise in client_of(cast.mei).get(url).content.decode()
    assert revise not in client_of(cast.ana).get(url).content.decode()
    assert days_of(plan) == before


@pytest.mark.django_db
def test_what_is_not_booked_yet_comes_after(cast, client_of, mondays):
    last = visits_of(mondays)[-1]
    Appointment.objects.filter(pk=last.pk).update(status="cancelled", version=last.version + 1)
    answer = client_of(cast.ana).get(f"{reverse('plans:course_repair', args=[mondays.pk])}?reason=pace")
    assert "Book 1 visit that is missing" in " ".join(answer.content.decode().split())
    assert answer.context["open"] == 1


@pytest.mark.django_db
def test_a_course_on_time_has_no_way_and_the_page_says_so(cast, client_of, now):
    plan = a_plan(cast, spacing=(2, 5))
    booked(cast, plan)
    assert ways(plan, PACE, None, now=NOW)[1] == []
    answer = client_of(cast.ana).get(f"{reverse('plans:course_repair', args=[plan.pk])}?reason=pace")
    assert "The visits that are booked end in time." in answer.content.decode()


@pytest.mark.django_db
def test_days_on_which_the_plan_rested_are_not_lost(cast, mondays):
    """Eleven days of rest after the first visit: Dec 28 is the day the plan has the last one on."""
    PlanPause.objects.create(plan=mondays, from_on=date(2026, 12, 8), until_on=date(2026, 12, 19), why="away")
    pause_is_over = NOW + timedelta(days=26)
    plan_end = ways(mondays, PACE, None, now=pause_is_over)
    assert plan_end[1] == []


@pytest.mark.django_db
def test_the_hours_and_days_somebody_comes_in_are_kept_where_they_can_be(cast, now):
    """Afternoons of three days were wished for; the visits that have to move find others."""
    plan = a_plan(cast, spacing=(1, 7))
    booked(cast, plan, times=frozenset({1}), weekdays=frozenset({1, 3, 4}))
    hours = {visit.wall_time.hour for visit in visits_of(plan)}
    assert min(hours) >= 12
    stand, found = ways(plan, ILL, date(2026, 12, 2), now=NOW)
    take(cast, plan, stand, found[0])
    assert {visit.wall_time.hour >= 12 for visit in visits_of(plan)} == {True}
    assert {visit.wall_date.weekday() for visit in visits_of(plan)} <= {1, 3, 4}


@pytest.mark.django_db
@pytest.mark.parametrize("gender, others", [("", True), ("female", False)])
def test_who_takes_over_is_whom_the_patient_wants(cast, now, gender, others):
    """Mei is away on the first day; Sam could have the same minutes, for whoever does not mind a man."""
    cast.maria.prefers_gender = gender
    cast.maria.save()
    plan = a_plan(cast, phases=(("acupuncture_follow_up", 2),), spacing=(3, 3))
    acupuncture = plan.phases.get().service.parts.get().discipline_id
    first = booked(cast, plan, people={acupuncture: cast.mei.practitioner.pk})[0]
    Absence.objects.create(
        practitioner=cast.mei.practitioner,
        starts_at=at("00:00", cast.uptown, first.isoformat()),
        ends_at=at("23:55", cast.uptown, first.isoformat()),
        kind="ill",
    )
    found = ways(plan, AWAY, None, now=NOW)[1]
    people = {who for way in found for _was, offer in way.changes.values() for who in offer.practitioners}
    assert (cast.sam.practitioner.pk in people) is others


@pytest.mark.django_db
def test_visits_stay_within_what_pays_for_them_while_they_can(cast, now):
    """The package ends on Dec 5, the day of the last visit; ill until Dec 1, all four still fit before."""
    purchase(cast, cast.maria, until="2026-12-05", acupuncture_visit=4)
    plan = a_plan(cast, spacing=(1, 7))
    booked(cast, plan)
    stand, found = ways(plan, ILL, date(2026, 12, 1), now=NOW)
    assert stand.paid == dict.fromkeys((1, 2, 3, 4), date(2026, 12, 5))
    assert all(max(way.days.values()) <= date(2026, 12, 5) and not way.unpaid for way in found)
    _stand, found = ways(plan, ILL, date(2026, 12, 3), now=NOW)
    assert found[0].unpaid == tuple(n for n, day in found[0].days.items() if day > date(2026, 12, 5))
    assert found[0].unpaid
    said = shown(_stand, found)[0]["facts"][-1]
    assert said == f"The package or insurance does not cover {len(found[0].unpaid)} visits any more."


@pytest.mark.django_db
def test_what_stands_far_apart_is_no_reason_to_move(cast, now):
    """The last visits lie further apart than the plan says and beyond where it would end: only what is hit moves."""
    plan = a_plan(cast, spacing=(2, 14))
    booked(cast, plan, weekdays=frozenset({2}))
    plan.phases.update(max_days=4, version=2)
    far = visits_of(plan)[-1]
    assert far.wall_date == date(2026, 12, 16)
    stand, found = ways(plan, ILL, date(2026, 11, 26), now=NOW)
    assert list(found[0].changes) == [1]
    take(cast, plan, stand, found[0])
    assert days_of(plan)[1:] == [date(2026, 12, 2), date(2026, 12, 9), date(2026, 12, 16)]


# Rules


D = [date(2026, 12, n) for n in range(1, 32)]


@pytest.mark.parametrize(
    "was, then, planned, said",
    [
        ([D[0], D[3]], [D[0], D[3]], None, ["The course ends on Fri Dec 4, as now."]),
        (
            [D[0], D[3]],
            [D[0], D[4]],
            None,
            [
                "The course ends 1 day later, on Sat Dec 5.",
                "4 days between visits instead of 3 days.",
            ],
        ),
        (
            [D[0], D[7], D[14]],
            [D[0], D[3], D[7]],
            D[7],
            [
                "The course ends 7 days sooner, on Tue Dec 8.",
                "That is as planned.",
                "3 to 4 days between visits instead of 7 days.",
            ],
        ),
        (
            [D[5]],
            [D[4]],
            D[3],
            ["The course ends 1 day sooner, on Sat Dec 5.", "That is 1 day after the plan."],
        ),
    ],
)
def test_what_changes_in_words(was, then, planned, said):
    assert what_changes(was, then, planned=planned) == said


def test_what_gave_way_in_words():
    assert given_up(wider=False, unpaid=0) == []
    assert given_up(wider=True, unpaid=1) == [
        "Some visits are a day closer together or further apart than the plan says.",
        "The package or insurance does not cover 1 visit any more.",
    ]


def ask(number, was=None, settled=None):
    return Ask(number, "x", 3, 3, 5, 0, 60, was=was, settled=settled)


def spot(day):
    return Spot(day, 0, (1,))


def test_neighbors_that_stand_may_keep_their_distance():
    asks = [ask(0, settled=spot(0)), ask(1, spot(2)), ask(2, spot(5)), ask(3, spot(14)), ask(4)]
    assert [(one.least_gap, one.most_gap) for one in as_they_stand(asks)] == [
        (3, 5),
        (2, 5),
        (3, 5),
        (3, 9),
        (3, 5),
    ]
    assert as_they_stand([]) == []


PLANNED = [Planned(n, None, 1, 3, 3, 5) for n in (1, 2, 3)]
STANDING = {1: D[0], 2: D[3], 3: D[13]}


@pytest.mark.parametrize(
    "to, away, broken_at",
    [
        ({}, (), []),
        ({1: D[1]}, (), []),  # two days: one less than the plan's least
        ({1: D[2]}, (), [2]),
        ({2: D[6]}, (), []),  # six days: one more than its most
        ({2: D[7]}, (), [2]),
        ({2: D[7]}, (D[4],), []),
        ({3: D[12]}, (), []),  # nearer than it stands, though further than the plan says
        ({3: D[14]}, (), [3]),
        ({2: D[14]}, (), [2, 3]),  # the order is lost
    ],
)
def test_what_may_move_where(to, away, broken_at):
    reasons = reasons_not_to_move(STANDING, to, PLANNED, away)
    assert [int(reason.split()[1]) for reason in reasons] == broken_at
