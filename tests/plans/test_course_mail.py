"""The one mail about a course: what it says first, when it leaves, and that it follows what is taken back."""

from datetime import date, timedelta

import pytest
import time_machine

from clinic.refusal import Refused
from messaging.models import OutboxMessage
from plans.actions.course import Chosen, book_course, undo_course
from scheduling.actions.ending import cancel
from scheduling.actions.moving import move
from scheduling.actions.undoing import undo
from scheduling.queries.policy import proof_of
from services.models import Part, Price
from tests.packages.entries import authorization, left, policy, purchase
from tests.plans.courses import NOW, a_plan, at_once, proposed

pytestmark = pytest.mark.django_db


def booked(cast, plan, *, visits=4, **more):
    offers = list(proposed(plan).offers.items())[:visits]
    chosen = [Chosen(n, offer.starts_at, offer.practitioners, offer.rooms) for n, offer in offers]
    rows = book_course(by=cast.ana, plan=plan, chosen=chosen, **more)
    return [row.appointment for row in rows]


def waiting():
    """The mails that will leave, oldest first."""
    return list(OutboxMessage.objects.filter(withdrawn_at=None).order_by("created_at", "pk"))


def days_in(mail):
    return [line[2:12].strip() for line in mail.body.splitlines() if line.startswith("- ")]


def change_of(visit):
    return visit.changes.get(undone_at=None).pk


def price(cast, amount, key="acupuncture_follow_up"):
    part = Part.objects.get(service=cast.service(key))
    return Price.objects.create(part=part, location=cast.uptown, amount=amount)


def test_one_mail_with_all_dates_after_the_time_to_undo(cast, now):
    visits = booked(cast, a_plan(cast))
    (mail,) = waiting()
    assert (mail.kind, mail.to) == ("booked", cast.maria.email)
    assert mail.not_before == visits[0].created_at + timedelta(minutes=10)
    assert mail.subject == "Your 4 visits at Meridian Integrative Care"
    assert mail.body == (
        "Hello Maria,\n\n"
        "You have 4 appointments at Meridian Integrative Care, Uptown:\n\n"
        "- Wed Nov 25, 8:00 a.m.\n- Sat Nov 28, 8:00 a.m.\n- Wed Dec 2, 8:00 a.m.\n- Sat Dec 5, 8:00 a.m.\n\n"
        "See you then.\n"
    )


def test_a_course_of_one_visit_is_told_as_one(cast):
    booked(cast, a_plan(cast), visits=1)
    (mail,) = waiting()
    assert mail.subject.startswith("Your visit at Meridian Integrative Care: Wed Nov 25")
    assert "You have an appointment at" in mail.body


def test_somebody_without_e_mail_gets_none(cast):
    booked(cast, a_plan(cast, cast.tunde))
    assert not OutboxMessage.objects.exists()


def test_it_says_first_which_visits_nothing_covers_and_what_each_costs(cast):
    authorization(cast, cast.maria, 2)
    price(cast, "90.00")
    booked(cast, a_plan(cast), beyond_reason="She knows and pays.")
    (mail,) = waiting()
    greeting, first, covered, then, *_rest = mail.body.split("\n\n")
    assert (greeting, first) == (
        "Hello Maria,",
        "Your insurance does not cover all of these appointments:",
    )
    assert [line.split(": ")[1] for line in covered.splitlines()] == ["the acupuncture visit, $90.00"] * 2
    assert [line[2:12] for line in covered.splitlines()] == ["Wed Dec 2,", "Sat Dec 5,"]
    assert then == "You have 4 appointments at Meridian Integrative Care, Uptown:"


def test_without_a_price_it_says_to_ask(cast):
    authorization(cast, cast.maria, 3)
    booked(cast, a_plan(cast), beyond_reason="She knows and pays.")
    (mail,) = waiting()
    assert mail.body.count("the acupuncture visit, ask us what it costs") == 1


def test_beyond_is_not_said_where_everything_is_covered(cast):
    authorization(cast, cast.maria, 4)
    booked(cast, a_plan(cast), beyond_reason="just in case")
    (mail,) = waiting()
    assert "insurance" not in mail.body


def test_a_visit_that_is_taken_back_alone_is_in_the_mail_no_longer(cast):
    visits = booked(cast, a_plan(cast))
    (before,) = waiting()
    undo(by=cast.ana, change_pk=change_of(visits[1]))
    (mail,) = waiting()
    assert mail.pk != before.pk
    assert (mail.about, mail.not_before, mail.kind) == (before.about, before.not_before, "booked")
    assert mail.subject == "Your 3 visits at Meridian Integrative Care"
    assert days_in(mail) == ["Wed Nov 25", "Wed Dec 2,", "Sat Dec 5,"]


def test_what_is_uncovered_is_said_anew_when_a_visit_is_taken_back(cast):
    """The visit that is given back is free for one of the others, if the ledger covers it; the mail follows."""
    approved = authorization(cast, cast.maria, 3)
    visits = booked(cast, a_plan(cast), beyond_reason="She knows and pays.")
    assert waiting()[0].body.count("the acupuncture visit") == 1
    undo(by=cast.ana, change_pk=change_of(visits[0]))
    (mail,) = waiting()
    assert mail.body.count("the acupuncture visit") == (1 if left(approved) else 0)


def test_one_by_one_taken_back_leaves_no_mail(cast):
    for visit in booked(cast, a_plan(cast), visits=2):
        undo(by=cast.ana, change_pk=change_of(visit))
    assert waiting() == []


def test_taken_back_all_at_once_leaves_no_mail_and_writes_none(cast):
    plan = a_plan(cast)
    first = booked(cast, plan)[0]
    undo_course(by=cast.ana, plan=plan, **at_once(first))
    assert OutboxMessage.objects.count() == 1
    assert waiting() == []


def test_a_mail_that_has_left_is_not_written_again(cast):
    visits = booked(cast, a_plan(cast))
    OutboxMessage.objects.update(sent_at=NOW)
    undo(by=cast.ana, change_pk=change_of(visits[1]))
    assert OutboxMessage.objects.count() == 1


def test_what_happens_to_one_of_them_afterwards_has_a_mail_of_its_own(cast, now):
    visits = booked(cast, a_plan(cast), visits=3)
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        cancel(by=cast.ana, pk=visits[0].pk, reason="is away")
        move(by=cast.ana, pk=visits[1].pk, starts_at=visits[1].starts_at + timedelta(hours=1))
    course, *others = waiting()
    assert (course.kind, sorted(one.kind for one in others)) == ("booked", ["cancelled", "moved"])
    with time_machine.travel(now + timedelta(minutes=2), tick=False):
        undo(by=cast.ana, change_pk=change_of(visits[2]))
    (mail,) = [one for one in waiting() if one.about == course.about]
    assert days_in(mail) == ["Sat Nov 28"]


def test_two_courses_of_one_person_are_told_of_apart(cast):
    one, other = a_plan(cast), a_plan(cast, phases=(("adjustment", 2),))
    visits = booked(cast, one, visits=2)
    booked(cast, other, visits=2)
    assert len({mail.about for mail in waiting()}) == 2
    undo(by=cast.ana, change_pk=change_of(visits[0]))
    assert sorted(len(days_in(mail)) for mail in waiting()) == [1, 2]


def test_the_proof_of_a_late_cancellation_knows_the_mail_of_the_course(cast, now):
    policy(cast)
    purchase(cast, cast.maria, acupuncture_visit=4)
    visit = booked(cast, a_plan(cast))[0]
    OutboxMessage.objects.update(sent_at=NOW)
    with time_machine.travel(now + timedelta(hours=20), tick=False):
        cancel(by=cast.ana, pk=visit.pk, reason="is ill")
    visit.refresh_from_db()
    proof = proof_of(visit, changes=list(visit.changes.all()))
    assert proof.told == [{"kind": "booked", "sent_at": NOW}]


def test_no_mail_and_no_visit_where_the_course_is_refused(cast):
    authorization(cast, cast.maria, 1, until=date(2026, 12, 31).isoformat())
    with pytest.raises(Refused):
        booked(cast, a_plan(cast))
    assert not OutboxMessage.objects.exists()
