"""A booked course that cannot stay: at most three ways, the fewest changes first, spacing and order kept."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from clinic import walltime
from clinic.refusal import Refused
from clinic.submissions import new_key
from plans.actions.course import Chosen, book_course
from plans.actions.course_repair import move_course
from plans.models import PlanStatus, PlanVisit
from plans.queries.course import Wanted
from plans.queries.course_repair import AWAY, ILL, PACE, standing, ways
from practitioners.models import Absence
from scheduling.actions.booking import Wanted as One
from scheduling.actions.booking import book
from scheduling.models import Change
from tests.plans.checker import broken
from tests.plans.courses import NOW, WEDNESDAY, a_plan, proposed
from tests.rows import at

pytestmark = pytest.mark.django_db


def booked(cast, plan, **wanted):
    chosen = [
        Chosen(n, o.starts_at, o.practitioners, o.rooms) for n, o in proposed(plan, **wanted).offers.items()
    ]
    book_course(by=cast.ana, plan=plan, chosen=chosen)
    return days_of(plan)


def days_of(plan):
    rows = PlanVisit.objects.filter(plan=plan).select_related("appointment").order_by("number")
    return [row.appointment.wall_date for row in rows]


def chosen_of(way):
    return [
        Chosen(n, offer.starts_at, offer.practitioners, offer.rooms)
        for n, (_was, offer) in way.changes.items()
    ]


def away(cast, who, first, last):
    return Absence.objects.create(
        practitioner=who.practitioner,
        starts_at=at("00:00", cast.uptown, first),
        ends_at=at("23:55", cast.uptown, last),
        kind="ill",
    )


def test_ill_for_two_weeks_moves_the_fewest_visits(cast):
    plan = a_plan(cast, phases=(("acupuncture_follow_up", 6),), spacing=(2, 7))
    before = booked(cast, plan)
    last_ill = date(2026, 12, 4)
    stand, found = ways(plan, ILL, last_ill, now=NOW)
    assert 1 <= len(found) <= 3
    counts = [len(way.changes) for way in found]
    assert counts == sorted(counts)
    touched = {number for number, day in enumerate(before, 1) if day <= last_ill}
    assert touched <= set(found[0].changes)
    for way in found:
        assert way.proposal.whole
        assert all(
            walltime.local(offer.starts_at, cast.uptown.tz).date() > last_ill
            for _was, offer in way.changes.values()
        )
    move_course(by=cast.ana, plan=plan, chosen=chosen_of(found[0]), standing=stand)
    after = days_of(plan)
    assert after == sorted(after)
    assert min(after) > last_ill
    away_days = [WEDNESDAY + timedelta(days=n) for n in range(-1, 10)]
    assert broken(plan, away=away_days) == []
    assert Change.objects.filter(verb="move").count() == counts[0]


def test_a_provider_who_is_away_one_day_moves_one_visit(cast):
    plan = a_plan(cast, phases=(("acupuncture_adjustment", 4),))
    before = booked(cast, plan)
    away(cast, cast.daniel, before[1].isoformat(), before[1].isoformat())
    stand, found = ways(plan, AWAY, None, now=NOW)
    assert stand.touched == {2}
    assert list(found[0].changes) == [2]
    move_course(by=cast.ana, plan=plan, chosen=chosen_of(found[0]), standing=stand)
    assert [n for n, day in enumerate(days_of(plan), 1) if day != before[n - 1]] == [2]
    assert broken(plan) == []


def test_somebody_else_may_take_over_where_nobody_needs_to_come_on_another_day(cast):
    plan = a_plan(cast, phases=(("acupuncture_follow_up", 2),), spacing=(3, 3))
    before = booked(cast, plan)
    first = PlanVisit.objects.get(plan=plan, number=1).appointment
    treating = first.parts.get().phases.filter(practitioner__isnull=False).first().practitioner
    person = cast.mei if treating == cast.mei.practitioner else cast.sam
    away(cast, person, before[0].isoformat(), before[0].isoformat())
    _stand, found = ways(plan, AWAY, None, now=NOW)
    (was, offer), *_ = found[0].changes.values()
    assert list(found[0].changes) == [1]
    assert walltime.local(offer.starts_at, cast.uptown.tz).date() == before[0]
    assert offer.practitioners != was.people


def test_nothing_has_to_change_where_nobody_is_away(cast):
    plan = a_plan(cast)
    booked(cast, plan)
    assert ways(plan, AWAY, None, now=NOW)[1] == []


def test_distances_give_way_where_nothing_else_helps(cast):
    """The first visit is today and stays; the second is to be three days later, and nobody can on that day."""
    plan = a_plan(cast, phases=(("acupuncture_adjustment", 2),), spacing=(3, 3))
    assert [day.day for day in booked(cast, plan, starts=NOW.date())] == [24, 27]
    away(cast, cast.daniel, "2026-11-27", "2026-11-27")
    stand, found = ways(plan, AWAY, None, now=NOW)
    assert [list(way.changes) for way in found] == [[2]]
    move_course(by=cast.ana, plan=plan, chosen=chosen_of(found[0]), standing=stand)
    assert days_of(plan)[1].day in {26, 28}
    assert broken(plan, days_looser=1) == []
    assert len(broken(plan)) == 1


def test_nothing_is_to_come_of_a_plan_that_is_not_booked(cast):
    stand, found = ways(a_plan(cast), PACE, None, now=NOW)
    assert (stand.ids, found) == ({}, [])


def test_nothing_moves_where_one_time_was_lost(cast):
    plan = a_plan(cast, phases=(("acupuncture_adjustment", 4),))
    before = booked(cast, plan)
    away(cast, cast.daniel, before[1].isoformat(), before[2].isoformat())
    stand, found = ways(plan, AWAY, None, now=NOW)
    lost = next(iter(chosen_of(found[0])))
    book(
        by=cast.ana,
        wanted=[
            One(
                cast.marta,
                cast.service("adjustment"),
                cast.uptown,
                lost.starts_at + timedelta(minutes=45),
                practitioners=(cast.daniel.practitioner.pk,),
            )
        ],
    )
    with pytest.raises(Refused) as refused:
        move_course(by=cast.ana, plan=plan, chosen=chosen_of(found[0]), standing=stand)
    assert refused.value.conflict
    assert days_of(plan) == before
    assert not Change.objects.filter(verb="move").exists()


def test_visits_that_are_not_of_the_plan_are_not_moved(cast):
    plan = a_plan(cast)
    booked(cast, plan)
    stand = standing(plan, Wanted(), now=NOW)
    chosen = [Chosen(9, at("09:00", cast.uptown, "2026-12-01"), (cast.mei.practitioner.pk,))]
    with pytest.raises(Refused) as refused:
        move_course(by=cast.ana, plan=plan, chosen=chosen, standing=stand)
    assert refused.value.reasons == ["These visits have changed. Look at the course again."]
    plan.status = PlanStatus.PAUSED
    with pytest.raises(Refused):
        move_course(
            by=cast.ana, plan=plan, chosen=[Chosen(1, chosen[0].starts_at, chosen[0].people)], standing=stand
        )


def test_the_page_shows_ways_and_takes_one(cast, client_of):
    plan = a_plan(cast, phases=(("acupuncture_follow_up", 4),), spacing=(2, 7))
    before = booked(cast, plan)
    client, url = client_of(cast.ana), reverse("plans:course_repair", args=[plan.pk])
    assert client.get(url).status_code == 200
    answer = client.get(f"{url}?reason=ill&until=2026-11-29")
    first = answer.context["ways"][0]["lines"]
    assert [one["number"] for one in first][:2] == [1, 2]
    taken = client.post(
        url, {"request_key": new_key(), **{f"visit-{one['number']}": one["carried"] for one in first}}
    )
    assert (taken.status_code, taken.url) == (303, reverse("plans:schedule", args=[plan.pk]))
    assert days_of(plan) != before
    assert min(days_of(plan)) > date(2026, 11, 29)


@pytest.mark.parametrize("query, status", [("reason=ill", 422), ("reason=x", 422), ("reason=away", 200)])
def test_what_the_page_answers(cast, client_of, query, status):
    plan = a_plan(cast)
    booked(cast, plan)
    url = reverse("plans:course_repair", args=[plan.pk])
    assert client_of(cast.ana).get(f"{url}?{query}").status_code == status
    assert client_of(cast.ana).post(url, {"request_key": new_key()}).status_code == 422
    assert client_of(cast.hana).get(url).status_code == 404
