"""The pages of an absence: recording it, the call list, and each answer by a tap."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.urls import reverse

from clinic.submissions import new_key
from patients.models import RelatedPerson
from practitioners.models import Absence, WorkingHours
from scheduling.models import Appointment, Call, Status
from scheduling.queries.repairs import call_list
from tests.rows import at
from tests.scheduling.test_away import booked, call_of, ill, people

pytestmark = pytest.mark.django_db
TODAY = {
    "kind": "ill",
    "from_date": "2026-11-24",
    "from_time": "10:42",
    "until_date": "2026-11-24",
    "until_time": "18:00",
}


def away_url(cast):
    return reverse("scheduling:away", args=[cast.mei.practitioner.pk])


def record(client, cast, **more):
    return client.post(away_url(cast), {**TODAY, "request_key": new_key(), **more})


def tap(client, call, wanted, **more):
    sent = {"answer": wanted, "version": call.version, "request_key": new_key()}
    return client.post(reverse("scheduling:answer", args=[call.pk]), {**sent, **more})


def test_the_form_begins_with_now_until_the_end_of_her_day(cast, now, client_of):
    form = client_of(cast.ana).get(away_url(cast)).context["form"]
    shown = {name: form[name].value() for name in ("kind", "from_date", "until_date")}
    assert shown == {"kind": "ill", "from_date": date(2026, 11, 24), "until_date": date(2026, 11, 24)}
    assert [f"{form[name].value():%H:%M}" for name in ("from_time", "until_time")] == ["10:42", "18:00"]


def test_recording_leads_to_the_list_with_a_held_proposal(cast, now, client_of):
    visit = booked(cast, cast.maria, 13)
    answer = record(client_of(cast.ana), cast)
    absence = Absence.objects.get()
    assert (answer.status_code, answer.url) == (303, reverse("scheduling:calls", args=[absence.pk]))
    assert (absence.starts_at, absence.ends_at) == (at("10:42", cast.uptown), at("18:00", cast.uptown))
    assert call_of(visit).proposal.status == Status.HELD


def test_sent_twice_it_is_recorded_once(cast, now, client_of):
    client, key = client_of(cast.ana), new_key()
    for _time in range(2):
        answer = record(client, cast, request_key=key)
        assert answer.status_code == 303
    assert Absence.objects.count() == 1


def test_whole_days_go_from_midnight_to_midnight(cast, now, client_of):
    more = {
        "whole_days": "on",
        "from_time": "",
        "until_time": "",
        "until_date": "2026-11-26",
        "kind": "leave",
    }
    record(client_of(cast.ana), cast, **more)
    absence = Absence.objects.get()
    assert (absence.starts_at, absence.ends_at) == (
        at("00:00", cast.uptown),
        at("00:00", cast.uptown, "2026-11-27"),
    )
    page = client_of(cast.ana).get(reverse("scheduling:calls", args=[absence.pk]))
    assert page.context["when"] == "Tue Nov 24 to Thu Nov 26, whole days"


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"until_time": "09:00"}, "until_date", "This is not after the start. Choose a later end."),
        ({"until_time": ""}, "until_time", "Choose a time, or tick “Whole days”."),
        (
            {"from_date": "2026-02-31"},
            "from_date",
            "This is not a date of the calendar. Type it like 2026-11-26.",
        ),
        ({"kind": "bored"}, "kind", "Choose one of the list."),
        ({"until_date": "2028-01-01"}, "__all__", "This is longer than a year. Record it in parts."),
        (
            {"from_date": "2026-11-23", "until_date": "2026-11-23"},
            "__all__",
            "This time is over. Choose an end that is still to come.",
        ),
        (
            {"note": "x" * 10_000},
            "note",
            "Keep this under 200 characters; it has 10000.",
        ),
    ],
)
def test_what_cannot_be_gets_a_sentence_and_changes_nothing(cast, now, client_of, change, field, sentence):
    answer = record(client_of(cast.ana), cast, **change)
    assert answer.status_code == 422
    assert answer.context["form"].errors[field] == [sentence]
    assert Absence.objects.count() == 0


def test_the_list_names_whom_to_call_and_what_to_say(cast, now, client_of):
    booked(cast, cast.maria, 13)
    absence = ill(cast)
    page = client_of(cast.ana).get(reverse("scheduling:calls", args=[absence.pk])).content.decode()
    for text in (
        "Garcia, Maria",
        'href="tel:+19195550111"',
        "(919) 555-0111",
        "Your time can stay: Tuesday, November 24, at 1:00 pm with Sam, done by 1:55.",
        "held until 1:00 pm",
        "Not reached yet: Maria Garcia",
    ):
        assert text in page, text


@pytest.mark.parametrize("wanted", ["agreed", "left_message", "cancelled", "undo"])
def test_an_answer_is_one_post_and_leads_back_to_the_list(cast, now, client_of, wanted):
    visit = booked(cast, cast.maria, 13)
    absence = ill(cast)
    client = client_of(cast.ana)
    if wanted == "undo":
        tap(client, call_of(visit), "agreed")
    answer = tap(client, call_of(visit), wanted)
    assert (answer.status_code, answer.url) == (
        303,
        reverse("scheduling:calls", args=[absence.pk]) + "?answered=1",
    )
    assert call_of(visit).answer == {"undo": "open"}.get(wanted, wanted)


def test_another_time_leads_to_the_times(cast, now, client_of):
    visit = booked(cast, cast.maria, 13)
    ill(cast)
    answer = tap(client_of(cast.ana), call_of(visit), "another_time")
    assert (answer.status_code, answer.url) == (303, reverse("scheduling:move", args=[visit.pk]))
    assert client_of(cast.ana).get(answer.url).status_code == 200


def test_the_toast_undoes_the_answer(cast, now, client_of):
    visit = booked(cast, cast.maria, 13)
    ill(cast)
    client = client_of(cast.ana)
    page = client.get(tap(client, call_of(visit), "agreed").url).content.decode()
    assert "Maria agreed. The visit is moved." in page
    assert f'action="{reverse("scheduling:answer", args=[call_of(visit).pk])}" data-undo="20"' in page


def test_propose_again_for_one_and_for_all(cast, now, client_of):
    first, second = booked(cast, cast.maria, 13), booked(cast, cast.tunde, 15)
    absence = ill(cast)
    for visit in (first, second):
        held = call_of(visit).proposal
        Appointment.objects.filter(pk=held.pk).update(held_until=now, version=held.version + 1)
    client = client_of(cast.ana)
    tap(client, call_of(first), "propose")
    assert [call_of(visit).proposal.held_until > now for visit in (first, second)] == [True, False]
    answer = client.post(reverse("scheduling:calls", args=[absence.pk]), {"request_key": new_key()})
    assert answer.status_code == 303
    assert [call_of(visit).proposal.held_until > now for visit in (first, second)] == [True, True]


@pytest.mark.parametrize("htmx", [False, True])
def test_a_refusal_shows_the_list_with_the_reason(cast, now, client_of, htmx):
    visit = booked(cast, cast.maria, 13)
    ill(cast)
    client, old = client_of(cast.ana, headers={"HX-Request": "true"} if htmx else {}), call_of(visit)
    tap(client, old, "left_message")
    answer = tap(client, old, "agreed")
    assert answer.status_code == 409
    assert answer.context["reasons"] == [
        "Somebody else changed this line meanwhile. The list shows how it stands now."
    ]
    assert answer.get("HX-Retarget") == ("#calls" if htmx else None)
    assert people(visit) == ["Mei Tan"]


@pytest.mark.parametrize("sent", [{"answer": "maybe"}, {"answer": ""}])
def test_an_answer_that_is_none_changes_nothing(cast, now, client_of, sent):
    visit = booked(cast, cast.maria, 13)
    ill(cast)
    answer = tap(client_of(cast.ana), call_of(visit), wanted=sent["answer"])
    assert (answer.status_code, answer.context["reasons"]) == (422, ["Choose one of the answers."])
    assert call_of(visit).answer == "open"


def test_an_answer_without_a_version_is_refused(cast, now, client_of):
    visit = booked(cast, cast.maria, 13)
    ill(cast)
    assert tap(client_of(cast.ana), call_of(visit), "agreed", version="").status_code == 428


def test_who_may_not(cast, now, client_of):
    visit = booked(cast, cast.maria, 13)
    absence = ill(cast)
    call = call_of(visit)
    url = reverse("scheduling:calls", args=[absence.pk])
    assert tap(client_of(cast.hana), call, "agreed").status_code == 404
    assert tap(client_of(cast.rita.user), call, "agreed").status_code == 403
    assert client_of(cast.rita.user).get(url).status_code == 403
    assert client_of(cast.rita.user).get(away_url(cast)).status_code == 403
    assert client_of(cast.hana).get(url).status_code == 404
    assert client_of(cast.hana).get(away_url(cast)).status_code == 404
    assert client_of(cast.ana).get(reverse("scheduling:calls", args=[absence.pk + 1])).status_code == 404
    assert client_of(cast.ana).get(reverse("scheduling:away", args=[9999])).status_code == 404
    assert Call.objects.get().answer == "open"


def test_of_somebody_who_works_in_two_places_each_place_sees_its_own_people(cast, now, client_of):
    booked(cast, cast.maria, 13)
    WorkingHours.objects.create(
        practitioner=cast.mei.practitioner,
        location=cast.harbor,
        weekday=4,
        starts=time(8),
        ends=time(12),
        valid_from=date(2026, 1, 1),
    )
    page = client_of(cast.hana).get(reverse("scheduling:calls", args=[ill(cast).pk]))
    assert (page.status_code, "Garcia" in page.content.decode()) == (200, False)


def test_the_page_reads_as_many_statements_for_one_as_for_four(
    cast, now, client_of, django_assert_num_queries
):
    booked(cast, cast.maria, 11)
    url = reverse("scheduling:calls", args=[ill(cast).pk])
    client = client_of(cast.ana)
    client.get(url)
    with django_assert_num_queries(14):
        client.get(url)
    for number, one in enumerate([cast.marta, cast.sunny, cast.tunde]):
        booked(cast, one, 12 + number, day=25)
    later = ill(
        cast, since=at("08:00", cast.uptown, "2026-11-25"), until=at("18:00", cast.uptown, "2026-11-25")
    )
    with django_assert_num_queries(14):
        client.get(reverse("scheduling:calls", args=[later.pk]))


# Whom to ask for


def relative(patient, name, **more):
    values = {"relation": "father", "guardian": True, "since": datetime(2026, 1, 5, tzinfo=UTC)}
    return RelatedPerson.objects.create(patient=patient, name=name, **values | more)


def line_about(cast, patient, now):
    booked(cast, patient, 13)
    (line,) = call_list(ill(cast), cast.ana, now=now).to_call
    return line


def test_for_a_minor_the_guardian_is_called(cast, now, client_of):
    line = line_about(cast, cast.leo, now)
    # His mother's number stands on her own record; his grandmother may bring him and decides nothing.
    assert [(one.name, one.number.as_e164) for one in line.guardians] == [("Iris Cole", "+19195550114")]
    text = client_of(cast.ana).get(reverse("scheduling:calls", args=[line.call.absence_id])).content.decode()
    assert text.count("Ask for Iris Cole (mother)") == 1
    assert text.count('href="tel:+19195550114"') == 1
    assert text.count("No phone number") == 0
    assert text.count("Nora Cole") == 0


def test_a_guardians_own_number_comes_first(cast, now):
    row = RelatedPerson.objects.get(patient=cast.leo, name="Iris Cole")
    row.phone = "+19195550199"
    row.save()
    assert [one.number.as_e164 for one in line_about(cast, cast.leo, now).guardians] == ["+19195550199"]


def test_an_adult_with_a_guardian_shows_both_numbers(cast, now, client_of):
    relative(cast.maria, "Carl Garcia", phone="+19195550198")
    line = line_about(cast, cast.maria, now)
    text = client_of(cast.ana).get(reverse("scheduling:calls", args=[line.call.absence_id])).content.decode()
    assert text.count("Ask for Carl Garcia (father)") == 1
    assert text.count('href="tel:+19195550198"') == 1
    assert text.count("Own number:") == 1
    assert text.count('href="tel:+19195550111"') == 1
    assert not line.minor


def test_who_is_no_guardian_any_more_or_not_yet_is_not_named(cast, now):
    relative(cast.maria, "Was", until=now)
    relative(cast.maria, "Will be", since=now + timedelta(days=1))
    relative(cast.maria, "Comes along", guardian=False)
    assert line_about(cast, cast.maria, now).guardians == []


def test_a_minor_without_a_guardian_is_marked(cast, now, client_of):
    RelatedPerson.objects.filter(patient=cast.mia).update(until=now, version=2)
    line = line_about(cast, cast.mia, now)
    assert (line.minor, line.guardians) == (True, [])
    text = client_of(cast.ana).get(reverse("scheduling:calls", args=[line.call.absence_id])).content.decode()
    assert text.count("Minor, no guardian on record") == 1
    assert text.count("No phone number") == 1
