from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.timespan import TimeSpan, in_utc, merge, subtract


def at(hour, minute=0, day=3):
    return datetime(2025, 6, day, hour, minute, tzinfo=UTC)


def span(begins, ends):
    """Minutes after 00:00 on the third of June."""
    return TimeSpan(at(0) + timedelta(minutes=begins), at(0) + timedelta(minutes=ends))


# Making one


def test_instants_are_kept_in_utc():
    new_york = ZoneInfo("America/New_York")
    made = TimeSpan(datetime(2025, 6, 3, 9, tzinfo=new_york), datetime(2025, 6, 3, 16, tzinfo=UTC))
    assert made.start.isoformat() == "2025-06-03T13:00:00+00:00"
    assert (made.start.tzinfo, made.end.tzinfo) == (UTC, UTC)


@pytest.mark.parametrize("end", [at(9), at(8, 59)])
def test_a_span_ends_after_it_starts(end):
    with pytest.raises(ValueError, match="ends after it starts"):
        TimeSpan(at(9), end)


def test_order_is_judged_by_the_instant_and_not_by_the_clock_on_the_wall():
    new_york, london = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
    nine_there = datetime(2025, 6, 3, 9, tzinfo=new_york)
    ten_here = datetime(2025, 6, 3, 10, tzinfo=london)
    assert TimeSpan(ten_here, nine_there).minutes == 240
    with pytest.raises(ValueError, match="ends after it starts"):
        TimeSpan(nine_there, ten_here)


@pytest.mark.parametrize(
    "start, end", [(at(9).replace(tzinfo=None), at(10)), (at(9), at(10).replace(tzinfo=None))]
)
def test_a_naive_time_is_refused(start, end):
    with pytest.raises(ValueError, match="needs a time zone"):
        TimeSpan(start, end)


def test_of_counts_real_minutes_across_a_clock_change():
    half_past_one = datetime(2025, 3, 9, 1, 30, tzinfo=ZoneInfo("America/New_York"))
    made = TimeSpan.of(half_past_one, minutes=60)
    assert made == TimeSpan(datetime(2025, 3, 9, 6, 30, tzinfo=UTC), datetime(2025, 3, 9, 7, 30, tzinfo=UTC))


def test_nothing_in_it_changes_and_nothing_is_added():
    made = span(0, 5)
    with pytest.raises(FrozenInstanceError):
        made.start = at(1)
    assert not hasattr(made, "__dict__")


def test_equal_spans_are_one_in_a_set_and_spans_sort_by_start_then_end():
    assert len({span(0, 5), span(0, 5)}) == 1
    assert sorted([span(5, 9), span(0, 7), span(0, 5)]) == [span(0, 5), span(0, 7), span(5, 9)]


# Measuring one


def test_whole_minutes_are_an_integer_and_others_are_not():
    whole, half = span(0, 45).minutes, TimeSpan.of(at(9), minutes=2.5).minutes
    assert (whole, type(whole)) == (45, int)
    assert (half, type(half)) == (2.5, float)


def test_utc_dates_leave_out_the_day_on_which_a_span_ends_at_midnight():
    assert TimeSpan(at(22), at(0, day=4)).utc_dates() == [date(2025, 6, 3)]


def test_utc_dates_name_every_day_touched():
    assert TimeSpan(at(23, 59), at(0, 1, day=5)).utc_dates() == [
        date(2025, 6, 3),
        date(2025, 6, 4),
        date(2025, 6, 5),
    ]


def test_utc_dates_are_not_the_local_dates():
    sydney = ZoneInfo("Australia/Sydney")
    morning = TimeSpan(datetime(2025, 6, 3, 9, tzinfo=sydney), datetime(2025, 6, 3, 11, tzinfo=sydney))
    assert morning.utc_dates() == [date(2025, 6, 2), date(2025, 6, 3)]


# Two of them


@pytest.mark.parametrize(
    "one, other, shared",
    [
        (span(0, 30), span(30, 60), None),
        (span(0, 30), span(40, 60), None),
        (span(0, 30), span(29, 60), span(29, 30)),
        (span(0, 60), span(10, 20), span(10, 20)),
        (span(0, 60), span(0, 60), span(0, 60)),
    ],
)
def test_overlap_and_intersection_agree_both_ways_round(one, other, shared):
    assert (one.intersection(other), other.intersection(one)) == (shared, shared)
    assert (one.overlaps(other), other.overlaps(one)) == (shared is not None,) * 2


def test_the_start_lies_inside_and_the_end_does_not():
    hour = TimeSpan(at(9), at(10))
    inside = [hour.contains(moment) for moment in (at(8, 59), at(9), at(9, 59), at(10))]
    assert inside == [False, True, True, False]


@pytest.mark.parametrize(
    "inner, inside",
    [
        (span(0, 60), True),
        (span(10, 60), True),
        (span(0, 61), False),
        (span(60, 70), False),
    ],
)
def test_containing_a_span(inner, inside):
    assert span(0, 60).contains(inner) is inside


@pytest.mark.parametrize(
    "gone, left",
    [
        (span(60, 90), [span(0, 60)]),
        (span(0, 60), []),
        (span(0, 10), [span(10, 60)]),
        (span(50, 70), [span(0, 50)]),
        (span(20, 30), [span(0, 20), span(30, 60)]),
    ],
)
def test_minus(gone, left):
    assert span(0, 60).minus(gone) == left


def test_shifted_and_padded():
    five = timedelta(minutes=5)
    assert span(10, 20).shifted(-five) == span(5, 15)
    assert span(10, 20).padded(before=five) == span(5, 20)
    assert span(10, 20).padded(after=five) == span(10, 25)
    assert span(10, 20).padded(before=-five) == span(15, 20)


# Many of them


def test_merge_joins_what_touches_and_keeps_what_does_not():
    assert merge([span(40, 50), span(0, 10), span(10, 20), span(2, 5), span(21, 30)]) == [
        span(0, 20),
        span(21, 30),
        span(40, 50),
    ]


def test_subtract_takes_lunch_and_a_meeting_out_of_a_day():
    day = [TimeSpan(at(9), at(17))]
    taken = [TimeSpan(at(16, 30), at(18)), TimeSpan(at(12), at(13)), TimeSpan(at(12, 30), at(13))]
    assert subtract(day, taken) == [TimeSpan(at(9), at(12)), TimeSpan(at(13), at(16, 30))]


def test_nothing_from_nothing():
    assert (merge([]), subtract([], [span(0, 5)])) == ([], [])


def test_in_utc_refuses_a_naive_instant():
    with pytest.raises(ValueError, match="needs a time zone"):
        in_utc(at(9).replace(tzinfo=None))


spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda pair: span(pair[0], sum(pair))),
    max_size=6,
)


def minutes_of(some):
    zero = at(0)
    return {
        minute
        for one in some
        for minute in range(
            int((one.start - zero).total_seconds() // 60), int((one.end - zero).total_seconds() // 60)
        )
    }


@settings(derandomize=True, deadline=None)
@given(spans, spans)
def test_merge_and_subtract_are_sets_of_minutes(some, others):
    assert minutes_of(merge(some)) == minutes_of(some)
    assert minutes_of(subtract(some, others)) == minutes_of(some) - minutes_of(others)


@settings(derandomize=True, deadline=None)
@given(spans, spans)
def test_what_is_merged_is_in_order_and_never_touches(some, others):
    for tidy in (merge(some), merge(subtract(some, others))):
        assert all(one.end < other.start for one, other in pairwise(tidy))
