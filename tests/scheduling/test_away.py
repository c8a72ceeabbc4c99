"""A practitioner is away: nothing is refused, every visit gets a held proposal, every answer is one step."""

from datetime import datetime, timedelta

import pytest
import time_machine

from clinic.models import AuditEvent
from clinic.refusal import Refused
from clinic.timespan import TimeSpan
from messaging.models import OutboxMessage
from patients.models import CareTeam
from practitioners.models import Absence
from scheduling.actions.absences import propose, record_absence
from scheduling.actions.booking import Wanted, book
from scheduling.actions.calls import answer, take_back
from scheduling.actions.ending import cancel
from scheduling.actions.holding import confirm_hold, expire_holds
from scheduling.actions.moving import move
from scheduling.models import Appointment, Call, Reservation, Status, VisitPhase
from scheduling.queries.of_visit import visits_of_patient
from scheduling.queries.repairs import OpenCalls, call_list, open_calls
from tests.scheduling.invariants import broken

pytestmark = pytest.mark.django_db


def at(cast, hour, minute=0, day=24):
    return datetime(2026, 11, day, hour, minute, tzinfo=cast.uptown.tz)


def booked(cast, patient, hour, minute=0, *, key="acupuncture_follow_up", who=None, day=24, **more):
    who = who or (cast.mei.practitioner.pk,)
    wanted = Wanted(
        patient,
        cast.service(key),
        cast.uptown,
        at(cast, hour, minute, day),
        practitioners=who,
        walk_in=True,
        **more,
    )
    return book(by=cast.ana, wanted=[wanted])[0]


def ill(cast, person=None, *, since=None, until=None):
    """Mei is away for the rest of today, unless said otherwise; the absence with its calls."""
    span = TimeSpan(since or at(cast, 10, 42), until or at(cast, 18))
    practitioner = (person or cast.mei).practitioner
    absence = record_absence(by=cast.ana, practitioner=practitioner, span=span, kind="ill")
    propose(by=cast.ana, cause=absence)
    return absence


def call_of(visit):
    return Call.objects.select_related("proposal").get(appointment=visit)


def people(visit):
    rows = VisitPhase.objects.filter(visitpart__appointment=visit, practitioner__isnull=False)
    return sorted(set(rows.values_list("practitioner__name", flat=True)))


def rooms(visit):
    rows = VisitPhase.objects.filter(visitpart__appointment=visit, room__isnull=False)
    return sorted(set(rows.values_list("room__name", flat=True)))


def say(cast, call, wanted, by=None):
    return answer(by=by or cast.ana, pk=call.pk, wanted=wanted, version=call.version)


# Recording and proposing


def test_an_absence_is_recorded_although_visits_exist(cast, now):
    visit = booked(cast, cast.maria, 13)
    absence = ill(cast)
    assert Absence.objects.get() == absence
    about_it = AuditEvent.objects.filter(verb__in=["record absence", "propose"])
    assert sorted(about_it.values_list("verb", "patient")) == [
        ("propose", cast.maria.pk),
        ("record absence", None),
    ]
    visit.refresh_from_db()
    assert (visit.status, people(visit)) == (Status.BOOKED, ["Mei Tan"])


def test_somebody_else_at_the_same_time_is_proposed_first(cast, now):
    visit = booked(cast, cast.maria, 13)
    ill(cast)
    held = call_of(visit).proposal
    assert (held.status, held.starts_at, people(held)) == (Status.HELD, visit.starts_at, ["Sam Park"])
    assert rooms(held) == rooms(visit)
    assert broken() == []
    # The room stays with the visit; the proposal keeps only Sam's minutes.
    kept = Reservation.objects.filter(appointment=held).values_list("practitioner__name", "room")
    assert set(kept) == {("Sam Park", None)}


def test_when_the_other_one_is_taken_the_nearest_time_of_the_day(cast, now):
    visit = booked(cast, cast.maria, 13)
    booked(cast, cast.tunde, 13, who=(cast.sam.practitioner.pk,))
    ill(cast)
    held = call_of(visit).proposal
    # Sam's hands are free before Tunde comes, and again while Tunde rests with needles in.
    assert (held.starts_at, people(held)) == (at(cast, 12, 45), ["Sam Park"])
    assert broken() == []


def test_with_nobody_left_today_a_following_day(cast, now):
    visit = booked(cast, cast.maria, 13, key="massage", who=(cast.jo.practitioner.pk,))
    ill(cast, cast.jo)
    held = call_of(visit).proposal
    assert (held.starts_at, people(held)) == (at(cast, 8, day=25), ["Jo Ruiz"])


def test_with_nothing_within_a_week_there_is_no_proposal(cast, now):
    visit = booked(cast, cast.maria, 13, key="massage", who=(cast.jo.practitioner.pk,))
    ill(cast, cast.jo, until=at(cast, 18) + timedelta(days=20))
    assert call_of(visit).proposal is None
    (line,) = call_list(Absence.objects.get(), cast.ana, now=now).to_call
    assert line.may == {"propose", "left_message", "another_time", "cancelled"}


def test_of_an_integrated_visit_only_the_affected_part_changes(cast, now):
    both = (cast.mei.practitioner.pk, cast.daniel.practitioner.pk)
    visit = booked(cast, cast.maria, 13, key="acupuncture_adjustment", who=both)
    ill(cast)
    held = call_of(visit).proposal
    assert (held.starts_at, people(held)) == (visit.starts_at, ["Daniel Lee", "Sam Park"])
    assert set(Reservation.objects.filter(appointment=held).values_list("practitioner__name", "room")) == {
        ("Sam Park", None)
    }
    assert broken() == []


def test_what_the_patient_prefers_is_kept(cast, now):
    cast.maria.prefers_gender = "female"
    cast.maria.save()
    visit = booked(cast, cast.maria, 13)
    ill(cast)
    held = call_of(visit).proposal
    assert (people(held), held.starts_at) == (["Mei Tan"], at(cast, 8, day=25))


def test_nobody_is_asked_to_come_at_once(cast, now):
    visit = booked(cast, cast.maria, 16, key="massage", who=(cast.jo.practitioner.pk,))
    ill(cast, cast.jo, since=at(cast, 15))
    # Jo is there until three, and it is 10:42.
    assert at(cast, 11, 42) <= call_of(visit).proposal.starts_at <= at(cast, 14)


def test_proposals_of_one_list_do_not_take_from_each_other(cast, now):
    patients = [cast.maria, cast.marta, cast.sunny, cast.iris, cast.tunde, cast.rita]
    visits = [booked(cast, one, 11 + number) for number, one in enumerate(patients)]
    ill(cast)
    assert all(call_of(visit).proposal for visit in visits)
    assert broken() == []


def test_two_visits_of_one_person_are_not_proposed_for_one_time(cast, now):
    first = booked(cast, cast.maria, 11, key="massage", who=(cast.jo.practitioner.pk,))
    second = booked(cast, cast.maria, 15, key="massage", who=(cast.jo.practitioner.pk,))
    ill(cast, cast.jo)
    one, other = call_of(first).proposal, call_of(second).proposal
    assert one.ends_at <= other.starts_at or other.ends_at <= one.starts_at


@pytest.mark.parametrize("status", [Status.IN_TREATMENT, Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW])
def test_what_is_treated_or_over_is_not_touched(cast, now, status):
    visit = booked(cast, cast.maria, 13)
    Appointment.objects.filter(pk=visit.pk).update(status=status, version=visit.version + 1)
    ill(cast)
    assert Call.objects.count() == 0


def test_a_visit_that_is_over_by_now_is_not_touched(cast, now):
    booked(cast, cast.maria, 11)
    with time_machine.travel(at(cast, 14), tick=False):
        ill(cast, since=at(cast, 8))
        assert Call.objects.count() == 0


def test_a_double_booked_visit_gets_a_place_of_its_own(cast, now):
    first = booked(cast, cast.maria, 13, rooms=(cast.room_1.pk,))
    second = booked(
        cast, cast.tunde, 13, rooms=(cast.room_1.pk,), pin_rooms=True, overbook_reason="in great pain"
    )
    assert second.overbooked_reason == "in great pain"
    ill(cast)
    for visit in (second, first):
        call = call_of(visit)
        if call.proposal:
            say(cast, call, "agreed")
    assert broken() == []


def test_the_same_absence_twice_is_refused_and_a_past_one(cast, now):
    ill(cast)
    with pytest.raises(Refused) as refusal:
        ill(cast)
    assert refusal.value.reasons == ["This is recorded already. Its call list is below."]
    with pytest.raises(Refused) as refusal:
        ill(cast, cast.sam, since=at(cast, 8), until=at(cast, 9))
    assert refusal.value.reasons == ["This time is over. Choose an end that is still to come."]
    assert Absence.objects.count() == 1


# Without asking


def test_who_said_anyone_is_fine_is_moved_without_asking_where_the_time_stays(cast, now):
    cast.maria.anyone_is_fine = True
    cast.maria.save()
    visit = booked(cast, cast.maria, 13)
    absence = ill(cast)
    call = call_of(visit)
    visit.refresh_from_db()
    assert (call.answer, call.without_asking, people(visit)) == ("agreed", True, ["Sam Park"])
    assert visit.starts_at == at(cast, 13)
    assert open_calls(cast.uptown) == []
    assert [line.call for line in call_list(absence, cast.ana, now=now).settled] == [call]
    assert OutboxMessage.objects.filter(kind="moved").count() == 0
    assert broken() == []


def test_who_said_anyone_is_fine_is_asked_when_the_time_changes(cast, now):
    cast.maria.anyone_is_fine = True
    cast.maria.save()
    visit = booked(cast, cast.maria, 13, key="massage", who=(cast.jo.practitioner.pk,))
    ill(cast, cast.jo)
    call = call_of(visit)
    assert (call.answer, call.without_asking) == ("open", False)


def test_what_was_done_without_asking_can_be_undone_and_is_then_asked(cast, now):
    cast.maria.anyone_is_fine = True
    cast.maria.save()
    visit = booked(cast, cast.maria, 13)
    absence = ill(cast)
    take_back(by=cast.ana, pk=call_of(visit).pk, version=call_of(visit).version)
    propose(by=cast.ana, cause=absence)
    call = call_of(visit)
    assert (call.answer, call.without_asking, people(visit)) == ("open", False, ["Mei Tan"])
    assert (call.proposal.status, people(call.proposal)) == (Status.HELD, ["Sam Park"])
    assert broken() == []


# Answers


def test_agreed_moves_the_same_visit_into_its_proposal(cast, now):
    visit = booked(cast, cast.maria, 13, key="massage", who=(cast.jo.practitioner.pk,))
    ill(cast, cast.jo)
    call = say(cast, call_of(visit), "agreed")
    visit.refresh_from_db()
    assert (visit.status, visit.starts_at, visit.wall_date.isoformat()) == (
        Status.BOOKED,
        at(cast, 8, day=25),
        "2026-11-25",
    )
    assert Reservation.objects.exclude(appointment=visit).count() == 0
    assert (call.answer, call.answered_by) == ("agreed", cast.ana)
    assert OutboxMessage.objects.filter(kind="moved", withdrawn_at=None).count() == 1
    assert open_calls(cast.uptown) == []
    assert broken() == []


def test_whoever_takes_over_may_see_the_patient(cast, now):
    visit = booked(cast, cast.maria, 13)
    ill(cast)
    say(cast, call_of(visit), "agreed")
    assert CareTeam.objects.filter(patient=cast.maria, user=cast.sam, why="treating").count() == 1


def test_a_message_keeps_the_proposal_for_four_hours_more(cast, now):
    visit = booked(cast, cast.maria, 17)
    absence = ill(cast)
    assert call_of(visit).proposal.held_until == now + timedelta(hours=4)
    with time_machine.travel(now + timedelta(hours=1), tick=False):
        call = say(cast, call_of(visit), "left_message")
        held = call_of(visit).proposal
        assert (call.answer, call.messages_left) == ("left_message", 1)
        assert held.held_until == now + timedelta(hours=5)
        assert set(Reservation.objects.filter(appointment=held).values_list("expires_at", flat=True)) == {
            held.held_until
        }
        found = call_list(absence, cast.ana, now=now + timedelta(hours=1))
        assert ([line.call for line in found.messages_left], found.not_reached) == ([call], [])
    assert open_calls(cast.uptown) == [OpenCalls(absence.pk, None, 1)]


def test_another_time_gives_the_proposal_back_and_stays_open_until_it_is_chosen(cast, now):
    visit = booked(cast, cast.maria, 13)
    absence = ill(cast)
    call = say(cast, call_of(visit), "another_time")
    assert Reservation.objects.filter(appointment=call.proposal).count() == 0
    assert [line.call for line in call_list(absence, cast.ana, now=now).to_choose] == [call]
    assert open_calls(cast.uptown) == [OpenCalls(absence.pk, None, 1)]
    move(by=cast.ana, pk=visit.pk, starts_at=at(cast, 9, day=26))
    (line,) = call_list(absence, cast.ana, now=now).settled
    assert line.became == "Thu Nov 26, 9:00 to 9:55 am · Room 1 · Mei"
    assert open_calls(cast.uptown) == []
    assert broken() == []


def test_cancel_frees_the_visit_and_its_proposal(cast, now):
    visit = booked(cast, cast.maria, 13)
    ill(cast)
    say(cast, call_of(visit), "cancelled")
    visit.refresh_from_db()
    assert (visit.status, visit.ended_reason) == (Status.CANCELLED, "provider away")
    assert Reservation.objects.count() == 0
    assert broken() == []


@pytest.mark.parametrize("wanted", ["agreed", "left_message", "another_time", "cancelled"])
def test_every_answer_is_one_audit_event(cast, now, wanted):
    visit = booked(cast, cast.maria, 13)
    ill(cast)
    before = set(AuditEvent.objects.values_list("pk", flat=True))
    say(cast, call_of(visit), wanted)
    (event,) = AuditEvent.objects.exclude(pk__in=before)
    verb = {"agreed": "move", "cancelled": "cancel"}.get(wanted, wanted)
    assert (event.verb, event.patient, event.by) == (verb, cast.maria.pk, cast.ana)


@pytest.mark.parametrize("wanted", ["agreed", "left_message", "another_time", "cancelled"])
def test_every_answer_can_be_undone(cast, now, wanted):
    visit = booked(cast, cast.maria, 13)
    absence = ill(cast)
    rows = sorted(Reservation.objects.values_list("practitioner", "room", "starts_at", "ends_at"), key=str)
    call = say(cast, call_of(visit), wanted)
    take_back(by=cast.ana, pk=call.pk, version=call.version)
    propose(by=cast.ana, cause=absence)
    visit.refresh_from_db()
    call = call_of(visit)
    assert (visit.status, visit.starts_at, people(visit)) == (Status.BOOKED, at(cast, 13), ["Mei Tan"])
    assert (call.answer, call.messages_left, call.answered_at) == ("open", 0, None)
    assert (
        sorted(Reservation.objects.values_list("practitioner", "room", "starts_at", "ends_at"), key=str)
        == rows
    )
    assert OutboxMessage.objects.filter(withdrawn_at=None, kind__in=["moved", "cancelled"]).count() == 0
    assert broken() == []


def test_an_answer_cannot_be_undone_after_some_minutes_or_when_something_newer_happened(cast, now):
    visit, other = booked(cast, cast.maria, 13), booked(cast, cast.tunde, 15)
    ill(cast)
    call, second = say(cast, call_of(visit), "agreed"), say(cast, call_of(other), "agreed")
    with time_machine.travel(now + timedelta(minutes=1), tick=False):
        cancel(by=cast.ana, pk=other.pk, reason="ill")
        with pytest.raises(Refused) as refusal:
            take_back(by=cast.ana, pk=second.pk, version=second.version)
        assert refusal.value.reasons[0].startswith("Something newer happened to this visit.")
    with time_machine.travel(now + timedelta(minutes=11), tick=False), pytest.raises(Refused) as refusal:
        take_back(by=cast.ana, pk=call.pk, version=call.version)
    assert refusal.value.reasons == [
        "This can be undone for 10 minutes only. Open the visit and change it by hand."
    ]


def test_an_old_page_does_not_answer(cast, now):
    visit = booked(cast, cast.maria, 13)
    ill(cast)
    old = call_of(visit)
    say(cast, old, "left_message")
    with pytest.raises(Refused) as refusal:
        say(cast, old, "cancelled")
    assert refusal.value.conflict
    assert refusal.value.reasons == [
        "Somebody else changed this line meanwhile. The list shows how it stands now."
    ]


def test_a_visit_that_was_settled_elsewhere_is_not_moved_again(cast, now):
    visit = booked(cast, cast.maria, 13)
    absence = ill(cast)
    move(by=cast.ana, pk=visit.pk, starts_at=at(cast, 9, day=26))
    with pytest.raises(Refused) as refusal:
        say(cast, call_of(visit), "agreed")
    assert refusal.value.reasons == ["This visit is settled already. The list shows how it stands now."]
    assert [len(part) for part in parts_of(call_list(absence, cast.ana, now=now))] == [0, 0, 1]
    assert open_calls(cast.uptown) == []


def parts_of(found):
    return found.to_call, found.to_choose, found.settled


# Holds that end


def test_a_proposal_that_ran_out_is_not_agreed_to_and_can_be_renewed(cast, now):
    visit = booked(cast, cast.maria, 17)
    absence = ill(cast)
    held = call_of(visit).proposal
    later = now + timedelta(hours=4, minutes=1)
    with time_machine.travel(later, tick=False):
        with pytest.raises(Refused) as refusal:
            say(cast, call_of(visit), "agreed")
        assert refusal.value.reasons == [
            "The proposal is not held any more. Press “Propose again”, then ask once more."
        ]
        assert expire_holds() == 1
        assert call_list(absence, cast.ana, now=later).run_out == 1
        propose(by=cast.ana, cause=absence)
        again = call_of(visit).proposal
        assert (again.pk, again.status, again.held_until) == (held.pk, Status.HELD, at(cast, 17))
        assert broken() == []
        say(cast, call_of(visit), "agreed")
        assert people(visit) == ["Sam Park"]
        assert broken() == []


def test_while_it_is_held_nobody_else_gets_the_place(cast, now):
    visit = booked(cast, cast.maria, 13)
    ill(cast)
    with pytest.raises(Refused) as refusal:
        booked(cast, cast.tunde, 13, who=(cast.sam.practitioner.pk,), rooms=(cast.room_3.pk,))
    assert refusal.value.reasons == ["Sam Park, L.Ac. is taken from 1:00 pm."]
    say(cast, call_of(visit), "agreed")
    assert broken() == []


def test_when_the_second_one_is_ill_too_the_proposal_does_not_count(cast, now):
    visit = booked(cast, cast.maria, 13)
    absence = ill(cast)
    ill(cast, cast.sam)
    (line,) = call_list(absence, cast.ana, now=now).to_call
    assert (line.say, "propose" in line.may, "agreed" in line.may) == ("", True, False)
    with pytest.raises(Refused):
        say(cast, call_of(visit), "agreed")
    propose(by=cast.ana, cause=absence)
    held = call_of(visit).proposal
    assert (held.status, held.starts_at.astimezone(cast.uptown.tz).date().isoformat()) == (
        Status.HELD,
        "2026-11-25",
    )
    assert broken() == []


def test_a_proposal_is_answered_on_the_list_and_is_no_visit_of_its_own(cast, now):
    visit = booked(cast, cast.maria, 13, key="massage", who=(cast.jo.practitioner.pk,))
    ill(cast, cast.jo)
    with pytest.raises(Refused) as refusal:
        confirm_hold(by=cast.ana, pk=call_of(visit).proposal.pk)
    assert refusal.value.reasons == [
        "This is a proposal of a call list. Answer it there, so that the visit moves."
    ]
    listed = visits_of_patient(cast.maria, now=now, reader=cast.uptown.tz)
    assert ([line.visit for line in listed.upcoming], listed.past) == ([visit], [])
    say(cast, call_of(visit), "agreed")
    assert visits_of_patient(cast.maria, now=now, reader=cast.uptown.tz).past == []


def test_proposing_again_leaves_what_stands_alone(cast, now):
    visit = booked(cast, cast.maria, 13)
    absence = ill(cast)
    before = call_of(visit)
    assert propose(by=cast.ana, cause=absence) == []
    assert call_of(visit).version == before.version


def test_what_was_interrupted_is_missing_on_the_list_until_proposed(cast, now):
    booked(cast, cast.maria, 13)
    span = TimeSpan(at(cast, 10, 42), at(cast, 18))
    absence = record_absence(by=cast.ana, practitioner=cast.mei.practitioner, span=span, kind="ill")
    found = call_list(absence, cast.ana, now=now)
    assert (found.missing, found.run_out, found.to_call) == (1, 1, [])
    propose(by=cast.ana, cause=absence)
    found = call_list(absence, cast.ana, now=now)
    assert (found.missing, found.run_out, len(found.to_call)) == (0, 0, 1)


# The list


def test_the_sentence_to_say(cast, now):
    booked(cast, cast.maria, 13)
    booked(cast, cast.tunde, 15, key="acupuncture_follow_up")
    absence = ill(cast)
    first = call_list(absence, cast.ana, now=now).to_call[0]
    assert first.was == "Tue Nov 24, 1:00 to 1:55 pm · Room 1 · Mei"
    assert first.say == (
        "Mei is away. Your time can stay: Tuesday, November 24, at 1:00 pm with Sam, done by 1:55. "
        "Is that all right?"
    )


def test_the_list_reads_as_many_statements_for_one_as_for_three(cast, now, django_assert_num_queries):
    booked(cast, cast.maria, 11)
    absence = ill(cast)
    assert cast.ana.roles
    assert cast.ana.location_ids
    with django_assert_num_queries(7):
        assert len(call_list(absence, cast.ana, now=now).to_call) == 1
    second = [booked(cast, one, 12 + n, day=25) for n, one in enumerate([cast.marta, cast.sunny, cast.tunde])]
    later = ill(cast, since=at(cast, 8, day=25), until=at(cast, 18, day=25))
    with django_assert_num_queries(7):
        assert len(call_list(later, cast.ana, now=now).to_call) == len(second)


@pytest.mark.parametrize("count", [1, 6])
def test_what_is_free_is_read_once_for_the_whole_day(cast, now, django_assert_num_queries, count):
    patients = [cast.maria, cast.marta, cast.sunny, cast.iris, cast.tunde, cast.rita][:count]
    for number, one in enumerate(patients):
        booked(cast, one, 11 + number)
    span = TimeSpan(at(cast, 10, 42), at(cast, 18))
    absence = record_absence(by=cast.ana, practitioner=cast.mei.practitioner, span=span, kind="ill")
    with django_assert_num_queries(11 + 20 * count):  # 7 of the 11 are the world; 4 of each 20 are savepoints
        propose(by=cast.ana, cause=absence)


def test_who_must_not_see_them_sees_nobody_on_the_list(cast, now):
    booked(cast, cast.maria, 13)
    absence = ill(cast)
    found = call_list(absence, cast.hana, now=now)
    assert [len(part) for part in parts_of(found)] == [0, 0, 0]
    assert found.missing == 0
