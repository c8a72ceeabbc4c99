"""What becomes of a package: refunded by the agreement's rule, expired, made to last longer."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models import AuditEvent
from clinic.refusal import Refused
from packages.actions import extending, refunding
from packages.actions.expiring import expire_due
from packages.models import CreditEntry, Extension, Refund
from packages.queries.balances import counts_of
from packages.tasks import expire_packages
from tests.cast import NOW
from tests.packages.rows import TODAY, acupuncture, kind, reserve, sold, use

pytestmark = pytest.mark.django_db
SMALL = [{"kind": "acupuncture_visit", "visits": 4}, {"kind": "adjustment_visit", "visits": 2}]


@pytest.fixture
def bought(cast):
    """Four acupuncture visits at 90 and two adjustments at 65 for 400."""
    return sold(cast, cast.maria, price=400, contents=SMALL)


def count(purchase, key="acupuncture_visit"):
    one = counts_of(purchases=[purchase.pk])[purchase.pk][kind(key).pk]
    return {name: getattr(one, name) for name in ("left", "reserved", "used", "expired", "refunded")}


def days(number):
    return NOW + timedelta(days=number)


# Refund


def test_the_rest_is_refunded_and_booked_visits_are_given_back_first(cast, bought):
    done, booked = (
        acupuncture(cast, cast.maria, day="2026-11-17"),
        acupuncture(cast, cast.maria, day="2026-12-01"),
    )
    use(bought, done.parts.get())
    reserve(bought, booked.parts.get())
    assert count(bought) == {"left": 2, "reserved": 1, "used": 1, "expired": 0, "refunded": 0}
    made, freed = refunding.refund(by=cast.ana, purchase=bought, version=1, reason="moves away", now=NOW)
    assert (made.amount, freed) == (Decimal("310.00"), [booked.parts.get().pk])
    assert count(bought) == {"left": 0, "reserved": 0, "used": 1, "expired": 0, "refunded": 3}
    assert count(bought, "adjustment_visit")["refunded"] == 2
    (event,) = AuditEvent.objects.filter(verb="refund package")
    assert event.detail == {"amount": "310.00"}


def test_the_sum_is_shown_before_it_is_given(cast, bought):
    total, owed = refunding.refund_sum(bought)
    assert ([(line.name, line.used) for line in total.lines], total.amount, owed) == (
        [("Acupuncture visit", 0), ("Adjustment visit", 0)],
        Decimal(400),
        6,
    )


def test_a_package_is_refunded_once(cast, bought):
    refunding.refund(by=cast.ana, purchase=bought, version=1, reason="moves away", now=NOW)
    with pytest.raises(Refused) as refused:
        refunding.refund(by=cast.ana, purchase=bought, version=2, reason="again", now=NOW)
    assert refused.value.reasons == ["This package was refunded already. Reload the page."]
    assert Refund.objects.count() == 1


def test_a_form_filled_from_an_older_version_refunds_nothing(cast, bought):
    extending.extend(
        by=cast.ana, purchase=bought, version=1, until=date(2027, 6, 1), reason="ill", today=TODAY, now=NOW
    )
    with pytest.raises(Refused) as refused:
        refunding.refund(by=cast.ana, purchase=bought, version=1, reason="moves away", now=NOW)
    assert (refused.value.conflict, Refund.objects.count()) == (True, 0)


def test_a_used_up_package_has_nothing_to_refund(cast):
    one = sold(cast, cast.maria, price=90, contents=[{"kind": "acupuncture_visit", "visits": 1}])
    use(one, acupuncture(cast, cast.maria).parts.get())
    with pytest.raises(Refused) as refused:
        refunding.refund(by=cast.ana, purchase=one, version=1, reason="moves away", now=NOW)
    assert refused.value.reasons == ["No visit of this package is left, so there is nothing to refund."]


def test_refunding_takes_as_many_statements_whatever_there_is(cast, bought):
    def statements(purchase):
        with CaptureQueriesContext(connection) as seen:
            refunding.refund(by=cast.ana, purchase=purchase, version=1, reason="moves away", now=NOW)
        return len(seen)

    other = sold(cast, cast.tunde)
    for day in ("2026-12-01", "2026-12-02", "2026-12-03"):
        reserve(bought, acupuncture(cast, cast.maria, day=day).parts.get())
    reserve(other, acupuncture(cast, cast.tunde, day="2026-12-04").parts.get())
    assert statements(bought) == statements(other)


# Expiry


def test_what_is_left_expires_after_the_last_day_and_only_once(cast, bought):
    booked = acupuncture(cast, cast.maria, day="2027-02-21")
    reserve(bought, booked.parts.get())
    last = datetime(2027, 2, 22, 4, 59, tzinfo=NOW.tzinfo)  # 11:59 pm of the last day in Uptown
    assert expire_due(now=last) == 0
    assert expire_due(now=last + timedelta(minutes=1)) == 1
    assert count(bought) == {"left": 0, "reserved": 1, "used": 0, "expired": 3, "refunded": 0}
    assert count(bought, "adjustment_visit")["expired"] == 2
    expire_packages(days(200))
    assert CreditEntry.objects.filter(kind="expired").count() == 2


def test_a_visit_given_back_after_the_last_day_expires_with_the_next_look(cast, bought):
    booked = reserve(bought, acupuncture(cast, cast.maria, day="2027-02-21").parts.get())
    expire_due(now=days(120))
    refunding.reverse_rows([booked], by=cast.ana, now=days(121), reason="")
    assert expire_due(now=days(122)) == 1
    assert count(bought)["expired"] == 4


def test_a_refunded_package_does_not_expire(cast, bought):
    refunding.refund(by=cast.ana, purchase=bought, version=1, reason="moves away", now=NOW)
    assert expire_due(now=days(200)) == 0


# Longer


def extend(cast, bought, until, version=1, now=NOW, today=TODAY):
    return extending.extend(
        by=cast.ana, purchase=bought, version=version, until=until, reason="was ill", today=today, now=now
    )


def test_a_package_lasts_longer_with_its_reason_kept(cast, bought):
    made = extend(cast, bought, date(2027, 4, 1))
    bought.refresh_from_db()
    assert (bought.valid_until, made.was_until, made.until, made.reason) == (
        date(2027, 4, 1),
        date(2027, 2, 21),
        date(2027, 4, 1),
        "was ill",
    )
    assert count(bought)["left"] == 4


def test_expired_visits_come_back(cast, bought):
    expire_due(now=days(120))
    assert count(bought)["left"] == 0
    extend(cast, bought, date(2027, 6, 1), now=days(121), today=TODAY + timedelta(days=121))
    assert count(bought) == {"left": 4, "reserved": 0, "used": 0, "expired": 0, "refunded": 0}
    # And expire again, when that is over too.
    assert expire_due(now=days(300)) == 1
    assert count(bought)["expired"] == 4


def test_a_refunded_package_does_not_last_longer(cast, bought):
    refunding.refund(by=cast.ana, purchase=bought, version=1, reason="moves away", now=NOW)
    with pytest.raises(Refused) as refused:
        extend(cast, bought, date(2027, 4, 1), version=2)
    assert refused.value.reasons == ["This package was refunded. Sell a new one instead."]
    assert Extension.objects.count() == 0
