"""What holds of prices, refunds and agreements whatever the figures are."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from packages.rules import agreement as agreements
from packages.rules import coverages, refunding, selling

TODAY = date(2026, 11, 24)
MONEY = st.decimals(min_value=0, max_value=5000, places=2)
LINES = st.lists(
    st.builds(
        selling.Line,
        kind=st.integers(1, 5),
        name=st.sampled_from(["Acupuncture visit", "Adjustment visit", "Massage visit"]),
        visits=st.integers(1, 20),
        single=MONEY,
    ),
    min_size=1,
    max_size=5,
)
PRICES = st.lists(
    st.builds(
        selling.PartPrice,
        kind=st.integers(1, 3),
        amount=MONEY,
        parts_of_service=st.integers(1, 3),
        first_visit=st.booleans(),
    )
)


def used_lines(lines, shares):
    """Of each line as many used as its share, at most all."""
    return tuple(
        refunding.UsedLine(line.name, int(line.visits * share), line.single)
        for line, share in zip(lines, shares, strict=False)
    )


@given(MONEY, LINES, st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_a_refund_lies_between_nothing_and_what_was_paid(price, lines, shares):
    amount = refunding.RefundSum(price, used_lines(lines, shares)).amount
    assert 0 <= amount <= price


@given(MONEY, LINES, st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_one_more_visit_used_never_gives_more_back(price, lines, shares):
    used = used_lines(lines, shares)
    more = (used[0]._replace(used=used[0].used + 1), *used[1:])
    assert refunding.RefundSum(price, more).amount <= refunding.RefundSum(price, used).amount


@given(MONEY, LINES)
def test_unused_is_given_back_whole(price, lines):
    assert refunding.RefundSum(price, used_lines(lines, [0] * 5)).amount == price


@given(PRICES)
def test_the_price_of_one_is_one_of_the_prices_of_that_kind(prices):
    found = selling.single_prices(prices)
    assert found.keys() == {one.kind for one in prices}
    assert all(amount in {one.amount for one in prices if one.kind == kind} for kind, amount in found.items())


@given(PRICES, st.randoms())
def test_the_price_of_one_does_not_depend_on_the_order(prices, random):
    shuffled = list(prices)
    random.shuffle(shuffled)
    assert selling.single_prices(shuffled) == selling.single_prices(prices)


@given(MONEY, LINES)
def test_an_agreement_claims_less_only_where_it_is(price, lines):
    terms = agreements.Terms("P", price, tuple(lines), TODAY, TODAY, "", "", "")
    data = agreements.agreement(agreements.Parties("C", (), "M", ""), terms, on=TODAY)
    total = sum((line.visits * line.single for line in lines), Decimal(0))
    assert len(data["sums"]) == (3 if total > price else 2)
    assert data["sums"][0][1] == f"${total:,.2f}"
    assert len(data["rows"]) == len(lines)


@given(st.integers(1, 1095), st.integers(1, 1095))
def test_longer_validity_ends_later(one, other):
    days = [(selling.last_day(TODAY, n) - TODAY).days for n in (one, other)]
    assert (days[0] < days[1]) == (one < other)
    assert days[0] == one - 1


@given(st.integers(0, 30), st.integers(0, 30), st.integers(-40, 40))
def test_more_is_asked_for_whenever_little_or_no_time_is_left(left, taken, ends_in):
    days = {
        "starts_on": TODAY - timedelta(days=60),
        "ends_on": TODAY + timedelta(days=ends_in),
        "today": TODAY,
    }
    due = coverages.asks_for_more(left=left, taken=taken, owed=left, **days)
    if due:
        assert ends_in >= 0
        assert left <= 2 or ends_in <= 7
    elif ends_in >= 0 and left <= 2:
        assert taken == 0
