"""Two people book at the same time: one course stands whole, and nothing of the other."""

import pytest

from clinic.refusal import Refused
from plans.actions.course import Chosen, book_course
from plans.models import PlanVisit
from scheduling.models import Appointment, Status
from tests.plans.checker import broken
from tests.plans.courses import a_plan, proposed
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
