"""A course and what pays for it: packages and approvals with their dates."""

from datetime import date

import pytest

from clinic.refusal import Refused
from packages.models import (
    Authorization,
    AuthorizationEntry,
    Coverage,
    CreditEntry,
    EntryKind,
    Purchase,
    PurchasedVisits,
)
from plans.actions.course import book_course
from plans.queries.course import draws
from scheduling.models import Appointment, Status
from scheduling.rules.covering import SAY_TELL_FIRST
from tests.plans.checker import broken
from tests.plans.courses import NOW, a_plan, proposed
from tests.plans.test_course import chosen_of, days
from tests.plans.test_course_page import carried, page, post

pytestmark = pytest.mark.django_db


def package(cast, patient, visits, until):
    """So many acupuncture visits, sold this month."""
    kind = cast.service("acupuncture_follow_up").parts.get().kind_of_care
    bought = Purchase.objects.create(
        patient=patient,
        location=cast.uptown,
        package_key="neck",
        name="Neck 8",
        price=600,
        valid_from=date(2026, 11, 1),
        valid_until=until,
        pdf=b"",
        sold_at=NOW,
        sold_by=cast.ana,
    )
    PurchasedVisits.objects.create(purchase=bought, kind_of_care=kind, visits=visits, single_price=90)
    CreditEntry.objects.create(
        purchase=bought, kind_of_care=kind, kind=EntryKind.GRANTED, quantity=visits, at=NOW, by=cast.ana
    )
    return bought


def approval(cast, patient, visits, until):
    coverage = Coverage.objects.create(
        patient=patient, kind="health_plan", insurer="Acme", created_at=NOW, created_by=cast.ana
    )
    approved = Authorization.objects.create(
        patient=patient,
        coverage=coverage,
        number="A-1",
        discipline=cast.service("acupuncture_follow_up").parts.get().discipline,
        starts_on=date(2026, 11, 1),
        ends_on=until,
        created_at=NOW,
        created_by=cast.ana,
    )
    AuthorizationEntry.objects.create(
        authorization=approved, kind=EntryKind.GRANTED, quantity=visits, at=NOW, by=cast.ana
    )
    return approved


def test_visits_that_a_package_pays_lie_within_its_dates(cast):
    """The last of four is wished for December 7; the package ends on the 5th."""
    package(cast, cast.maria, 8, date(2026, 12, 5))
    plan = a_plan(cast)
    found = proposed(plan)
    assert found.paid == dict.fromkeys((1, 2, 3, 4), date(2026, 12, 5))
    assert found.whole
    assert max(days(found)) <= date(2026, 12, 5)
    drawn, _use = draws(found)
    assert {source.name for of_visit in drawn.values() for _kind, source in of_visit} == {"Neck 8"}
    book_course(by=cast.ana, plan=plan, chosen=chosen_of(found))
    assert CreditEntry.objects.filter(kind=EntryKind.RESERVED).count() == 4
    assert broken(plan) == []


def test_what_the_package_does_not_reach_is_paid_on_its_own_when_that_is_allowed(cast):
    """Tuesdays and Fridays three days apart come only after the package has ended, on Saturday."""
    package(cast, cast.maria, 8, date(2026, 11, 28))
    plan = a_plan(cast, phases=(("acupuncture_follow_up", 2),), spacing=(3, 3))
    wishes = {"weekdays": frozenset({1, 4})}
    found = proposed(plan, **wishes)
    assert not found.whole
    assert (found.relaxed.what, found.relaxed.fits) == ("paid", 2)
    single = proposed(plan, **wishes, singly=True)
    assert (single.whole, single.paid) == (True, {})
    assert [day.isoformat() for day in days(single)] == ["2026-12-01", "2026-12-04"]


def test_a_course_beyond_an_approval_needs_a_reason(cast):
    approval(cast, cast.maria, 2, date(2026, 12, 31))
    plan = a_plan(cast)
    found = proposed(plan)
    assert len(draws(found)[1].beyond) == 2
    with pytest.raises(Refused):
        book_course(by=cast.ana, plan=plan, chosen=chosen_of(found))
    assert not Appointment.objects.exists()
    book_course(by=cast.ana, plan=plan, chosen=chosen_of(found), beyond_reason="She knows and pays.")
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 4
    assert broken(plan) == []


def lines_of(answer):
    return [(line.number, line.paid, line.beyond) for line in answer.context["lines"]]


def test_the_page_says_what_each_visit_beyond_costs_and_wants_a_reason_and_a_tick(cast, client_of):
    approval(cast, cast.maria, 2, date(2026, 12, 31))
    part = cast.service("acupuncture_follow_up").parts.get()
    part.prices.create(location=cast.uptown, amount="90.00")
    plan = a_plan(cast)
    client = client_of(cast.ana)
    shown = page(client, plan)
    assert lines_of(shown) == [
        (1, "insurance", ""),
        (2, "insurance", ""),
        (3, "", "not covered: $90.00"),
        (4, "", "not covered: $90.00"),
    ]
    values = carried(shown)
    refused = post(client, plan, values)
    assert refused.status_code == 422
    assert refused.context["reasons"][0].startswith("Maria’s insurance visits are used up")
    untold = post(client, plan, values, beyond_reason="pays herself")
    assert untold.status_code == 422
    assert untold.context["reasons"] == [SAY_TELL_FIRST]
    assert 'value="pays herself"' in untold.content.decode()
    assert carried(untold) == values
    assert not Appointment.objects.exists()
    assert post(client, plan, values, beyond_reason="pays herself", patient_knows="on").status_code == 303
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 4


def test_a_visit_without_a_price_says_so(cast, client_of):
    approval(cast, cast.maria, 3, date(2026, 12, 31))
    shown = page(client_of(cast.ana), a_plan(cast))
    assert [beyond for _number, _paid, beyond in lines_of(shown)] == ["", "", "", "not covered, no price set"]


def test_what_a_package_pays_is_not_called_uncovered(cast, client_of):
    package(cast, cast.maria, 2, date(2026, 12, 31))
    shown = page(client_of(cast.ana), a_plan(cast))
    assert {beyond for _number, _paid, beyond in lines_of(shown)} == {""}
    assert 'name="beyond_reason"' not in shown.content.decode()
