"""Selling, refunding, extending, coverages and requests: every rule by table, without a database."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from packages.models import CoverageKind, EntryKind, MoreVisitsStatus
from packages.rules import agreement as agreements
from packages.rules import coverages, history, refunding, selling
from packages.rules.selling import Line, PartPrice

TODAY = date(2026, 11, 24)
ACU, ADJ = 1, 2
LINES = (Line(ACU, "Acupuncture visit", 8, Decimal(90)), Line(ADJ, "Adjustment visit", 6, Decimal(65)))


# What one visit costs


@pytest.mark.parametrize(
    "prices, expected",
    [
        ([], {}),
        ([PartPrice(ACU, 90, 1, False)], {ACU: 90}),
        # Of several plain visits the lowest: nothing is reckoned against the patient.
        ([PartPrice(ACU, 90, 1, False), PartPrice(ACU, 70, 1, False)], {ACU: 70}),
        # A visit of its own counts before the share of a combined one, even where that is cheaper.
        ([PartPrice(ACU, 60, 2, False), PartPrice(ACU, 90, 1, False)], {ACU: 90}),
        # A first visit is another thing.
        ([PartPrice(ACU, 80, 1, True), PartPrice(ACU, 90, 1, False)], {ACU: 90}),
        # Where there is nothing else, that is what it costs.
        ([PartPrice(ACU, 60, 2, False)], {ACU: 60}),
        ([PartPrice(ACU, 90, 1, False), PartPrice(ADJ, 65, 1, False)], {ACU: 90, ADJ: 65}),
    ],
)
def test_the_price_of_one(prices, expected):
    assert selling.single_prices(prices) == expected


def test_all_visits_one_by_one():
    assert selling.singly(LINES) == 8 * 90 + 6 * 65
    assert selling.singly(()) == 0
    assert selling.singly([*LINES, Line(3, "Massage visit", 1, None)]) is None


@pytest.mark.parametrize("days, last", [(1, TODAY), (2, date(2026, 11, 25)), (90, date(2027, 2, 21))])
def test_the_first_day_counts(days, last):
    assert selling.last_day(TODAY, days) == last


# Selling

SALE = {
    "name": "Neck relief",
    "price": Decimal(1000),
    "lines": LINES,
    "place": "Uptown",
    "starts_on": TODAY,
    "today": TODAY,
    "merged": False,
}


@pytest.mark.parametrize(
    "change, reasons",
    [
        ({}, []),
        ({"price": Decimal(0)}, []),
        ({"starts_on": TODAY + timedelta(days=90)}, []),
        ({"price": None}, ["Neck relief has no price yet. An owner sets it under Clinic, Packages."]),
        ({"lines": ()}, ["Neck relief holds no visits. An owner sets them under Clinic, Packages."]),
        (
            {"lines": [Line(3, "Massage visit", 4, None)]},
            [
                (
                    "One massage visit has no price at Uptown, so the rest could not be refunded. Set it under Clinic,"
                    " Services and prices."
                )
            ],
        ),
        (
            {"starts_on": TODAY - timedelta(days=1)},
            ["The first day has passed. Choose today or a later day."],
        ),
        ({"starts_on": TODAY + timedelta(days=91)}, ["Choose a first day until Feb 22, 2027."]),
        (
            {"merged": True},
            ["This is an old record. Open the one it was merged into and sell it there."],
        ),
    ],
)
def test_reasons_not_to_sell(change, reasons):
    assert selling.reasons_not_to_sell(**{**SALE, **change}) == reasons


PACKAGE = {"name": "Mine", "visits": {"acupuncture_visit": 3}, "price": Decimal(200), "valid_days": 30}


@pytest.mark.parametrize(
    "change, reasons",
    [
        ({}, []),
        ({"price": None}, []),
        ({"name": " "}, ["Give the package a name."]),
        ({"visits": {"acupuncture_visit": 0}}, ["Put at least one visit into the package."]),
        ({"price": Decimal(-1)}, ["A price is not below zero. Leave it empty if it is not to be sold."]),
        ({"valid_days": 0}, ["A package is valid for 1 to 1095 days."]),
        ({"valid_days": 1096}, ["A package is valid for 1 to 1095 days."]),
    ],
)
def test_reasons_not_to_save_a_package(change, reasons):
    assert selling.reasons_not_to_save_package(**{**PACKAGE, **change}) == reasons


# Refunds


@pytest.mark.parametrize(
    "used, amount",
    [((0, 0), 1000), ((1, 0), 910), ((3, 2), 600), ((8, 4), 20), ((8, 5), 0), ((8, 6), 0)],
)
def test_a_refund_is_the_price_less_what_was_used_and_never_below_nothing(used, amount):
    lines = tuple(refunding.UsedLine(line.name, n, line.single) for line, n in zip(LINES, used, strict=True))
    assert refunding.RefundSum(Decimal(1000), lines).amount == amount


@pytest.mark.parametrize(
    "refunded, owed, reason, reasons",
    [
        (False, 3, "moves away", []),
        (True, 3, "moves away", ["This package was refunded already. Reload the page."]),
        (False, 0, "moves away", ["No visit of this package is left, so there is nothing to refund."]),
        (False, 3, " ", ["Write why it is refunded."]),
    ],
)
def test_reasons_not_to_refund(refunded, owed, reason, reasons):
    assert refunding.reasons_not_to_refund(refunded=refunded, owed=owed, reason=reason) == reasons


EXTENSION = {
    "refunded": False,
    "valid_until": date(2026, 12, 24),
    "until": date(2027, 1, 24),
    "today": TODAY,
    "reason": "was ill",
}


@pytest.mark.parametrize(
    "change, reasons",
    [
        ({}, []),
        # Over, and taken up again.
        ({"valid_until": date(2026, 10, 1), "until": TODAY}, []),
        ({"refunded": True}, ["This package was refunded. Sell a new one instead."]),
        ({"until": date(2026, 12, 24)}, ["It lasts until Dec 24, 2026 already. Choose a later day."]),
        (
            {"valid_until": date(2026, 10, 1), "until": date(2026, 11, 23)},
            ["That day has passed. Choose today or a later day."],
        ),
        ({"until": date(2027, 11, 26)}, ["Choose a day until Nov 25, 2027."]),
        ({"reason": ""}, ["Write why it lasts longer."]),
    ],
)
def test_reasons_not_to_extend(change, reasons):
    assert refunding.reasons_not_to_extend(**{**EXTENSION, **change}) == reasons


# Coverages and approvals

COVERAGE = {
    "kind": CoverageKind.HEALTH_PLAN, "insurer": "Blue Ridge", "injured_on": None, "starts_on": None,
    "ends_on": None, "today": TODAY,
}  # fmt: skip


@pytest.mark.parametrize(
    "change, reasons",
    [
        ({}, []),
        ({"kind": CoverageKind.SELF_PAY, "insurer": ""}, []),
        ({"insurer": " "}, ["Write the name of the insurer."]),
        ({"kind": CoverageKind.ATTORNEY, "insurer": ""}, ["Write the name of the attorney."]),
        ({"injured_on": TODAY}, []),
        (
            {"injured_on": TODAY + timedelta(days=1)},
            ["The date of injury is in the future. Choose today or an earlier day."],
        ),
        ({"starts_on": TODAY, "ends_on": TODAY}, []),
        (
            {"starts_on": TODAY, "ends_on": TODAY - timedelta(days=1)},
            ["It ends before it begins. Correct one of the two days."],
        ),
    ],
)
def test_reasons_not_to_save_a_coverage(change, reasons):
    assert coverages.reasons_not_to_save_coverage(**{**COVERAGE, **change}) == reasons


@pytest.mark.parametrize(
    "kind, known, asked",
    [
        ("self_pay", {}, []),
        ("health_plan", {}, ["member number"]),
        ("medicare", {"member_number": "1EG4"}, []),
        ("auto", {}, ["claim number", "date of injury"]),
        ("workers_comp", {"claim_number": "C1"}, ["date of injury"]),
        ("attorney", {"claim_number": "C1", "injured_on": TODAY}, []),
    ],
)
def test_what_is_still_to_be_asked(kind, known, asked):
    values = {"member_number": "", "claim_number": "", "injured_on": None, **known}
    assert coverages.missing(kind=kind, **values) == asked


APPROVAL = {
    "kind": "health_plan", "number": "A-1", "visits": 12, "starts_on": TODAY, "ends_on": TODAY + timedelta(days=60),
}  # fmt: skip


@pytest.mark.parametrize(
    "change, reasons",
    [
        ({}, []),
        ({"visits": None}, []),  # a change of its words and dates
        (
            {"kind": "self_pay"},
            ["Nobody approves visits for somebody who pays alone. Add the insurer first."],
        ),
        ({"number": " "}, ["Write the number of the approval."]),
        ({"visits": 0}, ["An approval is for one visit at least."]),
        ({"ends_on": TODAY - timedelta(days=1)}, ["It ends before it begins. Correct one of the two days."]),
    ],
)
def test_reasons_not_to_approve(change, reasons):
    assert coverages.reasons_not_to_approve(**{**APPROVAL, **change}) == reasons


CHANGE = {"withdrawn": False, "approved": 12, "visits": 16, "left": 5, "reason": "by phone"}


@pytest.mark.parametrize(
    "change, reasons",
    [
        ({}, []),
        ({"visits": 7}, []),
        (
            {"visits": 6},
            ["7 are booked or used already. Approve that many at least, or cancel visits first."],
        ),
        ({"visits": 12}, ["It is for that many visits already."]),
        ({"withdrawn": True}, ["This approval is withdrawn. Add a new one instead."]),
        ({"reason": " "}, ["Write why the number changed."]),
    ],
)
def test_reasons_not_to_change_the_number_of_visits(change, reasons):
    assert coverages.reasons_not_to_change_visits(**{**CHANGE, **change}) == reasons


@pytest.mark.parametrize(
    "left, taken, owed, ends_in, due",
    [
        (3, 9, 3, 60, False),
        (2, 10, 2, 60, True),
        (0, 12, 4, 60, True),  # all are booked
        (2, 0, 2, 60, False),  # nothing was taken of so small an approval yet
        (9, 3, 9, 8, False),
        (9, 3, 9, 7, True),
        (9, 0, 9, 0, True),  # its last day
        (0, 12, 0, 5, True),
        (9, 3, 9, -1, False),  # over
    ],
)
def test_when_more_visits_are_asked_for(left, taken, owed, ends_in, due):
    days = {
        "starts_on": TODAY - timedelta(days=90),
        "ends_on": TODAY + timedelta(days=ends_in),
        "today": TODAY,
    }
    assert coverages.asks_for_more(left=left, taken=taken, owed=owed, **days) is due


def test_an_approval_that_has_not_begun_asks_for_nothing():
    days = {"starts_on": TODAY + timedelta(days=1), "ends_on": TODAY + timedelta(days=3), "today": TODAY}
    assert coverages.asks_for_more(left=1, taken=2, owed=1, **days) is False


@pytest.mark.parametrize("status", MoreVisitsStatus.values)
@pytest.mark.parametrize("to", MoreVisitsStatus.values)
def test_the_steps_of_a_request(status, to):
    allowed = {
        ("to_send", "sent"),
        ("to_send", "not_needed"),
        ("sent", "approved"),
        ("sent", "refused"),
        ("sent", "not_needed"),
    }
    reasons = coverages.reasons_not_to_step(status=status, to=to, note="by phone")
    assert (reasons == []) is ((status, to) in allowed)


@pytest.mark.parametrize(
    "to, note, fine", [("refused", "", False), ("refused", "no", True), ("approved", "", True)]
)
def test_a_refusal_says_why(to, note, fine):
    assert (coverages.reasons_not_to_step(status="sent", to=to, note=note) == []) is fine


# The history in words

K = EntryKind


@pytest.mark.parametrize(
    "kind, taken_back, visits, approved, said",
    [
        (K.GRANTED, None, [(8, "Acupuncture visit"), (1, "Re-evaluation")], False,
         "8 × Acupuncture visit, Re-evaluation bought"),
        (K.GRANTED, None, [(12, "Acupuncture")], True, "12 × Acupuncture approved"),
        (K.RESERVED, None, [(-1, "Acupuncture visit")], False, "Acupuncture visit booked"),
        (K.CONSUMED, None, [(-1, "Adjustment visit")], False, "Adjustment visit used"),
        (K.RELEASED, K.RESERVED, [(1, "Adjustment visit")], False, "Adjustment visit given back"),
        (K.RELEASED, K.CONSUMED, [(1, "Adjustment visit")], False, "Adjustment visit no longer counted as used"),
        (K.RELEASED, K.EXPIRED, [(6, "Adjustment visit")], False, "6 × Adjustment visit back: it lasts longer"),
        (K.EXPIRED, None, [(-6, "Adjustment visit")], False, "6 × Adjustment visit expired"),
        (K.EXPIRED, None, [(-4, "Acupuncture")], True, "4 × Acupuncture fewer approved"),
        (K.REFUNDED, None, [(-2, "Massage visit")], False, "2 × Massage visit refunded"),
    ],
)  # fmt: skip
def test_entries_in_words(kind, taken_back, visits, approved, said):
    assert history.words(kind=kind, taken_back=taken_back, visits=visits, approved=approved) == said


def test_checking_out_reads_as_used_and_canceling_as_given_back():
    def row(kind, part, at):
        return SimpleNamespace(kind=kind, visitpart=part, at=at)

    used = [row("released", "p1", 2), row("consumed", "p1", 2)]
    canceled = row("released", "p2", 3)
    halves = history.second_halves([*used, canceled, row("reserved", "p2", 1)])
    assert [history.is_step_of(one, halves) for one in [*used, canceled]] == [True, False, False]


# The agreement


def agreed(**change):
    terms = agreements.Terms(
        name="Neck relief", price=Decimal(1000), lines=LINES, valid_from=TODAY, valid_until=date(2027, 2, 21),
        note="no trial of this combination", first_visits="", policy="",
    )._replace(**change)  # fmt: skip
    parties = agreements.Parties("Meridian", ("Uptown", ""), "Maria Garcia", "")
    return agreements.agreement(parties, terms, on=TODAY)


def test_the_agreement_in_values():
    data = agreed()
    assert data["rows"] == [
        ["Acupuncture visit", "8", "$90.00", "$720.00"],
        ["Adjustment visit", "6", "$65.00", "$390.00"],
    ]
    assert data["sums"] == [
        ["All visits bought one by one", "$1,110.00"],
        ["Price of the package", "$1,000.00"],
        ["Less than one by one", "$110.00"],
    ]
    assert data["about"] == ["Patient: Maria Garcia", "Paid by: Maria Garcia"]
    assert data["clinic"] == {"name": "Meridian", "lines": ["Uptown"]}


def test_a_package_that_is_no_cheaper_claims_nothing():
    assert [words for words, _sum in agreed(price=Decimal(1110))["sums"]] == [
        "All visits bought one by one",
        "Price of the package",
    ]


def test_the_agreement_leaves_out_what_has_no_words():
    assert [one["heading"] for one in agreed()["sections"]] == [
        "How long it is valid",
        "If you end it early",
        "What we do not promise",
    ]
    full = agreed(first_visits="paid one by one", policy="Late is less than 24 hours.")
    assert [one["heading"] for one in full["sections"]][2:4] == [
        "Late cancellations and missed visits",
        "First visits",
    ]
    assert full["sections"][3]["words"] == "Paid one by one."


def test_no_result_is_promised():
    assert agreed()["sections"][-1]["words"] == (
        "A package is a number of visits, not a promise of a result. You can stop at any time. No trial of this"
        " combination."
    )
