"""Two people book at the same time: one course stands whole, and nothing of the other."""

from datetime import date

import pytest
from django.utils import timezone

from clinic.refusal import Refused
from plans.actions.course import Chosen, book_course, undo_course
from plans.actions.course_repair import move_course
from plans.models import PlanVisit
from plans.queries.course_repair import ILL, ways
from scheduling.models import Appointment, Change, Status
from tests.plans.checker import broken
from tests.plans.courses import a_plan, at_once, proposed
from tests.threads import in_threads

pytestmark = pytest.mark.alone


def chosen_of(proposal):
    return [Chosen(n, o.starts_at, o.practitioners, o.rooms) for n, o in proposal.offers.items()]


def attempt(plan, chosen, by):
    def run():
        try:
            return len(book_course(by=by, plan=plan, chosen=chosen))
        except Refused:
            return 0

    return run


def test_two_people_book_the_same_course(cast, committed):
    plan = a_plan(cast, phases=(("acupuncture_adjustment", 6),))
    chosen = chosen_of(proposed(plan))
    results = in_threads([attempt(plan, chosen, by) for by in (cast.ana, cast.olive)])
    assert sorted(results) == [0, 6]
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 6
    assert broken(plan) == []


def test_two_patients_want_the_same_times_in_other_orders(cast, committed):
    """Daniel is the only chiropractor: of two courses at the same minutes one wins, and nobody waits for ever."""
    plans = [
        a_plan(cast, who, phases=(("acupuncture_adjustment", 6),))
        for who in (cast.maria, cast.marta, cast.sunny)
    ]
    wanted = [chosen_of(proposed(plan)) for plan in plans]
    assert [one.starts_at for one in wanted[0]] == [one.starts_at for one in wanted[1]]
    results = in_threads(
        [attempt(plan, chosen, cast.ana) for plan, chosen in zip(plans, wanted, strict=True)]
    )
    assert sorted(results) == [0, 0, 6]
    assert PlanVisit.objects.count() == 6
    assert [broken(plan) for plan in plans] == [[], [], []]


def attempt_to(action, **asked):
    def run():
        try:
            action(**asked)
        except Refused:
            return 0
        return 1

    return run


def test_two_people_repair_the_same_course_and_two_take_it_back(cast, committed):
    plan = a_plan(cast, phases=(("acupuncture_adjustment", 4),), spacing=(1, 7))
    book_course(by=cast.ana, plan=plan, chosen=chosen_of(proposed(plan)))
    stand, found = ways(plan, ILL, date(2026, 11, 29), now=timezone.now())
    offers = {number: offer for number, (_was, offer) in found[0].changes.items()}
    chosen = [Chosen(n, o.starts_at, o.practitioners, o.rooms) for n, o in offers.items()]
    away = stand.wanted.away
    results = in_threads(
        [
            attempt_to(move_course, by=by, plan=plan, chosen=chosen, standing=stand, away=away)
            for by in (cast.ana, cast.olive)
        ]
    )
    assert sorted(results) == [0, 1]
    assert Change.objects.filter(verb="move").count() == len(chosen)
    first = Change.objects.filter(verb="move").first().appointment
    results = in_threads(
        [attempt_to(undo_course, by=by, plan=plan, **at_once(first)) for by in (cast.ana, cast.olive)]
    )
    assert sorted(results) == [0, 1]
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 4
    assert not Change.objects.filter(verb="move", undone_at=None).exists()
    assert broken(plan) == []


def test_courses_of_two_people_that_change_places_wait_for_each_other_and_stand(cast, committed):
    """Each moves by a day to where the other one was an hour before or after: whoever loses keeps all places."""
    plans = [
        a_plan(cast, who, phases=(("adjustment", 3),), spacing=(1, 7)) for who in (cast.maria, cast.marta)
    ]
    for plan in plans:
        book_course(by=cast.ana, plan=plan, chosen=chosen_of(proposed(plan)))
    moves = []
    for plan in plans:
        stand, found = ways(plan, ILL, date(2026, 11, 25), now=timezone.now())
        offers = {number: offer for number, (_was, offer) in found[-1].changes.items()}
        chosen = [Chosen(n, o.starts_at, o.practitioners, o.rooms) for n, o in offers.items()]
        moves.append(
            attempt_to(
                move_course, by=cast.ana, plan=plan, chosen=chosen, standing=stand, away=stand.wanted.away
            )
        )
    results = in_threads(moves)
    assert sum(results) >= 1
    assert [broken(plan, away=[date(2026, 11, 24), date(2026, 11, 25)]) for plan in plans] == [[], []]
    assert Change.objects.filter(verb="move").exists()
