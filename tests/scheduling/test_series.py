"""Weekly visits: every clash is listed first, all are booked or none, and several are changed together."""

from datetime import date, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from clinic import walltime
from clinic.refusal import Refused
from clinic.submissions import new_key
from scheduling.actions.booking import Wanted, book
from scheduling.actions.series import cancel_series, move_series
from scheduling.models import Appointment, Series, Status
from scheduling.queries.series import changeable, plan_series, visits_of
from tests.scheduling.invariants import broken

pytestmark = pytest.mark.django_db
RULE = {"weekdays": ["0", "3"], "date": "2026-11-30", "time": "09:00", "count": "8"}


def mondays_and_thursdays(cast, count=8):
    return walltime.occurrences(date(2026, 11, 30), time(9), cast.uptown.tz, [0, 3], count)


def plan(cast, now, **more):
    return plan_series(
        patient=cast.maria,
        service=cast.service("massage"),
        location=cast.uptown,
        instants=mondays_and_thursdays(cast),
        now=now,
        **more,
    )


def posted(cast, **more):
    service = cast.service("massage").pk
    return {**RULE, "patient": cast.maria.pk, "service": service, "request_key": new_key(), **more}


def test_eight_visits_are_planned_in_eight_statements(cast, now, django_assert_num_queries):
    values = cast.maria, cast.service("massage"), cast.uptown.tz
    assert len(values) == 3
    with django_assert_num_queries(9):  # eight, and the service by its key
        rows = plan(cast, now)
    assert [row.offer.starts_at for row in rows] == mondays_and_thursdays(cast)


def test_a_clash_names_its_reason_and_the_nearest_times(cast, now):
    taken = mondays_and_thursdays(cast)[2]
    book(by=cast.ana, wanted=[Wanted(cast.tunde, cast.service("massage"), cast.uptown, taken)])
    rows = plan(cast, now)
    assert [number for number, row in enumerate(rows) if row.offer is None] == [2]
    assert rows[2].reasons == ["Nobody who may do this is free with a room at 9:00 am."]
    assert len(rows[2].alternatives) == 3
    assert all(abs(one.starts_at - taken) < timedelta(days=2) for one in rows[2].alternatives)


def test_nothing_is_booked_while_a_clash_is_not_settled(cast, now, client_of):
    taken = mondays_and_thursdays(cast)[2]
    book(by=cast.ana, wanted=[Wanted(cast.tunde, cast.service("massage"), cast.uptown, taken)])
    answer = client_of(cast.ana).post(reverse("scheduling:repeat"), posted(cast))
    assert answer.context["clashes"] == 1
    assert Appointment.objects.count() == 1
    chosen = answer.context["lines"][2]["alternatives"][0][0].starts_at
    answer = client_of(cast.ana).post(
        reverse("scheduling:repeat"), posted(cast, **{"row-2": f"{chosen:%Y-%m-%dT%H:%MZ}"})
    )
    assert answer.status_code == 303
    series = Series.objects.get()
    assert answer.url == reverse("scheduling:series", args=[series.pk])
    assert Appointment.objects.filter(series=series).count() == 8
    assert broken() == []


def test_the_preview_is_a_page_of_its_own_and_books_nothing(cast, now, client_of):
    data = {name: value for name, value in posted(cast).items() if name != "request_key"}
    answer = client_of(cast.ana).get(reverse("scheduling:repeat"), data)
    assert (answer.status_code, len(answer.context["lines"]), Appointment.objects.count()) == (200, 8, 0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"weekdays": []}, "Choose at least one day of the week."),
        ({"date": "2026-02-31"}, "This is not a date of the calendar. Type it like 2026-11-26."),
        ({"date": ""}, "Choose the first day."),
        ({"time": "25:00"}, "This is not a time. Type it like 9:30 or 14:30."),
    ],
)
def test_a_rule_that_cannot_be_gets_a_sentence(cast, now, client_of, change, sentence):
    answer = client_of(cast.ana).post(reverse("scheduling:repeat"), posted(cast, **change))
    assert answer.status_code == 422
    assert sentence in [error for errors in answer.context["form"].errors.values() for error in errors]
    assert Appointment.objects.count() == 0


def test_a_time_that_does_not_exist_says_so(cast, now, client_of):
    rule = {"weekdays": ["6"], "date": "2027-03-07", "time": "02:30", "count": "3"}
    answer = client_of(cast.ana).get(
        reverse("scheduling:repeat"),
        {**rule, "patient": cast.maria.pk, "service": cast.service("massage").pk},
    )
    assert answer.context["form"].errors["time"] == [
        "On 2027-03-14 clocks go forward and this time does not exist. Choose another time."
    ]


@pytest.mark.parametrize(
    ("zone", "first"),
    [
        ("America/New_York", date(2027, 3, 8)),
        ("America/New_York", date(2027, 11, 1)),
        ("Europe/London", date(2027, 3, 22)),
        ("Europe/London", date(2027, 10, 25)),
        ("Australia/Sydney", date(2027, 3, 29)),
        ("Australia/Sydney", date(2027, 9, 27)),
    ],
)
def test_nine_stays_nine_across_a_clock_change(zone, first):
    found = walltime.occurrences(first, time(9), ZoneInfo(zone), [0, 3], 6)
    assert {one.astimezone(ZoneInfo(zone)).strftime("%H:%M") for one in found} == {"09:00"}
    assert len({one.strftime("%H:%M") for one in found}) == 2


@pytest.fixture
def series(cast, now, client_of):
    client_of(cast.ana).post(reverse("scheduling:repeat"), posted(cast))
    return Series.objects.select_related("patient").get()


def test_this_and_the_following_are_moved_together(cast, now, series):
    visits = visits_of(series)
    chosen = changeable(visits, now=now, first=visits[5])
    move_series(by=cast.ana, series=series, visits=chosen, wall_time=time(14))
    assert [f"{one.wall_time:%H:%M}" for one in visits_of(series)] == ["09:00"] * 5 + ["14:00"] * 3
    assert broken() == []


def test_a_move_that_clashes_once_moves_none(cast, now, series):
    visits = visits_of(series)
    taken = visits[3].starts_at + timedelta(hours=5)
    book(by=cast.ana, wanted=[Wanted(cast.tunde, cast.service("massage"), cast.uptown, taken)])
    with pytest.raises(Refused) as refusal:
        move_series(by=cast.ana, series=series, visits=visits, wall_time=time(14))
    assert refusal.value.reasons[0].startswith(f"{visits[3].wall_date}: ")
    assert {f"{one.wall_time:%H:%M}" for one in visits_of(series)} == {"09:00"}


def test_all_that_are_to_come_are_cancelled_together(cast, now, series):
    cancel_series(by=cast.ana, series=series, visits=visits_of(series), reason="moved away")
    assert {one.status for one in visits_of(series)} == {Status.CANCELLED}
    assert broken() == []


def test_the_page_changes_what_was_chosen(cast, now, series, client_of):
    url, visits = reverse("scheduling:series", args=[series.pk]), visits_of(series)
    data = {"scope": "following", "first": visits[6].pk, "reason": "travels", "do": "cancel"}
    answer = client_of(cast.ana).post(url, {**data, "request_key": new_key()})
    assert answer.status_code == 303
    assert [one.status for one in visits_of(series)] == ["booked"] * 6 + ["cancelled"] * 2


def test_a_refused_change_keeps_from_which_visit_on(cast, now, series, client_of):
    url, visits = reverse("scheduling:series", args=[series.pk]), visits_of(series)
    data = {"scope": "following", "first": visits[6].pk, "reason": "", "do": "cancel"}
    answer = client_of(cast.ana).post(url, {**data, "request_key": new_key()})
    assert answer.status_code == 422
    options = answer.content.decode().partition('name="first"')[2].partition("</select>")[0]
    assert [f'value="{one.pk}" selected' in options for one in visits] == [False] * 6 + [True, False]


def test_a_series_of_a_stranger_is_not_there(cast, now, series, client_of):
    assert client_of(cast.hana).get(reverse("scheduling:series", args=[series.pk])).status_code == 404
    assert client_of(cast.rita.user).get(reverse("scheduling:series", args=[series.pk])).status_code == 403
