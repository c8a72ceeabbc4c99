"""The rules of the ledger, by table: which source a part draws on, and what has to be written for it."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packages.rules.ledger import PartState, Source, Standing, Wanted, beyond, choose, plan

DAY = date(2026, 11, 24)
ACU, ADJ, MASSAGE = 1, 2, 3  # kinds of care
NEEDLES, SPINE = 10, 20  # disciplines


def number(value):
    return UUID(int=value)


def bought(value, left=1, *, kind=ACU, first=DAY, days=30, closed=False):
    return Source(number(value), "purchase", first, first + timedelta(days), {kind: left}, closed=closed)


def approved(value, left=1, *, discipline=NEEDLES, first=DAY, days=30, closed=False):
    last = first + timedelta(days)
    return Source(number(value), "authorization", first, last, {None: left}, discipline, closed)


def part(value=1, *, wanted=Wanted.RESERVED, kind=ACU, discipline=NEEDLES, on=DAY, kept=True):
    return PartState(number(value), kind, discipline, on, wanted, kept)


def stands(source, *, kind="reserved", of=1, entry=99):
    return Standing(number(entry), number(of), source.id, source.type, kind, ACU)


def said(made):
    """[(kind, number of the source)] of the rows to write."""
    return [(one.kind, one.source.int) for one in made.writes]


@pytest.mark.parametrize(
    ("sources", "chosen"),
    [
        ([], None),
        ([bought(1)], 1),
        ([bought(1, left=0)], None),
        ([bought(1, days=40), bought(2, days=30)], 2),
        ([bought(1, days=30, left=0), bought(2, days=40)], 2),
        ([bought(1, days=1), approved(2, days=300)], 2),
        ([bought(1), approved(2, left=0)], 1),
        ([bought(1), approved(2, discipline=SPINE)], 1),
        ([approved(2, days=40), approved(3, days=20)], 3),
        ([bought(1, closed=True), bought(2, days=90)], 2),
        ([approved(1, closed=True)], None),
        ([bought(1, first=DAY + timedelta(1))], None),
        ([bought(1, first=DAY - timedelta(30), days=29)], None),
        ([bought(1, first=DAY - timedelta(30), days=30)], 1),
        ([bought(1, kind=ADJ)], None),
    ],
)
def test_an_approval_first_then_the_package_that_ends_soonest(sources, chosen):
    found = choose(sources, part())
    assert (found.id.int if found else None) == chosen


def test_a_part_without_a_kind_of_care_draws_on_no_package_but_on_an_approval():
    assert choose([bought(1)], part(kind=None)) is None
    assert choose([approved(2)], part(kind=None)).id.int == 2


@pytest.mark.parametrize(
    ("standing", "wanted", "kept", "writes"),
    [
        (None, Wanted.NOTHING, True, []),
        (None, Wanted.RESERVED, True, [("reserved", 1)]),
        (None, Wanted.CONSUMED, True, [("consumed", 1)]),
        (None, Wanted.CONSUMED, False, []),
        ("reserved", Wanted.NOTHING, True, [("released", 1)]),
        ("reserved", Wanted.RESERVED, True, []),
        ("reserved", Wanted.CONSUMED, True, [("released", 1), ("consumed", 1)]),
        ("reserved", Wanted.CONSUMED, False, [("released", 1), ("consumed", 1)]),
        ("consumed", Wanted.NOTHING, True, [("released", 1)]),
        ("consumed", Wanted.RESERVED, True, [("released", 1), ("reserved", 1)]),
        ("consumed", Wanted.CONSUMED, True, []),
        ("consumed", Wanted.CONSUMED, False, []),
    ],
)
def test_what_is_written_for_a_part_of_a_package(standing, wanted, kept, writes):
    source = bought(1, left=0 if standing else 1)
    rows = [stands(source, kind=standing)] if standing else []
    assert said(plan([source], rows, [part(wanted=wanted, kept=kept)])) == writes


@pytest.mark.parametrize(
    ("standing", "wanted", "kept", "writes"),
    [
        ("reserved", Wanted.CONSUMED, True, [("released", 1), ("consumed", 1)]),
        # An insurer pays for nothing that was not done, and the package is not charged in its place.
        ("reserved", Wanted.CONSUMED, False, [("released", 1)]),
        ("consumed", Wanted.RESERVED, True, [("released", 1), ("reserved", 1)]),
        (None, Wanted.CONSUMED, False, []),
    ],
)
def test_what_is_written_for_a_part_of_an_approval(standing, wanted, kept, writes):
    source = approved(1, left=0 if standing else 1)
    rows = [stands(source, kind=standing)] if standing else []
    assert said(plan([source, bought(2)], rows, [part(wanted=wanted, kept=kept)])) == writes


def test_moving_keeps_the_reservation_although_another_source_would_be_chosen_now():
    first, sooner = bought(1, left=0, days=90), bought(2, left=5, days=10)
    assert said(plan([first, sooner], [stands(first)], [part(on=DAY + timedelta(5))])) == []


def test_moved_past_the_end_of_its_source_it_draws_on_another_one():
    first, later = bought(1, left=0, days=10), bought(2, days=90)
    made = plan([first, later], [stands(first)], [part(on=DAY + timedelta(11))])
    assert said(made) == [("released", 1), ("reserved", 2)]


def test_moved_past_the_end_of_everything_it_has_lost_its_source():
    first = approved(1, left=0, days=10)
    made = plan([first], [stands(first)], [part(on=DAY + timedelta(11))])
    assert said(made) == [("released", 1)]
    assert made.covered[number(1)].lost
    assert made.covered[number(1)].beyond.id == first.id


def test_what_one_part_gives_back_is_there_for_the_other():
    source = bought(1, left=0)
    gives, takes = part(1, wanted=Wanted.NOTHING), part(2)
    made = plan([source], [stands(source, of=1)], [takes, gives])
    assert said(made) == [("released", 1), ("reserved", 1)]


def test_the_earlier_visit_gets_the_last_one():
    source = bought(1, left=1)
    later, earlier = part(1, on=DAY + timedelta(3)), part(2, on=DAY)
    made = plan([source], [], [later, earlier])
    assert [one.visitpart.int for one in made.writes] == [2]
    assert made.covered[number(1)].source is None


def test_a_withdrawn_approval_loses_what_was_booked_and_keeps_what_was_used():
    source = approved(1, left=5, closed=True)
    assert said(plan([source], [stands(source)], [part()])) == [("released", 1)]
    done = part(wanted=Wanted.CONSUMED)
    assert said(plan([source], [stands(source, kind="consumed")], [done])) == []


def test_what_is_used_stays_used_when_the_dates_were_changed_since():
    source = bought(1, left=0, first=DAY + timedelta(5))
    assert said(plan([source], [stands(source, kind="consumed")], [part(wanted=Wanted.CONSUMED)])) == []


def test_what_stands_on_somebody_elses_source_is_given_back():
    """As after a merge was undone."""
    strange, own = bought(7), bought(1)
    assert said(plan([own], [stands(strange)], [part()])) == [("released", 7), ("reserved", 1)]


def test_a_part_that_stands_twice_is_put_right():
    one, other = bought(1, left=0), approved(2, left=0)
    rows = [stands(one, entry=1), stands(other, entry=2)]
    assert said(plan([one, other], rows, [part()])) == [("released", 2)]


@pytest.mark.parametrize(
    ("sources", "found"),
    [
        ([approved(1, left=0)], 1),
        ([approved(1, left=3, first=DAY - timedelta(60), days=20)], 1),
        ([approved(1, left=0), approved(2, left=0, days=60)], 2),
        ([approved(1, left=0, discipline=SPINE)], None),
        ([bought(1, left=0)], None),
    ],
)
def test_an_approval_that_is_used_up_or_out_of_dates_is_named(sources, found):
    row = beyond(sources, part())
    assert (row.id.int if row else None) == found
    covered = plan(sources, [], [part()]).covered[number(1)]
    assert (covered.source, covered.beyond) == (None, row)


def test_only_a_part_that_is_to_be_reserved_is_beyond_anything():
    gone = [approved(1, left=0)]
    assert plan(gone, [], [part(wanted=Wanted.NOTHING)]).covered[number(1)].beyond is None
    assert plan(gone, [], [part(wanted=Wanted.CONSUMED)]).covered[number(1)].beyond is None


SOURCES = st.builds(
    lambda value, is_bought, left, start, days: (
        bought(value, left, first=DAY + timedelta(start), days=days)
        if is_bought
        else approved(value, left, first=DAY + timedelta(start), days=days)
    ),
    st.integers(1, 5),
    st.booleans(),
    st.integers(0, 3),
    st.integers(-5, 5),
    st.integers(0, 12),
)
PARTS = st.builds(
    lambda value, wanted, days, kept: part(value, wanted=wanted, on=DAY + timedelta(days), kept=kept),
    st.integers(1, 9),
    st.sampled_from(Wanted),
    st.integers(-3, 10),
    st.booleans(),
)


@given(
    st.lists(SOURCES, max_size=5, unique_by=lambda one: one.id),
    st.lists(PARTS, max_size=8, unique_by=lambda one: one.visitpart),
)
def test_nothing_goes_below_zero_and_asked_again_nothing_is_written(sources, parts):
    made = plan(sources, [], parts)
    after = list(made.sources.values())
    assert all(count >= 0 for one in after for count in one.left.values())
    rows = [
        Standing(number(1000 + n), one.visitpart, one.source, one.type, one.kind, one.kind_of_care)
        for n, one in enumerate(made.writes)
    ]
    assert plan(after, rows, parts).writes == []


@given(
    st.lists(SOURCES, max_size=5, unique_by=lambda one: one.id),
    st.lists(PARTS, max_size=8, unique_by=lambda one: one.visitpart),
)
def test_giving_everything_back_leaves_what_there_was(sources, parts):
    made = plan(sources, [], parts)
    rows = [
        Standing(number(1000 + n), one.visitpart, one.source, one.type, one.kind, one.kind_of_care)
        for n, one in enumerate(made.writes)
    ]
    nothing = [part(one.visitpart.int, wanted=Wanted.NOTHING) for one in parts]
    again = plan(made.sources.values(), rows, nothing)
    assert {pk: one.left for pk, one in again.sources.items()} == {one.id: one.left for one in sources}
