"""Two who do the same at once: one does it, the other reads why not."""

import pytest

from clinic.refusal import Refused
from messaging.models import StaffTask
from packages.actions import authorizations, refunding
from packages.models import AuthorizationEntry, CreditEntry, MoreVisits, Refund
from tests.cast import NOW
from tests.packages.rows import acupuncture, approved, sold, use
from tests.threads import in_threads

pytestmark = pytest.mark.alone
SMALL = [{"kind": "acupuncture_visit", "visits": 4}]


def test_a_package_is_refunded_by_one_of_eight(cast, committed):
    bought, by = sold(cast, cast.maria, price=360, contents=SMALL), cast.ana

    def refund():
        try:
            return refunding.refund(by=by, purchase=bought, version=1, reason="moves", now=NOW)[0].amount
        except Refused as refused:
            return refused.conflict

    results = in_threads([refund] * 8)
    assert sorted(map(str, results)) == ["360.00", *["True"] * 7]
    assert Refund.objects.count() == CreditEntry.objects.filter(kind="refunded").count() == 1


def test_more_visits_are_asked_for_once_by_eight(cast, committed):
    row = approved(cast, cast.maria, visits=3)
    for day in ("2026-12-01", "2026-12-02"):
        use(row, acupuncture(cast, cast.maria, day=day).parts.get(), model=AuthorizationEntry)
    in_threads([lambda: authorizations.ask_for_more(authorizations=[row.pk], now=NOW)] * 8)
    assert MoreVisits.objects.count() == StaffTask.objects.filter(kind="more_visits").count() == 1
