"""A plan's visits found, booked together and taken back together, in the database."""

from datetime import date, time, timedelta

import pytest

from clinic import walltime
from clinic.models import AuditEvent
from clinic.refusal import AlreadyDone, Refused
from clinic.submissions import RequestKey, new_key
from clinic.timespan import TimeSpan
from messaging.models import OutboxMessage
from plans.actions.course import Chosen, book_course, undo_course
from plans.models import PlanStatus, PlanVisit
from plans.queries.course import Wanted, alternatives, draws, load, propose, spot_of
from scheduling.actions.booking import Wanted as One
from scheduling.actions.booking import book
from scheduling.actions.courses import VisitLost, keys_of
from scheduling.actions.ending import cancel
from scheduling.actions.locking import AT_MOST
from scheduling.models import Appointment, Reservation, Status
from tests.plans.checker import broken
from tests.plans.courses import NOW, WEDNESDAY, a_plan, at_once, proposed
from tests.rows import at, visit

pytestmark = pytest.mark.django_db
EIGHT = (("acupuncture_adjustment", 4), ("acupuncture_follow_up", 4))


def chosen_of(proposal):
    return [
        Chosen(number, offer.starts_at, offer.practitioners, offer.rooms)
        for number, offer in proposal.offers.items()
    ]


def booked(cast, plan, **wanted):
    return book_course(by=cast.ana, plan=plan, chosen=chosen_of(proposed(plan, **wanted)))


def days(proposal):
    zone = proposal.given.zone
    return [walltime.local(one.starts_at, zone).date() for one in proposal.offers.values()]


def test_a_course_of_two_phases_is_found_and_booked(cast):
    plan = a_plan(cast, phases=EIGHT)
    found = proposed(plan)
    assert (found.whole, found.course.optimal, found.relaxed) == (True, True, None)
    assert days(found) == [WEDNESDAY + timedelta(days=n) for n in (0, 3, 7, 10, 14, 17, 21, 24)]
    rows = book_course(by=cast.ana, plan=plan, chosen=chosen_of(found))
    assert [row.number for row in rows] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [row.appointment.service.key for row in rows] == ["acupuncture_adjustment"] * 4 + [
        "acupuncture_follow_up"
    ] * 4
    assert {row.appointment.status for row in rows} == {Status.BOOKED}
    assert broken(plan) == []


def test_a_course_is_found_in_as_many_statements_whatever_its_length(cast, django_assert_num_queries):
    short = a_plan(cast, phases=(("acupuncture_follow_up", 2),))
    long = a_plan(cast, cast.marta, phases=(("acupuncture_follow_up", 12),))
    with django_assert_num_queries(23):
        proposed(short)
    with django_assert_num_queries(23):
        assert len(proposed(long).offers) == 12


def test_only_what_is_wished_is_offered(cast):
    plan = a_plan(cast, phases=(("acupuncture_follow_up", 4),), spacing=(2, 8))
    acupuncture = plan.phases.get().service.parts.get().discipline_id
    sam = cast.mei.practitioner.pk
    found = proposed(
        plan,
        weekdays=frozenset({1, 3}),
        times=frozenset({1}),
        people={acupuncture: sam},
        away_from=date(2026, 12, 1),
        away_until=date(2026, 12, 2),
    )
    zone = cast.uptown.tz
    times = [walltime.local(one.starts_at, zone) for one in found.offers.values()]
    assert [f"{one:%m-%d}" for one in times] == ["11-26", "12-03", "12-08", "12-10"]
    assert all(time(12) <= one.time() < time(17) for one in times)
    assert {one.practitioners for one in found.offers.values()} == {(sam,)}


def test_a_license_that_ends_during_the_course_is_seen(cast):
    """Sam may treat until November 30."""
    plan = a_plan(cast)
    acupuncture = plan.phases.get().service.parts.get().discipline_id
    found = proposed(plan, people={acupuncture: cast.sam.practitioner.pk})
    assert days(found) == [WEDNESDAY, WEDNESDAY + timedelta(days=2), WEDNESDAY + timedelta(days=5)]
    assert not found.whole
    assert (found.relaxed.what, found.relaxed.detail, found.relaxed.fits) == ("people", acupuncture, 4)


def test_the_patients_other_visits_and_the_closed_days_are_respected(cast):
    plan = a_plan(cast, phases=(("acupuncture_follow_up", 2),), spacing=(3, 3))
    for hour in range(8, 18):
        visit(
            cast.marta,
            cast.service("adjustment"),
            cast.uptown,
            at(f"{hour:02}:00", cast.uptown, "2026-11-28"),
            practitioners={"chiropractic": cast.daniel.practitioner},
            rooms={"adjusting": cast.room_4},
        )
    found = proposed(plan)
    assert days(found) == [WEDNESDAY, date(2026, 11, 28)]
    cast.uptown.closures.create(
        starts_at=at("00:00", cast.uptown, "2026-11-28"),
        ends_at=at("00:00", cast.uptown, "2026-11-29"),
        reason="Holiday",
    )
    assert days(proposed(plan)) == [date(2026, 11, 26), date(2026, 11, 29)]


def test_nothing_is_booked_where_one_visit_was_lost(cast):
    plan = a_plan(cast)
    found = proposed(plan)
    third = found.offers[3]
    [taken] = book(
        by=cast.ana,
        wanted=[
            One(
                cast.marta,
                cast.service("acupuncture_follow_up"),
                cast.uptown,
                third.starts_at,
                practitioners=third.practitioners,
            )
        ],
    )
    with pytest.raises(VisitLost) as lost:
        book_course(by=cast.ana, plan=plan, chosen=chosen_of(found))
    assert (lost.value.index, lost.value.status) == (2, 409)
    assert list(Appointment.objects.all()) == [taken]
    assert not PlanVisit.objects.exists()
    assert not OutboxMessage.objects.filter(subject__contains="4 visits").exists()


def test_the_nearest_that_fits_leaves_the_other_visits_where_they_were(cast):
    plan = a_plan(cast)
    found = proposed(plan)
    third = found.offers[3]
    book(
        by=cast.ana,
        wanted=[
            One(
                cast.marta,
                cast.service("acupuncture_follow_up"),
                cast.uptown,
                third.starts_at,
                practitioners=third.practitioners,
            )
        ],
    )
    wished = Wanted(starts=WEDNESDAY)
    given = load(plan, wished, now=NOW)
    was = {n: spot_of(given, o.starts_at, o.practitioners) for n, o in found.offers.items()}
    again = propose(given, wished, was=was)
    assert [n for n in was if again.spots[n] != was[n]] == [3]
    assert again.course.cost // 100_000 == 1
    book_course(by=cast.ana, plan=plan, chosen=chosen_of(again))
    assert broken(plan) == []


def test_all_of_it_is_taken_back_in_one_step(cast):
    plan = a_plan(cast)
    rows = booked(cast, plan)
    first = rows[0].appointment
    assert undo_course(by=cast.ana, plan=plan, **at_once(first)) == ("book", 4)
    assert set(Appointment.objects.values_list("status", flat=True)) == {Status.CANCELLED}
    assert not Reservation.objects.filter(live=True).exists()
    assert OutboxMessage.objects.filter(withdrawn_at=None).count() == 0
    again = booked(cast, plan)
    assert [row.number for row in again] == [1, 2, 3, 4]
    assert PlanVisit.objects.count() == 4
    assert broken(plan) == []


def test_a_course_of_which_a_visit_was_changed_is_not_taken_back(cast):
    from_book = booked(cast, plan := a_plan(cast))
    undo_course_of = from_book[0].appointment
    from_book[2].appointment.changes.update(undone_at=NOW)
    with pytest.raises(Refused) as refused:
        undo_course(by=cast.ana, plan=plan, **at_once(undo_course_of))
    assert refused.value.reasons == ["Not all of these visits stand as they were left. Open them one by one."]
    assert Appointment.objects.filter(status=Status.BOOKED).count() == 4


def test_the_same_form_twice_books_once(cast):
    plan = a_plan(cast)
    chosen = chosen_of(proposed(plan))
    key = RequestKey(new_key(), "0" * 64, user_id=cast.ana.pk)
    book_course(by=cast.ana, plan=plan, chosen=chosen, request_key=key)
    with pytest.raises(AlreadyDone) as done:
        book_course(by=cast.ana, plan=plan, chosen=chosen, request_key=key)
    assert done.value.location == f"/plans/{plan.pk}/course/booked/"
    assert Appointment.objects.count() == 4


def test_two_people_do_not_book_the_same_visits(cast):
    plan = a_plan(cast)
    first, second = proposed(plan), proposed(plan, times=frozenset({1}))
    book_course(by=cast.ana, plan=plan, chosen=chosen_of(first))
    with pytest.raises(Refused) as refused:
        book_course(by=cast.olive, plan=plan, chosen=chosen_of(second))
    assert (refused.value.reasons, refused.value.conflict) == (
        ["Somebody else has booked visits of this plan meanwhile. Look at it again."],
        True,
    )
    assert Appointment.objects.count() == 4


def test_a_visit_that_was_cancelled_is_booked_again_after_the_others(cast, client_of):
    plan = a_plan(cast, phases=(("acupuncture_follow_up", 4),))
    rows = booked(cast, plan)
    cancel(by=cast.ana, pk=rows[1].appointment_id, reason="is ill")
    again = proposed(plan)
    assert list(again.offers) == [4]
    (made,) = book_course(by=cast.ana, plan=plan, chosen=chosen_of(again))
    assert (made.pk, made.number, made.appointment.starts_at) == (rows[1].pk, 2, again.offers[4].starts_at)
    assert broken(plan, days_looser=3) == []  # there is a gap where the patient was ill
    page = client_of(cast.ana).get(f"/plans/{plan.pk}/course/booked/")
    assert [one["number"] for one in page.context["visits"]] == [1, 2, 3, 4]
    assert page.context["visits"][3]["pk"] == made.appointment_id


def test_times_that_are_no_course_are_refused(cast):
    plan = a_plan(cast)
    chosen = chosen_of(proposed(plan))
    squeezed = [chosen[0], Chosen(2, chosen[0].starts_at + timedelta(hours=3), chosen[1].people)]
    with pytest.raises(Refused) as refused:
        book_course(by=cast.ana, plan=plan, chosen=squeezed)
    assert refused.value.reasons == [
        "Visit 2 on Wed Nov 25 is too near to the one before or too far from it."
    ]
    with pytest.raises(Refused):
        book_course(by=cast.ana, plan=plan, chosen=[])
    with pytest.raises(Refused) as refused:
        book_course(by=cast.ana, plan=plan, chosen=[Chosen(9, chosen[0].starts_at, chosen[0].people)])
    assert refused.value.reasons == ["This plan has changed. Look for the times again."]


def test_a_plan_that_is_paused_is_not_booked(cast):
    plan = a_plan(cast)
    chosen = chosen_of(proposed(plan))
    plan.status = PlanStatus.PAUSED
    plan.save()
    with pytest.raises(Refused) as refused:
        book_course(by=cast.ana, plan=plan, chosen=chosen)
    assert refused.value.reasons == ["This plan is not active. Resume it, then book its visits."]


def test_one_audit_event_for_the_course_beside_those_of_the_visits(cast):
    booked(cast, a_plan(cast))
    verbs = list(AuditEvent.objects.order_by("at").values_list("verb", flat=True))
    assert (verbs.count("book course"), verbs.count("book")) == (1, 4)


def test_what_is_left_of_a_course_keeps_its_distance_to_what_stands(cast):
    plan = a_plan(cast)
    found = proposed(plan)
    book_course(by=cast.ana, plan=plan, chosen=chosen_of(found)[:2])
    rest = proposed(plan)
    assert list(rest.offers) == [3, 4]
    assert days(rest) == days(found)[2:]
    book_course(by=cast.ana, plan=plan, chosen=chosen_of(rest))
    assert broken(plan) == []


def test_alternatives_keep_the_rest(cast):
    plan = a_plan(cast, spacing=(3, 4))
    found = proposed(plan)
    others = alternatives(found, 2)
    assert 1 <= len(others) <= 9
    for other in others:
        swapped = {**found.offers, 2: other}
        gaps = [
            (b.starts_at.date() - a.starts_at.date()).days
            for a, b in zip(list(swapped.values()), list(swapped.values())[1:], strict=False)
        ]
        assert all(3 <= gap <= 4 for gap in gaps)
    swapped = [
        Chosen(n, o.starts_at, o.practitioners, o.rooms) for n, o in {**found.offers, 2: others[0]}.items()
    ]
    book_course(by=cast.ana, plan=plan, chosen=swapped)
    assert broken(plan) == []


def test_nothing_pays_for_visits_of_somebody_without_a_package(cast):
    plan = a_plan(cast)
    found, use = draws(proposed(plan))
    assert {number: [source for _kind, source in of_visit] for number, of_visit in found.items()} == {
        1: [None], 2: [None], 3: [None], 4: [None]
    }  # fmt: skip
    assert use.beyond == []


@pytest.mark.parametrize("resource", ["practitioner", "distance", "license"])
def test_the_checker_sees_what_is_wrong(cast, resource):
    plan = a_plan(cast)
    rows = booked(cast, plan)
    if resource == "distance":
        Appointment.objects.filter(pk=rows[1].appointment_id).update(
            wall_date=rows[0].appointment.wall_date, version=2
        )
        expected = 2  # to the one before and to the one after
    elif resource == "license":
        phases = rows[3].appointment.parts.get().phases
        expected = phases.filter(practitioner__isnull=False).count()
        for phase in phases.filter(practitioner__isnull=False):
            phase.practitioner = cast.ken.practitioner
            phase.save()
    else:
        first = Reservation.objects.filter(
            appointment=rows[0].appointment_id, practitioner__isnull=False
        ).first()
        first.pk, first.appointment = None, rows[1].appointment
        first.practitioner_overbooked, first.room_overbooked = True, True
        first.save()
        expected = None
    found = broken(plan)
    assert (len(found) == expected) if expected else found


def test_a_course_of_twenty_evenings_locks_no_more_than_one_step_may(cast):
    """Seven rooms on two dates in UTC each; everybody of the course on every day would be more than 500."""
    plan = a_plan(cast, phases=(("acupuncture_adjustment", 20),), spacing=(1, 3))
    phase = plan.phases.get()
    phase.offsets = list(range(0, 40, 2))
    phase.save()
    found = proposed(plan)
    assert found.whole
    wanted = [
        One(cast.maria, phase.service, cast.uptown, o.starts_at, practitioners=o.practitioners, rooms=o.rooms)
        for o in found.offers.values()
    ]
    spans = [TimeSpan.of(one.starts_at + timedelta(hours=10.5), minutes=70) for one in wanted]
    rooms = list(cast.uptown.rooms.values_list("pk", flat=True)) + list(range(1000, 1003))
    keys = keys_of(wanted, spans, lambda one: rooms)
    assert len(keys) == 1 + 20 * 2 * (2 + len(rooms))
    assert len(keys) <= AT_MOST
    rows = book_course(by=cast.ana, plan=plan, chosen=chosen_of(found))
    assert len(rows) == 20
    assert broken(plan) == []
