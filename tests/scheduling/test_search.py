import pytest

from scheduling.rules.choice import leftover
from scheduling.rules.grid import set_bits
from scheduling.rules.layout import arrange
from scheduling.rules.search import (
    Assignment,
    Preference,
    Supply,
    placed,
    search,
    starts,
    unattended_retention,
)
from tests.scheduling.phases import FOLLOW_UP, INTEGRATED, bits, phase

ANN, BEA, CAL = 1, 2, 3
ROOM_1, ROOM_2, ROOM_3 = 11, 12, 13
GRID = bits((0, 200))


def supply(practitioners, rooms, patient=GRID, duty=0):
    return Supply(practitioners, rooms, patient, duty)


def options(specs, given_supply, allowed=GRID, **more):
    return list(search(arrange(specs), given_supply, allowed=allowed, **more).options())


# When it fits


def test_a_practitioner_works_elsewhere_during_the_retention():
    """Free for the first 15 minutes and for the removal at 45, busy in between."""
    ann = bits((0, 3), (9, 10))
    one = supply([{ANN: ann}], [{ROOM_1: bits((0, 20))}, {ROOM_2: bits((0, 20))}])
    assert options(FOLLOW_UP, one) == [Assignment(0, (ANN,), (ROOM_1, ROOM_2))]


def test_the_room_is_occupied_through_retention_and_turnover():
    plenty = bits((0, 40))
    visit = arrange(FOLLOW_UP)
    room = bits((2, 13), (20, 32))
    # Groups by stated sameness are one room from hands-on to removal, and for the turnover.
    found = starts(visit, supply([{ANN: plenty}], [{ROOM_1: room}, {ROOM_2: plenty}]), allowed=plenty)
    assert list(set_bits(found)) == [20]
    # Between removal and turnover the patient rests elsewhere, and this visit reserves no room there.
    with_a_gap = room & ~bits((30, 31))
    found = starts(visit, supply([{ANN: plenty}], [{ROOM_1: with_a_gap}, {ROOM_2: plenty}]), allowed=plenty)
    assert list(set_bits(found)) == [20]


def test_either_of_two_practitioners_will_do_but_not_half_of_each():
    one = [phase(0, "hands_on", 15, room=None)]
    halves = supply([{ANN: bits((0, 2), (10, 13)), BEA: bits((2, 9))}], [])
    assert [option.start for option in options(one, halves)] == [2, 3, 4, 5, 6, 10]


def test_a_start_is_allowed_and_the_patient_is_free_for_as_long_as_present():
    plenty = bits((0, 40))
    visit = arrange(FOLLOW_UP)
    both = supply([{ANN: plenty}], [{ROOM_1: plenty}, {ROOM_2: plenty}], patient=bits((3, 15)))
    assert list(set_bits(starts(visit, both, allowed=plenty))) == [3, 4]
    assert list(set_bits(starts(visit, both, allowed=bits((4, 9))))) == [4]


def test_nothing_beyond_the_grid_is_free():
    plenty = bits((0, 12))
    both = supply([{ANN: plenty}], [{ROOM_1: plenty}, {ROOM_2: plenty}])
    assert [option.start for option in options(FOLLOW_UP, both)] == [0]


def test_nobody_to_choose_from_means_no_start():
    assert options([phase(0, "hands_on", 15)], supply([{}], [{ROOM_1: bits((0, 9))}])) == []


def test_one_mapping_for_each_group():
    with pytest.raises(ValueError, match="zip"):
        options([phase(0, "hands_on", 15)], supply([], [{ROOM_1: bits((0, 9))}]))


def test_a_retention_without_somebody_on_duty_is_found_and_can_be_left_out():
    plenty, duty = bits((0, 40)), bits((0, 12), (14, 23))
    visit = arrange(FOLLOW_UP)
    both = supply([{ANN: plenty}], [{ROOM_1: plenty}, {ROOM_2: plenty}], duty=duty)
    attended = [0, 1, 2, 3, 11, 12, 13, 14]
    assert [s for s in range(20) if not unattended_retention(visit, s, duty)] == attended
    found = starts(visit, both, allowed=bits((0, 20)), require_duty=True)
    assert list(set_bits(found)) == attended
    assert list(set_bits(starts(visit, both, allowed=bits((0, 20))))) == list(range(20))


def test_a_visit_without_retention_needs_nobody_on_duty():
    visit = arrange([phase(0, "hands_on", 15)])
    plenty = supply([{ANN: bits((0, 9))}], [{ROOM_1: bits((0, 9))}])
    assert unattended_retention(visit, 0, 0) is False
    assert starts(visit, plenty, allowed=bits((0, 4)), require_duty=True) == bits((0, 4))


def test_options_are_limited_spaced_and_picked_among():
    one = [phase(0, "hands_on", 15, room=None)]
    found = search(arrange(one), supply([{ANN: bits((1, 40))}], []), allowed=bits((0, 40)))

    def found_starts(**which):
        return [option.start for option in found.options(**which)]

    assert found_starts(limit=3) == [1, 2, 3]
    assert found_starts(step_quanta=12) == [12, 24, 36]
    assert found_starts(limit=2, step_quanta=3) == [3, 6]
    assert found_starts(among=bits((10, 12), (36, 40))) == [10, 11, 36, 37]
    assert found_starts(limit=0) == []


# With whom and where

HANDS_ON = [phase(0, "hands_on", 15, room=None)]


def chosen(specs, given_supply, start, **wish):
    found = search(arrange(specs), given_supply, allowed=bits((0, 60)), preference=Preference(**wish))
    return found.assign(start)


def test_the_tightest_gap_is_taken_and_the_long_one_stays_whole():
    free = {ANN: bits((0, 50)), BEA: bits((9, 14)), CAL: bits((5, 30))}
    assert chosen(HANDS_ON, supply([free], []), 10) == Assignment(10, (BEA,), ())


def test_a_preference_comes_before_a_tight_gap():
    free = {ANN: bits((0, 50)), BEA: bits((9, 14)), CAL: bits((5, 30))}
    costs = {BEA: 2, ANN: 1, CAL: 1}
    assert chosen(HANDS_ON, supply([free], []), 10, practitioner_cost=costs).practitioners == (CAL,)


def test_among_equal_gaps_the_less_versatile_then_the_lowest_id():
    free = {CAL: bits((8, 20)), BEA: bits((8, 20)), ANN: bits((8, 20))}
    skills = {ANN: 3, BEA: 1, CAL: 1}
    assert chosen(HANDS_ON, supply([free], []), 10).practitioners == (ANN,)
    versed = chosen(HANDS_ON, supply([free], []), 10, practitioner_versatility=skills)
    assert versed.practitioners == (BEA,)


def test_rooms_are_chosen_by_gap_and_versatility_too():
    one = [phase(0, "rest", 10, by=None)]
    rooms = {ROOM_1: bits((0, 9)), ROOM_2: bits((3, 9)), ROOM_3: bits((4, 10))}
    assert chosen(one, supply([], [rooms]), 5).rooms == (ROOM_2,)
    spare = chosen(one, supply([], [rooms]), 5, room_versatility={ROOM_2: 2, ROOM_3: 1})
    assert spare.rooms == (ROOM_3,)


@pytest.mark.parametrize(
    "free, left",
    [
        (bits((5, 8), (14, 15)), 0),
        (bits((4, 8), (14, 15)), 1),
        (bits((5, 9), (13, 15)), 2),
        (bits((5, 15)), 6),
        (bits((0, 20)), 16),
        (bits((0, 9), (11, 20)), 14),
    ],
)
def test_leftover_counts_the_gap_between_two_intervals_once(free, left):
    assert leftover(((0, 3), (9, 1)), free, 5) == left


def test_the_room_being_turned_over_is_not_the_room_of_the_next_part():
    one_room = {ROOM_1: bits((0, 30))}
    two_rooms = {**one_room, ROOM_2: bits((8, 14))}
    people = [{ANN: bits((0, 30))}, {BEA: bits((0, 30))}]
    assert options(INTEGRATED, supply(people, [one_room, one_room]), bits((0, 1))) == []
    assert options(INTEGRATED, supply(people, [two_rooms, two_rooms]), bits((0, 1))) == [
        Assignment(0, (ANN, BEA), (ROOM_1, ROOM_2))
    ]


def test_starts_counts_a_room_twice_where_options_does_not():
    one_room = {ROOM_1: bits((0, 30))}
    people = [{ANN: bits((0, 30))}, {BEA: bits((0, 30))}]
    found = search(arrange(INTEGRATED), supply(people, [one_room, one_room]), allowed=1)
    assert (found.starts, found.assign(0)) == (1, None)


def test_a_tight_room_is_given_up_when_another_phase_needs_it():
    """Room 1 is tighter for the first part, but nothing else will do for the second."""
    first = {ROOM_1: bits((0, 14)), ROOM_2: bits((0, 40))}
    people = [{ANN: bits((0, 30))}, {BEA: bits((0, 30))}]
    found = chosen(INTEGRATED, supply(people, [first, {ROOM_1: bits((0, 14))}]), 0)
    assert found.rooms == (ROOM_2, ROOM_1)


def test_one_practitioner_may_fill_two_groups_one_after_the_other():
    both = {ANN: bits((0, 30))}
    rooms = {ROOM_1: bits((0, 30)), ROOM_2: bits((0, 30))}
    found = chosen(INTEGRATED, supply([both, both], [rooms, rooms]), 0)
    assert found.practitioners == (ANN, ANN)


def test_one_practitioner_cannot_chart_and_treat_at_the_same_minutes():
    charting = phase(1, "charting", 10, room=None, who=0, patient=False)
    visit = [phase(0, "hands_on", 5), charting, phase(2, "adjustment", 5, by="chiropractic")]
    rooms = [{ROOM_1: bits((0, 9))}, {ROOM_1: bits((0, 9))}]
    ann = {ANN: bits((0, 9))}
    assert chosen(visit, supply([ann, ann], rooms), 0) is None
    with_bea = supply([ann, ann | {BEA: bits((0, 9))}], rooms)
    assert chosen(visit, with_bea, 0) == Assignment(0, (ANN, BEA), (ROOM_1, ROOM_1))


def test_placed_gives_every_phase_its_time_and_what_it_occupies():
    visit = arrange(INTEGRATED)
    laid = placed(visit, Assignment(100, (ANN, BEA), (ROOM_1, ROOM_2)))
    assert [one.phase for one in laid] == list(visit.phases)
    assert [(one.first, one.last, one.practitioner, one.room) for one in laid] == [
        (100, 103, ANN, ROOM_1),
        (103, 109, None, ROOM_1),
        (109, 110, ANN, ROOM_1),
        (110, 112, None, ROOM_1),
        (110, 113, BEA, ROOM_2),
        (113, 114, BEA, None),
    ]


# Work, counted


class Counted(int):
    """An integer that counts the ANDs and shifts made with it."""

    done = 0

    def __and__(self, other):
        Counted.done += 1
        return Counted(int(self) & int(other))

    __rand__ = __and__

    def __rshift__(self, count):
        Counted.done += 1
        return Counted(int(self) >> count)


@pytest.mark.parametrize("days", [1, 14, 28])
def test_work_depends_on_people_rooms_and_phases_and_not_on_the_length_of_time(days):
    plenty = (1 << days * 288) - 1
    people = {who: Counted(plenty & ~(0b111 << who)) for who in range(12)}
    rooms = {room: Counted(plenty & ~(0b111 << room)) for room in range(10)}
    Counted.done = 0
    starts(arrange(INTEGRATED), Supply([people] * 2, [rooms] * 2, plenty), allowed=plenty)
    # A run of n quanta doubles bit_length(n - 1) times, each time a shift and an AND; then the
    # interval takes one of both. So 6 for a run of 3 or 4, 2 for a run of 1, 10 for one of 12.
    practitioner, room = (6 + 2) + 6, 10 + 6
    assert Counted.done == 12 * practitioner + 10 * room
