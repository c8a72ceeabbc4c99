"""The steps of a visit on its day: what is next, what each stamps, what undoing it puts back."""

from datetime import date, timedelta

import pytest
import time_machine

from clinic.models import AuditEvent
from clinic.refusal import Refused
from scheduling.actions.ending import part_not_done
from scheduling.actions.steps import check_in, check_in_all, correct_time, leave_untreated, take_step
from scheduling.actions.undoing import undo
from scheduling.models import ActualTime, PartStatus, Reservation, Status
from scheduling.queries.progress import progress_of
from scheduling.rules.steps import button, next_step
from tests.rows import at, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def needled(cast):
    """Maria's acupuncture with Mei in Room 1, from 10:40."""
    return acupuncture(cast, cast.maria, "10:40")


def acupuncture(cast, patient, clock, room=None, by=None):
    return visit(
        patient,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"acupuncture": (by or cast.mei).practitioner},
        rooms={"treatment": room or cast.room_1},
    )


def integrated(cast, clock="10:40"):
    return visit(
        cast.tunde,
        cast.service("acupuncture_adjustment"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"acupuncture": cast.mei.practitioner, "chiropractic": cast.daniel.practitioner},
        rooms={"treatment": cast.room_2, "adjusting": cast.room_4},
    )


def step(cast, row, what, **more):
    return take_step(by=cast.ana, pk=row.pk, what=what, **more)


def arrive(cast, row):
    return check_in(by=cast.ana, pk=row.pk, checked_another_way=True)


def coming(row):
    row.refresh_from_db()
    found = next_step(progress_of(row))
    return found and button(found, room_name="Room 4" if found.room else "")


def go(cast, row, *steps):
    """The names of the buttons, one after another, as each step is taken."""
    said = []
    for what in steps:
        said.append(coming(row))
        arrive(cast, row) if what == "check_in" else step(cast, row, what)
    return [*said, coming(row)]


def facts(row):
    return [
        (one.what, one.room_id)
        for one in ActualTime.objects.filter(appointment=row).order_by("at", "entered_at")
    ]


def rows(row):
    found = Reservation.objects.filter(appointment=row)
    return sorted(found.values_list("practitioner", "room", "starts_at", "ends_at"), key=str)


def refused(action, *args, **kwargs):
    with pytest.raises(Refused) as refusal:
        action(*args, **kwargs)
    return refusal.value.reasons


def test_the_steps_of_an_integrated_visit_have_the_names_of_its_phases(cast):
    row = integrated(cast)
    said = go(cast, row, "check_in", "in_room", "needles_in", "needles_out", "start", "done", "leave")
    assert said == [
        "Check in",
        "To Room 4",  # the helper names every room so
        "Needles in",
        "Needles out",
        "Adjustment in Room 4",
        "Done",
        "Check out",
        None,
    ]
    assert row.status == Status.COMPLETED
    assert [part.status for part in row.parts.order_by("position")] == [PartStatus.DONE, PartStatus.DONE]


def test_each_step_stamps_its_fact_and_the_adjustment_its_room(cast):
    row = integrated(cast)
    go(cast, row, "check_in", "in_room", "needles_in", "needles_out", "start")
    assert sorted(facts(row), key=str) == sorted(
        [
            ("arrived", None),
            ("in_room", cast.room_2.pk),
            ("last_needle_in", None),
            ("needles_out", None),
            ("in_room", cast.room_4.pk),
            ("adjustment", None),
        ],
        key=str,
    )


def test_a_massage_is_started_and_done(cast):
    row = visit(
        cast.sunny,
        cast.service("massage"),
        cast.uptown,
        at("10:40", cast.uptown),
        practitioners={"massage": cast.jo.practitioner},
        rooms={"massage": cast.room_6},
    )
    assert go(cast, row, "check_in", "in_room", "start", "done")[2:] == ["Start Massage", "Done", "Check out"]


def test_a_birth_date_that_is_not_the_patients_is_refused_with_what_to_do(cast, needled):
    say = "That is not Maria's birth date. Ask again, or look at a card and tick “Checked another way”."
    wrong = date(1985, 3, 19)
    assert refused(check_in, by=cast.ana, pk=needled.pk, born=wrong) == [say]
    needled.refresh_from_db()
    assert (needled.status, facts(needled)) == (Status.BOOKED, [])
    check_in(by=cast.ana, pk=needled.pk, born=date(1985, 3, 14))
    needled.refresh_from_db()
    assert (needled.status, facts(needled)) == (Status.ARRIVED, [("arrived", None)])


def test_without_an_answer_check_in_asks(cast, needled):
    say = "Ask Maria for the birth date, or tick “Checked another way”."
    assert refused(check_in, by=cast.ana, pk=needled.pk) == [say]


def test_checked_another_way_is_written_down(cast, needled):
    arrive(cast, needled)
    event = AuditEvent.objects.get(verb="check_in")
    assert (event.by, event.detail) == (cast.ana, {"another_way": True})


def test_with_a_minor_somebody_comes_along(cast):
    row = acupuncture(cast, cast.leo, "10:40")
    assert refused(check_in, by=cast.ana, pk=row.pk, born=date(2017, 2, 8)) == [
        "Leo is a minor. Say who came along."
    ]
    check_in(by=cast.ana, pk=row.pk, born=date(2017, 2, 8), came_with="Nora Cole")
    row.refresh_from_db()
    assert (row.status, row.came_with) == (Status.ARRIVED, "Nora Cole")


def test_a_household_is_checked_in_together_or_not_at_all(cast):
    leo, iris = (
        acupuncture(cast, cast.leo, "10:40"),
        acupuncture(cast, cast.iris, "10:40", cast.room_2, cast.sam),
    )
    together = {"by": cast.ana, "pks": [leo.pk, iris.pk], "came_with": "Iris Cole"}
    said = {leo.pk: date(2017, 2, 8), iris.pk: date(1990, 1, 1)}
    assert len(refused(check_in_all, born=said, **together)) == 1
    assert ActualTime.objects.count() == 0
    changes = check_in_all(born={**said, iris.pk: date(1988, 5, 30)}, **together)
    for row in (leo, iris):
        row.refresh_from_db()
    assert (leo.status, leo.came_with, iris.status, iris.came_with) == ("arrived", "Iris Cole", "arrived", "")
    assert {change.appointment_id for change in changes} == {leo.pk, iris.pk}


def test_checking_in_twice_says_how_it_stands(cast, needled):
    arrive(cast, needled)
    assert refused(arrive, cast, needled) == ["Maria is here already. Reload the page to see how it stands."]


def test_nobody_goes_to_a_room_before_checking_in(cast, needled):
    assert refused(step, cast, needled, "in_room") == ["Check Maria in first."]


def test_a_step_is_taken_once(cast, needled):
    go(cast, needled, "check_in", "in_room", "needles_in")
    assert refused(step, cast, needled, "needles_in") == [
        "This was recorded already. Correct its time if it is wrong."
    ]


def test_a_step_that_the_visit_does_not_have_is_refused(cast, needled):
    go(cast, needled, "check_in", "in_room")
    assert refused(step, cast, needled, "start") == [
        "This was recorded already. Correct its time if it is wrong."
    ]


def test_needles_out_can_be_stamped_although_needles_in_was_forgotten(cast, needled):
    go(cast, needled, "check_in", "in_room", "needles_out")
    assert [part.status for part in needled.parts.all()] == [PartStatus.DONE]
    assert coming(needled) == "Check out"


def test_checking_out_waits_for_every_part(cast):
    row = integrated(cast)
    go(cast, row, "check_in", "in_room", "needles_in")
    assert refused(step, cast, row, "leave") == [
        "The needles are still in. Take them out first, then check out."
    ]
    step(cast, row, "needles_out")
    assert refused(step, cast, row, "leave") == [
        "Adjustment is neither done nor not done. Say which, then check out."
    ]


def test_checking_out_frees_the_rest_from_the_next_five_minutes(cast, needled):
    go(cast, needled, "check_in", "in_room", "needles_in", "needles_out", "leave")
    assert {row[3] for row in rows(needled)} == {at("10:45", cast.uptown)}


@pytest.mark.parametrize("taken", [1, 2, 3, 4, 5])
def test_undoing_any_step_puts_back_status_parts_facts_and_promises(cast, needled, now, taken):
    way = ["check_in", "in_room", "needles_in", "needles_out", "leave"]
    promised = rows(needled)
    for number, what in enumerate(way[:taken]):
        with time_machine.travel(now + timedelta(seconds=number), tick=False):
            before = how_it_stands(needled)
            change = arrive(cast, needled) if what == "check_in" else step(cast, needled, what)
            assert how_it_stands(needled) != before
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        undo(by=cast.ana, change_pk=change.pk)
    assert how_it_stands(needled) == before
    assert rows(needled) == promised


def not_undone(cast, change):
    with pytest.raises(Refused) as refusal:
        undo(by=cast.ana, change_pk=change.pk)
    (reason,) = refusal.value.reasons
    assert (refusal.value.conflict, refusal.value.offers) == (True, [])
    return reason


def test_a_check_out_whose_rest_was_given_away_stays_and_says_so(cast, needled):
    go(cast, needled, "check_in", "in_room", "needles_in", "needles_out")
    change = step(cast, needled, "leave")
    acupuncture(cast, cast.rita, "11:00")
    assert not_undone(cast, change) == (
        "What check-out freed is not free any more, so this visit stays checked out. "
        "Correct its times if they are wrong, or move what took the place and undo then."
    )
    needled.refresh_from_db()
    assert needled.status == Status.COMPLETED


def test_a_part_whose_time_was_given_away_stays_not_done_and_says_so(cast):
    row = integrated(cast, "13:00")
    part = row.parts.get(position=2)
    change = part_not_done(by=cast.ana, pk=row.pk, part=part.pk, reason="no time")
    adjusted = at("13:55", cast.uptown)
    visit(
        cast.rita,
        cast.service("adjustment"),
        cast.uptown,
        adjusted,
        practitioners={"chiropractic": cast.daniel.practitioner},
        rooms={"adjusting": cast.room_4},
    )
    assert not_undone(cast, change) == (
        "What this part freed is not free any more, so it stays not done. "
        "Book it as a visit of its own, or move what took the place and undo then."
    )


def test_a_room_that_was_given_away_is_not_taken_back(cast, needled):
    arrive(cast, needled)
    change = step(cast, needled, "in_room", room=cast.room_3.pk)
    acupuncture(cast, cast.rita, "11:00", by=cast.sam)
    assert not_undone(cast, change) == (
        "The room before is not free any more, so this visit stays in the other one. "
        "Choose a room that is free."
    )


def how_it_stands(row):
    row.refresh_from_db()
    progress = progress_of(row)
    return row.status, [part.status for part in progress.parts], [(f.what, f.at) for f in progress.facts]


def test_another_room_that_is_free_is_promised_from_now_on(cast, needled):
    arrive(cast, needled)
    change = step(cast, needled, "in_room", room=cast.room_3.pk)
    assert {row[1] for row in rows(needled)} == {cast.room_3.pk}
    assert facts(needled)[-1] == ("in_room", cast.room_3.pk)
    undo(by=cast.ana, change_pk=change.pk)
    assert {row[1] for row in rows(needled)} == {cast.room_1.pk}


def test_another_room_that_is_taken_is_a_fact_all_the_same(cast, needled):
    acupuncture(cast, cast.rita, "11:00", cast.room_3)
    arrive(cast, needled)
    step(cast, needled, "in_room", room=cast.room_3.pk)
    assert facts(needled)[-1] == ("in_room", cast.room_3.pk)
    assert {row[1] for row in rows(needled)} == {cast.room_1.pk}


def test_a_room_elsewhere_is_refused(cast, needled):
    arrive(cast, needled)
    assert refused(step, cast, needled, "in_room", room=cast.harbor_1.pk) == [
        "This room is not at Uptown. Choose another one."
    ]


def test_leaving_untreated_closes_what_did_not_happen(cast, needled):
    go(cast, needled, "check_in", "in_room")
    change = leave_untreated(by=cast.ana, pk=needled.pk, reason="unwell")
    assert [(part.status, part.reason) for part in needled.parts.all()] == [(PartStatus.NOT_DONE, "unwell")]
    undo(by=cast.ana, change_pk=change.pk)
    assert [part.status for part in needled.parts.all()] == [PartStatus.PLANNED]


def test_a_corrected_time_counts_and_the_first_one_stays(cast, needled, now):
    arrive(cast, needled)
    (fact,) = progress_of(needled).facts
    with time_machine.travel(now + timedelta(seconds=9), tick=False):
        change = correct_time(by=cast.ana, pk=needled.pk, fact=fact.id, at=now - timedelta(minutes=5))
    assert [f.at for f in progress_of(needled).facts] == [now - timedelta(minutes=5)]
    assert ActualTime.objects.filter(appointment=needled).count() == 2
    with time_machine.travel(now + timedelta(seconds=20), tick=False):
        undo(by=cast.ana, change_pk=change.pk)
    assert [f.at for f in progress_of(needled).facts] == [now]


@pytest.mark.parametrize(
    ("minutes", "say"),
    [
        (1, "This time has not come yet. Write when it happened."),
        (-24 * 60, "This is another day than the visit's. Write a time of that day."),
    ],
)
def test_a_time_that_cannot_be_is_refused(cast, needled, now, minutes, say):
    arrive(cast, needled)
    (fact,) = progress_of(needled).facts
    assert refused(
        correct_time, by=cast.ana, pk=needled.pk, fact=fact.id, at=now + timedelta(minutes=minutes)
    ) == [say]
