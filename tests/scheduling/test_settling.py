"""After each verb on a visit its package visits and approved visits stand as the visit does."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.urls import reverse

from clinic.timespan import TimeSpan
from frontdesk.actions.merging import merge, undo_merge
from messaging.models import OutboxMessage
from packages.models import AuthorizationEntry, CreditEntry, MoreVisits
from packages.queries.balances import counts_of
from scheduling.actions.absences import propose, record_absence
from scheduling.actions.booking import Wanted, book
from scheduling.actions.calls import answer, take_back
from scheduling.actions.ending import cancel, part_not_done
from scheduling.actions.holding import confirm_hold, expire_holds
from scheduling.actions.moving import move
from scheduling.actions.past import it_happened
from scheduling.actions.series import book_series, cancel_series
from scheduling.actions.settling import settle_open, settle_visits
from scheduling.actions.steps import check_in, leave_untreated, take_step
from scheduling.actions.undoing import undo
from scheduling.models import Appointment, PartStatus, Status
from scheduling.rules.life import NEXT_STATUSES
from scheduling.rules.payment import wanted as wanted_of
from tests.cast import NOW
from tests.packages.entries import ACU, ADJ, authorization, kind, left, policy, purchase, wrong
from tests.scheduling.test_book_page import PANEL, plain

pytestmark = pytest.mark.django_db


def at(cast, hour, minute=0, day=27):
    return datetime(2026, 11, day, hour, minute, tzinfo=cast.uptown.tz)


def wanted(cast, *, key="acupuncture_follow_up", patient=None, hour=9, day=27, **more):
    return Wanted(patient or cast.maria, cast.service(key), cast.uptown, at(cast, hour, day=day), **more)


def booked(cast, *, held=False, **more):
    (visit,) = book(by=cast.ana, wanted=[wanted(cast, **more)], held=held)
    return visit


def kinds(source):
    """The entries since the grant, as a bag: the clock of a test stands still."""
    return sorted(source.entries.exclude(kind="granted").values_list("kind", flat=True))


def counts(source, key=ACU):
    (by_kind,) = counts_of(purchases=[source.pk], authorizations=[source.pk]).values()
    found = by_kind.get(kind(key).pk) or by_kind[None]
    return found.left, found.reserved, found.used


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("part", PartStatus)
@pytest.mark.parametrize("takes", [False, True])
def test_what_a_part_should_draw_on_from_how_its_visit_stands(status, part, takes):
    expected = {
        Status.HELD: "nothing",
        Status.EXPIRED: "nothing",
        Status.BOOKED: "nothing" if part == PartStatus.NOT_DONE else "reserved",
        Status.ARRIVED: "nothing" if part == PartStatus.NOT_DONE else "reserved",
        Status.IN_TREATMENT: "nothing" if part == PartStatus.NOT_DONE else "reserved",
        Status.COMPLETED: "consumed" if part == PartStatus.DONE else "nothing",
        Status.CANCELLED: "consumed" if takes and part != PartStatus.NOT_DONE else "nothing",
        Status.NO_SHOW: "consumed" if takes and part != PartStatus.NOT_DONE else "nothing",
    }
    assert set(expected) == set(NEXT_STATUSES)
    assert wanted_of(status, part, takes) == expected[status]


def test_booking_reserves_and_canceling_gives_back(cast, now):
    source = purchase(cast, cast.maria, acupuncture_visit=3)
    visit = booked(cast)
    assert counts(source) == (2, 1, 0)
    cancel(by=cast.ana, pk=visit.pk, reason="ill")
    assert counts(source) == (3, 0, 0)
    assert kinds(source) == ["released", "reserved"]
    assert wrong() == []


def test_a_visit_of_two_parts_draws_on_both_kinds_of_its_package(cast, now):
    source = purchase(cast, cast.maria, acupuncture_visit=3, adjustment_visit=3)
    booked(cast, key="acupuncture_adjustment")
    assert (counts(source), counts(source, ADJ)) == ((2, 1, 0), (2, 1, 0))


def test_each_part_has_one_source_the_approval_before_the_package(cast, now):
    package = purchase(cast, cast.maria, acupuncture_visit=3, adjustment_visit=3)
    approved = authorization(cast, cast.maria, 12)
    booked(cast, key="acupuncture_adjustment")
    assert counts(approved) == (11, 1, 0)
    assert (counts(package), counts(package, ADJ)) == ((3, 0, 0), (2, 1, 0))
    assert wrong() == []


def test_the_package_that_ends_soonest_is_used_first(cast, now):
    later = purchase(cast, cast.maria, until="2027-06-30", acupuncture_visit=1)
    sooner = purchase(cast, cast.maria, until="2026-12-31", acupuncture_visit=1)
    booked(cast)
    assert (left(later), left(sooner)) == (1, 0)


def test_a_hold_takes_nothing_until_it_is_a_booking_and_undoing_gives_it_back(cast, now):
    source = purchase(cast, cast.maria, acupuncture_visit=1)
    visit = booked(cast, held=True)
    assert kinds(source) == []
    change = confirm_hold(by=cast.ana, pk=visit.pk)
    assert counts(source) == (0, 1, 0)
    undo(by=cast.ana, change_pk=change.pk)
    assert counts(source) == (1, 0, 0)
    with time_machine.travel(NOW + timedelta(hours=1), tick=False):
        expire_holds()
    assert counts(source) == (1, 0, 0)


def test_moving_keeps_the_entry_and_moving_past_the_last_day_gives_it_back(cast, now):
    source = purchase(cast, cast.maria, until="2026-11-28", acupuncture_visit=1)
    visit = booked(cast)
    move(by=cast.ana, pk=visit.pk, starts_at=at(cast, 10, day=28))
    assert kinds(source) == ["reserved"]
    change = move(by=cast.ana, pk=visit.pk, starts_at=at(cast, 10, day=29))
    assert kinds(source) == ["released", "reserved"]
    undo(by=cast.ana, change_pk=change.pk)
    assert counts(source) == (0, 1, 0)
    assert wrong() == []


def test_moved_past_the_last_day_of_one_package_it_draws_on_the_next(cast, now):
    first = purchase(cast, cast.maria, until="2026-11-28", acupuncture_visit=1)
    second = purchase(cast, cast.maria, until="2026-12-28", acupuncture_visit=1)
    visit = booked(cast)
    assert (left(first), left(second)) == (0, 1)
    move(by=cast.ana, pk=visit.pk, starts_at=at(cast, 10, day=29))
    assert (left(first), left(second)) == (1, 0)


def test_a_part_that_will_not_happen_gives_its_visit_back(cast, now):
    source = purchase(cast, cast.maria, acupuncture_visit=1, adjustment_visit=1)
    visit = booked(cast, key="acupuncture_adjustment")
    change = part_not_done(
        by=cast.ana, pk=visit.pk, part=visit.parts.get(discipline__key="chiropractic").pk, reason="unwell"
    )
    assert (counts(source), counts(source, ADJ)) == ((0, 1, 0), (1, 0, 0))
    undo(by=cast.ana, change_pk=change.pk)
    assert counts(source, ADJ) == (0, 1, 0)


def test_check_out_uses_up_what_was_done_and_gives_back_the_rest_and_its_undo_reserves_again(cast, now):
    source = purchase(cast, cast.maria, acupuncture_visit=2, adjustment_visit=2)
    visit = treated(cast, key="adjustment_acupuncture")
    assert (counts(source), counts(source, ADJ)) == ((1, 1, 0), (1, 1, 0))
    change = leave_untreated(by=cast.ana, pk=visit.pk, reason="no time")
    assert (counts(source), counts(source, ADJ)) == ((2, 0, 0), (1, 0, 1))
    undo(by=cast.ana, change_pk=change.pk)
    assert (counts(source), counts(source, ADJ)) == ((1, 1, 0), (1, 1, 0))
    assert wrong() == []


def treated(cast, *, key):
    """A visit of today that is on: its adjustment is done, what else it has is not."""
    visit = booked(cast, key=key, hour=11, day=24, walk_in=True)
    check_in(by=cast.ana, pk=visit.pk, checked_another_way=True)
    part = visit.parts.get(discipline__key="chiropractic")
    for what in ("in_room", "start", "done"):
        take_step(by=cast.daniel, pk=visit.pk, what=what, part=part.pk)
    return visit


def test_a_visit_entered_later_uses_one_up_that_was_valid_that_day(cast, now):
    source = purchase(cast, cast.maria, start="2026-11-20", acupuncture_visit=2)
    for day in (19, 23):
        made = wanted(cast, day=day, practitioners=(cast.mei.practitioner.pk,), rooms=(cast.room_1.pk,))
        it_happened(by=cast.ana, wanted=made, reason="computer was down")
    assert counts(source) == (1, 0, 1)


def test_a_series_draws_the_last_ones_for_its_first_visits(cast, now):
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    many = [wanted(cast, day=day) for day in (25, 26, 27)]
    series = book_series(by=cast.ana, wanted=many, weekdays=[2, 3, 4], wall_time=at(cast, 9).time())
    days = CreditEntry.objects.filter(kind="reserved").values_list("visitpart", flat=True)
    drawn = Appointment.objects.filter(parts__in=list(days)).values_list("wall_date__day", flat=True)
    assert sorted(drawn) == [25, 26]
    visits = list(Appointment.objects.filter(series=series).select_related("patient", "location"))
    cancel_series(by=cast.ana, series=series, visits=visits, reason="ill")
    assert counts(source) == (2, 0, 0)


def test_a_family_booked_together_draws_each_on_their_own(cast, now):
    hers, theirs = (
        purchase(cast, cast.maria, acupuncture_visit=1),
        purchase(cast, cast.iris, adjustment_visit=1),
    )
    book(by=cast.ana, wanted=[wanted(cast), wanted(cast, patient=cast.iris, key="adjustment")])
    assert (left(hers), left(theirs)) == (0, 0)
    assert wrong() == []


def test_settling_again_writes_nothing(cast, now):
    purchase(cast, cast.maria, acupuncture_visit=3)
    visit = booked(cast)
    before = CreditEntry.objects.count()
    settle_visits([visit], by=cast.ana, now=now)
    settle_open(patient=cast.maria, by=cast.ana, now=now)
    assert CreditEntry.objects.count() == before


def test_a_package_sold_afterwards_covers_the_visits_of_today_and_later(cast, now):
    visit, later = booked(cast, key="adjustment", hour=11, day=24), booked(cast, key="adjustment", day=28)
    source = purchase(cast, cast.maria, adjustment_visit=5)
    settled = settle_open(patient=cast.maria, by=cast.ana, now=now)
    assert counts(source, ADJ) == (3, 2, 0)
    assert set(settled.drawn) == {visit.parts.get().pk, later.parts.get().pk}


@pytest.mark.parametrize("visits", [1, 4])
def test_statements_do_not_grow_with_visits(cast, now, django_assert_num_queries, visits):
    rows = [
        booked(cast, key="adjustment_acupuncture", hour=8 + 2 * number, day=30) for number in range(visits)
    ]
    purchase(cast, cast.maria, adjustment_visit=10)
    authorization(cast, cast.maria, 20)
    with django_assert_num_queries(12):  # five of them look whether more visits have to be asked for
        settle_visits(rows, by=cast.ana, now=now)
    assert CreditEntry.objects.filter(kind="reserved").count() == visits
    assert AuthorizationEntry.objects.filter(kind="reserved").count() == visits


def test_whoever_has_no_package_costs_four_statements(cast, now, django_assert_num_queries):
    visit = booked(cast)
    with django_assert_num_queries(4):
        settle_visits([visit], by=cast.ana, now=now)


# What the visit's page says


def paid(client, visit):
    return client.get(reverse("scheduling:visit", args=[visit.pk]), headers=PANEL).context["paid"]


def test_the_page_of_a_visit_says_what_pays_for_each_part(cast, client_of):
    purchase(cast, cast.maria, adjustment_visit=1)
    authorization(cast, cast.maria, 1)
    client, visit = client_of(cast.ana), booked(cast, key="acupuncture_adjustment")
    assert paid(client, visit) == "Acupuncture: insurance · Adjustment: package"
    assert paid(client, booked(cast, key="adjustment", hour=15)) == "Adjustment: singly"
    cancel(by=cast.ana, pk=visit.pk, reason="ill")
    assert paid(client, visit) == ""


def test_moved_out_of_what_was_approved_the_mail_says_so_first(cast, now):
    authorization(cast, cast.maria, 1, until="2026-11-28")
    visit = booked(cast)
    move(by=cast.ana, pk=visit.pk, starts_at=at(cast, 10, day=29))
    body = OutboxMessage.objects.get(kind="moved").body
    assert body.split("\n\n")[1] == (
        "Your insurance does not cover the acupuncture visit of this appointment. Ask us what it costs."
    )


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-11-28", ""),
        ("2026-11-29", "At this time neither a package nor insurance covers the acupuncture visit any more."),
    ],
)
def test_the_panel_that_moves_says_what_is_lost_there(cast, client_of, day, said):
    purchase(cast, cast.maria, until="2026-11-28", acupuncture_visit=1)
    visit = booked(cast)
    address = reverse("scheduling:move", args=[visit.pk])
    shown = client_of(cast.ana).get(address, {"date": day, "time": "10:00"}, headers=PANEL)
    assert shown.context["chosen"]["uses"] == [("", said)]
    assert (said in plain(shown.content.decode())) is True


def test_two_left_of_what_was_approved_asks_for_more(cast, now):
    approved = authorization(cast, cast.maria, 3)
    booked(cast)
    assert MoreVisits.objects.get().authorization == approved
    booked(cast, hour=15)
    assert MoreVisits.objects.count() == 1


def test_more_is_not_asked_for_while_there_is_enough(cast, now):
    authorization(cast, cast.maria, 4)
    booked(cast)
    assert MoreVisits.objects.count() == 0


# Records that become one


def merged_records(cast, kept, merged):
    versions = {one.pk: one.version for one in (kept, merged)}
    return merge(
        by=cast.olive, request_key=None, kept=kept.pk, merged=merged.pk, versions=versions, chosen={}
    )


def test_merged_records_draw_on_what_either_bought_and_part_with_their_own(cast, now):
    hers = purchase(cast, cast.maria, acupuncture_visit=2)
    visit = booked(cast, patient=cast.marta)
    assert left(hers) == 2
    made = merged_records(cast, cast.maria, cast.marta)
    assert counts(hers) == (1, 1, 0)
    visit.refresh_from_db()
    assert visit.patient_id == cast.maria.pk
    undo_merge(by=cast.olive, request_key=None, pk=made.pk)
    assert counts(hers) == (2, 0, 0)
    assert wrong() == []


def test_a_visit_of_last_week_that_nobody_ended_parts_with_what_the_other_bought(cast, now):
    hers = purchase(cast, cast.maria, acupuncture_visit=2)
    with time_machine.travel(now - timedelta(hours=12), tick=False):
        forgotten = booked(cast, patient=cast.marta, day=24, hour=9)
    made = merged_records(cast, cast.maria, cast.marta)
    assert counts(hers) == (1, 1, 0)
    with time_machine.travel(now + timedelta(days=6), tick=False):
        undo_merge(by=cast.olive, request_key=None, pk=made.pk)
    forgotten.refresh_from_db()
    assert (forgotten.patient_id, forgotten.status) == (cast.marta.pk, "booked")
    assert (counts(hers), wrong()) == ((2, 0, 0), [])


def test_a_visit_that_moves_with_its_record_keeps_its_entry(cast, now):
    theirs = purchase(cast, cast.marta, acupuncture_visit=2)
    booked(cast, patient=cast.marta)
    made = merged_records(cast, cast.maria, cast.marta)
    assert kinds(theirs) == ["reserved"]
    undo_merge(by=cast.olive, request_key=None, pk=made.pk)
    assert counts(theirs) == (1, 1, 0)
    assert wrong() == []


def test_visits_of_a_call_list_keep_what_they_draw_on(cast, now):
    """Somebody is away: the proposal draws on nothing, and the visit that moves to it keeps its entry."""
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    visit = booked(cast, practitioners=(cast.mei.practitioner.pk,))
    day = TimeSpan(at(cast, 0), at(cast, 23))
    absence = record_absence(by=cast.ana, practitioner=cast.mei.practitioner, span=day, kind="sick")
    (call,) = propose(by=cast.ana, cause=absence)
    assert call.proposal is not None
    assert counts(source) == (1, 1, 0)
    answer(by=cast.ana, pk=call.pk, wanted="agreed", version=call.version)
    assert counts(source) == (1, 1, 0)
    assert set(source.entries.exclude(kind="granted").values_list("visitpart", flat=True)) == {
        visit.parts.get().pk
    }


def test_what_is_canceled_from_a_call_list_is_not_held_against_the_patient(cast, now):
    policy(cast, late_hours=100)
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    booked(cast, practitioners=(cast.mei.practitioner.pk,))
    day = TimeSpan(at(cast, 0), at(cast, 23))
    absence = record_absence(by=cast.ana, practitioner=cast.mei.practitioner, span=day, kind="sick")
    (call,) = propose(by=cast.ana, cause=absence)
    answered = answer(by=cast.ana, pk=call.pk, wanted="cancelled", version=call.version)
    assert counts(source) == (2, 0, 0)
    take_back(by=cast.ana, pk=answered.pk, version=answered.version)
    assert counts(source) == (1, 1, 0)
    assert wrong() == []
