from datetime import date, time, timedelta

import pytest

from clinic.models import Closure, OpeningHours
from clinic.timespan import TimeSpan
from practitioners.models import Absence, Coverage, License, LicenseKind, Practitioner, WorkingHours
from practitioners.queries import (
    cover,
    licenses_ending,
    reasons_not_to_treat,
    working_spans,
)
from services.models import Discipline
from tests.rows import at

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 11, 24), date(2026, 12, 7)
AFTER = date(2026, 12, 8)
ALL = [(FIRST, AFTER)]


def discipline(key):
    return Discipline.objects.get(key=key)


def ids(cast, *names):
    return {name: getattr(cast, name).practitioner.pk for name in names}


def eligible(location, disciplines, first_day, last_day):
    treats = cover(location, first_day, last_day).treats
    return {one: treats.get(one, {}) for one in disciplines}


def needle_removers(location, first_day, last_day):
    return cover(location, first_day, last_day).removes


# Who may treat


def test_who_practices_with_a_license_of_the_state_is_eligible(cast):
    who, acupuncture = ids(cast, "mei", "sam"), discipline("acupuncture").pk
    assert eligible(cast.uptown, [acupuncture], FIRST, LAST) == {
        acupuncture: {who["mei"]: ALL, who["sam"]: [(FIRST, date(2026, 12, 1))]}
    }


def test_each_discipline_has_its_own_people(cast):
    who = ids(cast, "daniel", "jo")
    keys = [discipline(key).pk for key in ("chiropractic", "massage", "stretching")]
    chiropractic, massage, stretching = keys
    assert eligible(cast.uptown, keys, FIRST, LAST) == {
        chiropractic: {who["daniel"]: ALL},
        massage: {who["jo"]: ALL},
        stretching: {who["jo"]: ALL},
    }


def test_a_license_of_another_state_does_not_count(cast):
    acupuncture = discipline("acupuncture").pk
    assert eligible(cast.harbor, [acupuncture], FIRST, LAST) == {
        acupuncture: {ids(cast, "theo")["theo"]: ALL}
    }


def test_a_license_covers_what_the_table_says_for_its_state_only(cast):
    """A line for the same discipline elsewhere, and one for another discipline here, do not add up to one."""
    lac, acupuncture = LicenseKind.objects.get(key="lac"), discipline("acupuncture")
    Coverage.objects.filter(license_kind=lac, state="NC", discipline=acupuncture).delete()
    Coverage.objects.update_or_create(license_kind=lac, state="IL", discipline=acupuncture)
    Coverage.objects.update_or_create(license_kind=lac, state="NC", discipline=discipline("massage"))
    assert eligible(cast.uptown, [acupuncture.pk], FIRST, LAST) == {acupuncture.pk: {}}


def test_who_does_not_practice_it_is_not_eligible_whatever_the_license(cast):
    cast.mei.practitioner.disciplines.clear()
    acupuncture = discipline("acupuncture").pk
    assert set(eligible(cast.uptown, [acupuncture], FIRST, LAST)[acupuncture]) == {ids(cast, "sam")["sam"]}


def test_who_left_is_not_eligible(cast):
    mei = cast.mei.practitioner
    mei.active = False
    mei.save()
    acupuncture = discipline("acupuncture").pk
    assert set(eligible(cast.uptown, [acupuncture], FIRST, LAST)[acupuncture]) == {ids(cast, "sam")["sam"]}
    assert mei.pk not in needle_removers(cast.uptown, FIRST, LAST)


def test_a_renewal_joins_on_without_a_gap(cast):
    sam, old = cast.sam.practitioner, License.objects.get(practitioner=cast.sam.practitioner)
    License.objects.create(
        practitioner=sam,
        kind=old.kind,
        state="NC",
        number="NEW-1",
        issued_on=old.expires_on,
        expires_on=date(2028, 12, 1),
    )
    acupuncture = discipline("acupuncture").pk
    assert eligible(cast.uptown, [acupuncture], FIRST, LAST)[acupuncture][sam.pk] == ALL


def test_what_needs_no_license_is_done_by_whoever_practices_it(cast):
    stretching = discipline("stretching")
    Discipline.objects.filter(pk=stretching.pk).update(license_needed=False, version=99)
    License.objects.filter(practitioner=cast.jo.practitioner).update(state="IL", version=99)
    found = eligible(cast.uptown, [stretching.pk], FIRST, LAST)
    assert found == {stretching.pk: {cast.jo.practitioner.pk: ALL}}


def test_needles_are_removed_by_those_whose_license_says_so(cast):
    who = ids(cast, "mei", "sam")
    Coverage.objects.filter(license_kind__key="dc").update(may_remove_needles=False, version=99)
    found = needle_removers(cast.uptown, FIRST, LAST)
    assert {who["mei"]: ALL, who["sam"]: [(FIRST, date(2026, 12, 1))]} == found


def test_the_number_of_statements_is_fixed(cast, django_assert_num_queries):
    place = cast.uptown
    with django_assert_num_queries(1):
        cover(place, FIRST, LAST)


@pytest.mark.parametrize(
    "day, reasons",
    [
        (date(2026, 11, 30), []),
        (
            date(2026, 12, 1),
            [
                (
                    "The license of Sam Park for acupuncture in NC ends on Dec 1, 2026. "
                    "Choose an earlier day or another provider."
                )
            ],
        ),
    ],
)
def test_why_somebody_may_not_treat(cast, day, reasons, django_assert_num_queries):
    sam, acupuncture = cast.sam.practitioner, discipline("acupuncture")
    with django_assert_num_queries(2):
        assert reasons_not_to_treat(sam, acupuncture, "NC", day) == reasons


def test_the_answer_for_a_day_is_the_one_that_offers_are_made_of(cast):
    """Every practitioner, every discipline, every day of a month, at both places."""
    days = [FIRST + timedelta(number) for number in range(14)]
    for place in (cast.uptown, cast.harbor):
        found = eligible(place, [row.pk for row in Discipline.objects.all()], FIRST, LAST)
        for who in Practitioner.objects.all():
            for what in Discipline.objects.all():
                offered = {
                    day for start, end in found[what.pk].get(who.pk, []) for day in days if start <= day < end
                }
                assert offered == {
                    day for day in days if not reasons_not_to_treat(who, what, place.state, day)
                }


# Who is at work


def span(place, start, end, day="2026-11-24", end_day=None):
    return TimeSpan(at(start, place, day), at(end, place, end_day or day))


def day_of(place, day="2026-11-24"):
    return span(place, "00:00", "23:59", day)


def test_weekly_hours_are_time_at_work(cast):
    mei, uptown = cast.mei.practitioner.pk, cast.uptown
    found = working_spans(uptown, day_of(uptown))
    assert found[mei] == [span(uptown, "08:00", "18:00")]
    assert set(found) == set(ids(cast, "mei", "daniel", "jo", "sam", "ken").values())


def test_each_place_has_its_own_clock(cast):
    harbor = cast.harbor
    assert working_spans(harbor, day_of(harbor)) == {
        cast.theo.practitioner.pk: [span(cast.uptown, "09:00", "19:00")]
    }


def test_the_window_cuts(cast):
    uptown = cast.uptown
    assert working_spans(uptown, span(uptown, "10:00", "11:00"))[cast.mei.practitioner.pk] == [
        span(uptown, "10:00", "11:00")
    ]
    assert working_spans(uptown, span(uptown, "18:00", "20:00")) == {}


def test_opening_hours_cut(cast):
    uptown = cast.uptown
    OpeningHours.objects.filter(location=uptown).update(opens=time(9), closes=time(12), version=99)
    assert working_spans(uptown, day_of(uptown))[cast.mei.practitioner.pk] == [span(uptown, "09:00", "12:00")]


def test_a_place_that_never_opens_has_nobody_at_work(cast):
    OpeningHours.objects.filter(location=cast.uptown).delete()
    assert working_spans(cast.uptown, day_of(cast.uptown)) == {}


def test_a_closure_takes_everybodys_time(cast):
    uptown = cast.uptown
    Closure.objects.create(
        location=uptown, starts_at=at("12:00", uptown), ends_at=at("13:00", uptown), reason="Fire drill"
    )
    Closure.objects.create(
        location=cast.harbor, starts_at=at("08:00", uptown), ends_at=at("18:00", uptown), reason="Elsewhere"
    )
    morning, afternoon = span(uptown, "08:00", "12:00"), span(uptown, "13:00", "18:00")
    assert set(map(tuple, working_spans(uptown, day_of(uptown)).values())) == {(morning, afternoon)}


def test_an_absence_takes_ones_own_time(cast):
    uptown, mei = cast.uptown, cast.mei.practitioner
    Absence.objects.create(
        practitioner=mei, starts_at=at("10:00", uptown, "2026-11-23"), ends_at=at("10:00", uptown), kind="ill"
    )
    Absence.objects.create(
        practitioner=mei, starts_at=at("16:30", uptown), ends_at=at("17:00", uptown), kind="other"
    )
    found = working_spans(uptown, day_of(uptown))
    assert found[mei.pk] == [
        span(uptown, "10:00", "16:30"),
        span(uptown, "17:00", "18:00"),
    ]
    assert found[cast.daniel.practitioner.pk] == [span(uptown, "08:00", "18:00")]


def test_who_is_away_all_day_is_left_out(cast):
    uptown, mei = cast.uptown, cast.mei.practitioner
    Absence.objects.create(
        practitioner=mei,
        starts_at=at("00:00", uptown),
        ends_at=at("00:00", uptown, "2026-12-01"),
        kind="leave",
    )
    assert mei.pk not in working_spans(uptown, day_of(uptown))


def test_hours_that_end_and_hours_that_begin(cast):
    uptown, mei = cast.uptown, cast.mei.practitioner
    rows = WorkingHours.objects.filter(practitioner=mei)
    rows.update(valid_until=date(2026, 11, 24), version=99)
    WorkingHours.objects.create(
        practitioner=mei,
        location=uptown,
        weekday=2,
        starts=time(12),
        ends=time(0),
        valid_from=date(2026, 11, 25),
    )
    window = span(uptown, "00:00", "23:00", "2026-11-24", "2026-11-27")
    assert working_spans(uptown, window)[mei.pk] == [
        span(uptown, "08:00", "18:00"),
        span(uptown, "12:00", "22:00", "2026-11-25"),
    ]


def test_who_left_is_not_at_work(cast):
    mei = cast.mei.practitioner
    mei.active = False
    mei.save()
    assert mei.pk not in working_spans(cast.uptown, day_of(cast.uptown))


@pytest.mark.parametrize("more", [0, 20])
def test_four_statements_for_any_number_of_practitioners(cast, more, django_assert_num_queries):
    uptown = cast.uptown
    for number in range(more):
        row = Practitioner.objects.create(name=f"Person {number}")
        WorkingHours.objects.create(
            practitioner=row, location=uptown, weekday=1, starts=time(8), ends=time(9), valid_from=FIRST
        )
        Absence.objects.create(
            practitioner=row, starts_at=at("08:00", uptown), ends_at=at("08:30", uptown), kind="other"
        )
    with django_assert_num_queries(4):
        found = working_spans(uptown, day_of(uptown))
    assert len(found) == 5 + more


# Licenses that end


def ending(days, today=date(2026, 11, 24), **more):
    return [(row.practitioner, row.days_left) for row in licenses_ending(days, today, **more)]


def test_licenses_that_end_soon_or_have_ended(cast, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert ending(30) == [("Ken Moss", -115), ("Sam Park", 7)]


@pytest.mark.parametrize("days, names", [(6, ["Ken Moss"]), (7, ["Ken Moss", "Sam Park"])])
def test_the_last_day_of_the_span_counts(cast, days, names):
    assert [name for name, _left in ending(days)] == names


def test_a_renewed_license_is_not_among_them(cast):
    sam = cast.sam.practitioner
    old = License.objects.get(practitioner=sam)
    License.objects.create(
        practitioner=sam,
        kind=old.kind,
        state="NC",
        number="NEW-1",
        issued_on=old.expires_on,
        expires_on=date(2028, 12, 1),
    )
    assert ending(30) == [("Ken Moss", -115)]


def test_a_renewal_that_begins_later_leaves_a_gap_to_tell_of(cast):
    sam = cast.sam.practitioner
    old = License.objects.get(practitioner=sam)
    License.objects.create(
        practitioner=sam,
        kind=old.kind,
        state="NC",
        number="NEW-1",
        issued_on=old.expires_on + timedelta(1),
        expires_on=date(2028, 12, 1),
    )
    assert ending(30) == [("Ken Moss", -115), ("Sam Park", 7)]
    assert ending(30, today=date(2026, 12, 2)) == [("Ken Moss", -123)]


def test_those_of_one_state(cast):
    assert ending(30, state="IL") == []
    assert ending(30, state="NC") == [("Ken Moss", -115), ("Sam Park", 7)]
