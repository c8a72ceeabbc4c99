"""A visit is one event of the calendar's library in each column, and each of its pieces can be taken hold of."""

from urllib.parse import parse_qs

import pytest
from playwright.sync_api import expect

from tests.browser import sign_in
from tests.rows import at, visit

pytestmark = pytest.mark.browser
QUARTER = 28  # pixels


@pytest.fixture
def drawn(cast, desktop):
    """The events of a day with one visit: needles from 13:15 to 13:45, out at 13:50, then a rest."""
    return shown(cast, desktop, "13:00")


def shown(cast, desktop, clock, day="2026-11-24"):
    visit(
        cast.maria,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"acupuncture": cast.mei.practitioner},
        rooms={"treatment": cast.room_1},
    )
    sign_in(desktop, cast.ana)
    desktop.goto(f"/calendar/?date={day}")
    expect(desktop.locator("#calendar[data-drawn]")).to_be_attached()
    return desktop.locator(".ec-event")


def test_the_pieces_of_a_visit_in_a_column_are_one_event_and_stand_at_their_minutes(drawn):
    assert drawn.count() == 1
    top = drawn.bounding_box()["y"]
    found = [(piece.get_attribute("class").split()[1], piece.bounding_box()) for piece in
             drawn.locator(".cal-piece").all()]  # fmt: skip
    assert [(look, round((box["y"] - top) / QUARTER, 1), round(box["height"] / QUARTER, 1)) for look, box in found] == [
        ("phase-hands", 0, 1),
        ("phase-retention", 1, 2),
        ("phase-hands", 3, 0.3),
        ("phase-turnover", 3.3, 0.7),
    ]  # fmt: skip


def test_the_server_is_told_which_piece_was_dragged(cast, desktop, drawn):
    box = drawn.locator(".cal-piece").nth(2).bounding_box()
    x, y = box["x"] + 60, box["y"] + box["height"] / 2
    desktop.mouse.move(x, y)
    desktop.mouse.down()
    desktop.mouse.move(x + 5, y + 5)
    desktop.mouse.move(x, y + 2 * QUARTER, steps=8)
    with desktop.expect_request("**/drop/") as sent:
        desktop.mouse.up()
    said = parse_qs(sent.value.post_data)
    assert (said["position"], said["time"]) == (["3"], ["14:15"])
    expect(desktop.locator("#toasts", has_text="Garcia, Maria is moved to")).to_contain_text(
        "1:30 to 2:25 pm"
    )


@pytest.mark.parametrize("day, from_the_end", [("2026-11-24", True), ("2026-11-25", False)])
def test_a_piece_that_goes_on_after_midnight_is_cut_at_the_end_of_the_day(cast, desktop, day, from_the_end):
    needles_in = shown(cast, desktop, "23:30", day).locator(".phase-retention")
    column, box = desktop.locator(".ec-body .ec-day").first.bounding_box(), needles_in.bounding_box()
    assert round(box["height"] / QUARTER, 1) == 1
    edge = column["y"] + column["height"] - box["height"] if from_the_end else column["y"]
    assert abs(box["y"] - edge) < 2
