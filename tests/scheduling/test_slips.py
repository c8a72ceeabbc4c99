"""When the day slips: what is stamped, what is promised instead, and what undoing it puts back."""

from datetime import timedelta

import pytest
import time_machine

from clinic.refusal import Refused
from scheduling.actions.slips import change_room, longer, start_early, start_shorter, unwell
from scheduling.actions.steps import check_in, take_step
from scheduling.actions.undoing import undo
from scheduling.models import ActualTime, Block, Reservation, Status, VisitPhase
from scheduling.queries.progress import progress_of
from scheduling.queries.slips import touched_by, ways_for_late, ways_for_touched
from scheduling.rules.layout import PhaseSpec
from scheduling.rules.slips import shortened
from scheduling.rules.steps import stage
from tests.rows import at, visit


def spec(kind, minutes):
    return PhaseSpec(0, 0, kind, minutes, "acupuncture", False, None, True)


@pytest.mark.parametrize(
    ("late", "left"), [(1, 25), (5, 25), (6, 20), (15, 15), (16, None), (90, None)], ids=str
)
def test_needles_are_never_shortened_below_a_quarter_of_an_hour(late, left):
    found = shortened([spec("hands_on", 15), spec("retention", 30)], late)
    assert (found and found[1]) == left


def test_a_visit_without_needles_cannot_be_shortened():
    assert shortened([spec("hands_on", 15)], 5) is None


@pytest.fixture
def needled(cast):
    """Maria in Room 1 with Mei, 10:30 to 11:25; the room is made ready until 11:30."""
    return acupuncture(cast, cast.maria, "10:30", cast.room_1, cast.mei)


def acupuncture(cast, patient, clock, room, by):
    return visit(
        patient,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"acupuncture": by.practitioner},
        rooms={"treatment": room},
    )


def go(cast, row, *steps):
    check_in(by=cast.ana, pk=row.pk, checked_another_way=True)
    for what in steps:
        take_step(by=cast.ana, pk=row.pk, what=what)
    row.refresh_from_db()


def rows(row):
    found = Reservation.objects.filter(appointment=row)
    return sorted(found.values_list("practitioner", "room", "starts_at", "ends_at"), key=str)


def until(row):
    return stage(progress_of(row)).until


def undone(cast, change, now):
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        undo(by=cast.ana, change_pk=change.pk)


@pytest.mark.django_db
def test_longer_counts_up_and_is_undone_step_by_step(cast, needled, now):
    go(cast, needled, "in_room", "needles_in")
    assert until(needled) == now + timedelta(minutes=30)
    with time_machine.travel(now + timedelta(seconds=1), tick=False):
        longer(by=cast.ana, pk=needled.pk, minutes=5)
    with time_machine.travel(now + timedelta(seconds=2), tick=False):
        change = longer(by=cast.ana, pk=needled.pk, minutes=10)
    assert until(needled) == now + timedelta(minutes=45)
    undone(cast, change, now)
    assert until(needled) == now + timedelta(minutes=35)


@pytest.mark.django_db
def test_longer_before_the_first_step_says_what_to_do(cast, needled):
    with pytest.raises(Refused) as refusal:
        longer(by=cast.ana, pk=needled.pk, minutes=5)
    assert refusal.value.reasons == [
        "Nothing is going on yet that could take longer. Tap the next step first."
    ]


@pytest.mark.django_db
def test_nobody_is_touched_while_there_is_time(cast, needled, now):
    acupuncture(cast, cast.rita, "13:00", cast.room_1, cast.sam)
    go(cast, needled, "in_room", "needles_in")
    assert touched_by(needled, now=now)[0] == []


@pytest.mark.django_db
def test_an_overrun_names_who_follows_with_up_to_three_ways_out(cast, needled, now):
    following = acupuncture(cast, cast.rita, "11:30", cast.room_1, cast.sam)
    go(cast, needled, "in_room", "needles_in")
    assert touched_by(needled, now=now) == ([], [])
    longer(by=cast.ana, pk=needled.pk, minutes=10)
    touched, minutes = touched_by(needled, now=now)
    assert touched == [following]
    ways = ways_for_touched(needled, following, minutes, now=now)
    assert [(way.kind, way.starts_at) for way in ways] == [
        ("other_room", at("11:30", cast.uptown)),
        ("later", at("11:35", cast.uptown)),
        ("other_provider", at("11:30", cast.uptown)),
    ]


@pytest.mark.django_db
def test_every_way_out_of_lateness_can_be_taken(cast, needled, now):
    ways = ways_for_late(needled, now=now)
    assert [way.kind for way in ways] == ["shorter", "later"]
    acupuncture(cast, cast.rita, "10:45", cast.room_2, cast.sam)
    promised, minutes = (
        rows(needled),
        VisitPhase.objects.get(visitpart__appointment=needled, kind="retention").minutes,
    )
    shorter = ways[0]
    change = start_shorter(
        by=cast.ana,
        pk=needled.pk,
        starts_at=shorter.starts_at,
        minutes=shorter.minutes,
        practitioners=shorter.practitioners,
        rooms=shorter.rooms,
        version=shorter.version,
    )
    needled.refresh_from_db()
    assert (needled.starts_at, needled.ends_at) == (at("10:45", cast.uptown), at("11:25", cast.uptown))
    undone(cast, change, now)
    assert rows(needled) == promised
    phase = VisitPhase.objects.get(visitpart__appointment=needled, kind="retention")
    assert (minutes, phase.minutes) == (30, 30)


@pytest.mark.django_db
def test_where_the_provider_is_taken_another_one_is_offered(cast, needled, now):
    block = Block.objects.create(
        location=cast.uptown,
        practitioner=cast.mei.practitioner,
        starts_at=at("10:40", cast.uptown),
        ends_at=at("17:00", cast.uptown),
        kind="meeting",
        created_by=cast.ana,
    )
    Reservation.objects.filter(appointment=needled).delete()
    Reservation.objects.create(
        block=block, practitioner=block.practitioner, starts_at=block.starts_at, ends_at=block.ends_at
    )
    (way,) = ways_for_late(needled, now=now)
    assert (way.kind, way.practitioners) == ("other_provider", (cast.sam.practitioner.pk,))
    assert way.words == "Sam Park, L.Ac. at 10:45 am instead, done by 11:40 am. Room 1"


@pytest.mark.django_db
def test_early_takes_the_same_people_now_and_another_room_where_theirs_is_taken(cast, now):
    row = acupuncture(cast, cast.maria, "11:30", cast.room_1, cast.mei)
    acupuncture(cast, cast.rita, "10:30", cast.room_1, cast.sam)
    go(cast, row)
    change = start_early(by=cast.ana, pk=row.pk)
    row.refresh_from_db()
    assert (row.starts_at, row.status) == (at("10:40", cast.uptown), Status.IN_TREATMENT)
    assert cast.room_1.pk not in {room for _who, room, _start, _end in rows(row)}
    undone(cast, change, now)
    row.refresh_from_db()
    assert (row.starts_at, row.status) == (at("11:30", cast.uptown), Status.ARRIVED)


@pytest.mark.django_db
def test_another_room_in_mid_visit_takes_over_what_is_left(cast, needled, now):
    go(cast, needled, "in_room", "needles_in")
    promised = rows(needled)
    change = change_room(by=cast.ana, pk=needled.pk, room=cast.room_2.pk)
    ends = {
        room: max(end for _w, r, _s, end in rows(needled) if r == room) for _w, room, _s, _e in rows(needled)
    }
    assert ends == {cast.room_1.pk: at("10:40", cast.uptown), cast.room_2.pk: at("11:30", cast.uptown)}
    assert (progress_of(needled).room, until(needled)) == (cast.room_2.pk, now + timedelta(minutes=30))
    undone(cast, change, now)
    assert (rows(needled), progress_of(needled).room) == (promised, cast.room_1.pk)


@pytest.mark.django_db
def test_a_taken_room_is_entered_and_stays_promised_to_the_other(cast, needled, now):
    other = acupuncture(cast, cast.rita, "11:00", cast.room_2, cast.sam)
    go(cast, needled, "in_room", "needles_in")
    promised, theirs = rows(needled), rows(other)
    change = change_room(by=cast.ana, pk=needled.pk, room=cast.room_2.pk)
    assert (change.verb, rows(needled), rows(other)) == ("room_changed", promised, theirs)
    assert progress_of(needled).room == cast.room_2.pk
    undone(cast, change, now)
    assert progress_of(needled).room == cast.room_1.pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("room", "say"),
    [
        ("room_1", "Maria is in this room already. Choose another one."),
        ("harbor_1", "This room is not at Uptown. Choose another one."),
    ],
)
def test_a_room_that_makes_no_sense_is_refused(cast, needled, room, say):
    go(cast, needled, "in_room")
    with pytest.raises(Refused) as refusal:
        change_room(by=cast.ana, pk=needled.pk, room=getattr(cast, room).pk)
    assert refusal.value.reasons == [say]


@pytest.mark.django_db
def test_unwell_is_a_fact_that_can_be_taken_back(cast, needled, now):
    go(cast, needled, "in_room", "needles_in")
    change = unwell(by=cast.mei, pk=needled.pk)
    assert [fact.what for fact in progress_of(needled).facts].count("unwell") == 1
    undone(cast, change, now)
    assert [fact.what for fact in progress_of(needled).facts].count("unwell") == 0
    assert ActualTime.objects.filter(appointment=needled, what="unwell").count() == 2


@pytest.mark.django_db
def test_nobody_is_unwell_in_a_visit_that_is_over(cast, needled):
    needled.status = Status.COMPLETED
    needled.save()
    with pytest.raises(Refused) as refusal:
        unwell(by=cast.mei, pk=needled.pk)
    assert refusal.value.reasons == ["Maria's visit is done. Reload the page to see how it stands."]
