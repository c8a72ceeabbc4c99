"""Late cancellations and missed visits: what they cost, what proves it, and how it is waived."""

from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest
import time_machine
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.refusal import Refused
from clinic.submissions import new_key
from intake.models import Consent, Signature
from messaging.models import OutboxMessage
from packages.models import PolicyUse, Waiver
from scheduling.actions.booking import Wanted, book
from scheduling.actions.ending import cancel, no_show
from scheduling.actions.policy import waive
from scheduling.actions.undoing import undo
from scheduling.models import Change, Status
from scheduling.queries.policy import cost_of_ending, proof_of, standing_uses
from scheduling.rules.payment import cost_in_words, is_late, reasons_not_to_have_told, visits_in_words
from tests.cast import NOW
from tests.packages.entries import authorization, left, policy, purchase, wrong
from tests.scheduling.test_book_page import PANEL, plain

pytestmark = pytest.mark.django_db


def at(cast, hour, minute=0, day=25):
    return datetime(2026, 11, day, hour, minute, tzinfo=cast.uptown.tz)


def booked(cast, *, key="acupuncture_follow_up", hour=9, day=25, patient=None, **more):
    wanted = Wanted(patient or cast.maria, cast.service(key), cast.uptown, at(cast, hour, day=day), **more)
    (visit,) = book(by=cast.ana, wanted=[wanted])
    return visit


def changed(visit):
    visit.refresh_from_db()
    return visit


@pytest.mark.parametrize(
    ("hours_before", "limit", "late"),
    [(25, 24, False), (24, 24, False), (23.9, 24, True), (-1, 24, True), (1, 0, False)],
)
def test_late_is_fewer_hours_before_than_the_policy_says(hours_before, limit, late):
    assert is_late(NOW + timedelta(hours=hours_before), NOW, limit) is late


def test_a_late_cancellation_uses_the_package_visit_up(cast, now):
    policy(cast)
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    visit = booked(cast)
    cancel(by=cast.ana, pk=visit.pk, reason="ill")
    assert left(source) == 1
    use = PolicyUse.objects.get()
    assert (use.appointment, use.missed, use.notice_at, use.takes_visit, use.by) == (
        visit.pk,
        False,
        now,
        True,
        cast.ana,
    )
    assert wrong() == []


def test_in_time_or_without_a_policy_it_costs_nothing(cast, now):
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    cancel(by=cast.ana, pk=booked(cast).pk, reason="ill")
    policy(cast)
    cancel(by=cast.ana, pk=booked(cast, day=26).pk, reason="ill")
    assert (left(source), PolicyUse.objects.count()) == (2, 0)


def test_a_policy_that_takes_nothing_is_written_down_and_takes_nothing(cast, now):
    policy(cast, late=False)
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    cancel(by=cast.ana, pk=booked(cast).pk, reason="ill")
    assert (left(source), PolicyUse.objects.get().takes_visit) == (2, False)


def test_the_newest_policy_holds(cast, now):
    policy(cast, late_hours=48, at=NOW - timedelta(days=2))
    policy(cast, late_hours=2, at=NOW - timedelta(days=1))
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    cancel(by=cast.ana, pk=booked(cast).pk, reason="ill")
    assert left(source) == 2


@pytest.mark.parametrize(("takes", "remaining"), [(True, 1), (False, 2)])
def test_a_missed_visit_uses_it_up_by_the_policy(cast, now, takes, remaining):
    policy(cast, missed=takes)
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    visit = booked(cast, hour=11, day=24)
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        no_show(by=cast.ana, pk=visit.pk)
    assert left(source) == remaining
    assert PolicyUse.objects.values_list("missed", "notice_at", "takes_visit").get() == (True, None, takes)


def test_an_insurers_visit_is_never_used_up_by_the_policy_nor_is_a_package_charged_for_it(cast, now):
    policy(cast)
    approved, package = authorization(cast, cast.maria, 5), purchase(cast, cast.maria, acupuncture_visit=2)
    cancel(by=cast.ana, pk=booked(cast).pk, reason="ill")
    assert (left(approved), left(package)) == (5, 2)


def test_what_the_clinic_cancels_costs_the_patient_nothing(cast, now):
    policy(cast)
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    cancel(by=cast.ana, pk=booked(cast).pk, reason="clinic’s wish", by_clinic=True)
    assert (left(source), PolicyUse.objects.count()) == (2, 0)


def test_a_hold_that_is_let_go_late_is_not_judged(cast, now):
    policy(cast)
    wanted = Wanted(cast.maria, cast.service("adjustment"), cast.uptown, at(cast, 9))
    (held,) = book(by=cast.ana, wanted=[wanted], held=True)
    cancel(by=cast.ana, pk=held.pk, reason="ill")
    assert PolicyUse.objects.count() == 0


def test_undoing_takes_the_judgment_back_and_canceling_again_judges_anew(cast, now):
    policy(cast)
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    visit = booked(cast)
    for _time in range(2):
        change = cancel(by=cast.ana, pk=visit.pk, reason="ill")
        assert left(source) == 1
        assert set(standing_uses([visit.pk])) == {visit.pk}
        undo(by=cast.ana, change_pk=change.pk)
        assert left(source) == 1  # reserved again
        assert standing_uses([visit.pk]) == {}
    assert list(PolicyUse.objects.order_by("withdrawn").values_list("withdrawn", flat=True)) == [
        False,
        False,
        True,
        True,
    ]
    assert wrong() == []


def test_waived_at_once_it_costs_nothing_and_says_why(cast, now):
    policy(cast)
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    cancel(by=cast.ana, pk=booked(cast).pk, reason="ill", waive="in hospital")
    assert left(source) == 2
    assert Waiver.objects.values_list("reason", "use__takes_visit").get() == ("in hospital", True)
    assert wrong() == []


def test_waived_afterwards_the_visit_is_back(cast, now):
    policy(cast)
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    visit = booked(cast)
    cancel(by=cast.ana, pk=visit.pk, reason="ill")
    waive(by=cast.olive, pk=visit.pk, reason="in hospital")
    assert left(source) == 2
    assert AuditEvent.objects.filter(verb="waive").values_list("by", "patient").get() == (
        cast.olive.pk,
        cast.maria.pk,
    )
    with pytest.raises(Refused, match="waived already"):
        waive(by=cast.olive, pk=visit.pk, reason="again")
    assert wrong() == []


def test_nothing_is_waived_without_a_reason_or_where_nothing_was_taken(cast, now):
    policy(cast)
    visit = booked(cast)
    with pytest.raises(Refused, match="taken nothing"):
        waive(by=cast.ana, pk=visit.pk, reason="kind")
    cancel(by=cast.ana, pk=visit.pk, reason="ill")
    with pytest.raises(Refused, match="Say why"):
        waive(by=cast.ana, pk=visit.pk, reason=" ")
    assert Waiver.objects.count() == 0


# What is said


def accept(patient, day):
    """The practice's policies, signed at noon of that day."""
    signed_at = datetime.fromisoformat(f"{day} 17:00+00:00")
    signature = Signature.objects.create(
        patient=patient,
        document="practice_policies",
        document_version="1",
        text="Twenty-four hours.",
        name=patient.called,
        at=signed_at,
    )
    return Consent.objects.create(patient=patient, kind="policies", signature=signature, given_at=signed_at)


def test_the_mail_says_that_the_visit_is_used_up(cast, now):
    policy(cast)
    purchase(cast, cast.maria, acupuncture_visit=2)
    cancel(by=cast.ana, pk=booked(cast).pk, reason="ill")
    mail = OutboxMessage.objects.get(kind="cancelled")
    assert mail.body == (
        "Hello Maria,\n\nyour appointment on Wed Nov 25, 9:00 a.m. at Meridian Integrative Care, Uptown, is canceled."
        "\n\nNotice came later than our cancellation policy asks for, so this uses up the acupuncture visit of your"
        " package. If you think that is wrong, call us.\n"
    )
    assert mail.not_before == now + timedelta(minutes=10)


def test_the_mail_of_a_cancellation_in_time_says_nothing_of_packages(cast, now):
    policy(cast)
    purchase(cast, cast.maria, acupuncture_visit=2)
    cancel(by=cast.ana, pk=booked(cast, day=27).pk, reason="ill")
    assert "package" not in OutboxMessage.objects.get(kind="cancelled").body


def test_what_canceling_now_costs_is_said_before(cast, now):
    policy(cast)
    visit = booked(cast)
    assert cost_in_words(cost_of_ending(visit, missed=False, now=now), "Maria") == (
        "This is a late cancellation: less than 24 hours before."
    )
    purchase(cast, cast.maria, acupuncture_visit=2)
    other = booked(cast, hour=10)
    assert cost_in_words(cost_of_ending(other, missed=False, now=now), "Maria") == (
        "Less than 24 hours before: this uses up the acupuncture visit, by the policy which Maria has not signed."
    )
    accept(cast.maria, "2026-03-03")
    assert cost_in_words(cost_of_ending(other, missed=False, now=now), "Maria") == (
        "Less than 24 hours before: this uses up the acupuncture visit, by the policy that Maria accepted on Mar 3."
    )
    assert cost_of_ending(booked(cast, day=27), missed=False, now=now) is None


def test_several_visits_are_listed():
    assert visits_in_words(["Acupuncture visit", "Adjustment visit"]) == (
        "the acupuncture visit and the adjustment visit"
    )


@pytest.mark.parametrize(("judged", "statements"), [(False, 1), (True, 7)])
def test_statements_of_the_proof(cast, now, django_assert_num_queries, judged, statements):
    policy(cast)
    purchase(cast, cast.maria, acupuncture_visit=2)
    visit = booked(cast, day=25 if judged else 27)
    cancel(by=cast.ana, pk=visit.pk, reason="ill")
    changes = list(Change.objects.filter(appointment=visit))
    visit = changed(visit)
    with django_assert_num_queries(statements):
        proof = proof_of(visit, changes=changes)
    assert (proof is not None) is judged


# Told earlier than entered


def told(cast, visit, hours, **more):
    """Canceled now, told so many hours ago."""
    return cancel(by=cast.ana, pk=visit.pk, reason="ill", notice_at=NOW - timedelta(hours=hours), **more)


def booked_yesterday(cast):
    with time_machine.travel(NOW - timedelta(days=1), tick=False):
        return booked(cast)  # for tomorrow at 9: 22 hours and a quarter from now


@pytest.mark.parametrize(("hours", "remaining", "uses"), [(0, 1, 1), (1, 1, 1), (2, 2, 0), (24, 2, 0)])
def test_the_policy_reads_when_the_patient_told_us(cast, now, hours, remaining, uses):
    policy(cast)
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    told(cast, booked_yesterday(cast), hours)
    assert (left(source), PolicyUse.objects.count()) == (remaining, uses)
    assert wrong() == []


def test_what_was_told_and_when_it_was_entered_are_both_kept(cast, now):
    policy(cast)
    told(cast, booked_yesterday(cast), 1)
    use = PolicyUse.objects.get()
    assert (use.notice_at, use.at) == (now - timedelta(hours=1), now)
    assert AuditEvent.objects.get(verb="cancel").detail["notice_at"] == "2026-11-24T14:42:00+00:00"


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (-1, "Nobody can have told us later than now. Correct the time, or leave it empty."),
        (25, "The visit was not booked yet at that time. Correct the time, or leave it empty."),
    ],
)
def test_nobody_tells_us_in_the_future_or_before_it_was_booked(cast, now, hours, said):
    visit = booked_yesterday(cast)
    with pytest.raises(Refused) as refused:
        told(cast, visit, hours)
    assert (refused.value.reasons, changed(visit).status) == ([said], Status.BOOKED)


def test_told_in_the_minute_it_was_booked_is_not_before(now):
    booked_at = NOW + timedelta(seconds=30)
    assert reasons_not_to_have_told(NOW, booked_at=booked_at, now=NOW + timedelta(hours=1)) == []


# On the page


def send(client, name, visit, **values):
    data = {"version": visit.version, "request_key": new_key(), **values}
    return client.post(reverse(f"scheduling:{name}", args=[visit.pk]), data, headers=PANEL)


def shown(client, visit, name="visit"):
    return plain(client.get(reverse(f"scheduling:{name}", args=[visit.pk]), headers=PANEL).content.decode())


def test_the_page_says_the_cost_takes_a_waiver_and_shows_the_proof(cast, client_of):
    policy(cast)
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    visit, client = booked(cast), client_of(cast.ana)
    assert "Less than 24 hours before: this uses up the acupuncture visit" in shown(client, visit, "cancel")
    assert send(client, "cancel", visit, tapped="ill").status_code == 303
    page = shown(client, visit)
    for words in (
        "Late cancellation",
        "Used up: acupuncture visit.",
        "not signed",
        "Notice given",
        "Ana Desk",
    ):
        assert words in page
    assert send(client, "waive", changed(visit), reason="in hospital").status_code == 303
    page = shown(client, visit)
    assert "Waived by Ana Desk" in page
    assert "Waive…" not in page
    assert left(source) == 2


def test_the_tick_waives_and_needs_a_reason(cast, client_of):
    policy(cast)
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    visit, client = booked(cast), client_of(cast.ana)
    refused = send(client, "cancel", visit, tapped="ill", waive="on")
    assert (refused.status_code, changed(visit).status) == (422, Status.BOOKED)
    assert (
        send(client, "cancel", visit, tapped="ill", waive="on", waive_reason="in hospital").status_code == 303
    )
    assert (left(source), Waiver.objects.get().reason) == (2, "in hospital")


def test_the_clinics_wish_is_tapped_and_costs_nothing(cast, client_of):
    policy(cast)
    source = purchase(cast, cast.maria, acupuncture_visit=2)
    visit = booked(cast)
    assert send(client_of(cast.ana), "cancel", visit, tapped="clinic’s wish").status_code == 303
    assert (changed(visit).status, left(source)) == (Status.CANCELLED, 2)


def test_waiving_twice_or_with_nothing_typed_is_said_on_the_page(cast, client_of):
    policy(cast)
    visit, client = booked(cast), client_of(cast.ana)
    purchase(cast, cast.maria, acupuncture_visit=2)
    send(client, "cancel", visit, tapped="ill")
    answer = send(client, "waive", changed(visit), reason="")
    assert answer.status_code == 422
    assert "Say why it is waived" in plain(answer.content.decode())


def page_of(answer):
    """What stands in the fields of the panel: {id: (value, ticked)}."""
    fields = Page(answer).fields
    return {name: fields[name] for name in fields if name and name.startswith(("cancel-", "waive-"))}


class Page(HTMLParser):
    def __init__(self, answer):
        super().__init__()
        self.fields = {}
        self.feed(answer.content.decode())

    def handle_starttag(self, tag, attrs):
        if tag == "input":
            row = dict(attrs)
            self.fields[row.get("id")] = (row.get("value"), "checked" in row)


def test_a_refused_cancellation_shows_all_that_was_typed_again(cast, client_of):
    policy(cast)
    purchase(cast, cast.maria, acupuncture_visit=2)
    visit = booked(cast)
    values = {"reason": "ill", "told_on": "2026-11-24", "told_at": "08:00", "waive": "on"}
    answer = send(client_of(cast.ana), "cancel", visit, **values)
    assert answer.status_code == 422
    assert page_of(answer) == {
        "cancel-told-on": ("2026-11-24", False),
        "cancel-told-at": ("08:00", False),
        "cancel-waive": (None, True),
        "cancel-waive-reason": ("", False),
        "cancel-reason": ("ill", False),
    }


def test_so_does_one_that_somebody_else_was_faster_with(cast, client_of):
    policy(cast)
    purchase(cast, cast.maria, acupuncture_visit=2)
    visit = booked(cast)
    values = {"waive": "on", "waive_reason": "in hospital", "tapped": "ill", "version": visit.version + 1}
    answer = send(client_of(cast.ana), "cancel", visit, **values)
    assert answer.status_code == 409
    assert page_of(answer)["cancel-waive"] == (None, True)
    assert page_of(answer)["cancel-waive-reason"] == ("in hospital", False)
    assert answer.context["doing"] == "cancel"


def test_a_refused_waiver_keeps_its_reason_and_does_not_stand_in_another_form(cast, client_of):
    policy(cast)
    purchase(cast, cast.maria, acupuncture_visit=2)
    visit, client = booked(cast), client_of(cast.ana)
    send(client, "cancel", visit, tapped="ill")
    answer = send(client, "waive", visit, reason="in hospital", version=visit.version)
    assert (answer.status_code, page_of(answer)) == (409, {"waive-reason": ("in hospital", False)})


def test_the_desk_says_when_the_patient_told_us_and_the_proof_shows_both(cast, client_of):
    policy(cast)
    visit, client = booked_yesterday(cast), client_of(cast.ana)
    with time_machine.travel(NOW, tick=False):
        assert send(client, "cancel", visit, tapped="ill", told_at="09:15").status_code == 303
        page = shown(client, visit)
    assert "Notice given Tue Nov 24, 9:15 am Entered Tue Nov 24, 10:42 am · Ana Desk" in page


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"told_on": "2026-11-23"}, "At what time did the patient tell us? A day alone is not enough."),
        ({"told_at": "25:10"}, "This is not a time. Type it like 9:30 or 14:30."),
        (
            {"told_on": "never", "told_at": "9:00"},
            "This is not a date of the calendar. Type it like 2026-11-26.",
        ),
    ],
)
def test_a_time_that_cannot_be_read_is_said(cast, client_of, values, said):
    policy(cast)
    visit = booked(cast)
    answer = send(client_of(cast.ana), "cancel", visit, tapped="ill", **values)
    assert (answer.status_code, answer.context["reasons"]) == (422, [said])


def test_in_time_the_form_does_not_ask_when(cast, client_of):
    policy(cast)
    visit = booked(cast, day=28)
    assert page_of(client_of(cast.ana).get(reverse("scheduling:cancel", args=[visit.pk]), headers=PANEL)) == {
        "cancel-reason": ("", False)
    }


@pytest.mark.parametrize(("person", "status"), [("hana", 404), ("rita", 403), ("mei", 303), ("olive", 303)])
def test_who_may_waive(cast, client_of, person, status):
    policy(cast)
    purchase(cast, cast.maria, acupuncture_visit=2)
    visit = booked(cast)
    cancel(by=cast.ana, pk=visit.pk, reason="ill")
    assert (
        send(client_of(getattr(cast, person)), "waive", changed(visit), reason="kind").status_code == status
    )
