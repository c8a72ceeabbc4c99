"""Clock changes, worked by hand from the dates the three governments publish for 2025.

New York: 9 March, 02:00 becomes 03:00 (07:00 UTC); 2 November, 02:00 becomes 01:00 (06:00 UTC).
London: 30 March, 01:00 becomes 02:00 (01:00 UTC); 26 October, 02:00 becomes 01:00 (01:00 UTC).
Sydney: 6 April, 03:00 becomes 02:00 (16:00 UTC the day before); 5 October, 02:00 becomes 03:00
(16:00 UTC the day before).
"""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.timespan import TimeSpan
from clinic.walltime import day_span, hours_span, instant, is_real, local, occurrences

NEW_YORK = ZoneInfo("America/New_York")
LONDON = ZoneInfo("Europe/London")
SYDNEY = ZoneInfo("Australia/Sydney")


def utc(month, day, hour, minute=0):
    return datetime(2025, month, day, hour, minute, tzinfo=UTC)


def on(month, day):
    return date(2025, month, day)


@pytest.mark.parametrize(
    "zone, day, at, expected",
    [
        (NEW_YORK, on(1, 15), time(9), utc(1, 15, 14)),
        (NEW_YORK, on(7, 15), time(9), utc(7, 15, 13)),
        (LONDON, on(1, 15), time(9), utc(1, 15, 9)),
        (LONDON, on(7, 15), time(9), utc(7, 15, 8)),
        (SYDNEY, on(1, 15), time(9), utc(1, 14, 22)),
        (SYDNEY, on(7, 15), time(9), utc(7, 14, 23)),
    ],
)
def test_an_ordinary_time_in_winter_and_summer(zone, day, at, expected):
    assert instant(day, at, zone) == expected
    assert instant(day, at, zone).tzinfo is UTC


@pytest.mark.parametrize(
    "zone, day, missing, expected, shown",
    [
        (NEW_YORK, on(3, 9), time(2, 30), utc(3, 9, 7, 30), time(3, 30)),
        (NEW_YORK, on(3, 9), time(2), utc(3, 9, 7), time(3)),
        (LONDON, on(3, 30), time(1, 30), utc(3, 30, 1, 30), time(2, 30)),
        (SYDNEY, on(10, 5), time(2, 30), utc(10, 4, 16, 30), time(3, 30)),
    ],
)
def test_a_missing_time_moves_forward_by_the_gap(zone, day, missing, expected, shown):
    assert instant(day, missing, zone) == expected
    assert local(expected, zone).time() == shown
    assert is_real(day, missing, zone) is False


@pytest.mark.parametrize(
    "zone, day, twice, first",
    [
        (NEW_YORK, on(11, 2), time(1, 30), utc(11, 2, 5, 30)),
        (LONDON, on(10, 26), time(1, 30), utc(10, 26, 0, 30)),
        (SYDNEY, on(4, 6), time(2, 30), utc(4, 5, 15, 30)),
    ],
)
def test_a_time_that_comes_twice_means_the_first(zone, day, twice, first):
    assert instant(day, twice, zone) == first
    assert instant(day, twice.replace(fold=1), zone) == first
    assert local(first + timedelta(hours=1), zone).time() == twice
    assert is_real(day, twice, zone) is True


@pytest.mark.parametrize(
    "zone, day, last_before, first_after",
    [
        (NEW_YORK, on(3, 9), time(1, 59), time(3)),
        (LONDON, on(3, 30), time(0, 59), time(2)),
        (SYDNEY, on(10, 5), time(1, 59), time(3)),
    ],
)
def test_the_minutes_beside_the_gap_are_real(zone, day, last_before, first_after):
    assert (is_real(day, last_before, zone), is_real(day, first_after, zone)) == (True, True)
    gone = instant(day, first_after, zone) - instant(day, last_before, zone)
    assert gone == timedelta(minutes=1)


@pytest.mark.parametrize(
    "zone, day, starts, ends, hours",
    [
        (NEW_YORK, on(3, 8), utc(3, 8, 5), utc(3, 9, 5), 24),
        (NEW_YORK, on(3, 9), utc(3, 9, 5), utc(3, 10, 4), 23),
        (NEW_YORK, on(11, 2), utc(11, 2, 4), utc(11, 3, 5), 25),
        (LONDON, on(3, 30), utc(3, 30, 0), utc(3, 30, 23), 23),
        (LONDON, on(10, 26), utc(10, 25, 23), utc(10, 27, 0), 25),
        (SYDNEY, on(10, 5), utc(10, 4, 14), utc(10, 5, 13), 23),
        (SYDNEY, on(4, 6), utc(4, 5, 13), utc(4, 6, 14), 25),
    ],
)
def test_a_day_has_the_hours_it_has(zone, day, starts, ends, hours):
    assert day_span(day, zone) == TimeSpan(starts, ends)
    assert day_span(day, zone).minutes == hours * 60


def test_a_day_whose_midnight_is_missing_begins_at_one():
    """Cairo went from 00:00 to 01:00 on 25 April 2025, at 22:00 UTC the day before."""
    cairo = ZoneInfo("Africa/Cairo")
    day = day_span(on(4, 25), cairo)
    assert day == TimeSpan(utc(4, 24, 22), utc(4, 25, 21))
    assert local(day.start, cairo).time() == time(1)


def test_a_date_the_zone_left_out_has_no_span():
    with pytest.raises(ValueError, match="ends after it starts"):
        day_span(date(2011, 12, 30), ZoneInfo("Pacific/Apia"))


@pytest.mark.parametrize(
    "zone, day, opens, closes, starts, ends",
    [
        (NEW_YORK, on(3, 10), time(8), time(18), utc(3, 10, 12), utc(3, 10, 22)),
        (NEW_YORK, on(3, 9), time(1), time(4), utc(3, 9, 6), utc(3, 9, 8)),
        (NEW_YORK, on(11, 2), time(0), time(4), utc(11, 2, 4), utc(11, 2, 9)),
        (LONDON, on(10, 26), time(0), time(0), utc(10, 25, 23), utc(10, 27, 0)),
        (SYDNEY, on(4, 6), time(20), time(0), utc(4, 6, 10), utc(4, 6, 14)),
        (SYDNEY, on(10, 5), time(2, 30), time(4), utc(10, 4, 16, 30), utc(10, 4, 17)),
    ],
)
def test_hours_of_a_day(zone, day, opens, closes, starts, ends):
    assert hours_span(day, opens, closes, zone) == TimeSpan(starts, ends)


@pytest.mark.parametrize(
    "zone, day, opens, closes",
    [
        (NEW_YORK, on(3, 9), time(2), time(3)),
        (NEW_YORK, on(3, 9), time(2, 30), time(3)),
        (LONDON, on(3, 30), time(1), time(2)),
        (SYDNEY, on(10, 5), time(2), time(3)),
    ],
)
def test_hours_inside_the_gap_are_none(zone, day, opens, closes):
    assert hours_span(day, opens, closes, zone) is None


@pytest.mark.parametrize("closes", [time(9), time(8)])
def test_hours_close_after_they_open(closes):
    with pytest.raises(ValueError, match="close after they open"):
        hours_span(on(6, 3), time(9), closes, NEW_YORK)


@pytest.mark.parametrize(
    "zone, first, expected",
    [
        (NEW_YORK, on(3, 3), [utc(3, 3, 14), utc(3, 10, 13), utc(3, 17, 13)]),
        (NEW_YORK, on(10, 27), [utc(10, 27, 13), utc(11, 3, 14), utc(11, 10, 14)]),
        (LONDON, on(3, 24), [utc(3, 24, 9), utc(3, 31, 8), utc(4, 7, 8)]),
        (LONDON, on(10, 20), [utc(10, 20, 8), utc(10, 27, 9), utc(11, 3, 9)]),
        (SYDNEY, on(3, 31), [utc(3, 30, 22), utc(4, 6, 23), utc(4, 13, 23)]),
        (SYDNEY, on(9, 29), [utc(9, 28, 23), utc(10, 5, 22), utc(10, 12, 22)]),
    ],
)
def test_nine_on_mondays_stays_nine_across_the_clock_change(zone, first, expected):
    found = occurrences(first, time(9), zone, [0], 3)
    assert found == expected
    assert {local(one, zone).time() for one in found} == {time(9)}


def test_several_weekdays_in_order_from_a_first_date_that_is_none_of_them():
    friday = on(6, 6)
    found = occurrences(friday, time(9), LONDON, [3, 0, 0], 4)
    assert found == [utc(6, 9, 8), utc(6, 12, 8), utc(6, 16, 8), utc(6, 19, 8)]


def test_an_occurrence_in_the_gap_moves_and_the_next_is_back_in_its_place():
    found = occurrences(on(3, 2), time(2, 30), NEW_YORK, [6], 3)
    assert found == [utc(3, 2, 7, 30), utc(3, 9, 7, 30), utc(3, 16, 6, 30)]


@pytest.mark.parametrize("weekdays, count", [([], 3), ([0], 0)])
def test_a_recurrence_without_days_or_number_is_refused(weekdays, count):
    with pytest.raises(ValueError, match="at least one weekday"):
        occurrences(on(6, 2), time(9), LONDON, weekdays, count)


def test_local_refuses_a_naive_instant():
    with pytest.raises(ValueError, match="needs a time zone"):
        local(utc(6, 3, 9).replace(tzinfo=None), LONDON)


@settings(derandomize=True, deadline=None)
@given(
    st.dates(date(2025, 1, 1), date(2025, 12, 31)),
    st.integers(0, 24 * 12 - 1).map(lambda five: time(five // 12, five % 12 * 5)),
    st.sampled_from([NEW_YORK, LONDON, SYDNEY]),
)
def test_a_time_comes_back_as_itself_or_later_when_it_is_missing(day, at, zone):
    asked = datetime.combine(day, at)
    shown = local(instant(day, at, zone), zone).replace(tzinfo=None)
    assert shown - asked == (timedelta(0) if is_real(day, at, zone) else timedelta(hours=1))


@pytest.mark.parametrize("zone", [NEW_YORK, LONDON, SYDNEY])
def test_the_days_of_a_year_follow_one_another_without_a_gap(zone):
    days = [day_span(on(1, 1) + timedelta(days=number), zone) for number in range(365)]
    assert all(one.end == other.start for one, other in pairwise(days))
    assert sorted(day.minutes // 60 for day in days) == [23] + [24] * 363 + [25]
