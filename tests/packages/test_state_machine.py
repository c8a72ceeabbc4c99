"""Everything that can happen to visits and to what pays for them, in any order: the entries always add up."""

from collections import defaultdict
from contextlib import nullcontext
from datetime import date, datetime, time, timedelta
from functools import partial
from unittest import mock

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from clinic.refusal import Refused
from frontdesk.actions.merging import merge, undo_merge
from messaging.models import StaffTask
from packages.actions import ledger
from packages.actions.expiring import expire_due
from packages.actions.extending import extend
from packages.actions.refunding import refund
from packages.models import AuthorizationEntry, CreditEntry, PolicyUse, Purchase, Refund
from packages.queries.balances import counts_of, liability, of_patient
from packages.queries.refunds import due_of
from packages.rules.ledger import Plan
from patients.models import Merge, Patient
from scheduling.actions import ending, settling
from scheduling.actions.booking import Wanted, book
from scheduling.actions.ending import cancel, no_show, part_not_done
from scheduling.actions.holding import confirm_hold, expire_holds
from scheduling.actions.moving import move
from scheduling.actions.past import it_happened
from scheduling.actions.policy import waive
from scheduling.actions.settling import hold_patient, settle_open
from scheduling.actions.steps import check_in, leave_untreated, take_step
from scheduling.actions.undoing import undo
from scheduling.models import Appointment, Change, Status
from tests.cast import NOW
from tests.packages.entries import authorization, policy, promised, purchase, waiting, wrong

# Twice, as only a visit of two parts can have one of them not done.
SERVICES = ["acupuncture_follow_up", "adjustment", "adjustment_acupuncture", "adjustment_acupuncture"]
KINDS = [
    {"acupuncture_visit": 2},
    {"adjustment_visit": 1},
    {"acupuncture_visit": 1, "adjustment_visit": 3},
]
PATIENTS = ["maria", "marta"]
PICK = st.integers(min_value=0, max_value=10_000)
WHEN = st.tuples(st.integers(0, 5), st.integers(0, 28))  # days from today, quarters from nine
WHO, WHAT, DAYS = st.sampled_from(PATIENTS), st.sampled_from(SERVICES), st.integers(2, 9)


def judged():
    """What the policy took and nobody has waived."""
    return PolicyUse.objects.filter(waiver=None, withdrawn=False)


STEPS = [
    "sells", "approves", "refunds", "extends", "a last day", "worker", "books", "books", "holds",
    "holds and confirms", "confirms", "books and cancels", "moves", "moves", "cancels", "cancels late", "gives back",
    "misses", "waives", "a part", "leaves it", "waives late", "comes", "had come", "undoes", "undoes", "records",
    "time",
]  # fmt: skip


class Ledger(RuleBasedStateMachine):
    """`done` counts what was not refused; `then` remembers what the entries added up to after each step.

    No rule has a precondition: it would be asked of rows, whose ids are random, and then the same choices could lead
    elsewhere. A rule that finds nothing to work on makes it.
    """

    cast = None
    done = None

    def begin(self):
        self.clock, self.then, self.owed_then = NOW, {}, {}
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()
        policy(self.cast, late_hours=24, at=NOW - timedelta(days=1))

    @initialize(what=WHAT, when=WHEN)
    def begins_with_a_package_and_a_visit(self, what, when):
        """Most steps need both; chance alone would spend itself on getting them."""
        self.begin()
        self.sells(who="maria", number=2, days=5)
        self.approves(who="marta", visits=2, days=9)
        self.books(who="maria", what=what, when=when, held=False, knows=True)

    def teardown(self):
        if not hasattr(self, "sandbox"):
            return
        try:
            self.every_past_instant_still_says_what_it_said()
        finally:
            transaction.set_rollback(True)
            self.sandbox.__exit__(None, None, None)

    # Helpers

    def attempt(self, name, call):
        """Do it a second later; a refusal is an answer."""
        self.clock += timedelta(seconds=1)
        try:
            with time_machine.travel(self.clock, tick=False), transaction.atomic():
                result = call()
        except Refused:
            return None
        self.done[name] = self.done.get(name, 0) + 1
        return result

    def start(self, when):
        days, quarters = when
        today = datetime(self.clock.year, self.clock.month, self.clock.day, 9, tzinfo=self.cast.uptown.tz)
        return today + timedelta(days=days, minutes=15 * quarters)

    def wanted(self, who, what, when, **more):
        patient = Patient.objects.get(pk=getattr(self.cast, who).pk)
        wanted = Wanted(patient, self.cast.service(what), self.cast.uptown, self.start(when), **more)
        return wanted

    def pick(self, number, *statuses, judged=False, **more):
        # Never by id, which is random: the same steps must pick the same visit when they are tried again.
        order = ("created_at", "starts_at", "patient", "service", "version")
        rows = Appointment.objects.filter(status__in=statuses, **more)
        if judged:
            rows = rows.filter(pk__in=PolicyUse.objects.filter(waiver=None).values("appointment"))
        visits = list(rows.order_by(*order))
        return visits[number % len(visits)] if visits else None

    def booked(self, number, **more):
        """A booked visit; one that was just made, where there is none."""
        visit = self.pick(number, Status.BOOKED, **more)
        if visit is None:
            self.books(PATIENTS[0], "adjustment_acupuncture", (2, number % 20), held=False, knows=True)
        return visit or self.pick(number, Status.BOOKED, **more)

    def patient(self, who):
        return Patient.objects.get(pk=getattr(self.cast, who).pk)

    def then_settle(self, patient, call):
        hold_patient(patient)
        result = call()
        settle_open(patient=patient, by=self.cast.ana, now=self.clock)
        return result

    def today(self):
        return self.clock.astimezone(self.cast.uptown.tz).date()

    def sold(self, number, **more):
        rows = list(Purchase.objects.filter(**more).order_by("sold_at", "valid_until"))
        return rows[number % len(rows)] if rows else None

    def until(self, instant):
        """Wait for it, if it is still to come."""
        self.clock = max(self.clock, instant)

    # What pays

    def sells(self, who, number, days):
        patient = self.patient(who)
        if patient.merged_into_id is None:
            start, until = str(self.today()), str(self.today() + timedelta(days=days))
            made = partial(purchase, self.cast, patient, start=start, until=until, **KINDS[number % 3])
            self.attempt("sell", lambda: self.then_settle(patient, lambda: made(at=self.clock)))

    def approves(self, who, visits, days):
        patient = self.patient(who)
        if patient.merged_into_id is None:
            start, until = str(self.today()), str(self.today() + timedelta(days=days))
            made = partial(authorization, self.cast, patient, visits, start=start, until=until)
            self.attempt("approve", lambda: self.then_settle(patient, lambda: made(at=self.clock)))

    def refunds(self, number):
        self.refund_of(self.sold(number, refund=None))

    def refund_of(self, row):
        if row:
            give = partial(refund, by=self.cast.ana, purchase=row, version=row.version, reason="moves away")
            self.attempt("refund", lambda: self.then_settle(row.patient, lambda: give(now=self.clock)))

    def extends(self, number, days):
        row = self.sold(number)
        if row:
            today = self.today()
            last = partial(extend, by=self.cast.ana, purchase=row, version=row.version, reason="was ill")
            last = partial(last, until=today + timedelta(days=days), today=today)
            self.attempt("extend", lambda: self.then_settle(row.patient, lambda: last(now=self.clock)))

    def a_last_day_passes(self, number):
        self.last_day_of(self.sold(number, refund=None))

    def last_day_of(self, row):
        if row is None:
            return
        after = datetime.combine(row.valid_until + timedelta(days=1), time(0, 30), self.cast.uptown.tz)
        self.until(after)
        self.the_worker_runs(hours=0)

    def the_worker_runs(self, hours):
        self.clock += timedelta(hours=hours, seconds=1)
        with time_machine.travel(self.clock, tick=False):
            self.done["expire"] = self.done.get("expire", 0) + expire_due(now=self.clock)
            self.done["hold ran out"] = self.done.get("hold ran out", 0) + expire_holds()

    # Visits

    def books(self, who, what, when, held=False, knows=False):
        wanted = self.wanted(who, what, when, beyond_reason="she pays herself" if knows else "")
        self.attempt("hold" if held else "book", lambda: book(by=self.cast.ana, wanted=[wanted], held=held))

    def books_and_cancels_which_changes_nothing(self, who, what, when):
        before = self.balances()
        wanted = self.wanted(who, what, when, beyond_reason="she pays herself")
        made = self.attempt("book", lambda: book(by=self.cast.ana, wanted=[wanted]))
        if made:
            pk = made[0].pk
            self.attempt(
                "cancel at once",
                lambda: cancel(by=self.cast.ana, pk=pk, reason="a slip", by_clinic=True),
            )
            assert self.balances() == before

    def moves(self, number, when):
        visit = self.pick(number, Status.BOOKED, Status.HELD) or self.booked(number)
        if visit:
            to = self.start(when)
            self.attempt("move", lambda: move(by=self.cast.ana, pk=visit.pk, starts_at=to, anyone=True))

    def cancels(self, number, waived):
        visit = self.pick(number, Status.BOOKED, Status.HELD) or self.booked(number)
        if visit:
            late = visit.starts_at - self.clock < timedelta(hours=24)
            more = {"waive": "in hospital"} if waived and number % 3 == 0 else {}
            name = "cancel late" if late else "cancel early"
            self.attempt(name, lambda: cancel(by=self.cast.ana, pk=visit.pk, reason="ill", **more))

    def cancels_an_hour_before(self, number, waived):
        visit = self.booked(number)
        if visit is None:
            return
        if visit.starts_at > self.clock:
            self.until(visit.starts_at - timedelta(hours=1))
        more = {"waive": "in hospital"} if waived and number % 3 == 0 else {}
        self.attempt("cancel late", lambda: cancel(by=self.cast.ana, pk=visit.pk, reason="ill", **more))

    def waives(self, number):
        if not judged().exists():
            self.cancels_an_hour_before(number, waived=False)
        visit = self.pick(number, Status.CANCELLED, Status.NO_SHOW, judged=True)
        if visit:
            self.attempt("waive", lambda: waive(by=self.cast.ana, pk=visit.pk, reason="kind"))

    def waives_what_its_package_does_not_hold_any_more(self, who, number):
        """Used up by the policy, then the package is refunded or its last day passes, then it is waived."""
        self.sells(who, number=0, days=9)
        self.books(who, "acupuncture_follow_up", (2, number % 20), held=False, knows=True)
        self.cancels_an_hour_before(number=-1, waived=False)
        used = CreditEntry.objects.filter(kind="consumed").order_by("-at").first()
        if used:
            (self.refund_of if number % 2 else self.last_day_of)(used.purchase)
            visit = Appointment.objects.get(parts=used.visitpart)
            self.attempt("waive", lambda: waive(by=self.cast.ana, pk=visit.pk, reason="kind"))
            left = CreditEntry.objects.filter(visitpart=used.visitpart, kind__in=["expired", "refunded"])
            self.done["came back"] = self.done.get("came back", 0) + left.count()

    def leaves_a_visit_to_another(self, who, number):
        """More are booked than there are, and the clinic cancels one, which costs nothing."""
        self.sells(who, number=1, days=9)
        for day in (1, 2, 3):
            self.books(who, "adjustment", (day, number % 20), held=False, knows=True)
        taken = CreditEntry.objects.filter(kind="reserved").count()
        self.gives_back(number)
        more = CreditEntry.objects.filter(kind="reserved").count() - taken
        self.done["taken by another"] = self.done.get("taken by another", 0) + more

    def gives_back(self, number):
        """The clinic cancels, which costs nothing: what became free is taken by others."""
        visit = self.booked(number)
        if visit:
            act = partial(cancel, by=self.cast.ana, pk=visit.pk, reason="closed", by_clinic=True)
            self.attempt("cancel by us", act)

    def misses(self, number):
        visit = self.booked(number)
        if visit:
            self.until(visit.starts_at + timedelta(minutes=10))
            self.attempt("no-show", lambda: no_show(by=self.cast.ana, pk=visit.pk))

    def closes_a_part(self, number):
        visit = self.booked(number, parts__position=2)
        if visit:
            part = visit.parts.all()[number % visit.parts.count()]
            close = partial(part_not_done, by=self.cast.ana, pk=visit.pk, part=part.pk, reason="unwell")
            self.attempt("not done", close)

    def holds_and_confirms(self, who, what, when):
        self.books(who, what, when, held=True, knows=True)
        self.confirms_a_hold(number=-1)

    def comes_for_an_adjustment_and_goes(self, who, hour):
        self.books(who, "adjustment_acupuncture", (1, hour), held=False, knows=True)
        self.comes_and_goes(number=-1)

    def confirms_a_hold(self, number):
        visit = self.pick(number, Status.HELD)
        if visit:
            self.attempt("confirm", lambda: confirm_hold(by=self.cast.ana, pk=visit.pk))

    def comes_and_goes(self, number):
        """Whoever is booked is adjusted and checked out; needles that were planned too are not done."""
        visit = self.booked(number, parts__discipline__key="chiropractic")
        if visit:
            self.until(visit.starts_at - timedelta(minutes=15))
        spine = visit and visit.parts.filter(discipline__key="chiropractic", status="planned").first()
        if spine:
            self.attempt("check out", lambda: self.treat(visit, spine))

    def treat(self, visit, spine):
        check_in(by=self.cast.ana, pk=visit.pk, checked_another_way=True)
        for what in ("in_room", "start", "done"):
            take_step(by=self.cast.daniel, pk=visit.pk, what=what, part=spine.pk)
        leave_untreated(by=self.cast.ana, pk=visit.pk, reason="no time")

    def it_had_happened(self, who, what, hours):
        wanted = self.wanted(who, what, (0, 0))
        wanted = Wanted(wanted.patient, wanted.service, wanted.location, self.clock - timedelta(hours=hours))
        if wanted.patient.merged_into_id is None:
            self.attempt("happened", lambda: it_happened(by=self.cast.ana, wanted=wanted, reason="walk-in"))

    def undoes_the_latest(self):
        change = self.latest_change().first()
        if change:
            self.attempt("undo", lambda: undo(by=self.cast.ana, change_pk=change.pk))

    def latest_change(self):
        return Change.objects.filter(undone_at=None).order_by("-at")

    def time_passes(self, hours):
        self.owed_then[self.clock] = self.owed(None)
        self.clock += timedelta(hours=hours)

    def merges_the_two_records_or_parts_them_again(self):
        kept, merged = self.patient("maria"), self.patient("marta")
        if merged.merged_into_id is None:
            versions = {one.pk: one.version for one in (kept, merged)}
            act = partial(merge, kept=kept.pk, merged=merged.pk, versions=versions, chosen={})
        else:
            made = Merge.objects.filter(undone_at=None).latest("at")
            act = partial(undo_merge, pk=made.pk)
        name = "part" if merged.merged_into_id else "merge"
        self.attempt(name, lambda: act(by=self.cast.ana, request_key=None))

    # What is drawn

    @rule(
        name=st.sampled_from(STEPS),
        who=WHO,
        what=WHAT,
        when=WHEN,
        number=PICK,
        days=DAYS,
        maybe=st.booleans(),
    )
    def takes_a_step(self, name, **drawn):
        """One rule for all: of several each run leaves some out, and then what needs two of them is never reached."""
        steps = {
            "sells": lambda who, number, days, **_more: self.sells(who, number, days),
            "approves": lambda who, number, days, **_more: self.approves(who, 1 + number % 3, days),
            "refunds": lambda number, **_more: self.refunds(number),
            "extends": lambda number, days, **_more: self.extends(number, days),
            "a last day": lambda number, **_more: self.a_last_day_passes(number),
            "worker": lambda number, **_more: self.the_worker_runs(30 * (number % 2)),
            "books": lambda who, what, when, maybe, **_more: self.books(who, what, when, False, maybe),
            "holds": lambda who, what, when, maybe, **_more: self.books(who, what, when, True, maybe),
            "holds and confirms": lambda who, what, when, **_more: self.holds_and_confirms(who, what, when),
            "confirms": lambda number, **_more: self.confirms_a_hold(number),
            "books and cancels": self.books_and_cancels,
            "moves": lambda number, when, **_more: self.moves(number, when),
            "cancels": lambda number, maybe, **_more: self.cancels(number, maybe),
            "cancels late": lambda number, maybe, **_more: self.cancels_an_hour_before(number, maybe),
            "gives back": lambda number, **_more: self.gives_back(number),
            "misses": lambda number, **_more: self.misses(number),
            "waives": lambda number, **_more: self.waives(number),
            "a part": lambda number, **_more: self.closes_a_part(number),
            "leaves it": lambda who, number, **_more: self.leaves_a_visit_to_another(who, number),
            "waives late": lambda who, number, **_more: self.waives_what_its_package_does_not_hold_any_more(
                who, number
            ),
            "comes": lambda number, **_more: self.comes_and_goes(number),
            "had come": lambda who, what, number, **_more: self.it_had_happened(who, what, 3 + number % 57),
            "undoes": lambda **_more: self.undoes_the_latest(),
            "records": lambda **_more: self.merges_the_two_records_or_parts_them_again(),
            "time": lambda number, **_more: self.time_passes(1 + number % 30),
        }
        steps[name](**drawn)

    def books_and_cancels(self, who, what, when, **_more):
        self.books_and_cancels_which_changes_nothing(who, what, when)

    # What must hold

    def balances(self):
        """{source: {kind: what its entries add up to}}, added up here, row by row."""
        found = defaultdict(lambda: defaultdict(int))
        for row in CreditEntry.objects.all():
            found[row.purchase_id][row.kind_of_care_id] += row.quantity
        for row in AuthorizationEntry.objects.all():
            found[row.authorization_id][None] += row.quantity
        return {source: dict(kinds) for source, kinds in found.items()}

    @invariant()
    def the_entries_are_true_to_the_visits(self):
        if not hasattr(self, "sandbox"):
            return
        assert wrong() == []
        assert waiting(self.clock) == []
        self.what_is_owed_was_said()
        counted = self.counts(None)
        left = {
            source: {kind: count.left for kind, count in kinds.items()} for source, kinds in counted.items()
        }
        assert left == self.balances()
        for count in (count for kinds in counted.values() for count in kinds.values()):
            parts = count.left + count.reserved + count.used + count.expired + count.refunded
            assert parts == count.granted
            assert min(count.left, count.reserved, count.used, count.expired, count.refunded) >= 0
        self.then[self.clock] = counted

    def what_is_owed_was_said(self):
        """What came back to refunded packages is a to-do each time; together they are what is owed for them."""
        refunded = list(Refund.objects.values_list("purchase", flat=True))
        said = {pk: promised(StaffTask.objects.filter(about__endswith=str(pk))) for pk in refunded}
        assert said == due_of(refunded)

    def counts(self, at):
        sold = list(Purchase.objects.values_list("pk", flat=True))
        approved = list(AuthorizationEntry.objects.values_list("authorization", flat=True).distinct())
        return counts_of(purchases=sold, authorizations=approved, at=at)

    def owed(self, at):
        return sorted((str(one.purchase), one.visits, one.amount) for one in liability(at))

    def every_past_instant_still_says_what_it_said(self):
        for instant, counted in list(self.then.items())[-12:]:
            assert self.counts(instant) == counted
        for instant, owed in list(self.owed_then.items())[-3:]:
            assert self.owed(instant) == owed
        for who in PATIENTS:
            patient = self.patient(who)
            found = of_patient(patient, on=date(2026, 12, 1), at=self.clock)
            assert [one.counts for one in found.purchases] == [
                tuple(self.counts(self.clock)[one.source.pk].values()) for one in found.purchases
            ]


def run(cast, *, examples, steps, always_the_same=True):
    counted = {}
    machine = type("CastLedger", (Ledger,), {"cast": cast, "done": counted})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=always_the_same,
            database=None,
            phases=[Phase.generate],  # each step costs a transaction: what fails is told as it was found
            suppress_health_check=list(HealthCheck),
        ),
    )
    return counted


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_the_entries_add_up_whatever_happens(cast, now):
    counted = run(cast, examples=8, steps=40)
    print("steps that were not refused:", sum(counted.values()), counted)
    assert {name: counted.get(name, 0) for name in FLOOR if counted.get(name, 0) < FLOOR[name]} == {}


# What each kind of step must reach at least, so that none of them goes unwatched; refusals are not counted.
FLOOR = {"merge": 1, "part": 1} | dict.fromkeys(
    [
        "sell", "approve", "extend", "refund", "expire", "book", "hold", "confirm", "cancel at once", "move",
        "cancel early", "cancel late", "cancel by us", "no-show", "waive", "not done", "check out", "happened",
        "undo", "taken by another", "came back",
    ],
    2,
)  # fmt: skip


def done(counted):
    return {name for name, times in counted.items() if times}


@pytest.mark.django_db
def test_one_walk_through_everything_that_can_happen(cast, now):
    """What chance seldom reaches, in an order that reaches it; the same must hold after each step."""
    machine = type("CastLedger", (Ledger,), {"cast": cast, "done": {}})()
    machine.begin()
    walk = [
        lambda: machine.sells(who="maria", number=2, days=4),
        lambda: machine.sells(who="marta", number=0, days=9),
        lambda: machine.approves(who="maria", visits=1, days=9),
        lambda: machine.books(
            who="maria", what="adjustment_acupuncture", when=(0, 8), held=False, knows=False
        ),
        lambda: machine.books(who="maria", what="acupuncture_follow_up", when=(1, 0), held=True, knows=True),
        lambda: machine.confirms_a_hold(number=0),
        lambda: machine.undoes_the_latest(),
        lambda: machine.confirms_a_hold(number=0),
        lambda: machine.books(
            who="marta", what="acupuncture_follow_up", when=(0, 20), held=False, knows=False
        ),
        lambda: machine.comes_and_goes(number=0),
        lambda: machine.undoes_the_latest(),
        lambda: machine.merges_the_two_records_or_parts_them_again(),
        lambda: machine.moves(number=1, when=(1, 4)),
        lambda: machine.cancels(number=1, waived=False),
        lambda: machine.waives(number=0),
        lambda: machine.merges_the_two_records_or_parts_them_again(),
        lambda: machine.books(
            who="maria", what="adjustment_acupuncture", when=(3, 0), held=False, knows=True
        ),
        lambda: machine.closes_a_part(number=0),
        lambda: machine.books(who="marta", what="acupuncture_follow_up", when=(4, 0), held=False, knows=True),
        lambda: machine.cancels(number=2, waived=False),
        lambda: machine.it_had_happened(who="maria", what="adjustment", hours=20),
        lambda: machine.time_passes(hours=12),
        lambda: machine.misses(number=0),
        lambda: machine.waives(number=0),
        lambda: machine.the_worker_runs(hours=100),
        lambda: machine.extends(number=0, days=9),
        lambda: machine.refunds(number=0),
        lambda: machine.books_and_cancels_which_changes_nothing(who="marta", what="adjustment", when=(2, 2)),
    ]
    for step in walk:
        step()
        machine.the_entries_are_true_to_the_visits()
    machine.teardown()
    assert done(machine.done) == {
        "approve",
        "book",
        "cancel at once",
        "cancel early",
        "cancel late",
        "check out",
        "confirm",
        "expire",
        "extend",
        "happened",
        "hold",
        "merge",
        "move",
        "no-show",
        "not done",
        "part",
        "refund",
        "sell",
        "undo",
        "waive",
    }


@pytest.mark.django_db
@pytest.mark.timeout(600)
def test_the_machine_notices_a_verb_that_forgets_to_settle(cast, now):
    """The control: canceling that leaves its entries as they were is found within a few steps."""
    with (
        mock.patch.object(ending, "settle_visits", return_value=mock.Mock(drawn=[])),
        pytest.raises(AssertionError),
    ):
        run(cast, examples=25, steps=40)


def freed(machine):
    """Three visits for one, and the clinic cancels the one that is covered."""
    machine.leaves_a_visit_to_another("maria", number=0)


def came_back(machine):
    """A late cancellation is waived after its package was refunded."""
    machine.waives_what_its_package_does_not_hold_any_more("maria", number=1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("story", "forgotten", "found"),
    [
        (freed, lambda: mock.patch.object(settling, "STILL_TO_BE_GIVEN", {"none"}), "not covered"),
        (came_back, lambda: mock.patch.object(Plan, "leave_what_is_over"), "left of a refunded package"),
        (came_back, lambda: mock.patch.object(ledger, "owe_more"), "Decimal"),
    ],
)
def test_the_machine_notices_what_is_not_taken_not_left_or_not_said(cast, now, story, forgotten, found):
    """Controls: each story is well as it is, and is noticed where the product forgets its part of it."""
    for is_well in (True, False):
        machine = type("CastLedger", (Ledger,), {"cast": cast, "done": {}})()
        machine.begin()
        with nullcontext() if is_well else forgotten():
            story(machine)
        if is_well:
            machine.the_entries_are_true_to_the_visits()
        else:
            with pytest.raises(AssertionError, match=found):
                machine.the_entries_are_true_to_the_visits()
        machine.teardown()


@pytest.mark.torture
@pytest.mark.django_db
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(4))
def test_the_entries_add_up_for_twenty_thousand_steps(cast, now, part):
    """In parts, which several workers share; other steps each time."""
    counted = run(cast, examples=75, steps=100, always_the_same=False)
    print(f"part {part}, steps that were not refused:", sum(counted.values()), counted)
    assert sum(counted.values()) > 2_000
