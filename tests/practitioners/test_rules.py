"""Rules without a database. Clock changes of 2026, worked by hand from the dates the governments publish.

New York: March 8, 02:00 becomes 03:00 (07:00 UTC); November 1, 02:00 becomes 01:00 (06:00 UTC).
London: March 29, 01:00 becomes 02:00 (01:00 UTC); October 25, 02:00 becomes 01:00 (01:00 UTC).
Sydney: April 5, 03:00 becomes 02:00 and October 4, 02:00 becomes 03:00 (16:00 UTC the day before, both).
"""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.timespan import TimeSpan
from clinic.walltime import local
from practitioners.rules import (
    Hours,
    days_within,
    expand_hours,
    license_valid_on,
    local_days,
    notice_due,
    overlap_of,
    reasons_not_to_end_absence,
    reasons_not_to_keep_certification,
    reasons_not_to_keep_license,
    reasons_not_to_set_hours,
    reasons_not_to_treat,
)

NEW_YORK = ZoneInfo("America/New_York")
LONDON = ZoneInfo("Europe/London")
SYDNEY = ZoneInfo("Australia/Sydney")
MIDNIGHT = time(0)
SUNDAY = 6


def utc(month, day, hour, minute=0, year=2026):
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def expanded(hours, zone, start, end):
    return expand_hours(hours, zone, local_days(TimeSpan(start, end), zone))


def bounds(spans):
    return [(span.start, span.end) for span in spans]


# Licenses


@pytest.mark.parametrize(
    "day, valid",
    [
        (date(2026, 1, 9), False),
        (date(2026, 1, 10), True),
        (date(2026, 11, 30), True),
        (date(2026, 12, 1), False),
    ],
)
def test_a_license_counts_from_its_issue_to_the_day_before_it_expires(day, valid):
    assert license_valid_on(paper(date(2026, 1, 10), date(2026, 12, 1)), day) is valid


def paper(issued, expires):
    return SimpleNamespace(issued_on=issued, expires_on=expires)


ACUPUNCTURE = SimpleNamespace(pk=1, name="Acupuncture", license_needed=True)
STRETCHING = SimpleNamespace(pk=2, name="Stretching", license_needed=False)
IN_FORCE = paper(date(2020, 1, 1), date(2026, 12, 1))


def why_not(
    day=date(2026, 11, 24), discipline=ACUPUNCTURE, licenses=(IN_FORCE,), active=True, practices=(1, 2)
):
    return reasons_not_to_treat(
        name="Mei Tan",
        active=active,
        practices=practices,
        discipline=discipline,
        state="NC",
        licenses=licenses,
        day=day,
    )


def test_with_a_license_that_counts_nothing_speaks_against_treating():
    assert why_not() == []


def test_what_needs_no_license_asks_for_none():
    assert why_not(discipline=STRETCHING, licenses=()) == []


@pytest.mark.parametrize(
    "case, reason",
    [
        ({"active": False}, "Mei Tan does not work here any more. Choose another provider."),
        ({"practices": (2,)}, "Mei Tan does not practice acupuncture. Choose another provider."),
        ({"licenses": ()}, "Mei Tan has no license for acupuncture in NC. Choose another provider."),
        (
            {"day": date(2026, 12, 1)},
            (
                "The license of Mei Tan for acupuncture in NC ends on Dec 1, 2026. "
                "Choose an earlier day or another provider."
            ),
        ),
        (
            {"licenses": (paper(date(2026, 12, 24), date(2028, 1, 1)),)},
            (
                "The license of Mei Tan for acupuncture in NC begins on Dec 24, 2026. "
                "Choose a later day or another provider."
            ),
        ),
    ],
)
def test_each_reason_says_what_to_do(case, reason):
    assert why_not(**case) == [reason]


def test_a_renewal_follows_without_a_gap():
    both = (IN_FORCE, paper(date(2026, 12, 1), date(2028, 12, 1)))
    assert [why_not(day=day, licenses=both) for day in (date(2026, 11, 30), date(2026, 12, 1))] == [[], []]


@pytest.mark.parametrize(
    "days_left, notice",
    [(91, None), (90, 90), (61, 90), (60, 60), (31, 60), (30, 30), (1, 30), (0, 30), (-400, 30)],
)
def test_the_nearest_notice_is_due(days_left, notice):
    assert notice_due(days_left) == notice


def test_a_license_that_ends_before_it_begins_is_refused():
    day = date(2026, 1, 1)
    assert reasons_not_to_keep_license(issued_on=day, expires_on=day) == [
        "A license expires after the day it was issued. Check both dates."
    ]
    assert reasons_not_to_keep_license(issued_on=day, expires_on=day + timedelta(1)) == []


def test_a_certification_may_last_for_ever():
    day = date(2026, 1, 1)
    assert reasons_not_to_keep_certification(issued_on=day, expires_on=None) == []
    assert reasons_not_to_keep_certification(issued_on=day, expires_on=day) == [
        "A certification expires after the day it was issued. Check both dates."
    ]


# Spans of dates

FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)


@pytest.mark.parametrize(
    "held, days",
    [
        ([], []),
        ([(date.min, date.max)], [(FIRST, date(2026, 12, 1))]),
        ([(date(2026, 11, 30), date.max)], [(date(2026, 11, 30), date(2026, 12, 1))]),
        ([(date(2026, 12, 1), date.max)], []),
        ([(date.min, FIRST)], []),
        (
            [(date(2026, 11, 10), date.max), (date.min, date(2026, 11, 10))],
            [(FIRST, date(2026, 12, 1))],
        ),
        (
            [(date.min, date(2026, 11, 5)), (date(2026, 11, 7), date.max)],
            [(FIRST, date(2026, 11, 5)), (date(2026, 11, 7), date(2026, 12, 1))],
        ),
    ],
)
def test_days_are_cut_and_merged(held, days):
    assert days_within(held, FIRST, LAST) == days


# Weekly hours as instants


@pytest.mark.parametrize(
    "zone, first, days",
    [
        (NEW_YORK, utc(3, 7, 5), [(utc(3, 7, 14), utc(3, 7, 22)), (utc(3, 8, 13), utc(3, 8, 21))]),
        (NEW_YORK, utc(10, 31, 4), [(utc(10, 31, 13), utc(10, 31, 21)), (utc(11, 1, 14), utc(11, 1, 22))]),
        (LONDON, utc(3, 28, 0), [(utc(3, 28, 9), utc(3, 28, 17)), (utc(3, 29, 8), utc(3, 29, 16))]),
        (LONDON, utc(10, 23, 23), [(utc(10, 24, 8), utc(10, 24, 16)), (utc(10, 25, 9), utc(10, 25, 17))]),
        (SYDNEY, utc(4, 3, 13), [(utc(4, 3, 22), utc(4, 4, 6)), (utc(4, 4, 23), utc(4, 5, 7))]),
        (SYDNEY, utc(10, 2, 14), [(utc(10, 2, 23), utc(10, 3, 7)), (utc(10, 3, 22), utc(10, 4, 6))]),
    ],
)
def test_nine_to_five_stays_nine_to_five_across_both_clock_changes(zone, first, days):
    """A Saturday and the Sunday of the change."""
    hours = [Hours(weekday, time(9), time(17)) for weekday in range(7)]
    assert bounds(expanded(hours, zone, first, first + timedelta(hours=47))) == days


@pytest.mark.parametrize(
    "zone, sunday, night",
    [
        (NEW_YORK, date(2026, 3, 8), (utc(3, 8, 5), utc(3, 8, 10))),
        (NEW_YORK, date(2026, 11, 1), (utc(11, 1, 4), utc(11, 1, 11))),
        (LONDON, date(2026, 3, 29), (utc(3, 29, 0), utc(3, 29, 5))),
        (LONDON, date(2026, 10, 25), (utc(10, 24, 23), utc(10, 25, 6))),
        (SYDNEY, date(2026, 4, 5), (utc(4, 4, 13), utc(4, 4, 20))),
        (SYDNEY, date(2026, 10, 4), (utc(10, 3, 14), utc(10, 3, 19))),
    ],
)
def test_a_night_over_the_change_is_an_hour_shorter_or_longer(zone, sunday, night):
    hours = [Hours(SUNDAY, MIDNIGHT, time(6), sunday, sunday)]
    spans = expanded(hours, zone, night[0] - timedelta(days=3), night[1] + timedelta(days=3))
    assert bounds(spans) == [night]


@pytest.mark.parametrize("zone", [NEW_YORK, LONDON, SYDNEY])
def test_every_day_of_a_year_shows_the_same_wall_time(zone):
    hours = [Hours(weekday, time(9), time(17, 30)) for weekday in range(7)]
    first = datetime(2026, 1, 1, tzinfo=zone)
    spans = expanded(hours, zone, first, datetime(2027, 1, 1, tzinfo=zone))
    assert len(spans) == 365
    walls = {(local(span.start, zone).time(), local(span.end, zone).time()) for span in spans}
    assert walls == {(time(9), time(17, 30))}
    assert [local(span.start, zone).date() for span in spans] == [
        first.date() + timedelta(n) for n in range(365)
    ]


def test_until_midnight_is_the_end_of_the_day():
    hours = [Hours(1, time(18), MIDNIGHT)]
    assert bounds(expanded(hours, NEW_YORK, utc(11, 24, 12), utc(11, 25, 12))) == [
        (utc(11, 24, 23), utc(11, 25, 5))
    ]


def test_hours_on_either_side_of_midnight_become_one_span():
    hours = [Hours(1, time(18), MIDNIGHT), Hours(2, MIDNIGHT, time(2))]
    assert bounds(expanded(hours, NEW_YORK, utc(11, 24, 12), utc(11, 25, 12))) == [
        (utc(11, 24, 23), utc(11, 25, 7))
    ]


def test_overlapping_lines_are_merged():
    hours = [Hours(1, time(8), time(12)), Hours(1, time(11), time(15)), Hours(1, time(15), time(16))]
    assert bounds(expanded(hours, NEW_YORK, utc(11, 24, 5), utc(11, 25, 5))) == [
        (utc(11, 24, 13), utc(11, 24, 21))
    ]


def test_hours_begin_and_end_with_their_days():
    hours = [Hours(1, time(9), time(17), date(2026, 11, 10), date(2026, 11, 17))]
    spans = expanded(hours, NEW_YORK, utc(11, 1, 5), utc(12, 1, 5))
    assert [local(span.start, NEW_YORK).date() for span in spans] == [date(2026, 11, 10), date(2026, 11, 17)]


def test_a_window_touches_the_local_days_of_its_ends():
    window = TimeSpan(utc(11, 24, 4), utc(11, 25, 5))
    assert local_days(window, NEW_YORK) == {0: [date(2026, 11, 23)], 1: [date(2026, 11, 24)]}
    assert local_days(TimeSpan(utc(11, 24, 4), utc(11, 25, 5, 1)), NEW_YORK)[2] == [date(2026, 11, 25)]


def minutes(pairs):
    start = utc(1, 1, 0)
    return [TimeSpan(start + timedelta(minutes=a), start + timedelta(minutes=b)) for a, b in pairs]


@st.composite
def span_lists(draw):
    cuts = sorted(draw(st.sets(st.integers(0, 60), max_size=12)))
    return minutes(zip(cuts[::2], cuts[1::2], strict=False))


def test_the_overlap_of_two_lists():
    assert overlap_of(minutes([(0, 10), (20, 30)]), minutes([(5, 25), (29, 40)])) == minutes(
        [(5, 10), (20, 25), (29, 30)]
    )


@given(span_lists(), span_lists())
def test_the_overlap_holds_exactly_the_minutes_of_both(ones, others):
    def covered(spans):
        return {
            n for n in range(60) if any(span.contains(utc(1, 1, 0) + timedelta(minutes=n)) for span in spans)
        }

    both = overlap_of(ones, others)
    assert covered(both) == covered(ones) & covered(others)
    assert both == sorted(both)


# Weekly hours as the owner enters them


class Line(SimpleNamespace):
    """The fields of WorkingHours that the rule reads."""

    def get_weekday_display(self):
        return ["Monday", "Tuesday"][self.weekday]


def line(starts, ends, weekday=1, valid_from=date(2026, 1, 1), valid_until=None, location="Uptown"):
    return Line(
        starts=time(*starts),
        ends=time(*ends),
        weekday=weekday,
        valid_from=valid_from,
        valid_until=valid_until,
        location=location,
    )


OVERLAP = "This overlaps Tuesday 9:00 am–1:00 pm at Uptown. Change those hours or end them first."


@pytest.mark.parametrize(
    "new, reasons",
    [
        (line((13,), (17,)), []),
        (line((7,), (9,)), []),
        (line((9,), (13,), weekday=0), []),
        (line((9,), (13,), valid_from=date(2025, 1, 1), valid_until=date(2025, 12, 31)), []),
        (line((12,), (17,)), [OVERLAP]),
        (line((12,), (17,), location="Harbor"), [OVERLAP]),
        (line((8,), (0,)), [OVERLAP]),
        (line((9,), (13,), valid_from=date(2025, 1, 1), valid_until=date(2026, 1, 1)), [OVERLAP]),
        (
            line((17,), (9,)),
            ["The hours end before they begin. For hours past midnight enter two lines, one for each day."],
        ),
        (line((7,), (8,), valid_until=date(2025, 1, 1)), ["The last day lies before the first day."]),
    ],
)
def test_two_lines_never_claim_the_same_minutes(new, reasons):
    assert reasons_not_to_set_hours(new, [line((9,), (13,))]) == reasons


def test_the_end_of_the_day_is_said_as_midnight():
    assert reasons_not_to_set_hours(line((20,), (21,)), [line((18,), (0,))]) == [
        "This overlaps Tuesday 6:00 pm–12:00 am at Uptown. Change those hours or end them first."
    ]


# Absences

NOON = utc(11, 24, 12)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    "back, reasons",
    [
        (NOON + HOUR, []),
        (NOON + 2 * HOUR, ["This would not end earlier. To make it longer, record another absence."]),
        (NOON, []),
    ],
)
def test_an_absence_only_ever_gets_shorter(back, reasons):
    assert reasons_not_to_end_absence(ends_at=NOON + 2 * HOUR, ends_new=back) == reasons
