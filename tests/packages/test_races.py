"""Many at once after the last visit of a package: one of them gets it."""

import time
from datetime import datetime, timedelta
from unittest import mock

import pytest
from django.db import transaction
from django.utils import timezone

from clinic.refusal import Refused
from packages.actions import ledger
from packages.models import CreditEntry, Purchase
from packages.queries.balances import counts_of, records_of
from scheduling.actions.booking import Wanted, book
from scheduling.actions.ending import cancel
from scheduling.actions.locking import all_or_nothing
from scheduling.actions.settling import hold_patient, settle_open, settle_visits
from scheduling.models import Appointment, VisitPart
from tests.packages.entries import left, purchase, waiting, wrong
from tests.threads import in_threads

pytestmark = pytest.mark.alone
CLIENTS = 32
read_for_real = ledger.sources_of


def at(cast, day, hour=9, minute=0):
    return datetime(2026, 12, day, hour, minute, tzinfo=cast.uptown.tz)


def visits_of_one_person(cast):
    """As many booked visits as there are clients, none of them covered by anything."""
    service, location = cast.service("adjustment"), cast.uptown
    wanted = [
        Wanted(cast.maria, service, location, at(cast, 1 + number // 4, 9 + number % 4))
        for number in range(CLIENTS)
    ]
    for one in wanted:
        book(by=cast.ana, wanted=[one])
    return list(Appointment.objects.select_related("patient", "location"))


def spend(visit, by):
    with transaction.atomic():
        return settle_visits([visit], by=by, now=timezone.now())


def slowly(people):
    """Read what is left, and then think about it: whoever is not kept out comes between."""
    found = read_for_real(people)
    time.sleep(0.05)
    return found


def without_locks(people):
    return set(Purchase.objects.filter(patient__in=records_of(people)).values_list("pk", flat=True))


def test_of_thirty_two_that_spend_the_last_visit_one_has_it(cast, committed):
    visits, by = visits_of_one_person(cast), cast.ana
    source = purchase(cast, cast.maria, adjustment_visit=1)
    with mock.patch.object(ledger, "sources_of", slowly):
        results = in_threads([lambda visit=visit: spend(visit, by) for visit in visits])
    assert [one for one in results if isinstance(one, Exception)] == []
    assert sum(len(one.drawn) for one in results) == 1
    assert (CreditEntry.objects.filter(kind="reserved").count(), left(source)) == (1, 0)
    assert wrong() == []


def test_without_the_locks_the_same_race_spends_it_more_than_once(cast, committed):
    visits, by = visits_of_one_person(cast), cast.ana
    source = purchase(cast, cast.maria, adjustment_visit=1)
    with (
        mock.patch.object(ledger, "sources_of", slowly),
        mock.patch.object(ledger, "lock_sources", without_locks),
    ):
        in_threads([lambda visit=visit: spend(visit, by) for visit in visits])
    assert left(source) < 0
    assert wrong() != []


def test_of_thirty_two_bookings_for_the_last_visit_one_is_covered(cast, committed):
    source, by, service = purchase(cast, cast.maria, adjustment_visit=1), cast.ana, cast.service("adjustment")
    patient, location = cast.maria, cast.uptown
    starts = [at(cast, 1 + number // 4, 9 + number % 4) for number in range(CLIENTS)]
    results = in_threads(
        [
            lambda start=start: book(by=by, wanted=[Wanted(patient, service, location, start)])
            for start in starts
        ]
    )
    assert [one for one in results if isinstance(one, Exception) and not isinstance(one, Refused)] == []
    assert left(source) == 0
    assert wrong() == []


def test_of_many_canceled_at_once_none_is_covered_by_what_another_gives_back(cast, committed):
    """Half of them are covered and all but four are canceled: the four have visits, and no canceled one has."""
    by, patient = cast.ana, cast.maria
    source, visits = purchase(cast, patient, adjustment_visit=8), []
    for number in range(16):
        wanted = Wanted(
            patient, cast.service("adjustment"), cast.uptown, at(cast, 1 + number // 4, 9 + number % 4)
        )
        visits += book(by=by, wanted=[wanted])
    calls = [lambda pk=one.pk: cancel(by=by, pk=pk, reason="ill") for one in visits if one not in visits[-4:]]
    results = in_threads(calls)
    assert [one for one in results if isinstance(one, Exception)] == []
    standing = counts_of(purchases=[source.pk])[source.pk].values()
    assert [(one.left, one.reserved) for one in standing] == [(4, 4)]
    assert (wrong(), waiting(timezone.now())) == ([], [])


def test_a_package_sold_while_its_visits_are_booked_covers_all_of_them(cast, committed):
    """Whoever comes second sees what the first wrote: no visit falls between selling and booking."""
    by, service, patient, location = cast.ana, cast.service("adjustment"), cast.maria, cast.uptown

    @all_or_nothing
    def sell():
        hold_patient(patient)
        made = purchase(cast, patient, adjustment_visit=20)
        time.sleep(0.05)
        settle_open(patient=patient, by=by)
        return made

    starts = [at(cast, 1) + timedelta(hours=number) for number in range(7)]
    calls = [
        lambda start=start: book(by=by, wanted=[Wanted(patient, service, location, start)])
        for start in starts
    ]
    results = in_threads([*calls[:4], sell, *calls[4:]])
    assert [one for one in results if isinstance(one, Exception)] == []
    standing = CreditEntry.objects.filter(kind="reserved").values_list("visitpart", flat=True)
    assert set(standing) == set(VisitPart.objects.values_list("pk", flat=True))
    assert wrong() == []
