"""Several visits of a course moved are one step: all or none, one mail, one undo."""

from datetime import date, timedelta

import pytest
import time_machine
from django.db import connection
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.refusal import Refused
from clinic.submissions import new_key
from messaging.models import OutboxMessage
from plans.actions.course import Chosen, book_course, undo_course
from plans.actions.course_repair import move_course
from plans.models import PlanVisit
from plans.queries.course_repair import AWAY, ILL, ways
from practitioners.models import Absence, Practitioner
from scheduling.actions.booking import Wanted as One
from scheduling.actions.booking import book
from scheduling.actions.courses import VisitLost, keys_of_visits
from scheduling.actions.locking import AT_MOST, PRACTITIONER
from scheduling.actions.moving import move
from scheduling.actions.undoing import undo
from scheduling.models import Appointment, Change, Reservation, Status
from scheduling.queries.bundles import latest_bundle
from scheduling.rules.bundles import in_turn
from tests.packages.entries import authorization
from tests.plans.checker import broken
from tests.plans.courses import NOW, a_plan, at_once, proposed
from tests.rows import at

pytestmark = pytest.mark.django_db
SUNDAY = date(2026, 11, 29)


def chosen_of(offers):
    return [Chosen(n, offer.starts_at, offer.practitioners, offer.rooms) for n, offer in offers]


@pytest.fixture
def plan(cast, now):
    """Four visits of acupuncture, booked for Nov 25 and 28, Dec 2 and 5; the mail about them has left."""
    return book_before(cast, a_plan(cast, spacing=(1, 7)))


def book_before(cast, plan):
    """Book all of a plan, a minute before it is `later`; the mail about it has left."""
    with time_machine.travel(NOW, tick=False):
        book_course(by=cast.ana, plan=plan, chosen=chosen_of(proposed(plan).offers.items()))
    OutboxMessage.objects.update(sent_at=NOW)
    return plan


@pytest.fixture
def later(now):
    """A minute after the course was booked."""
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        yield now + timedelta(minutes=1)


def visits_of(plan):
    rows = PlanVisit.objects.filter(plan=plan).select_related("appointment").order_by("number")
    return [row.appointment for row in rows]


def places(plan):
    """Where the visits are: times, and who and which room is taken when."""
    rows = Reservation.objects.filter(appointment__in=visits_of(plan), live=True)
    taken = rows.values_list("appointment", "practitioner", "room", "starts_at", "ends_at")
    return [one.starts_at for one in visits_of(plan)], sorted(taken, key=str)


def repaired(cast, plan, reason=ILL, until=SUNDAY, now=NOW, which=0):
    stand, found = ways(plan, reason, until, now=now)
    chosen = chosen_of((n, offer) for n, (_was, offer) in found[which].changes.items())
    changes = move_course(by=cast.ana, plan=plan, chosen=chosen, standing=stand, away=stand.wanted.away)
    return [change.appointment for change in changes]


def waiting():
    return list(OutboxMessage.objects.filter(withdrawn_at=None, sent_at=None))


def test_one_mail_tells_of_all_that_moved(cast, plan, later):
    moved = repaired(cast, plan, now=later)
    assert len(moved) == 2
    (mail,) = waiting()
    assert (mail.kind, mail.not_before) == ("moved", later + timedelta(minutes=10))
    assert mail.subject == "2 of your visits at Meridian Integrative Care have moved"
    greeting, said, days, bye = mail.body.split("\n\n")
    assert (greeting, bye) == ("Hello Maria,", "See you then.\n")
    assert said == "2 of your appointments at Meridian Integrative Care, Uptown, have moved:"
    assert [line.partition("(")[2] for line in days.splitlines()] == [
        "it was Wed Nov 25, 8:00 a.m.)",
        "it was Sat Nov 28, 8:00 a.m.)",
    ]


def test_one_visit_that_moves_is_told_as_one(cast, plan, later):
    Absence.objects.create(
        practitioner=cast.mei.practitioner,
        starts_at=at("00:00", cast.uptown, "2026-11-28"),
        ends_at=at("23:55", cast.uptown, "2026-11-28"),
        kind="ill",
    )
    assert len(repaired(cast, plan, AWAY, None, now=later, which=-1)) == 1
    (mail,) = waiting()
    assert mail.subject.startswith("Your visit at Meridian Integrative Care has moved to ")


def test_a_visit_that_keeps_its_time_is_no_news(cast, later):
    """Somebody else takes over at the same minutes: nobody has to be told when to come."""
    plan = a_plan(cast, phases=(("acupuncture_follow_up", 2),), spacing=(3, 3))
    book_before(cast, plan)
    Absence.objects.create(
        practitioner=cast.mei.practitioner,
        starts_at=at("00:00", cast.uptown, "2026-11-25"),
        ends_at=at("23:55", cast.uptown, "2026-11-25"),
        kind="ill",
    )
    before = [one.starts_at for one in visits_of(plan)]
    assert len(repaired(cast, plan, AWAY, None, now=later)) == 1
    assert [one.starts_at for one in visits_of(plan)] == before
    assert waiting() == []


def test_the_mail_says_first_what_an_approval_does_not_reach_there(cast, plan, later):
    """The approval is for the first two visits, and ends with November."""
    authorization(cast, cast.maria, 2, until="2026-11-30")
    visits = visits_of(plan)
    for one in visits[:2]:
        move(by=cast.ana, pk=one.pk, starts_at=one.starts_at + timedelta(minutes=30))
    OutboxMessage.objects.update(sent_at=NOW)
    stand, found = ways(plan, ILL, date(2026, 12, 1), now=later)
    assert found[0].unpaid == (1, 2)
    chosen = chosen_of((n, offer) for n, (_was, offer) in found[0].changes.items())
    move_course(by=cast.ana, plan=plan, chosen=chosen, standing=stand, away=stand.wanted.away)
    (mail,) = waiting()
    _greeting, first, uncovered, *_rest = mail.body.split("\n\n")
    assert first == "Your insurance does not cover all of these appointments:"
    assert len(uncovered.splitlines()) == len(found[0].changes)


def test_one_undo_takes_all_of_it_back(cast, plan, later):
    before = places(plan)
    moved = repaired(cast, plan, now=later)
    assert places(plan) != before
    assert undo_course(by=cast.olive, plan=plan, **at_once(moved[0])) == ("move", len(moved))
    assert places(plan) == before
    assert waiting() == []
    assert broken(plan) == []
    verbs = list(AuditEvent.objects.order_by("at").values_list("verb", flat=True))
    assert (verbs.count("repair course"), verbs.count("undo repair course")) == (1, 1)
    assert {one.status for one in visits_of(plan)} == {Status.BOOKED}


def test_after_the_repair_is_taken_back_the_booking_is_the_latest_step_again(cast, plan, later):
    moved = repaired(cast, plan, now=later)
    undo_course(by=cast.ana, plan=plan, **at_once(moved[0]))
    assert undo_course(by=cast.ana, plan=plan, **at_once(moved[0])) == ("book", 4)
    assert not Appointment.objects.filter(status=Status.BOOKED).exists()


def test_visits_that_push_each_other_go_and_come_back_in_turn(cast, later):
    """Every day one visit, at the same minutes with the only chiropractor: each moves to where the next one is."""
    plan = a_plan(cast, phases=(("adjustment", 4),), spacing=(1, 1))
    phase = plan.phases.get()
    phase.offsets, phase.version = [0, 1, 2, 3], phase.version + 1
    phase.save()
    book_before(cast, plan)
    before = places(plan)
    stand = ways(plan, AWAY, None, now=later)[0]
    shifted = [
        Chosen(number, visit.starts_at + timedelta(days=1), (cast.daniel.practitioner.pk,), (cast.room_4.pk,))
        for number, visit in enumerate(visits_of(plan), 1)
    ]
    changes = move_course(by=cast.ana, plan=plan, chosen=shifted, standing=stand)
    assert [one.starts_at for one in visits_of(plan)] == [one.starts_at for one in shifted]
    undo_course(by=cast.ana, plan=plan, **at_once(changes[0].appointment))
    assert places(plan) == before


def test_visits_go_back_to_somebody_who_is_away_as_they_were_before(cast, plan, later):
    Absence.objects.create(
        practitioner=cast.mei.practitioner,
        starts_at=at("00:00", cast.uptown, "2026-11-25"),
        ends_at=at("23:55", cast.uptown, "2026-12-05"),
        kind="ill",
    )
    before = places(plan)
    moved = repaired(cast, plan, AWAY, None, now=later)
    undo_course(by=cast.ana, plan=plan, **at_once(moved[0]))
    assert places(plan) == before


def test_nothing_goes_back_where_one_place_is_gone(cast, plan, later):
    was = visits_of(plan)[1]
    moved = repaired(cast, plan, now=later)
    phase = was.parts.get().phases.filter(practitioner__isnull=False).first()
    book(
        by=cast.ana,
        wanted=[
            One(cast.marta, was.service, cast.uptown, was.starts_at, practitioners=(phase.practitioner_id,))
        ],
    )
    after = places(plan)
    with pytest.raises(Refused) as refused:
        undo_course(by=cast.ana, plan=plan, **at_once(moved[0]))
    assert refused.value.conflict
    assert places(plan) == after
    assert len([mail for mail in waiting() if mail.kind == "moved"]) == 1


@pytest.mark.parametrize("minutes, refused", [(10, False), (11, True)])
def test_it_can_be_taken_back_for_some_minutes(cast, plan, later, minutes, refused):
    moved = repaired(cast, plan, now=later)
    after = places(plan)
    with time_machine.travel(later + timedelta(minutes=minutes), tick=False):
        if refused:
            with pytest.raises(Refused) as found:
                undo_course(by=cast.ana, plan=plan, **at_once(moved[0]))
            assert found.value.reasons == [
                "This can be undone for 10 minutes only. Open the visit and change it by hand."
            ]
        else:
            undo_course(by=cast.ana, plan=plan, **at_once(moved[0]))
    assert (places(plan) == after) is refused


def test_one_of_them_changed_since_keeps_all_where_they_are(cast, plan, later):
    moved = repaired(cast, plan, now=later)
    with time_machine.travel(later + timedelta(minutes=1), tick=False):
        move(by=cast.ana, pk=moved[1].pk, starts_at=moved[1].starts_at + timedelta(minutes=30))
        after = places(plan)
        with pytest.raises(Refused) as refused:
            undo_course(by=cast.ana, plan=plan, **at_once(moved[0]))
        assert refused.value.reasons[0].startswith("Something newer happened to this visit.")
        with pytest.raises(Refused) as refused:
            undo_course(by=cast.ana, plan=plan, **at_once(moved[1]))
        assert refused.value.reasons == [
            "Not all of these visits stand as they were left. Open them one by one."
        ]
    assert places(plan) == after


def test_one_taken_back_alone_leaves_the_mail_to_the_others(cast, plan, later):
    moved = repaired(cast, plan, now=later)
    undo(by=cast.ana, change_pk=Change.objects.get(appointment=moved[0], verb="move").pk)
    (mail,) = waiting()
    assert mail.subject.startswith("Your visit at Meridian Integrative Care has moved to ")
    assert mail.body.count("\n- ") == 1


def test_one_taken_back_and_moved_by_itself_is_not_told_of_twice(cast, plan, later):
    first, second, *others = repaired(cast, plan, until=date(2026, 12, 3), now=later)
    assert others
    undo(by=cast.ana, change_pk=Change.objects.get(appointment=first, verb="move").pk)
    with time_machine.travel(later + timedelta(minutes=1), tick=False):
        move(by=cast.ana, pk=first.pk, starts_at=first.starts_at + timedelta(hours=1))
        undo(by=cast.ana, change_pk=Change.objects.get(appointment=second, verb="move").pk)
    of_all, of_one = sorted(waiting(), key=lambda mail: mail.about)
    assert of_one.about.startswith("change:")
    assert of_all.body.count("it was") == len(others)


def test_the_visit_that_was_lost_is_named_and_nothing_moves(cast, plan, later):
    stand, found = ways(plan, ILL, SUNDAY, now=later)
    chosen = chosen_of((n, offer) for n, (_was, offer) in found[0].changes.items())
    book(
        by=cast.ana,
        wanted=[
            One(
                cast.marta,
                cast.service("acupuncture_follow_up"),
                cast.uptown,
                chosen[1].starts_at,
                practitioners=chosen[1].people,
            )
        ],
    )
    before = places(plan)
    with pytest.raises(VisitLost) as lost:
        move_course(by=cast.ana, plan=plan, chosen=chosen, standing=stand, away=stand.wanted.away)
    assert (lost.value.index, lost.value.status) == (1, 409)
    assert places(plan) == before


@pytest.mark.parametrize("days, allowed", [(1, True), (2, True), (3, False), (-4, False)])
def test_order_and_distances_are_looked_at_again(cast, plan, later, days, allowed):
    """Visits 3 and 4 lie three days apart, and at least one day must; visit 3 moves by so many days."""
    stand = ways(plan, ILL, SUNDAY, now=later)[0]
    third = visits_of(plan)[2]
    there = third.starts_at + timedelta(days=days, hours=2)
    people = tuple(who for who in stand.was[3].people)
    chosen = [Chosen(3, there, people)]
    if allowed:
        assert len(move_course(by=cast.ana, plan=plan, chosen=chosen, standing=stand)) == 1
        return
    with pytest.raises(Refused) as refused:
        move_course(by=cast.ana, plan=plan, chosen=chosen, standing=stand)
    assert refused.value.reasons[0].endswith("is too near to the one before or too far from it.")
    assert visits_of(plan)[2].starts_at == third.starts_at


def test_twenty_visits_move_in_one_step(cast, later):
    """Each visit locks its own people and days: with everybody on every day it would be more than one step may."""
    plan = a_plan(cast, phases=(("acupuncture_adjustment", 20),), spacing=(1, 3))
    phase = plan.phases.get()
    phase.offsets, phase.version = list(range(0, 40, 2)), phase.version + 1
    phase.save()
    book_before(cast, plan)
    moved = repaired(cast, plan, until=date(2026, 11, 30), now=later, which=-1)
    assert len(moved) == 20
    rooms, people = cast.uptown.rooms.count(), Practitioner.objects.filter(active=True).count()
    assert len(keys_of_visits([one.pk for one in moved])) <= AT_MOST < 40 * (rooms + people)
    assert broken(plan, away=[NOW.date() + timedelta(days=n) for n in range(7)]) == []
    assert undo_course(by=cast.ana, plan=plan, **at_once(moved[0])) == ("move", 20)
    assert broken(plan) == []


def locked_practitioners():
    """Whom the transaction holds locks on, of the keys of scheduling.actions.locking."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT classid::bigint << 32 | objid::bigint FROM pg_locks"
            " WHERE locktype = 'advisory' AND objsubid = 1 AND pid = pg_backend_pid()"
        )
        keys = [key for (key,) in cursor.fetchall()]
    return {key >> 24 & 0xFFFFFFFF for key in keys if key >> 56 == PRACTITIONER}


def test_nobody_waits_but_those_who_treat(cast, plan, later):
    """Whoever is named takes part; nobody else's day is locked for it."""
    stand, found = ways(plan, ILL, SUNDAY, now=later)
    treating = {who for spot in stand.was.values() for who in spot.people}
    before = locked_practitioners()
    chosen = chosen_of((n, offer) for n, (_was, offer) in found[0].changes.items())
    move_course(by=cast.ana, plan=plan, chosen=chosen, standing=stand, away=stand.wanted.away)
    named = {who for one in chosen for who in one.people}
    assert locked_practitioners() == before | treating | named
    assert len(before | treating | named) < Practitioner.objects.filter(active=True).count()


def test_in_turn():
    """Later ones last to first, then earlier ones first to last: nobody meets the one beside."""
    moves = [(1, 3, "a"), (3, 5, "b"), (7, 6, "c"), (9, 7, "d"), (11, 11, "e")]
    assert in_turn(moves) == ["e", "b", "a", "c", "d"]
    assert in_turn([]) == []


# On the page


def test_the_page_takes_a_way_and_offers_one_undo_for_all_of_it(cast, client_of, plan, later):
    client, url = client_of(cast.ana), reverse("plans:course_repair", args=[plan.pk])
    before = places(plan)
    answer = client.get(f"{url}?reason=ill&until=2026-11-29")
    lines = answer.context["ways"][0]["lines"]
    fields = {f"visit-{one['number']}": one["carried"] for one in lines}
    taken = client.post(f"{url}?reason=ill&until=2026-11-29", {"request_key": new_key(), **fields})
    assert taken.url == reverse("plans:schedule", args=[plan.pk])
    shown = client.get(taken.url).content.decode()
    first = visits_of(plan)[0]
    back = reverse("plans:course_undo", args=[plan.pk, first.pk], query={"of": latest_bundle(first)})
    assert ("2 visits are moved." in shown, shown.count("Undo all"), f'action="{back}"' in shown) == (
        True,
        1,
        True,
    )
    done = client.post(back, {"request_key": new_key()})
    assert done.url == reverse("plans:schedule", args=[plan.pk])
    assert "2 visits are back." in client.get(done.url).content.decode()
    assert places(plan) == before
    again = client.post(back, {"request_key": new_key()}, follow=True)  # from another window: not the booking
    assert "Not all of these visits stand as they were left." in again.content.decode()
    assert places(plan) == before


def test_the_page_names_what_was_lost_and_shows_the_ways_from_there(cast, client_of, plan, later):
    client, url = client_of(cast.ana), reverse("plans:course_repair", args=[plan.pk])
    asked = f"{url}?reason=ill&until=2026-11-29"
    first = client.get(asked).context["ways"][0]["lines"]
    fields = {f"visit-{one['number']}": one["carried"] for one in first}
    taken = ways(plan, ILL, SUNDAY, now=later)[1][0].changes[2][1]
    book(
        by=cast.ana,
        wanted=[
            One(
                cast.marta,
                cast.service("acupuncture_follow_up"),
                cast.uptown,
                taken.starts_at,
                practitioners=taken.practitioners,
            )
        ],
    )
    answer = client.post(asked, {"request_key": new_key(), **fields})
    assert answer.status_code == 409
    assert answer.context["reasons"][0].startswith("Visit 2: ")
    assert answer.context["reasons"][-1] == "Nothing has moved. Below are the ways on from here."
    (again, *_rest) = answer.context["ways"]
    assert [one["number"] for one in again["lines"]] == [1, 2]
    assert {one["carried"] for one in again["lines"]} != set(fields.values())


def test_the_page_sends_the_same_number_of_statements_for_two_visits_and_for_twelve(
    cast, client_of, django_assert_num_queries, now
):
    plans = [
        a_plan(cast, who, phases=(("acupuncture_follow_up", visits),), spacing=(2, 7))
        for who, visits in ((cast.maria, 2), (cast.marta, 12))
    ]
    for plan in plans:
        book_before(cast, plan)
    client = client_of(cast.ana)
    urls = [f"{reverse('plans:course_repair', args=[plan.pk])}?reason=ill&until=2026-11-29" for plan in plans]
    client.get(urls[0])
    for url in urls:
        with django_assert_num_queries(36):
            assert client.get(url).context["ways"]


def test_keys_of_a_moved_course_are_each_visits_own(cast, plan):
    """Two visits on two days share no key but the patient's."""
    one, other = ({*keys_of_visits([visit.pk])} for visit in visits_of(plan)[:2])
    assert len(one & other) == 1
