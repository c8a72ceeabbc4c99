"""Who treats a patient follows from the visits that stand: it ends with the last of them; an undo brings it back."""

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.db.models import F
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from clinic.models import Clinic, User
from clinic.refusal import ChartClosed
from clinic.timespan import TimeSpan
from patients.models import CareTeam, Patient, Why
from patients.queries import charts
from scheduling.actions.absences import propose, record_absence
from scheduling.actions.booking import Wanted, book
from scheduling.actions.calls import answer, take_back
from scheduling.actions.ending import cancel, no_show, part_not_done
from scheduling.actions.holding import expire_holds
from scheduling.actions.moving import move
from scheduling.actions.past import it_happened
from scheduling.actions.series import cancel_series
from scheduling.actions.steps import check_in, leave_untreated, take_step
from scheduling.actions.undoing import undo
from scheduling.models import Call, Change, Series

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def team_setting(cast):
    Clinic.objects.update(charts_open_to="team", version=F("version") + 1)


@pytest.fixture
def later(now):
    """A minute after everything before: `later(action, …)`."""
    minutes = iter(range(1, 200))

    def later(action, *people, **words):
        with time_machine.travel(now + timedelta(minutes=next(minutes)), tick=False):
            return action(*people, **words)

    return later


def at(cast, hour, day=25):
    return datetime(2026, 11, day, hour, tzinfo=cast.uptown.tz)


def booked(cast, *who, key="acupuncture_follow_up", hour=9, day=25, patient=None, location=None, **more):
    people = tuple(getattr(cast, name).practitioner.pk for name in who)
    place = location or cast.uptown
    wanted = Wanted(
        patient or cast.maria, cast.service(key), place, at(cast, hour, day), practitioners=people
    )
    return book(by=cast.ana, wanted=[wanted], **more)[0]


def both(cast, **more):
    return booked(cast, "mei", "daniel", key="acupuncture_adjustment", **more)


def treating(patient=None):
    rows = CareTeam.objects.filter(why=Why.TREATING, until=None)
    rows = rows.filter(patient=patient) if patient else rows
    return sorted(rows.values_list("user__profile__name", flat=True))


def test_a_provider_elsewhere_sees_the_chart_while_booked_with_the_patient(cast, later):
    assert later(answer_to, cast.theo, cast.maria) == 404
    visit = booked(cast, "theo", location=cast.harbor, hour=12)
    assert later(answer_to, cast.theo, cast.maria) == 200
    change = later(cancel, by=cast.ana, pk=visit.pk, reason="ill")
    assert later(answer_to, cast.theo, cast.maria) == 403  # found at Harbor, where she was to come
    later(undo, by=cast.ana, change_pk=change.pk)
    assert later(answer_to, cast.theo, cast.maria) == 200


def answer_to(user, patient):
    """What a chart page answers at the next request."""
    try:
        charts.written(User.objects.get(pk=user.pk), patient.pk)
    except Http404:
        return 404
    except ChartClosed:
        return 403
    return 200


def test_each_ending_ends_it_and_undoing_brings_it_back(cast, later):
    visit = booked(cast, "mei")
    change = later(cancel, by=cast.ana, pk=visit.pk, reason="ill")
    assert treating() == []
    later(undo, by=cast.ana, change_pk=change.pk)
    assert treating() == ["Mei Tan"]


def test_a_missed_visit_ends_it(cast, now):
    visit = booked(cast, "mei")
    missed = visit.starts_at + timedelta(minutes=20)
    with time_machine.travel(missed, tick=False):
        change = no_show(by=cast.ana, pk=visit.pk)
        assert treating() == []
    with time_machine.travel(missed + timedelta(minutes=1), tick=False):
        undo(by=cast.ana, change_pk=change.pk)
    assert treating() == ["Mei Tan"]


def test_another_visit_keeps_it(cast, later):
    first = booked(cast, "mei")
    booked(cast, "mei", hour=14)
    later(cancel, by=cast.ana, pk=first.pk, reason="ill")
    assert treating() == ["Mei Tan"]


def test_a_visit_that_took_place_keeps_it(cast, later):
    wanted = Wanted(
        cast.maria,
        cast.service("adjustment"),
        cast.uptown,
        at(cast, 9, day=23),
        (cast.daniel.practitioner.pk,),
        (cast.room_4.pk,),
    )
    it_happened(by=cast.ana, wanted=wanted, reason="computer was down")
    visit = booked(cast, "daniel", key="adjustment")
    later(cancel, by=cast.ana, pk=visit.pk, reason="ill")
    assert treating() == ["Daniel Lee"]


def test_the_visit_of_somebody_else_keeps_nothing(cast, later):
    visit = booked(cast, "mei")
    booked(cast, "mei", patient=cast.marta, hour=14)
    later(cancel, by=cast.ana, pk=visit.pk, reason="ill")
    assert (treating(cast.maria), treating(cast.marta)) == ([], ["Mei Tan"])


def test_other_reasons_to_be_in_the_team_stay(cast, later):
    CareTeam.objects.create(patient=cast.maria, user=cast.mei, why=Why.NOTE, since=at(cast, 9, day=20))
    visit = booked(cast, "mei")
    later(cancel, by=cast.ana, pk=visit.pk, reason="ill")
    assert treating() == []
    assert Patient.objects.charts_read_by(cast.mei).filter(pk=cast.maria.pk).exists()


def test_moving_to_somebody_else_and_back(cast, later):
    visit = booked(cast, "mei")
    words = {"by": cast.ana, "pk": visit.pk, "starts_at": visit.starts_at}
    change = later(move, **words, practitioners=(cast.sam.practitioner.pk,), rooms=(cast.room_2.pk,))
    assert treating() == ["Sam Park"]
    later(undo, by=cast.ana, change_pk=change.pk)
    assert treating() == ["Mei Tan"]


def test_undoing_a_booking_ends_it(cast, later):
    visit = booked(cast, "mei")
    later(undo, by=cast.ana, change_pk=Change.objects.get(appointment=visit).pk)
    assert treating() == []


def test_a_part_that_is_not_done_ends_it_for_its_provider(cast, later):
    visit = both(cast)
    assert treating() == ["Daniel Lee", "Mei Tan"]
    part = visit.parts.get(position=2)
    change = later(part_not_done, by=cast.ana, pk=visit.pk, part=part.pk, reason="no time")
    assert treating() == ["Mei Tan"]
    later(undo, by=cast.ana, change_pk=change.pk)
    assert treating() == ["Daniel Lee", "Mei Tan"]


def test_leaving_untreated_ends_it_for_who_did_not_treat(cast):
    visit = both(cast)
    start = visit.starts_at
    for minute, (action, words) in enumerate(
        [
            (check_in, {"by": cast.ana, "checked_another_way": True}),
            (take_step, {"by": cast.ana, "what": "in_room"}),
            (take_step, {"by": cast.mei, "what": "needles_in"}),
            (take_step, {"by": cast.mei, "what": "needles_out"}),
            (leave_untreated, {"by": cast.ana, "reason": "unwell"}),
        ]
    ):
        with time_machine.travel(start + timedelta(minutes=minute), tick=False):
            change = action(pk=visit.pk, **words)
    assert treating() == ["Mei Tan"]
    with time_machine.travel(start + timedelta(minutes=9), tick=False):
        undo(by=cast.ana, change_pk=change.pk)
    assert treating() == ["Daniel Lee", "Mei Tan"]


def test_a_hold_counts_until_it_runs_out(cast, now):
    visit = booked(cast, "mei", held=True)
    assert treating() == ["Mei Tan"]
    with time_machine.travel(visit.held_until, tick=False):
        expire_holds()
    assert treating() == []


def test_a_hold_that_ran_out_and_was_in_the_way_counts_no_more(cast, now):
    visit = booked(cast, "mei", held=True)
    with time_machine.travel(visit.held_until, tick=False):
        booked(cast, "mei", patient=cast.marta)
    assert (treating(cast.maria), treating(cast.marta)) == ([], ["Mei Tan"])


def test_agreeing_to_the_proposal_after_an_absence_and_taking_it_back(cast, later):
    booked(cast, "mei", hour=13)
    span = TimeSpan(at(cast, 8), at(cast, 18))
    absence = record_absence(by=cast.ana, practitioner=cast.mei.practitioner, span=span, kind="ill")
    propose(by=cast.ana, cause=absence)
    call = Call.objects.get()
    later(answer, by=cast.ana, pk=call.pk, wanted="agreed", version=call.version)
    assert treating() == ["Sam Park"]
    later(take_back, by=cast.ana, pk=call.pk, version=Call.objects.get().version)
    assert treating() == ["Mei Tan"]


def test_canceling_a_series_ends_it_with_the_last_visit(cast, later):
    series = Series.objects.create(
        patient=cast.maria, weekdays=[2], wall_time="09:00", created_at=at(cast, 9, 1), created_by=cast.ana
    )
    visits = [booked(cast, "mei", day=day, series=series) for day in (25, 26)]
    later(cancel_series, by=cast.ana, series=series, visits=visits, reason="moved away")
    assert treating() == []


def test_records_of_one_person_count_together(cast, later):
    """A visit of an old record keeps its provider in the team of the kept one, too."""
    old = cast.marta
    past = booked(cast, "mei", patient=old)
    Patient.objects.filter(pk=old.pk).update(merged_into=cast.maria, version=F("version") + 1)
    mine = booked(cast, "mei", hour=14)
    later(cancel, by=cast.ana, pk=mine.pk, reason="ill")
    assert treating(cast.maria) == ["Mei Tan"]
    later(cancel, by=cast.ana, pk=past.pk, reason="ill")
    assert treating(cast.maria) == treating(old) == []


def test_leaving_takes_one_statement_where_somebody_may_leave_and_none_where_nobody_can(cast, later):
    def ends(action, *people, **words):
        with CaptureQueriesContext(connection) as found:
            result = later(action, *people, **words)
        return result, len([one for one in found if one["sql"].startswith('UPDATE "patients_careteam"')])

    visit, count = ends(booked, cast, "mei")
    assert count == 0
    words = {"by": cast.ana, "pk": visit.pk}
    assert ends(move, **words, starts_at=at(cast, 11))[1] == 0
    sam = {"practitioners": (cast.sam.practitioner.pk,), "rooms": (cast.room_2.pk,)}
    assert ends(move, **words, **sam, starts_at=at(cast, 15))[1] == 1
    change, count = ends(cancel, **words, reason="ill")
    assert count == 1
    assert ends(undo, by=cast.ana, change_pk=change.pk)[1] == 1
