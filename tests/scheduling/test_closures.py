"""A location closes over visits: they become a call list, as with an absence; lifting it leaves them as they are."""

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from clinic.actions.places import lift_closure, save_closure
from clinic.models import Closure
from clinic.refusal import Refused
from clinic.submissions import new_key
from clinic.timespan import TimeSpan
from messaging.models import OutboxMessage
from patients.models import PatientLocation
from practitioners.actions import end_absence_early
from scheduling.actions.absences import propose, record_absence
from scheduling.actions.booking import Wanted, book
from scheduling.actions.calls import answer, give_back_unneeded, take_back
from scheduling.models import Appointment, Call, Change, Reservation, Status, VisitPhase
from scheduling.queries.repairs import (
    OpenCalls,
    away_of,
    call_list,
    closures_in_the_way,
    count_touched,
    open_calls,
    proposal_stands,
    touched,
)
from tests.scheduling.invariants import broken

pytestmark = pytest.mark.django_db


def at(cast, hour, minute=0, day=24):
    return datetime(2026, 11, day, hour, minute, tzinfo=cast.uptown.tz)


def booked(cast, patient, hour, minute=0, *, key="acupuncture_follow_up", who=None, day=24):
    who = who or (cast.mei.practitioner.pk,)
    start = at(cast, hour, minute, day)
    wanted = Wanted(patient, cast.service(key), cast.uptown, start, practitioners=who, walk_in=True)
    return book(by=cast.ana, wanted=[wanted])[0]


def closed(cast, start, end, reason="no water"):
    fields = {"starts_at": start, "ends_at": end, "reason": reason}
    return save_closure(by=cast.olive, location_id=cast.uptown.pk, fields=fields)


def closed_and_called(cast, start, end):
    closure = closed(cast, start, end)
    propose(by=cast.ana, cause=closure)
    return closure


def call_of(visit):
    return Call.objects.select_related("proposal__location").get(appointment=visit)


def say(cast, call, wanted):
    return answer(by=cast.ana, pk=call.pk, wanted=wanted, version=call.version)


def people(visit):
    rows = VisitPhase.objects.filter(visitpart__appointment=visit, practitioner__isnull=False)
    return sorted(set(rows.values_list("practitioner__name", flat=True)))


def rooms(visit):
    rows = VisitPhase.objects.filter(visitpart__appointment=visit, room__isnull=False)
    return sorted(set(rows.values_list("room__name", flat=True)))


def goes_to_harbor(cast, patient):
    PatientLocation.objects.create(patient=patient, location=cast.harbor)


# Who is touched


def test_a_closure_is_recorded_although_visits_exist(cast, now):
    visit = booked(cast, cast.maria, 13)
    closure = closed(cast, at(cast, 12), at(cast, 16))
    assert [one.pk for one in touched(away_of(closure), now=now)] == [visit.pk]
    assert count_touched(away_of(closure), cast.ana, now=now) == 1
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


@pytest.mark.parametrize(
    ("minute", "count"),
    [(0, 1), (30, 1), (45, 1), (50, 0)],  # hands-on, needles in, needles out; then only a rest
)
def test_whoever_is_treated_when_it_closes_is_touched(cast, now, minute, count):
    booked(cast, cast.maria, 12)
    closure = closed(cast, at(cast, 12, minute), at(cast, 16))
    assert len(touched(away_of(closure), now=now)) == count


def test_another_location_is_not_touched(cast, now):
    goes_to_harbor(cast, cast.maria)
    start = at(cast, 13)
    wanted = Wanted(cast.maria, cast.service("acupuncture_follow_up"), cast.harbor, start, walk_in=True)
    book(by=cast.olive, wanted=[wanted])
    assert touched(away_of(closed(cast, at(cast, 12), at(cast, 16))), now=now) == []


# What is proposed


def test_the_same_provider_at_the_nearest_time_of_the_day(cast, now):
    visit = booked(cast, cast.maria, 13)
    closed_and_called(cast, at(cast, 12), at(cast, 16))
    held = call_of(visit).proposal
    assert (held.status, held.starts_at, people(held)) == (Status.HELD, at(cast, 16), ["Mei Tan"])
    assert held.location == cast.uptown
    assert broken() == []


def test_the_same_provider_tomorrow_rather_than_somebody_else_today(cast, now):
    visit = booked(cast, cast.maria, 13)
    span = TimeSpan(at(cast, 16), at(cast, 18))
    record_absence(by=cast.ana, practitioner=cast.mei.practitioner, span=span, kind="training")
    closed_and_called(cast, at(cast, 12), at(cast, 16))
    held = call_of(visit).proposal
    assert (people(held), held.starts_at) == (["Mei Tan"], at(cast, 8, day=25))


def test_of_an_integrated_visit_both_providers_stay(cast, now):
    both = (cast.mei.practitioner.pk, cast.daniel.practitioner.pk)
    visit = booked(cast, cast.maria, 13, key="acupuncture_adjustment", who=both)
    closed_and_called(cast, at(cast, 14), at(cast, 15))
    held = call_of(visit).proposal
    assert people(held) == ["Daniel Lee", "Mei Tan"]
    assert touched(away_of(Closure.objects.get()), now=now, only=[held.pk]) == []
    assert broken() == []


def test_somebody_else_where_the_provider_has_no_time(cast, now):
    visit = booked(cast, cast.maria, 13)
    span = TimeSpan(at(cast, 16), at(cast, 18) + timedelta(days=30))
    record_absence(by=cast.ana, practitioner=cast.mei.practitioner, span=span, kind="leave")
    closed_and_called(cast, at(cast, 12), at(cast, 16))
    held = call_of(visit).proposal
    assert (held.starts_at, people(held)) == (at(cast, 16), ["Sam Park"])


def test_behind_a_closure_of_ten_days_the_first_time_when_it_opens(cast, now):
    visit = booked(cast, cast.maria, 13)
    closed_and_called(cast, at(cast, 0), at(cast, 0) + timedelta(days=10))
    held = call_of(visit).proposal
    assert (held.starts_at, people(held)) == (at(cast, 8) + timedelta(days=10), ["Mei Tan"])


def test_a_patient_who_goes_elsewhere_too_is_offered_that_where_nothing_is_free_here(cast, now):
    goes_to_harbor(cast, cast.maria)
    visit, other = booked(cast, cast.maria, 13), booked(cast, cast.tunde, 15)
    closure = closed_and_called(cast, at(cast, 11), at(cast, 0) + timedelta(days=60))
    held = call_of(visit).proposal
    assert (held.location, held.starts_at, people(held)) == (cast.harbor, visit.starts_at, ["Theo Vance"])
    assert rooms(held) == ["Harbor 1"]
    lines = call_list(closure, cast.ana, now=now).to_call
    assert lines[0].say == (
        "We are closed then at Uptown. We have a time for you at Harbor: Tuesday, November 24, "
        "at 12:00 pm with Theo, done by 12:55. Does that suit you?"
    )
    assert call_of(other).proposal is None  # comes to Uptown only
    assert lines[1].may == {"propose", "left_message", "another_time", "cancelled"}
    assert broken() == []


def test_nobody_is_sent_to_another_location_without_asking(cast, now):
    goes_to_harbor(cast, cast.maria)
    cast.maria.anyone_is_fine = True
    cast.maria.save()
    visit = booked(cast, cast.maria, 13)
    closed_and_called(cast, at(cast, 11), at(cast, 0) + timedelta(days=60))
    call = call_of(visit)
    assert (call.proposal.starts_at, call.answer, call.without_asking) == (visit.starts_at, "open", False)


def test_proposals_of_one_list_do_not_take_from_each_other(cast, now):
    patients = [cast.maria, cast.marta, cast.sunny, cast.iris, cast.tunde, cast.rita]
    for one in patients[:3]:
        goes_to_harbor(cast, one)
    visits = [booked(cast, one, 11 + number, 30) for number, one in enumerate(patients)]
    closed_and_called(cast, at(cast, 11), at(cast, 0, day=25))
    assert all(call_of(visit).proposal for visit in visits)
    assert broken() == []


def test_what_was_proposed_into_a_time_that_closes_does_not_stand(cast, now):
    visit = booked(cast, cast.maria, 13)
    span = TimeSpan(at(cast, 12), at(cast, 18))
    absence = record_absence(by=cast.ana, practitioner=cast.mei.practitioner, span=span, kind="ill")
    propose(by=cast.ana, cause=absence)
    assert proposal_stands(call_of(visit), now)
    closed(cast, at(cast, 12), at(cast, 16))
    assert not proposal_stands(call_of(visit), now)


# Answers


def test_the_sentence_says_that_we_are_closed(cast, now):
    booked(cast, cast.maria, 13)
    closure = closed_and_called(cast, at(cast, 12), at(cast, 16))
    (line,) = call_list(closure, cast.ana, now=now).to_call
    assert line.say == (
        "We are closed then at Uptown. The nearest time we have: Tuesday, November 24, "
        "at 4:00 pm with Mei, done by 4:55. Does that suit you?"
    )
    assert open_calls(cast.uptown) == [OpenCalls(None, closure.pk, 1)]


@pytest.mark.parametrize(
    ("wanted", "verb"),
    [("agreed", "move"), ("cancelled", "cancel"), ("another_time", None), ("left_message", None)],
)
def test_every_answer_is_done_and_can_be_undone(cast, now, wanted, verb):
    visit = booked(cast, cast.maria, 13)
    closed_and_called(cast, at(cast, 12), at(cast, 16))
    call = say(cast, call_of(visit), wanted)
    made = Change.objects.filter(appointment=visit).exclude(verb="book")
    assert [one.verb for one in made] == ([verb] if verb else [])
    visit.refresh_from_db()
    where = (visit.status, visit.starts_at, visit.ended_reason)
    assert where == {
        "agreed": (Status.BOOKED, at(cast, 16), ""),
        "cancelled": (Status.CANCELLED, at(cast, 13), "clinic closed"),
    }.get(wanted, (Status.BOOKED, at(cast, 13), ""))
    assert broken() == []
    take_back(by=cast.ana, pk=call.pk, version=call.version)
    visit.refresh_from_db()
    assert (visit.status, visit.starts_at, call_of(visit).answer) == (Status.BOOKED, at(cast, 13), "open")
    assert broken() == []


def test_agreeing_to_another_location_moves_the_visit_there_and_undo_brings_it_back(cast, now):
    goes_to_harbor(cast, cast.maria)
    visit = booked(cast, cast.maria, 13)
    was = rooms(visit)
    closed_and_called(cast, at(cast, 11), at(cast, 0) + timedelta(days=60))
    call = say(cast, call_of(visit), "agreed")
    visit = Appointment.objects.get(pk=visit.pk)
    assert (visit.location, rooms(visit), people(visit)) == (cast.harbor, ["Harbor 1"], ["Theo Vance"])
    assert visit.wall_time.hour == 12
    (mail,) = OutboxMessage.objects.filter(kind="moved", withdrawn_at=None)
    assert mail.body.count("Harbor") == 1
    assert open_calls(cast.uptown) == []
    assert broken() == []
    take_back(by=cast.ana, pk=call.pk, version=call.version)
    visit = Appointment.objects.get(pk=visit.pk)
    assert (visit.location, rooms(visit), people(visit)) == (cast.uptown, was, ["Mei Tan"])
    assert visit.wall_time.hour == 13
    assert broken() == []


def test_a_visit_on_two_lists_is_settled_on_both_by_one_answer(cast, now):
    visit = booked(cast, cast.maria, 13)
    span = TimeSpan(at(cast, 12), at(cast, 18))
    absence = record_absence(by=cast.ana, practitioner=cast.mei.practitioner, span=span, kind="ill")
    propose(by=cast.ana, cause=absence)
    closure = closed_and_called(cast, at(cast, 12), at(cast, 16))
    say(cast, Call.objects.get(closure=closure), "agreed")
    visit.refresh_from_db()
    assert visit.starts_at != at(cast, 13)
    assert open_calls(cast.uptown) == []
    (line,) = call_list(absence, cast.ana, now=now).settled
    assert not line.stays
    assert give_back_unneeded() == 1
    assert Reservation.objects.exclude(appointment=visit).count() == 0


# Lifting


def test_lifting_leaves_open_visits_as_they_are_and_frees_what_was_held(cast, now):
    first, second = booked(cast, cast.maria, 13), booked(cast, cast.tunde, 15)
    closure = closed_and_called(cast, at(cast, 12), at(cast, 16))
    say(cast, call_of(first), "agreed")
    closure = lift_closure(by=cast.olive, closure=closure, version=closure.version, now=now)
    assert open_calls(cast.uptown) == []
    found = call_list(closure, cast.ana, now=now)
    assert (found.to_call, found.missing) == ([], 0)
    # Who agreed was told another time and keeps it; the other one was not reached and comes as booked.
    assert [(line.visit.pk, line.stays) for line in found.settled] == [(second.pk, True), (first.pk, False)]
    assert Reservation.objects.filter(appointment=call_of(second).proposal).count() > 0
    assert (give_back_unneeded(), give_back_unneeded()) == (1, 0)
    assert Reservation.objects.filter(appointment=call_of(second).proposal).count() == 0
    second.refresh_from_db()
    assert (second.status, second.starts_at) == (Status.BOOKED, at(cast, 15))
    assert broken() == []


def test_a_closure_that_is_cut_short_keeps_those_who_are_still_inside(cast, now):
    first, second = booked(cast, cast.maria, 13), booked(cast, cast.tunde, 15)
    closure = closed_and_called(cast, at(cast, 12), at(cast, 18))
    fields = {"starts_at": at(cast, 12), "ends_at": at(cast, 14), "reason": "no water"}
    save_closure(
        by=cast.olive, location_id=cast.uptown.pk, pk=closure.pk, version=closure.version, fields=fields
    )
    found = call_list(Closure.objects.get(), cast.ana, now=now)
    assert [line.visit.pk for line in found.to_call] == [first.pk]
    assert [(line.visit.pk, line.stays) for line in found.settled] == [(second.pk, True)]
    assert give_back_unneeded() == 1


def test_an_absence_that_does_not_happen_settles_its_calls_too(cast, now, client_of):
    visit = booked(cast, cast.maria, 13)
    span = TimeSpan(at(cast, 12), at(cast, 18))
    absence = record_absence(by=cast.ana, practitioner=cast.mei.practitioner, span=span, kind="ill")
    propose(by=cast.ana, cause=absence)
    absence = end_absence_early(
        by=cast.ana, absence=absence, version=absence.version, ends_at=now, location="/"
    )
    assert absence.withdrawn_at is not None
    assert open_calls(cast.uptown) == []
    (line,) = call_list(absence, cast.ana, now=now).settled
    assert (line.visit.pk, line.stays) == (visit.pk, True)
    page = client_of(cast.ana).get(reverse("scheduling:calls", args=[absence.pk]))
    assert (page.context["heading"], page.context["when"]) == ("Mei Tan is back", "")
    assert give_back_unneeded() == 1
    assert propose(by=cast.ana, cause=absence) == []
    again = record_absence(by=cast.ana, practitioner=cast.mei.practitioner, span=span, kind="ill")
    assert again.pk != absence.pk


# Pages


def list_url(closure):
    return reverse("scheduling:closure_calls", args=[closure.pk])


def test_the_list_is_empty_until_the_calls_are_prepared(cast, now, client_of):
    first, second = booked(cast, cast.maria, 13), booked(cast, cast.tunde, 15)
    closure, client = closed(cast, at(cast, 12), at(cast, 16)), client_of(cast.ana)
    page = client.get(list_url(closure))
    assert (page.context["heading"], page.context["when"]) == (
        "Uptown is closed",
        "Tue Nov 24, 12:00 pm to 4:00 pm",
    )
    text = page.content.decode()
    assert text.count("2 visits are inside. Each gets another time, held for you. Then you call.") == 1
    assert (text.count("Prepare the calls"), text.count("Nobody has to be called.")) == (1, 0)
    assert Call.objects.count() == 0
    answered = client.post(list_url(closure), {"request_key": new_key()})
    assert (answered.status_code, answered.url) == (303, list_url(closure))
    assert {call_of(visit).proposal.status for visit in (first, second)} == {Status.HELD}
    text = client.get(list_url(closure)).content.decode()
    assert (text.count("Prepare the calls"), text.count("We are closed then at Uptown.")) == (0, 2)


def test_an_answer_leads_back_to_the_closures_list(cast, now, client_of):
    visit = booked(cast, cast.maria, 13)
    closure = closed_and_called(cast, at(cast, 12), at(cast, 16))
    call = call_of(visit)
    sent = {"answer": "agreed", "version": call.version, "request_key": new_key()}
    answered = client_of(cast.ana).post(reverse("scheduling:answer", args=[call.pk]), sent)
    assert (answered.status_code, answered.url) == (303, list_url(closure) + "?answered=1")
    visit.refresh_from_db()
    assert visit.starts_at == at(cast, 16)


def test_a_lifted_closure_says_that_visits_stay(cast, now, client_of):
    booked(cast, cast.maria, 13)
    closure = closed_and_called(cast, at(cast, 12), at(cast, 16))
    lift_closure(by=cast.olive, closure=closure, version=closure.version, now=now)
    page = client_of(cast.ana).get(list_url(closure))
    assert (page.context["heading"], page.context["when"]) == ("Uptown is open again", "")
    text = page.content.decode()
    assert text.count("Stays as booked: nothing is in the way any more") == 1
    assert text.count("Nobody has to be called any more.") == 1
    assert text.count("1 visit stays as it was booked.") == 1


def test_the_page_reads_as_many_statements_for_one_as_for_three(
    cast, now, client_of, django_assert_num_queries
):
    booked(cast, cast.maria, 13)
    one = closed_and_called(cast, at(cast, 12), at(cast, 16))
    client = client_of(cast.ana)
    client.get(list_url(one))
    with django_assert_num_queries(14):
        client.get(list_url(one))
    for number, patient in enumerate([cast.marta, cast.leo, cast.tunde]):
        booked(cast, patient, 12 + number, day=26)
    three = closed_and_called(cast, at(cast, 11, day=26), at(cast, 16, day=26))
    with django_assert_num_queries(14):
        client.get(list_url(three))


def test_where_closures_are_recorded_the_visits_inside_are_counted(cast, now, client_of):
    booked(cast, cast.maria, 13)
    closure = closed(cast, at(cast, 12), at(cast, 16))
    owner = client_of(cast.olive)
    piece = reverse("scheduling:closure_visits", args=[closure.pk])
    for page in (
        reverse("clinic:location", args=[cast.uptown.pk]),
        reverse("clinic:edit_closure", args=[cast.uptown.pk, closure.pk]),
    ):
        text = owner.get(page).content.decode()
        assert (text.count(f'hx-get="{piece}"'), text.count(f'href="{list_url(closure)}"')) == (1, 1)
    assert owner.get(piece).content.decode().count("1 visit inside: call list") == 1


def test_the_opening_list_names_closures_with_visits_inside(cast, now, client_of, django_assert_num_queries):
    page = reverse("frontdesk:opening")
    closed(cast, at(cast, 8, day=27), at(cast, 9, day=27), reason="inventory")
    assert client_of(cast.ana).get(page).context["closures"] == []
    for patient, hour in ((cast.maria, 13), (cast.tunde, 15)):
        booked(cast, patient, hour, day=26)
    closure = closed(cast, at(cast, 12, day=26), at(cast, 16, day=26))
    with django_assert_num_queries(1):
        assert [(one.pk, one.visits) for one in closures_in_the_way(cast.uptown, now=now)] == [
            (closure.pk, 2)
        ]
    text = client_of(cast.ana).get(page).content.decode()
    assert (text.count("2 visits inside"), text.count(f'href="{list_url(closure)}"')) == (1, 1)


def test_today_leads_to_the_closures_list(cast, now, client_of):
    booked(cast, cast.maria, 13)
    closure = closed_and_called(cast, at(cast, 12), at(cast, 16))
    text = client_of(cast.ana).get(reverse("frontdesk:today")).content.decode()
    assert text.count(f'<a href="{list_url(closure)}"><b>1</b> to call</a>') == 1


def test_who_may_not(cast, now, client_of):
    booked(cast, cast.maria, 13)
    closure = closed_and_called(cast, at(cast, 12), at(cast, 16))
    for name in ("closure_calls", "closure_visits"):
        url = reverse(f"scheduling:{name}", args=[closure.pk])
        assert client_of(cast.hana).get(url).status_code == 404
        assert client_of(cast.rita.user).get(url).status_code == 403
        assert client_of(cast.dana).get(url).status_code == 403
    assert (
        client_of(cast.ana).get(reverse("scheduling:closure_calls", args=[closure.pk + 1])).status_code == 404
    )


def test_after_lifting_an_answer_is_not_taken_back_into_a_time_that_is_gone(cast, now):
    visit = booked(cast, cast.maria, 13)
    closure = closed_and_called(cast, at(cast, 12), at(cast, 16))
    call = say(cast, call_of(visit), "agreed")
    lift_closure(by=cast.olive, closure=closure, version=closure.version, now=now)
    booked(cast, cast.tunde, 13)
    with pytest.raises(Refused) as refusal:
        take_back(by=cast.ana, pk=call.pk, version=call.version)
    assert refusal.value.conflict
    visit.refresh_from_db()
    assert visit.starts_at == at(cast, 16)
    assert broken() == []
