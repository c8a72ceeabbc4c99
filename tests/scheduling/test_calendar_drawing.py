"""How phases become pieces of columns: no database."""

from datetime import UTC, datetime, timedelta

from scheduling.rules.drawing import HANDS, PROVIDER, RETENTION, ROOM, TURNOVER, Agreed, pieces

MEI, DANIEL = 1, 2
ROOM_1, ROOM_4 = 11, 14
NINE = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)


def agreed(*rows):
    """Phases one after the other from nine: (part, kind, minutes, practitioner, room)."""
    found, at = [], NINE
    for position, (part, kind, minutes, practitioner, room) in enumerate(rows, start=1):
        end = at + timedelta(minutes=minutes)
        discipline = "acupuncture" if part == 1 else "chiropractic"
        found.append(
            Agreed(part, position, kind, discipline, practitioner, room, at, end, kind != "turnover")
        )
        at = end
    return found


def drawn(phases, by):
    """(column, look, lane, minutes after nine at which it begins and ends)"""
    return [
        (p.column, p.look, p.lane, (p.starts_at - NINE).seconds // 60, (p.ends_at - NINE).seconds // 60)
        for p in pieces(phases, by)
    ]


INTEGRATED = agreed(
    (1, "hands_on", 15, MEI, ROOM_1),
    (1, "retention", 30, None, ROOM_1),
    (1, "removal", 5, MEI, ROOM_1),
    (1, "rest", 5, None, None),
    (2, "adjustment", 15, DANIEL, ROOM_4),
    (2, "turnover", 5, None, ROOM_4),
)


def test_while_needles_are_in_the_provider_has_a_lane_and_free_hands():
    assert drawn(INTEGRATED, PROVIDER) == [
        (MEI, HANDS, False, 0, 15),
        (MEI, RETENTION, True, 15, 45),
        (MEI, HANDS, False, 45, 50),
        (MEI, TURNOVER, True, 50, 55),
        (DANIEL, HANDS, False, 55, 70),
        (DANIEL, TURNOVER, True, 70, 75),
    ]


def test_a_room_is_taken_throughout_and_minutes_without_a_room_are_in_no_column():
    assert drawn(INTEGRATED, ROOM) == [
        (ROOM_1, HANDS, False, 0, 15),
        (ROOM_1, RETENTION, False, 15, 45),
        (ROOM_1, HANDS, False, 45, 50),
        (ROOM_4, HANDS, False, 55, 70),
        (ROOM_4, TURNOVER, False, 70, 75),
    ]


def test_adjacent_minutes_of_one_look_are_one_piece_and_keep_the_first_position():
    first_visit = agreed((1, "history", 25, MEI, ROOM_1), (1, "hands_on", 15, MEI, ROOM_1))
    (piece,) = pieces(first_visit, PROVIDER)
    assert (piece.position, piece.kind, piece.other) == (1, "history", ROOM_1)
    assert drawn(first_visit, PROVIDER) == [(MEI, HANDS, False, 0, 40)]


def test_a_rest_and_the_turnover_after_it_are_one_faint_piece_for_the_provider_and_two_for_the_room():
    phases = agreed(
        (1, "removal", 5, MEI, ROOM_1), (1, "rest", 5, None, ROOM_1), (1, "turnover", 5, None, ROOM_1)
    )
    assert drawn(phases, PROVIDER)[1:] == [(MEI, TURNOVER, True, 5, 15)]
    assert drawn(phases, ROOM)[1:] == [(ROOM_1, RETENTION, False, 5, 10), (ROOM_1, TURNOVER, False, 10, 15)]


def test_charting_takes_the_provider_and_is_faint():
    assert drawn(agreed((1, "hands_on", 15, MEI, ROOM_1), (1, "charting", 5, MEI, None)), PROVIDER) == [
        (MEI, HANDS, False, 0, 15),
        (MEI, TURNOVER, False, 15, 20),
    ]


def test_minutes_of_nobody_before_anybody_came_are_in_no_providers_column():
    assert drawn(agreed((1, "rest", 5, None, ROOM_1), (1, "hands_on", 15, MEI, ROOM_1)), PROVIDER) == [
        (MEI, HANDS, False, 5, 20)
    ]
