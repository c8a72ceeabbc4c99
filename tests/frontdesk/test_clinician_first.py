"""Clinician first: on the board and at the head of a chart; the desk never reads why."""

import pytest
from django.urls import reverse

from intake.actions.flags import clear
from scheduling.actions.steps import check_in, take_step
from scheduling.models import Status
from tests.frontdesk.test_today import TODAY, acupuncture, adjustment, board_of, in_treatment
from tests.intake.rows import allergy, flag, medicine

pytestmark = pytest.mark.django_db
WHY = "qwhyzcanary"
HTMX = {"HX-Request": "true"}


def flagged(cast, patient, **more):
    words = {"question": f"Numb {WHY}?", "action_text": f"Send on {WHY}", "suspected": f"Cord {WHY}"}
    return flag(patient, cast.mei, **words, **more)


def pills(board, name):
    (line,) = [line for line in board.lines if line.visit.name == name]
    return [words for _kind, words in line.pills]


def test_the_board_says_clinician_first(cast, client_of):
    flagged(cast, cast.rita)
    adjustment(cast, cast.rita, "11:15")
    adjustment(cast, cast.sunny, "12:00")
    board = board_of(client_of(cast.ana))
    assert pills(board, "Lopez, Rita")[0] == "clinician first"
    assert "clinician first" not in pills(board, "Park, Sun-hee")
    assert [(need.kind, need.count) for need in board.needs] == [("clinician_first", 1)]


@pytest.mark.parametrize("action", ["refer_routine", "caution"])
def test_a_flag_that_keeps_treatment_open_is_not_on_the_board(cast, client_of, action):
    flagged(cast, cast.rita, action=action)
    adjustment(cast, cast.rita, "11:15")
    assert board_of(client_of(cast.ana)).needs == []


def test_a_cleared_flag_is_not_on_the_board(cast, client_of, now):
    row = flagged(cast, cast.rita)
    clear(by=cast.mei, pk=row.pk, version=1, why="examined", now=now)
    adjustment(cast, cast.rita, "11:15")
    assert board_of(client_of(cast.ana)).needs == []


@pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW])
def test_a_visit_that_is_over_does_not_say_it(cast, client_of, status):
    flagged(cast, cast.rita)
    more = {} if status == Status.COMPLETED else {"ended_reason": "ill"}
    adjustment(cast, cast.rita, "09:00", status=status, **more)
    board = board_of(client_of(cast.ana))
    assert ("clinician first" in pills(board, "Lopez, Rita"), board.needs) == (False, [])


def test_the_tile_says_it_and_needles_are_never_refused(cast, client_of):
    row = acupuncture(cast, cast.maria, "10:30", cast.room_1)
    flagged(cast, cast.maria)
    in_treatment(cast, row)
    take_step(by=cast.mei, pk=row.pk, what="needles_in")
    board = board_of(client_of(cast.ana))
    (tile,) = [tile for tile in board.tiles if tile.state == "on"]
    assert (tile.line.doing, tile.line.pills[0]) == ("needles in", ("danger", "clinician first"))


def test_a_patient_with_a_flag_is_checked_in_as_everybody(cast):
    row = acupuncture(cast, cast.maria, "10:30", cast.room_1)
    flagged(cast, cast.maria)
    check_in(by=cast.ana, pk=row.pk, checked_another_way=True)
    row.refresh_from_db()
    assert row.status == Status.ARRIVED


def test_the_desk_never_reads_why(cast, client_of):
    flagged(cast, cast.rita)
    medicine(cast.rita, f"Drug {WHY}", "anticoagulant")
    allergy(cast.rita, f"Metal {WHY}", "metal_allergy")
    visit = adjustment(cast, cast.rita, "11:15")
    client = client_of(cast.ana)
    pages = [
        TODAY,
        reverse("frontdesk:board"),
        reverse("scheduling:calendar"),
        reverse("scheduling:visit", args=[visit.pk]),
        reverse("patients:chart", args=[cast.rita.pk]),
        reverse("intake:alerts", args=[cast.rita.pk]),
    ]
    read = {page: client.get(page).content.decode() for page in pages}
    assert [page for page, text in read.items() if WHY in text] == []
    assert ("Clinician first" in read[pages[-1]], "What it means" in read[TODAY]) == (True, False)


def test_a_clinician_reads_what_it_means(cast, client_of):
    flagged(cast, cast.rita)
    adjustment(cast, cast.rita, "11:15")
    client = client_of(cast.daniel)
    history = reverse("intake:history", args=[cast.rita.pk])
    assert f'href="{history}"' in client.get(TODAY).content.decode()
    assert f"Send on {WHY}" in client.get(history).content.decode()
    alerts = client.get(reverse("intake:alerts", args=[cast.rita.pk]), headers=HTMX).content.decode()
    assert ("red flag: refer now" in alerts, "Clinician first" in alerts) == (True, False)


def test_the_head_of_a_chart_asks_for_its_alerts_by_address(cast, client_of):
    """With the other pieces of the page; without script by a link of its own."""
    page = client_of(cast.ana).get(reverse("patients:chart", args=[cast.rita.pk])).content.decode()
    assert f'hx-get="{reverse("frontdesk:chart_pieces", args=[cast.rita.pk])}"' in page
    assert f'<a href="{reverse("intake:alerts", args=[cast.rita.pk])}">' in page


@pytest.mark.parametrize("who,shown", [("ana", False), ("olive", True), ("mei", True)])
def test_the_history_is_a_tab_for_those_who_may_open_charts(cast, client_of, who, shown):
    page = client_of(getattr(cast, who)).get(reverse("patients:chart", args=[cast.rita.pk]))
    history = reverse("intake:history", args=[cast.rita.pk])
    assert (f'href="{history}"' in page.content.decode()) is shown
