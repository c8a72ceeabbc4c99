"""The Today board: what stands where, for whom, in how many statements."""

import pytest
from django.urls import reverse

from clinic.submissions import new_key
from scheduling.actions.steps import check_in, take_step
from scheduling.models import Status
from tests.rows import at, visit

pytestmark = pytest.mark.django_db

TODAY, BOARD = reverse("frontdesk:today"), reverse("frontdesk:board")
HTMX = {"HX-Request": "true"}


def acupuncture(cast, patient, clock, room, by=None, **more):
    return visit(
        patient,
        cast.service("acupuncture_follow_up"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"acupuncture": (by or cast.mei).practitioner},
        rooms={"treatment": room},
        **more,
    )


def adjustment(cast, patient, clock, room=None, **more):
    return visit(
        patient,
        cast.service("adjustment"),
        cast.uptown,
        at(clock, cast.uptown),
        practitioners={"chiropractic": cast.daniel.practitioner},
        rooms={"adjusting": room or cast.room_4},
        **more,
    )


def in_treatment(cast, row, *steps):
    check_in(by=cast.ana, pk=row.pk, checked_another_way=True)
    for what in ("in_room", *steps):
        take_step(by=cast.ana, pk=row.pk, what=what)


def board_of(client):
    return client.get(TODAY).context["board"]


def names(lines):
    return [line.visit.name for line in lines]


def test_everybody_stands_where_they_are(cast, client_of):
    in_treatment(cast, acupuncture(cast, cast.maria, "10:30", cast.room_1), "needles_in")
    waiting = adjustment(cast, cast.sunny, "10:45")
    check_in(by=cast.ana, pk=waiting.pk, checked_another_way=True)
    adjustment(cast, cast.rita, "11:15")
    adjustment(cast, cast.tunde, "12:00", status=Status.CANCELLED, ended_reason="ill")
    adjustment(cast, cast.iris, "09:00", status=Status.COMPLETED)
    board = board_of(client_of(cast.ana))
    on = [(tile.name, tile.line.visit.name) for tile in board.tiles if tile.state == "on"]
    assert on == [("Room 1", "Garcia, Maria")]
    assert (names(board.waiting), names(board.next)) == (["Park, Sun-hee"], ["Lopez, Rita"])
    assert (names(board.done), names(board.not_coming)) == (["Cole, Iris"], ["Okafor, Tunde"])


def test_the_tile_counts_down_from_the_last_needle(cast, client_of):
    in_treatment(cast, acupuncture(cast, cast.maria, "10:30", cast.room_1), "needles_in")
    (tile,) = [tile for tile in board_of(client_of(cast.ana)).tiles if tile.state == "on"]
    assert (tile.line.doing, tile.line.minutes_left, tile.line.button) == ("needles in", 30, "Needles out")


def test_a_free_room_says_until_when(cast, client_of):
    adjustment(cast, cast.rita, "11:15")
    tiles = {tile.name: (tile.state, tile.says) for tile in board_of(client_of(cast.ana)).tiles}
    assert tiles["Room 4"] == ("free", "free to 11:15 am")
    assert tiles["Room 5"] == ("free", "free for the rest of the day")


def test_a_room_is_kept_for_somebody_who_is_late(cast, client_of):
    acupuncture(cast, cast.maria, "10:30", cast.room_1)
    board = board_of(client_of(cast.ana))
    (tile,) = [tile for tile in board.tiles if tile.state == "kept"]
    assert (tile.name, tile.line.when) == ("Room 1", "12 min late")
    assert [(need.kind, need.count) for need in board.needs] == [("late", 1)]


def test_people_of_nearly_one_name_are_marked_on_both_rows(cast, client_of):
    adjustment(cast, cast.marta, "11:00")
    acupuncture(cast, cast.maria, "11:00", cast.room_1)
    adjustment(cast, cast.rita, "11:30")
    marked = {
        line.visit.name
        for line in board_of(client_of(cast.ana)).next
        if ("danger", "same name today") in line.pills
    }
    assert marked == {"Garcia, Maria", "Garcia, Marta"}


def test_a_household_comes_as_one_row_with_its_members(cast, client_of):
    adjustment(cast, cast.iris, "11:00")
    adjustment(cast, cast.leo, "11:20")
    adjustment(cast, cast.mia, "11:40")
    (group,) = board_of(client_of(cast.ana)).next
    assert (group.name, names(group.lines)) == ("Cole", ["Cole, Iris", "Cole, Leo", "Cole, Mia"])


def test_a_provider_sees_their_own_first_and_when_their_hands_are_free(cast, client_of):
    in_treatment(cast, acupuncture(cast, cast.maria, "10:30", cast.room_1), "needles_in")
    adjustment(cast, cast.rita, "11:15")
    client = client_of(cast.mei)
    board = board_of(client)
    assert (names(board.lines), board.mine) == (["Garcia, Maria"], True)
    assert list(board.hands_free) == [at("10:45", cast.uptown), at("11:15", cast.uptown)]
    everyone = client.get(TODAY, {"show": "everyone"}).context["board"]
    assert names(everyone.lines) == ["Garcia, Maria", "Lopez, Rita"]


def test_the_board_alone_is_what_htmx_gets(cast, client_of):
    adjustment(cast, cast.rita, "11:15")
    answer = client_of(cast.ana).get(BOARD, headers=HTMX)
    assert next(template.name for template in answer.templates) == "frontdesk/today_board.html"
    assert answer.headers["HX-Retarget"] == "#board"


@pytest.mark.parametrize("number", [1, 3])
def test_the_board_takes_the_same_statements_for_any_number_of_visits(
    cast, client_of, django_assert_num_queries, number
):
    people = [cast.maria, cast.sunny, cast.rita]
    for patient, clock in list(zip(people, ["10:45", "11:05", "11:25"], strict=True))[:number]:
        adjustment(cast, patient, clock)
    client = client_of(cast.ana)
    client.get(BOARD, headers=HTMX)
    # 2 session and account, 2 roles and locations, 1 location worked at, 6 the day, 1 clinician first,
    # 1 needles not accounted for, 1 to-dos, 1 reactions to look at again
    with django_assert_num_queries(15):
        client.get(BOARD, headers=HTMX)


def test_somebody_of_another_location_sees_their_own_day(cast, client_of):
    adjustment(cast, cast.rita, "11:15")
    board = board_of(client_of(cast.hana))
    assert (board.location.name, names(board.lines)) == ("Harbor", [])


@pytest.mark.parametrize("who", ["rita", "dana"])
def test_who_is_not_on_staff_does_not_get_the_board(cast, client_of, who):
    assert client_of(getattr(cast, who)).get(TODAY).status_code == 403


@pytest.mark.parametrize("name", ["check_in", "times", "untreated", "room", "unwell", "longer", "late"])
def test_visits_of_another_location_do_not_exist(cast, client_of, name):
    row = adjustment(cast, cast.rita, "11:15")
    url = reverse(f"frontdesk:{name}", args=[row.pk])
    assert client_of(cast.hana).get(url).status_code == 404
    assert client_of(cast.rita).get(url).status_code == 403
    assert client_of(cast.ana).get(url).status_code == 200


@pytest.mark.parametrize(
    "name", ["check_in", "step", "untreated", "early", "longer", "room", "unwell", "late"]
)
def test_steps_of_visits_of_another_location_do_not_exist(cast, client_of, name):
    row = adjustment(cast, cast.rita, "11:15")
    url = reverse(f"frontdesk:{name}", args=[row.pk])
    assert client_of(cast.hana).post(url, {"request_key": new_key()}).status_code == 404
    row.refresh_from_db()
    assert (row.status, row.version) == (Status.BOOKED, 1)


def test_the_household_of_another_location_does_not_exist(cast, client_of):
    adjustment(cast, cast.iris, "11:00")
    url = reverse("frontdesk:check_in_all", args=[cast.iris.household_id])
    assert (client_of(cast.ana).get(url).status_code, client_of(cast.hana).get(url).status_code) == (200, 404)


def long_day(cast, number=14):
    """So many visits, one every half hour from 11:00 on."""
    people = [cast.maria, cast.marta, cast.rita, cast.sunny, cast.tunde]
    for step in range(number):
        clock = f"{11 + step // 2}:{step % 2 * 30:02}"
        adjustment(cast, people[step % len(people)], clock)


def test_of_a_long_day_what_comes_after_the_next_ninety_minutes_is_folded_away(cast, client_of):
    long_day(cast)
    client = client_of(cast.ana)
    board = board_of(client)
    clocks = [f"{line.visit.starts_at.astimezone(cast.uptown.tz):%H:%M}" for line in board.next]
    assert clocks == ["11:00", "11:30", "12:00"]  # it is 10:42
    assert (board.coming, board.coming_later) == (3, 11)
    shown = client.get(TODAY).content.decode()
    assert shown.count('<details class="board" id="later">') == 1
    folded = shown[shown.index('id="later"') :]
    assert (folded.count("btn-primary"), folded.count("btn-outline-secondary") > 10) == (0, True)


def test_a_short_day_stands_there_whole(cast, client_of):
    long_day(cast, 12)
    board = board_of(client_of(cast.ana))
    assert (board.coming, board.later) == (12, [])


def test_without_anybody_soon_the_rest_of_the_day_is_open(cast, client_of):
    for number in range(13):
        adjustment(cast, [cast.maria, cast.rita][number % 2], f"{13 + number // 3}:{number % 3 * 20:02}")
    answer = client_of(cast.ana).get(TODAY)
    assert (answer.context["board"].next, answer.context["board"].coming_later) == ([], 13)
    assert answer.content.decode().count('<details class="board" id="later" open>') == 1


def test_a_household_is_not_torn_apart_where_the_day_is_folded(cast, client_of):
    long_day(cast, 12)
    for patient, clock in [(cast.iris, "11:45"), (cast.leo, "12:15"), (cast.mia, "12:45")]:
        adjustment(cast, patient, clock, cast.room_5)
    _eleven, _half_past, family, _noon = board_of(client_of(cast.ana)).next
    assert names(family.lines) == ["Cole, Iris", "Cole, Leo", "Cole, Mia"]


def test_a_provider_without_a_visit_today_is_led_to_everybodys(cast, client_of):
    adjustment(cast, cast.rita, "11:15")
    client = client_of(cast.mei)
    shown = client.get(TODAY).content.decode()
    assert (shown.count("Nothing of yours today"), shown.count("Nobody is booked today")) == (1, 0)
    assert shown.count('href="/today/?show=everyone"') == 2  # the switch above, and the way out
    assert names(client.get(TODAY, {"show": "everyone"}).context["board"].next) == ["Lopez, Rita"]
