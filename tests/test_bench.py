"""`make bench` with tiny figures: it loads, measures, races and judges. Its figures mean nothing here."""

from datetime import timedelta

import pytest
from django.db import connection

from clinic.database import as_owner
from clinic.timespan import TimeSpan
from plans.models import PlanVisit
from scheduling.models import Reservation
from scripts import bench
from scripts.measuring import clock, course, note, races, report, scratch
from treatment.models import Needling

pytestmark = [pytest.mark.alone, pytest.mark.timeout(400)]  # a database is made and filled
TINY = scratch.Size("tiny", patients=500, past=250, future=350)
STATEMENTS = {
    "availability": 8,
    "calendar": 4,
    "search": 1,
    "Today board": 10,
    "points": 1,
    "a note of": 7,
    "chart: timeline": 5,
    "chart: last note": 12,
    "chart: visit record": 11,
    "chart: Summary": 59,
    "chart: Notes": 34,
    "chart: History": 36,
}


@pytest.fixture
def made(committed, databases):
    # Of this run alone: another run at the same time has its own, and drops it when it is done.
    found = scratch.made(TINY, prefix=f"{databases.name}_bench")
    yield found
    scratch.drop(found.database)


def test_the_database_is_made_once_and_every_piece_of_work_is_measured(made, databases, capsys):
    counts = made.rows["scheduling_appointment"], made.rows["patients_patient"]
    # Beside the 600 visits of the demo: 15, 150 and ten times 10, each with two notes.
    assert (made.again, *counts, made.rows["treatment_note"]) == (False, 865, 500, 534)
    assert scratch.made(TINY, prefix=f"{databases.name}_bench") == made._replace(again=True)
    with scratch.working_in(made.database):
        works = bench.works({**bench.READING, **bench.WRITING}, made.now)
        measured = [clock.measure(work, times=2) for work in works]
    for one in measured:
        report.show(one)
    assert len(capsys.readouterr().out.splitlines()) == len(measured)
    assert report.show_sizes(measured)
    sizes = "30 and 300 notes, 2 and 20 points saved, at most 4 and 40 points found"
    assert capsys.readouterr().out == f"\nStatements with {sizes}: equal\n"
    counts = {named(one.work): one.statements for one in measured}
    assert counts == {name: STATEMENTS[subject(name)] for name in counts}
    assert {subject(name) for name in counts} == set(STATEMENTS)
    assert [len(one.product.wall) for one in measured] == [2] * len(measured)


def named(work):
    return work.sizes_of if work.sizes_of.startswith("chart") else work.name


def subject(name):
    return next(start for start in STATEMENTS if name.startswith(start))


def test_more_statements_or_a_missed_must_fail():
    work = clock.Work("work", product=None, plain=None, must=3, aim=2, statements=4)
    slow, fast = clock.Cost([9.0], [9.0]), clock.Cost([2.0], [2.0])
    assert report.verdict(clock.Measured(work, slow, fast, 4, None)) == "FAILS: must be ≤ 3×"
    assert report.verdict(clock.Measured(work, fast, fast, 5, None)) == "FAILS: more than 4 statements"
    assert report.verdict(clock.Measured(work, fast, fast, 4, None)) == "meets the aim of ≤ 2×"
    assert (
        report.verdict(clock.Measured(work, clock.Cost([5.0], [5.0]), fast, 4, None))
        == "meets the must of ≤ 3×"
    )


def test_statements_that_grow_with_the_size_fail(capsys):
    def measured(name, sizes_of, statements):
        work = clock.Work(name, product=None, plain=None, sizes_of=sizes_of)
        return clock.Measured(work, clock.Cost(), clock.Cost(), statements, None)

    alone = measured("work", "", 3)
    few = measured("of 2", "a note", 7)
    assert report.show_sizes([alone])
    assert capsys.readouterr().out == ""
    assert report.show_sizes([alone, few, measured("of 20", "a note", 7)])
    assert capsys.readouterr().out == "\nStatements with 2 and 20 points saved: equal\n"
    assert not report.show_sizes([alone, few, measured("of 20", "a note", 25)])
    assert capsys.readouterr().out == "\nStatements with 2 and 20 points saved: FAILS: {'a note': [7, 25]}\n"


def test_a_plain_way_that_does_something_else_is_noticed(made):
    """Each of the new comparisons, with one value of the plain answer changed."""
    with scratch.working_in(made.database):
        for work in bench.works({**bench.READING, **bench.WRITING}, made.now, ["points", "chart"]):
            with clock.driver_cursor() as cursor:
                found, answer = work.plain(cursor), work.product()
            assert work.agree(answer, found)
            assert not work.agree(answer, without_first_row(found)), work.name
        few, many = note.works(made.now)
        with clock.driver_cursor() as cursor:
            few.product()
            few.plain(cursor)
            assert few.agree(None, None)
            few.plain(cursor)
            assert not few.agree(None, None)
        Needling.objects.filter(note__signed_at=None, depth_mm=20, position=19).update(depth_mm=21)
        assert many.agree(None, None)  # both twins
        one = Needling.objects.filter(note__signed_at=None, position=19).first()
        Needling.objects.filter(pk=one.pk).update(depth_mm=22)
        assert not many.agree(None, None)


def without_first_row(found):
    """Of a statement's rows, or of the first of several statements'."""
    return [found[0][1:], *found[1:]] if isinstance(found[0], list) else found[1:]


def doubled():
    """What the race's own check finds after one reservation was written twice, the last guard taken away."""
    with as_owner(), connection.cursor() as cursor:
        for name in ("practitioner_is_in_one_place_at_a_time", "room_holds_one_patient_at_a_time"):
            cursor.execute(f"ALTER TABLE scheduling_reservation DROP CONSTRAINT {name}")
    last = Reservation.objects.filter(live=True).order_by("-starts_at").first()
    span = TimeSpan(last.starts_at - timedelta(hours=1), last.ends_at)
    assert races.overlapping(span) == 0
    last.pk = None
    last.save(force_insert=True)
    return races.overlapping(span)


def test_as_many_are_booked_as_fit_and_a_double_booking_is_found(made, capsys):
    with scratch.copy_of(made.database) as copy, scratch.working_in(copy):
        run = list(races.races(made.now, attempts=24, clients=[1, 4]))
        for race in run:
            report.show_race(race)
            assert (race.faults, race.overlaps, race.fitted_later, race.deadlocks) == ([], 0, 0, 0)
            assert (race.booked + race.refused, race.booked > 0, race.holds) == (24, True, True)
        assert doubled() == 1
    assert capsys.readouterr().out.count("holds") == 2


def test_courses_are_found_modeled_booked_and_checked(made, capsys):
    with scratch.copy_of(made.database) as copy, scratch.working_in(copy):
        (found,) = course.measure_courses(made.now, 2, lengths=[4], fills=[50])
        assert PlanVisit.objects.filter(plan__condition="measured").count() == 0
    course.show(found)
    assert capsys.readouterr().out.endswith("holds\n")
    assert (found.tried, found.modeled, found.model_differs, found.worse, found.broken) == (2, 1, 0, 0, 0)
    assert len(found.cost.wall) == 2
    assert found.statements <= {24, 25}
    found.broken = 1
    assert found.fails
