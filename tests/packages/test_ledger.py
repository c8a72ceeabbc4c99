"""The rules of the ledger, by table: which source a part draws on, and what has to be written for it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packages.rules.ledger import PartState, Source, Standing, Wanted, beyond, choose, plan, way_out

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


# What has ended, and what is taken back


def over(*sources, way="expired"):
    return {one.id: way for one in sources}


@pytest.mark.parametrize(
    ("source", "way"),
    [
        (bought(1, days=0), None),
        (bought(1, first=DAY - timedelta(9), days=8), "expired"),
        (bought(1, closed=True), "refunded"),
        (bought(1, first=DAY - timedelta(9), days=8, closed=True), "refunded"),
        (approved(1, first=DAY - timedelta(9), days=8), None),
        (approved(1, closed=True), None),
    ],
)
def test_how_what_is_left_goes(source, way):
    assert way_out(source, DAY) == way


@pytest.mark.parametrize("way", ["expired", "refunded"])
@pytest.mark.parametrize("kind", ["reserved", "consumed"])
def test_what_comes_back_to_what_has_ended_leaves_it_for_its_part(way, kind):
    source = bought(1, left=0)
    nothing = part(wanted=Wanted.NOTHING)
    made = plan([source], [stands(source, kind=kind)], [nothing], over=over(source, way=way))
    assert [(one.kind, one.visitpart.int) for one in made.writes] == [("released", 1), (way, 1)]
    assert made.sources[source.id].left == {ACU: 0}


def test_what_another_part_takes_does_not_leave():
    source = bought(1, left=0)
    gives, takes = part(1, wanted=Wanted.NOTHING), part(2)
    made = plan([source], [stands(source)], [gives, takes], over=over(source))
    assert said(made) == [("released", 1), ("reserved", 1)]


def test_what_a_part_keeps_in_another_form_does_not_leave():
    """Nor does what expires by itself, later: only what came back."""
    source = bought(1, left=3)
    made = plan([source], [stands(source)], [part(wanted=Wanted.CONSUMED)], over=over(source))
    assert said(made) == [("released", 1), ("consumed", 1)]


def test_what_was_left_before_stays_as_it_is():
    source = bought(1, left=3)
    made = plan([source], [], [part(wanted=Wanted.NOTHING)], over=over(source))
    assert said(made) == []


def test_a_part_has_again_what_expired_when_it_gave_it_back():
    source, other = bought(1, left=0), bought(2, days=5)
    made = plan([source, other], [stands(source, kind="expired")], [part()], over=over(source))
    assert said(made) == [("released", 1), ("reserved", 1)]
    assert (made.writes[0].reverses.int, made.covered[number(1)].lost) == (99, False)


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        (bought(1, left=0), part(wanted=Wanted.NOTHING)),
        (bought(1, left=0), part(wanted=Wanted.CONSUMED, kept=False)),
        (bought(1, left=0, days=3), part(on=DAY + timedelta(4))),
        (bought(1, left=0, closed=True), part()),
    ],
)
def test_otherwise_it_stays_expired(source, asked):
    made = plan([source], [stands(source, kind="expired")], [asked], over=over(source))
    assert (said(made), made.covered[number(1)].lost) == ([], False)


THEN = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)


def stood(source, of, at=THEN):
    return replace(stands(source, of=of, entry=of), at=at)


def other_part(value, days=0, **more):
    return replace(part(value, on=DAY + timedelta(days), **more), other=True)


def test_what_others_took_then_goes_back_to_whom_it_was_taken_from():
    source = bought(1, left=0)
    made = plan([source], [stood(source, 2)], [part(1), other_part(2)], undone=THEN)
    assert [(one.kind, one.visitpart.int) for one in made.writes] == [("released", 2), ("reserved", 1)]
    assert made.covered[number(2)].lost


@pytest.mark.parametrize(
    ("other", "at", "undone"),
    [
        (True, THEN, None),
        (True, THEN - timedelta(minutes=1), THEN),
        (False, THEN, THEN),
    ],
)
def test_what_they_had_otherwise_they_keep(other, at, undone):
    source = bought(1, left=0)
    parts = [part(1), replace(part(2), other=other)]
    assert said(plan([source], [stood(source, 2, at)], parts, undone=undone)) == []


def test_with_enough_for_both_nothing_is_written_for_the_other():
    source = bought(1, left=1)
    made = plan([source], [stood(source, 2)], [part(1), other_part(2)], undone=THEN)
    assert [(one.kind, one.visitpart.int) for one in made.writes] == [("reserved", 1)]
    assert made.covered[number(2)].source.id == source.id


def test_of_several_that_took_then_the_latest_visit_yields():
    source = bought(1, left=0)
    rows = [stood(source, 2), stood(source, 3)]
    parts = [other_part(3, days=9), part(1), other_part(2, days=2)]
    made = plan([source], rows, parts, undone=THEN)
    assert [(one.kind, one.visitpart.int) for one in made.writes] == [("released", 3), ("reserved", 1)]


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
