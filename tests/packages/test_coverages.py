"""Who pays, what insurers approved, and asking for more in time."""

from datetime import date, datetime, timedelta

import pytest

from clinic.models import AuditEvent
from clinic.refusal import Refused
from messaging.models import StaffTask
from packages.actions import authorizations, coverages
from packages.models import AuthorizationEntry, Coverage, MoreVisits
from packages.queries import accounts
from packages.queries.balances import counts_of
from packages.tasks import ask_for_more_visits
from tests.cast import NOW
from tests.packages.rows import COVERAGE, TODAY, acupuncture, approved, covered, discipline, reserve, use

pytestmark = pytest.mark.django_db


def count(approval):
    one = counts_of(authorizations=[approval.pk])[approval.pk][None]
    return {name: getattr(one, name) for name in ("granted", "left", "reserved", "used", "expired")}


def booked(cast, patient, number):
    """So many visits, a day apart, that draw on nothing yet."""
    return [acupuncture(cast, patient, day=f"2026-12-{n:02}").parts.get() for n in range(1, number + 1)]


# Coverages


def change(cast, row, **values):
    stored = {name: getattr(row, name) for name in COVERAGE}
    return coverages.save_coverage(
        by=cast.ana, patient=cast.maria, pk=row.pk, version=row.version, values={**stored, **values}, today=TODAY,
        now=NOW,
    )  # fmt: skip


def test_verified_by_one_tap_says_when_and_by_whom(cast):
    row = coverages.verify(by=cast.ana, coverage=covered(cast, cast.maria), version=1, now=NOW)
    row.refresh_from_db()
    assert (row.verified_at, row.verified_by) == (NOW, cast.ana)


@pytest.mark.parametrize(
    "values, verified",
    [
        ({"contact": "Ms. Reed"}, True),
        ({"note": "calls back"}, True),
        ({"injured_on": date(2026, 10, 3)}, True),
        ({"member_number": "BR-2"}, False),
        ({"insurer": "Another"}, False),
        ({"ends_on": date(2026, 12, 31)}, False),
    ],
)
def test_what_a_verification_vouched_for_is_verified_again_when_it_changes(cast, values, verified):
    row = coverages.verify(by=cast.ana, coverage=covered(cast, cast.maria), version=1, now=NOW)
    changed = change(cast, row, **values)
    assert (changed.verified_at is not None, changed.verified_by_id is not None) == (verified, verified)


def test_a_coverage_without_an_insurer_is_not_saved(cast):
    with pytest.raises(Refused) as refused:
        covered(cast, cast.maria, insurer="")
    assert (refused.value.reasons, Coverage.objects.count()) == (["Write the name of the insurer."], 0)


def test_the_log_names_the_fields_and_never_what_stands_in_them(cast):
    change(cast, covered(cast, cast.maria), claim_number="CL-77")
    events = AuditEvent.objects.filter(verb="save coverage").values_list("detail", flat=True)
    assert [event["fields"] for event in sorted(events, key=str)] == [
        ["claim_number"],
        ["insurer", "kind", "member_number"],
    ]


def test_coverages_in_force_come_first(cast):
    covered(cast, cast.maria, insurer="Was", ends_on=date(2026, 11, 23))
    covered(cast, cast.maria, insurer="Is", member_number="")
    found = accounts.coverages_of([cast.maria.pk], TODAY)
    assert [(row.insurer, row.over, row.missing) for row in found] == [
        ("Is", False, ["member number"]),
        ("Was", True, []),
    ]


# Approvals


def test_an_approval_grants_its_visits(cast):
    row = approved(cast, cast.maria, visits=12, codes=["97810"])
    assert count(row) == {"granted": 12, "left": 12, "reserved": 0, "used": 0, "expired": 0}
    assert (row.discipline.key, row.codes) == ("acupuncture", ["97810"])


def test_several_at_once_are_counted_apart(cast):
    needles = approved(cast, cast.maria, visits=12)
    hands = approved(cast, cast.maria, visits=8, key="chiropractic", coverage=needles.coverage)
    use(needles, booked(cast, cast.maria, 1)[0], model=AuthorizationEntry)
    assert [count(needles)["left"], count(hands)["left"]] == [11, 8]


def test_nobody_approves_for_somebody_who_pays_alone(cast):
    alone = covered(cast, cast.maria, kind="self_pay", insurer="")
    with pytest.raises(Refused) as refused:
        approved(cast, cast.maria, coverage=alone)
    assert refused.value.reasons == [
        "Nobody approves visits for somebody who pays alone. Add the insurer first."
    ]


def more(cast, row, visits, version=1, reason="by phone"):
    return authorizations.change_visits(
        by=cast.ana, authorization=row, version=version, visits=visits, reason=reason, now=NOW
    )


def test_a_change_of_the_number_is_another_entry_with_its_reason(cast):
    row = approved(cast, cast.maria, visits=12)
    more(cast, row, 16)
    assert count(row)["left"] == 16
    more(cast, row, 10, version=2, reason="typed wrong")
    assert count(row) == {"granted": 16, "left": 10, "reserved": 0, "used": 0, "expired": 6}
    assert authorizations.approved_and_left(row) == (10, 10)
    assert list(
        AuthorizationEntry.objects.order_by("quantity").values_list("kind", "quantity", "reason")
    ) == [("expired", -6, "typed wrong"), ("granted", 4, "by phone"), ("granted", 12, "")]


def test_what_is_booked_or_used_stays_approved(cast):
    row = approved(cast, cast.maria, visits=4)
    first, second = booked(cast, cast.maria, 2)
    reserve(row, first, model=AuthorizationEntry)
    use(row, second, model=AuthorizationEntry)
    with pytest.raises(Refused) as refused:
        more(cast, row, 1)
    assert refused.value.reasons == [
        "2 are booked or used already. Approve that many at least, or cancel visits first."
    ]
    more(cast, row, 2)
    assert count(row)["left"] == 0


def test_a_withdrawn_approval_is_withdrawn_once_and_takes_no_more_visits(cast):
    row = approved(cast, cast.maria)
    authorizations.withdraw(by=cast.ana, authorization=row, version=1, now=NOW)
    with pytest.raises(Refused) as refused:
        authorizations.withdraw(by=cast.ana, authorization=row, version=2, now=NOW)
    assert refused.value.reasons == ["This approval is withdrawn already. Reload the page."]
    with pytest.raises(Refused) as refused:
        more(cast, row, 20, version=2)
    assert refused.value.reasons == ["This approval is withdrawn. Add a new one instead."]


def test_an_approval_that_was_withdrawn_by_mistake_holds_again(cast):
    row = approved(cast, cast.maria)
    with pytest.raises(Refused) as refused:
        authorizations.reinstate(by=cast.ana, authorization=row, version=1, now=NOW)
    assert refused.value.reasons == ["This approval holds already. Reload the page."]
    authorizations.withdraw(by=cast.ana, authorization=row, version=1, now=NOW)
    authorizations.reinstate(by=cast.ana, authorization=row, version=2, now=NOW)
    row.refresh_from_db()
    assert (row.withdrawn_at, count(row)["left"]) == (None, 12)


def test_number_and_dates_can_be_corrected(cast):
    row = approved(cast, cast.maria)
    values = {
        "number": "A-200", "discipline": discipline("chiropractic"), "codes": ["98940"], "note": "",
        "starts_on": date(2026, 12, 1), "ends_on": date(2027, 3, 1),
    }  # fmt: skip
    authorizations.change(by=cast.ana, authorization=row, version=1, values=values, now=NOW)
    row.refresh_from_db()
    assert {name: getattr(row, name) for name in values} == values


# More visits


def asked_for(cast, row, status="to_send"):
    """A request that is open, with its to-do."""
    authorizations.open_request(row, now=NOW)
    request = MoreVisits.objects.get(authorization=row)
    if status == "sent":
        authorizations.step(by=cast.ana, request=request, version=1, to="sent", note="", now=NOW)
    return request


def answered(request):
    """(status, note, closed by, open to-dos)."""
    request.refresh_from_db()
    open_ones = StaffTask.objects.filter(about=f"authorization:{request.authorization_id}", closed_at=None)
    return request.status, request.note, request.closed_by, open_ones.count()


@pytest.mark.parametrize("status", ["to_send", "sent"])
def test_more_visits_answer_the_request_and_do_its_to_do(cast, status):
    row = approved(cast, cast.maria, visits=3)
    request = asked_for(cast, row, status)
    more(cast, row, 9, reason="letter of the 20th")
    assert answered(request) == ("approved", "letter of the 20th", cast.ana, 0)
    assert (request.answered_at, StaffTask.objects.get().outcome) == (NOW, "approved")
    steps = AuditEvent.objects.filter(verb="step request for visits")
    assert {"to": "approved"} in list(steps.values_list("detail", flat=True))


def test_fewer_visits_answer_nothing(cast):
    row = approved(cast, cast.maria, visits=9)
    request = asked_for(cast, row)
    more(cast, row, 3, reason="typed wrong")
    assert answered(request) == ("to_send", "", None, 1)


def test_a_new_approval_of_the_same_coverage_and_discipline_answers_the_request_of_the_old_one(cast):
    old = approved(cast, cast.maria, visits=3)
    request = asked_for(cast, old)
    approved(cast, cast.maria, key="chiropractic", coverage=old.coverage, number="C-1")
    approved(cast, cast.maria, number="B-1")  # another insurer's
    assert answered(request) == ("to_send", "", None, 1)
    approved(cast, cast.maria, coverage=old.coverage, number="A-101")
    assert answered(request) == ("approved", "A-101", cast.ana, 0)


def test_what_was_answered_stays_as_it_was_answered(cast):
    row = approved(cast, cast.maria, visits=3)
    request = asked_for(cast, row, "sent")
    authorizations.step(by=cast.ana, request=request, version=2, to="refused", note="no need seen", now=NOW)
    more(cast, row, 9)
    assert answered(request) == ("refused", "no need seen", cast.ana, 0)


def ask(*rows, now=NOW):
    return authorizations.ask_for_more(authorizations=[row.pk for row in rows], now=now)


def test_at_two_left_a_request_and_a_to_do_open_once(cast):
    row = approved(cast, cast.maria, visits=4)
    first, second, third = booked(cast, cast.maria, 3)
    reserve(row, first, model=AuthorizationEntry)
    assert ask(row) == 0
    reserve(row, second, model=AuthorizationEntry)
    assert [ask(row), ask(row)] == [1, 0]
    use(row, third, model=AuthorizationEntry)
    assert ask(row) == 0
    assert [(one.status, one.patient_id) for one in MoreVisits.objects.all()] == [("to_send", cast.maria.pk)]
    assert [(task.title, task.about, task.patient) for task in StaffTask.objects.all()] == [
        ("Ask for more visits", f"authorization:{row.pk}", cast.maria.pk)
    ]


def test_asking_costs_two_statements_when_nothing_is_due(cast, django_assert_num_queries):
    rows = [approved(cast, cast.maria), approved(cast, cast.tunde), approved(cast, cast.iris)]
    # Today at the clinic, the counts, the approvals, and the transaction's two.
    with django_assert_num_queries(5):
        ask(rows[0])
    with django_assert_num_queries(5):
        ask(*rows)


def test_the_daily_job_asks_seven_days_before_the_end(cast):
    row = approved(cast, cast.maria, ends_on=date(2026, 12, 2))
    ask_for_more_visits(NOW)
    assert MoreVisits.objects.count() == 0
    ask_for_more_visits(NOW + timedelta(days=1))
    ask_for_more_visits(NOW + timedelta(days=2))
    assert [one.authorization for one in MoreVisits.objects.all()] == [row]


def test_nobody_asks_for_what_was_withdrawn(cast):
    row = approved(cast, cast.maria, visits=1, ends_on=date(2026, 11, 25))
    authorizations.withdraw(by=cast.ana, authorization=row, version=1, now=NOW)
    ask_for_more_visits(NOW)
    assert MoreVisits.objects.count() == 0


def request_of(cast, visits=3, number=2):
    row = approved(cast, cast.maria, visits=visits)
    for part in booked(cast, cast.maria, number):
        use(row, part, model=AuthorizationEntry)
    ask(row)
    return row, MoreVisits.objects.get()


def step(cast, request, to, note="", version=None):
    return authorizations.step(
        by=cast.ana, request=request, version=version or request.version, to=to, note=note, now=NOW
    )


def test_the_letter_is_sent_and_the_answer_closes_the_to_do(cast):
    _row, request = request_of(cast)
    sent = step(cast, request, "sent")
    assert (sent.sent_at, StaffTask.objects.get().closed_at) == (NOW, None)
    done = step(cast, sent, "refused", note="not necessary, they say")
    assert (done.answered_at, done.closed_by, done.note) == (NOW, cast.ana, "not necessary, they say")
    task = StaffTask.objects.get()
    assert (task.closed_at, task.closed_by, task.outcome) == (NOW, cast.ana, "refused")


def test_a_request_is_not_answered_before_it_was_sent(cast):
    _row, request = request_of(cast)
    with pytest.raises(Refused) as refused:
        step(cast, request, "approved")
    assert refused.value.reasons == ["It is marked as “letter to send”. Reload the page."]


def test_after_an_answer_it_is_asked_again_only_when_more_were_approved(cast):
    row, request = request_of(cast)
    step(cast, request, "not_needed", note="done after three")
    assert ask(row) == 0
    later = NOW + timedelta(days=10)
    authorizations.change_visits(
        by=cast.ana, authorization=row, version=1, visits=4, reason="one more", now=later
    )
    assert ask(row, now=later) == 1
    assert sorted(MoreVisits.objects.values_list("status", flat=True)) == ["not_needed", "to_send"]
    assert StaffTask.objects.filter(closed_at=None).count() == 1


def test_the_day_is_that_of_the_clinic(cast):
    """At 11 pm in Uptown it is tomorrow in UTC already."""
    approved(cast, cast.maria, ends_on=date(2026, 12, 2))
    late = datetime(2026, 11, 25, 4, 30, tzinfo=NOW.tzinfo)  # November 24, 11:30 pm in Uptown
    ask_for_more_visits(late)
    assert MoreVisits.objects.count() == 0
    ask_for_more_visits(late + timedelta(minutes=30))
    assert MoreVisits.objects.count() == 1
