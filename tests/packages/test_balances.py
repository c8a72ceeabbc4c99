"""What the entries add up to: now, at any past instant, and in money."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from packages.actions.ledger import settle
from packages.models import AuthorizationEntry, CreditEntry, Extension, PolicyUse, PurchasedVisits, Refund
from packages.queries.balances import counts_of, liability, of_patient, sources_of, would_use, would_use_each
from packages.rules.ledger import PartState, Wanted
from patients.models import Patient
from scheduling.actions.booking import Wanted as Visit
from scheduling.actions.booking import book
from scheduling.actions.ending import cancel
from scheduling.rules.covering import all_beyond, uses_in_words
from services.models import Discipline
from tests.cast import NOW
from tests.packages.entries import ACU, ADJ, authorization, kind, policy, purchase

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 24)


def at(cast, hour, day=27):
    return datetime(2026, 11, day, hour, tzinfo=cast.uptown.tz)


def booked(cast, *, key="acupuncture_follow_up", hour=9, day=27, patient=None):
    wanted = Visit(patient or cast.maria, cast.service(key), cast.uptown, at(cast, hour, day))
    (visit,) = book(by=cast.ana, wanted=[wanted])
    return visit


def later(**passed):
    return time_machine.travel(NOW + timedelta(**passed), tick=False)


def parts(*keys):
    disciplines = {ACU: "acupuncture", ADJ: "chiropractic"}
    return [(kind(key).pk, Discipline.objects.get(key=disciplines[key]).pk) for key in keys]


def numbers(balance):
    return [(one.left, one.reserved, one.used, one.expired, one.refunded) for one in balance.counts]


# Of one patient


def test_purchases_and_approvals_the_soonest_to_end_first(cast, now):
    purchase(cast, cast.maria, until="2027-02-28", acupuncture_visit=2)
    purchase(cast, cast.maria, until="2026-12-24", adjustment_visit=3)
    authorization(cast, cast.maria, 12)
    purchase(cast, cast.marta, acupuncture_visit=9)
    found = of_patient(cast.maria, on=TODAY)
    assert [(str(one.last), numbers(one), one.over) for one in found.purchases] == [
        ("2026-12-24", [(3, 0, 0, 0, 0)], False),
        ("2027-02-28", [(2, 0, 0, 0, 0)], False),
    ]
    assert [numbers(one) for one in found.authorizations] == [[(12, 0, 0, 0, 0)]]


def test_what_was_bought_under_a_merged_record_belongs_to_the_person(cast, now):
    purchase(cast, cast.marta, acupuncture_visit=2)
    Patient.objects.filter(pk=cast.marta.pk).update(merged_into=cast.maria, version=2)
    for name in (cast.maria.pk, cast.marta.pk):
        assert len(of_patient(Patient.objects.get(pk=name), on=TODAY).purchases) == 1
    booked(cast)
    assert numbers(of_patient(cast.maria, on=TODAY).purchases[0]) == [(1, 1, 0, 0, 0)]


@pytest.mark.parametrize(("on", "over"), [(date(2026, 12, 24), False), (date(2026, 12, 25), True)])
def test_a_purchase_is_over_after_its_last_day(cast, now, on, over):
    purchase(cast, cast.maria, until="2026-12-24", acupuncture_visit=1)
    assert of_patient(cast.maria, on=on).purchases[0].over is over


def test_a_refunded_purchase_and_a_withdrawn_approval_are_over(cast, now):
    made, approved = purchase(cast, cast.maria, acupuncture_visit=1), authorization(cast, cast.maria, 1)
    Refund.objects.create(purchase=made, amount=0, reason="moves", at=now, by=cast.ana)
    approved.withdrawn_at = now
    approved.save()
    found = of_patient(cast.maria, on=TODAY)
    assert (found.purchases[0].over, found.authorizations[0].over) == (True, True)
    before = of_patient(cast.maria, on=TODAY, at=now - timedelta(seconds=1))
    assert (before.purchases, before.authorizations) == ([], [])


def test_at_any_past_instant_the_balance_is_what_it_was(cast, now):
    purchase(cast, cast.maria, acupuncture_visit=3)
    with later(hours=1):
        visit = booked(cast)
    with later(hours=2):
        cancel(by=cast.ana, pk=visit.pk, reason="ill")
    for hours, expected in [(0, (3, 0)), (1, (2, 1)), (1.9, (2, 1)), (2, (3, 0))]:
        (balance,) = of_patient(cast.maria, on=TODAY, at=NOW + timedelta(hours=hours)).purchases
        assert numbers(balance) == [(*expected, 0, 0, 0)]


def test_the_last_day_of_the_past_is_the_one_of_then(cast, now):
    made = purchase(cast, cast.maria, until="2026-12-24", acupuncture_visit=1)
    for hours, was, until in [(1, 24, 28), (2, 28, 31)]:
        Extension.objects.create(
            purchase=made, was_until=date(2026, 12, was), until=date(2026, 12, until), reason="ill",
            at=NOW + timedelta(hours=hours), by=cast.ana,
        )  # fmt: skip
    made.valid_until = date(2026, 12, 31)
    made.save()
    for hours, day in [(0, 24), (1, 28), (2, 31)]:
        (balance,) = of_patient(cast.maria, on=TODAY, at=NOW + timedelta(hours=hours)).purchases
        assert balance.last.day == day


@pytest.mark.parametrize("sold", [1, 6])
def test_statements_do_not_grow_with_what_was_bought(cast, now, django_assert_num_queries, sold):
    for _one in range(sold):
        purchase(cast, cast.maria, acupuncture_visit=1)
        authorization(cast, cast.maria, 1)
    patient = cast.maria
    with django_assert_num_queries(4):
        of_patient(patient, on=TODAY)
    with django_assert_num_queries(5):
        of_patient(patient, on=TODAY, at=now)


# In money


def test_what_is_owed_is_the_share_of_the_price_by_single_prices(cast, now):
    made = purchase(cast, cast.maria, price="450.00", acupuncture_visit=2)
    PurchasedVisits.objects.create(
        purchase=made, kind_of_care=kind(ADJ), visits=2, single_price=Decimal("50.00")
    )
    CreditEntry.objects.create(purchase=made, kind_of_care=kind(ADJ), kind="granted", quantity=2, at=now)
    assert [one.amount for one in liability()] == [Decimal("450.00")]
    used(cast, made, ADJ)
    assert [(one.visits, one.amount) for one in liability()] == [
        ({kind(ACU).pk: 2, kind(ADJ).pk: 1}, Decimal("375.00"))
    ]


def used(cast, made, key):
    """One visit of it was done: a part that was checked out."""
    part = booked(cast, patient=cast.tunde).parts.get()
    CreditEntry.objects.create(
        purchase=made, kind_of_care=kind(key), kind="consumed", quantity=-1, visitpart=part.pk, at=NOW
    )


def test_booked_visits_are_owed_still_and_used_expired_and_refunded_ones_are_not(cast, now):
    made = purchase(cast, cast.maria, price="400.00", acupuncture_visit=4)
    booked(cast)
    assert [one.amount for one in liability()] == [Decimal("400.00")]
    for what in ("expired", "refunded"):
        CreditEntry.objects.create(
            purchase=made, kind_of_care=kind(ACU), kind=what, quantity=-1, at=now + timedelta(hours=1)
        )
    assert [one.amount for one in liability()] == [Decimal("200.00")]
    assert [one.amount for one in liability(now)] == [Decimal("400.00")]
    assert liability(now - timedelta(seconds=1)) == []


def test_a_package_of_visits_without_a_price_is_shared_evenly(cast, now):
    made = purchase(cast, cast.maria, price="90.00")
    PurchasedVisits.objects.create(purchase=made, kind_of_care=kind(ACU), visits=3, single_price=0)
    CreditEntry.objects.create(purchase=made, kind_of_care=kind(ACU), kind="granted", quantity=3, at=now)
    used(cast, made, ACU)
    assert [one.amount for one in liability()] == [Decimal("60.00")]


def test_three_statements_for_all_that_is_owed(cast, now, django_assert_num_queries):
    for patient in (cast.maria, cast.marta, cast.iris):
        purchase(cast, patient, acupuncture_visit=1)
    with django_assert_num_queries(3):
        assert len(liability()) == 3


# What a visit would use


def said(cast, *keys, on=TODAY, patient=None):
    return uses_in_words(would_use(patient or cast.maria, parts(*keys), on))


def test_the_desk_reads_what_a_visit_uses(cast, now):
    assert said(cast, ACU) == "Paid singly: 1 acupuncture visit. Insurance: none."
    purchase(cast, cast.maria, until="2027-03-30", acupuncture_visit=3, adjustment_visit=2)
    assert said(cast, ACU, ADJ) == (
        "Uses 1 acupuncture visit + 1 adjustment visit (3 and 2 left, until Mar 30). Insurance: none."
    )
    authorization(cast, cast.maria, 12, until="2026-12-03")
    assert said(cast, ACU, ADJ) == (
        "Uses 1 adjustment visit (2 left, until Mar 30)."
        " Insurance pays for 1 acupuncture visit (12 of 12 left, until Dec 3)."
    )


@pytest.mark.parametrize(
    ("visits", "start", "until", "on", "words"),
    [
        (0, "2026-11-01", "2026-12-03", "2026-11-27", "are used up (0 of 1 left, until Dec 3)."),
        (1, "2026-11-01", "2026-11-26", "2026-11-27", "ended on Nov 26 (1 of 1 left)."),
        (1, "2026-12-01", "2026-12-26", "2026-11-27", "begin on Dec 1 (1 of 1 left)."),
    ],
)
def test_why_an_approval_does_not_reach(cast, now, visits, start, until, on, words):
    approved = authorization(cast, cast.maria, 1, start=start, until=until)
    if not visits:
        AuthorizationEntry.objects.create(authorization=approved, kind="expired", quantity=-1, at=now)
    use = would_use(cast.maria, parts(ACU), date.fromisoformat(on))
    assert all_beyond(use, "Maria") == [f"Maria’s insurance visits {words}"]
    assert uses_in_words(use) == ""


def test_a_package_covers_what_the_insurer_does_not(cast, now):
    authorization(cast, cast.maria, 1, until="2026-11-24")
    purchase(cast, cast.maria, acupuncture_visit=1)
    assert all_beyond(would_use(cast.maria, parts(ACU), date(2026, 11, 27)), "Maria") == []


@pytest.mark.parametrize("people", [["maria"], ["maria", "iris", "leo", "tunde"]])
def test_two_statements_for_everybody(cast, now, django_assert_num_queries, people):
    purchase(cast, cast.maria, acupuncture_visit=1)
    patients, kinds = [getattr(cast, name) for name in people], parts(ACU)
    with django_assert_num_queries(2):
        uses = would_use_each(patients, kinds, TODAY)
    assert [use.covered[0].source is not None for use in uses] == [name == "maria" for name in people]


def test_sources_are_found_for_several_people_in_one_statement(cast, now, django_assert_num_queries):
    made = purchase(cast, cast.maria, acupuncture_visit=1)
    authorization(cast, cast.iris, 3)
    people = {cast.maria.pk, cast.iris.pk, cast.tunde.pk}
    with django_assert_num_queries(1):
        found = sources_of(people)
    assert {pk: len(rows) for pk, rows in found.items()} == {
        cast.maria.pk: 1,
        cast.iris.pk: 1,
        cast.tunde.pk: 0,
    }
    assert found[cast.maria.pk][0].id == made.pk


# The tables themselves


def test_entries_point_at_parts_and_uses_of_the_policy_at_visits(cast, now):
    made = purchase(cast, cast.maria, acupuncture_visit=1)
    with pytest.raises(IntegrityError, match="creditentry_visitpart_fk"):
        draw_for_nobody(cast, now)
    with pytest.raises(IntegrityError, match="policyuse_appointment_fk"):
        judge_nothing(cast, made.pk, now)


@transaction.atomic
def draw_for_nobody(cast, now):
    nobody = PartState(cast.maria.pk, kind(ACU).pk, 1, TODAY, Wanted.RESERVED)
    settle(patient=cast.maria, parts=[nobody], by=cast.ana, now=now)
    look_at_keys()


@transaction.atomic
def judge_nothing(cast, pk, now):
    PolicyUse.objects.create(
        appointment=pk, patient=cast.maria, policy=policy(cast), takes_visit=True, at=now, by=cast.ana
    )
    look_at_keys()


def look_at_keys():
    """They are looked at when a transaction commits; here, now."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_one_row_is_taken_back_once(cast, now):
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    booked(cast)
    row = source.entries.get(kind="reserved")
    again = {
        "purchase": source,
        "kind_of_care": row.kind_of_care,
        "kind": "released",
        "quantity": 1,
        "at": now,
    }
    CreditEntry.objects.create(reverses=row, visitpart=row.visitpart, **again)
    with pytest.raises(IntegrityError), transaction.atomic():
        CreditEntry.objects.create(reverses=row, visitpart=row.visitpart, **again)


def test_counts_of_nothing_are_nothing(cast, now):
    assert counts_of() == {}
