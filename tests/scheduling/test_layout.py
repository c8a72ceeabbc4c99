import pytest

from scheduling.rules.layout import arrange, lay_out
from tests.scheduling.phases import FOLLOW_UP, INTEGRATED, phase


def test_turnover_runs_beside_the_rest_that_follows_the_removal():
    with_rest_last = [*FOLLOW_UP[:3], phase(3, "turnover", 5, by=None, where=0, patient=False)]
    with_rest_last.append(phase(4, "rest", 5, by=None, room="lounge"))
    assert lay_out(with_rest_last) == [(0, 3), (3, 6), (9, 1), (10, 1), (10, 1)]


def test_turnover_after_the_rest_begins_after_the_rest():
    assert lay_out(FOLLOW_UP) == [(0, 3), (3, 6), (9, 1), (10, 1), (11, 1)]


def test_a_second_part_does_not_wait_for_the_turnover_of_the_first():
    assert lay_out(INTEGRATED) == [(0, 3), (3, 6), (9, 1), (10, 2), (10, 3), (13, 1)]


def test_two_phases_without_the_patient_follow_one_another():
    visit = [phase(0, "hands_on", 10), *(phase(n, "x", 5, patient=False) for n in (1, 2))]
    assert lay_out([*visit, phase(3, "rest", 5)]) == [(0, 2), (2, 1), (3, 1), (2, 1)]


@pytest.mark.parametrize("minutes", [7, 0, -5])
def test_minutes_are_a_positive_multiple_of_five(minutes):
    with pytest.raises(ValueError, match=f"multiple of 5, not {minutes}"):
        lay_out([phase(0, "hands_on", minutes)])


def test_stated_sameness_makes_groups():
    visit = arrange(INTEGRATED)
    assert [need.practitioner_group for need in visit.phases] == [0, None, 0, None, 1, 1]
    assert [need.room_group for need in visit.phases] == [0, 0, 0, 0, 1, None]
    assert [group.intervals for group in visit.practitioner_groups] == [((0, 3), (9, 1)), ((10, 4),)]
    assert [group.intervals for group in visit.room_groups] == [((0, 12),), ((10, 3),)]
    assert [group.wants for group in visit.practitioner_groups] == [{"acupuncture"}, {"chiropractic"}]
    assert [group.clashes for group in visit.practitioner_groups] == [set(), set()]
    assert [group.clashes for group in visit.room_groups] == [{1}, {0}]
    assert (visit.patient_quanta, visit.quanta) == (13, 14)
    assert visit.retentions == [(3, 6)]


def test_phases_keep_what_they_were():
    need = arrange(INTEGRATED).phases[5]
    assert (need.key, need.part, need.kind, need.minutes) == (5, 1, "charting", 5)
    assert need.patient_present is False


def test_without_stated_sameness_consecutive_phases_are_groups_of_their_own():
    visit = arrange([phase(0, "hands_on", 15), phase(1, "removal", 5)])
    assert [need.practitioner_group for need in visit.phases] == [0, 1]
    assert [need.room_group for need in visit.phases] == [0, 1]


def test_sameness_is_handed_on_and_wants_add_up():
    visit = arrange(
        [
            phase(0, "hands_on", 15),
            phase(1, "adjustment", 5, by="chiropractic", room="table", who=0, where=0),
            phase(2, "removal", 5, room=None, who=1, where=1),
        ]
    )
    assert [group.wants for group in visit.practitioner_groups] == [{"acupuncture", "chiropractic"}]
    assert [group.wants for group in visit.room_groups] == [{"treatment", "table"}]
    assert [need.room_group for need in visit.phases] == [0, 0, 0]


@pytest.mark.parametrize(
    "second",
    [
        phase(1, "removal", 5, who=1),
        phase(1, "removal", 5, who=2),
        phase(1, "retention", 5, by=None, who=0),
        phase(1, "removal", 5, where=7),
    ],
)
def test_sameness_with_nothing_is_refused(second):
    with pytest.raises(ValueError, match="Phase 1 has nothing to share with phase"):
        arrange([phase(0, "hands_on", 15), second])


def test_sameness_with_a_phase_that_has_no_room_is_refused():
    with pytest.raises(ValueError, match="Phase 1 has nothing to share with phase 0"):
        arrange([phase(0, "consultation", 15, room=None), phase(1, "hands_on", 5, where=0)])


@pytest.mark.parametrize("positions", [(1, 0), (0, 0)])
def test_positions_ascend(positions):
    with pytest.raises(ValueError, match="order of their positions"):
        arrange([phase(position, "hands_on", 5) for position in positions])


def test_a_room_cannot_be_turned_over_while_the_patient_lies_in_it():
    turnover = phase(1, "turnover", 5, by=None, where=0, patient=False)
    with pytest.raises(ValueError, match="at the same minutes"):
        arrange([phase(0, "hands_on", 5), turnover, phase(2, "rest", 5, by=None, where=0)])
