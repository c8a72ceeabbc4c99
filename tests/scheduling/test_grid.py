from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.timespan import TimeSpan
from scheduling.rules.grid import Grid, every, free_runs, set_bits

NINE = datetime(2025, 6, 3, 9, tzinfo=UTC)
HOUR = Grid(NINE, 12)


def after(minutes, seconds=0):
    return NINE + timedelta(minutes=minutes, seconds=seconds)


# The grid


@pytest.mark.parametrize("start", [after(1), after(0, 30), NINE + timedelta(microseconds=1)])
def test_a_grid_starts_on_a_full_five_minutes(start):
    with pytest.raises(ValueError, match="full 5 minutes"):
        Grid(start, 12)


def test_a_grid_without_quanta_or_zone_is_refused():
    with pytest.raises(ValueError, match="at least one quantum"):
        Grid(NINE, 0)
    with pytest.raises(ValueError, match="needs a time zone"):
        Grid(NINE.replace(tzinfo=None), 12)


def test_a_local_start_is_kept_in_utc():
    assert Grid(datetime(2025, 6, 3, 10, tzinfo=ZoneInfo("Europe/London")), 12) == HOUR


def test_over_is_the_smallest_grid_that_covers_a_span():
    assert Grid.over(TimeSpan(after(1), after(58))) == HOUR
    assert Grid.over(TimeSpan(after(0), after(60))) == HOUR
    assert Grid.over(TimeSpan(after(0), after(60, 1))) == Grid(NINE, 13)


def test_span_and_all_bits_are_the_whole_grid():
    assert HOUR.span == TimeSpan(after(0), after(60))
    assert HOUR.all_bits == 0b1111_1111_1111


@pytest.mark.parametrize(
    "moment, index", [(after(0), 0), (after(4, 59), 0), (after(5), 1), (after(60), 12), (after(-1), -1)]
)
def test_index_is_the_quantum_an_instant_lies_in(moment, index):
    assert HOUR.index(moment) == index


def test_instant_is_where_a_quantum_begins():
    assert (HOUR.instant(0), HOUR.instant(3)) == (NINE, after(15))
    assert HOUR.instant(3).tzinfo is UTC


def test_a_grid_across_a_clock_change_counts_real_minutes():
    new_york = ZoneInfo("America/New_York")
    grid = Grid(datetime(2025, 3, 9, 1, 30, tzinfo=new_york), 24)
    assert grid.index(datetime(2025, 3, 9, 3, 30, tzinfo=new_york)) == 12
    assert grid.instant(12).astimezone(new_york).hour == 3


# Masks


@pytest.mark.parametrize(
    "starts, ends, busy, free",
    [
        (after(0), after(60), 0b1111_1111_1111, 0b1111_1111_1111),
        (after(5), after(15), 0b110, 0b110),
        (after(4), after(15), 0b111, 0b110),
        (after(5), after(16), 0b1110, 0b110),
        (after(6), after(9), 0b10, 0),
        (after(6), after(14), 0b110, 0),
        (after(-30), after(10), 0b11, 0b11),
        (after(50), after(90), 0b1100_0000_0000, 0b1100_0000_0000),
        (after(-30), after(0), 0, 0),
        (after(60), after(90), 0, 0),
        (after(-30), after(90), 0b1111_1111_1111, 0b1111_1111_1111),
        (after(7), after(7), 0, 0),
        (after(10), after(5), 0, 0),
    ],
)
def test_busy_time_is_rounded_outward_and_free_time_inward(starts, ends, busy, free):
    assert HOUR.mask(starts, ends, outward=True) == busy
    assert HOUR.mask(starts, ends, outward=False) == free


def test_bits_from_joins_intervals():
    intervals = [(after(0), after(5)), (after(3), after(12)), (after(55), after(70))]
    assert HOUR.bits_from(intervals, outward=True) == 0b1000_0000_0111
    assert HOUR.bits_from(intervals, outward=False) == 0b1000_0000_0011
    assert HOUR.bits_from([], outward=True) == 0


seconds = st.integers(-900, 4500)


@settings(derandomize=True, deadline=None)
@given(seconds, seconds)
def test_a_mask_is_what_the_seconds_say(begin, end):
    """Naively: the seconds of each quantum, asked one by one (a half-open interval)."""
    inside = range(begin, end)
    touched = whole = 0
    for index in range(12):
        quantum = range(index * 300, index * 300 + 300)
        hit = max(quantum[0], begin) < min(quantum[-1] + 1, end)
        touched |= hit << index
        whole |= (hit and quantum[0] in inside and quantum[-1] in inside) << index
    assert HOUR.mask(after(0, begin), after(0, end), outward=True) == touched
    assert HOUR.mask(after(0, begin), after(0, end), outward=False) == whole


# Bits

bitsets = st.integers(0, 2**70 - 1)


@pytest.mark.parametrize("length, runs", [(1, 0b1110111), (2, 0b0110011), (3, 0b0010001), (4, 0)])
def test_a_run_is_marked_where_it_begins(length, runs):
    assert free_runs(0b1110111, length) == runs


def test_a_run_has_a_length():
    with pytest.raises(ValueError, match="at least one quantum"):
        free_runs(0b1, 0)


@settings(derandomize=True, deadline=None)
@given(bitsets | st.integers(0, 69).map(lambda hole: 2**70 - 1 - 2**hole), st.integers(1, 40))
def test_free_runs_are_what_the_digits_say(bits, length):
    digits = bin(bits)[:1:-1]
    expected = [at for at in range(len(digits)) if digits[at : at + length] == "1" * length]
    assert list(set_bits(free_runs(bits, length))) == expected


@settings(derandomize=True, deadline=None)
@given(st.sets(st.integers(0, 5000)))
def test_set_bits_are_the_indexes_ascending(indexes):
    assert list(set_bits(sum(1 << index for index in indexes))) == sorted(indexes)


@settings(derandomize=True, deadline=None)
@given(st.integers(1, 50), st.integers(0, 200))
def test_every_is_a_comb(step, quanta):
    assert list(set_bits(every(step, quanta))) == list(range(0, quanta, step))


def test_a_comb_has_a_step():
    with pytest.raises(ValueError, match="at least one quantum"):
        every(0, 10)
