"""Visits of packages that come back: others take them, and what comes back to a package that is over leaves it."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from clinic.submissions import new_key
from frontdesk.actions.merging import undo_merge
from frontdesk.actions.selling import and_settle
from messaging.models import OutboxMessage, StaffTask
from packages.actions import authorizations, extending, refunding
from packages.actions.expiring import expire_due
from packages.models import CreditEntry, MoreVisits
from packages.queries.balances import counts_of, liability
from packages.queries.refunds import due_of
from scheduling.actions.ending import cancel, no_show, part_not_done
from scheduling.actions.moving import move
from scheduling.actions.policy import waive
from scheduling.actions.series import book_series, cancel_series
from scheduling.actions.settling import settle_visits
from scheduling.actions.steps import leave_untreated
from scheduling.actions.undoing import undo
from scheduling.models import Appointment, Change
from scheduling.queries.gained import gained_by
from scheduling.rules.payment import waived_in_words
from tests.cast import NOW
from tests.packages.entries import ACU, ADJ, authorization, kind, left, policy, purchase, waiting, wrong
from tests.scheduling.test_book_page import PANEL
from tests.scheduling.test_settling import at, booked, counts, kinds, merged_records, treated, wanted

pytestmark = pytest.mark.django_db


def later(minutes=0, *, days=0):
    """Another clock: each step of what happens has an instant of its own."""
    return time_machine.travel(NOW + timedelta(minutes=minutes, days=days), tick=False)


def covered(*visits):
    """For each visit, how many of its parts draw on something."""
    return [
        sum(
            model.filter(
                visitpart__in=list(visit.parts.values_list("pk", flat=True)), kind="reserved"
            ).count()
            - model.filter(
                visitpart__in=list(visit.parts.values_list("pk", flat=True)), reverses__kind="reserved"
            ).count()
            for model in (CreditEntry.objects, authorizations.AuthorizationEntry.objects)
        )
        for visit in visits
    ]


# What became free is taken by others


def three_for_one(cast, **more):
    """One visit paid for and three booked: the first has it, the others are of the 29th and, booked last, the 28th."""
    source = purchase(cast, cast.maria, acupuncture_visit=1)
    return source, booked(cast, day=27, **more), booked(cast, day=29), booked(cast, day=28)


def test_what_a_cancellation_gives_back_covers_the_soonest_visit_that_had_nothing(cast, now):
    source, first, last, middle = three_for_one(cast)
    assert covered(first, middle, last) == [1, 0, 0]
    cancel(by=cast.ana, pk=first.pk, reason="ill")
    assert covered(first, middle, last) == [0, 1, 0]
    assert (counts(source), wrong(), waiting(now)) == ((0, 1, 0), [], [])


def test_what_a_record_that_was_merged_gives_back_covers_visits_of_the_one_that_was_kept(cast, now):
    """What has begun when two records become one stays where it is; what is to come moves."""
    with later(days=-1):
        of_marta = booked(cast, patient=cast.marta, day=24, hour=9)
    purchase(cast, cast.maria, acupuncture_visit=1)
    merged_records(cast, cast.maria, cast.marta)
    of_marta.refresh_from_db()
    of_maria = booked(cast, day=28)
    assert (of_marta.patient_id, covered(of_marta, of_maria)) == (cast.marta.pk, [1, 0])
    cancel(by=cast.ana, pk=of_marta.pk, reason="ill")
    assert covered(of_marta, of_maria) == [0, 1]
    assert (wrong(), waiting(now)) == ([], [])


def test_undoing_takes_it_from_there_again(cast, now):
    source, first, last, middle = three_for_one(cast)
    with later(1):
        change = cancel(by=cast.ana, pk=first.pk, reason="ill")
    with later(2):
        undo(by=cast.ana, change_pk=change.pk)
    assert covered(first, middle, last) == [1, 0, 0]
    assert (counts(source), wrong()) == ((0, 1, 0), [])


def test_undoing_leaves_to_the_others_what_it_does_not_need(cast, now):
    """Another package was sold meanwhile: both are covered, and the one keeps what it has."""
    source, first, last, _middle = three_for_one(cast)
    with later(1):
        change = cancel(by=cast.ana, pk=first.pk, reason="ill")
    entries = source.entries.count()
    purchase(cast, cast.maria, until="2026-12-31", acupuncture_visit=2)
    with later(2):
        undo(by=cast.ana, change_pk=change.pk)
    assert (source.entries.count(), covered(first, last)) == (entries, [1, 1])
    assert (wrong(), waiting(NOW)) == ([], [])


def test_what_was_drawn_before_the_change_is_not_given_up_by_its_undo(cast, now):
    source = purchase(cast, cast.maria, until="2026-11-28", acupuncture_visit=1)
    visit = booked(cast, day=27)
    with later(1):
        away = move(by=cast.ana, pk=visit.pk, starts_at=at(cast, 10, day=29))
    with later(2):
        other = booked(cast, day=26)
    with later(3):
        undo(by=cast.ana, change_pk=away.pk)
    assert (covered(visit, other), left(source)) == ([0, 1], 0)


def test_moved_past_the_last_day_its_visit_is_taken_by_another(cast, now):
    purchase(cast, cast.maria, until="2026-11-28", acupuncture_visit=1)
    first, second = booked(cast, day=27), booked(cast, day=28)
    move(by=cast.ana, pk=first.pk, starts_at=at(cast, 10, day=29))
    assert covered(first, second) == [0, 1]


def test_a_part_not_done_gives_its_visit_to_another(cast, now):
    purchase(cast, cast.maria, acupuncture_visit=1, adjustment_visit=1)
    first, second = booked(cast, key="acupuncture_adjustment"), booked(cast, key="adjustment", hour=15)
    part = first.parts.get(discipline__key="chiropractic")
    part_not_done(by=cast.ana, pk=first.pk, part=part.pk, reason="unwell")
    assert covered(first, second) == [1, 1]


def test_parts_left_out_at_check_out_give_theirs_to_another(cast, now):
    purchase(cast, cast.maria, acupuncture_visit=1, adjustment_visit=1)
    visit, second = treated(cast, key="adjustment_acupuncture"), booked(cast)
    assert covered(second) == [0]
    leave_untreated(by=cast.ana, pk=visit.pk, reason="no time")
    assert covered(second) == [1]


def test_what_the_policy_uses_up_is_not_free(cast, now):
    policy(cast, late_hours=100)
    source, first, _last, middle = three_for_one(cast)
    cancel(by=cast.ana, pk=first.pk, reason="ill")
    assert (counts(source), covered(middle)) == ((0, 0, 1), [0])
    waive(by=cast.ana, pk=first.pk, reason="in hospital")
    assert (counts(source), covered(middle)) == ((0, 1, 0), [1])


def test_what_an_insurer_pays_for_is_taken_by_the_next_visit_too(cast, now):
    approved = authorization(cast, cast.maria, 1)
    first = booked(cast)
    second = booked(cast, hour=15, beyond_reason="she pays herself")
    cancel(by=cast.ana, pk=first.pk, reason="ill")
    assert (counts(approved), covered(second)) == ((0, 1, 0), [1])


def test_more_approved_covers_what_was_booked_beyond(cast, now):
    approved = authorization(cast, cast.maria, 1)
    booked(cast)
    second = booked(cast, hour=15, beyond_reason="she pays herself")
    values = {"version": approved.version, "visits": 2, "reason": "letter of the 24th"}
    and_settle(
        authorizations.change_visits,
        patient=cast.maria,
        by=cast.ana,
        now=now,
        about={"authorization": approved},
        **values,
    )
    assert (counts(approved), covered(second)) == ((0, 2, 0), [1])


def test_a_package_that_lasts_longer_covers_what_lies_within_now(cast, now):
    source = purchase(cast, cast.maria, until="2026-11-26", acupuncture_visit=1)
    visit = booked(cast)
    values = {
        "version": source.version,
        "until": date(2026, 12, 1),
        "reason": "ill",
        "today": date(2026, 11, 24),
    }
    and_settle(
        extending.extend, patient=cast.maria, by=cast.ana, now=now, about={"purchase": source}, **values
    )
    assert covered(visit) == [1]


def test_only_visits_to_come_of_the_same_person_take_it(cast, now):
    source = purchase(cast, cast.maria, acupuncture_visit=1)
    first = booked(cast, hour=15)
    held, hers = booked(cast, held=True, day=28), booked(cast, patient=cast.iris, day=28)
    gone = booked(cast, day=30)
    cancel(by=cast.ana, pk=gone.pk, reason="ill")
    cancel(by=cast.ana, pk=first.pk, reason="ill")
    assert (covered(held, hers, gone), left(source)) == ([0, 0, 0], 1)


def test_the_mail_of_a_cancellation_speaks_of_its_own_visit_alone(cast, now):
    policy(cast)
    _source, first, _last, middle = three_for_one(cast)
    cancel(by=cast.ana, pk=first.pk, reason="ill")
    assert covered(middle) == [1]
    assert "package" not in OutboxMessage.objects.get(kind="cancelled").body


def test_a_series_that_is_canceled_hands_nothing_on_between_its_own_visits(cast, now):
    source = purchase(cast, cast.maria, acupuncture_visit=1)
    many = [wanted(cast, day=day) for day in (25, 26, 27)]
    series = book_series(by=cast.ana, wanted=many, weekdays=[2, 3, 4], wall_time=at(cast, 9).time())
    outside = booked(cast, day=30)
    visits = list(Appointment.objects.filter(series=series).select_related("patient").order_by("starts_at"))
    cancel_series(by=cast.ana, series=series, visits=visits, reason="ill")
    assert kinds(source) == ["released", "reserved", "reserved"]
    assert (covered(*visits), covered(outside)) == ([0, 0, 0], [1])


@pytest.mark.parametrize("waits", [1, 5])
def test_statements_do_not_grow_with_the_visits_that_wait(cast, now, django_assert_num_queries, waits):
    purchase(cast, cast.maria, acupuncture_visit=waits)
    rows = [booked(cast, day=25 + n // 6, hour=9 + n % 6) for n in range(2 * waits)]
    ended = rows[:waits]
    for visit in ended:
        visit.status = "cancelled"
        visit.save()
    with django_assert_num_queries(7):  # one of them looks what the policy took
        settle_visits(ended, by=cast.ana, now=now)
    assert covered(*rows) == [0] * waits + [1] * waits


# What the desk reads


def toasts(client, visit, name, **values):
    """What the page that comes after a verb says."""
    visit.refresh_from_db()
    data = {"version": visit.version, "request_key": new_key(), **values}
    url = reverse(f"scheduling:{name}", args=[visit.pk])
    answer = client.post(url, data, headers=PANEL, follow=True)
    return [re.sub("<[^>]*>", " ", str(one)).split("Undo")[0] for one in answer.context["messages"]]


def test_the_desk_reads_which_visit_is_covered_now(cast, client_of, django_assert_num_queries):
    _source, first, last, middle = three_for_one(cast)
    client = client_of(cast.ana)
    with later(1):
        assert " ".join(toasts(client, first, "cancel", tapped="ill")[0].split()) == (
            "Canceled for Maria. What became free covers the visit on Sat Nov 28 now."
        )
    with later(2):
        assert " ".join(toasts(client, last, "cancel", tapped="ill")[0].split()) == "Canceled for Maria."
    change = Change.objects.select_related("appointment").get(appointment=first, verb="cancel")
    with django_assert_num_queries(1):
        assert gained_by(change) == [middle.wall_date]


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        (set(), "Waived for Maria. The visits are back."),
        (
            {"expired"},
            "Waived for Maria. The package is past its last day: make it last longer, and the visits are back.",
        ),
        (
            {"expired", "refunded"},
            "Waived for Maria. The package was refunded before: their account says what is owed besides.",
        ),
    ],
)
def test_what_a_waiver_comes_to_in_words(ways, said):
    assert waived_in_words("Maria", ways) == said


def test_a_waiver_of_a_refunded_package_does_not_say_that_the_visit_is_back(cast, client_of, now):
    _source, visit, _made = missed_and_refunded(cast, now)
    assert toasts(client_of(cast.ana), visit, "waive", reason="in hospital") == [
        "Waived for Maria. The package was refunded before: their account says what is owed besides."
    ]


# What comes back to a package that was refunded


def refunded(cast, source, now, patient=None):
    source.refresh_from_db()
    made, _freed = and_settle(
        refunding.refund,
        patient=patient or cast.maria,
        by=cast.ana,
        now=now,
        about={"purchase": source},
        version=source.version,
        reason="moves away",
    )
    return made


def counted(source, key=ACU):
    one = counts_of(purchases=[source.pk])[source.pk][kind(key).pk]
    return {
        name: getattr(one, name)
        for name in ("left", "reserved", "used", "expired", "refunded")
        if getattr(one, name)
    }


def missed_and_refunded(cast, now, price="400.00"):
    """Three visits, one of them used up by the policy, the rest given back."""
    policy(cast, late_hours=100)
    source = purchase(cast, cast.maria, price=price, acupuncture_visit=3)
    visit = booked(cast)
    cancel(by=cast.ana, pk=visit.pk, reason="ill")
    return source, visit, refunded(cast, source, now)


def test_waived_after_the_refund_the_visit_is_refunded_too_and_the_sum_is_a_to_do(cast, now):
    source, visit, made = missed_and_refunded(cast, now)
    assert (made.amount, counted(source)) == (Decimal(300), {"used": 1, "refunded": 2})
    with later(1):
        waive(by=cast.ana, pk=visit.pk, reason="in hospital")
    assert counted(source) == {"refunded": 3}
    assert (due_of([source.pk]), liability()) == ({source.pk: Decimal(100)}, [])
    task = StaffTask.objects.get(kind="refund_more")
    assert (task.title, task.patient) == (
        "Give back $100.00 more of “Ten visits”: a visit came back",
        cast.maria.pk,
    )
    row = CreditEntry.objects.get(kind="refunded", visitpart__isnull=False)
    assert (row.visitpart, row.quantity, row.reason) == (
        visit.parts.get().pk,
        -1,
        "came back after the refund",
    )
    assert (wrong(), waiting(now)) == ([], [])


def test_of_records_that_were_one_for_a_while_the_package_still_gets_back_what_was_drawn(cast, now):
    """Maria's visit drew on Marta's package while the records were one; they are apart when it is waived."""
    policy(cast, late_hours=100)
    source = purchase(cast, cast.marta, price="400.00", acupuncture_visit=3)
    made = merged_records(cast, cast.maria, cast.marta)
    visit = booked(cast)
    cancel(by=cast.ana, pk=visit.pk, reason="ill")
    undo_merge(by=cast.olive, request_key=None, pk=made.pk)
    refunded(cast, source, now, cast.marta)
    assert counted(source) == {"used": 1, "refunded": 2}
    with later(1):
        waive(by=cast.ana, pk=visit.pk, reason="in hospital")
    assert counted(source) == {"refunded": 3}
    assert StaffTask.objects.get(kind="refund_more").patient == cast.marta.pk
    assert (wrong(), waiting(now)) == ([], [])


def test_before_the_waiver_the_past_says_what_it_said(cast, now):
    source, visit, _made = missed_and_refunded(cast, now)
    with later(5):
        waive(by=cast.ana, pk=visit.pk, reason="in hospital")
    then = counts_of(purchases=[source.pk], at=NOW + timedelta(minutes=4))[source.pk][kind(ACU).pk]
    assert (then.left, then.used, then.refunded) == (0, 1, 2)


def test_where_nothing_was_taken_off_for_it_nothing_more_is_owed(cast, now):
    source, visit, made = missed_and_refunded(cast, now, price="0.00")
    waive(by=cast.ana, pk=visit.pk, reason="in hospital")
    assert (made.amount, counted(source), StaffTask.objects.count()) == (0, {"refunded": 3}, 0)


def test_a_check_out_undone_after_the_refund_keeps_its_visit_and_may_be_done_again(cast, now):
    source = purchase(cast, cast.maria, price="400.00", acupuncture_visit=1, adjustment_visit=2)
    visit = treated(cast, key="adjustment_acupuncture")
    change = leave_untreated(by=cast.ana, pk=visit.pk, reason="no time")
    made = refunded(cast, source, now)
    assert (made.amount, counted(source, ADJ)) == (Decimal(300), {"used": 1, "refunded": 1})
    undo(by=cast.ana, change_pk=change.pk)
    assert counted(source, ADJ) == {"reserved": 1, "refunded": 1}
    assert due_of([source.pk]) == {source.pk: Decimal(0)}
    leave_untreated(by=cast.ana, pk=visit.pk, reason="no time")
    assert counted(source, ADJ) == {"used": 1, "refunded": 1}
    assert (wrong(), StaffTask.objects.filter(kind="refund_more").count()) == ([], 0)


def test_of_a_refunded_package_nothing_comes_again(cast, now):
    source, visit, _made = missed_and_refunded(cast, now)
    waive(by=cast.ana, pk=visit.pk, reason="in hospital")
    change = Change.objects.get(verb="cancel")
    undo(by=cast.ana, change_pk=change.pk)
    assert (covered(visit), counted(source)) == ([0], {"refunded": 3})


def test_booked_visits_of_a_refunded_package_draw_on_another_or_stay_uncovered(cast, now):
    first = purchase(cast, cast.maria, until="2026-12-01", acupuncture_visit=2)
    other = purchase(cast, cast.maria, until="2026-12-31", acupuncture_visit=1)
    rows = [booked(cast, day=27), booked(cast, day=28)]
    assert (left(first), left(other)) == (0, 1)
    refunded(cast, first, now)
    assert (covered(*rows), counted(first), counted(other)) == ([1, 0], {"refunded": 2}, {"reserved": 1})


def test_the_account_says_what_is_owed_besides(cast, client_of):
    with later(0):
        source, visit, _made = missed_and_refunded(cast, NOW)
        waive(by=cast.ana, pk=visit.pk, reason="in hospital")
        page = client_of(cast.ana).get(reverse("frontdesk:account", args=[cast.maria.pk]))
    words = " ".join(page.content.decode().split())
    assert "$300.00 given back Nov 24, 2026 · <b>$100.00 more for what came back since</b>" in words
    assert source.name in words


# What comes back to a package that has expired


def expired_with_a_missed_visit(cast):
    """The last day is the day of the visit, which was missed by the policy; the rest has expired."""
    policy(cast)
    source = purchase(cast, cast.maria, until="2026-11-27", acupuncture_visit=3)
    visit = booked(cast)
    with later(days=3, minutes=60):
        no_show(by=cast.ana, pk=visit.pk)
    with later(days=4):
        expire_due(now=NOW + timedelta(days=4))
    assert counted(source) == {"used": 1, "expired": 2}
    return source, visit


def test_waived_after_the_last_day_it_expires_at_once_and_comes_back_when_it_lasts_longer(cast, now):
    source, visit = expired_with_a_missed_visit(cast)
    with later(days=5):
        waive(by=cast.ana, pk=visit.pk, reason="in hospital")
    assert counted(source) == {"expired": 3}
    row = CreditEntry.objects.get(kind="expired", visitpart__isnull=False)
    assert (row.visitpart, row.reason) == (visit.parts.get().pk, "came back after the last day")
    source.refresh_from_db()
    extending.extend(
        by=cast.ana, purchase=source, version=source.version, until=date(2026, 12, 20), reason="ill",
        today=date(2026, 11, 30), now=NOW + timedelta(days=6),
    )  # fmt: skip
    assert counted(source) == {"left": 3}
    assert wrong() == []


def test_an_ending_undone_after_the_last_day_has_its_visit_again(cast, now):
    source = purchase(cast, cast.maria, until="2026-11-24", acupuncture_visit=1)
    visit = booked(cast, hour=15, day=24)
    with later(days=1):
        change = no_show(by=cast.ana, pk=visit.pk)
        assert counted(source) == {"expired": 1}
        undo(by=cast.ana, change_pk=change.pk)
    assert (counted(source), covered(visit), wrong()) == ({"reserved": 1}, [1], [])


def test_an_approval_that_ended_keeps_what_came_back(cast, now):
    """It is the insurer's and no money of the patient's; and nobody can take it."""
    approved = authorization(cast, cast.maria, 5, until="2026-11-24")
    visit = booked(cast, hour=15, day=24)
    with later(days=1):
        no_show(by=cast.ana, pk=visit.pk)
    assert (counts(approved), MoreVisits.objects.count()) == ((5, 0, 0), 1)
